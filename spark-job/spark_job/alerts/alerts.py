"""The alerts of the state: the rules are evaluated in the transaction that closes panes, with what waits to be sent."""

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import msgspec

from spark_job.alerts.engine import AlertState, RuleState, evaluate
from spark_job.alerts.outbox import Outbox
from spark_job.alerts.pane_reader import PaneReader, Sources
from spark_job.alerts.rule import WHOLE, Rules, Scope
from spark_job.alerts.stored_state import read_state, write_state
from spark_job.alerts.stream import evaluate_stream
from spark_job.alerts.stream_watch import StreamWatch, made_up_until_ms
from spark_job.alerts_schema import Alert
from spark_job.executor.ingest_client import Status
from spark_job.mute.mute_list import MuteList
from spark_job.snapshot_schema import Ingest

#: A tag among the posts that a rule looks at.
ScopedTag = tuple[Scope, str]


class Alerts:
    """The rules, their state, and the outbox. Without rules nothing is read or computed when a pane closes."""

    def __init__(self, pane_ms: int, window_ms: int, rules: Callable[[], Rules] = lambda: ()) -> None:
        self._pane_ms = pane_ms
        self._window_ms = window_ms
        self._rules = rules
        self._stream = StreamWatch()
        self._made_up_until_ms = 0

    def open(self, sources: Sources) -> None:
        """Use a file that was opened."""
        self._db = sources.db
        self._muted = sources.muted
        self._reader = PaneReader(sources, self._pane_ms, self._window_ms)
        self.outbox = Outbox(sources.db)
        self.forget_cached()

    def forget_cached(self) -> None:
        """Read the tables again: a transaction was rolled back, or they were changed elsewhere."""
        self._state: AlertState | None = None
        self._fired: list[Alert] = []
        self.outbox.forget_cached()

    def needs_each_list(self) -> bool:
        """Whether each closing pane needs its list of rising tags, also when many close at once."""
        return any(rule.when == "rises" for rule in self._rules())

    def note_log(self, status: Status) -> None:
        """Note which posts of the log were made up before it was served. Call it before posts are counted."""
        self._made_up_until_ms = made_up_until_ms(status)

    def evaluate(self, epoch: int, since_ms: int, until_ms: int, lists: Mapping[int, str]) -> None:
        """Evaluate the rules for each pane that closes, inside the transaction that closes them.

        Args:
            epoch: The epoch.
            since_ms: The start of the first pane that closes.
            until_ms: The end of the last one.
            lists: The lists of rising tags as JSON, by the starts of panes.

        """
        rules = self._rules()
        state = before = self._loaded()
        if not any(rule.stream is None for rule in rules):
            # The state of rules that are gone is deleted.
            names = {rule.name for rule in rules}
            self._store_state(before, {name: of_rule for name, of_rule in before.items() if name in names})
            return
        muted = self._muted()
        self._reader.begin(since_ms, until_ms)
        pane_ms = since_ms
        while pane_ms < until_ms:
            pane = self._reader.read(rules, state, epoch, pane_ms, lists.get(pane_ms))
            pane = dataclasses.replace(pane, is_made_up=pane.at_ms <= self._made_up_until_ms)
            fired, after = evaluate(rules, _without(state, muted), pane)
            self._fired += fired
            is_settled = after == state and self._reader.is_empty(pane_ms)
            state = after
            # While windows have no counts, as after a night without posts, nothing changes any more.
            pane_ms = self._reader.next_to_read(pane) if is_settled else pane_ms + self._pane_ms
        self._store_state(before, state)

    def fired_tags(self, from_ms: int) -> dict[int, list[ScopedTag]]:
        """The tags that fired now and whose authors are wanted, by the starts of their panes, from `from_ms` on."""
        found: dict[int, list[ScopedTag]] = {}
        for alert in self._fired:
            start, tag = alert.at_ms - self._pane_ms, _scoped(alert)
            if start >= from_ms and tag is not None:
                found.setdefault(start, []).append(tag)
        return found

    def store(self, authors: Mapping[int, Mapping[ScopedTag, int]]) -> None:
        """Add what fired to the outbox, inside the same transaction.

        `authors`: the different authors of tags in the window that ended with a pane, by the starts of panes.
        """
        fired, self._fired = self._fired, []
        self.outbox.add([self._with_authors(alert, authors) for alert in fired])

    def note_stream(
        self,
        ingest: Ingest,
        query_error: str | None,
        progress: tuple[int, int],
        now_ms: int,
        transaction: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Evaluate the rules about the stream, and store what fires in a transaction of its own.

        Args:
            ingest: What is known of ingest.
            query_error: Why the query ended, if it has not counted since.
            progress: The epoch, and its lost posts.
            now_ms: Now, by the job's clock.
            transaction: Begins and ends a transaction.

        """
        facts = self._stream.facts(ingest, query_error, progress, now_ms, self._pane_ms)
        rules = self._rules()
        if not any(rule.stream is not None for rule in rules):
            return
        before = self._loaded()
        alerts, after = evaluate_stream(rules, before, facts)
        if alerts or after != before:
            with transaction():
                self.outbox.add(alerts)
                self._store_state(before, after)

    def _loaded(self) -> AlertState:
        if self._state is None:
            self._state = read_state(self._db)
        return self._state

    def _store_state(self, before: AlertState, after: AlertState) -> None:
        write_state(self._db, before, after)
        self._state = after

    def _with_authors(self, alert: Alert, authors: Mapping[int, Mapping[ScopedTag, int]]) -> Alert:
        """The alert with its authors, if they are known."""
        tag = _scoped(alert)
        found = authors.get(alert.at_ms - self._pane_ms, {}).get(tag) if tag is not None else None
        return alert if found is None else msgspec.structs.replace(alert, authors=found)


def _scoped(alert: Alert) -> ScopedTag | None:
    """Of whom the authors are wanted. None: the alert is not about a tag, or has those of the list of rising tags."""
    scope: Scope = ("lang", alert.lang) if alert.lang else ("source", alert.source) if alert.source else WHOLE
    if not alert.key or (alert.when == "rises" and scope != WHOLE):
        return None
    return scope, alert.key


def _without(state: AlertState, muted: MuteList) -> AlertState:
    """The state without muted tags: no rule fires for them, not even because they have left a list."""
    if not muted:
        return state
    return {
        name: RuleState(of_rule.condition, {key: tag for key, tag in of_rule.tags.items() if not muted.hides(key)})
        for name, of_rule in state.items()
    }
