"""What a chart says, in the language of the notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hashtags.errors import StreamError
from hashtags.feed import LOST, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Words:
    """The words of one language.

    Attributes:
        posts: What is counted.
        people: Who wrote it.
        silence: Why the numbers are old; `{}` stands for the seconds.
        thousands: What is between the thousands of a number.
        least_digits: A number of fewer digits has nothing between them.
        troubles: Ends of sentences of a connection, and what they are here.

    """

    posts: str
    people: str
    silence: str
    thousands: str
    least_digits: int = 4
    troubles: Mapping[str, str] = field(default_factory=dict)

    def number(self, number: int) -> str:
        """Write a number as people do."""
        return f"{number:,}".replace(",", self.thousands) if len(str(number)) >= self.least_digits else str(number)

    def unit(self, by: str) -> str:
        """What the lengths of a list by `posts` or by `people` are."""
        return self.people if by == "people" else self.posts

    def trouble(self, sentence: str) -> str:
        """Why a connection does not work; a sentence that is not known stays as it is."""
        for known, said in self.troubles.items():
            sentence = sentence.replace(known, said)
        return sentence


ENGLISH = Words("posts", "people", "no new numbers for {} s", ",")
LANGUAGES: Mapping[str, Words] = {
    "en": ENGLISH,
    # Spanish writes a number of four digits without a dot.
    "es": Words(
        "mensajes",
        "personas",
        "sin números nuevos desde hace {} s",
        ".",
        5,
        {
            LOST: "se ha perdido la conexión, se intenta de nuevo",
            UNREACHABLE: "no responde, se intenta de nuevo",
        },
    ),
}


def words_of(language: str) -> Words:
    """The words of a language.

    Raises:
        StreamError: A chart does not speak it.

    """
    if language not in LANGUAGES:
        raise StreamError(f"A chart speaks {' or '.join(LANGUAGES)}, not {language!r}.")
    return LANGUAGES[language]
