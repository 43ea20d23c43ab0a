"""Ports for programs that cannot look for a free one themselves."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, Final

HOST: Final = "127.0.0.1"
_OURS: Final = range(10_000, 30_000)
"""Below those that a system gives to whoever asks for any, as each outgoing connection does."""
_given: set[int] = set()


def free_port() -> int:
    """A port that is free on TCP and UDP now; nobody else gets it while this process lives."""
    while True:
        port = random.SystemRandom().choice(_OURS)
        if port not in _given and _claimed(port) and _is_free(port):
            _given.add(port)
            return port


@cache
def _claims() -> IO[bytes]:
    """A file of which each test process locks the bytes at its ports' numbers, until it ends."""
    name = f"parley-test-ports-{os.getuid()}"
    return (Path(tempfile.gettempdir()) / name).open("ab")


def _claimed(port: int) -> bool:
    try:
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(type=kind) as probe:
                probe.bind((HOST, port))
    except OSError:
        return False
    return True
