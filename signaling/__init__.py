"""The call engine: forwards live audio and video between the people of a call.

It knows no Redis, no HTTP and no roles. `Engine` takes SDP offers and gives answers and events;
the way of a packet begins in `port`, and `docs/calls.md` explains the whole on two pages.
"""

from signaling.engine import Engine
from signaling.events import (
    ActiveSpeakerChanged,
    EngineEvent,
    EngineFull,
    InvalidSdp,
    Kind,
    PeerConnected,
    PeerDisconnected,
    Reason,
    TracksChanged,
    TrackStarted,
    TrackStopped,
)
from signaling.stats import CallStatistics, LineStatistics, PeerStatistics, TrackStatistics
from signaling.workers import WorkerLost, Workers

__all__ = [
    "ActiveSpeakerChanged",
    "CallStatistics",
    "Engine",
    "EngineEvent",
    "EngineFull",
    "InvalidSdp",
    "Kind",
    "LineStatistics",
    "PeerConnected",
    "PeerDisconnected",
    "PeerStatistics",
    "Reason",
    "TrackStarted",
    "TrackStatistics",
    "TrackStopped",
    "TracksChanged",
    "WorkerLost",
    "Workers",
]
