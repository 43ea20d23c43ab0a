"""What the rules refuse is said in the sentence that docs/failures.md promises."""

import re
from dataclasses import dataclass, field

import pytest

from tests.support.failures import ACTIONS, DOCUMENT, cells
from tests.support.parley import Json, Parley, Seated


@dataclass(frozen=True)
class Try:
    """Somebody gives a command that the rules refuse."""

    seat: str
    name: str
    fields: Json = field(default_factory=dict)


AGAINST_THE_RULES = {
    "accept an invitation": Try("freelancer", "invitation:accept"),
    "decline an invitation": Try("freelancer", "invitation:decline", {"reason": ""}),
    "say who you are": Try("freelancer", "person:name", {"name": " "}),
    "send a message": Try("client", "message:post", {"text": " "}),
    "change a message": Try("freelancer", "message:edit", {"text": "x"}),
    "delete a message": Try("freelancer", "message:delete"),
    "show a message to the moderators": Try(
        "client", "message:flag", {"reason": "other", "note": ""}
    ),
    "propose another format": Try("client", "format:propose", {"format": "video"}),
    "agree to a format": Try("freelancer", "format:accept"),
    "decline a format": Try("freelancer", "format:decline"),
    "end the interview": Try("client", "interview:end", {"reason": ""}),
    "invite somebody": Try("freelancer", "person:invite", {"role": "client", "name": "Eve"}),
    "remove somebody": Try("freelancer", "person:remove", {"seat": "client"}),
    "knock": Try("freelancer", "call:knock"),
    "let somebody in": Try("client", "call:admit", {"seat": "freelancer"}),
    "ask somebody at the door to wait": Try(
        "client", "call:hold", {"seat": "freelancer", "text": ""}
    ),
    "do not let somebody in": Try("client", "call:refuse", {"seat": "freelancer", "text": ""}),
    "ring": Try("client", "call:ring", {"media": "audio"}),
    "answer": Try("freelancer", "call:accept"),
    "decline a call": Try("freelancer", "call:decline", {"reason": ""}),
    "switch the microphone": Try("client", "call:media", {"microphone": False, "camera": False}),
    "switch the camera": Try("client", "call:media", {"microphone": True, "camera": True}),
    "share a screen, or stop that": Try(
        "client", "call:media", {"microphone": True, "camera": False, "screen": "live"}
    ),
    "switch off what somebody else sends": Try(
        "freelancer", "call:mute", {"seat": "client", "kind": "microphone"}
    ),
    "leave a call": Try("client", "call:leave"),
}
ON_A_MESSAGE = ("message:edit", "message:delete", "message:flag")


def test_each_action_has_its_row() -> None:
    assert [row[0] for row in cells("Actions")] == list(ACTIONS) == list(AGAINST_THE_RULES)


async def prepare(action: str, ada: Seated, ben: Seated) -> None:
    """Brings things to where the rules refuse this action."""
    match action:
        case "ring":
            await ada.do("call:ring", media="audio")
        case "switch the camera" | "share a screen, or stop that":
            await ada.do("call:ring", media="audio")
            await ben.told("call:rang")
            await ben.do("call:accept")
        case "end the interview":
            await ben.do("interview:end", reason="")
        case _:
            pass


@pytest.mark.parametrize("action", ACTIONS)
async def test_the_rules_refuse_in_the_words_of_the_document(server: Parley, action: str) -> None:
    one = AGAINST_THE_RULES[action]
    async with server.both() as (_, ada, ben):
        who = {"client": ada, "freelancer": ben}[one.seat]
        message = (await ada.do("message:post", text="hello"))["seq"]
        await prepare(action, ada, ben)
        about = {"message": message} if one.name in ON_A_MESSAGE else {}

        answer = await who.attempt(one.name, **about, **one.fields)

    promised = next(row[3] for row in cells("Actions") if row[0] == action)
    assert answer.get("message", "") == promised


async def test_too_much_at_once_is_refused_in_the_words_of_the_document(server: Parley) -> None:
    async with server.both() as (_, ada, _ben):
        for _ in range(500):
            await ada.client.emit("typing:set", {"typing": True})
        answer = await ada.attempt("message:post", text="hello")

    promised = [re.sub(r"\d+", "N", one) for one in re.findall(r'"([^"]+)"', DOCUMENT)]
    assert answer["code"] == "too_many"
    assert re.sub(r"\d+", "N", answer["message"]) in promised
