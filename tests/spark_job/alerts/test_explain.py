"""The sentence of each kind of rule."""

from typing import Any

import pytest
from tests.spark_job.support.alerts import rule

from spark_job.alerts.explain import explain

LATER = "; again after 1 hour at the earliest, and after"
DESPUES = "; otra vez después de 1 hora como pronto, y después de"


@pytest.mark.parametrize(
    ("table", "en", "es"),
    [
        (
            {"when": "enters", "tag": "#WorldCup", "top": 3},
            f"#worldcup enters the top 3{LATER} it was below place 5.",
            f"#worldcup entra en los 3 primeros{DESPUES} bajar del puesto 5.",
        ),
        (
            {"when": "leaves", "top": 10, "cooldown_seconds": 0},
            "Any hashtag leaves the top 10; again after it was in the top 5.",
            "Cualquier hashtag sale de los 10 primeros; otra vez después de volver a los 5 primeros.",
        ),
        (
            {"when": "rises", "least_score": 4.5, "least_authors": 50, "cooldown_seconds": 90},
            (
                "Any hashtag is on the list Rising with a score of at least 4.5 and at least 50 people;"
                " again after 90 seconds at the earliest, and after it was off the list."
            ),
            (
                "Cualquier hashtag está en la lista En alza con una puntuación de al menos 4,5 y de al menos"
                " 50 personas; otra vez después de 90 segundos como pronto, y después de salir de la lista."
            ),
        ),
        (
            {"when": "passes", "tag": "crypto*", "per_second": 2.5, "lang": "es", "for_panes": 3},
            (
                "Any hashtag like #crypto* has 2.5 posts per second in the window, counting only posts in the language"
                f" es, for 3 panes in a row{LATER} it was below 2 posts per second."
            ),
            (
                "Cualquier hashtag como #crypto* tiene 2,5 publicaciones por segundo en la ventana, contando solo"
                f" publicaciones en el idioma es, durante 3 intervalos seguidos{DESPUES} bajar de 2 publicaciones"
                " por segundo."
            ),
        ),
        (
            {"when": "passes", "tag": "rain", "posts": 500, "source": "bluesky"},
            f"#rain has 500 posts in the window, counting only posts of bluesky{LATER} it was below 400 posts.",
            (
                "#rain tiene 500 publicaciones en la ventana, contando solo publicaciones de bluesky"
                f"{DESPUES} bajar de 400 publicaciones."
            ),
        ),
        (
            {"when": "passes", "posts": 12_345_678},
            f"Any hashtag has 12345678 posts in the window{LATER} it was below 9876542.4 posts.",
            f"Cualquier hashtag tiene 12345678 publicaciones en la ventana{DESPUES} bajar de 9876542,4 publicaciones.",
        ),
        (
            {"when": "passes", "posts": 1, "clear_posts": 1},
            f"Any hashtag has 1 post in the window{LATER} it was below 1 post.",
            f"Cualquier hashtag tiene 1 publicación en la ventana{DESPUES} bajar de 1 publicación.",
        ),
        (
            {"when": "passes", "per_second": 1},
            f"Any hashtag has 1 post per second in the window{LATER} it was below 0.8 posts per second.",
            (
                f"Cualquier hashtag tiene 1 publicación por segundo en la ventana{DESPUES} bajar de 0,8 publicaciones"
                " por segundo."
            ),
        ),
        (
            {"when": "rises", "least_authors": 1},
            f"Any hashtag is on the list Rising with at least 1 person{LATER} it was off the list.",
            f"Cualquier hashtag está en la lista En alza de al menos 1 persona{DESPUES} salir de la lista.",
        ),
        (
            {"when": "leaves", "tag": "#any", "top": 1},
            f"#any leaves the top 1{LATER} it was in the top 1.",
            f"#any deja el primer puesto{DESPUES} volver al primer puesto.",
        ),
        (
            {"when": "multiplies", "times": 3},
            (
                "Any hashtag has at least 3 times as many posts as in the window before, and 20 or more"
                f"{LATER} it was below 2.1 times."
            ),
            (
                "Cualquier hashtag tiene al menos 3 veces más publicaciones que en la ventana anterior, y 20 o más"
                f"{DESPUES} bajar de 2,1 veces."
            ),
        ),
        (
            {"when": "taken_back", "share": 0.2},
            f"Any hashtag has 20 posts or more, and more than 20% of them are deleted{LATER} it was below 14%.",
            f"Cualquier hashtag tiene 20 publicaciones o más, y más del 20 % están borradas{DESPUES} bajar del 14 %.",
        ),
        (
            {"when": "stream", "stream": "daily limit"},
            f"A source has used 90% of its daily limit{LATER} all was well.",
            f"Una fuente ha usado el 90 % de su límite diario{DESPUES} que todo vaya bien.",
        ),
    ],
)
def test_a_rule_is_a_sentence_in_both_languages(table: dict[str, Any], en: str, es: str) -> None:
    assert explain(rule(**table)) == (en, es)
