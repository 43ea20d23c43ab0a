"""Links: signed, expiring, revocable tokens bound to one role and one seat.

A token stands in the fragment of an address, so it never reaches a log or a Referer header, and it
is redeemed by a POST after a click, so a mail scanner that follows the link uses nothing up.
"""

import secrets
from typing import Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from server.clock import Clock
from server.errors import Code, Refusal
from server.identity.store import IdentityStore
from server.interview.state import Actor
from server.protocol import Role

ALGORITHM: Final = "HS256"
LIFETIME_MS: Final = 30 * 24 * 3600 * 1000
TOKEN_MAX: Final = 1000


class Place(msgspec.Struct, frozen=True):
    """Where a link leads: a seat in an interview, or, with neither, the moderators' desk."""

    actor: Actor
    interview: str = ""
    epoch: int = 0
    """At the desk: how often this moderator was turned away before. Later words undo it."""

    @property
    def path(self) -> str:
        """The page's address on this server."""
        return f"/i/{self.interview}/{self.actor.person}" if self.interview else "/mod"


class Links:
    """Makes, redeems and revokes links."""

    def __init__(self, secret: bytes, store: IdentityStore, clock: Clock) -> None:
        self._key = OctKey.import_key(secret)
        self._store = store
        self._clock = clock

    async def make(self, place: Place, *, reusable: bool = False) -> str:
        """A token for `place`, good for 30 days and, unless reusable, for one redemption."""
        epoch = 0
        if not place.interview:
            epoch = await self._store.epoch(place.actor.person)
            await self._store.may_come(place.actor.person)
        token_id = secrets.token_urlsafe(16)
        expires = self._clock.now_ms() + LIFETIME_MS
        await self._store.add_link(token_id, expires, uses=0 if reusable else 1)
        claims = {
            "jti": token_id,
            "exp": expires // 1000,
            "sub": place.actor.person,
            "role": str(place.actor.role),
            "interview": place.interview,
            "epoch": epoch,
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key)

    async def renew(self, place: Place) -> str:
        """As `make`, and the links that this made for the same seat before lead nowhere.

        Raises:
            Refusal: somebody came already; whoever else came would read what only they may.
        """
        token = await self.make(place)
        token_id, _ = self._read(token)
        seat = place.actor.person
        if not await self._store.replace_link(place.interview, seat, token_id, LIFETIME_MS):
            await self._store.remove_link(token_id)
            raise Refusal(
                Code.ALREADY,
                "This person has come already, and only they may read what is at their seat. "
                "If they lost their way back, remove them and invite them again, by a name that "
                "tells the two apart.",
            )
        return token

    async def redeem(self, token: str) -> Place:
        """Where the token leads. Raises `Refusal`; why a token is not good is never told apart.

        Raises `StoreError` when nobody can say, and then, but for a lost reply, nothing is used up.
        """
        token_id, place = self._read(token)
        if not place.interview and place.epoch != await self._store.epoch(place.actor.person):
            raise invalid()
        good = await self._store.use_link(token_id, self._clock.now_ms())
        if good is None:
            raise invalid()
        if not good:
            raise Refusal(
                Code.LINK_USED,
                "This link was used already. Open the interview in the browser where you used it, "
                "or ask for a new link.",
            )
        return place

    async def revoke(self, token: str) -> None:
        """From now on the token leads nowhere. Raises `Refusal` for what is no token of ours."""
        token_id, _ = self._read(token)
        await self._store.remove_link(token_id)

    async def turn_away(self, moderator: Actor) -> bool:
        """Every link and every session of this moderator leads nowhere; new links do.

        Returns whether a link had been made to them since they were turned away last.
        """
        await self._store.next_epoch(moderator.person)
        return await self._store.no_longer(moderator.person)

    def _read(self, token: str) -> tuple[str, Place]:
        if len(token) > TOKEN_MAX:
            raise invalid()
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            expires, token_id = int(claims["exp"]), str(claims["jti"])
            actor = Actor(person=str(claims["sub"]), role=Role(claims["role"]))
            place = Place(actor, str(claims["interview"]), int(claims["epoch"]))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise invalid() from error
        if expires * 1000 <= self._clock.now_ms():
            raise invalid()
        return token_id, place


def invalid() -> Refusal:
    """The one answer to an expired, revoked, forged or mangled token."""
    return Refusal(Code.LINK_INVALID, "This link is not valid, or not any more. Ask for a new one.")
