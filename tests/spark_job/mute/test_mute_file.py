import time
from pathlib import Path

import duckdb
import pytest

from ingest.posts import labels as ingest_labels
from spark_job.mute.mute_file import MuteFile, read
from spark_job.mute.mute_list import MuteList
from spark_job.watched_file import FileRefusedError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mute.txt"


def test_a_line_is_a_tag_or_a_pattern_or_a_comment(file: Path) -> None:
    file.write_text("# our own tags\n#WorldCup\n  rain \n\n#\ncrypto*\n＃ＳＴＲＡＳＳＥ\nstraße\n", encoding="utf-8")
    assert read(file) == MuteList(("rain", "strasse", "worldcup"), ("crypto*",))


@pytest.mark.parametrize(
    ("line", "key"),
    [
        # As the page shows them, with joiners and selectors, or pasted with what nobody sees.
        ("#می\u200cخواهم", "میخواهم"),
        ("#क्\u200dष", "क्ष"),
        ("❤\ufe0f", "❤"),
        ("world\u200bcup", "worldcup"),
        ("\u200b#worldcup", "worldcup"),
        ("##worldcup", "worldcup"),
        ("﹟worldcup", "worldcup"),
        ("#＃﹟WorldCup", "worldcup"),
        ("#\ufe0f\u20e3", "#\u20e3"),
    ],
)
def test_a_line_mutes_the_key_under_which_ingest_counts_it(file: Path, line: str, key: str) -> None:
    file.write_text(line, encoding="utf-8")
    assert read(file) == MuteList((key,))
    assert ingest_labels.fold(ingest_labels.clean(line)) == key


def test_number_signs_alone_and_headings_are_comments(file: Path) -> None:
    file.write_text("##\n## our tags\n#\t\n＃\u3000tags\n#\u200b\n", encoding="utf-8")
    assert not read(file)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"a\n#*\n", "line 2: a pattern needs a letter"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"a" * (1 << 19), "is longer than 256 KiB"),
        (b"\n".join(b"tag%d" % number for number in range(1001)), "has more than 1000 tags"),
        (b"rain\n" + b"a" * 201, "line 2: a tag has at most 200 characters"),
        (b"rain\na\x00b\n", "line 2: a tag has no control characters"),
        (b"rain\n" + b"a*" * 9 + b"\n", r"line 2: a pattern has at most 8 of \*"),
        (b"\n".join(b"%d%s*" % (number, b"a" * 180) for number in range(400)), "has patterns of more than 65536 char"),
    ],
)
def test_what_is_no_list_of_tags_is_refused(file: Path, content: bytes, sentence: str) -> None:
    file.write_bytes(content)
    with pytest.raises(FileRefusedError, match=sentence):
        read(file)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="can't be read"):
        read(tmp_path / "none")
    with pytest.raises(FileRefusedError, match="is not a file"):
        read(tmp_path)


def test_comments_alone_mute_nothing(file: Path) -> None:
    file.write_text("# nothing today\n")
    assert not read(file)


def test_a_change_is_used_whole_or_not_at_all(file: Path) -> None:
    file.write_text("rain\n")
    mute = MuteFile(file)
    assert mute.muted.keys == ("rain",)
    file.write_text("sun\nwind*\n")
    mute.check()
    assert mute.muted == MuteList(("sun",), ("wind*",))
    file.write_text("snow\n*\n")
    mute.check()
    assert mute.muted == MuteList(("sun",), ("wind*",))
    assert mute.error is not None
    assert "line 2" in mute.error
    file.unlink()
    mute.check()
    assert mute.muted.keys == ("sun",)
    new = file.with_suffix(".new")
    new.write_text("hail\n")
    new.replace(file)
    mute.check()
    assert mute.muted == MuteList(("hail",))
    assert not mute.error


def test_the_largest_list_of_patterns_can_be_searched(file: Path) -> None:
    folded = [f"{number:03}{'*'.join(['ﷺ'] + ['😀' * 5] * 8)}" for number in range(940)]
    file.write_text("\n".join(folded), encoding="utf-8")
    muted = read(file)
    assert 64_000 < sum(map(len, muted.patterns)) <= 65_536
    found = duckdb.execute(f"SELECT {muted.condition()} FROM (SELECT 'rain' AS key)").fetchall()
    assert (found, muted.hides("rain")) == ([(False,)], False)


def test_a_pattern_with_many_parts_takes_no_time() -> None:
    muted = MuteList(patterns=("*a" * 60 + "*b*",))
    began = time.process_time()
    assert [muted.hides("a" * 300), muted.hides("a" * 300 + "b")] == [False, True]
    assert time.process_time() - began < 5


def test_without_a_file_nothing_is_muted() -> None:
    mute = MuteFile(None)
    mute.check()
    assert not mute.muted
    assert not mute.muted.hides("rain")


PATTERNS = ["crypto*", "*bot", "a*b*c", "*(x)*", "l'*", "日*", "tab\\d*", "100%*", "_*_"]
KEYS = [
    *("crypto", "cryptonews", "acrypto", "bot", "mybot", "botx", "abc", "axbyc", "abcd", "f(x)", "f(x)y", "x"),
    *("l'amour", "lamour", "日本", "本日", "tab\\d1", "tab1", "100%a", "100", "_a_", "a_", "rain", "sun\n"),
]


def test_python_and_sql_agree_on_what_is_muted() -> None:
    muted = MuteList(("rain", "o'neill", "sun\n"), tuple(PATTERNS))
    keys = [*KEYS, "o'neill"]
    found = duckdb.execute(f"SELECT key FROM (SELECT unnest(?) AS key) WHERE {muted.condition()}", [keys]).fetchall()
    shown = [key for key in keys if not muted.hides(key)]
    assert [key for key in keys if (key,) not in found] == shown
    assert shown == ["acrypto", "botx", "abcd", "x", "lamour", "本日", "tab1", "100", "a_"]
    assert duckdb.execute(f"SELECT {MuteList().condition()}").fetchall() == [(False,)]
