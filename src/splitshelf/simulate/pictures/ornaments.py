"""Decorations, gifts and the rest of what a gift shop sells."""

from splitshelf.simulate.pictures.labels import label, maker_dark
from splitshelf.simulate.pictures.look import Look
from splitshelf.simulate.pictures.marks import (
    BODY,
    FLAT,
    box,
    line,
    moved,
    oval,
    path,
    patterned,
    shine,
)


def basket(look: Look) -> str:
    """A woven basket."""
    weave = "".join(
        line(f"M50 {y}q50 12 100 0", look.shade, 2, 'opacity=".55"') for y in range(98, 170, 10)
    )
    return (
        line("M62 92q38-74 76 0", look.shade, 6)
        + path("M46 88h108l-10 78q-1 8-9 8H65q-8 0-9-8z", BODY)
        + weave
        + oval(100, 88, 54, 10, look.deep)
    )


def umbrella(look: Look) -> str:
    """An open umbrella."""
    ribs = line("M100 44q-24 22-30 62M100 44q24 22 30 62", look.shade, 1.200)
    pole = line("M100 96v66q0 12-10 12t-10-10", "#6f4a32", 4)
    return (
        pole
        + patterned(
            "M32 108q8-64 68-66 60 2 68 66-12-10-24-2-12-10-22 0"
            "-11-9-22 0-11-9-22 0-12-8-22 0-12-8-24 2z"
        )
        + ribs
        + line("M100 42v-10", "#6f4a32", 3)
    )


def lantern(look: Look) -> str:
    """A lantern with a candle inside."""
    frame = path("M68 74h64l6 92H62z", "#fbe6b5") + path("M68 74h64l6 92H62z", "url(#w)")
    bars = line("M68 74l-6 92M132 74l6 92M100 74v92", look.deep, 3)
    return (
        line("M86 44q14-26 28 0", look.deep, 3)
        + frame
        + box((90, 128, 20, 38), 2, "#fffaf0")
        + path("M100 106q6 10 0 20-6-10 0-20z", "#f4a93c")
        + bars
        + path("M60 74q40-44 80 0z", BODY)
        + box((54, 164, 92, 10), 3, BODY)
    )


def heart(look: Look) -> str:
    """A hanging heart."""
    del look  # its colours are in the fills
    d = "M100 172C60 140 42 118 48 92q8-26 34-18 12 4 18 18 6-14 18-18 26-8 34 18 6 26-52 80z"
    return (
        line("M100 88V20", "#8b6f55", 1.800)
        + patterned(d, FLAT)
        + shine("M58 104q0-20 16-24-8 12-6 34-8-2-10-10z", 0.3)
    )


def bunting(look: Look) -> str:
    """A string of flags."""
    tones = (look.base, look.pale, look.shade, look.light, look.base, look.pale)
    flags = "".join(
        path(f"M{16 + 29 * n} {62 + d}h25l-12.500 40z", tone)
        + path(f"M{16 + 29 * n} {62 + d}h25l-12.500 40z", "url(#m)")
        for n, (tone, d) in enumerate(zip(tones, (0, 9, 14, 14, 9, 0), strict=True))
    )
    return flags + line("M10 58q90 36 180 0", look.deep, 2)


def bauble(look: Look) -> str:
    """A glass bauble."""
    del look  # its colours are in the fills
    return (
        line("M100 62V18", "#b99a5b", 1.500)
        + box((91, 58, 18, 14), 2, "#c9a961")
        + oval(100, 122, 52, 52, BODY)
        + oval(100, 122, 52, 52, "url(#m)")
        + shine("M62 108q6-26 28-30-16 16-16 42-10 0-12-12z", 0.45)
    )


def cakestand(look: Look) -> str:
    """A cake stand with a cake on it."""
    cake = (
        path("M62 66h76v34H62z", look.pale)
        + path(
            "M62 66q38-14 76 0v12q-6 8-12 0-7 9-13 0-7 9-13 0-6 9-13 0-7 8-13 0-6 7-12 0z",
            look.base,
        )
        + oval(100, 56, 5, 5, "#b8323f")
    )
    return (
        cake
        + oval(100, 102, 62, 11, FLAT)
        + path("M38 102q62 24 124 0v6q-62 24-124 0z", look.shade)
        + path("M92 116h16q0 36 20 58H72q20-22 20-58z", BODY)
    )


def sign(look: Look) -> str:
    """A hanging sign with its words."""
    return (
        line("M62 74l38-44 38 44", "#8b6f55", 1.800)
        + box((36, 72, 128, 88), 5, FLAT)
        + box(
            (42, 78, 116, 76),
            3,
            "none",
            f'stroke="{look.contrast}" stroke-width="1.2" opacity=".7"',
        )
        + label(look, (50, 86, 100, 60))
    )


def card(look: Look) -> str:
    """A greetings card with its envelope."""
    paper = path("M46 92h116v80H46z", look.pale) + line("M46 92l58 44 58-44", look.shade, 1.2)
    front = path("M52 42h78v112H52z", "#fdfbf6") + patterned("M58 48h66v66H58z", FLAT)
    folded = moved(front, "rotate(-5 90 100)")
    return moved(paper, "rotate(7 100 120)") + folded + maker_dark(look, 146)
