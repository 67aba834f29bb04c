"""The sentence of an alert: what, when, how much against what, since when, from how many people."""

from __future__ import annotations

from typing import Any

import pytest
from tests.dashboard.support.alerts import AT_MS, SENTENCE, alert

from dashboard.alerts.text import LANGUAGES, moment_link, sentence

NO_NUMBERS: dict[str, Any] = dict.fromkeys(("rank", "top", "posts", "times", "authors", "window_seconds"))
STREAM: dict[str, Any] = {**NO_NUMBERS, "key": None, "label": None, "when": "stream"}

SENTENCES: list[tuple[dict[str, Any], str, str]] = [
    (
        {},
        SENTENCE,
        (
            "#WorldCup entró en el top 3 a las 14:02 UTC: 310 publicaciones en 5 minutos, 12 veces lo "
            "habitual, de 241 personas."
        ),
    ),
    (
        {"when": "leaves", "times": None, "posts": 40, "posts_before": 12_500, "authors": 1},
        (
            "#WorldCup left the top 3 at 14:02 UTC: 40 posts in 5 minutes, after 12,500 in the 5 minutes "
            "before, from 1 person."
        ),
        (
            "#WorldCup salió del top 3 a las 14:02 UTC: 40 publicaciones en 5 minutos, después de 12.500 en "
            "la ventana anterior, de 1 persona."
        ),
    ),
    (
        # The numbers of the list of rising tags are those of all languages.
        {"when": "rises", "top": None, "times": None, "authors": None, "lang": "es"},
        "#WorldCup was rising at 14:02 UTC: 310 posts in 5 minutes.",
        "#WorldCup estaba en alza a las 14:02 UTC: 310 publicaciones en 5 minutos.",
    ),
    (
        {"when": "passes", "top": None, "times": None, "authors": None, "least_per_second": 1.0},
        "#WorldCup passed 1 post per second at 14:02 UTC: 310 posts in 5 minutes.",
        "#WorldCup superó 1 publicación por segundo a las 14:02 UTC: 310 publicaciones en 5 minutos.",
    ),
    (
        {"when": "rises", "top": None, "since_ms": AT_MS - 240_000},
        (
            "#WorldCup was rising at 14:02 UTC: 310 posts in 5 minutes, 12 times its usual, since 13:58 UTC,"
            " from 241 people."
        ),
        (
            "#WorldCup estaba en alza a las 14:02 UTC: 310 publicaciones en 5 minutos, 12 veces lo habitual,"
            " desde las 13:58 UTC, de 241 personas."
        ),
    ),
    (
        {"when": "passes", "top": None, "times": None, "least_posts": 300, "source": "bluesky"},
        (
            "#WorldCup (source bluesky) passed 300 posts in 5 minutes at 14:02 UTC: 310 posts in 5 minutes, "
            "from 241 people."
        ),
        (
            "#WorldCup (fuente bluesky) superó 300 publicaciones en 5 minutos a las 14:02 UTC: 310 "
            "publicaciones en 5 minutos, de 241 personas."
        ),
    ),
    (
        {"when": "passes", "top": None, "times": None, "least_per_second": 2.5, "lang": "es", "window_seconds": 90},
        ("#WorldCup (language es) passed 2.5 posts per second at 14:02 UTC: 310 posts in 90 seconds, from 241 people."),
        (
            "#WorldCup (idioma es) superó 2,5 publicaciones por segundo a las 14:02 UTC: 310 publicaciones "
            "en 90 segundos, de 241 personas."
        ),
    ),
    (
        {"when": "multiplies", "top": None, "times": 3.4, "least_times": 3, "posts_before": 91},
        (
            "#WorldCup passed 3 times its posts of the window before at 14:02 UTC: 310 posts in 5 minutes, "
            "after 91 in the 5 minutes before, from 241 people."
        ),
        (
            "#WorldCup superó 3 veces sus publicaciones de la ventana anterior a las 14:02 UTC: 310 "
            "publicaciones en 5 minutos, después de 91 en la ventana anterior, de 241 personas."
        ),
    ),
    (
        {"when": "taken_back", "top": None, "times": None, "taken_back": 93, "least_share": 0.2},
        (
            "30% of the posts with #WorldCup were deleted at 14:02 UTC: 310 posts in 5 minutes, 93 of them "
            "deleted, from 241 people."
        ),
        (
            "El 30 % de las publicaciones con #WorldCup estaba eliminado a las 14:02 UTC: 310 publicaciones "
            "en 5 minutos, 93 de ellas eliminadas, de 241 personas."
        ),
    ),
    (
        {**STREAM, "stream": "source refused", "detail": "x: the key is wrong."},
        "A source was refused at 14:02 UTC: x: the key is wrong.",
        "Una fuente fue rechazada a las 14:02 UTC: x: the key is wrong.",
    ),
    (
        {**STREAM, "stream": "counting stopped", "since_ms": AT_MS - 60_000},
        "Counting stopped at 14:01 UTC.",
        "El recuento se detuvo a las 14:01 UTC.",
    ),
    (
        {**STREAM, "stream": "posts lost"},
        "Posts were lost at 14:02 UTC.",
        "Se perdieron publicaciones a las 14:02 UTC.",
    ),
    (
        {**STREAM, "stream": "daily limit"},
        "A daily limit was near at 14:02 UTC.",
        "Un límite diario estaba cerca a las 14:02 UTC.",
    ),
    (
        STREAM,
        "The rule World Cup fired at 14:02 UTC.",
        "La regla World Cup se activó a las 14:02 UTC.",
    ),
    # The job may leave out what it does not know.
    (
        NO_NUMBERS,
        "#WorldCup entered the leading hashtags at 14:02 UTC.",
        "#WorldCup entró en los hashtags principales a las 14:02 UTC.",
    ),
    (
        {**NO_NUMBERS, "when": "taken_back", "posts": 0},
        "Many posts with #WorldCup were deleted at 14:02 UTC.",
        "Muchas publicaciones con #WorldCup estaban eliminadas a las 14:02 UTC.",
    ),
    (
        {"posts": 1, "authors": 1, "window_seconds": 3600, "times": 9.96},
        "#WorldCup entered the top 3 at 14:02 UTC: 1 post in 1 hour, 10 times its usual, from 1 person.",
        ("#WorldCup entró en el top 3 a las 14:02 UTC: 1 publicación en 1 hora, 10 veces lo habitual, de 1 persona."),
    ),
]


