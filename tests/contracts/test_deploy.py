"""What lies outside the code and must agree with it: commands, pins, containers, workflow."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from redis import Redis
from ruamel.yaml import YAML

from server.config import Config
from server.storage.binary import find_binary

ROOT = Path(__file__).parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
CADDYFILE = ROOT / "deploy" / "Caddyfile"
TURNSERVER = ROOT / "deploy" / "turnserver.conf"
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"

Yaml = dict[str, "Yaml"] | list["Yaml"] | str | int | bool | None


def at(document: Yaml, *path: str) -> Yaml:
    """The part of a document below these keys."""
    for key in path:
        assert isinstance(document, dict), f"nothing holds {key}"
        document = document[key]
    return document


def loaded(path: Path) -> Yaml:
    document: Yaml = YAML(typ="safe").load(path)
    return document


def schema_refusal(schema: str, path: Path) -> str:
    """What the published schema has against a file; empty when nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def substituted(text: str, environment: dict[str, str]) -> str:
    """What compose makes of `${NAME:-default}`."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda m: environment.get(m[1]) or m[2], text)


def server_settings(environment: dict[str, str]) -> dict[str, str]:
    """The PARLEY_… variables of the server's container: the image's, then the composition's."""
    image = dict(re.findall(r"(PARLEY_\w+)=(\S+)", DOCKERFILE.read_text()))
    given = at(loaded(COMPOSE), "services", "server", "environment")
    assert isinstance(given, dict)
    return image | {name: substituted(str(text), environment) for name, text in given.items()}


def address_of(service: str) -> str:
    """The address that a container has in the network between proxy, relay and server."""
    return str(at(loaded(COMPOSE), "services", service, "networks", "edge", "ipv4_address"))


def relay_command() -> str:
    """What the relay's container hands to its shell."""
    service = at(loaded(COMPOSE), "services", "coturn")
    assert at(service, "entrypoint") == ["/bin/sh", "-ec"]
    command = at(service, "command")
    assert isinstance(command, list)
    return str(command[0]).replace("$$", "$")


def pinned(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def wanted(profile: str) -> list[Requirement]:
    """What pyproject.toml asks for in one of the pinned lists."""
    document = project()
    table = document["project"]
    groups = document["dependency-groups"]
    assert isinstance(table, dict)
    assert isinstance(groups, dict)
    run = table["dependencies"]
    lists = {
        "server": run,
        "dev": [*run, *table["optional-dependencies"]["dev"], *groups["build"]],
        **groups,
    }
    return [Requirement(line) for line in lists[profile]]


@pytest.mark.parametrize(
    ("schema", "path"),
    [("vendor.compose-spec", COMPOSE), ("vendor.github-workflows", WORKFLOW)],
    ids=["composition", "workflow"],
)
def test_a_deployment_file_follows_its_published_schema(schema: str, path: Path) -> None:
    assert schema_refusal(schema, path) == ""


def test_a_misspelt_key_of_the_composition_would_be_found(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text().replace("healthcheck:", "healthchek:"))

    assert "healthchek" in schema_refusal("vendor.compose-spec", wrong)


def test_the_containers_settings_exist_and_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = server_settings(
        {
            "PARLEY_MEDIA_ANNOUNCE": '["203.0.113.7","10.189.80.2"]',
            "PARLEY_TURN_URLS": '["turn:talk.example.org:3478?transport=udp"]',
            "PARLEY_TURN_SECRET": "shared",
        }
    )
    for name in [name for name in os.environ if name.startswith("PARLEY_")]:
        monkeypatch.delenv(name)
    for name, text in settings.items():
        monkeypatch.setenv(name, text)

    config = Config()

    known = {f"PARLEY_{field.upper()}" for field in Config.model_fields}
    assert set(settings) <= known
    assert config.media_announce == ("203.0.113.7", address_of("server"))
    assert config.turn_urls == ("turn:talk.example.org:3478?transport=udp",)
    assert config.trusted_proxies == (address_of("caddy"),)
    assert config.redis_url.startswith("redis://store:")


def test_the_published_ports_are_those_the_server_takes() -> None:
    settings = server_settings({})
    listed = at(loaded(COMPOSE), "services", "server", "ports")
    assert isinstance(listed, list)

    published = {substituted(str(port), {}).rsplit(":", 1)[-1] for port in listed}

    media = settings["PARLEY_MEDIA_PORT"]
    taken = {f"{settings['PARLEY_PORT']}/tcp", f"{media}/udp", f"{media}/tcp"}
    exposed = re.findall(r"^EXPOSE (.+)$", DOCKERFILE.read_text(), re.MULTILINE)[0].split()
    assert published == taken == set(exposed)


def test_the_containers_relay_reaches_the_engines_address_and_no_other() -> None:
    settings = server_settings({})

    given = relay_command().split()

    allowed = [word for word in given if word.startswith("--allowed-peer-ip")]
    assert allowed == [f"--allowed-peer-ip={address_of('server')}"]
    assert settings["PARLEY_MEDIA_HOST"] == "0.0.0.0"
    assert "denied-peer-ip=0.0.0.0-255.255.255.255" in TURNSERVER.read_text().splitlines()
    assert f"--relay-ip={address_of('coturn')}" in given


def test_the_containers_relay_does_not_start_without_a_secret() -> None:
    environment = {"PATH": os.environ["PATH"], "PARLEY_TURN_SECRET": ""}

    started = subprocess.run(
        ["/bin/sh", "-ec", relay_command()],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )

    assert started.returncode != 0
    assert "PARLEY_TURN_SECRET" in started.stderr


def test_the_proxys_configuration_is_one_that_caddy_takes(tmp_path: Path) -> None:
    words = ["adapt", "--validate", "--adapter", "caddyfile", "--config"]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "PARLEY_PUBLIC_URL": "localhost"}
    wrong = tmp_path / "Caddyfile"
    wrong.write_text(CADDYFILE.read_text().replace("reverse_proxy", "reverse_prox"))

    def taken(path: Path) -> bool:
        command = [str(Path(sys.executable).parent / "caddy"), *words, str(path)]
        return subprocess.run(command, env=environment, capture_output=True).returncode == 0

    assert taken(CADDYFILE)
    assert not taken(wrong)


