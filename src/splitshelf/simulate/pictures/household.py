"""Tools, lamps, plants and machines of the house."""

from splitshelf.simulate.pictures.labels import maker, maker_dark
from splitshelf.simulate.pictures.look import Look
from splitshelf.simulate.pictures.marks import (
    BODY,
    FLAT,
    TRIM,
    box,
    line,
    moved,
    oval,
    path,
    patterned,
    shine,
)


def pan(look: Look) -> str:
    """A frying pan from above, its handle up."""
    handle = path("M94 20h12l3 52H91z", "#8a5f3c") + oval(100, 28, 2.500, 4, "#f3ead9")
    rim = (
        oval(100, 120, 55, 55, look.shade)
        + oval(100, 119, 52, 52, BODY)
        + oval(100, 121, 44, 44, look.deep)
    )
    return (
        handle
        + rim
        + oval(100, 122, 42, 42, FLAT, 'opacity=".55"')
        + line("M68 104q10-22 34-24", "#fff", 3, 'opacity=".35"')
    )


def knife(look: Look) -> str:
    """A kitchen knife standing on its point."""
    del look  # its colours are in the fills
    blade = path("M92 104h24V30q-22 18-24 74z", "#cfd4d8") + path(
        "M104 104h12V30q-11 24-12 74z", "#aeb5bb"
    )
    return (
        blade
        + box((92, 102, 24, 8), 1, "#8d9399")
        + box((94, 110, 20, 64), 8, BODY)
        + "".join(oval(104, y, 2.200, 2.200, "#e8e2d6") for y in (124, 142, 160))
    )


def board(look: Look) -> str:
    """A board with a handle."""
    d = (
        "M58 68q0-10 10-10h22q2-26 10-26t10 26h22q10 0 10 10v96q0 10-10 10H68q-10 0-10-10z",
        "M100 30q9 0 9 26 46 6 46 60 0 58-55 58t-55-58q0-54 46-60 0-26 9-26z",
    )[look.turn % 2]
    grain = "".join(
        line(f"M{x} 70q{4 - n} 50 0 96", look.shade, 1, 'opacity=".45"')
        for n, x in enumerate((72, 84, 100, 114, 128))
    )
    return path(d, FLAT) + grain + oval(100, 44, 4, 5, look.deep)


def lamp(look: Look) -> str:
    """A table lamp, switched on."""
    glow = oval(100, 66, 62, 52, "#fbe2a5", 'opacity=".38"')
    foot = (
        box((95, 90, 10, 66), 3, TRIM) + box((72, 156, 56, 18), 8, BODY),
        path("M100 92q34 22 24 66-2 16-14 16H90q-12 0-14-16-10-44 24-66z", BODY),
    )[look.turn % 2]
    return (
        glow
        + foot
        + path("M74 36h52l18 60H56z", "#fbf3df")
        + path("M74 36h52l18 60H56z", FLAT, 'opacity=".25"')
        + line("M56 96h88M74 36h52", look.shade, 1.500)
    )


def pendant(look: Look) -> str:
    """A hanging lamp."""
    glow = path("M52 128l-14 46h124l-14-46z", "#fbe2a5", 'opacity=".35"')
    shade = (
        "M100 62q52 4 52 66H48q0-62 52-66z",
        "M88 64h24l40 64H48z",
        "M100 64q44 0 44 38t-30 26H86q-30 12-30-26t44-38z",
    )[look.turn % 3]
    return (
        line("M100 14v46", "#4a443e", 1.600)
        + glow
        + box((94, 54, 12, 12), 2, TRIM)
        + path(shade, BODY)
        + oval(100, 128, 20, 5, "#fff2cc")
        + shine("M66 112q4-30 26-42-14 18-16 44z", 0.3)
    )


