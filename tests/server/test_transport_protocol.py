"""The Engine.IO 4 and Socket.IO 5 protocol texts, statement by statement, as a client meets them.

Where we differ on purpose, the test says why.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from server.transport import Rejection, TransportLimits
from tests.support.edge import HANDSHAKE, Edge, running_edge
from tests.support.sio import ConnectRefused, SioClient

BRISK = TransportLimits(ping_interval=0.2, connect_deadline=1.0)


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with running_edge() as edge:
        yield edge


@pytest.fixture
async def brisk() -> AsyncIterator[Edge]:
    async with running_edge(BRISK) as edge:
        yield edge


async def answer_to(edge: Edge, method: str, path: str, **headers: str) -> tuple[int, object]:
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, edge.url + path, headers=headers) as response,
    ):
        return response.status, await response.json()


# -------------------------------------------------------------------- Engine.IO: the handshake


async def test_the_handshake_is_answered_with_an_open_packet(edge: Edge) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(edge.url + HANDSHAKE) as ws:
        frame = await ws.receive_str()

    opened = json.loads(frame[1:])
    assert frame[0] == "0"
    assert opened.keys() == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
    assert opened["upgrades"] == []
    assert (opened["pingInterval"], opened["pingTimeout"]) == (20_000, 15_000)
    assert opened["maxPayload"] == 262_144


@pytest.mark.parametrize(
    ("method", "query", "code"),
    [
        # HTTP long-polling is left out on purpose: calls need more than a network that breaks
        # WebSockets has, and it doubles what must be defended. The refusal is the protocol's own.
        ("GET", "EIO=4&transport=polling", 0),
        ("POST", "EIO=4&transport=polling", 0),
        ("GET", "transport=abc&EIO=4", 0),
        ("GET", "EIO=4", 0),
        ("GET", "EIO=4&transport=websocket&sid=abc", 1),
        ("POST", "EIO=4&transport=websocket", 2),
        ("OPTIONS", "EIO=4&transport=websocket", 2),  # what other sites would ask first
        ("GET", "EIO=4&transport=websocket", 3),  # without the headers of an upgrade
    ],
)
async def test_what_is_no_handshake_is_refused_with_the_protocols_code(
    edge: Edge, method: str, query: str, code: int
) -> None:
    status, body = await answer_to(edge, method, f"/socket.io/?{query}")

    assert status == 400
    assert isinstance(body, dict)
    assert body["code"] == code
    assert edge.transport.rejections[Rejection.HANDSHAKE] == 1


async def test_parameters_that_are_not_ours_are_ignored(edge: Edge) -> None:
    # `t` keeps caches away, `b64` and `j` belong to transports of older versions.
    url = f"{edge.url}{HANDSHAKE}&t=abc&b64=1&j=0"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as ws:
        assert (await ws.receive_str()).startswith("0{")


async def test_who_names_the_session_of_another_socket_gets_nothing_of_it(edge: Edge) -> None:
    async with SioClient.connect(edge.url) as client:
        sid = json.loads(client.frames[0][1:])["sid"]
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await http.ws_connect(f"{edge.url}{HANDSHAKE}&sid={sid}")
        polled = await answer_to(edge, "GET", f"/socket.io/?EIO=4&transport=polling&sid={sid}")

        assert refusal.value.status == 400
        assert polled == (400, {"code": 0, "message": "Transport unknown"})
        assert await client.call("echo", 1) == {"ok": True, "echo": 1}


@pytest.mark.parametrize("version", ["", "EIO=3&", "EIO=abc&"])
async def test_another_protocol_version_is_refused(edge: Edge, version: str) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await http.ws_connect(f"{edge.url}/socket.io/?{version}transport=websocket")

    assert refusal.value.status == 400


async def test_compression_is_not_negotiated(edge: Edge) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(edge.url + HANDSHAKE, compress=15) as ws,
    ):
        assert not ws.compress


# -------------------------------------------------------------------- Engine.IO: packets


async def test_the_server_pings_and_a_client_that_answers_stays(brisk: Edge) -> None:
    async with SioClient.connect(brisk.url) as client:
        # No ping comes before the last one is answered.
        await client.frame(lambda _: client.frames.count("2") >= 4)


async def test_a_client_that_does_not_answer_a_ping_is_closed() -> None:
    limits = TransportLimits(ping_interval=0.2, ping_timeout=0.2)
    async with (
        running_edge(limits) as edge,
        aiohttp.ClientSession() as http,
        http.ws_connect(edge.url + HANDSHAKE) as ws,
    ):
        await ws.send_str("40")

        frames = [message.data async for message in ws]

        assert frames[2:] == ["2"]
        assert edge.transport.rejections[Rejection.SILENT] == 1


async def test_the_server_pings_before_connect_too(brisk: Edge) -> None:
    async with SioClient.open(brisk.url) as client:
        await client.frame(lambda text: text == "2")


@pytest.mark.parametrize(
    "frame",
    [
        *("3", "3probe"),  # a pong that answers nothing
        "5",  # the end of an upgrade that never began
        *("41/random,", "43/random,1[]"),  # of a namespace that nobody joined
        "431[]",  # an acknowledgement that nobody asked for
    ],
)
async def test_what_answers_or_ends_nothing_is_ignored(edge: Edge, frame: str) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.raw(frame)

        assert await client.call("echo", 1) == {"ok": True, "echo": 1}


async def test_a_close_packet_closes_the_session(edge: Edge) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.raw("1")

        await client.closed()
    assert [reason for _, reason in edge.left] == ["client disconnect"]


@pytest.mark.parametrize("frame", ["", "abc", "2", "2probe", "0{}", "6", "7", "9", "²", "bAAAA"])
async def test_a_packet_that_clients_do_not_send_closes_the_session(edge: Edge, frame: str) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.raw(frame)

        assert await client.closed() in {1002, 1003}


async def test_a_frame_is_one_packet_whatever_separators_are_in_it(edge: Edge) -> None:
    # Several packets in one go, with U+001E between them, are for HTTP long-polling only.
    async with SioClient.connect(edge.url) as client:
        await client.raw('3\x1e421["echo",1]')

        assert await client.call("echo", 2) == {"ok": True, "echo": 2}
    assert [argument for _, argument, _ in edge.heard] == [b"2"]


# -------------------------------------------------------------------- Socket.IO: connect


async def test_connect_is_answered_with_a_session_id_of_its_own(edge: Edge) -> None:
    async with SioClient.open(edge.url) as client:
        await client.raw("40")

        answer = await client.frame(lambda text: text.startswith("40"))

    body = json.loads(answer[2:])
    assert body.keys() == {"sid"}
    assert body["sid"] != json.loads(client.frames[0][1:])["sid"]


@pytest.mark.parametrize("frame", ['40{"token":"ü"}', '40/,{"token":"ü"}'])
async def test_the_auth_payload_reaches_the_application(edge: Edge, frame: str) -> None:
    async with SioClient.open(edge.url) as client:
        await client.raw(frame)
        await client.frame(lambda text: text.startswith("40"))

        assert edge.seated[0].seat == '{"token":"ü"}'.encode()


async def test_a_refusal_is_a_connect_error_with_message_and_code(edge: Edge) -> None:
    with pytest.raises(ConnectRefused) as refusal:
        async with SioClient.connect(edge.url, auth={"refuse": 1}):
            pass

    assert json.loads(str(refusal.value)) == {
        "message": "You may not.",
        "data": {"code": "not_allowed", "retryAfterMs": 7},
    }
    assert edge.left == []


async def test_a_failure_of_ours_is_a_connect_error_without_details(edge: Edge) -> None:
    with pytest.raises(ConnectRefused) as refusal:
        async with SioClient.connect(edge.url, auth={"fail": 1}):
            pass

    assert refusal.value.code == "internal"
    assert "fault" not in str(refusal.value)


async def test_an_unknown_namespace_is_refused_with_a_message_and_harms_nobody(edge: Edge) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.raw('40/random,{"a":1}')

        await client.frame(lambda text: text == '44/random,{"message":"Invalid namespace"}')
        assert await client.call("echo", 1) == {"ok": True, "echo": 1}


@pytest.mark.parametrize("frame", ["4", "4abc", "40{", "40[]", '40"a"', "44{}", "47", "48"])
async def test_an_invalid_packet_before_connect_closes_the_session(edge: Edge, frame: str) -> None:
    async with SioClient.open(edge.url) as client:
        await client.raw(frame)

        assert await client.closed() in {1002, 1008}
    assert not edge.seated
    assert not edge.left


async def test_a_second_connect_closes_the_session(edge: Edge) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.raw("40")

        assert await client.closed() == 1008


async def test_frames_sent_while_connecting_follow_the_answer_in_order(edge: Edge) -> None:
    async with SioClient.open(edge.url) as client:
        await client.raw('40{"early":1}')
        await client.raw('421["echo",1]')
        await client.raw('422["echo",2]')

        await client.frame(lambda text: text.startswith("432"))

    kinds = [frame[:3] for frame in client.frames[1:]]
    assert kinds == ["40{", "42[", "431", "432"]


# -------------------------------------------------------------------- Socket.IO: disconnect


async def test_disconnect_leaves_the_namespace_and_keeps_the_session(brisk: Edge) -> None:
    async with SioClient.connect(brisk.url) as client:
        await client.raw("41")

        await client.frame(lambda text: text == "2")
        assert [reason for _, reason in brisk.left] == ["client namespace disconnect"]


async def test_a_session_without_a_seat_is_closed_at_the_deadline(brisk: Edge) -> None:
    async with SioClient.connect(brisk.url) as client:
        await client.raw("41")

        assert await client.closed() == 1008
    assert brisk.transport.rejections[Rejection.UNAUTHENTICATED] == 1
    assert len(brisk.left) == 1


@pytest.mark.parametrize("frames", [["41"], ["40", "41", "41"]])
async def test_leaving_without_a_seat_closes_the_session(edge: Edge, frames: list[str]) -> None:
    # Else a client could put its deadline off for ever.
    async with SioClient.open(edge.url) as client:
        for frame in frames:
            await client.raw(frame)

        assert await client.closed() == 1008


async def test_an_event_after_disconnect_closes_the_session(edge: Edge) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.raw("41")
        await client.raw('42["echo",1]')

        assert await client.closed() == 1008
    assert edge.heard == []


async def test_a_final_close_says_disconnect_so_that_the_client_does_not_return(
    edge: Edge,
) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.emit("leave")

        assert await client.closed() == 1000
    assert client.disconnected
    assert [reason for _, reason in edge.left] == ["asked to"]


# -------------------------------------------------------------------- Socket.IO: events and acks


async def test_an_event_reaches_everybody_it_is_sent_to(edge: Edge) -> None:
    async with SioClient.connect(edge.url) as ada, SioClient.connect(edge.url) as bob:
        await ada.emit("tell", {"text": "ünï"})

        assert await ada.next("told") == await bob.next("told") == {"text": "ünï"}


async def test_acknowledgements_carry_the_id_of_their_event(edge: Edge) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.raw('429007199254["echo",{"n":1}]')

        await client.frame(lambda text: text == '439007199254[{"ok":true,"echo":{"n":1}}]')


async def test_events_of_one_socket_are_handled_in_order(edge: Edge) -> None:
    async with SioClient.connect(edge.url) as client:
        answers = [await client.ask("echo", number) for number in range(50)]
        await asyncio.gather(*answers)

    assert [argument for _, argument, _ in edge.heard] == [b"%d" % n for n in range(50)]


@pytest.mark.parametrize("size", [0, 100, 125, 126, 40_000, 70_000, 200_000])
async def test_arguments_of_every_frame_length_arrive_whole(edge: Edge, size: int) -> None:
    async with SioClient.connect(edge.url) as client:
        answer = await client.call("echo", "x" * size)

    assert answer["echo"] == "x" * size


@pytest.mark.parametrize(
    "frame",
    [
        *("42", "42{}", '42"echo"', "42[]", "42[1]", "42[null]", '42["echo",1', '42["echo",]'),
        *(f'42{id_}["echo",1]' for id_ in ("abc", "1.5", "-1", "1_0", "²", "9" * 11, "9" * 101)),
        '42/random,["echo",1]',  # of a namespace that nobody joined
    ],
)
async def test_an_event_without_name_or_with_an_invalid_ack_id_closes_the_session(
    edge: Edge, frame: str
) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.raw(frame)

        assert await client.closed() in {1002, 1008}
    assert edge.heard == []


@pytest.mark.parametrize("frame", ['421["echo"]', '421["echo",1,2]'])
async def test_an_event_without_exactly_one_argument_is_answered_malformed(
    edge: Edge, frame: str
) -> None:
    # The protocol allows any number; our commands have one, and the ack says so.
    async with SioClient.connect(edge.url) as client:
        await client.raw(frame)

        answer = await client.frame(lambda text: text.startswith("431["))
    assert json.loads(answer[3:])[0]["code"] == "malformed"
    assert edge.heard == []


@pytest.mark.parametrize("frame", ['451-["echo",{"_placeholder":true,"num":0}]', "461-1[]"])
async def test_binary_packets_are_refused(edge: Edge, frame: str) -> None:
    # The protocol has them; we have no use for them, and their attachments know no bound.
    async with SioClient.connect(edge.url) as client:
        await client.raw(frame)

        assert await client.closed() == 1003
    assert edge.transport.rejections[Rejection.BINARY] == 1


async def test_a_binary_frame_is_refused(edge: Edge) -> None:
    async with SioClient.connect(edge.url) as client:
        await client.ws.send_bytes(b"\x00" * 10)

        assert await client.closed() == 1003
