"""The way in over HTTP for both doctors: the operator's `parley doctor`, and the page `/doctor`.

What they are refused is answered by `server/rest.py`. Counterparts: `server/doctor/`, which asks
`/api/doctor`, and `web/src/http.ts`.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from aiohttp import web

from server.calls.network import LoopRequest, NetworkCheck
from server.calls.probe import DoctorRequest, Probe, Seen
from server.clock import Clock
from server.limits import Gcra, Rate
from server.listening import body
from server.transport import Proxies, neighbourhood, own_scheme, remote_address

PER_ADDRESS: Final = Rate(per_second=0.2, burst=20)
"""Examinations and checks per address; a whole office may have one."""


class Doctors:
    """Their routes."""

    def __init__(self, probe: Probe, check: NetworkCheck, proxies: Proxies, clock: Clock) -> None:
        self._probe = probe
        self._check = check
        self._proxies = proxies
        self._clock = clock
        self._addresses = Gcra(PER_ADDRESS)

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/api/doctor", self._examine),
            web.post("/api/network", self._admit),
            web.post("/api/network/loop", self._loop),
        ]

    async def _examine(self, request: web.Request) -> web.Response:
        self._take(request)
        asked = await body(request, DoctorRequest)
        seen = Seen(
            scheme=own_scheme(request, self._proxies),
            peer=request.remote or "",
            media=await self._probe.open(asked.ticket),
        )
        return _told(seen)

    async def _admit(self, request: web.Request) -> web.Response:
        self._take(request)
        return _told(self._check.admit(self._address(request)))

    async def _loop(self, request: web.Request) -> web.Response:
        # Bounded by the ticket, which `_admit` gave out.
        asked = await body(request, LoopRequest)
        return _told(await self._check.loop(asked, self._address(request)))

    def _take(self, request: web.Request) -> None:
        self._addresses.require(self._address(request), self._clock.monotonic())

    def _address(self, request: web.Request) -> str:
        return neighbourhood(remote_address(request, self._proxies))


def _told(answer: msgspec.Struct) -> web.Response:
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")
