"""Cloth: what is worn, carried, sat on and slept in."""

from splitshelf.simulate.pictures.labels import label, maker
from splitshelf.simulate.pictures.look import Look
from splitshelf.simulate.pictures.marks import BODY, FLAT, box, line, oval, path, patterned, shine


def cushion(look: Look) -> str:
    """A plump cushion."""
    d = "M44 66q56-16 112 0 14 50 0 98-56 16-112 0-14-48 0-98z"
    return (
        patterned(d, FLAT)
        + line("M50 72q50-12 100 0M50 158q50 12 100 0", look.shade, 1, 'opacity=".6"')
        + shine("M54 80q-6 34 0 68-14-34 0-68z", 0.3)
    )


def rug(look: Look) -> str:
    """A rug, rolled out a little."""
    fringe = "".join(
        line(f"M{52 + 8 * n} 174v7M{52 + 8 * n} 40v-7", look.light, 1.600) for n in range(13)
    )
    border = box(
        (54, 48, 92, 118), 0, "none", f'stroke="{look.contrast}" stroke-width="2" opacity=".6"'
    )
    return (
        fringe
        + patterned("M46 40h108v134H46z", FLAT)
        + border
        + box(
            (62, 56, 76, 102), 0, "none", f'stroke="{look.contrast}" stroke-width=".8" opacity=".6"'
        )
    )


def throw(look: Look) -> str:
    """A folded blanket with a fringe."""
    fringe = "".join(
        line(f"M{48 + 7 * n} 164l{(-1) ** n} 13", look.shade, 1.800) for n in range(16)
    )
    folds = patterned("M42 126q0-12 10-12h98q10 0 10 12v38H42z") + patterned(
        "M42 98q0-16 14-16h90q14 0 14 16v24q-58 10-118 0z", FLAT
    )
    return (
        fringe
        + folds
        + path("M42 118q58 10 118 0v6q-58 10-118 0z", look.deep, 'opacity=".35"')
        + label(look, (122, 132, 30, 22))
    )


def towel(look: Look) -> str:
    """A towel, folded in three."""
    layers = "".join(
        path(f"M48 {y}q0-9 9-9h86q9 0 9 9v14q0 5-5 5H53q-5 0-5-5z", fill)
        for y, fill in ((148, BODY), (122, FLAT), (96, BODY), (70, FLAT))
    )
    bands = "".join(
        box((120, y, 8, 28), 0, look.contrast, 'opacity=".55"') for y in (139, 113, 87, 61)
    )
    return layers + bands + box((132, 61, 3, 106), 0, look.contrast, 'opacity=".55"')


def linen(look: Look) -> str:
    """Bed linen tied with a ribbon."""
    stack = "".join(
        path(f"M40 {y}q0-8 8-8h104q8 0 8 8v16q0 6-6 6H46q-6 0-6-6z", fill)
        + path(f"M40 {y}q0-8 8-8h104q8 0 8 8v16q0 6-6 6H46q-6 0-6-6z", "url(#m)")
        for y, fill in ((144, BODY), (114, FLAT), (84, BODY))
    )
    ribbon = box((94, 74, 12, 100), 0, look.contrast, 'opacity=".75"') + path(
        "M100 76q-26-22-30-6t30 6q26-22 30-6t-30 6z", look.contrast, 'opacity=".85"'
    )
    return stack + ribbon


def tee(look: Look) -> str:
    """A T-shirt."""
    d = "M76 42q24 18 48 0l34 20-14 32-16-7v87H72V87l-16 7-14-32z"
    motif = patterned(d, FLAT) if look.style in {"bold", "classic"} else path(d, FLAT)
    return (
        motif
        + line("M76 42q24 22 48 0", look.shade, 3)
        + line("M72 87v-16M128 87v-16", look.shade, 1.200)
        + maker(look, (100, 104, 44), 11)
    )


