"""The relay (TURN): short-lived credentials, which coturn checks with a secret that it shares.

Its counterpart is `deploy/turnserver.conf`. The scheme is coturn's `use-auth-secret`: "A REST API
For Access To TURN Services" (draft-uberti-behave-turn-rest-00). coturn asks nobody: the name says
until when it is good, and the HMAC that we have said so.
"""

import hmac
from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from server.protocol import IceServer

LIFETIME_S: Final = 600
"""Seconds in which a relay may be opened; what was opened in time stays open (RFC 8656, 5)."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Where the relays are (`turn:` and `turns:` addresses, RFC 7065), and their secret."""

    urls: tuple[str, ...] = ()
    secret: str = ""

    def servers(
        self, interview: str, seat: str, now_ms: int, *, lifetime_s: int = LIFETIME_S
    ) -> tuple[IceServer, ...]:
        """The relays for one person of one interview, good for `lifetime_s`; () without any."""
        if not self.urls:
            return ()
        username = f"{now_ms // 1000 + lifetime_s}:{interview}.{seat}"
        return (
            IceServer(urls=self.urls, username=username, credential=self._credential(username)),
        )

    def _credential(self, username: str) -> str:
        # SHA-1 is what the scheme says; as an HMAC it is still sound.
        return b64encode(hmac.digest(self.secret.encode(), username.encode(), "sha1")).decode()
