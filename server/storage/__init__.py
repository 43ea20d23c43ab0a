"""The store: Valkey or Redis, embedded or elsewhere, and one pipelined connection to it."""

from server.storage.client import Store, StoreLimits
from server.storage.dial import error_of, unix_url
from server.storage.disk import DiskWatch
from server.storage.embedded import EmbeddedStore
from server.storage.errors import StoreBusy, StoreDown, StoreError, StoreFull, StoreStartError
from server.storage.library import Library
from server.storage.link import Argument, OnReply, Outcome, Reply, pack
from server.storage.subscriber import Subscriber

__all__ = [
    "Argument",
    "DiskWatch",
    "EmbeddedStore",
    "Library",
    "OnReply",
    "Outcome",
    "Reply",
    "Store",
    "StoreBusy",
    "StoreDown",
    "StoreError",
    "StoreFull",
    "StoreLimits",
    "StoreStartError",
    "Subscriber",
    "error_of",
    "pack",
    "unix_url",
]