def test_the_containers_ask_for_no_privileges() -> None:
    services = at(loaded(COMPOSE), "services")
    assert isinstance(services, dict)

    for name in services:
        service = at(services, name)
        assert isinstance(service, dict)
        assert "privileged" not in service
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.findall(r"^USER (\d+)$", DOCKERFILE.read_text(), re.MULTILINE) == ["10001"]


def test_the_containers_store_keeps_every_write_before_it_answers(tmp_path: Path) -> None:
    here = ["--port", "0", "--bind", "127.0.0.1", "--unixsocket", "s"]
    store = subprocess.Popen(
        [find_binary(), ROOT / "deploy" / "valkey.conf", *here],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert store.stdout is not None
        ready = any("Ready to accept connections" in line for line in store.stdout)
        assert ready, "it ended before it was ready"
        asked = ["appendonly", "appendfsync", "maxmemory-policy", "save"]

        told = {name: _config_of(tmp_path / "s", name) for name in asked}
    finally:
        store.terminate()
        store.communicate(timeout=10)

    assert told == {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "save": "",
    }


def _config_of(socket: Path, name: str) -> str:
    with Redis(unix_socket_path=str(socket), decode_responses=True) as client:
        answer = client.config_get(name)
        assert isinstance(answer, dict)
        return str(answer[name])


@pytest.mark.parametrize("profile", ["server", "dev", "build", "node"])
def test_what_is_pinned_is_what_the_project_asks_for(profile: str) -> None:
    pins = pinned(profile)

    asked = [r for r in wanted(profile) if r.marker is None or r.marker.evaluate()]
    loose = [r for r in asked if Version(pins.get(r.name, "0")) not in r.specifier]

    assert loose == [], "run: python3 -m deploy.dev lock"


@pytest.mark.parametrize("profile", ["server", "dev", "build", "node"])
def test_every_pin_has_hashes_and_no_address(profile: str) -> None:
    text = (ROOT / "requirements" / f"{profile}.txt").read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)

    without = [block.split("==")[0] for block in blocks if block and "--hash=sha256:" not in block]

    assert without == []
    assert "://" not in text


def test_the_browser_clients_lock_file_holds_no_address() -> None:
    text = (ROOT / "web" / "package-lock.json").read_text()

    assert '"resolved"' not in text


def test_the_wheel_carries_the_built_browser_client(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr

    (wheel,) = tmp_path.glob("*.whl")
    inside = set(ZipFile(wheel).namelist())

    assert {"server/static/index.html", "server/record/append.lua", "signaling/engine.py"} <= inside
    assert any(name.startswith("server/static/assets/") for name in inside)
    assert not any(name.startswith(("web/", "tests/", "deploy/")) for name in inside)


def test_no_step_of_the_workflow_can_change_under_us() -> None:
    text = WORKFLOW.read_text()

    used = re.findall(r"uses: (\S+)", text)

    assert used
    assert [action for action in used if not re.search(r"@[0-9a-f]{40}$", action)] == []
    assert at(loaded(WORKFLOW), "permissions") == {}


def test_every_command_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")]

    named = {
        name
        for document in documents
        for name in re.findall(r"(?:^|`)make ([a-z]+)\b", document.read_text(), re.MULTILINE)
    }

    assert named
    assert named <= targets
    assert len(targets) <= 10


@pytest.mark.parametrize(
    ("words", "said"),
    [(["test", "-k", "knock"], "takes nothing more"), (["tset"], "Name one of these")],
    ids=["options that would change nothing", "no command"],
)
def test_a_command_that_would_not_do_what_was_asked_is_refused(words: list[str], said: str) -> None:
    command = [sys.executable, "-m", "deploy.dev", *words]

    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=10
    )

    assert done.returncode == 1
    assert said in done.stderr


def test_every_link_between_the_documents_leads_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]

    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
        if "://" not in target and not (document.parent / target).exists()
    ]

    assert broken == []
