"""Tickets: what this server signed for a while, and need not remember."""

import hmac


def signed(secret: bytes, purpose: str, name: str, until: int) -> str:
    """A ticket that says `name`, good for `purpose` until so many seconds since 1970."""
    claim = f"{name}.{until}"
    return f"{claim}.{hmac.digest(secret, f'{purpose} {claim}'.encode(), 'sha256').hex()}"


def name_in(ticket: str, secret: bytes, purpose: str, now_ms: int) -> str | None:
    """What a ticket says; None unless it was signed with `secret` for `purpose`, and is fresh."""
    name, _, rest = ticket.partition(".")
    until, _, _ = rest.partition(".")
    if not until.isdecimal() or int(until) < now_ms // 1000:
        return None
    ours = signed(secret, purpose, name, int(until))
    return name if hmac.compare_digest(ticket.encode(), ours.encode()) else None
