"""Which rules fire at the end of a pane: rules, their state and the facts of the pane make alerts and a new state.

Nothing here reads a clock or a file, and nothing that is handed in changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import UNSET

from spark_job.alerts.conditions import read, tags_of
from spark_job.alerts.facts import EndedPane
from spark_job.alerts.rule import WHOLE, Rule, Rules
from spark_job.alerts_schema import MAX_ALERTS, Alert

#: The most alerts of one rule in one pane. The others fire in the next pane, if their condition still holds.
MOST_FIRED = MAX_ALERTS
#: The most tags in the state of one rule. Beyond it no tag is added, most posts first.
MOST_TAGS = 5000


class TagState(NamedTuple):
    """A rule and a tag.

    Args:
        holds: In how many panes in a row the condition has held.
        is_active: It has fired, or held when the rule was new, and its condition has not ended since.
        fired_at_ms: When it fired last. None if it never did.

    """

    holds: int = 0
    is_active: bool = False
    fired_at_ms: int | None = None


@dataclass(frozen=True)
class RuleState:
    """A rule and its tags.

    Args:
        condition: What the rule said in the last pane. Empty: an epoch has begun since, or the rule is about places and
            no window was counted completely since it is new.
        tags: Tags by key.

    """

    condition: str
    tags: Mapping[str, TagState] = field(default_factory=dict)


#: The state of each rule, by its name.
AlertState = Mapping[str, RuleState]


def evaluate(rules: Rules, state: AlertState, pane: EndedPane) -> tuple[list[Alert], AlertState]:
    """The alerts of a pane, without authors, and the new state. Rules about the stream are left as they are.

    A condition that holds when its rule is new, or when an epoch begins, does not fire: nothing has begun to hold.
    Rules about places wait for the first window that was counted completely. In a pane of made-up posts each rule is
    new.
    """
    alerts: list[Alert] = []
    after: dict[str, RuleState] = {}
    for rule in rules:
        before = state.get(rule.name)
        is_unknown = rule.when == "multiplies" and not pane.is_before_known
        if rule.stream is not None or is_unknown:
            if before is not None:
                after[rule.name] = before
            continue
        fired, after[rule.name] = _evaluate(rule, None if pane.is_made_up else before, pane)
        alerts += [_alert(rule, key, pane) for key in fired]
    return alerts, after


def is_cooling(rule: Rule, fired_at_ms: int | None, at_ms: int) -> bool:
    """Whether a rule is silent because it fired not long ago. A time in the future is that of a clock set back."""
    return fired_at_ms is not None and 0 <= at_ms - fired_at_ms < rule.cooldown_seconds * 1000


def _evaluate(rule: Rule, before: RuleState | None, pane: EndedPane) -> tuple[list[str], RuleState]:
    """The tags for which the rule fires, and its new state."""
    is_same = before is not None and before.condition == rule.condition
    begins_epoch = before is not None and not before.condition
    known = before.tags if before is not None and (is_same or begins_epoch) else {}
    if begins_epoch:
        # What held is not known any more; what has fired is, and what has not ended since.
        known = {
            key: TagState(0, tag.is_active, tag.fired_at_ms)
            for key, tag in known.items()
            if tag.fired_at_ms or tag.is_active
        }
    fired: list[str] = []
    tags: dict[str, TagState] = {}
    room = MOST_TAGS - len(known)
    for key in dict.fromkeys((*known, *tags_of(rule, pane))):
        if key not in known and room <= 0:
            continue
        step = _leaves if rule.when == "leaves" else _step
        stepped = step(
            rule, known.get(key), key, pane, may_fire=is_same and len(fired) < MOST_FIRED, is_new=not is_same
        )
        if stepped is None:
            continue
        room -= key not in known
        tags[key] = stepped
        if stepped.fired_at_ms == pane.at_ms and stepped.is_active and stepped != known.get(key):
            fired.append(key)
    condition = rule.condition if is_same or pane.is_counted or rule.top is None else ""
    return fired, RuleState(condition, _bounded(tags) if rule.when == "leaves" else tags)


def _bounded(tags: dict[str, TagState]) -> dict[str, TagState]:
    """The tags without those that fired first, if there are many: a tag that has left may never come back."""
    if len(tags) < MOST_TAGS:
        return tags
    left = sorted((key for key, tag in tags.items() if tag.is_active), key=lambda key: tags[key].fired_at_ms or 0)
    gone = {*left[: MOST_TAGS // 10]}
    return {key: tag for key, tag in tags.items() if key not in gone}


def _step(
    rule: Rule, before: TagState | None, key: str, pane: EndedPane, *, may_fire: bool, is_new: bool
) -> TagState | None:
    """The new state of a tag. None if there is nothing to remember."""
    tag = before or TagState()
    holds, is_over = read(rule, key, pane)
    if tag.is_active:
        tag = tag._replace(holds=0, is_active=False) if is_over else tag
    elif holds and is_new:
        tag = tag._replace(is_active=True)
    else:
        tag = _count(rule, tag, pane.at_ms, holds=holds, may_fire=may_fire)
    return tag if tag.is_active or tag.holds or is_cooling(rule, tag.fired_at_ms, pane.at_ms) else None


def _leaves(
    rule: Rule, before: TagState | None, key: str, pane: EndedPane, *, may_fire: bool, is_new: bool
) -> TagState | None:
    """The same for `leaves`: it has a state for each tag that was in the places, and fires when the tag is out."""
    if not pane.is_counted:
        # Who is in the places is not known.
        return before._replace(holds=0) if before is not None else None
    is_out, is_back = read(rule, key, pane)
    if before is None or (is_new and not before.is_active):
        return None if is_out else TagState(fired_at_ms=before.fired_at_ms if before is not None else None)
    if before.is_active:
        return before._replace(holds=0, is_active=False) if is_back else before
    return _count(rule, before, pane.at_ms, holds=is_out, may_fire=may_fire)


def _count(rule: Rule, tag: TagState, at_ms: int, *, holds: bool, may_fire: bool) -> TagState:
    """Count a pane in which the condition holds or not, and fire if it has held long enough."""
    if not holds:
        return tag._replace(holds=0)
    tag = tag._replace(holds=min(tag.holds + 1, rule.for_panes))
    if tag.holds < rule.for_panes:
        return tag
    if is_cooling(rule, tag.fired_at_ms, at_ms):
        # It was told not long ago. It is not told later either, when this is no news any more.
        return tag._replace(is_active=True)
    return tag._replace(is_active=True, fired_at_ms=at_ms) if may_fire else tag


def _alert(rule: Rule, key: str, pane: EndedPane) -> Alert:
    tag = pane.scopes.get(rule.scope, {}).get(key)
    riser = pane.risers.get(key) if rule.scope == WHOLE else None
    known_before = tag.posts_before if tag is not None and tag.posts_before is not None else UNSET
    times = riser.times if riser is not None else UNSET
    if rule.when == "multiplies" and tag is not None:
        times = round(tag.posts / max(1, tag.posts_before or 0), 2)
    posts = tag.posts if tag is not None else 0
    return Alert(
        id=f"{pane.epoch}/{pane.from_ms}/{rule.name}/{key}",
        rule=rule.name,
        when=rule.when,
        at_ms=pane.at_ms,
        key=key,
        label=tag.label if tag is not None else riser.label if riser is not None else key,
        rank=tag.rank if tag is not None and tag.rank is not None else UNSET,
        posts=riser.posts if tag is None and riser is not None else posts,
        posts_before=known_before,
        expected=riser.expected if riser is not None else UNSET,
        times=times,
        score=riser.score if riser is not None else UNSET,
        authors=riser.authors if riser is not None else UNSET,
        since_ms=riser.since_ms if riser is not None else UNSET,
        lang=rule.lang if rule.lang is not None else UNSET,
        source=rule.source if rule.source is not None else UNSET,
        taken_back=tag.taken_back if tag is not None and (tag.taken_back or rule.when == "taken_back") else UNSET,
        window_seconds=pane.window_seconds,
        top=UNSET if rule.top is None else rule.top,
        least_posts=UNSET if rule.posts is None else rule.posts,
        least_per_second=UNSET if rule.per_second is None else rule.per_second,
        least_times=UNSET if rule.times is None else rule.times,
        least_share=UNSET if rule.share is None else rule.share,
    )
