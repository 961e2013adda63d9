"""Bottles, jars and what is poured, kept or eaten from."""

from splitshelf.simulate.pictures.labels import label, maker
from splitshelf.simulate.pictures.look import Look
from splitshelf.simulate.pictures.marks import (
    BODY,
    GLASS,
    TRIM,
    box,
    line,
    oval,
    path,
    patterned,
    shine,
)


def bottle(look: Look) -> str:
    """A tall bottle with a stopper."""
    body = path("M76 168V92q0-14 12-19V50h24v23q12 5 12 19v76q0 6-6 6H82q-6 0-6-6z")
    return (
        box((89, 30, 22, 22), 3, TRIM)
        + body
        + shine("M82 96q0-8 5-12v80q-5 0-5-5z")
        + label(look, (79, 102, 42, 52))
    )


def pump(look: Look) -> str:
    """A bottle with a pump."""
    top = box((96, 36, 8, 26), 0, TRIM) + path("M84 32h30q5 0 5 5v5H84q-3 0-3-5t3-5z", TRIM)
    body = box((70, 68, 60, 106), 14) + box((84, 58, 32, 14), 4, TRIM)
    return top + body + shine("M76 84q0-8 6-10v92q-6-1-6-8z") + label(look, (76, 94, 48, 56))


def jar(look: Look) -> str:
    """A wide jar with a lid."""
    body = box((58, 74, 84, 100), 15) + box((54, 54, 92, 26), 6, TRIM)
    return body + shine("M64 94q0-8 6-10v78q-6-2-6-9z") + label(look, (66, 98, 68, 52))


def tin(look: Look) -> str:
    """A small round tin with a pry lid."""
    body = path("M60 78h80v88q0 8-8 8H68q-8 0-8-8z") + oval(100, 78, 40, 10, look.light)
    lid = (
        path("M57 62h86v14q-43 10-86 0z", TRIM)
        + oval(100, 62, 43, 11, look.shade)
        + oval(100, 61, 34, 8, look.base)
    )
    return body + lid + label(look, (66, 98, 68, 54))


def caddy(look: Look) -> str:
    """A square tea caddy."""
    body = path("M64 66h72v108H64z") + path("M136 66l10-6v104l-10 10z", look.shade)
    lid = path("M62 50h76v20H62z", TRIM) + path("M138 50l10-6v18l-10 8z", look.deep)
    return body + lid + path("M62 50l10-6h76l-10 6z", look.shade) + label(look, (70, 86, 60, 62))


def tube(look: Look) -> str:
    """A squeeze tube on its cap."""
    body = path("M66 34h68l-9 112H75z") + path("M64 30h72v8H64z", look.light)
    return (
        body
        + box((76, 146, 48, 28), 5, TRIM)
        + shine("M75 44h6l6 98h-6z", 0.25)
        + label(look, (77, 62, 46, 60))
    )


def dropper(look: Look) -> str:
    """A dropper bottle."""
    top = path("M92 24q8-8 16 0l2 26H90z", "#2b2a2c") + box((84, 48, 32, 22), 4, TRIM)
    return (
        top
        + box((68, 70, 64, 104), 12)
        + shine("M74 84q0-7 6-8v90q-6-1-6-8z")
        + label(look, (75, 94, 50, 58))
    )


def perfume(look: Look) -> str:
    """A perfume bottle: thick glass, a cap of metal."""
    glass = (
        box((62, 78, 76, 96), 8, look.pale)
        + box((62, 78, 76, 96), 8, GLASS)
        + box((69, 98, 62, 69), 4, BODY, 'opacity=".8"')
    )
    cap = box((82, 40, 36, 32), 4, TRIM) + box((90, 70, 20, 9), 0, "#c9b98f")
    return cap + glass + shine("M66 84h5v84h-5z", 0.6) + label(look, (78, 112, 44, 42))


