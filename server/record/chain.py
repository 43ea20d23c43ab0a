"""The hash chain of a lane, and the sealing of texts.

`hash_n = SHA-256(hash_(n-1) || the exact bytes of event n)`, from 32 zero bytes. Whoever folds a
lane computes it; nothing else is needed to check it.
"""

from hashlib import sha256
from typing import Final

START: Final = bytes(32)
SALT_BYTES: Final = 16


def next_hash(previous: bytes, data: bytes) -> bytes:
    """The head of a lane after the event whose stored bytes are `data`."""
    return sha256(previous + data).digest()


def digest(body: bytes) -> str:
    """What an event says of its text: SHA-256 over salt and UTF-8 text, in hex."""
    return sha256(body).hexdigest()


def salt(body: bytes) -> bytes:
    """The salt of a stored body."""
    return body[:SALT_BYTES]


def unsalted(body: bytes) -> str:
    """The text of a stored body, which is 16 bytes of salt followed by UTF-8."""
    return body[SALT_BYTES:].decode()
