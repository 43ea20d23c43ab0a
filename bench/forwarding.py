"""What forwarding costs: `python -m bench.forwarding [--json] [--against janus|pion] [--rounds N]`.

The server runs alone on one core, the load on another, both are new in each round. CPU is that of
the server's process, all threads, per packet that reached a receiver. With `--against`, the
servers take turns within each round, and ratios are of the same round: only those mean
something on a shared machine. The floor is the least that any forwarder in this language does for
a packet: two system calls and AES-GCM twice, in a tight loop. `least` (`media_server`) does no more
than that either, but under the same load as the engine: what is beyond the floor in it is the
price of sockets that wake somebody, and of caches that others use too.
"""

import argparse
import asyncio
import atexit
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import msgspec
import uvloop
from pylibsrtp import Policy, Session

from bench.awake import keep_awake
from bench.beside_chat import chatting
from bench.janus import configure, own_address
from bench.media_load import Specification
from bench.pion import build
from signaling.adapter import PacketBuffer, protect, raw_session, unprotect

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[-2:][0], _CORES[-1]
"""The last two that this process may use, so that the rest of the machine keeps the others."""

PEOPLE = 48
"""Who send 200 packets a second each: 9,600 forwarded in two-party calls."""

START_WITHIN = 10.0

Figures = dict[str, float]


@contextmanager
def engine(core: int, *more: str) -> Iterator[tuple[int, str]]:
    """Our server: process number and socket."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        path = Path(folder) / "engine.sock"
        command = [sys.executable, "-m", "bench.media_server", str(path), *more]
        with _started(command, core, Path(folder), path.exists) as process:
            yield process, str(path)


@contextmanager
def janus(core: int) -> Iterator[tuple[int, str]]:
    """Janus: process number and the URL of its API."""
    with tempfile.TemporaryDirectory(prefix="janus") as folder:
        port = configure(Path(folder))
        command = ["janus", "-F", folder, "-C", f"{folder}/janus.jcfg"]
        with _started(command, core, Path(folder), partial(_listens, port)) as process:
            yield process, f"ws://127.0.0.1:{port}"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def pion(core: int) -> Iterator[tuple[int, str]]:
    """The forwarder on Pion: process number and socket."""
    with tempfile.TemporaryDirectory(prefix="pion") as folder:
        path = Path(folder) / "forwarder.sock"
        command = [str(pion_program()), str(path), own_address()]
        with _started(command, core, Path(folder), path.exists) as process:
            yield process, str(path)


@cache
def pion_program() -> Path:
    """Built once, and removed when we end."""
    folder = tempfile.mkdtemp(prefix="pion")
    atexit.register(shutil.rmtree, folder)
    return build(Path(folder))


SERVERS = {
    "engine": engine,
    "least": lambda core: engine(core, "--least"),
    "videocall": janus,
    "videoroom": janus,
    "pion": pion,
}


@contextmanager
def _started(
    command: list[str], core: int, folder: Path, ready: Callable[[], bool]
) -> Iterator[int]:
    log = folder / "server.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            command,
            stdout=written,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    try:
        deadline = time.monotonic() + START_WITHIN
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def measure(spec: Specification) -> Figures:
    """Run the load once against a running server."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.media_load", msgspec.json.encode(spec).decode()],
        capture_output=True,
        timeout=120,
        preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CORE}),
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    figures: Figures = json.loads(done.stdout)
    return figures


