"""How the list of rising tags becomes shorter in a snapshot or in a pane that is too large."""

from msgspec.structs import replace

from spark_job.publish.cut import Cut, is_long
from spark_job.rising_schema import HeldBack, Rising, RisingTag, Topic

#: The most topics, tags of a topic, and rises that are held back: one entry for each step of `budget.STEPS`.
STEPS = (
    *((10, 10, 20), (10, 5, 10), (10, 3, 10), (10, 2, 5), (5, 2, 5)),
    *((5, 1, 3), (3, 1, 1), (2, 1, 1), (1, 1, 0), (1, 1, 0)),
)
#: The same for each step of `budget.PANE_STEPS`.
PANE_STEPS = ((10, 10, 20), (10, 10, 20), (10, 3, 10), (5, 2, 5), (5, 1, 3), (3, 1, 1), (1, 1, 0), (1, 1, 0), (0, 0, 0))


def tags_of(rising: Rising) -> list[RisingTag]:
    """The tags of all topics."""
    return [tag for topic in rising.topics for tag in topic.tags]


def with_labels(rising: Rising, cut: Cut, most_bytes: int) -> Rising:
    """The list with shorter labels, where they are longer than `most_bytes`."""
    entries: list[RisingTag | HeldBack] = [*tags_of(rising), *rising.held_back]
    if not any(is_long(entry, most_bytes) for entry in entries):
        return rising
    return replace(
        rising,
        topics=[Topic(tags=cut.labels(topic.tags, most_bytes)) for topic in rising.topics],
        held_back=cut.labels(rising.held_back, most_bytes),
    )


def shorter(rising: Rising, cut: Cut, topics: int, tags: int, held_back: int) -> Rising:
    """The first entries of the list: of topics, of the tags of each, and of the rises that are held back."""
    cut.count += sum(len(topic.tags) for topic in rising.topics[topics:])
    return replace(
        rising,
        topics=[Topic(tags=cut.first(topic.tags, tags)) for topic in rising.topics[:topics]],
        held_back=cut.first(rising.held_back, held_back),
    )
