"""The composition root: the only place that builds things and joins them."""

import asyncio
import gc
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from server.audience import Audience
from server.bus import Bus
from server.calls.carriers import Carriers
from server.calls.lease import Leases
from server.calls.media import media_of
from server.calls.network import NetworkCheck
from server.calls.probe import CALL as PROBE
from server.calls.probe import Probe
from server.calls.service import Calls
from server.calls.turn import Relay
from server.clock import Clock
from server.config import Config
from server.errors import Code, Refusal
from server.gateway import Gateway
from server.heads import Heads
from server.identity.links import Links
from server.identity.sessions import Sessions
from server.identity.store import IdentityStore
from server.interview.service import Interviews
from server.interview.whispers import tell_elsewhere
from server.keyfile import kept_key
from server.listening import SHUTDOWN, Listening
from server.moderation.desk import Desk
from server.moderation.store import Inbox
from server.protocol import SignedHead
from server.record.copies import Copies
from server.record.sign import Signer
from server.record.store import Record, append_library
from server.rest import Rest
from server.rest_doctors import Doctors
from server.storage import DiskWatch, EmbeddedStore, Library, Store, StoreError, unix_url
from server.tasks import cancel, spawn
from server.telemetry import Tally, Telemetry
from server.transport import Proxies, Transport
from signaling import EngineEvent

log = structlog.get_logger(__name__)

SWEEP_EVERY: Final = 10.0
DESKS_EVERY: Final = 1.0
SECRET_BYTES: Final = 32


class Foundation:
    """What the server and the command line share: the record, the links, the interviews."""

    def __init__(self, config: Config, store: Store, library: Library) -> None:
        self.config = config
        self.clock = Clock()
        self.store = store
        # A store of our own has no other nodes: nothing is published or heard.
        self.bus = Bus(store, [library]) if config.redis_url else None
        self.writer: Store = self.bus.ear if self.bus is not None else store
        """What the record is written through."""
        copies = Copies(self.writer, config.redis_replicas) if config.redis_replicas else None
        origin = self.bus.node if self.bus is not None else ""
        self.record = Record(store, library, writer=self.writer, origin=origin, copies=copies)
        self.tally = Tally()
        self.interviews = Interviews(self.record, self.clock, self.tally, store.tick, self.bus)
        identity = IdentityStore(store)
        self.links = Links(secret_of(config), identity, self.clock)
        self.sessions = Sessions(identity)


@asynccontextmanager
async def foundation(config: Config) -> AsyncIterator[Foundation]:
    """The server's own store, embedded unless one elsewhere is configured. Raises `StoreError`."""
    library = append_library()
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with AsyncExitStack() as stack:
        url = config.redis_url
        disk = None
        if not url:
            embedded = EmbeddedStore(config.data, binary=config.valkey_server)
            await embedded.start()
            stack.push_async_callback(embedded.stop)
            url = unix_url(str(embedded.socket))
            disk = DiskWatch(config.data, config.disk_floor_mb << 20)
            await disk.start()
            stack.push_async_callback(disk.stop)
        store = Store(url, libraries=[library], disk=disk)
        await store.start()
        stack.push_async_callback(store.stop)
        base = Foundation(config, store, library)
        if base.bus is not None:
            stack.push_async_callback(base.bus.stop)
            await base.bus.start()
        yield base


@asynccontextmanager
async def guest(config: Config, warn: Callable[[str], None]) -> AsyncIterator[Foundation]:
    """As `foundation`, but beside a server that may be running on the same data folder.

    Says so to `warn` where none is. Raises `Refusal` where none ever was.
    """
    _require_served(config)
    library = append_library()
    store = None if config.redis_url else await _running_store(config, library)
    if store is None:
        if not config.redis_url:
            warn(
                f"No server runs on the data folder {config.data.resolve()} now. Links lead in "
                "once one runs there again, at the same address."
            )
        async with foundation(config) as own:
            yield own
        return
    try:
        yield Foundation(config, store, library)
    finally:
        await store.stop()


def _require_served(config: Config) -> None:
    """Raises `Refusal` where no server keeps what links need: their store, or the key to them."""
    if config.redis_url:
        served = config.secret.get_secret_value() or _secret_file(config).exists()
    else:
        served = EmbeddedStore(config.data).has_run
    if not served:
        raise Refusal(
            Code.NOT_FOUND,
            f"No server has run on the data folder {config.data.resolve()}, so a link made there "
            "would lead nowhere. Start the server first (parley serve), go to the folder where it "
            "was started, or name its data folder in PARLEY_DATA.",
        )


async def _running_store(config: Config, library: Library) -> Store | None:
    """A connection to the embedded store of the server on this data folder, if one runs there."""
    running = EmbeddedStore(config.data).socket
    if not running.exists():
        return None
    store = Store(unix_url(str(running)), libraries=[library])
    try:
        await store.start(patience=2.0)
    except StoreError:
        return None
    return store