def run(target: str, people: int, **more: float) -> Figures:
    """One run against a server of its own; `people` in each call."""
    calls = int(more.pop("calls", 0)) or (PEOPLE // people if people == 2 else PEOPLE // 12)
    with SERVERS[target](SERVER_CORE) as (process, path):
        spec = Specification(target, path, process, people, calls)
        return measure(msgspec.structs.replace(spec, **more))


def beside_chat(seconds: float) -> Figures:
    """One run in the loop of a server that carries 1,200 messages a second meanwhile."""

    async def once() -> Figures:
        async with chatting(SERVER_CORE) as (process, path, tally):
            spec = Specification("engine", path, process, 2, PEOPLE // 2, seconds=seconds)
            figures = await asyncio.to_thread(measure, spec)
        return figures | {"chat_p99_ms": tally.p99_ms, "chat_refused": tally.refused}

    os.sched_setaffinity(0, {*_CORES[:-2]} or {LOAD_CORE})
    return uvloop.run(once())


def floor(packets: int = 20_000) -> float:
    """Microseconds of CPU for receiving, decrypting, encrypting and sending a packet in place."""
    key = os.urandom(28)
    profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM

    def session(way: int) -> object:
        return raw_session(Session(Policy(key=key, ssrc_type=way, srtp_profile=profile)))

    sending, back = session(Policy.SSRC_ANY_OUTBOUND), session(Policy.SSRC_ANY_OUTBOUND)
    receiving = session(Policy.SSRC_ANY_INBOUND)
    ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    for end in ends:
        end.bind(("127.0.0.1", 0))
        end.setblocking(False)
    source, middle, sink = ends
    buffer, spent = PacketBuffer(), 0
    header = bytes.fromhex("8060000000000000000000aa")
    for first in range(0, packets, 32):
        for number in range(first, first + 32):
            packet = header[:2] + (number & 0xFFFF).to_bytes(2, "big") + header[4:] + bytes(1138)
            buffer.view[: len(packet)] = packet
            buffer.length[0] = len(packet)
            protect(sending, buffer.pointer, buffer.length)
            source.sendto(buffer.view[: buffer.length[0]], middle.getsockname())
        target = sink.getsockname()
        began = time.thread_time_ns()
        for _ in range(32):
            size, _ = middle.recvfrom_into(buffer.view)
            buffer.length[0] = size
            unprotect(receiving, buffer.pointer, buffer.length)
            protect(back, buffer.pointer, buffer.length)
            middle.sendto(buffer.view[: buffer.length[0]], target)
        spent += time.thread_time_ns() - began
        for _ in range(32):
            sink.recv(2048)
    for end in ends:
        end.close()
    return spent / packets / 1e3


def middle(figures: list[float]) -> str:
    """Median, least and most."""
    return f"{statistics.median(figures):.2f} [{min(figures):.2f}-{max(figures):.2f}]"


RIVALS = {"janus": {2: "videocall", 4: "videoroom"}, "pion": {2: "pion", 4: "pion"}}
"""Who does the same for two, and for four."""


def compare(rounds: int, seconds: float, against: list[str]) -> list[dict[str, Figures]]:
    """Interleaved rounds of all scenarios; progress on stderr.

    Those that were complete: when a server does not start, or the run is interrupted, they count.
    """
    plan = [
        (target, people)
        for people in (2, 4)
        for target in ("engine", "least", *(RIVALS[rival][people] for rival in against))
    ]
    found: list[dict[str, Figures]] = []
    for number in range(rounds):
        once: dict[str, Figures] = {}
        # Every other round backwards, so that neither is always the first on a warm machine.
        for target, people in plan if number % 2 == 0 else reversed(plan):
            try:
                figures = once[f"{target}-{people}"] = run(target, people, seconds=seconds)
            except (KeyboardInterrupt, RuntimeError, subprocess.TimeoutExpired) as error:
                print(f"round {number + 1} ended with {target}: {error}", file=sys.stderr)
                return found
            print(f"round {number + 1}: {target} of {people}: {figures}", file=sys.stderr)
        found.append(once)
    return found


def summary(found: list[dict[str, Figures]]) -> Figures:
    """What the rounds say of forwarding, and of ours beside theirs."""

    def median(name: str, figure: str) -> float:
        return round(statistics.median(once[name][figure] for once in found), 3)

    out: Figures = {"rounds": len(found)}
    for name in found[0]:
        out |= {
            f"{name}_{figure}": median(name, figure)
            for figure in (
                "us_per_packet", "p50_ms", "p99_ms", "load_late_p99_ms", "mb_per_call", "threads"
            )
        }  # fmt: skip
        out[f"{name}_lost"] = sum(once[name]["lost"] for once in found)
    for ratio, ours, theirs in (
        ("ratio_to_least_call", "engine-2", "least-2"),
        ("ratio_to_least_room4", "engine-4", "least-4"),
        ("ratio_to_janus_call", "engine-2", "videocall-2"),
        ("ratio_to_janus_room4", "engine-4", "videoroom-4"),
        ("ratio_to_pion_call", "engine-2", "pion-2"),
        ("ratio_to_pion_room4", "engine-4", "pion-4"),
    ):
        if theirs in found[0]:
            ratios = [once[ours]["us_per_packet"] / once[theirs]["us_per_packet"] for once in found]
            out[ratio] = round(statistics.median(ratios), 3)
            print(f"{ratio}: {middle(ratios)}")
    out["p99_ms"] = out["engine-2_p99_ms"]
    return out


def joining(joins: list[Figures]) -> Figures:
    """Fifty people who join at once."""
    return {
        "join_50_ms": round(statistics.median(each["join_ms"] for each in joins), 1),
        "join_50_ms_most": round(max(each["join_ms"] for each in joins), 1),
        "cpu_per_join_ms": round(statistics.median(each["cpu_per_join_ms"] for each in joins), 3),
        "slowest_dtls_ms": round(max(each["slowest_dtls_ms"] for each in joins), 1),
    }


def chatted(runs: list[Figures]) -> Figures:
    """Media and chat in one loop."""

    def median(figure: str) -> float:
        return round(statistics.median(each[figure] for each in runs), 3)

    return {
        "p50_beside_chat_ms": median("p50_ms"),
        "p99_beside_chat_ms": median("p99_ms"),
        "lost_beside_chat": sum(each["lost"] for each in runs),
        "chat_p99_ms": median("chat_p99_ms"),
        "chat_refused": sum(each["chat_refused"] for each in runs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    parser.add_argument(
        "--against", action="append", default=[], choices=[*RIVALS], help="compare side by side"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="of measuring in each run")
    parser.add_argument("--halting", action="store_true", help="let idle cores halt")
    parser.add_argument("--double", action="store_true", help="one more run at 19,200 packets/s")
    asked = parser.parse_args()
    if "pion" in asked.against:
        pion_program()  # before anything is measured: it may be missing
    awake = not asked.halting and keep_awake()
    found = compare(asked.rounds, asked.seconds, asked.against)
    if not found:
        sys.exit("Not one round was complete.")
    joins = [run("engine", 2, calls=25, storm=True) for _ in range(max(3, asked.rounds))]
    least = min(floor() for _ in range(3))
    out = {"cores_awake": awake} | summary(found) | joining(joins)
    out |= chatted([beside_chat(asked.seconds) for _ in range(3)])
    out |= {"floor_us": round(least, 2)}
    for ratio, server in (
        ("ratio_to_floor", "engine-2"),
        ("ratio_to_floor_room4", "engine-4"),
        ("least_ratio_to_floor", "least-2"),
    ):
        out[ratio] = round(out[f"{server}_us_per_packet"] / least, 2)
    if asked.double:
        double = run("engine", 2, rate=2, seconds=asked.seconds)
        out |= {f"double_{name}": round(figure, 3) for name, figure in double.items()}
        out["double_ratio_to_floor"] = round(double["us_per_packet"] / least, 2)
    for name, figure in out.items():
        print(f"{name:32} {figure}")
    if asked.json:
        print(json.dumps(out))
    if len(found) < asked.rounds:
        sys.exit(f"Only {len(found)} of {asked.rounds} rounds were complete.")


if __name__ == "__main__":
    main()
