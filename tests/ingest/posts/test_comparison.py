"""How texts are made comparable with the terms of `TRACK`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.posts.comparison import NUL, comparable, comparable_all

SEPARATOR = f"\n{NUL}\n"
TEXTS = st.one_of(st.text(max_size=9), st.text(st.characters(max_codepoint=127), max_size=9))


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_texts_are_compared_together_as_they_are_alone(texts: list[str]) -> None:
    assert comparable_all(texts) == SEPARATOR.join(map(comparable, texts))


@pytest.mark.parametrize("odd", [SEPARATOR, f"`{SEPARATOR}É", NUL, "\n", "", "İ" * 700])
def test_an_odd_text_leaves_those_beside_it_as_they_are(odd: str) -> None:
    texts = ["Café", odd, "TEA", odd, "Ёлка"]
    assert comparable_all(texts) == SEPARATOR.join(map(comparable, texts))
