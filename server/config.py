"""Configuration: the environment, and nothing else, read once at start-up.

Every setting has a prefix `PARLEY_`; a value that cannot be is refused by name, and a name that is
no setting is told.
"""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "PARLEY_"
OTHERS: Final = frozenset({"CHROMIUM", "FULL_COUNTS", "LISTEN", "UPSTREAM"})
"""Names with that prefix which tests, docker-compose.yml and Caddy read."""
SECRET_MIN: Final = 16
TurnUrl = Annotated[
    str,
    StringConstraints(
        pattern=r"^(turn:[^\s:?/\[\]]+(:\d{1,5})?(\?transport=(udp|tcp))?"
        r"|turns:[^\s:?/\[\]]+(:\d{1,5})?(\?transport=tcp)?)$"
    ),
]
"""RFC 7065, by name or IPv4 address. No browser speaks TURN over DTLS: `turns:` is on TCP."""


class Config(BaseSettings):
    """All settings, with what they mean to the operator."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    host: str = "127.0.0.1"
    """Address on which the pages and the socket are served."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port of the above; 0 takes any free one."""
    public_url: Annotated[str, AfterValidator(lambda url: url.rstrip("/"))] = ""
    """How people reach the server, such as https://talk.example.org; empty: host and port."""
    data: Path = Path(".parley")
    """Folder of the embedded store with its log, and of the server's keys."""
    name: str = "Parley"
    """What this installation is called in its pages."""

    redis_url: str = ""
    """A store elsewhere (redis://, rediss:// or unix://) instead of the embedded one."""
    redis_replicas: Annotated[int, Field(ge=0)] = 0
    """How many replicas of that store must have a message before it counts as kept."""
    valkey_server: Path | None = None
    """Program of the embedded store, if not the one that is found by itself."""
    disk_floor_mb: Annotated[int, Field(ge=0)] = 200
    """Free space below which nothing is written any more."""

    media_host: str = "127.0.0.1"
    """Address of the one UDP port of all calls."""
    media_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """That port; 0 takes any free one."""
    media_workers: Annotated[int, Field(ge=0, le=64)] = 0
    """Processes that carry calls, each on a port of its own from the above on; 0: none, calls are
    carried by the server itself."""
    media_announce: tuple[str, ...] = ()
    """Addresses under which browsers reach that port, if it is not the one above."""

    turn_urls: tuple[TurnUrl, ...] = ()
    """Relays for people whose network blocks the above: turn:host:3478?transport=udp, turns:…"""
    turn_secret: Annotated[SecretStr, Field(validate_default=True)] = SecretStr("")
    """What this server shares with those relays (`static-auth-secret` of coturn)."""

    operator_key: SecretStr = SecretStr("")
    """Key for `POST /api/interviews` and `/metrics`; empty: neither is served by key."""
    open_creation: bool = False
    """Whether anybody may create an interview on the start page."""
    allowed_origins: tuple[str, ...] = ()
    """Further origins whose pages may connect."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses of proxies whose X-Forwarded-… headers are believed."""
    secret: SecretStr = SecretStr("")
    """Secret from which the keys follow that sign links and records, the same on every node; empty:
    made once in the data folder."""

    @field_validator("secret")
    @classmethod
    def _not_to_be_guessed(cls, secret: SecretStr) -> SecretStr:
        # Every link can be used to try out keys, with no word to the server.
        if 0 < len(secret.get_secret_value()) < SECRET_MIN:
            raise ValueError(f"a key of fewer than {SECRET_MIN} characters can be guessed")
        return secret

    @field_validator("turn_secret")
    @classmethod
    def _shared_with_the_relays(cls, secret: SecretStr, others: ValidationInfo) -> SecretStr:
        if others.data.get("turn_urls") and not secret.get_secret_value():
            raise ValueError("relays are named, but not the secret that is shared with them")
        return secret


def ignored() -> Iterator[str]:
    """A sentence about each name in the environment that looks like a setting and is none."""
    known = [name.upper() for name in Config.model_fields]
    for variable in sorted(os.environ):
        name = variable.upper().removeprefix(PREFIX)
        if name == variable.upper() or name in OTHERS.union(known):
            continue
        close = get_close_matches(name, known, n=1)
        meant = f" Was {PREFIX}{close[0]} meant?" if close else ""
        yield f"{variable} is no setting of Parley and is ignored.{meant}"