def pouch(look: Look) -> str:
    """A standing bag with a folded top."""
    bag = path("M62 52h76q4 60 6 122H56q2-62 6-122z") + path("M60 40h80v16H60z", TRIM)
    folds = line("M66 60q-2 50-4 108M134 60q2 50 4 108", look.shade, 1.2, 'opacity=".6"')
    return bag + folds + label(look, (72, 82, 56, 66))


def packet(look: Look) -> str:
    """A flat paper packet with a sprig."""
    paper = patterned("M64 44h72v130H64z", BODY) + path("M64 44h72v14l-36 8-36-8z", look.light)
    return paper + label(look, (71, 92, 58, 58))


def bar(look: Look) -> str:
    """A wrapped bar."""
    wrap = patterned("M60 48h80v126H60z", BODY) + path(
        "M60 34l6 4 7-4 7 4 7-4 6 4 7-4 7 4 7-4 6 4 7-4 7 4 6-4v16H60z", "#d9c48a"
    )
    return wrap + label(look, (68, 78, 64, 66))


def soap(look: Look) -> str:
    """A bar of soap in a paper band."""
    top = path("M44 118q0-14 14-16h84q14 2 14 16v38q0 16-16 18H60q-16-2-16-18z")
    edge = line("M50 118q0-9 12-10h76q12 1 12 10", look.light, 2.5)
    return top + edge + path("M70 101h60v73H70z", "#fbf8f1") + label(look, (70, 108, 60, 58))


def mug(look: Look) -> str:
    """A mug with its handle to the right."""
    handle = line("M132 92q30-4 28 24t-36 30", look.shade, 10) + line(
        "M132 91q28-3 26 24", look.base, 4
    )
    body = patterned("M58 78h78v62q0 34-28 34H86q-28 0-28-34z")
    rim = oval(97, 78, 39, 10, look.light) + oval(97, 79, 34, 7.500, look.deep)
    return handle + body + rim + shine("M66 96q4 2 4 30 0 26 8 38-12-6-12-34z", 0.22)


def teapot(look: Look) -> str:
    """A round teapot."""
    spout = path("M134 120q18-4 24-32l12 3q-6 42-34 56z", look.shade)
    handle = line("M60 96q-34-4-30 28t40 28", look.shade, 9)
    body = patterned("M100 84q46 0 46 46 0 44-32 44H86q-32 0-32-44 0-46 46-46z")
    lid = path("M74 88q26-18 52 0-26 10-52 0z", TRIM) + oval(100, 73, 8, 7, TRIM)
    return spout + handle + body + lid + shine("M66 122q2-20 18-26-10 14-10 42-8-4-8-16z", 0.25)


def press(look: Look) -> str:
    """A French press: glass in a metal frame."""
    handle = line("M130 84h20q6 0 6 8v48q0 6-8 6h-18", look.deep, 7)
    coffee = path("M68 112h64v52q0 6-6 6H74q-6 0-6-6z", "#4a2f22") + path(
        "M68 108h64v8H68z", "#8a6244"
    )
    glass = box((66, 66, 68, 106), 6, GLASS)
    metal = (
        box((64, 60, 72, 12), 3, BODY)
        + box((64, 128, 72, 6), 0, BODY)
        + path("M64 168h72l3 7H61z", BODY)
    )
    return (
        handle
        + coffee
        + glass
        + metal
        + box((98, 36, 4, 26), 0, "#8c8f94")
        + oval(100, 35, 9, 7, TRIM)
        + shine("M72 76h5v88h-5z", 0.4)
    )


def plate(look: Look) -> str:
    """A plate, seen standing."""
    rim = oval(100, 106, 66, 66, "url(#f)") + oval(100, 106, 66, 66, "url(#m)")
    return (
        rim
        + oval(100, 107, 46, 46, look.shade, 'opacity=".35"')
        + oval(100, 106, 44, 44, "url(#f)")
        + line("M52 84q14-34 50-38", "#fff", 2.5, 'opacity=".5"')
    )


