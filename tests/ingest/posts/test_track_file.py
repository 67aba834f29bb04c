"""The file of terms: what it may contain, and when it is read again."""

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.ingest.support.process import wait_until

from ingest.posts import track_file as track
from ingest.posts.filter import Term, parse
from ingest.posts.track_file import TrackError, TrackFile


class Used:
    """The terms that came into use, in order."""

    def __init__(self) -> None:
        self.terms: list[list[str]] = []
        self.changed = threading.Event()

    def __call__(self, terms: Sequence[Term]) -> None:
        if "unusable" in map(str, terms):
            raise ValueError("X would not take it")
        self.terms.append([str(term) for term in terms])
        self.changed.set()


@pytest.fixture
def used() -> Used:
    return Used()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "terms"
    path.write_text("one\n")
    return path


def watched(path: Path, used: Used) -> TrackFile:
    file = TrackFile(path, track.read(path), used)
    file.check()
    return file


def put(path: Path, text: str) -> None:
    """Replace the file as editors do: by another file with the same name, whose size and time may be the same."""
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


def test_a_line_is_a_term_as_in_track_and_comments_begin_with_two_slashes(path: Path) -> None:
    path.write_bytes(
        b"\xef\xbb\xbf// what we watch\r\nfootball\r\n\n#worldcup\n"
        b'  // not this\nworld cup\n"a, b"\n-betting\none, two\nfootball\n'
    )
    assert [str(term) for term in track.read(path)] == [
        "football", "#worldcup", "world cup", "a, b", "-betting", "one", "two",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "{} has no terms"),
        (b"// nothing\n\n", "{} has no terms"),
        (b"a\n-\n", "{}, line 2: the term '-' is empty"),
        (b"a\n!!!\n", "{}, line 2: the term '!!!' would match nothing: it has no letter, digit or emoji"),
        (b"\xff", "{} is not UTF-8"),
        ("football".encode("utf-16"), "{} is not UTF-8"),
        (b"a\n" * 2**20, "{} is longer than 1 MiB"),
    ],
)
def test_the_error_of_an_unusable_file_is_one_sentence(path: Path, content: bytes, sentence: str) -> None:
    path.write_bytes(content)
    with pytest.raises(TrackError) as failure:
        track.read(path)
    assert str(failure.value) == sentence.format(path)


def test_the_error_of_an_impossible_tag_names_it(path: Path) -> None:
    path.write_text("football\n#c++\n")
    with pytest.raises(TrackError, match=r", line 2: #c\+\+ can't be a hashtag, so it would match nothing"):
        track.read(path)


def test_a_path_that_is_not_a_file_is_an_error_at_once(path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place, sentence in (
        (tmp_path / "pipe", "is not a file"),
        (tmp_path, "is not a file"),
        (tmp_path / "gone", "can't be read: No such file or directory"),
    ):
        with pytest.raises(TrackError, match=sentence):
            track.read(place)


def test_the_file_is_read_again_only_when_it_changes(path: Path, used: Used) -> None:
    file = watched(path, used)
    file.check()
    assert used.terms == []
    put(path, "two\n")
    file.check()
    file.check()
    put(path, "// the same\ntwo\n")
    file.check()
    path.write_text("three\n")
    file.check()
    assert used.terms == [["two"], ["three"]]


def test_a_change_between_the_start_and_the_first_check_is_noticed(path: Path, used: Used) -> None:
    file = TrackFile(path, parse("before"), used)
    file.check()
    assert used.terms == [["one"]]


@pytest.mark.parametrize("broken", ["-\n", "", "unusable\n", None])
def test_a_broken_file_leaves_the_terms_and_is_logged_once(
    path: Path, used: Used, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = watched(path, used)
    if broken is None:
        path.unlink()
    else:
        put(path, broken)
    for _ in range(3):
        file.check()
    error = file.error
    assert error
    assert used.terms == []
    assert caplog.messages == [f"TRACK_FILE: {error}; ingest still uses the old terms"]
    put(path, "one\n")
    file.check()
    assert file.error is None
    assert used.terms == []


@pytest.mark.parametrize(
    "content", ["\0", '"' + "a" * 1000, "#" + "a" * 2000, "b" * 2**20 + "c", ",".join(["-"] * 1000), "((" * 1000 + '"']
)
def test_whatever_is_written_into_the_file_the_old_terms_stay_in_use(path: Path, used: Used, content: str) -> None:
    file = watched(path, used)
    put(path, content)
    file.check()
    assert used.terms == []
    assert file.error is not None
    assert len(file.error) <= 501


def test_an_unexpected_error_of_the_terms_does_not_end_the_watch(
    path: Path, used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = watched(path, used)

    def broken(_: object) -> None:
        raise RecursionError

    with monkeypatch.context() as patch:
        patch.setattr(file, "_use", broken)
        put(path, "two\n")
        file.check()
    assert file.error == f"{path} can't be used (RecursionError)"
    put(path, "three\n")
    file.check()
    assert used.terms == [["three"]]
    assert not file.error


def test_the_file_is_read_when_a_reload_is_requested(path: Path, used: Used, caplog: pytest.LogCaptureFixture) -> None:
    file = watched(path, used)
    file._signature = file._read_signature()
    file._terms = []
    file.check()
    assert used.terms == []
    file.check(forced=True)
    assert used.terms == [["one"]]


def test_a_requested_reload_uses_unchanged_terms_again(path: Path, used: Used) -> None:
    file = watched(path, used)
    file.check(forced=True)
    file.check()
    assert used.terms == [["one"]]


def test_the_file_is_watched_until_stop(path: Path, used: Used, caplog: pytest.LogCaptureFixture) -> None:
    file = TrackFile(path, track.read(path), used)
    with caplog.at_level(logging.INFO):
        file.start()
        put(path, "two\nthree\n")
        file.request_reload()
        assert used.changed.wait(30)
        wait_until(lambda: "TRACK_FILE: ingest uses the new terms (2)" in caplog.messages)
        file.stop()
    # One more if the change was noticed before the reload was requested.
    assert used.terms[0] == used.terms[-1] == ["two", "three"]


def test_the_file_is_checked_by_itself(path: Path, used: Used, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track, "CHECK_SECONDS", 0.01)
    file = TrackFile(path, track.read(path), used)
    file.start()
    put(path, "two\n")
    assert used.changed.wait(30)
    file.stop()
