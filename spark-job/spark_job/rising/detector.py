"""The detector: it learns the facts of one pane after the other, and says which hashtags rise.

The method, its sources and its limits are described in docs/rising.md. The job and `make trends` use the same class.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby, pairwise

import duckdb

from spark_job.rising import topics
from spark_job.rising.baseline import Baseline, Level, Mean
from spark_job.rising.facts import PaneFacts
from spark_job.rising.peaks import NO_PEAK, peaks
from spark_job.rising.reasons import authors_of_panes, leading
from spark_job.rising.rises import HeldBack, Rising, RisingTag
from spark_job.rising.slots import Slots
from spark_job.rising.verdict import LEAVE_TIMES, Rules
from spark_job.rising.window import Candidate, Window

SCHEMA = """
CREATE TABLE IF NOT EXISTS rising_list (
  hash UBIGINT, since_ms BIGINT, entered_ms BIGINT, most_voices BIGINT, peak_voices BIGINT, peak_ms BIGINT)
"""
#: The most topics of the list, and the most rises that are held back.
MOST_TOPICS, MOST_HELD_BACK = 10, 20
#: The most tags of the list. Those beyond have the least surprise.
MOST_TAGS = 100
#: The newest part of the window, as a part of it. A sudden rise shows there first.
RECENT = 5


@dataclass
class _Entry:
    """A tag of the list, as it is stored."""

    hash: int
    since_ms: int
    entered_ms: int
    most_voices: int
    peak_voices: int
    peak_ms: int


@dataclass(frozen=True)
class _Listed:
    """A tag of the list with its numbers of now."""

    tag: Candidate
    mean: Mean
    score: float


class Detector:
    """Says which hashtags rise.

    All of its state is in tables of the connection (`rising_*`), within the transaction of its caller: it neither
    begins nor commits one. After a restart it goes on from these tables.
    """

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        *,
        pane_ms: int,
        window_ms: int,
        rules: Rules | None = None,
        stores_window: bool = True,
    ) -> None:
        """Create the detector and its tables.

        Args:
            db: The state.
            pane_ms: Length of a pane.
            window_ms: Length of the window, a multiple of that of a pane.
            rules: The settings; None: the defaults.
            stores_window: Whether the hashes of the window are in the file. Otherwise the caller gives them back after
                a restart, see `restore`: so what it stores itself is not written twice.

        Raises:
            ValueError: The window is not a multiple of the pane.

        """
        if window_ms % pane_ms or pane_ms <= 0:
            raise ValueError(f"a window of {window_ms} ms is not a multiple of a pane of {pane_ms} ms")
        recent_ms = max(1, window_ms // pane_ms // RECENT) * pane_ms
        db.execute(SCHEMA)
        self._db = db
        self._pane_ms = pane_ms
        self._window_ms = window_ms
        self._rules = rules or Rules()
        self._window = Window(db, pane_ms, window_ms, recent_ms, temporary=not stores_window)
        slots = Slots(db, window_ms, recent_ms, copies_count=self._rules.copies_count)
        self._baseline = Baseline(db, slots, window_ms, recent_ms / window_ms)

    def learn(self, facts: PaneFacts) -> None:
        """Add a pane to the window and to the past, without looking at what rises.

        Args:
            facts: The facts of the pane. Panes come in the order of time. Those without posts may be left out. After
                `begin_again`, the first pane may have any time.

        Raises:
            ValueError: The pane is not after the newest one.

        """
        self.learn_all([facts])

    def learn_all(self, panes: Sequence[PaneFacts]) -> None:
        """Do the same as `learn` for one pane after the other. What a pane costs there, a slot costs here."""
        for _, slot in groupby(panes, lambda facts: (facts.until_ms - self._pane_ms) // self._window_ms):
            self._learn([*slot])

    def _learn(self, panes: Sequence[PaneFacts]) -> None:
        """Learn panes of one slot."""
        newest_ms = self._window.newest_ms()
        begins_ms = [facts.until_ms - self._pane_ms for facts in panes]
        for before_ms, pane_ms in pairwise([newest_ms, *begins_ms]):
            if before_ms is not None and pane_ms is not None and pane_ms <= before_ms:
                raise ValueError(f"the pane of {pane_ms} is not after that of {before_ms}")
        begin_ms = begins_ms[0]
        if newest_ms is None:
            self._baseline.forget_from(begin_ms)
        if newest_ms is None or newest_ms < begin_ms - self._window_ms:
            # Nothing is left of the window in which these tags were rising.
            self._db.execute("DELETE FROM rising_list")
        self._baseline.begin_pane(begin_ms, newest_ms)
        self._window.add(panes)

    def restore(self, panes: Sequence[PaneFacts]) -> None:
        """Give the window back what it forgot with the connection: the panes of the window that were learned before."""
        if panes:
            self._window.add_voices(panes)

    def add_pane(self, facts: PaneFacts, hides: Callable[[str], bool] = lambda _: False) -> Rising:
        """Add a pane, and return what rises at its end. See `learn`. Tags that `hides` accepts are not on the list."""
        self.learn(facts)
        missing_ms = self._baseline.missing_ms(facts.until_ms - self._pane_ms)
        if missing_ms:
            return Rising(facts.until_ms, missing_ms=missing_ms)
        level = self._baseline.level(self._window.authors(facts.until_ms))
        listed, held_back = self._look(facts.until_ms, level)
        shown = {one: entry for one, entry in listed.items() if not hides(one.tag.key)}
        held_back = [held for held in held_back if not hides(held.key)]
        return Rising(facts.until_ms, self._topics(facts.until_ms, level, shown), held_back[:MOST_HELD_BACK])

    def missing_ms(self, begin_ms: int) -> int:
        """Return how long a baseline is still missing in a pane that comes next, before it is added.

        Args:
            begin_ms: The beginning of the pane.

        Returns:
            0 if there is a baseline, and if only `add_pane` can say it.

        """
        return 0 if self._window.newest_ms() is None else self._baseline.missing_ms(begin_ms)

    def begin_again(self) -> None:
        """Forget the window and the list: panes come again from any time on, as after a clock was set back.

        The past before the next pane stays. What is stored of the time after its beginning is forgotten then, because
        it comes again.
        """
        for table in ("rising_window", "rising_authors", "rising_list"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names above

    def forget(self) -> None:
        """Forget everything: what comes next has nothing to do with the past."""
        self.begin_again()
        self._baseline.forget_from(0)
        self._db.execute("DELETE FROM rising_facets")

    def _look(self, now_ms: int, level: Level) -> tuple[dict[_Listed, _Entry], list[HeldBack]]:
        """Return the new list, the most surprising tag first, and store it."""
        tags = self._window.candidates(now_ms, list(level.facets), self._rules.least_authors)
        entries = {row[0]: _Entry(*row) for row in self._db.execute("FROM rising_list").fetchall()}
        listed: list[_Listed] = []
        held_back: list[HeldBack] = []
        for tag, mean in zip(tags, self._baseline.means(tags, level), strict=True):
            entry = entries.get(tag.hash)
            if entry is not None:
                entry.most_voices = max(entry.most_voices, self._rules.voices(tag)[0])
                if self._rules.stays(tag, mean, entry.most_voices):
                    listed.append(_Listed(tag, mean, self._rules.score(tag, mean)))
                continue
            verdict = None if level.away else self._rules.verdict(tag, mean)
            if verdict == "rises":
                listed.append(_Listed(tag, mean, self._rules.score(tag, mean)))
            elif verdict:
                held_back.append(HeldBack(tag.key, tag.posts, tag.authors, tag.texts, verdict))
        listed.sort(key=lambda one: (-one.score, one.tag.key))
        held_back.sort(key=lambda one: (-one.posts, one.key))
        del listed[MOST_TAGS:]
        entries |= self._enter([one for one in listed if one.tag.hash not in entries], now_ms)
        self._store([entries[one.tag.hash] for one in listed])
        return {one: entries[one.tag.hash] for one in listed}, held_back

    def _enter(self, entering: Sequence[_Listed], now_ms: int) -> dict[int, _Entry]:
        since = self._window.since_ms({one.tag.hash: LEAVE_TIMES * one.mean.window for one in entering}, now_ms)
        past = peaks(self._db, {tag: since_ms - self._window_ms for tag, since_ms in since.items()})
        found: dict[int, _Entry] = {}
        for one in entering:
            tag = one.tag.hash
            peak = past.get(tag, NO_PEAK)
            found[tag] = _Entry(tag, since[tag], now_ms, self._rules.voices(one.tag)[0], peak.voices, peak.at_ms)
        return found

    def _store(self, entries: Sequence[_Entry]) -> None:
        self._db.execute("DELETE FROM rising_list")
        if entries:
            rows = ", ".join(str(astuple(one)) for one in entries)
            self._db.execute(f"INSERT INTO rising_list VALUES {rows}")  # noqa: S608 - numbers

    def _topics(self, now_ms: int, level: Level, listed: Mapping[_Listed, _Entry]) -> list[list[RisingTag]]:
        by_hash = {one.tag.hash: one for one in listed}
        groups = topics.group(self._db, list(by_hash), MOST_TOPICS)
        tags = [tag for group in groups for tag in group]
        leaders = leading(self._db, tags)
        panes = range(now_ms - self._window_ms, now_ms, self._pane_ms)
        curves = authors_of_panes(self._db, tags, level.facets, panes)

        def numbers(one: _Listed) -> RisingTag:
            tag, entry = one.tag, listed[one]
            return RisingTag(
                key=tag.key,
                posts=tag.posts,
                authors=tag.authors,
                voices=self._rules.voices(tag)[0],
                expected=one.mean.window,
                spread=one.mean.spread,
                score=one.score,
                since_ms=entry.since_ms,
                copies=max(0.0, 1 - tag.texts / tag.authors),
                leading=leaders[tag.hash],
                peak_voices=entry.peak_voices,
                peak_ms=entry.peak_ms,
                panes=curves[tag.hash],
            )

        return [[numbers(by_hash[tag]) for tag in group] for group in groups]