def bowl(look: Look) -> str:
    """A footed bowl."""
    body = patterned("M40 96h120q-2 52-44 70v8H84v-8Q42 148 40 96z")
    return (
        body
        + oval(100, 96, 60, 15, look.light)
        + oval(100, 98, 54, 11.500, look.shade)
        + shine("M52 116q8 28 30 42-26-8-30-42z", 0.22)
    )


def glass(look: Look) -> str:
    """A pair of ribbed tumblers."""
    body = "M0 0h50l-5 86q0 6-6 6H11q-6 0-6-6z"
    ribs = "".join(line(f"M{10 + 10 * n} 12l{0.9 - 0.6 * n:g} 70", "#fff", 1.4) for n in range(4))
    rim = oval(25, 0, 25, 6, look.pale, f'stroke="{look.shade}" stroke-width=".8" opacity=".9"')
    tint = path(body, look.base, 'opacity=".55"') + path(body, GLASS)
    one = f'{tint}<g opacity=".55">{ribs}</g>{rim}'
    return f'<g transform="translate(104 74)">{one}</g><g transform="translate(48 82)">{one}</g>'


def canister(look: Look) -> str:
    """A storage jar with a wooden lid."""
    body = patterned("M62 76h76v84q0 14-14 14H76q-14 0-14-14z")
    lid = (
        box((58, 58, 84, 20), 5, "#c79d6c")
        + box((58, 70, 84, 8), 3, "#a97f50")
        + oval(100, 54, 12, 8, "#b78b5a")
    )
    return body + lid + maker(look, (100, 130, 56), 13)


def vase(look: Look) -> str:
    """A vase; some hold a branch."""
    branch = ""
    if look.turn % 2:
        stem = line("M100 66q4-26 22-42M100 66q-4-20-16-32", "#6d6a45", 1.8)
        leaves = "".join(
            oval(x, y, 5, 9, "#7d8a5c", f'transform="rotate({r} {x} {y})"')
            for x, y, r in ((122, 24, 40), (114, 36, -30), (84, 34, -40), (92, 46, 30))
        )
        branch = stem + leaves
    forms = (
        "M88 62h24q-2 20 14 38 18 22 6 52-6 22-20 22H88q-14 0-20-22-12-30 6-52 16-18 14-38z",
        "M82 58h36q4 30 12 60 6 40-8 56H78q-14-16-8-56 8-30 12-60z",
        "M92 60h16v30q34 10 34 44 0 40-30 40H88q-30 0-30-40 0-34 34-44z",
    )
    return (
        branch
        + patterned(forms[look.turn % 3])
        + oval(100, 61, 10, 3, look.deep)
        + shine("M78 120q4-18 12-26-6 30 0 66-16-16-12-40z", 0.2)
    )


def candle(look: Look) -> str:
    """A candle in a glass, lit."""
    flame = path("M100 34q12 16 0 30-12-14 0-30z", "#f4b54a") + path(
        "M100 46q6 9 0 17-6-8 0-17z", "#fff3cf"
    )
    body = (
        box((62, 84, 76, 90), 7)
        + oval(100, 85, 38, 9, "#fbf1dc")
        + line("M100 84V64", "#3b332c", 2)
    )
    return (
        oval(100, 54, 34, 34, "#f9d58a", 'opacity=".28"')
        + body
        + flame
        + shine("M68 98h6v68h-6z", 0.3)
        + label(look, (74, 108, 52, 48))
    )


def pot(look: Look) -> str:
    """A low cream jar."""
    body = path("M52 116h96v44q0 14-14 14H66q-14 0-14-14z") + box((48, 84, 104, 36), 7, TRIM)
    gleam = shine("M58 128h6v38q-6-2-6-9z")
    return body + oval(100, 85, 51, 8, look.shade) + gleam + label(look, (66, 126, 68, 40))
