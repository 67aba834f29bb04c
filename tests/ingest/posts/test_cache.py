"""The cache of what is made of texts."""

from ingest.posts.cache import TextCache


def test_a_text_is_made_once_while_it_is_looked_up_again_and_again() -> None:
    made: list[str] = []

    def upper(text: str) -> str:
        made.append(text)
        return text.upper()

    cache = TextCache(upper, 8, 5)
    for number in range(100):
        assert cache["often"] == "OFTEN"
        assert cache[f"n{number}"] == f"N{number}"
        assert cache["too long"] == "TOO LONG"
    assert made.count("often") == 1
    assert made.count("too long") == 100


def test_it_stores_a_bounded_number_of_texts() -> None:
    cache = TextCache(str.upper, 8, 5)
    for number in range(100):
        assert cache[str(number)] == str(number)
        assert len(cache) <= 4
