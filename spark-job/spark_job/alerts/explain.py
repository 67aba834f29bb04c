"""One sentence for each rule, in English and in Spanish: when it fires, and when again."""

from typing import NamedTuple

from spark_job.alerts.rule import EVERY_TAG, Rule
from spark_job.mute.mute_list import ANY


class Sentences(NamedTuple):
    """The same sentence in both languages."""

    en: str
    es: str


STREAM = {
    "source refused": Sentences("a source is refused for good", "se rechaza una fuente para siempre"),
    "counting stopped": Sentences("counting has stopped for a minute", "el recuento lleva un minuto parado"),
    "posts lost": Sentences("posts are lost", "se pierden publicaciones"),
    "daily limit": Sentences(
        "a source has used 90% of its daily limit", "una fuente ha usado el 90 % de su límite diario"
    ),
}
UNITS = ((86_400, "day", "days", "día", "días"), (3600, "hour", "hours", "hora", "horas"))
MINUTES, SECONDS = (60, "minute", "minutes", "minuto", "minutos"), (1, "second", "seconds", "segundo", "segundos")


def explain(rule: Rule) -> Sentences:
    """When a rule fires."""
    subject, condition, scope = _subject(rule), _condition(rule), _scope(rule)
    panes, again = _panes(rule), _again(rule)
    return Sentences(
        *(
            (first := f"{of}{does}{posts}{stays}{more}.")[:1].upper() + first[1:]
            for of, does, posts, stays, more in zip(subject, condition, scope, panes, again, strict=True)
        )
    )


def _subject(rule: Rule) -> Sentences:
    if rule.stream is not None:
        return Sentences("", "")
    if rule.tag == EVERY_TAG:
        return Sentences("any hashtag ", "cualquier hashtag ")
    if ANY in rule.tag:
        return Sentences(f"any hashtag like #{rule.tag} ", f"cualquier hashtag como #{rule.tag} ")
    return Sentences(f"#{rule.tag} ", f"#{rule.tag} ")


def _condition(rule: Rule) -> Sentences:
    if rule.stream is not None:
        return STREAM[rule.stream]
    if rule.when == "enters":
        places = "llega al primer puesto" if rule.top == 1 else f"entra en los {rule.top} primeros"
        return Sentences(f"enters the top {rule.top}", places)
    if rule.when == "leaves":
        places = "deja el primer puesto" if rule.top == 1 else f"sale de los {rule.top} primeros"
        return Sentences(f"leaves the top {rule.top}", places)
    if rule.when == "rises":
        return _rises(rule)
    if rule.when == "multiplies":
        return Sentences(
            f"has at least {_en(rule.times)} times as many posts as in the window before, and 20 or more",
            f"tiene al menos {_es(rule.times)} veces más publicaciones que en la ventana anterior, y 20 o más",
        )
    if rule.when == "taken_back":
        percent = 100 * (rule.share or 0)
        return Sentences(
            f"has 20 posts or more, and more than {_en(percent)}% of them are deleted",
            f"tiene 20 publicaciones o más, y más del {_es(percent)} % están borradas",
        )
    amount = rule.posts if rule.posts is not None else rule.per_second
    unit = _unit(rule, amount)
    return Sentences(f"has {_en(amount)} {unit.en} in the window", f"tiene {_es(amount)} {unit.es} en la ventana")


def _rises(rule: Rule) -> Sentences:
    en, es = "is on the list Rising", "está en la lista En alza"
    if rule.least_score is not None:
        en, es = (
            f"{en} with a score of at least {_en(rule.least_score)}",
            f"{es} con una puntuación de al menos {_es(rule.least_score)}",
        )
    if rule.least_authors is not None:
        joined = ("and", "y de") if rule.least_score is not None else ("with", "de")
        people = ("person", "persona") if rule.least_authors == 1 else ("people", "personas")
        en, es = (
            f"{en} {joined[0]} at least {rule.least_authors} {people[0]}",
            f"{es} {joined[1]} al menos {rule.least_authors} {people[1]}",
        )
    return Sentences(en, es)


def _scope(rule: Rule) -> Sentences:
    if rule.lang is not None:
        return Sentences(
            f", counting only posts in the language {rule.lang}",
            f", contando solo publicaciones en el idioma {rule.lang}",
        )
    if rule.source is not None:
        return Sentences(f", counting only posts of {rule.source}", f", contando solo publicaciones de {rule.source}")
    return Sentences("", "")


def _panes(rule: Rule) -> Sentences:
    if rule.for_panes == 1:
        return Sentences("", "")
    return Sentences(f", for {rule.for_panes} panes in a row", f", durante {rule.for_panes} intervalos seguidos")


def _again(rule: Rule) -> Sentences:
    """When it can fire for the same tag again."""
    clear = _clear(rule)
    if not rule.cooldown_seconds:
        return Sentences(f"; again after {clear.en}", f"; otra vez después de {clear.es}")
    for_en, for_es = _duration(rule.cooldown_seconds)
    return Sentences(
        f"; again after {for_en} at the earliest, and after {clear.en}",
        f"; otra vez después de {for_es} como pronto, y después de {clear.es}",
    )


def _clear(rule: Rule) -> Sentences:
    """What must have happened before it can fire again."""
    amount, shown = _en(rule.clears_at), _es(rule.clears_at)
    if rule.when == "enters":
        return Sentences(f"it was below place {amount}", f"bajar del puesto {shown}")
    if rule.when == "leaves":
        places = "al primer puesto" if amount == "1" else f"a los {shown} primeros"
        return Sentences(f"it was in the top {amount}", f"volver {places}")
    if rule.when == "rises":
        return Sentences("it was off the list", "salir de la lista")
    if rule.when == "stream":
        return Sentences("all was well", "que todo vaya bien")
    if rule.when == "multiplies":
        return Sentences(f"it was below {amount} times", f"bajar de {shown} veces")
    if rule.when == "taken_back":
        return Sentences(f"it was below {_en(100 * rule.clears_at)}%", f"bajar del {_es(100 * rule.clears_at)} %")
    unit = _unit(rule, rule.clears_at)
    return Sentences(f"it was below {amount} {unit.en}", f"bajar de {shown} {unit.es}")


def _unit(rule: Rule, amount: float | None) -> Sentences:
    """What a rule with `passes` counts."""
    posts = Sentences("post", "publicación") if amount == 1 else Sentences("posts", "publicaciones")
    return posts if rule.posts is not None else Sentences(f"{posts.en} per second", f"{posts.es} por segundo")


def _duration(seconds: int) -> tuple[str, str]:
    """A length of time in the largest unit of which it is a whole number."""
    size, one_en, many_en, one_es, many_es = next(unit for unit in (*UNITS, MINUTES, SECONDS) if not seconds % unit[0])
    number = seconds // size
    return f"{number} {one_en if number == 1 else many_en}", f"{number} {one_es if number == 1 else many_es}"


def _en(number: float | None) -> str:
    """A number without an exponent, and with as many digits as it needs, but six behind the point."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _es(number: float | None) -> str:
    """The same as it is written in Spanish."""
    return _en(number).replace(".", ",")
