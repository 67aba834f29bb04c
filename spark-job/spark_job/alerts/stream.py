"""Rules about the stream itself: a source is refused, counting has stopped, posts are lost, a limit is near."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import UNSET

from spark_job.alerts.engine import AlertState, RuleState, TagState, is_cooling
from spark_job.alerts.rule import Rule, Rules
from spark_job.alerts_schema import Alert

#: How long counting must have stopped.
STOPPED_MS = 60_000
#: `daily limit` holds from this part of the limit on, and is over below the other.
LIMIT_PART, LIMIT_CLEARS = 0.9, 0.5
#: In place of a tag, where the whole stream is meant.
NO_KEY = "-"


class SourceFacts(NamedTuple):
    """One of ingest's sources.

    Args:
        name: Its name.
        is_refused: It has ended for good.
        error: Why, as one sentence.
        used: The posts of the day, if it has a daily limit.
        limit: The limit.

    """

    name: str
    is_refused: bool
    error: str | None = None
    used: int | None = None
    limit: int | None = None


class StreamFacts(NamedTuple):
    """What is known of the stream now.

    Args:
        epoch: The epoch.
        now_ms: Now.
        pane_ms: Length of a pane.
        sources: The sources of ingest. None while it can't be reached.
        lost: The posts of the epoch that were lost.
        stopped_ms: How long counting has stopped; 0 if it continues.
        stopped_because: Why.

    """

    epoch: int
    now_ms: int
    pane_ms: int
    sources: tuple[SourceFacts, ...] | None = ()
    lost: int = 0
    stopped_ms: int = 0
    stopped_because: str = ""


class _Reading(NamedTuple):
    """A condition: whether it holds, whether it is over, and what to say of it."""

    holds: bool
    is_over: bool
    detail: str
    source: str | None = None
    posts: int | None = None


def evaluate_stream(rules: Rules, state: AlertState, facts: StreamFacts) -> tuple[list[Alert], AlertState]:
    """The alerts about the stream, and the new state. Rules about tags are left as they are."""
    alerts: list[Alert] = []
    after = dict(state)
    for rule in rules:
        if rule.stream is None:
            continue
        before = state.get(rule.name)
        # Without a condition: an epoch has begun, which changes nothing for the stream.
        known = before.tags if before is not None and before.condition in {rule.condition, ""} else None
        tags = _without_reading(rule, known or {}, facts)
        for key, reading in _readings(rule, known or {}, facts).items():
            tag = (known or {}).get(key) or TagState()
            stepped = _lost(rule, known, facts) if rule.stream == "posts lost" else _step(rule, tag, reading, facts)
            if stepped.fired_at_ms == facts.now_ms and stepped != tag:
                alerts.append(_alert(rule, key, reading, facts))
            tags[key] = stepped
        after[rule.name] = RuleState(rule.condition, tags)
    return alerts, after


def _without_reading(rule: Rule, known: Mapping[str, TagState], facts: StreamFacts) -> dict[str, TagState]:
    """The states that stay without their source: all while ingest can't be reached, otherwise those that cool."""
    if facts.sources is None:
        return dict(known)
    return {
        key: tag._replace(is_active=False)
        for key, tag in known.items()
        if key != NO_KEY and is_cooling(rule, tag.fired_at_ms, facts.now_ms)
    }


def _is_silent(rule: Rule, tag: TagState, facts: StreamFacts) -> bool:
    """Whether the rule may not fire: it is cooling, or it has fired in this pane, so that the id would be the same."""
    fired_at_ms = tag.fired_at_ms
    is_same_pane = fired_at_ms is not None and fired_at_ms // facts.pane_ms == facts.now_ms // facts.pane_ms
    return is_same_pane or is_cooling(rule, fired_at_ms, facts.now_ms)


def _step(rule: Rule, tag: TagState, reading: _Reading, facts: StreamFacts) -> TagState:
    if tag.is_active:
        return tag._replace(is_active=False) if reading.is_over else tag
    if not reading.holds:
        return tag
    if _is_silent(rule, tag, facts):
        return tag._replace(is_active=True)
    return TagState(0, is_active=True, fired_at_ms=facts.now_ms)


def _lost(rule: Rule, known: Mapping[str, TagState] | None, facts: StreamFacts) -> TagState:
    """`holds` is the number of lost posts that were told. What is lost while the rule is silent is told afterwards."""
    if known is None:
        return TagState(facts.lost)
    tag = known.get(NO_KEY) or TagState(0)
    # Another epoch counts from zero.
    told = tag.holds if tag.holds <= facts.lost else 0
    if facts.lost == told or _is_silent(rule, tag, facts):
        return tag._replace(holds=told)
    return TagState(facts.lost, is_active=False, fired_at_ms=facts.now_ms)


def _readings(rule: Rule, known: Mapping[str, TagState], facts: StreamFacts) -> dict[str, _Reading]:
    """What the rule says of the stream, or of each source."""
    if rule.stream == "counting stopped":
        stopped_ms = facts.stopped_ms
        detail = facts.stopped_because or "counting continues"
        return {NO_KEY: _Reading(holds=stopped_ms >= STOPPED_MS, is_over=not stopped_ms, detail=detail)}
    if rule.stream == "posts lost":
        told = known[NO_KEY].holds if NO_KEY in known else 0
        more = facts.lost - told if told <= facts.lost else facts.lost
        return {NO_KEY: _Reading(holds=False, is_over=True, detail=_lost_sentence(more), posts=more)}
    return {source.name: _of_source(rule, source) for source in facts.sources or ()}


def _lost_sentence(posts: int) -> str:
    return "1 post was lost" if posts == 1 else f"{posts} posts were lost"


def _of_source(rule: Rule, source: SourceFacts) -> _Reading:
    if rule.stream == "source refused":
        detail = source.error or "it is refused"
        return _Reading(source.is_refused, is_over=not source.is_refused, detail=detail, source=source.name)
    used, limit = source.used or 0, source.limit or 0
    detail = f"{used} of {limit} posts of the day are used"
    return _Reading(
        holds=limit > 0 and used >= LIMIT_PART * limit,
        is_over=used < LIMIT_CLEARS * limit or not limit,
        detail=detail,
        source=source.name,
        posts=used,
    )


def _alert(rule: Rule, key: str, reading: _Reading, facts: StreamFacts) -> Alert:
    from_ms = facts.now_ms - facts.now_ms % facts.pane_ms
    return Alert(
        id=f"{facts.epoch}/{from_ms}/{rule.name}/{key}",
        rule=rule.name,
        when=rule.when,
        at_ms=facts.now_ms,
        posts=reading.posts if reading.posts is not None else UNSET,
        source=reading.source if reading.source is not None else UNSET,
        stream=rule.stream if rule.stream is not None else UNSET,
        detail=reading.detail,
    )
