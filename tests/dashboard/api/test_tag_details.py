from __future__ import annotations

import sys
import time
import unicodedata

import pytest

from dashboard.snapshots.keys import fold
from ingest.posts import hashtags


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("WorldCup", "worldcup"),
        ("Fußball", "fussball"),
        ("ＡＢＣ", "abc"),
        ("CAFÉ", "café"),
        ("cafe\u0301", "café"),
        ("ΌΣΟΣ", "όσοσ"),
        ("ﬃ", "ffi"),
        ("東京", "東京"),
        ("\u1fb3\u0345", "\u03b1\u03b9\u03b9"),
        ("می\u200cرود", "میرود"),
        ("❤\ufe0f", "❤"),
        ("co\u00adop", "coop"),
    ],
)
def test_an_address_is_folded_as_ingest_folds_tags(written: str, key: str) -> None:
    assert fold(written) == key == hashtags.fold(written)


def test_every_character_has_the_key_that_ingest_gives_it() -> None:
    characters = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) != "Cs"]
    assert [hex(ord(each)) for each in characters if fold(f"a{each}b") != hashtags.fold(f"a{each}b")] == []


@pytest.mark.parametrize("unit", ["\u0301", "\u0345\u0301\u0323", "\uff9e", "\u200d\u0301", "ﷺ", "각"])
def test_the_longest_address_that_the_server_takes_is_folded_at_once(unit: str) -> None:
    # gunicorn takes request lines of 8,190 bytes at most; each byte of these characters is written with three.
    written = unit * (8190 // (3 * len(unit.encode())))
    started = time.process_time()
    fold(written)
    assert time.process_time() - started < 1
