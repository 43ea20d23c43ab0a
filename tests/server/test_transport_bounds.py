"""What the edge bears: floods, slow readers, broken frames, sockets that never take a seat."""

import asyncio
import random
from collections.abc import Callable

import pytest
import uvloop

from server.limits import Rate
from server.transport import Rejection, TransportLimits, frame_event
from tests.support.counts import count
from tests.support.edge import (
    BINARY,
    CLOSE,
    FIN,
    PING,
    PONG,
    TEXT,
    RawPeer,
    running_edge,
)
from tests.support.sio import Disconnected, SioClient
from tests.support.valkey import eventually

# -------------------------------------------------------------------- events


@pytest.mark.parametrize(
    "name",
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"],
)
@pytest.mark.parametrize("shape", ['42["{}",{{}}]', '42["{}"]', '421["{}",1,2]'])
async def test_reserved_event_names_close_the_socket_and_reach_nobody(
    name: str, shape: str
) -> None:
    async with running_edge() as edge, SioClient.connect(edge.url) as client:
        await client.raw(shape.format(name))

        assert await client.closed() == 1008
        assert edge.transport.rejections[Rejection.RESERVED] == 1
        assert edge.heard == []


async def test_events_above_the_rate_are_refused_with_the_time_to_wait() -> None:
    limits = TransportLimits(rate=Rate(per_second=0.01, burst=4))
    async with running_edge(limits) as edge, SioClient.connect(edge.url) as client:
        answers = [await client.call("echo", number) for number in range(5)]

    assert [answer["ok"] for answer in answers] == [True, True, True, False, False]
    assert answers[-1]["code"] == "too_many"
    assert 0 < answers[-1]["retryAfterMs"] <= 100_000
    assert edge.transport.rejections[Rejection.RATE] == 2


async def test_whoever_floods_on_after_being_told_is_disconnected() -> None:
    limits = TransportLimits(
        rate=Rate(per_second=0.01, burst=5), refusals=Rate(per_second=0.01, burst=20)
    )
    async with running_edge(limits) as edge, SioClient.connect(edge.url) as client:
        for number in range(100):
            await client.raw(f'42{number}["echo",1]')

        assert await client.closed() == 1008
        assert edge.transport.rejections[Rejection.FLOOD] == 1
        assert len(edge.heard) <= 5


async def test_who_connects_again_does_not_start_afresh() -> None:
    limits = TransportLimits(rate=Rate(per_second=0.01, burst=3))
    async with running_edge(limits, person=lambda seat: seat) as edge:
        told: dict[str, list[bool]] = {"ada": [], "bob": []}
        for _ in range(3):
            for name in told:
                async with SioClient.connect(edge.url, auth={"who": name}) as client:
                    told[name] += [(await client.call("echo", n))["ok"] for n in range(2)]

    for answers in told.values():
        assert answers == [True, True, True, False, False, False]


async def test_one_command_more_in_flight_than_allowed_is_refused_and_acks_make_room() -> None:
    limits = TransportLimits(unacked=3)
    async with running_edge(limits) as edge, SioClient.connect(edge.url) as client:
        waiting = [await client.ask("hold", number) for number in range(3)]

        refused = await client.call("echo", 1)
        edge.seated[0].ack(0, b'{"ok":true}')
        await waiting[0]
        accepted = await client.call("echo", 2)

    assert (refused["ok"], refused["code"]) == (False, "too_many")
    assert accepted["ok"] is True


async def test_a_callback_that_raises_is_answered_and_the_socket_stays() -> None:
    async with running_edge() as edge, SioClient.connect(edge.url) as client:
        failed = await client.call("fail")

        assert (failed["ok"], failed["code"]) == (False, "internal")
        assert (await client.call("echo", 1))["ok"] is True


async def test_a_flood_of_unusual_frames_is_closed() -> None:
    limits = TransportLimits(waiting=4)
    async with running_edge(limits) as edge, SioClient.open(edge.url) as client:
        await client.raw('40{"hang":1}')
        for _ in range(10):
            await client.raw("43[]")

        assert await client.closed() == 1008
        assert edge.transport.rejections[Rejection.FLOOD] == 1


# -------------------------------------------------------------------- frames


@pytest.mark.parametrize(
    ("payload", "opcode", "flags", "code"),
    [
        (b'42["echo","\xff"]', TEXT, FIN, 1007),  # no UTF-8
        (b"x" * 262_145, TEXT, FIN, 1009),
        (b"x", BINARY, FIN, 1003),
        (b"x", TEXT, FIN | 0x40, 1002),  # compressed, which was not negotiated
        (b"x", 0x3, FIN, 1002),  # an unknown opcode
        (b"x", 0x0, FIN, 1002),  # a continuation of nothing
        (b"x" * 126, PING, FIN, 1002),  # a control frame that is too long
        (b"\x00\x01", CLOSE, FIN, 1002),  # a close code that does not exist
        (b'42["echo",' + b"[" * 100_000, TEXT, FIN, 1002),  # nested without end
        (b'42["echo",' + b"[" * 100_000 + b"]" * 100_001, TEXT, FIN, 1002),
        (b'40{"a":' + b"[" * 100_000, TEXT, FIN, 1002),
    ],
)
async def test_a_broken_frame_closes_its_socket_with_the_right_code(
    payload: bytes, opcode: int, flags: int, code: int
) -> None:
    async with running_edge() as edge, RawPeer.open(edge.url) as peer:
        await peer.seat()
        peer.write(payload, opcode, flags)

        assert await peer.close_code() == code
        await eventually(edge.open_sockets)


