"""The accounts of the demo: a few write much, most write rarely, as on real platforms."""

from random import Random

#: How many accounts there are at least, and for each post per second.
_LEAST_PEOPLE, _PEOPLE_PER_RATE = 20_000, 400
#: The account with rank r writes in proportion to 1 / (r + this): the most active one has 0.2 % of the posts.
_HEAD = 100


class People:
    """Draws the author of a post."""

    def __init__(self, posts_per_second: float) -> None:
        """Create enough accounts for this mean rate: in a rise, nearly everybody writes once."""
        self.count = max(_LEAST_PEOPLE, int(posts_per_second * _PEOPLE_PER_RATE))
        self._base = 1 + self.count / _HEAD

    def usual(self, random: Random) -> str:
        """Return the author of a usual post, by Zipf's law."""
        return f"demo-{int(_HEAD * (self._base ** random.random() - 1)) + 1}"

    def anyone(self, random: Random) -> str:
        """Return any account, each with the same probability: a rise moves people who rarely write."""
        return f"demo-{int(random.random() * self.count) + 1}"
