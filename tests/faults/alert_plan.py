"""A file to replay in which hashtags cross the number of a rule, each once, and others come short of it by one."""

import json
import random
from collections import defaultdict
from pathlib import Path

from tests.faults.load import START_MS

POSTS_PER_SECOND = 500
#: The rule's number.
POSTS_TO_CROSS = 40
#: All posts of a crossing hashtag come within this time.
BURST_SECONDS = 3
#: The first pane has ended by then. What holds at its end does not fire.
FIRST_SECOND = 15
#: One hashtag that comes short, for so many that cross.
CROSSINGS_PER_NEAR_MISS = 4
BUSY_TAGS = [f"busy{number:02}" for number in range(16)]

RULES = f"""
[[alert]]
name = "crossing"
when = "passes"
tag = "cross*"
posts = {POSTS_TO_CROSS}
"""


class AlertPlan:
    """What is in the file at `path`, and which hashtags must fire.

    The window must be longer than the run: then a hashtag that crossed the number never comes back below it.

    Args:
        path: Where to write the file.
        seed: What the posts are made from.
        posts: How many there are.
        crossings: How many hashtags cross the number.
        seconds: Over how many seconds of the file the crossings are spread.

    """

    def __init__(self, path: Path, seed: int, posts: int, crossings: int, seconds: float) -> None:
        self.path = path
        self.posts = posts
        self.crossings = {f"cross{number}" for number in range(crossings)}
        self._rng = random.Random(seed)
        near_misses = {f"crossnot{number}" for number in range(crossings // CROSSINGS_PER_NEAR_MISS)}
        bursts: dict[int, list[str]] = defaultdict(list)
        for keys, least, most in [
            (self.crossings, POSTS_TO_CROSS, POSTS_TO_CROSS + 20),
            (near_misses, POSTS_TO_CROSS - 1, POSTS_TO_CROSS - 1),
        ]:
            for place, key in enumerate(sorted(keys)):
                first = int((FIRST_SECOND + seconds * place / len(keys)) * POSTS_PER_SECOND)
                burst = range(first, first + BURST_SECONDS * POSTS_PER_SECOND)
                for number in self._rng.sample(burst, self._rng.randint(least, most)):
                    bursts[number].append(key)
        assert max(bursts) < posts, "the file is too short for its crossings"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(self._line(number, bursts.get(number, [])) for number in range(posts))

    def _line(self, number: int, keys: list[str]) -> str:
        tags = [*self._rng.sample(BUSY_TAGS, self._rng.randrange(3)), *keys]
        at_ms = START_MS + number * 1000 // POSTS_PER_SECOND
        text = " ".join(["words", f"n{number}", *(f"#{tag}" for tag in tags)])
        return json.dumps({"id": f"load:{number}", "text": text, "at_ms": at_ms, "author": f"a{number % 997}"}) + "\n"
