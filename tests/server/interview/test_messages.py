"""Messages: posted, edited, deleted, hidden."""

import pytest

from server import protocol as p
from server.errors import Code, Refusal
from server.interview.state import clean
from tests.support.history import ADA, BEN, History, command_id, opened


def posted(text: str = "Hello") -> tuple[History, int]:
    history = opened()
    history.give(ADA, p.PostMessage(id=command_id(), text=text))
    return history, history.state.seqs["shared"]


def shown(history: History, seq: int) -> p.Message:
    found = next(item for item in history.view(BEN).thread if item.seq == seq)
    assert isinstance(found, p.Message)
    return found


def test_an_empty_message_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        posted("  \n\u200e ".replace("\u200e", "\x00"))

    assert refusal.value.code is Code.EMPTY


def test_control_characters_are_dropped_and_lines_kept() -> None:
    assert clean("one\r\ntwo\x07\tthree\x1b[0m ") == "one\ntwo\tthree[0m"


def test_an_edit_is_the_current_text_and_the_earlier_one_stays() -> None:
    history, seq = posted("Helo")

    history.give(ADA, p.EditMessage(id=command_id(), message=seq, text="Hello"))

    assert [version.text for version in shown(history, seq).versions] == ["Helo", "Hello"]


def test_nobody_edits_what_another_wrote() -> None:
    history, seq = posted()

    with pytest.raises(Refusal) as refusal:
        history.give(BEN, p.EditMessage(id=command_id(), message=seq, text="Bye"))

    assert refusal.value.code is Code.NOT_ALLOWED


def test_a_deleted_message_leaves_a_tombstone_without_any_text() -> None:
    history, seq = posted("secret")
    history.give(ADA, p.EditMessage(id=command_id(), message=seq, text="still secret"))

    history.give(ADA, p.DeleteMessage(id=command_id(), message=seq))

    message = shown(history, seq)
    assert message.state is p.MessageState.DELETED
    assert [version.text for version in message.versions] == [None, None]


def test_deleting_twice_is_deleting_once() -> None:
    history, seq = posted()
    history.give(ADA, p.DeleteMessage(id=command_id(), message=seq))

    assert history.give(ADA, p.DeleteMessage(id=command_id(), message=seq)) == []


def test_a_deleted_message_can_be_neither_edited_nor_answered() -> None:
    history, seq = posted()
    history.give(ADA, p.DeleteMessage(id=command_id(), message=seq))

    with pytest.raises(Refusal) as edit:
        history.give(ADA, p.EditMessage(id=command_id(), message=seq, text="back"))
    with pytest.raises(Refusal) as answer:
        history.give(BEN, p.PostMessage(id=command_id(), text="re", reply_to=seq))

    assert (edit.value.code, answer.value.code) == (Code.ALREADY, Code.NOT_FOUND)


def test_an_event_that_is_no_message_cannot_be_treated_as_one() -> None:
    history = opened()

    with pytest.raises(Refusal) as refusal:
        history.give(ADA, p.DeleteMessage(id=command_id(), message=1))

    assert refusal.value.code is Code.NOT_FOUND


def test_people_write_before_the_invitation_is_answered() -> None:
    history = opened().upto(1)

    events = history.give(BEN, p.PostMessage(id=command_id(), text="A question first"))

    assert [type(event) for event in events] == [p.MessagePosted]
