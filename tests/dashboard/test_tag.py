from __future__ import annotations

import sys
import unicodedata

import pytest

from dashboard.tag import fold
from ingest import hashtags


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
