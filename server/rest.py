"""The HTTP edge: pages, sessions, creation, downloads, health. One of the two places that answer
a `Refusal`; the other is `server/gateway.py`.
"""

import base64
import errno
import hmac
import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final

import msgspec
import structlog
from aiohttp import web
from msgspec import Meta

from server import protocol as p
from server.clock import Clock
from server.config import Config
from server.errors import Code, Refusal
from server.gateway import refused
from server.identity.grants import grant
from server.identity.links import Links
from server.identity.sessions import LIFETIME_S, Sessions, as_sent, cookie_name
from server.interview.lifecycle import CreateInterview
from server.interview.room import internal
from server.interview.service import Interviews, new_interview_id, unreachable
from server.interview.state import Actor, Interview
from server.invitations import another_link, seat_links
from server.limits import Allowance, Gcra, Rate
from server.listening import body
from server.record.export import to_json, to_markdown
from server.record.sign import Signer
from server.rest_doctors import Doctors
from server.storage import Store, StoreError
from server.transport import Proxies, may_connect, neighbourhood, own_scheme, remote_address

log = structlog.get_logger(__name__)

STATIC: Final = Path(__file__).parent / "static"
NONCE: Final = "__CSP_NONCE__"
BODY_MAX: Final = 16 * 1024
PER_ADDRESS: Final = Rate(per_second=0.2, burst=20)
"""Per address: redemptions of links that open nothing, and creations without the operator's key. A
whole office may stand behind one address, and an operator's system creates for all."""
DOWNLOADS: Final = Rate(per_second=0.5, burst=30)
"""Transcripts per person: each reads the whole record."""

# WebAssembly from this server only: the filter of background noise. It lets nothing be `eval`ed.
_CSP: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; "
    "connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), "
        "geolocation=(), payment=(), usb=()"
    ),
}
_STATUS: Final = {
    Code.MALFORMED: 400,
    Code.EMPTY: 400,
    Code.TOO_LARGE: 413,
    Code.TOO_MANY: 429,
    Code.NOT_SIGNED_IN: 401,
    Code.LINK_INVALID: 403,
    Code.LINK_USED: 403,
    Code.FOREIGN_ORIGIN: 403,
    Code.NOT_ALLOWED: 403,
    Code.REMOVED: 403,
    Code.NOT_FOUND: 404,
    Code.STORE_DOWN: 503,
    Code.STORE_FULL: 507,
    Code.INTERNAL: 500,
}
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SessionRequest(p.Wire, frozen=True, kw_only=True):
    """`POST /api/sessions`: redeem a link's token."""

    token: Annotated[str, Meta(max_length=1000)]


class InterviewRequest(p.Wire, frozen=True, kw_only=True):
    """`POST /api/interviews`: invite a freelancer. Empty names make guests."""

    title: p.Title
    format: p.Format
    client: p.Name = ""
    freelancer: p.Name = ""
    note: p.Note = ""
    starts_at: Annotated[p.Instant, Meta(ge=0, le=8_640_000_000_000_000)] | None = None
    """Up to the last instant that a browser's `Date` knows."""
    knock: bool = False
    minutes: p.Minutes = 0


