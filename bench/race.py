"""One cold contender, all posts at once: the time from the first byte's request to the list with the last post."""

from collections.abc import Callable

from bench.baseline import Baseline
from bench.contender import Contender, WrongCountError
from bench.material import Form, Material
from bench.pipeline import Pipeline

START_SECONDS = 60.0

# Name, module, and the form of posts that it receives.
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
    """Start a contender, feed it `posts` posts, and measure the time.

    Raises:
        WrongCountError: the shown counts differ from the sent posts.

    """
    with make() as racer:
        racer.feed(posts)
        shown_at = racer.wait_for(posts, START_SECONDS + timeout_seconds)
        return shown_at - racer.asked_at


def try_seconds_for(letter: str, material: Material, posts: int, timeout_seconds: float) -> float | str:
    """The seconds, or a sentence that says what is wrong."""
    try:
        return seconds_for(lambda: contender(letter, material), posts, timeout_seconds)
    except WrongCountError as error:
        return str(error)
