"""The file of targets: whole or not at all, and nothing of a line is ever shown."""

from __future__ import annotations

import base64
import logging
import os
import traceback
from typing import TYPE_CHECKING

import pytest

from dashboard.alerts.targets import MAX_TARGETS, AppriseTarget, TargetsError, Webhook, read_targets
from dashboard.alerts.targets_file import TargetsFile

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.alerts.targets import Target

KEY = b"a-token-of-the-tests"
SECRET = bytes(range(32))
WHSEC = f"whsec_{base64.b64encode(SECRET).decode()}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "targets.txt"


def test_a_line_is_a_webhook_or_an_address_of_apprise(file: Path) -> None:
    file.write_text(
        f"# Our targets\n\nwebhook https://example.org/hook?a=1 secret={WHSEC}\n  webhook http://127.0.0.1:9000\n"
        "json://user:pass@127.0.0.1/alerts\nslack://a/b/c lang=es\nwebhook http://receiver:9000 private\n"
        "json://receiver/ private lang=es\n",
        encoding="utf-8-sig",
    )
    first, second, third, fourth, fifth, sixth = read_targets(file, KEY)
    assert (first.name, first.url) == ("line 3", "https://example.org/hook?a=1")
    assert isinstance(first, Webhook)
    assert first.secret == SECRET
    assert isinstance(second, Webhook)
    assert (second.name, second.url, second.secret) == ("line 4", "http://127.0.0.1:9000", None)
    assert isinstance(third, AppriseTarget)
    assert (third.url, third.language) == ("json://user:pass@127.0.0.1/alerts", "en")
    assert isinstance(fourth, AppriseTarget)
    assert (fourth.url, fourth.language) == ("slack://a/b/c", "es")
    assert isinstance(sixth, AppriseTarget)
    assert (fifth.url, sixth.url, sixth.language) == ("http://receiver:9000", "json://receiver/", "es")
    assert [target.allows_private for target in (first, second, third, fourth, fifth, sixth)] == [False] * 4 + [
        True
    ] * 2
    assert not any(part in repr(target) for target in (first, third) for part in ("example", "whsec", "pass", "127"))


def test_a_target_keeps_its_id_on_another_line_and_with_another_secret_and_nobody_can_guess_an_address(
    file: Path,
) -> None:
    file.write_text("webhook https://example.org/hook\n")
    (before,) = read_targets(file, KEY)
    file.write_text(f"# moved\nwebhook https://example.org/hook secret={WHSEC}\n")
    (after,) = read_targets(file, KEY)
    assert before.id == after.id
    (other,) = read_targets(file, b"the-token-of-another-dashboard")
    assert other.id != after.id


@pytest.mark.parametrize(
    "line",
    [
        "webhook",
        "webhook example.org/s3cret",
        "webhook https://",
        "webhook https://user:s3cret@example.org/",
        "webhook ftp://example.org/s3cret",
        "webhook https://example.org:s3cret/",
        "webhook https://exämple.org/s3cret",
        "webhook https://example.org/ secret=s3cret",
        "webhook https://example.org/ secret=whsec_czNjcmV0",
        "webhook https://example.org/ secret=whsec_!!!!",
        "webhook https://example.org/ token=s3cret",
        "webhook https://example.org/ private=s3cret",
        "webhook https://example.org/ private private s3cret",
        "slack://s3cret private private",
        "slack://s3cret lang=es lang=en",
        "https://example.org/s3cret",
        "HTTP://example.org/s3cret",
        "slack://s3cret lang=fr",
        "s3cret",
        "slack://a/s3cret b",
        "\x00s3cret",
    ],
)
def test_a_wrong_line_is_named_by_its_number_and_nothing_of_it_is_shown(file: Path, line: str) -> None:
    file.write_text(f"# first\n{line}\n", encoding="utf-8")
    with pytest.raises(TargetsError, match=r"^line 2 must ") as caught:
        read_targets(file, KEY)
    shown = "".join(traceback.format_exception(caught.value))
    assert "s3cret" not in shown.partition("TargetsError: ")[2]
    assert caught.value.__cause__ is None


