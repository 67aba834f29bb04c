"""One cold contender, all posts at once: the time from the first byte's request to the list with the last post."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.baseline import Baseline
from bench.contender import Contender, WrongCountError
from bench.flink import Flink
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
FLINK = "E: Flink, sliding window"


@dataclass(frozen=True)
class Run:
    """The seconds of a contender, and the memory of its processes at the end."""

    seconds: float
    memory_bytes: int


def contender(letter: str, material: Material) -> Contender:
    """`A` to `E`, or `ours`."""
    if letter == "ours":
        return Pipeline(material)
    return Flink(FLINK, material) if letter == "E" else Baseline(*CLASSICS[letter], material)


def run(make: Callable[[], Contender], posts: int, timeout_seconds: float) -> Run:
    """Start a contender, feed it `posts` posts, and measure.

    Raises:
        WrongCountError: the shown counts differ from the sent posts.

    """
    with make() as racer:
        racer.feed(posts)
        shown_at = racer.wait_for(posts, START_SECONDS + timeout_seconds)
        return Run(shown_at - racer.asked_at, racer.memory_bytes())


def try_run(letter: str, material: Material, posts: int, timeout_seconds: float) -> Run | str:
    """What was measured, or a sentence that says what is wrong."""
    try:
        return run(lambda: contender(letter, material), posts, timeout_seconds)
    except WrongCountError as error:
        return str(error)


def try_seconds_for(letter: str, material: Material, posts: int, timeout_seconds: float) -> float | str:
    """The seconds, or a sentence that says what is wrong."""
    found = try_run(letter, material, posts, timeout_seconds)
    return found if isinstance(found, str) else found.seconds
