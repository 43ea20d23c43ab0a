"""The command line: serve, make and revoke links, check a transcript, examine an installation."""

import asyncio
import json
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import structlog
import typer
import uvloop
from pydantic import ValidationError
from structlog.typing import Processor

from server.app import (
    Foundation,
    address_file,
    foundation,
    guest,
    public_address,
    serving,
    signer_of,
)
from server.clock import Clock
from server.config import Config, ignored
from server.doctor import Verdict, examine
from server.errors import Code, Refusal
from server.identity.links import Place
from server.interview.lifecycle import CreateInterview
from server.interview.service import new_interview_id
from server.interview.state import MODERATOR, Actor, tidy_line
from server.invitations import another_link, seat_links
from server.protocol import NAME_MAX, Format, Role, SignedHead
from server.record.sign import KEY_FILE, public_key
from server.record.verify import verify as check
from server.storage import StoreError

cli = typer.Typer(no_args_is_help=True, add_completion=False)
interviews = typer.Typer(no_args_is_help=True, help="Interviews.")
moderators = typer.Typer(no_args_is_help=True, help="Moderators.")
cli.add_typer(interviews, name="interview")
cli.add_typer(moderators, name="moderator")

log = structlog.get_logger(__name__)
T = TypeVar("T")
OPERATOR = Actor(person="operator", role=Role.OPERATOR)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"Parley {version('parley')}")
        raise typer.Exit