class _Parts:
    """What serves people, joined and not begun yet."""

    def __init__(self, base: Foundation) -> None:
        config, clock, interviews = base.config, base.clock, base.interviews
        signer, secret = signer_of(config), secret_of(config)
        self.heads = Heads(interviews, signer, clock, self._signed)
        self.audience = Audience(interviews, base.record, clock, base.tally, self.heads, base.bus)
        self.media, counted = media_of(config, self._happened)
        relay = Relay(config.turn_urls, config.turn_secret.get_secret_value())
        self.calls = Calls(self.media, interviews, self.audience.tell_seat, relay, clock)
        self.check = NetworkCheck(self.media, relay, secret, clock)
        self.carriers = _carriers(base, self.calls, self.audience)
        self.gateway = self._gateway(base)
        self.transport = Transport(
            on_connect=self.gateway.connect,
            on_event=self.gateway.event,
            on_disconnect=self.gateway.disconnect,
            person=self.gateway.person,
            origins=config.allowed_origins,
            trusted_proxies=config.trusted_proxies,
            tick=base.store.tick,
        )
        doctors = Doctors(
            Probe(self.media, secret, clock),
            self.check,
            Proxies.of(config.trusted_proxies),
            clock,
        )
        rest = Rest(
            config,
            interviews,
            base.links,
            base.sessions,
            base.writer,
            clock,
            _telemetry(base, self.transport, counted).exposition,
            signer,
            doctors,
        )
        app = rest.application()
        self.transport.attach(app)
        self.listening = Listening(app)

    def _gateway(self, base: Foundation) -> Gateway:
        desk = Desk(
            base.interviews,
            Inbox(base.writer),
            base.clock,
            self.audience.tell_desks,
            base.bus,
            self.audience.close_desks,
        )
        return Gateway(
            base.interviews,
            self.audience,
            base.sessions,
            self.calls,
            self.carriers,
            desk,
            base.links,
            base.config.public_url,
            base.clock,
            base.tally,
        )

    def _signed(self, interview: str, head: SignedHead) -> None:
        self.audience.tell_head(interview, head)

    def _happened(self, event: EngineEvent) -> None:
        if not self.check.happened(event) and event.call != PROBE:
            self.calls.happened(event)


@asynccontextmanager
async def serving(base: Foundation) -> AsyncIterator[str]:
    """The whole server, until the context ends; yields its own address."""
    parts, config = _Parts(base), base.config
    await parts.media.start()
    await parts.listening.start()
    site = web.TCPSite(parts.listening.runner, config.host, config.port, backlog=1024)
    await site.start()
    sweeper = spawn(_sweep(base.interviews), name="sweep")
    desks = spawn(_watch_desks(parts.gateway), name="desks")
    if parts.carriers is not None:
        await parts.carriers.start()
    _tune_collector()
    try:
        yield _address(parts.listening.runner, config)
    finally:
        await cancel(sweeper)
        await cancel(desks)
        if parts.carriers is not None:
            await parts.carriers.hand_over()
        parts.audience.farewell()
        await parts.transport.close()
        await _settled(base.interviews)
        if parts.carriers is not None:
            await parts.carriers.stop()
        await parts.listening.stop()
        parts.calls.close()
        parts.check.close()
        parts.heads.close()
        await base.interviews.close()
        await parts.media.close()


def secret_of(config: Config) -> bytes:
    """The key that signs links: configured, or made once and kept in the data folder."""
    configured = config.secret.get_secret_value()
    if configured:
        return configured.encode()
    make = partial(secrets.token_bytes, SECRET_BYTES)
    return kept_key(_secret_file(config), make, SECRET_BYTES)


def _secret_file(config: Config) -> Path:
    return config.data / "secret"


def signer_of(config: Config) -> Signer:
    """The key that signs heads: from the configured secret, which all nodes share, or kept here."""
    secret = config.secret.get_secret_value()
    return Signer.derived_from(secret.encode()) if secret else Signer.kept_in(config.data)


def address_file(data: Path) -> Path:
    """Where a running server writes its address, for the command line beside it."""
    return data / "address"


def public_address(config: Config) -> str:
    """How people reach the server: configured, else where one runs on this data folder."""
    if config.public_url:
        return config.public_url
    known = address_file(config.data)
    return known.read_text() if known.exists() else f"http://{config.host}:{config.port}"


def _telemetry(
    base: Foundation, transport: Transport, counted: Callable[[], Mapping[str, float]]
) -> Telemetry:
    def gauges() -> dict[str, float]:
        rooms = base.interviews.live()
        return {
            "connections": transport.connections,
            "rooms": len(rooms),
            "commands_queued": sum(room.queued for room in rooms),
            "store_up": base.writer.healthy,
            "store_outstanding": sum(link.outstanding for link in {base.store, base.writer}),
            "media_peers": counted()["peers"],
        }

    def rejections() -> dict[str, float]:
        return {str(kind): count for kind, count in transport.rejections.items()}

    def datagrams() -> dict[str, float]:
        return {reason: count for reason, count in counted().items() if reason != "peers"}

    return Telemetry(base.tally, gauges, rejections, datagrams)


def _carriers(base: Foundation, calls: Calls, audience: Audience) -> Carriers | None:
    bus = base.bus
    if bus is None:
        return None
    return Carriers(
        bus,
        Leases(base.store),
        base.interviews,
        calls,
        tell_here=audience.tell_seat_here,
        tell_elsewhere=partial(tell_elsewhere, bus),
    )


async def _settled(interviews: Interviews) -> None:
    """What is under way is kept before we go, unless the store is too slow for that."""
    try:
        async with asyncio.timeout(SHUTDOWN):
            await interviews.settle()
    except TimeoutError:
        log.warning("shutdown.unsettled", rooms=sum(room.busy for room in interviews.live()))


async def _sweep(interviews: Interviews) -> None:
    while True:
        await asyncio.sleep(SWEEP_EVERY)
        interviews.sweep()


async def _watch_desks(gateway: Gateway) -> None:
    while True:
        await asyncio.sleep(DESKS_EVERY)
        await gateway.look_at_desks()


def _address(runner: web.AppRunner, config: Config) -> str:
    if config.public_url:
        return config.public_url
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _tune_collector() -> None:
    # What start-up made stays: without this the longest pauses are five to ten times longer.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