class Rest:
    """All HTTP routes."""

    def __init__(
        self,
        config: Config,
        interviews: Interviews,
        links: Links,
        sessions: Sessions,
        store: Store,
        clock: Clock,
        metrics: Callable[[], bytes],
        signer: Signer,
        doctors: Doctors,
    ) -> None:
        self._signer = signer
        self._doctors = doctors
        self._config = config
        self._interviews = interviews
        self._links = links
        self._sessions = sessions
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._proxies = Proxies.of(config.trusted_proxies)
        self._addresses = Gcra(PER_ADDRESS)
        self._downloads = Gcra(DOWNLOADS)
        page = STATIC / "index.html"
        self._page = page.read_text() if page.exists() else None

    def application(self) -> web.Application:
        """The aiohttp application, to which the transport is then attached."""
        app = web.Application(client_max_size=BODY_MAX, middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._show_metrics),
                web.get("/api/config", self._show_config),
                web.get("/api/signing-key", self._show_key),
                web.post("/api/sessions", self._open_session),
                web.post("/api/interviews", self._create),
                web.post("/api/interviews/{id}/{seat}/link", self._make_link),
                web.get("/api/interviews/{id}/{seat}/transcript.json", self._json),
                web.get("/api/interviews/{id}/{seat}/transcript.md", self._markdown),
                *self._doctors.routes(),
                *(web.get(path, self._show_page) for path in _PAGES),
            ]
        )
        if (STATIC / "assets").is_dir():
            app.router.add_static("/assets/", STATIC / "assets")
        return app

    # ------------------------------------------------------------ every request

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await self._answer(request, handler)
        if not response.prepared:
            response.headers.update(_HEADERS)
            response.headers.setdefault("Cache-Control", _caching(request.path, response.status))
            response.headers.setdefault(
                "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"
            )
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if request.method not in _SAFE and not self._own_page(request):
                raise Refusal(Code.FOREIGN_ORIGIN, "Another site's page may not do this.")
            return await handler(request)
        except (Refusal, StoreError) as error:
            return _refused(unreachable(error) if isinstance(error, StoreError) else error)
        except web.HTTPException as error:
            return self._http_error(request, error)
        except ConnectionError:
            return web.Response(status=499)  # the client is gone: no fault, and nobody reads this
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
                return self._not_found(request)  # an asset's
            incident = os.urandom(6).hex()
            log.exception("rest.failed", incident=incident, path=request.path)
            return _refused(internal(incident))

    def _own_page(self, request: web.Request) -> bool:
        return may_connect(request, self._proxies, self._config.allowed_origins)

    def _take(self, request: web.Request) -> Allowance:
        address = neighbourhood(remote_address(request, self._proxies))
        self._addresses.require(address, self._clock.monotonic())
        return self._addresses.of(address)

    # ------------------------------------------------------------ pages and health

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _readyz(self, _: web.Request) -> web.Response:
        if self._store.healthy and self._store.writable:
            return web.json_response({"status": "ready"})
        why = "The disk is full: nothing new can be kept just now."
        if self._store.trouble:
            why = f"The store cannot be used now: {self._store.trouble.rstrip('.')}."
        return web.json_response({"status": "not ready", "why": why}, status=503)

    async def _show_metrics(self, request: web.Request) -> web.Response:
        if not self._is_operator(request):
            raise Refusal(Code.NOT_ALLOWED, "The metrics need the operator's key.")
        return web.Response(body=self._metrics(), content_type="text/plain", charset="utf-8")

    async def _show_config(self, _: web.Request) -> web.Response:
        shown = {"name": self._config.name, "canCreate": self._config.open_creation}
        return web.json_response(shown)

    async def _show_key(self, _: web.Request) -> web.Response:
        public = base64.b64encode(self._signer.public).decode()
        shown = {"algorithm": "Ed25519", "key": self._signer.key_id, "publicKey": public}
        return web.json_response(shown)

    async def _show_page(self, _: web.Request) -> web.Response:
        return self._render(200)

    def _http_error(self, request: web.Request, error: web.HTTPException) -> web.Response:
        match error:
            case web.HTTPNotFound() | web.HTTPForbidden():  # that of a folder of assets
                return self._not_found(request)
            case web.HTTPRequestEntityTooLarge():
                return _refused(Refusal(Code.TOO_LARGE, "That is more than this address takes."))
            case web.HTTPMethodNotAllowed():
                return _no_method(error)
            case _:
                return web.Response(status=error.status, text=f"{error.status}: {error.reason}\n")

    def _not_found(self, request: web.Request) -> web.Response:
        if request.path.startswith(("/api/", "/assets/")):
            return _refused(Refusal(Code.NOT_FOUND, "There is nothing at this address."))
        return self._render(404)

    def _render(self, status: int) -> web.Response:
        if self._page is None:
            return web.Response(
                status=503, text="The web client is not built yet: `make setup` builds it.\n"
            )
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": _CSP.format(nonce=nonce), "Cache-Control": "no-store"}
        return web.Response(
            status=status,
            text=self._page.replace(NONCE, nonce),
            content_type="text/html",
            headers=headers,
        )

    # ------------------------------------------------------------ sessions and creation

    async def _open_session(self, request: web.Request) -> web.Response:
        attempts = self._take(request)
        asked = await body(request, SessionRequest)
        place = await self._links.redeem(asked.token)
        attempts.give_back()
        token = await self._sessions.open(place)
        response = web.json_response({"path": place.path}, status=201)
        secure = own_scheme(request, self._proxies) == "https"
        seat = place.actor.person if place.interview else ""
        response.set_cookie(
            cookie_name(place.interview, seat, secure=secure),
            token,
            max_age=LIFETIME_S,
            httponly=True,
            secure=secure,
            samesite="Strict",
        )
        return response

    async def _create(self, request: web.Request) -> web.Response:
        if not self._is_operator(request):
            self._take(request)
        actor = self._creator(request)
        asked = await body(request, InterviewRequest)
        command = CreateInterview(
            id=new_interview_id(),
            title=asked.title,
            format=asked.format,
            client=asked.client,
            freelancer=asked.freelancer,
            note=asked.note,
            starts_at=asked.starts_at,
            knock=asked.knock,
            minutes=asked.minutes,
        )
        await self._interviews.create(actor, command)
        links = await seat_links(self._links, self._base(request), command.id)
        return web.json_response({"interview": command.id, "links": links}, status=201)

    async def _make_link(self, request: web.Request) -> web.Response:
        if not self._is_operator(request):
            raise Refusal(Code.NOT_ALLOWED, "Another link to a seat needs the operator's key.")
        interview, seat = request.match_info["id"], request.match_info["seat"]
        base = self._base(request)
        link = await another_link(self._interviews, self._links, base, interview, seat)
        return web.json_response({"link": link}, status=201)

    def _creator(self, request: web.Request) -> Actor:
        if self._is_operator(request):
            return Actor(person="operator", role=p.Role.OPERATOR)
        if "Authorization" in request.headers or not self._config.open_creation:
            raise Refusal(Code.NOT_ALLOWED, "Creating interviews needs the operator's key here.")
        return Actor(person="client", role=p.Role.CLIENT)

    def _is_operator(self, request: web.Request) -> bool:
        key = self._config.operator_key.get_secret_value()
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return bool(key) and hmac.compare_digest(as_sent(given), key.encode())

    def _base(self, request: web.Request) -> str:
        own = f"{own_scheme(request, self._proxies)}://{request.host}"
        return self._config.public_url or own

    # ------------------------------------------------------------ transcripts

    async def _json(self, request: web.Request) -> web.Response:
        interview = request.match_info["id"]
        actor, state, view, bodies = await self._read(request)
        whole = {
            lane: (await self._interviews.entries(interview, lane))[: state.seqs.get(lane, 0)]
            for lane in sorted(grant(actor).lanes)
        }
        now = self._clock.now_ms()
        heads = [
            self._signer.sign(interview, lane, kept[-1].seq, kept[-1].hash, now)
            for lane, kept in whole.items()
            if kept
        ]
        record = [one for kept in whole.values() for one in kept]
        told = to_json(interview, actor.person, now, view, record, bodies, heads)
        return _download(told, "application/json", f"interview-{interview}.json")

    async def _markdown(self, request: web.Request) -> web.Response:
        interview = request.match_info["id"]
        _, _, view, _ = await self._read(request)
        told = to_markdown(view, self._clock.now_ms()).encode()
        return _download(told, "text/markdown", f"interview-{interview}.md")

    async def _read(
        self, request: web.Request
    ) -> tuple[Actor, Interview, p.View, dict[str, bytes]]:
        """What somebody may see, and the state it was taken from: so far the record is told."""
        interview, seat = request.match_info["id"], request.match_info["seat"]
        secure = own_scheme(request, self._proxies) == "https"
        place = await self._sessions.find(request.cookies, interview, seat, secure=secure)
        self._downloads.require((interview, seat), self._clock.monotonic())
        room = await self._interviews.seated(interview, place.actor)
        lanes = grant(place.actor).lanes
        state, (view, bodies) = room.state, await self._interviews.view(room, lanes)
        if room.state is not state:  # a text may have been withdrawn that still stands in it
            state, (view, bodies) = room.state, await self._interviews.view(room, lanes)
        return place.actor, state, view, bodies


_PAGES: Final = ("/", "/i/{id}/{seat}", "/i/{id}/{seat}/transcript", "/mod", "/doctor")


def _download(told: bytes, kind: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=told, content_type=kind, charset="utf-8", headers=headers)


def _refused(refusal: Refusal) -> web.Response:
    told = refused(refusal)
    headers = {"Retry-After": str(told.retry_after_ms // 1000 + 1)} if told.retry_after_ms else {}
    return web.Response(
        status=_STATUS.get(refusal.code, 409),
        body=msgspec.json.encode(told),
        content_type="application/json",
        headers=headers,
    )


def _no_method(error: web.HTTPMethodNotAllowed) -> web.Response:
    response = _refused(Refusal(Code.NOT_ALLOWED, f"{error.method} does nothing at this address."))
    response.set_status(error.status)
    response.headers["Allow"] = error.headers["Allow"]
    return response


def _caching(path: str, status: int) -> str:
    # What is missing during an update must not be missing for a year.
    if status < 400 and path.startswith("/assets/"):
        return "public, max-age=31536000, immutable"
    return "no-store"
