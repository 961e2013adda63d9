"""The k-th largest value, for kernels: numba's own partition takes seven seconds to compile."""

from numba import njit


@njit(cache=True, nogil=True)
def kth_largest(values, k):  # noqa: ANN001, ANN201 (numba infers)
    """The k-th largest of finite values, 1 <= k <= len(values), in linear time; input unchanged.

    Hoare's selection (CACM 4(7), 1961) around the middle element.
    """
    rest = values.copy()
    wanted = len(rest) - k
    low, high = 0, len(rest) - 1
    while low < high:
        pivot = rest[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while rest[left] < pivot:
                left += 1
            while rest[right] > pivot:
                right -= 1
            if left <= right:
                rest[left], rest[right] = rest[right], rest[left]
                left += 1
                right -= 1
        if wanted <= right:
            high = right
        elif wanted >= left:
            low = left
        else:
            break
    return rest[wanted]
