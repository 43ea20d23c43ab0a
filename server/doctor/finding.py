"""What the doctor says: a verdict, a sentence about what it means, and what to do."""

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # it works, but not for everybody or not for long
    BROKEN = "broken"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    subject: str
    verdict: Verdict
    says: str
    do: str = ""
    """What helps; empty where nothing need be done."""


def fine(subject: str, says: str) -> Finding:
    return Finding(subject, Verdict.OK, says)


def warning(subject: str, says: str, do: str) -> Finding:
    return Finding(subject, Verdict.WARNING, says, do)


def broken(subject: str, says: str, do: str) -> Finding:
    return Finding(subject, Verdict.BROKEN, says, do)