@cli.callback()
def parley(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Parley: live interviews."""


@cli.command()
def serve(
    demo: Annotated[
        bool, typer.Option(help="Keep a demo interview at hand and print its links.")
    ] = False,
) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    configure_logs(logging.INFO)
    config = _config(lambda says: log.warning("setting.unknown", says=says))
    _run(_serve(config, demo=demo))


@interviews.command("create")
def create(
    title: Annotated[str, typer.Option(help="What it is about.")] = "Interview",
    meet_by: Annotated[Format, typer.Option("--format", help="How to meet.")] = Format.VIDEO,
    client: Annotated[str, typer.Option(help="Name; without one they say it themselves.")] = "",
    freelancer: Annotated[str, typer.Option(help="Likewise.")] = "",
    note: Annotated[str, typer.Option(help="The client's words to the freelancer.")] = "",
    knock: Annotated[bool, typer.Option(help="Who is not of the client's side knocks.")] = False,
    minutes: Annotated[int, typer.Option(min=0, max=1440, help="How long it should take.")] = 0,
    reusable: Annotated[bool, typer.Option(help="Links that work more than once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Create an interview and print its two links."""
    command = CreateInterview(
        id=new_interview_id(),
        title=title,
        format=meet_by,
        client=client,
        freelancer=freelancer,
        note=note,
        knock=knock,
        minutes=minutes,
    )
    config = _config()
    links = _run(_create(config, command, reusable=reusable))
    _print({"interview": command.id, **links}, as_json=as_json)


@interviews.command("link")
def interview_link(
    seat: Annotated[str, typer.Argument(help="The lost link, or its interview/seat.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make another link for whoever lost their way in. Who entered by the lost one stays."""
    interview, _, who = seat.partition("#")[0].rpartition("/i/")[2].partition("/")
    if not who:
        _say(f"{seat!r} names no seat: give the link, or interview/seat.")
        raise SystemExit(2)
    link = _run(_another(_config(), interview, who))
    _print({who: link}, as_json=as_json)


@moderators.command("link")
def moderator_link(
    name: Annotated[str, typer.Option(help="Who it is for: a name that nobody else has.")],
    *,
    reusable: Annotated[bool, typer.Option(help="A link that works more than once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a link to the moderators' desk."""
    config = _config()
    link = _run(_moderator(config, name, reusable=reusable))
    _print({"moderator": link}, as_json=as_json)


@moderators.command("revoke")
def moderator_revoke(
    name: Annotated[str, typer.Option(help="Who may come to the desk no longer.")],
) -> None:
    """Turn a moderator away: every link and every open desk of theirs ends."""
    config = _config()
    _run(_turn_away(config, name))
    print(f"{name} has no way to the desk now; one that is open closes within seconds.")


@cli.command()
def revoke(
    link: Annotated[str, typer.Argument(help="The whole address, or the part after the #.")],
) -> None:
    """Make a link lead nowhere. Whoever entered by it before stays."""
    config = _config()
    _run(_revoke(config, link.rpartition("#")[2]))
    print("The link leads nowhere now.")


@cli.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="A transcript, downloaded as JSON."),
    ],
    key: Annotated[
        str, typer.Option(help="The server's public key (base64, or a PEM file's path).")
    ] = "",
    heads: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Signed heads that you received earlier, as JSON."
        ),
    ] = None,
) -> None:
    """Check a transcript against the server's key; exit code 1 if anything is wrong with it."""
    try:
        public = _public_key(key)
        earlier = [] if heads is None else _heads(heads.read_bytes())
        problems = check(file.read_bytes(), public, earlier)
    except (OSError, ValueError) as error:
        _say(f"This cannot be checked: {error}")
        raise SystemExit(2) from None
    for problem in problems:
        print(problem)
    if problems:
        raise SystemExit(1)
    print("Every event, every text and every end of this transcript is as the server signed it.")


@cli.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Examine the running server, and say what is wrong and what helps; exit code 1 if it is."""
    configure_logs(logging.CRITICAL)  # what the logs would say is among the findings
    findings = _run(examine(_config(), Clock()))
    good = all(finding.verdict is not Verdict.BROKEN for finding in findings)
    if as_json:
        print(msgspec.json.encode({"ok": good, "findings": findings}).decode())
    else:
        for finding in findings:
            print(f"{finding.verdict:<9}{finding.subject}: {finding.says}")
            if finding.do:
                print(f"{'':<9}-> {finding.do}")
    if not good:
        raise SystemExit(1)


def main() -> None:
    """Entry point of the `parley` command."""
    configure_logs(logging.WARNING)  # what goes well is told by what is printed
    cli()


async def _serve(config: Config, *, demo: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with foundation(config) as base, serving(base) as address:
        address_file(config.data).write_text(address)
        print(f"\n  Parley is ready at {address}", flush=True)
        print(f"  Data: {config.data.resolve()}\n", flush=True)
        if demo:
            await _print_demo(base, address)
        await stop.wait()
        print("  Stopping.", flush=True)


async def _print_demo(base: Foundation, address: str) -> None:
    """Prints three links into the demo interview, which is made at the first start."""
    known = base.config.data / "demo"
    interview = known.read_text().strip() if known.exists() else ""
    if not interview or not await base.record.exists(interview):
        interview = new_interview_id()
        command = CreateInterview(
            id=interview,
            title="Build a booking page for a small hotel",
            format=Format.VIDEO,
            client="Anna Berg",
            freelancer="Tomás Rivera",
            note="Thanks for your proposal. I would like to talk about the calendar, "
            "the payment flow and when you could start.",
        )
        await base.interviews.create(OPERATOR, command)
        known.write_text(interview)
    links = await seat_links(base.links, address, interview, reusable=True)
    desk = Place(actor=_moderator_actor("Mo"))
    token = await base.links.make(desk, reusable=True)
    for who, link in {**links, "moderator": f"{address}{desk.path}#{token}"}.items():
        print(f"  {who:<12}{link}\n", flush=True)
    print("  Open each in a window of its own. Ctrl-C stops the server.\n", flush=True)


async def _create(config: Config, command: CreateInterview, *, reusable: bool) -> dict[str, str]:
    async with guest(config, _say) as base:
        await base.interviews.create(OPERATOR, command)
        return await seat_links(base.links, public_address(config), command.id, reusable=reusable)


async def _another(config: Config, interview: str, seat: str) -> str:
    async with guest(config, _say) as base:
        return await another_link(
            base.interviews, base.links, public_address(config), interview, seat
        )


async def _moderator(config: Config, name: str, *, reusable: bool) -> str:
    place = Place(actor=_moderator_actor(name))
    async with guest(config, _say) as base:
        token = await base.links.make(place, reusable=reusable)
        return f"{public_address(config)}{place.path}#{token}"


async def _turn_away(config: Config, name: str) -> None:
    moderator = _moderator_actor(name)
    async with guest(config, _say) as base:
        if not await base.links.turn_away(moderator):
            raise Refusal(Code.NOT_FOUND, f"Nobody named {name} has a way to the desk.")


async def _revoke(config: Config, token: str) -> None:
    async with guest(config, _say) as base:
        await base.links.revoke(token)


def _say(sentence: str) -> None:
    """Beside what is printed for programs."""
    print(sentence, file=sys.stderr)


def _public_key(given: str) -> bytes:
    if not given:
        config = _config()
        if not config.secret.get_secret_value() and not (config.data / KEY_FILE).exists():
            raise ValueError(
                f"{config.data.resolve()} holds no server's key. Give it by --key (a server tells "
                "it at /api/signing-key), or name the server's folder in PARLEY_DATA."
            )
        return signer_of(config).public
    path = Path(given)
    try:
        return public_key(path.read_text() if path.is_file() else given)
    except ValueError:
        raise ValueError(f"{given!r} is no public key, nor a file with one.") from None


_heads = msgspec.json.Decoder(tuple[SignedHead, ...]).decode


def _moderator_actor(name: str) -> Actor:
    kept = tidy_line(name)
    if not 0 < len(kept) <= NAME_MAX:
        raise Refusal(Code.EMPTY, f"A moderator's name has 1 to {NAME_MAX} characters.")
    return Actor(person=f"{MODERATOR}:{kept}", role=Role.MODERATOR)


def _config(warn: Callable[[str], None] = _say) -> Config:
    for sentence in ignored():
        warn(sentence)
    try:
        return Config()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            _say(f"PARLEY_{name}: {problem['msg']}")
        raise SystemExit(2) from None


def _run(work: Coroutine[object, object, T]) -> T:
    try:
        return uvloop.run(work)
    except Refusal as refusal:
        _say(refusal.message)
    except (StoreError, OSError) as error:
        _say(f"Parley cannot go on: {error}")
    raise SystemExit(1)


def _print(facts: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts))
        return
    for name, value in facts.items():
        print(f"{name:<12}{value}")


def configure_logs(level: int) -> None:
    """Ours from `level` on, and the libraries' warnings: for people on a terminal, else JSON."""
    render: list[Processor] = [structlog.processors.format_exc_info]
    render.append(structlog.processors.JSONRenderer())
    if sys.stderr.isatty():
        render = [structlog.dev.ConsoleRenderer()]
    stamps: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    structlog.configure(
        processors=[*stamps, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # What knows the standard library only: `signaling`, asyncio, aiohttp.
    handler = logging.StreamHandler()
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[strip, *render], foreign_pre_chain=stamps)
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
