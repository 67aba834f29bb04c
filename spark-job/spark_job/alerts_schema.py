"""What a snapshot says about alerts: those that fired and are not stored yet, and the rules in use."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from spark_job.snapshot_fields import Amount, Count, Rank, Text, TimeMs

#: Most alerts in one snapshot.
MAX_ALERTS = 100
#: Most rules of a file, and most characters of a name.
MAX_RULES, NAME_CHARACTERS = 100, 80

Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS)]
#: What a rule waits for.
When = Literal["enters", "leaves", "rises", "passes", "multiplies", "taken_back", "stream"]
#: The conditions on the stream itself.
Stream = Literal["source refused", "counting stopped", "posts lost", "daily limit"]


class Alert(Struct, frozen=True, kw_only=True):
    """A rule that has fired. docs/snapshot.schema.json says what each field means. Unknown fields are left out."""

    id: Text
    rule: Name
    when: When
    at_ms: TimeMs
    key: Text | UnsetType = UNSET
    label: Text | UnsetType = UNSET
    rank: Rank | UnsetType = UNSET
    posts: Count | UnsetType = UNSET
    posts_before: Count | UnsetType = UNSET
    expected: Amount | UnsetType = UNSET
    times: Amount | UnsetType = UNSET
    score: Amount | UnsetType = UNSET
    authors: Count | UnsetType = UNSET
    since_ms: TimeMs | UnsetType = UNSET
    lang: Text | UnsetType = UNSET
    source: Text | UnsetType = UNSET
    taken_back: Count | UnsetType = UNSET
    window_seconds: Annotated[int, Meta(gt=0)] | UnsetType = UNSET
    stream: Stream | UnsetType = UNSET
    detail: Text | UnsetType = UNSET
    top: Rank | UnsetType = UNSET
    least_posts: Count | UnsetType = UNSET
    least_per_second: Amount | UnsetType = UNSET
    least_times: Amount | UnsetType = UNSET
    least_share: Amount | UnsetType = UNSET


class AlertRule(Struct, frozen=True, kw_only=True):
    """A rule in use, and one sentence in English and in Spanish that says when it fires."""

    name: Name
    when: When
    cooldown_seconds: Count
    sentence_en: Text
    sentence_es: Text
    stream: Stream | UnsetType = UNSET


class AlertRules(Struct, frozen=True, kw_only=True):
    """The rules in use.

    `error`: why the file can't be used, so that the last one is in use. None if all is well. `dropped`: the alerts that
    were dropped because the dashboard did not store them and too many waited.
    """

    rules: Annotated[list[AlertRule], Meta(max_length=MAX_RULES)]
    error: str | None
    dropped: Count = 0