def knit(look: Look) -> str:
    """A jumper."""
    d = "M78 44q22 12 44 0 24 6 30 20l14 88-20 6-16-56v66H70v-66l-16 56-20-6 14-88q6-14 30-20z"
    cable = "".join(
        line(f"M{x} 66q5 10 0 20t0 20 0 20 0 20", look.shade, 1.600, 'opacity=".65"')
        for x in (84, 92, 108, 116)
    )
    return (
        patterned(d, FLAT)
        + cable
        + path("M70 160h60v10H70z", look.shade, 'opacity=".5"')
        + line("M78 44q22 18 44 0", look.shade, 4)
    )


def beanie(look: Look) -> str:
    """A ribbed beanie."""
    ribs = "".join(
        line(
            f"M{58 + 12 * n} 136q{(3.5 - n) * 2:g}-54 {(3.5 - n) * 9:g}-80",
            look.shade,
            1.500,
            'opacity=".5"',
        )
        for n in range(8)
    )
    cuff = box((44, 128, 112, 38), 10, BODY) + "".join(
        line(f"M{54 + 9 * n} 134v26", look.shade, 1.400, 'opacity=".5"') for n in range(11)
    )
    return path("M50 136q0-82 50-82t50 82z", FLAT) + ribs + cuff + label(look, (86, 138, 28, 18))


def socks(look: Look) -> str:
    """A pair of socks."""
    d = "M0 0h32v74q0 10 12 18 16 10 8 24-8 12-26 4L6 106q-6-4-6-14z"
    one = (
        path(d, FLAT)
        + path(d, "url(#m)")
        + path("M0 0h32v18H0z", look.deep, 'opacity=".65"')
        + path("M26 120q18 8 26-4 4-8 0-15-10 2-14 8-2 5-12 11z", look.deep, 'opacity=".55"')
    )
    return f'<g transform="translate(104 42)">{one}</g><g transform="translate(58 50)">{one}</g>'


def tote(look: Look) -> str:
    """A tote bag."""
    handles = line("M76 84q0-56 24-56t24 56", look.shade, 6) + line(
        "M76 84q0-52 24-52", look.light, 1.600, 'opacity=".6"'
    )
    return (
        handles
        + path("M54 80h92l6 94H48z", FLAT)
        + path("M54 80h92l6 94H48z", "url(#m)", 'opacity=".6"')
        + label(look, (72, 104, 56, 46))
    )


def backpack(look: Look) -> str:
    """A rucksack."""
    strap = line("M86 40q14-20 28 0", look.deep, 6)
    body = path("M56 84q0-48 44-48t44 48v78q0 12-12 12H68q-12 0-12-12z") + path(
        "M56 96q0-56 44-56t44 56q-44 18-88 0z", FLAT
    )
    pocket = (
        box((68, 122, 64, 46), 9, look.shade)
        + box((70, 124, 60, 42), 8, BODY)
        + box((94, 92, 12, 26), 3, "#7a5334")
        + oval(100, 112, 3, 3, "#dcc28c")
    )
    return strap + body + pocket + maker(look, (100, 150, 46), 10)


def doll(look: Look) -> str:
    """A soft toy rabbit."""
    ears = (
        oval(82, 44, 9, 26, BODY)
        + oval(118, 44, 9, 26, BODY)
        + oval(82, 46, 4, 17, look.pale)
        + oval(118, 46, 4, 17, look.pale)
    )
    face = (
        oval(91, 84, 2.600, 3, "#2b2522")
        + oval(109, 84, 2.600, 3, "#2b2522")
        + path("M97 92h6l-3 4z", "#b56a6a")
    )
    limbs = oval(66, 128, 10, 22, BODY, 'transform="rotate(24 66 128)"') + oval(
        134, 128, 10, 22, BODY, 'transform="rotate(-24 134 128)"'
    )
    return (
        ears
        + limbs
        + oval(82, 166, 15, 10, BODY)
        + oval(118, 166, 15, 10, BODY)
        + patterned("M100 102q34 0 32 36-2 32-32 32t-32-32q-2-36 32-36z")
        + oval(100, 86, 32, 28, BODY)
        + face
    )
