"""Whether the condition of a rule holds for a tag, and whether it has ended."""

from typing import NamedTuple

from spark_job.alerts.facts import EndedPane, TagFacts, least_posts
from spark_job.alerts.rule import LEAST_POSTS, Rule

#: `rises` in a language or a source: at least this part of the posts must be of it.
LEAST_PART = 0.5


class Reading(NamedTuple):
    """A rule and a tag at the end of a pane.

    Args:
        holds: The condition holds.
        is_over: It has ended, so that the rule can fire for this tag again. Between both, nothing changes.

    """

    holds: bool
    is_over: bool


def tags_of(rule: Rule, pane: EndedPane) -> list[str]:
    """The tags of the facts that the rule is about."""
    known = pane.risers if rule.when == "rises" else pane.scopes.get(rule.scope, {})
    return [key for key in known if rule.fits(key)]


def read(rule: Rule, key: str, pane: EndedPane) -> Reading:
    """What the rule says of a tag. `leaves`: `holds` means out of its places, `is_over` means back.

    In a window that was not counted completely no place is right, and nothing has ended.
    """
    reading = _reading(rule, key, pane)
    return reading if pane.is_counted else Reading(holds=reading.holds and rule.top is None, is_over=False)


def _reading(rule: Rule, key: str, pane: EndedPane) -> Reading:
    if rule.when == "rises":
        return _rises(rule, key, pane)
    tag = pane.scopes.get(rule.scope, {}).get(key)
    if rule.top is not None:
        return _place(rule, tag)
    if tag is None:
        return Reading(holds=False, is_over=True)
    if rule.when == "passes":
        amount = tag.posts if rule.posts is not None else tag.posts / pane.window_seconds
        holds = tag.posts >= least_posts(rule, pane.window_seconds)
        return Reading(holds=holds, is_over=not holds and amount < rule.clears_at)
    if tag.posts < LEAST_POSTS:
        return Reading(holds=False, is_over=True)
    if rule.times is not None:
        times = tag.posts / max(1, tag.posts_before or 0)
        return Reading(holds=times >= rule.times, is_over=times < rule.clears_at)
    part = tag.taken_back / tag.posts
    return Reading(holds=part > (rule.share or 0), is_over=part < rule.clears_at)


def _place(rule: Rule, tag: TagFacts | None) -> Reading:
    rank = tag.rank if tag is not None else None
    is_in = rank is not None and rank <= (rule.top or 0)
    is_within_clear = rank is not None and rank <= rule.clears_at
    if rule.when == "enters":
        return Reading(holds=is_in, is_over=not is_within_clear)
    return Reading(holds=not is_in, is_over=is_within_clear)


def _rises(rule: Rule, key: str, pane: EndedPane) -> Reading:
    tag = pane.risers.get(key)
    if tag is None:
        return Reading(holds=False, is_over=True)
    holds = tag.score >= (rule.least_score or 0) and tag.authors >= (rule.least_authors or 0)
    if rule.lang is not None:
        holds = holds and tag.lang == rule.lang and tag.lang_part >= LEAST_PART
    if rule.source is not None:
        holds = holds and tag.source == rule.source and tag.source_part >= LEAST_PART
    return Reading(holds=holds, is_over=False)
