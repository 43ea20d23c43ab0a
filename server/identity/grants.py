"""What each role may read and do: the one place that says so.

Deciders then say whether it makes sense now; the gateway asks here first, at every command.
"""

from typing import Final

import msgspec

from server import protocol as p
from server.interview.state import SHARED, Actor, own_lane

_OBSERVER: Final[frozenset[type]] = frozenset(
    {
        p.GiveName,
        p.TellZone,
        p.AcceptCall,
        p.LeaveCall,
        p.KnockCall,
        p.SetMark,
        p.StayActive,
        p.SyncRecord,
        p.OfferCall,
        p.TellHearing,
        p.AskServers,
    }
)
_PARTICIPANT: Final = (_OBSERVER - {p.KnockCall}) | frozenset(
    {
        p.OpenInterview,
        p.EndInterview,
        p.PostMessage,
        p.EditMessage,
        p.DeleteMessage,
        p.FlagMessage,
        p.ProposeFormat,
        p.AcceptFormat,
        p.DeclineFormat,
        p.RingCall,
        p.DeclineCall,
        p.EndCall,
        p.SetMedia,
        p.SetTyping,
    }
)
_CLIENT: Final = _PARTICIPANT | {
    p.InvitePerson,
    p.RemovePerson,
    p.MakeLink,
    p.MutePerson,
    p.AdmitPerson,
    p.HoldPerson,
    p.RefusePerson,
}
_FREELANCER: Final = _PARTICIPANT | {p.AcceptInvitation, p.DeclineInvitation, p.KnockCall}
_MODERATOR: Final[frozenset[type]] = frozenset(
    {p.ClaimCase, p.ReleaseCase, p.NoteCase, p.DecideCase, p.Intervene, p.LookAtCase}
)
_NOTHING: Final[frozenset[type]] = frozenset()


class Grant(msgspec.Struct, frozen=True):
    """The lanes that somebody may read whole, and the commands and signals they may send."""

    lanes: frozenset[str]
    commands: frozenset[type]


def grant(actor: Actor) -> Grant:
    """What `actor` may do in the interview of their seat, or at the desk.

    A moderator reads no lane: only the frozen window of a case that they have claimed.
    """
    match actor.role:
        case p.Role.CLIENT:
            return Grant(_lanes(actor), _CLIENT)
        case p.Role.FREELANCER:
            return Grant(_lanes(actor), _FREELANCER)
        case p.Role.OBSERVER:
            return Grant(frozenset({SHARED}), _OBSERVER)
        case p.Role.MODERATOR:
            return Grant(frozenset(), _MODERATOR)
        case p.Role.OPERATOR | p.Role.SYSTEM:
            return Grant(frozenset(), _NOTHING)


def _lanes(actor: Actor) -> frozenset[str]:
    return frozenset({SHARED, f"side:{actor.role}", own_lane(actor.person)})
