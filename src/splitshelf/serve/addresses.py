"""Arrays by their address: what a kernel is given again and again is taken apart once.

To hand an array over costs a quarter of a microsecond, and a request reads some thirty that stay
the same. So the addresses of those are kept in one array, with whoever keeps the arrays alive.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, njit, types  # pyright: ignore[reportPrivateImportUsage] (documented)
from numba.extending import intrinsic
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Floats, Ints, Longs

_BYTE = ir.IntType(8)
_READ, _KEEP, _DATA = (ir.IntType(32)(number) for number in (0, 3, 1))


def addresses_of(arrays: Sequence[NDArray[Any]]) -> Longs:
    """Address and length of each array, one after the other; all must be contiguous."""
    found = [(array.ctypes.data, array.size) for array in arrays if array.flags.c_contiguous]
    if len(found) < len(arrays):
        raise ValueError("An array is not contiguous.")
    return np.array(found, dtype=np.int64).reshape(-1)


def _pointer(typing, address):  # noqa: ANN001, ANN202, ARG001 (called by numba)
    def generate(context, builder, signature, args):  # noqa: ANN001, ANN202, ARG001 (as above)
        return builder.inttoptr(args[0], ir.PointerType(_BYTE))

    return types.voidptr(types.int64), generate


def _ask_for(typing, array, index):  # noqa: ANN001, ANN202, ARG001 (called by numba)
    signature = types.void(array, types.intp)

    def generate(context, builder, signature, args):  # noqa: ANN001, ANN202
        array = context.make_array(signature.args[0])(context, builder, args[0])
        place = builder.gep(array.data, [args[1]])
        words = ir.FunctionType(ir.VoidType(), [place.type] + [ir.IntType(32)] * 3)
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [place.type], words)
        builder.call(prefetch, [place, _READ, _KEEP, _DATA])
        return context.get_dummy_value()

    return signature, generate


pointer: Any = intrinsic(_pointer)
"""pointer(address): the address as `carray` takes it."""
ask_for: Any = intrinsic(_ask_for)
"""ask_for(array, index): has the memory of an entry brought near, without waiting for it."""


@njit(cache=True, nogil=True)
def longs_at(addresses: Longs, place: int) -> Longs:
    """The array of int64 that stands at a place."""
    return carray(pointer(addresses[2 * place]), addresses[2 * place + 1], np.int64)


@njit(cache=True, nogil=True)
def ints_at(addresses: Longs, place: int) -> Ints:
    """The array of int32."""
    return carray(pointer(addresses[2 * place]), addresses[2 * place + 1], np.int32)


@njit(cache=True, nogil=True)
def floats_at(addresses: Longs, place: int) -> Floats:
    """The array of float64."""
    return carray(pointer(addresses[2 * place]), addresses[2 * place + 1], np.float64)


@njit(cache=True, nogil=True)
def singles_at(addresses: Longs, place: int) -> NDArray[np.float32]:
    """The array of float32."""
    return carray(pointer(addresses[2 * place]), addresses[2 * place + 1], np.float32)


@njit(cache=True, nogil=True)
def bools_at(addresses: Longs, place: int) -> Bools:
    """The array of bool."""
    return carray(pointer(addresses[2 * place]), addresses[2 * place + 1], np.bool_)


@njit(cache=True, nogil=True)
def keys_at(addresses: Longs, place: int) -> NDArray[np.uint64]:
    """The array of uint64."""
    return carray(pointer(addresses[2 * place]), addresses[2 * place + 1], np.uint64)