def planter(look: Look) -> str:
    """An empty plant pot on its saucer."""
    body = patterned("M58 74h84l-10 88H68z") + box((52, 62, 96, 20), 4, BODY)
    return (
        body
        + oval(100, 64, 44, 6, look.deep)
        + path("M54 162h92l-5 12H59z", look.shade)
        + shine("M66 90h6l7 66h-6z", 0.2)
    )


def plant(look: Look) -> str:
    """A plant in a pot."""
    green = ("#4f7d55", "#5f7f4a", "#3f6f5c")[look.turn % 3]
    spots = (
        (100, 52, 0),
        (76, 66, -38),
        (124, 66, 38),
        (62, 92, -66),
        (138, 92, 66),
        (88, 84, -16),
        (114, 86, 20),
    )
    blade = path("M0 28C-20 12-14-18 0-30 14-18 20 12 0 28z", green) + line(
        "M0 26V-22", "#9dbb8d", 1
    )
    leaves = "".join(moved(blade, f"translate({x} {y}) rotate({r})") for x, y, r in spots)
    stems = line("M100 134Q98 96 100 70M100 134Q84 108 74 84M100 134Q116 108 126 84", "#5b6b3e", 2)
    return stems + leaves + patterned("M70 124h60l-7 50H77z") + box((66, 116, 68, 13), 3, BODY)


def can(look: Look) -> str:
    """A watering can."""
    spout = path("M66 150L30 96l8-6 34 34z", look.shade) + path("M22 92l20-14 4 7-19 14z", TRIM)
    handle = line("M86 84q20-40 56-6 16 24-10 56", look.shade, 6)
    return (
        handle
        + spout
        + path("M66 96h72v68q0 10-10 10H76q-10 0-10-10z", BODY)
        + oval(102, 96, 36, 8, look.deep)
        + shine("M74 110h6v54h-6z", 0.3)
        + maker(look, (106, 142, 52), 11)
    )


def clock(look: Look) -> str:
    """A round wall clock."""
    marks = "".join(
        line("M100 58v6", look.ink, 2, f'transform="rotate({30 * n} 100 106)"') for n in range(12)
    )
    hands = line("M100 106L76 92", look.ink, 3.500) + line("M100 106l22-34", look.ink, 2.200)
    return (
        oval(100, 106, 64, 64, BODY)
        + oval(100, 106, 55, 55, "#fdfbf6")
        + marks
        + hands
        + oval(100, 106, 3.500, 3.500, look.base)
        + maker_dark(look, 134)
    )


def headphones(look: Look) -> str:
    """Headphones from the front."""
    band = line("M54 116Q50 44 100 44t46 72", look.deep, 11) + line(
        "M54 112Q52 47 100 47", look.light, 3, 'opacity=".7"'
    )
    cups = (
        box((40, 104, 34, 62), 15, BODY)
        + box((126, 104, 34, 62), 15, BODY)
        + box((66, 108, 14, 54), 7, "#2d2b2c")
        + box((120, 108, 14, 54), 7, "#2d2b2c")
    )
    return band + cups + shine("M46 122q0-8 6-10v44q-6-2-6-8z", 0.3)


def speaker(look: Look) -> str:
    """A shelf speaker."""

    def cone(y: int, r: int) -> str:
        return (
            oval(100, y, r, r, look.deep)
            + oval(100, y, r - 4, r - 4, "#2b2a2b")
            + oval(100, y, r * 0.4, r * 0.4, look.shade)
            + line(
                f"M{100 - r * 0.6:g} {y - r * 0.4:g}"
                f"q{r * 0.3:g}-{r * 0.3:g} {r * 0.7:g}-{r * 0.3:g}",
                "#fff",
                1.600,
                'opacity=".3"',
            )
        )

    return (
        box((56, 34, 88, 140), 9, BODY)
        + box((63, 41, 74, 126), 5, look.shade, 'opacity=".5"')
        + cone(72, 19)
        + cone(124, 32)
        + maker(look, (100, 163, 40), 7)
    )
