"""Plots of an evaluation as SVG text: one dot and one interval a model."""

from collections.abc import Sequence
from html import escape

from splitshelf.learn.evaluation.evaluation import Estimate

_ROW, _LEFT, _WIDTH, _RIGHT = 26, 130, 420, 70


def whiskers(rows: Sequence[tuple[str, Estimate]]) -> str:
    """An SVG with one row a model: the value as a dot, its interval as a line; axis from 0.

    Estimates without a value have a row without a dot.
    """
    ends = [e.high if e.high is not None else e.value for _, e in rows]
    top = max((end for end in ends if end), default=1.0)
    height = _ROW * len(rows) + 4
    lines = [_row(place, name, estimate, top) for place, (name, estimate) in enumerate(rows)]
    width = _LEFT + _WIDTH + _RIGHT
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-label="values and 95 % intervals by model">{"".join(lines)}</svg>'
    )


def _row(place: int, name: str, estimate: Estimate, top: float) -> str:
    y = _ROW * place + _ROW / 2
    text = f'<text x="{_LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(name)}</text>'
    axis = f'<line class="axis" x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y}" y2="{y}"/>'
    if estimate.value is None:
        return text + axis
    at = _LEFT + _WIDTH * max(estimate.value, 0.0) / top
    dot = f'<circle cx="{at:.1f}" cy="{y}" r="4.5"/>'
    value = f'<text x="{_LEFT + _WIDTH + 8}" y="{y + 4}">{estimate.value:.4f}</text>'
    return text + axis + _line(estimate, top, y) + dot + value


def _line(estimate: Estimate, top: float, y: float) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = (_LEFT + _WIDTH * max(end, 0.0) / top for end in (estimate.low, estimate.high))
    return f'<line class="interval" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>'
