"""The time until the page is live again, after five minutes without the job at 1,000 posts/s.

This doesn't wait for five minutes. The log has its posts with the times at which they would have arrived, and grows by
five minutes of posts while the job is stopped. `scripts/soak.py --away 300` really waits.
"""

from bench.finding import Finding, Target
from bench.pipeline import Pipeline
from bench.posts import Kind
from bench.spread import Spread
from bench.workshop import Workshop

PER_SECOND = 1_000
KIND = Kind(per_second=PER_SECOND)
# The job counts one minute before, misses five, and one more arrives while it catches up.
COUNTED, MISSED, MATERIAL_POSTS = 60_000, 300_000, 420_000
TIMEOUT_SECONDS = 60.0
TARGET = Target(5, at_most=True)


def measure(shop: Workshop) -> list[Finding]:
    """The time from the start of the job's process to the snapshot with all missed posts, while more posts arrive."""
    material = shop.material(MATERIAL_POSTS, KIND)
    seconds = []
    for _ in range(shop.repeats):
        with Pipeline(material, TRIGGER_SECONDS=1) as ours:
            ours.feed(COUNTED)
            ours.wait_for(COUNTED, TIMEOUT_SECONDS)
            ours.stop_job()
            ours.feed(COUNTED + MISSED, PER_SECOND)
            since = ours.start_job()
            seconds.append(ours.wait_until_live(COUNTED + MISSED, TIMEOUT_SECONDS) - since)
        shop.say(f"live again {seconds[-1]:.1f} s after the start of its process")
    note = f"{MISSED:,} posts waited, {PER_SECOND:,} more came each second"
    return [Finding("catching up after 5 minutes away", "s", Spread.of(seconds), TARGET, note, 1, seconds)]