def test_a_file_that_can_not_be_used_is_named(file: Path) -> None:
    with pytest.raises(TargetsError, match=r"can't be read: No such file or directory$"):
        read_targets(file, KEY)
    file.write_bytes(b"slack://s3cret\xff")
    with pytest.raises(TargetsError, match=r"is not UTF-8$") as caught:
        read_targets(file, KEY)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(TargetsError, match=r"is not a file$"):
        read_targets(file.parent, KEY)
    for empty in ("", "\n \n"):
        file.write_text(empty)
        with pytest.raises(TargetsError, match=r"is empty; a comment is enough to have no targets$"):
            read_targets(file, KEY)
    file.write_text("# nobody today\n")
    assert read_targets(file, KEY) == []
    file.write_text("# " + "x" * 70_000)
    with pytest.raises(TargetsError, match=r"is longer than 64 KiB$"):
        read_targets(file, KEY)
    file.write_text("".join(f"json://127.0.0.1/{number}\n" for number in range(MAX_TARGETS + 1)))
    with pytest.raises(TargetsError, match=r"has more than 20 targets$"):
        read_targets(file, KEY)
    file.write_text("webhook https://example.org/\n\nwebhook https://example.org/\n")
    with pytest.raises(TargetsError, match=r"^line 3 has the same address as line 1$"):
        read_targets(file, KEY)


def write(file: Path, text: str, at: int) -> None:
    """Write the file with a time of change of its own."""
    file.write_text(text)
    os.utime(file, (at, at))


def test_the_file_is_read_again_when_it_changes_whole_or_not_at_all(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(file, "webhook https://example.org/1\n", 1)
    targets = TargetsFile(file, KEY)
    before = targets.targets
    assert len(before) == 1
    with caplog.at_level(logging.INFO):
        write(file, "webhook https://example.org/1\nwebhook s3cret\n", 2)
        targets.check()
        targets.check()
        assert targets.targets == before
        sentence = (
            "TARGETS_FILE can't be used: line 2 must have an address that begins with https:// or http://, and no user "
            "or password"
        )
        assert targets.error == sentence
        assert caplog.messages == [f"{sentence}; the previous targets still get alerts"]
        write(file, "webhook https://example.org/2\n", 3)
        targets.check()
    assert not targets.error
    assert targets.ids() != [target.id for target in before]
    assert caplog.messages[1:] == ["TARGETS_FILE: alerts go to 1 targets"]
    assert not any(part in caplog.text for part in ("s3cret", "example"))
    file.unlink()
    targets.check()
    assert "can't be read" in (targets.error or "")
    assert len(targets.targets) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\xff", b"webhook http://[s3cret", b"webhook http://a:" + b"9" * 5000, b"a" * 70_000]
)
def test_whatever_is_written_into_the_file_the_targets_from_before_stay(file: Path, content: bytes) -> None:
    write(file, "webhook https://example.org/1\n", 1)
    targets = TargetsFile(file, KEY)
    file.write_bytes(content)
    targets.check()
    assert len(targets.targets) == 1
    assert targets.error is not None
    assert "s3cret" not in targets.error


def test_an_error_in_the_reader_itself_is_an_error_of_the_file_and_shows_nothing(file: Path) -> None:
    def broken(path: Path, key: bytes) -> list[Target]:
        raise RecursionError("s3cret")

    write(file, "webhook https://example.org/1\n", 1)
    targets = TargetsFile(file, KEY, broken)
    write(file, "webhook https://example.org/2\n", 2)
    targets.check()
    assert targets.error == f"TARGETS_FILE can't be used: {file} can't be read (RecursionError)"
    assert len(targets.targets) == 1


def test_without_a_file_there_are_no_targets() -> None:
    targets = TargetsFile(None, KEY)
    targets.check()
    assert (targets.ids(), targets.error) == ([], None)
