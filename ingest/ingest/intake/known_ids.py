"""Load the ids of stored posts at start, so that a post that arrives again is recognised as a duplicate."""

import logging
from collections.abc import Callable, Mapping

import msgspec

from ingest.intake.dedup import Deduplicator
from ingest.intake.progress import Progress
from ingest.spool.reader import SpoolReader, TrimmedError, UnreadableError

logger = logging.getLogger(__name__)


class _Id(msgspec.Struct, gc=False):
    id: str
    source: str


_decode_ids = msgspec.json.Decoder(_Id).decode_lines


def load(
    dedup: Deduplicator,
    reader: SpoolReader,
    end: int,
    progress: Mapping[str, Progress],
    stopped: Callable[[], bool],
) -> None:
    """Add the ids of all posts before `end` that belong to an open session of one of the sources.

    Args:
        dedup: Receives the ids.
        reader: Reads the spool.
        end: Offset behind the last post to read.
        progress: Progress of each source, by its name.
        stopped: Returns True when loading must end early.

    """
    firsts = {name: each.first for name, each in progress.items() if not each.finished}
    offset = min(firsts.values(), default=end)
    while offset < end and not stopped():
        offset = _load_until_gap(dedup, reader, (offset, end), firsts, stopped)


def _load_until_gap(
    dedup: Deduplicator,
    reader: SpoolReader,
    offsets: tuple[int, int],
    firsts: Mapping[str, int],
    stopped: Callable[[], bool],
) -> int:
    """Load ids up to the end of `offsets`, or to a run that is damaged or trimmed; return the next offset to read."""
    offset, end = offsets
    # A replayed post may name a source that is not one of ours.
    first_of_others = max(firsts.values())
    try:
        stored = reader.range(offset, end)
        offset = stored.first
        for lines in reader.lines(stored):
            ids = _decode_ids(lines)
            if offset >= first_of_others:
                dedup.add_distinct((each.id for each in ids), offset)
            else:
                for number, each in enumerate(ids, offset):
                    if number >= firsts.get(each.source, first_of_others):
                        dedup.add(each.id, number)
            offset += len(ids)
            if stopped():
                break
    except TrimmedError:
        logger.debug("posts from offset %d on were trimmed while their ids were loaded", offset)
    except UnreadableError as damage:
        logger.error("%s: their ids are unknown, so a repeated post would be accepted", damage)
        return damage.end
    return offset
