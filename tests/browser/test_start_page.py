"""The start page where only the operator makes interviews: what it tells them to do works."""

import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd
from tests.browser.site import running_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

ROOT = Path(__file__).parent.parent.parent
ENVIRONMENT = Path(sys.prefix)


async def test_the_command_on_the_start_page_works_however_parley_was_started(
    tmp_path: Path, crowd: Crowd
) -> None:
    data = tmp_path / "data"
    async with running_site(data, settings={"PARLEY_OPEN_CREATION": "false"}) as site:
        page = (await crowd.person()).page
        await page.goto(site.address)
        await expect(page.get_by_role("heading", level=1)).to_contain_text("made by the operator")
        made, composed, installed = await page.locator("pre").all_inner_texts()
        for command in (made, installed):
            done = await asyncio.to_thread(
                subprocess.run,
                shlex.split(command),
                cwd=ENVIRONMENT.parent,  # as the folder in which `make run` made it
                env={**os.environ, "PATH": str(ENVIRONMENT / "bin"), "PARLEY_DATA": str(data)},
                capture_output=True,
                text=True,
                check=True,
            )
            assert done.stdout.count(site.address) == 2

    assert f"\n{composed}\n" in (ROOT / "README.md").read_text()
