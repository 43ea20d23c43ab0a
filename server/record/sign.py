"""Signed heads: the node's word, kept by both sides, on where a lane stood.

A chain of hashes proves nothing against whoever holds all of it; a head that a person received
earlier does. Counterpart: `server/record/verify.py`.
"""

import base64
import hashlib
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.keyfile import kept_key
from server.protocol import SignedHead

KEY_BYTES: Final = 32
KEY_FILE: Final = "signing-key"


class Signer:
    """Signs heads with the installation's Ed25519 key (RFC 8032)."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()
        self.key_id = key_id(self.public)

    @classmethod
    def kept_in(cls, folder: Path) -> "Signer":
        """The key in this folder, made at the first start. Raises `OSError`."""

        def make() -> bytes:
            return Ed25519PrivateKey.generate().private_bytes_raw()

        kept = kept_key(folder / KEY_FILE, make, KEY_BYTES)
        return cls(Ed25519PrivateKey.from_private_bytes(kept))

    @classmethod
    def derived_from(cls, secret: bytes) -> "Signer":
        """The key that follows from a secret, the same on every node that has it."""
        seed = hashlib.sha256(b"parley-signing-key-1\n" + secret).digest()
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, interview: str, lane: str, seq: int, head: bytes, at: int) -> SignedHead:
        """The head of a lane, signed; `at` is when, in ms."""
        said = _said(interview, lane, seq, head.hex(), at)
        return SignedHead(
            lane=lane,
            seq=seq,
            hash=head.hex(),
            at=at,
            key=self.key_id,
            signature=base64.b64encode(self._key.sign(said)).decode(),
        )


def is_signed(public: bytes, interview: str, head: SignedHead) -> bool:
    """Whether the holder of this key signed this head of this interview."""
    said = _said(interview, head.lane, head.seq, head.hash, head.at)
    try:
        signature = base64.b64decode(head.signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    # Base64 has bits that mean nothing: only as we write it, it is as we signed it.
    return head.signature == base64.b64encode(signature).decode()


def key_id(public: bytes) -> str:
    """The short name of a public key: 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def public_key(text: str) -> bytes:
    """The 32 bytes of a public key written in base64, or in PEM. Raises `ValueError`."""
    if "BEGIN PUBLIC KEY" in text:
        key = serialization.load_pem_public_key(text.encode())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("not an Ed25519 key")
        return key.public_bytes_raw()
    raw = base64.b64decode(text.strip(), validate=True)
    if len(raw) != KEY_BYTES:
        raise ValueError("not an Ed25519 key")
    return raw


def _said(interview: str, lane: str, seq: int, head: str, at: int) -> bytes:
    return f"parley-head-1\n{interview}\n{lane}\n{seq}\n{head}\n{at}\n".encode()
