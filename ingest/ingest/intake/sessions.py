"""The sessions of all sources: the progress of each, as it is now and as it was committed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from ingest.intake import progress
from ingest.intake.progress import Progress
from ingest.sources.base import Source
from ingest.spool.apply import Applied


class Sessions:
    """The progress of the sources by their names. Not thread-safe."""

    def __init__(
        self,
        stored: Mapping[str, bytes] | None = None,
        sources: Sequence[Source] = (),
        end: int = 0,
        *,
        fresh: bool = False,
    ) -> None:
        """Resume the sessions of these sources.

        Args:
            stored: Progress of each source that ever ran, by its name, as stored in the spool.
            sources: The sources.
            end: The offset of the next post of the log.
            fresh: Begin new sessions in any case.

        """
        of = stored or {}
        self.now = {each.name: progress.resume(of.get(each.name), each, end, fresh=fresh) for each in sources}
        self._committed: Mapping[str, Progress] = {}
        self.on_commit(self.encode())

    def __iter__(self) -> Iterator[Progress]:
        """Yield the present progress of each source."""
        return iter(self.now.values())

    def __getitem__(self, name: str) -> Progress:
        """Return the present progress of a source, which may be changed."""
        return self.now[name]

    def committed(self, name: str) -> Progress:
        """Return the progress of a source as it was committed; that of one that has not begun has nothing."""
        return self._committed.get(name) or Progress()

    @property
    def are_committed(self) -> bool:
        """Whether the present progress of all sources is committed."""
        return all(self._committed[name] == each for name, each in self.now.items())

    def encode(self) -> dict[str, bytes]:
        """Return the present progress of each source as it is stored."""
        return {name: each.encode() for name, each in self.now.items()}

    def encode_with(self, applied: Iterable[Applied]) -> dict[str, bytes]:
        """Return the progress as it is stored when the changes that were applied are counted."""
        counted = {name: msgspec.structs.replace(each) for name, each in self.now.items()}
        for change in applied:
            counts = counted[change.wanted.source]
            match change.effect:
                case "deleted":
                    counts.deleted += 1
                case "edited":
                    counts.edited += 1
                case "not_stored":
                    counts.not_stored += 1
        return {name: each.encode() for name, each in counted.items()}

    def on_commit(self, stored: Mapping[str, bytes]) -> None:
        """Note that this progress is committed, and take over the counts of changes, which the commit has counted."""
        self._committed = {name: progress.decode(each) for name, each in stored.items()}
        for name, each in self._committed.items():
            counts = self.now[name]
            counts.deleted, counts.edited, counts.not_stored = each.deleted, each.edited, each.not_stored
