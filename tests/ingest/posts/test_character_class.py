import re

import pytest
import regex

from ingest.posts.character_class import MOST_BASIC, character_classes, lead_bytes


@pytest.fixture(scope="module")
def all_characters() -> list[str]:
    """Also those in which no member is searched."""
    return [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]


@pytest.mark.parametrize("expression", [r"[\p{L}\p{M}]", r"[\p{L}\p{M}\p{N}_\-]", r"[[\p{L}&]--[a-z]]", "[x]", "[😀]"])
def test_a_class_has_the_characters_that_regex_finds(expression: str, all_characters: list[str]) -> None:
    (found,) = character_classes(expression)
    pattern = regex.compile(expression, regex.V1)
    expected = [character for character in all_characters if pattern.fullmatch(character)]
    assert [character for character in all_characters if re.fullmatch(found.one, character)] == expected


@pytest.mark.parametrize("expression", [r"[\p{L}\p{M}]", r"[^\p{L}\p{M}\p{ASCII}]", "[x]", "[ñ-я]", "[😀]"])
def test_a_class_has_the_first_bytes_of_its_characters(expression: str, all_characters: list[str]) -> None:
    pattern = regex.compile(expression, regex.V1)
    expected = {each.encode()[0] for each in all_characters if each <= MOST_BASIC and pattern.fullmatch(each)}
    # Those of four bytes begin with 0xF0 or more.
    assert {byte for byte in lead_bytes(expression) if byte < 0xF0} == expected


def test_many_characters_may_be_of_the_first_plane_and_of_others() -> None:
    (letters,) = character_classes(r"\p{L}")
    assert re.findall(letters.many, "aя𐐷𠀀b 1 𐐷") == ["aя𐐷𠀀b", "𐐷"]
    assert re.fullmatch(f"{letters.any}1", "1")
    assert re.fullmatch(f"{letters.any}1", "a𐐷1")


def test_a_place_behind_a_character_of_the_class_is_told_from_others() -> None:
    (letters,) = character_classes(r"\p{L}")
    pattern = re.compile(f"#{letters.not_before('#')}")
    assert [match.start() for match in pattern.finditer("#a#𐐷# #1#😀#")] == [0, 6, 8, 10]
