"""What was cut from a snapshot that is too large, and how a label becomes shorter."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace

from spark_job.rising_schema import HeldBack, RisingTag
from spark_job.snapshot_schema import FacetLeader, Leader, Named, WindowLeader

LABEL_CHARACTERS = 64

AnyTag = Leader | WindowLeader | FacetLeader | Named | RisingTag | HeldBack
Tag = TypeVar("Tag", Leader, WindowLeader, FacetLeader, Named, RisingTag, HeldBack)
Entry = TypeVar("Entry")


class Cut:
    """Counts what was cut: each shortened text, and each tag and entry that was left out."""

    def __init__(self, count: int) -> None:
        self.count = count

    def first(self, entries: Sequence[Entry], most: int) -> list[Entry]:
        """The first entries of a list, at most so many."""
        self.count += max(0, len(entries) - most)
        return list(entries[:most])

    def labels(self, tags: Sequence[Tag], most_bytes: int) -> list[Tag]:
        """The tags, with shorter labels where they are longer than `most_bytes`."""
        return [replace(tag, label=self._label(tag.label)) if is_long(tag, most_bytes) else tag for tag in tags]

    def _label(self, label: str) -> str:
        self.count += 1
        return label[: LABEL_CHARACTERS - 1] + "…"


def is_long(tag: AnyTag, most_bytes: int) -> bool:
    """Whether the label of a tag is longer than so many bytes, and can become shorter."""
    label = tag.label
    return len(label) > LABEL_CHARACTERS and len(label.encode(errors="replace")) > most_bytes
