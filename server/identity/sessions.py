"""Sessions: who a browser is, per seat.

The cookie holds an opaque token; the store holds its SHA-256 and the place. Each seat has a cookie
of its own, so that two seats can be open in one browser.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Final

import msgspec

from server.errors import Code, Refusal
from server.identity.links import Place
from server.identity.store import IdentityStore
from server.interview.service import unreachable
from server.storage import StoreError

LIFETIME_S: Final = 30 * 24 * 3600

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Place).decode


def cookie_name(interview: str, seat: str, *, secure: bool) -> str:
    """The cookie of a seat; of the desk where both are empty. `__Host-` needs HTTPS."""
    name = f"p-{interview}-{seat}" if interview else "p-desk"
    return f"__Host-{name}" if secure else name


class Sessions:
    """Opens sessions and finds them again."""

    def __init__(self, store: IdentityStore) -> None:
        self._store = store

    async def open(self, place: Place) -> str:
        """A new session at `place`; the token is for the cookie and is not kept here."""
        token = secrets.token_urlsafe(32)
        await self._store.put_session(_hashed(token), _encode(place), LIFETIME_S)
        if place.interview:
            await self._store.take_seat(place.interview, place.actor.person)
        return token

    async def find(
        self, cookies: Mapping[str, str], interview: str = "", seat: str = "", *, secure: bool
    ) -> Place:
        """Who the browser with these cookies is at a seat, or at the desk. Raises `Refusal`.

        `secure`: it came by HTTPS, and then a cookie without `__Host-` says nothing: another
        site below the same domain could have set it.
        """
        token = cookies.get(cookie_name(interview, seat, secure=secure))
        if not token:
            raise _nobody()
        try:
            place = await self._place(_hashed(token))
        except StoreError as error:
            raise unreachable(error) from error
        if place is None or place.interview != interview:
            raise _nobody()
        if seat and place.actor.person != seat:
            raise _nobody()
        return place

    async def _place(self, hashed: str) -> Place | None:
        """Where a session leads; None if it is over. Raises `StoreError`."""
        stored = await self._store.session(hashed)
        place = None if stored is None else _decode(stored)
        if place is None or place.interview:
            return place
        turned_away = place.epoch != await self._store.epoch(place.actor.person)
        return None if turned_away else place


def as_sent(text: str) -> bytes:
    """The bytes of a header's text, which need not be UTF-8."""
    return text.encode(errors="surrogateescape")


def _hashed(token: str) -> str:
    return hashlib.sha256(as_sent(token)).hexdigest()


def _nobody() -> Refusal:
    return Refusal(
        Code.NOT_SIGNED_IN, "This browser has no seat here. Open the link that you were given."
    )
