"""What browser tests get: a running product, and people with browsers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import server
from tests.browser.people import Crowd, Person, chromium
from tests.browser.site import Site, running_site
from tests.support.certificates import Authority


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Give the test an installation with an empty record."""
    page = Path(server.__file__).parent / "static" / "index.html"
    assert page.exists(), "The web client is not built yet: `make setup` builds it."
    async with running_site(tmp_path / "data") as site:
        yield site


@pytest.fixture
async def crowd() -> AsyncIterator[Crowd]:
    """Give the test people; at its end, none of their pages may have complained."""
    async with chromium() as browser:
        crowd = Crowd(browser)
        yield crowd
        complaints = [one for person in crowd.people for one in person.complaints]
        await crowd.close()
    assert complaints == []


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give the test somebody who signs certificates."""
    return Authority(tmp_path / "authority")


@pytest.fixture
async def both(site: Site, crowd: Crowd) -> tuple[Person, Person]:
    """Anna (client) and Tomás (freelancer) in an open interview that allows video."""
    links = await site.create()
    tomas = await crowd.person(links["freelancer"])
    await tomas.press("Accept")
    anna = await crowd.person(links["client"])
    await anna.sees("The interview began.")
    return anna, tomas
