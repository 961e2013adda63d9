"""Ways to hold something out: one file a protocol, and this table."""

from splitshelf.learn.evaluation.protocols.leave_one_out import leave_one_out
from splitshelf.learn.evaluation.protocols.next_basket import next_basket
from splitshelf.learn.evaluation.protocols.next_click import next_click
from splitshelf.learn.evaluation.protocols.time_split import time_split
from splitshelf.learn.evaluation.questions import Protocol

PROTOCOLS: dict[str, Protocol] = {
    "time": time_split,
    "leave_one_out": leave_one_out,
    "next_click": next_click,
    "next_basket": next_basket,
}
