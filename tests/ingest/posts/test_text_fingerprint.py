"""Fingerprints of texts: which differences make another text, and which texts say too little."""

import hashlib
import re
import subprocess
import sys
import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from ingest.posts.text_fingerprint import MAX_CHARACTERS, MIN_LETTER_BYTES, TextFingerprints

SALT = b"0123456789abcdef"
PRINT_IT = """
import sys
from ingest.posts.text_fingerprint import TextFingerprints
print(TextFingerprints(sys.argv[1].encode()).of([sys.argv[2]])[0].hex())
"""
CALL = "Come to the square tonight and bring a friend"


def fingerprint(text: str, salt: bytes = SALT) -> bytes | None:
    (found,) = TextFingerprints(salt).of([text])
    return found


@pytest.mark.parametrize(
    "copy",
    [
        "COME to the Square tonight, and bring a friend!!!",
        "come  to the square\ntonight and bring a friend 🎉🎉",
        "Come to the square tonight and bring a friend https://example.org/a?b=1#c",
        "www.example.org/x Come to the square tonight and bring a friend",
        "@one @two@mastodon.example @three.bsky.social Come to the square tonight and bring a friend",
        "Come to the square tonight and bring a friend #Square #広場 ＃plaza_2",
        "4711: Come to the square tonight (20:30) and bring “a friend”",
        "Come to the square tonight and bring a\0friend",
        "«Come to the square tonight…» and bring a friend ٣４",
    ],
)
def test_copies_have_the_same_fingerprint(copy: str) -> None:
    assert fingerprint(copy) == fingerprint(CALL) is not None


@pytest.mark.parametrize(
    "other",
    [
        "Come to the square tonight and bring two friends",
        "Come to the squares tonight and bring a friend",
        "Come to the square tonight and bring a friénd",
        "Vente a la plaza esta noche con una amiga",
        "今夜は広場に来てください。友達も連れてきて。",
    ],
)
def test_other_texts_have_another_fingerprint(other: str) -> None:
    assert fingerprint(other) not in {None, fingerprint(CALL)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Goooooool!",
        "#WorldCup #Final https://example.org/a-long-path-of-letters",
        "😀" * 50,
        "1234567890" * 5,
        "今日は暑い",
    ],
)
def test_a_text_with_few_letters_has_none(text: str) -> None:
    assert fingerprint(text) is None


@pytest.mark.parametrize(("letters", "has_one"), [("abcdefghijklmnopqrs", False), ("abcdefghijklmnopqrst", True)])
def test_twenty_bytes_of_letters_are_enough(letters: str, *, has_one: bool) -> None:
    assert (fingerprint(letters) is not None) is has_one


def test_it_is_the_same_in_another_process_and_another_one_with_another_salt() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            PRINT_IT,
            SALT.decode(),
            CALL,
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert bytes.fromhex(said) == fingerprint(CALL)
    assert fingerprint(CALL, b"another salt 123") != fingerprint(CALL)


def test_it_has_64_bits() -> None:
    found = TextFingerprints(SALT).of([CALL + letter for letter in "abcdefghijklmnop"])
    assert [each and len(each) for each in found] == [8] * 16
    assert len(set(found)) == 16


def test_what_is_behind_the_bound_makes_no_difference() -> None:
    long = "word " * (MAX_CHARACTERS // 5 + 1)
    assert fingerprint(long + "one") == fingerprint(long + "other")


@pytest.mark.parametrize("unit", ["@", "#", "@a.", "http://", "www.", "h", "a" * 100, "é", "😀", "\0", "\ud800"])
def test_the_time_is_linear_in_a_hostile_text(unit: str) -> None:
    prints = TextFingerprints(SALT)
    texts = [(unit * MAX_CHARACTERS)[:MAX_CHARACTERS]] * 100
    began = time.process_time()
    prints.of(texts)
    assert time.process_time() - began < 2


def fingerprint_by_definition(text: str) -> bytes | None:
    """The fingerprint of one text, character by character."""
    text = text[:MAX_CHARACTERS].replace("\0", " ").casefold()
    text = re.sub(r"(?:https?://|www\.)\S+", "", text)
    text = text.replace("＃", "#").replace("＠", "@")
    text = regex.sub(r"@(?:[.\-@]?[\p{L}\p{M}\p{N}_]+)+", "", text)
    text = regex.sub(r"#[\p{L}\p{M}\p{N}_]*", "", text)
    letters = "".join(regex.findall(r"[\p{L}\p{M}]", text)).encode()
    if len(letters) < MIN_LETTER_BYTES:
        return None
    return hashlib.blake2b(b"text" + letters, key=SALT, digest_size=8).digest()


ASCII_PARTS = ["#", "@", "http://", "www.", "WWW.", "\0", " ", "\n", "I", "_", "x.y", "abcdefgh", "Abcdefgh"]
OTHER_PARTS = [
    "é",
    "ı",
    "İ",
    "ß",
    "ſ",
    "HTTPſ://",
    "K",
    "＃",
    "＠",
    "“",
    "😀",
    "日本語のテキスト",
    "Текст",
    "\u0345",
    "𝒜",
]
PARTS = st.sampled_from([*ASCII_PARTS, *OTHER_PARTS, "\ud800", "\U000e0100"])
CHARACTERS = st.characters(max_codepoint=0xE01EF)


@given(parts=st.lists(st.lists(PARTS | CHARACTERS, max_size=12), max_size=8))
def test_the_fingerprints_are_those_of_the_definition(parts: list[list[str]]) -> None:
    texts = ["".join(each) for each in parts]
    assert TextFingerprints(SALT).of(texts) == [fingerprint_by_definition(text) for text in texts]


def test_each_character_counts_as_the_definition_says() -> None:
    characters = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    texts = [f"{each}#tag{each}x @name{each}y to the square tonight" for each in characters]
    expected = [fingerprint_by_definition(text) for text in texts]
    assert TextFingerprints(SALT).of(texts) == expected
    # The other texts of a run make no difference.
    assert [fingerprint(text) for text in texts[:0x600]] == expected[:0x600]
