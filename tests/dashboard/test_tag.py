from __future__ import annotations

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
    ],
)
def test_an_address_is_folded_as_ingest_folds_tags(written: str, key: str) -> None:
    assert fold(written) == key == hashtags.fold(written)
