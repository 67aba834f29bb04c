"""The parts of an alert's sentence in each language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["en", "es"]


@dataclass(frozen=True)
class Phrases:
    """The parts in one language. Names in braces are filled in.

    `what`: the beginning of the sentence, by the kind of the rule. A key with a bar is for an alert without the
    threshold of its rule. `units`: one and several of each unit of time.
    """

    what: Mapping[str, str]
    stream: Mapping[str, str]
    tag: str
    of_lang: str
    of_source: str
    clock: str
    units: Mapping[str, tuple[str, str]]
    one_post: str
    posts: str
    one_per_second: str
    per_second: str
    usual: str
    before: str
    since: str
    one_person: str
    people: str
    deleted: str
    percent: str
    group: str
    #: Numbers with fewer digits have no separator.
    group_from: int
    point: str


PHRASES: Mapping[Language, Phrases] = {
    "en": Phrases(
        what={
            "enters": "{tag} entered the top {top} at {time}",
            "enters|": "{tag} entered the leading hashtags at {time}",
            "leaves": "{tag} left the top {top} at {time}",
            "leaves|": "{tag} left the leading hashtags at {time}",
            "rises": "{tag} was rising at {time}",
            "passes": "{tag} passed {threshold} at {time}",
            "passes|": "{tag} passed the number of posts of its rule at {time}",
            "multiplies": "{tag} passed {threshold} times its posts of the window before at {time}",
            "multiplies|": "{tag} multiplied at {time}",
            "taken_back": "{part} of the posts with {tag} were deleted at {time}",
            "taken_back|": "Many posts with {tag} were deleted at {time}",
        },
        stream={
            "source refused": "A source was refused at {time}",
            "counting stopped": "Counting stopped at {time}",
            "posts lost": "Posts were lost at {time}",
            "daily limit": "A daily limit was near at {time}",
            "": "The rule {rule} fired at {time}",
        },
        tag="#{label}",
        of_lang="#{label} (language {name})",
        of_source="#{label} (source {name})",
        clock="{hour:02}:{minute:02} UTC",
        units={"hours": ("hour", "hours"), "minutes": ("minute", "minutes"), "seconds": ("second", "seconds")},
        one_post="{posts} post in {window}",
        posts="{posts} posts in {window}",
        one_per_second="{number} post per second",
        per_second="{number} posts per second",
        usual="{times} times its usual",
        before="after {posts} in the {window} before",
        since="since {time}",
        one_person="from {people} person",
        people="from {people} people",
        deleted="{posts} of them deleted",
        percent="{number}%",
        group=",",
        group_from=1_000,
        point=".",
    ),
    "es": Phrases(
        what={
            "enters": "{tag} entró en el top {top} a las {time}",
            "enters|": "{tag} entró en los hashtags principales a las {time}",
            "leaves": "{tag} salió del top {top} a las {time}",
            "leaves|": "{tag} salió de los hashtags principales a las {time}",
            "rises": "{tag} estaba en alza a las {time}",
            "passes": "{tag} superó {threshold} a las {time}",
            "passes|": "{tag} superó el número de publicaciones de su regla a las {time}",
            "multiplies": "{tag} superó {threshold} veces sus publicaciones de la ventana anterior a las {time}",
            "multiplies|": "{tag} se multiplicó a las {time}",
            "taken_back": "El {part} de las publicaciones con {tag} estaba eliminado a las {time}",
            "taken_back|": "Muchas publicaciones con {tag} estaban eliminadas a las {time}",
        },
        stream={
            "source refused": "Una fuente fue rechazada a las {time}",
            "counting stopped": "El recuento se detuvo a las {time}",
            "posts lost": "Se perdieron publicaciones a las {time}",
            "daily limit": "Un límite diario estaba cerca a las {time}",
            "": "La regla {rule} se activó a las {time}",
        },
        tag="#{label}",
        of_lang="#{label} (idioma {name})",
        of_source="#{label} (fuente {name})",
        clock="{hour:02}:{minute:02} UTC",
        units={"hours": ("hora", "horas"), "minutes": ("minuto", "minutos"), "seconds": ("segundo", "segundos")},
        one_post="{posts} publicación en {window}",
        posts="{posts} publicaciones en {window}",
        one_per_second="{number} publicación por segundo",
        per_second="{number} publicaciones por segundo",
        usual="{times} veces lo habitual",
        before="después de {posts} en la ventana anterior",
        since="desde las {time}",
        one_person="de {people} persona",
        people="de {people} personas",
        deleted="{posts} de ellas eliminadas",
        percent="{number} %",
        group=".",
        group_from=10_000,
        point=",",
    ),
}
