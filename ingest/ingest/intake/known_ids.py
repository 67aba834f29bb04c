"""Load the ids of stored posts at start.

So a post that arrives again is recognised as a duplicate, and a post that is deleted is found.
"""

import logging
from collections.abc import Callable, Mapping

import msgspec

from ingest.intake.dedup import Deduplicator
from ingest.intake.progress import Progress
from ingest.spool.reader import ResizedError, SpoolReader, TrimmedError, UnreadableError

logger = logging.getLogger(__name__)


class _Id(msgspec.Struct, gc=False):
    id: str
    source: str
    alias: str | msgspec.UnsetType = msgspec.UNSET


_decode_ids = msgspec.json.Decoder(_Id).decode_lines


def load(
    dedup: Deduplicator,
    reader: SpoolReader,
    end: int,
    progress: Mapping[str, Progress],
    stopped: Callable[[], bool],
    on_damage: Callable[[UnreadableError], None] = lambda _: None,
) -> None:
    """Add the ids of all stored posts before `end`; those of an open session of a source are known as duplicates.

    Args:
        dedup: Receives the ids.
        reader: Reads the spool.
        end: Offset behind the last post to read.
        progress: Progress of each source, by its name.
        stopped: Returns True when loading must end early.
        on_damage: Called with each damaged run. Its ids stay unknown.

    """
    firsts = {name: each.first for name, each in progress.items() if not each.finished}
    # Without an open session, no source will report a post or a change.
    offset = 0 if firsts else end
    while offset < end and not stopped():
        try:
            offset = _load_until_gap(dedup, reader, (offset, end), firsts, stopped)
        except UnreadableError as damage:  # noqa: PERF203
            logger.error("%s: their ids are unknown, so a repeated post would be accepted", damage)
            on_damage(damage)
            offset = damage.end


def _load_until_gap(
    dedup: Deduplicator,
    reader: SpoolReader,
    offsets: tuple[int, int],
    firsts: Mapping[str, int],
    stopped: Callable[[], bool],
) -> int:
    """Load ids up to the end of `offsets`, or to a run that is trimmed; return the next offset to read.

    Raises:
        UnreadableError: A run is damaged; the ids before it are loaded.

    """
    offset, end = offsets
    # A replayed post may name a source that is not one of ours.
    first_of_others = max(firsts.values())
    first_of_all = min(firsts.values())
    try:
        stored = reader.range(offset, end)
        offset = stored.first
        for lines in reader.lines(stored):
            ids = _decode_ids(lines)
            dedup.add_aliases(ids, offset)
            dedup.add_accounts(ids, offset)
            if offset >= first_of_others:
                dedup.add_distinct((each.id for each in ids), offset)
            elif offset + len(ids) <= first_of_all:
                dedup.add_earlier((each.id for each in ids), offset)
            else:
                for number, each in enumerate(ids, offset):
                    if number < firsts.get(each.source, first_of_others) or not dedup.add(each.id, number):
                        dedup.add_earlier([each.id], number)
            offset += len(ids)
            if stopped():
                break
    except (TrimmedError, ResizedError):
        logger.debug("posts from offset %d on were trimmed or changed while their ids were loaded", offset)
    return offset
