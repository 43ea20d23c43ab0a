"""The key that signs heads."""

from pathlib import Path

import pytest

from server.record.sign import Signer, is_signed

HEAD = bytes(range(32))


def test_nodes_with_one_secret_sign_alike_and_others_do_not() -> None:
    one, other = Signer.derived_from(b"secret"), Signer.derived_from(b"secret")
    stranger = Signer.derived_from(b"another secret")

    head = one.sign("abcdefghijklmnop", "shared", 3, HEAD, 1)

    assert is_signed(other.public, "abcdefghijklmnop", head)
    assert not is_signed(stranger.public, "abcdefghijklmnop", head)
    assert not is_signed(one.public, "another-interview", head)


def test_a_key_that_was_made_is_kept_for_the_owner_only(tmp_path: Path) -> None:
    made = Signer.kept_in(tmp_path)

    assert Signer.kept_in(tmp_path).public == made.public
    assert (tmp_path / "signing-key").stat().st_mode & 0o077 == 0


def test_a_key_that_was_not_written_to_its_end_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "signing-key").write_bytes(b"half")

    with pytest.raises(OSError, match="signing-key was not written to its end"):
        Signer.kept_in(tmp_path)
