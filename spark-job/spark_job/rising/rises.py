"""What the detector says: which hashtags rise, and which rises are held back, with the numbers that say why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spark_job.rising.reasons import Leading

Why = Literal["few people", "copies"]


@dataclass(frozen=True)
class RisingTag:
    """A tag that rises, with the numbers that say why. Its counts are those of the window.

    Attributes:
        key: The tag.
        posts: Its posts.
        authors: Its different authors.
        voices: Its different authors, or its different texts if those are fewer.
        expected: The voices that are usual for it now.
        spread: The standard deviation of its usual rate, as a part of the expected voices.
        score: -log10 of the probability of its voices, if nothing unusual happens.
        since_ms: When the rise began.
        copies: The part of its authors whose text another author wrote too.
        leading: Its leading source and language.
        peak_voices: The most voices that it had in an earlier slot; 0 if it is new.
        peak_ms: When it had them.
        panes: Its different authors in each pane of the window, the newest one last.

    """

    key: str
    posts: int
    authors: int
    voices: int
    expected: float
    spread: float
    score: float
    since_ms: int
    copies: float
    leading: Leading
    peak_voices: int
    peak_ms: int
    panes: Sequence[int]

    @property
    def times(self) -> float:
        """How many times the expected voices it has."""
        return self.voices / self.expected

    @property
    def new(self) -> bool:
        """Whether nothing is known of its past."""
        return self.peak_voices == 0


@dataclass(frozen=True)
class HeldBack:
    """A rise that is not listed, and why. Its counts are those of the window."""

    key: str
    posts: int
    authors: int
    texts: int
    why: Why


@dataclass(frozen=True)
class Rising:
    """What rises at the end of a pane.

    Attributes:
        at_ms: The end of the pane.
        topics: The topics, the most surprising first. The first tag of a topic is its most surprising one.
        held_back: Rises that are not listed, the one with the most posts first.
        missing_ms: How long it takes until the list can begin; 0 if it has begun.

    """

    at_ms: int
    topics: Sequence[Sequence[RisingTag]] = ()
    held_back: Sequence[HeldBack] = ()
    missing_ms: int = 0
