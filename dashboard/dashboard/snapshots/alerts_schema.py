"""Alerts and the rules that make them, as the job pushes them (docs/protocol.md, "`alerts`")."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, Rank, Text, TimeMs

#: Alerts in one snapshot.
MAX_ALERTS = 100
#: Rules of a file, and characters of a name.
MAX_RULES, NAME_CHARACTERS = 100, 80

Amount = Annotated[float, Meta(ge=0)]
RuleName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=NAME_CHARACTERS,
        description="The name of the rule. No two rules of a file have the same.",
    ),
]
When = Annotated[
    Literal["enters", "leaves", "rises", "passes", "multiplies", "taken_back", "stream"],
    Meta(description="What the rule waits for."),
]
Stream = Literal["source refused", "counting stopped", "posts lost", "daily limit"]


class Alert(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule that has fired, for one tag or for the stream. Fields that are not known are left out."""

    id: Annotated[Text, Meta(description="Each alert has its own, for ever.")]
    rule: RuleName
    when: When
    at_ms: Annotated[TimeMs, Meta(description="The end of the pane in which it fired.")]
    key: Annotated[f.Key | None, Meta(description="The tag. Missing if the alert is about the stream.")] = None
    label: Annotated[f.Label | None, Meta(description="The most frequent spelling of the tag, without the #.")] = None
    rank: Annotated[Rank | None, Meta(description="The place of the tag in the window, by posts.")] = None
    posts: Annotated[Count | None, Meta(description="Posts with the tag in the window.")] = None
    posts_before: Annotated[Count | None, Meta(description="Posts with the tag in the equally long window before.")] = (
        None
    )
    expected: Annotated[
        Amount | None, Meta(description="The voices that the list of rising tags expected of the tag.")
    ] = None
    times: Annotated[
        Amount | None,
        Meta(description="How many times as much as usual (`rises`), or as in the window before (`multiplies`)."),
    ] = None
    score: Annotated[Amount | None, Meta(description="How surprising the rise is, as on the list of rising tags.")] = (
        None
    )
    authors: Annotated[Count | None, Meta(description="Different accounts that used the tag in the window.")] = None
    since_ms: Annotated[TimeMs | None, Meta(description="Since when the tag rises.")] = None
    lang: Annotated[
        Text | None,
        Meta(description="The language that the rule names. Then all numbers are of it, but those of `rises`."),
    ] = None
    source: Annotated[
        Text | None,
        Meta(description="The source that the rule names. Then all numbers are of it, but those of `rises`."),
    ] = None
    taken_back: Annotated[
        Count | None, Meta(description="The posts among `posts` that were deleted when the alert fired.")
    ] = None
    window_seconds: Annotated[
        Annotated[int, Meta(gt=0)] | None, Meta(description="Length of the window when the alert fired.")
    ] = None
    stream: Annotated[Stream | None, Meta(description="What happened to the stream.")] = None
    detail: Annotated[Text | None, Meta(description="One sentence about the stream: which source, how many posts.")] = (
        None
    )
    top: Annotated[
        Rank | None, Meta(description="The places that the rule names: the tag entered or left the leading `top`.")
    ] = None
    least_posts: Annotated[Count | None, Meta(description="The posts that the rule names, which the tag passed.")] = (
        None
    )
    least_per_second: Annotated[
        Amount | None, Meta(description="The posts per second that the rule names, which the tag passed.")
    ] = None
    least_times: Annotated[
        Amount | None, Meta(description="How many times the posts of the window before the rule names.")
    ] = None
    least_share: Annotated[
        Amount | None, Meta(description="The part of the posts that the rule names, from 0 to 1: more are deleted.")
    ] = None


class AlertRule(Struct, frozen=True, kw_only=True):
    """A rule of the file."""

    name: RuleName
    when: When
    cooldown_seconds: Annotated[Count, Meta(description="Seconds in which it does not fire again for a tag.")]
    sentence_en: Annotated[Text, Meta(description="When it fires, as one sentence in English.")]
    sentence_es: Annotated[Text, Meta(description="The same in Spanish.")]
    stream: Annotated[Stream | None, Meta(description="The condition on the stream that it names, or null.")] = None


class AlertRules(Struct, frozen=True, kw_only=True):
    """The rules that are in use."""

    rules: Annotated[list[AlertRule], Meta(max_length=MAX_RULES, description="The rules, as in the file.")]
    error: Annotated[str | None, Meta(description="Why the file of rules can't be used, as one sentence, or null.")]
    dropped: Annotated[
        Count,
        Meta(description="Alerts that the job dropped because more than 10,000 waited for a dashboard."),
    ] = 0
