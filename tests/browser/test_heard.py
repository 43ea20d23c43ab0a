"""What each person may believe about being heard: the words of the other side's browser."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd, Person, people_with
from tests.browser.site import Site
from tests.browser.test_call import called

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SEEN = r"hears you, sees you at \d+p"
NO_DEVICES = (
    "if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia ="
    " () => Promise.reject(new DOMException('denied', 'NotAllowedError'))"
)
SEND_NO_SOUND = """
() => window.connections.at(-1).getSenders()
  .find(({track}) => track !== null && track.kind === 'audio').replaceTrack(null)
"""


async def reads(person: Person, words: str | re.Pattern[str]) -> None:
    """They read it under their own picture."""
    shown = person.page.get_by_role("group", name="You", exact=True)
    await expect(shown).to_contain_text(words)


async def test_each_reads_that_the_other_hears_and_sees_them_until_it_is_not_so(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    await reads(anna, re.compile(f"Tomás Rivera {SEEN}"))
    await reads(tomas, re.compile(f"Anna Berg {SEEN}"))
    await tomas.page.evaluate(SEND_NO_SOUND)
    await reads(tomas, "Anna Berg gets no sound from you just now")
    await reads(tomas, re.compile(f"Anna Berg {SEEN}"))
    await tomas.press("Microphone")
    await reads(tomas, re.compile(r"Your microphone is off\. Anna Berg sees you at \d+p"))
    await tomas.press("Camera")
    await reads(tomas, re.compile(r"Your microphone is off(?!\.)"))


@pytest.fixture
async def strict(site: Site) -> AsyncIterator[Crowd]:
    """Give the test people whose browsers play no sound before a press."""
    async with people_with("--autoplay-policy=document-user-activation-required") as crowd:
        yield crowd


async def test_whose_sound_is_blocked_at_the_other_side_reads_so_until_it_plays(
    site: Site, strict: Crowd
) -> None:
    links = await site.create()
    tomas = await strict.person(devices=False)
    await tomas.context.add_init_script(NO_DEVICES)
    await tomas.enter(links["freelancer"])
    await tomas.press("Accept")
    anna = await strict.person(links["client"])
    await called(anna, tomas)
    await reads(anna, re.compile(f"Tomás Rivera {SEEN}"))
    await tomas.page.reload()
    await reads(
        anna, "Tomás Rivera’s browser is blocking sound. It shows a button that turns it on."
    )
    await tomas.press("Turn the sound on")
    await reads(anna, re.compile(f"Tomás Rivera {SEEN}"))
