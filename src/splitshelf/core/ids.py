"""New ids for what has none."""

import random
import time


def new_id() -> str:
    """32 hexadecimal digits that sort by the millisecond they were made in, as UUID version 7 does.

    Neighbours in time are neighbours in an index: a store appends there instead of turning to a
    random page for each exposure. The 74 random bits keep ids of one millisecond apart; they are
    no secret.
    """
    millisecond = time.time_ns() // 1_000_000
    chance = random.getrandbits(74)
    return f"{millisecond:012x}7{chance >> 62:03x}{0x8 | chance >> 60 & 3:x}{chance & _SIXTY:015x}"


_SIXTY = (1 << 60) - 1
