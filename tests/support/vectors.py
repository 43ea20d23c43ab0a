"""Fold vectors: `python -m tests.support.vectors` writes what the browser's reducer must agree on.

Each vector is a snapshot, the entries after it, and the snapshot that must come out.
"""

import random
from pathlib import Path

import msgspec

from server import protocol as p
from server.interview.state import Actor
from tests.support.history import (
    ADA,
    BEN,
    BO,
    OLA,
    History,
    command_id,
    panel,
    random_history,
)

FILE = Path(__file__).parents[1] / "vectors" / "fold.json"
SEEDS = range(20)
LENGTH = 80


def vectors() -> str:
    """All vectors as JSON text, one a line; the same at each call."""
    lines = [
        _vector(seed, reader, live=(seed + turn) % 2 == 0)
        for seed in SEEDS
        for turn, reader in enumerate((ADA, BEN, OLA))
    ]
    lines += [
        _written(f"a panel, {reader.person}", _panel(knock=knock), 1, reader, live=True)
        for knock in (True, False)
        for reader in (ADA, BEN, OLA)
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _vector(seed: int, reader: Actor, *, live: bool) -> str:
    history = random_history(random.Random(seed), LENGTH)
    cut = random.Random(seed).randint(1, len(history.told) // 2)
    told = "as it happens" if live else "after a reconnect"
    return _written(f"interview {seed}, {reader.person}, {told}", history, cut, reader, live=live)


def _written(name: str, history: History, cut: int, reader: Actor, *, live: bool) -> str:
    return msgspec.json.encode(
        {
            "name": name,
            "snapshot": history.upto(cut).view(reader),
            "entries": history.entries(reader, cut, live=live),
            "expected": history.view(reader),
        }
    ).decode()


def _panel(*, knock: bool) -> History:
    """What chance may not bring about; where people do not knock, some of it is refused."""
    history = panel(knock=knock)
    seat, one = BEN.person, command_id()
    off = p.SetMedia(id=one, microphone=False, camera=True, screen=p.Screen.LIVE)
    for actor, command in (
        (BEN, p.KnockCall(id=one)),
        (ADA, p.HoldPerson(id=one, seat=seat, text="One moment")),
        (BO, p.RefusePerson(id=one, seat=seat)),
        (BEN, p.KnockCall(id=one)),
        (ADA, p.AdmitPerson(id=one, seat=seat)),
        (ADA, p.RingCall(id=one, media=p.Format.VIDEO)),
        (BO, p.DeclineCall(id=one, reason="Later")),
        (BEN, p.AcceptCall(id=one)),
        (BO, p.AcceptCall(id=one)),
        (OLA, p.AcceptCall(id=one)),
        *((BO, p.MutePerson(id=one, seat=seat, kind=kind)) for kind in p.Source),
        (BEN, off),
        (ADA, p.PostMessage(id=one, text="What do you think?", side=True)),
        (BO, p.PostMessage(id=one, text="Good", reply_to=1, side=True)),
        (BO, p.EditMessage(id=one, message=2, text="Very good", side=True)),
        (ADA, p.DeleteMessage(id=one, message=1, side=True)),
        (BO, p.LeaveCall(id=one)),
        (ADA, p.RemovePerson(id=one, seat=OLA.person, reason="Thank you")),
    ):
        history.attempt(actor, command)
    return history


if __name__ == "__main__":
    FILE.write_text(vectors())
