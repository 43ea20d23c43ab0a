"""What browser tests get: a running product, and people with browsers."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import server
from tests.browser.people import Crowd, Person, met, people_with
from tests.browser.site import Site, running_site
from tests.support.certificates import Authority


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run one installation for all tests: what they do is told apart by their interviews."""
    page = Path(server.__file__).parent / "static" / "index.html"
    assert page.exists(), "The web client is not built yet: `make setup` builds it."
    site = Site(tmp_path_factory.mktemp("site") / "data")
    site.begin()
    yield site
    site.end()


@pytest.fixture
async def site(installation: Site) -> AsyncIterator[Site]:
    """Give the test the installation, which it may stop; the next test finds it running."""
    yield installation
    await installation.start()


@pytest.fixture
async def new_site(tmp_path: Path) -> AsyncIterator[Site]:
    """Give the test an installation of its own, with an empty record and an empty desk."""
    async with running_site(tmp_path / "data") as site:
        yield site


@pytest.fixture
async def crowd() -> AsyncIterator[Crowd]:
    """Give the test people; at its end, none of their pages may have complained."""
    async with people_with() as crowd:
        yield crowd


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give the test somebody who signs certificates."""
    return Authority(tmp_path / "authority")


@pytest.fixture
async def both(site: Site, crowd: Crowd) -> tuple[Person, Person]:
    """Anna (client) and Tomás (freelancer) in an open interview that allows video."""
    return await met(site, crowd)