@pytest.mark.parametrize("opcode", [TEXT, BINARY, 0x3, CLOSE])
async def test_a_broken_frame_along_with_the_handshake_leaves_no_socket(opcode: int) -> None:
    unmasked = bytes([FIN | opcode, 2]) + b"!!"
    async with running_edge() as edge, RawPeer.open(edge.url, along=unmasked) as peer:
        assert await peer.close_code() in {1002, 1006}

        await eventually(edge.open_sockets)


async def test_a_message_in_fragments_with_a_ping_between_is_understood() -> None:
    async with running_edge() as edge, RawPeer.open(edge.url) as peer:
        await peer.seat()
        peer.write(b'421["echo"', TEXT, flags=0)
        peer.write(b"there?", PING)
        peer.write(b",1]", 0x0)

        assert await peer.read() == (PONG, b"there?")
        assert await peer.read() == (TEXT, b'431[{"ok":true,"echo":1}]')
        assert edge.transport.rejections.total() == 0


async def test_the_largest_message_allowed_is_accepted() -> None:
    async with running_edge() as edge, RawPeer.open(edge.url) as peer:
        await peer.seat()
        peer.write(b'42["big","' + b"x" * (262_144 - 12) + b'"]')
        peer.write(b'421["echo",1]')

        assert await peer.read() == (TEXT, b'431[{"ok":true,"echo":1}]')
        assert len(edge.heard) == 2


def mutants(count: int, seed: int) -> list[bytes]:
    """Return frames' payloads that are nearly right."""
    chance = random.Random(seed)
    good = [
        b'421["echo",{"a":1}]',
        b"40{}",
        b"41",
        b"3",
        b'42/a,["b",1]',
        b'451-["a",{}]',
        b"430[]",
    ]
    made = []
    for _ in range(count):
        payload = bytearray(chance.choice(good))
        for _ in range(chance.randrange(1, 5)):
            payload[chance.randrange(len(payload))] = chance.randrange(256)
        made.append(bytes(payload[: chance.randrange(1, len(payload) + 1)]))
    return made


@pytest.mark.timeout(count(300, full=300))
async def test_malformed_frames_leave_no_socket_no_task_and_no_log_line(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = TransportLimits(unauthenticated_per_address=1000)
    async with running_edge(limits) as edge:
        before = len(asyncio.all_tasks())

        for payload in mutants(count(500, full=10_000), seed=14):
            async with RawPeer.open(edge.url) as peer:
                peer.write(b"40")
                peer.write(payload)
                peer.write(payload, opcode=random.Random(payload).choice([TEXT, BINARY, 5]))

        await eventually(edge.open_sockets)
        await eventually(lambda: "" if len(asyncio.all_tasks()) <= before else "tasks are left")
        assert edge.transport.unseated == 0
        assert not edge.seated
        assert caplog.text == ""
        assert capsys.readouterr().out == ""


# -------------------------------------------------------------------- slow readers


def both_loops() -> list[Callable[[], asyncio.AbstractEventLoop]]:
    """Return the product's loop and the standard one: their transports count differently."""
    return [uvloop.new_event_loop, asyncio.new_event_loop]


@pytest.mark.parametrize("new_loop", both_loops())
def test_a_client_that_does_not_read_is_cut_at_the_bound_and_others_are_not(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(cut_the_slow_one())


async def cut_the_slow_one() -> None:
    limits = TransportLimits(outgoing=1024 * 1024)
    frame = frame_event("told", b'{"text":"%b"}' % (b"x" * 65_000))
    async with (
        running_edge(limits) as edge,
        SioClient.connect(edge.url) as quick,
        RawPeer.open(edge.url) as slow,
    ):
        await slow.seat()
        stuck = edge.seated[1]
        slow.stop_reading()
        peak = 0
        while stuck.closed is None:
            for connection in list(edge.seated):
                connection.send(frame)
            peak = max(peak, stuck.buffered)
            await quick.next("told")

        assert stuck.closed == "slow"
        assert peak <= limits.outgoing + 64 * 1024
        assert (await quick.call("echo", 1))["ok"] is True
        await eventually(lambda: "" if edge.left == [(stuck, "slow")] else f"{edge.left}")


async def test_frames_before_connect_is_answered_are_bounded_too() -> None:
    limits = TransportLimits(outgoing=1000)
    async with running_edge(limits) as edge:
        with pytest.raises(Disconnected):
            async with SioClient.connect(edge.url, auth={"early": 200}):
                pass

        assert edge.transport.rejections[Rejection.SLOW] == 1
        await eventually(lambda: "" if len(edge.left) == 1 else "the seat is still held")
        assert edge.left[0][0].seat is not None
