"""Visitors read plain English: on the page, in its errors and previews, and on the API page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.conftest import ROOT

from dashboard.api.openapi import document
from dashboard.page.preview import svg
from dashboard.traffic import error_page

if TYPE_CHECKING:
    from collections.abc import Iterator

DASHBOARD = ROOT / "dashboard/dashboard"
HARD_WORDS = re.compile(
    r"\b(anew|of before|so many|so long|stands? (?:in|here|there)|is kept of|kept|asked|refuses us|what it has not"
    r"|is told|are told|looked at|whoever|as far as it)\b",
    re.IGNORECASE,
)


def literals(code: str) -> str:
    """The strings of a JavaScript file, without its comments and without the expressions in them."""
    without_comments = re.sub(r"/\*.*?\*/|^\s*//.*$", "", code, flags=re.DOTALL | re.MULTILINE)
    strings = re.findall(r'"((?:[^"\\\n]|\\.)*)"|`([^`]*)`', without_comments)
    return "\n".join(re.sub(r"\$\{[^}]*\}", "…", plain or template) for plain, template in strings)


def visible(template: str) -> str:
    """What a reader sees of a Jinja template: its text, titles and descriptions."""
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    attributes = re.findall(r'\b(?:content|title|alt|aria-label)="([^"]*)"', bare)
    return "\n".join([re.sub(r"<[^>]*>", " ", bare), *attributes])


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def texts() -> dict[str, str]:
    """All texts that a visitor can read in English, by where they are."""
    found = {path.name: visible(path.read_text(encoding="utf-8")) for path in (DASHBOARD / "templates").glob("*.html")}
    for path in (DASHBOARD / "static/i18n/locales/en").glob("*.js"):
        found[path.name] = literals(path.read_text(encoding="utf-8"))
    found["API"] = "\n".join(strings(document()))
    answers = [*error_page.SENTENCES["en"].values(), error_page.OTHERWISE["en"], error_page.BACK["en"]]
    return {**found, "errors": "\n".join(answers), "preview": svg.NOTHING_YET}


@pytest.mark.parametrize(("where", "text"), texts().items(), ids=texts())
def test_no_text_has_a_word_that_must_be_decoded(where: str, text: str) -> None:
    assert len(text) > 30, f"{where} has no text to read"
    assert [found[0] for found in HARD_WORDS.finditer(text)] == []


def test_the_check_finds_such_words_in_strings_and_not_in_names() -> None:
    assert HARD_WORDS.search(literals('{ text: "Counted anew." }'))
    assert HARD_WORDS.search(literals("say: (x) => `${x} is kept of it`"))
    assert not HARD_WORDS.search(literals('/** kept */ { nothing_kept: "Not stored." }'))
    assert HARD_WORDS.search(visible('<p title="kept">{{ x }}</p>'))
