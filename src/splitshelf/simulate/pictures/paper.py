"""Paper and cardboard: what is read, written in, hung and played."""

from splitshelf.simulate.pictures.labels import label, maker, stamp
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


def book(look: Look) -> str:
    """A hardback, standing."""
    pages = path("M136 42l8 6v120l-8 6z", "#efe8d8") + line(
        "M139 46v124M142 48v120", "#d5ccb8", 0.600
    )
    cover = path("M60 38h78v136H60z", FLAT) + path("M60 38h9v136h-9z", look.shade, 'opacity=".55"')
    arts = (
        oval(104, 74, 22, 22, look.contrast, 'opacity=".75"')
        + path("M74 96q30-26 60 0z", look.deep, 'opacity=".6"'),
        path("M76 100q28-46 56 0z", look.contrast, 'opacity=".7"') + oval(120, 62, 8, 8, look.pale),
        "".join(box((78, 52 + 9 * n, 52, 3.5), 1, look.contrast, 'opacity=".6"') for n in range(6)),
        path("M104 50c-24 18-18 44 0 54 18-10 24-36 0-54z", look.contrast, 'opacity=".7"')
        + line("M104 54v54", look.deep, 1.200),
    )
    return pages + cover + arts[look.turn % 4] + stamp(look, (70, 112, 68, 54))


def notebook(look: Look) -> str:
    """A notebook with an elastic band."""
    pages = box((64, 40, 78, 134), 6, "#f4eee0")
    return (
        pages
        + path("M58 44q0-6 6-6h70q6 0 6 6v124q0 6-6 6H64q-6 0-6-6z", FLAT)
        + path("M58 44q0-6 6-6h70q6 0 6 6v124q0 6-6 6H64q-6 0-6-6z", "url(#m)", 'opacity=".7"')
        + box((124, 38, 5, 136), 0, look.deep)
        + label(look, (70, 66, 46, 40))
    )


def pen(look: Look) -> str:
    """A pen and its cap, aslant."""
    del look  # its colours are in the fills
    barrel = (
        box((92, 62, 16, 84), 5, BODY)
        + path("M92 144h16l-6 26h-4z", "#d8c38c")
        + line("M100 156v12", "#7a6a3e", 0.900)
    )
    cap = (
        box((126, 66, 17, 58), 6, TRIM)
        + box((138, 70, 3, 34), 1, "#d8c38c")
        + box((126, 116, 17, 5), 0, "#d8c38c")
    )
    return f'<g transform="rotate(28 100 106)">{box((92, 40, 16, 26), 6, TRIM)}{barrel}{cap}</g>'


def poster(look: Look) -> str:
    """A print in a frame."""
    frame = box((50, 28, 100, 142), 1, "#6a5140") + box((54, 32, 92, 134), 0, "#fdfbf5")
    arts = (
        oval(112, 72, 18, 18, look.base)
        + path("M62 128q24-38 44-14 16-26 32 14z", look.shade)
        + path("M62 128h76v8H62z", look.deep),
        path("M68 136V84q0-30 32-30t32 30v52h-16V88q0-16-16-16t-16 16v48z", look.base)
        + path("M92 136v-40q0-8 8-8t8 8v40z", look.shade),
        oval(88, 104, 20, 24, look.base)
        + oval(116, 110, 16, 20, look.light)
        + line("M88 80q2-12 8-16M116 90q0-8 5-12", look.deep, 2),
        "".join(
            box(
                (66 + 17 * (n % 4), 50 + 17 * (n // 4), 16, 16),
                0,
                (look.base, look.pale, look.deep)[(n + n // 4) % 3],
            )
            for n in range(20)
        ),
        path("M100 138V70", "none", f'stroke="{look.deep}" stroke-width="2"')
        + "".join(
            path(
                f"M100 {y}q{s * 30}-4 {s * 32}-26 {s * -26} 0 {s * -32} 26z",
                look.base,
            )
            for y, s in ((132, 1), (120, -1), (104, 1), (94, -1))
        ),
    )
    return (
        frame
        + arts[look.turn % 5]
        + maker(look, (100, 156, 60), 7).replace(look.contrast, look.ink)
    )


def game(look: Look) -> str:
    """A board game's box."""
    side = path("M40 62l10-10h116l-8 10z", look.light) + path("M158 62l8-10v104l-8 18z", look.shade)
    pieces = (
        oval(66, 152, 8, 8, look.pale)
        + path("M128 160l10-18 10 18z", look.pale)
        + box((90, 144, 15, 15), 2, look.deep)
    )
    return side + patterned("M40 62h118v112H40z", FLAT) + pieces + label(look, (54, 76, 90, 54))


def puzzle(look: Look) -> str:
    """A puzzle's box with one piece out."""
    tab = "M0 0h12q-2-9 5-9t5 9h12v12q9-2 9 5t-9 5v12H0V22q9 2 9-5T0 12z"
    piece = moved(path(tab, look.base, f'stroke="{look.deep}"'), "translate(126 130) rotate(14)")
    scene = (
        oval(124, 66, 12, 12, look.pale)
        + path("M42 106q26-34 52-8 20-22 54 10v12H42z", look.shade)
        + path("M42 114q40-18 106 0v16H42z", look.deep, 'opacity=".7"')
    )
    return (
        path("M42 46h106v124H42z", FLAT)
        + scene
        + box((42, 128, 106, 42), 0, "#fdfbf6")
        + label(look, (44, 130, 84, 38))
        + piece
    )


def vinyl(look: Look) -> str:
    """A record half out of its sleeve."""
    disc = (
        oval(122, 106, 56, 56, "#1f1e20")
        + "".join(
            oval(122, 106, r, r, "none", 'stroke="#3a393c" stroke-width=".8"')
            for r in (50, 43, 36, 29)
        )
        + oval(122, 106, 18, 18, look.base)
        + oval(122, 106, 2.500, 2.500, "#fdfbf6")
    )
    arts = (
        oval(82, 92, 26, 26, look.contrast, 'opacity=".8"'),
        path("M40 120q20-40 42 0t42 0v22H40z", look.contrast, 'opacity=".7"'),
        "".join(
            line(
                f"M{48 + 12 * n} 132V{118 - 14 * ((n * 3) % 4)}", look.contrast, 6, 'opacity=".75"'
            )
            for n in range(7)
        ),
    )
    return (
        disc
        + path("M28 50h112v112H28z", FLAT)
        + arts[look.turn % 3]
        + maker(look, (84, 154, 96), 10)
    )


def giftbox(look: Look) -> str:
    """A box with a ribbon: what nothing else fits."""
    body = patterned("M50 92h100v82H50z") + box((44, 72, 112, 24), 3, TRIM)
    ribbon = (
        box((92, 72, 16, 102), 0, look.pale)
        + path("M100 72q-34-34-38-12t38 12q34-34 38-12t-38 12z", look.pale)
        + oval(100, 70, 7, 6, look.light)
    )
    return body + ribbon + shine("M56 100h6v68h-6z", 0.2)
