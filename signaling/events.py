"""What the engine tells its caller: events out, and the two ways an offer can be refused.

The counterpart is `engine.Engine`, which takes plain arguments in and calls `on_event` with one of
these. Events are delivered from the event loop after the packet or call that caused them has been
dealt with, so a handler may call the engine again.
"""

from dataclasses import dataclass
from enum import StrEnum


class InvalidSdp(ValueError):
    """The offer cannot be answered; the text says why, in words fit for a log or a refusal."""


class EngineFull(RuntimeError):
    """The engine, or this call, holds as many people as it may."""


class Kind(StrEnum):
    """The two kinds of media (the W3C's `MediaStreamTrack.kind`)."""

    AUDIO = "audio"
    VIDEO = "video"


class Reason(StrEnum):
    """Why media of a person no longer flows."""

    SILENT = "silent"
    """Nothing authentic has arrived for a while; the person may come back by themselves."""
    NEVER_CONNECTED = "never_connected"
    """An offer was answered, and nobody came."""
    HANDSHAKE_FAILED = "handshake_failed"
    """DTLS did not complete with the fingerprint of the offer."""
    CLOSED = "closed"
    """The browser closed the connection (DTLS close_notify)."""
    REPLACED = "replaced"
    """A new connection of the same person took over."""
    WORKER_LOST = "worker_lost"
    """The process that carried the call has ended; offer again."""
    LEFT = "left"
    """The caller said so (`leave` or `end`)."""


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """ICE and DTLS are up: media can flow. Also after a silence has ended or a rebuild."""

    call: str
    peer: str


@dataclass(frozen=True, slots=True)
class PeerDisconnected:
    """Media of this person no longer flows."""

    call: str
    peer: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class TracksChanged:
    """The peer should offer again: its lines are too few for what the others publish, or carry
    somebody else than its last answer said.
    """

    call: str
    peer: str
    audio: int
    video: int
    """How many lines it takes to receive everybody, by kind."""


@dataclass(frozen=True, slots=True)
class TrackStarted:
    """The first packet of something this peer publishes has arrived."""

    call: str
    peer: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class TrackStopped:
    """The peer has stopped publishing this (by a new offer, by leaving, or by being replaced)."""

    call: str
    peer: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class ActiveSpeakerChanged:
    """Somebody else speaks now; `peer` is None when nobody does."""

    call: str
    peer: str | None


EngineEvent = (
    PeerConnected
    | PeerDisconnected
    | TracksChanged
    | TrackStarted
    | TrackStopped
    | ActiveSpeakerChanged
)
