"""The arrival times of the posts of the demo: random, with a rate that rises and falls as on real platforms."""

from collections.abc import Iterator
from math import pi, sin
from random import Random

#: The rate is constant for this long.
STEP_SECONDS = 0.5
#: Waves of the rate: length in seconds, and height as a fraction of the mean. They are short, so that the mean over
#: five minutes is within 5 % of the wanted rate, and over half an hour within 1 %.
WAVES = ((23.0, 0.06), (61.0, 0.10), (180.0, 0.16))


def arrivals(posts_per_second: float, random: Random) -> Iterator[float]:
    """Yield the times of posts, in seconds: a Poisson process with the mean `posts_per_second`."""
    phases = [random.random() for _ in WAVES]
    at, step, left = 0.0, 0, random.expovariate(1.0)
    while True:
        end = (step + 1) * STEP_SECONDS
        rate = posts_per_second * relative_rate(step * STEP_SECONDS, phases)
        # `left` is the integral of the rate until the next post.
        while left <= (end - at) * rate:
            at += left / rate
            yield at
            left = random.expovariate(1.0)
        left -= (end - at) * rate
        at, step = end, step + 1


def relative_rate(seconds: float, phases: list[float]) -> float:
    """Return the rate at a time as a multiple of its mean; `phases` (0 to 1) are the starts of the waves."""
    waves = zip(WAVES, phases, strict=True)
    return 1.0 + sum(height * sin(2 * pi * (seconds / length + phase)) for (length, height), phase in waves)