@pytest.mark.parametrize(("changes", "english", "spanish"), SENTENCES)
def test_the_sentence_of_each_kind_of_alert(changes: dict[str, Any], english: str, spanish: str) -> None:
    made = alert(**changes)
    assert (sentence(made, "en"), sentence(made, "es")) == (english, spanish)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("when", ["enters", "leaves", "rises", "passes", "multiplies", "taken_back", "stream"])
@pytest.mark.parametrize("changes", [{}, NO_NUMBERS, {"at_ms": 2**63 - 1}, {"label": "x" * 5000}])
def test_each_alert_has_a_sentence_however_little_is_known(language: Any, when: str, changes: dict[str, Any]) -> None:
    text = sentence(alert(when=when, **changes), language)
    assert text.endswith(".")
    assert "None" not in text
    assert len(text) < 400


def test_the_link_leads_to_the_moment_and_opens_the_panel_of_the_tag() -> None:
    assert moment_link(alert(), "https://trends.example.org") == f"https://trends.example.org/?at={AT_MS}#/tag/worldcup"
    assert moment_link(alert(key="a/b ü", when="rises"), "") == f"/?at={AT_MS}&view=rising#/tag/a%2Fb%20%C3%BC"
    assert moment_link(alert(**STREAM), "") == f"/?at={AT_MS}"
