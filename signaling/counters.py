"""What the engine drops or fails at, counted instead of logged: garbage must cost nothing more."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Datagrams since the start, by what became of them; only dropped ones are counted here."""

    unknown_kind: int = 0
    """Empty, too short, too long, or of no protocol of RFC 7983."""
    unverified: int = 0
    """Media or DTLS from an address without an authenticated check."""
    stun_malformed: int = 0
    stun_unknown_user: int = 0
    stun_bad_integrity: int = 0
    stun_refused: int = 0
    """Authentic checks from an address that belongs to another living connection."""
    srtp_rejected: int = 0
    """Wrong key, replayed, or before the handshake was done."""
    unknown_stream: int = 0
    """An SSRC that the offer does not account for, or one too many."""
    over_budget: int = 0
    """Authentic packets beyond what one person may send."""
    handshakes_failed: int = 0
    faults: int = 0
    """Exceptions caught at the edges of the reader and the ticker: each one is a defect."""
