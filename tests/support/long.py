"""Long interviews: more messages at once than people may send, by the product's own write path."""

from collections.abc import Sequence
from functools import partial

from server import protocol as p
from server.errors import Refusal
from server.interview.state import Actor
from tests.support.parley import Parley, command_id
from tests.support.valkey import eventually

ADA = Actor(person="client", role=p.Role.CLIENT)
AT_ONCE = 500
"""Of the thousand that a room keeps waiting."""


async def fill(server: Parley, interview: str, messages: int) -> None:
    """Ada says `line 0`, `line 1`... through this node, each kept when this returns."""
    outcomes: list[bytes | Refusal] = []
    for begin in range(0, messages, AT_ONCE):
        end = min(begin + AT_ONCE, messages)
        for number in range(begin, end):
            post = p.PostMessage(id=command_id(), text=f"line {number} ".ljust(80, "."))
            server.base.interviews.submit(interview, ADA, post, outcomes.append)
        await eventually(partial(_missing, outcomes, end))
    assert not any(isinstance(outcome, Refusal) for outcome in outcomes)


def _missing(outcomes: Sequence[object], expected: int) -> str:
    return "" if len(outcomes) == expected else f"{len(outcomes)} of {expected} are decided"
