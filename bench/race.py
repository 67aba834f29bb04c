"""One contender, cold, all posts at once: how long from the first byte asked for to the list with the last post."""

from collections.abc import Callable

from bench.baseline import Baseline
from bench.contender import Contender, WrongCountError
from bench.material import Form, Material
from bench.pipeline import Pipeline

START_SECONDS = 60.0

# Name, module and what it is sent.
CLASSICS: dict[str, tuple[str, str, Form]] = {
    "A": ("A: DStream, running totals", "running_totals", "tags"),
    "B": ("B: DStream, sliding window", "sliding_window", "texts"),
    "C": ("C: Structured Streaming, socket source", "structured", "posts"),
    "D": ("D: one Python process, no engine", "no_engine", "posts"),
}


def contender(letter: str, material: Material) -> Contender:
    """`A` to `D`, or `ours`."""
    return Pipeline(material) if letter == "ours" else Baseline(*CLASSICS[letter], material)


def seconds_for(make: Callable[[], Contender], posts: int, timeout_seconds: float) -> float:
    """Start it, give it `posts` posts, and time it.

    Raises:
        WrongCountError: what it shows is not what was sent.

    """
    with make() as racer:
        racer.feed(posts)
        shown_at = racer.wait_for(posts, START_SECONDS + timeout_seconds)
        return shown_at - racer.asked_at


def try_seconds_for(letter: str, material: Material, posts: int, timeout_seconds: float) -> float | str:
    """The seconds, or the sentence that says what is wrong."""
    try:
        return seconds_for(lambda: contender(letter, material), posts, timeout_seconds)
    except WrongCountError as error:
        return str(error)
