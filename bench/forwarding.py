"""What forwarding costs: `python -m bench.forwarding [--json] [--against janus|pion] [--rounds N]`.

The server runs alone on one core, the load on another, both are new in each round. CPU is that of
the server's process, all threads, per packet that reached a receiver. With `--against`, the
servers take turns within each round, and ratios are of the same round: only those mean
something on a shared machine. The floor is the least that any forwarder in this language does for
a packet: two system calls and AES-GCM twice.
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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import msgspec
import uvloop
from pylibsrtp import Policy, Session

from bench.beside_chat import chatting
from bench.janus import configure, own_address
from bench.media_load import Specification
from bench.pion import build
from signaling.adapter import PacketBuffer, protect, raw_session, unprotect

SERVER_CORE, LOAD_CORE = 2, 3
PEOPLE = 48
"""Who send 200 packets a second each: 9,600 forwarded in two-party calls."""

JANUS_STARTS = 8
START_WITHIN = 6.0

Figures = dict[str, float]


@contextmanager
def engine(core: int) -> Iterator[tuple[int, str]]:
    """Our server: process number and socket."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        path = Path(folder) / "engine.sock"
        command = [sys.executable, "-m", "bench.media_server", str(path)]
        with _started(command, core, path) as process:
            yield process, str(path)


@contextmanager
def janus(core: int) -> Iterator[tuple[int, str]]:
    """Janus: process number and socket."""
    with ExitStack() as stack:
        # Debian's build ends or hangs while it starts about once in seven times.
        for attempt in range(JANUS_STARTS):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="janus"))
            path = configure(Path(folder))
            command = ["janus", "-F", folder, "-C", f"{folder}/janus.jcfg"]
            try:
                process = stack.enter_context(_started(command, core, path))
            except RuntimeError:
                if attempt == JANUS_STARTS - 1:
                    raise
            else:
                yield process, str(path)
                return


@contextmanager
def pion(core: int) -> Iterator[tuple[int, str]]:
    """The forwarder on Pion: process number and socket."""
    with tempfile.TemporaryDirectory(prefix="pion") as folder:
        path = Path(folder) / "forwarder.sock"
        command = [str(pion_program()), str(path), own_address()]
        with _started(command, core, path) as process:
            yield process, str(path)


@cache
def pion_program() -> Path:
    """Built once, and removed when we end."""
    folder = tempfile.mkdtemp(prefix="pion")
    atexit.register(shutil.rmtree, folder)
    return build(Path(folder))


SERVERS = {"engine": engine, "videocall": janus, "videoroom": janus, "pion": pion}


@contextmanager
def _started(command: list[str], core: int, ready: Path) -> Iterator[int]:
    log = ready.with_suffix(".log")
    with log.open("w") as written:
        process = subprocess.Popen(
            command,
            stdout=written,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    try:
        deadline = time.monotonic() + START_WITHIN
        while not ready.exists():
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

    os.sched_setaffinity(0, os.sched_getaffinity(0) - {SERVER_CORE, LOAD_CORE})
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


def compare(rounds: int, seconds: float, against: list[str]) -> dict[str, list[Figures]]:
    """Interleaved rounds of all scenarios; progress on stderr."""
    plan = [
        (target, people)
        for people in (2, 4)
        for target in ("engine", *(RIVALS[rival][people] for rival in against))
    ]
    found: dict[str, list[Figures]] = {f"{target}-{people}": [] for target, people in plan}
    for number in range(rounds):
        # Every other round backwards, so that neither is always the first on a warm machine.
        for target, people in plan if number % 2 == 0 else reversed(plan):
            figures = run(target, people, seconds=seconds)
            found[f"{target}-{people}"].append(figures)
            print(f"round {number + 1}: {target} of {people}: {figures}", file=sys.stderr)
    return found


def summary(found: dict[str, list[Figures]]) -> Figures:
    """What the rounds say of forwarding, and of ours beside theirs."""

    def median(name: str, figure: str) -> float:
        return round(statistics.median(each[figure] for each in found[name]), 3)

    out: Figures = {"rounds": len(found["engine-2"])}
    for name in found:
        out |= {
            f"{name}_{figure}": median(name, figure)
            for figure in ("us_per_packet", "p50_ms", "p99_ms", "mb_per_call", "threads")
        }
        out[f"{name}_lost"] = sum(each["lost"] for each in found[name])
    for ratio, ours, theirs in (
        ("ratio_to_janus_call", "engine-2", "videocall-2"),
        ("ratio_to_janus_room4", "engine-4", "videoroom-4"),
        ("ratio_to_pion_call", "engine-2", "pion-2"),
        ("ratio_to_pion_room4", "engine-4", "pion-4"),
    ):
        if theirs in found:
            pairs = zip(found[ours], found[theirs], strict=True)
            ratios = [one["us_per_packet"] / other["us_per_packet"] for one, other in pairs]
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
    parser.add_argument("--double", action="store_true", help="one more run at 19,200 packets/s")
    asked = parser.parse_args()
    if "pion" in asked.against:
        pion_program()  # before anything is measured: it may be missing
    found = compare(asked.rounds, asked.seconds, asked.against)
    joins = [run("engine", 2, calls=25, storm=True) for _ in range(max(3, asked.rounds))]
    least = min(floor() for _ in range(3))
    out = summary(found) | joining(joins)
    out |= chatted([beside_chat(asked.seconds) for _ in range(3)])
    out |= {"floor_us": round(least, 2)}
    out["ratio_to_floor"] = round(out["engine-2_us_per_packet"] / least, 2)
    if asked.double:
        double = run("engine", 2, rate=2, seconds=asked.seconds)
        out |= {f"double_{name}": round(figure, 3) for name, figure in double.items()}
    for name, figure in out.items():
        print(f"{name:32} {figure}")
    if asked.json:
        print(json.dumps(out))


if __name__ == "__main__":
    main()
