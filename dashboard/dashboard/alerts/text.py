"""An alert as one sentence: what, when, how much against what, since when, from how many people."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, get_args
from urllib.parse import quote

from dashboard.alerts.phrases import PHRASES, Language
from dashboard.snapshots.labels import shown_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dashboard.alerts.phrases import Phrases
    from dashboard.snapshots.alerts_schema import Alert

LANGUAGES: tuple[Language, ...] = get_args(Language)


def sentence(alert: Alert, language: Language) -> str:
    """The sentence, with its full stop. Times are in UTC, because nobody knows where it is read."""
    phrases = PHRASES[language]
    begin = _stream(alert, phrases) if alert.when == "stream" else _what(alert, phrases)
    facts = [alert.detail.rstrip(".")] if alert.detail else [*_facts(alert, phrases)]
    return f"{begin}: {', '.join(facts)}." if facts else f"{begin}."


def moment_link(alert: Alert, public_url: str) -> str:
    """The page at the end of the alert's pane, with the panel of its tag. A path if `public_url` is empty."""
    view = "&view=rising" if alert.when == "rises" else ""
    panel = f"#/tag/{quote(alert.key, safe='')}" if alert.key else ""
    return f"{public_url}/?at={alert.at_ms}{view}{panel}"


def number(value: float, phrases: Phrases) -> str:
    """A number as people write it in the language, with one digit after the point below 10."""
    rounded = round(value) if value >= 10 else round(value, 1)
    if rounded == int(rounded):
        whole = int(rounded)
        return f"{whole:,}".replace(",", phrases.group) if whole >= phrases.group_from else str(whole)
    return str(rounded).replace(".", phrases.point)


def _what(alert: Alert, phrases: Phrases) -> str:
    threshold, part = _threshold(alert, phrases), _part(alert, phrases)
    known = {"taken_back": part, "rises": "known", "enters": alert.top, "leaves": alert.top}.get(alert.when, threshold)
    template = phrases.what[alert.when if known else f"{alert.when}|"]
    return template.format(
        tag=_tag(alert, phrases), top=alert.top, threshold=threshold, part=part, time=_clock(alert.at_ms, phrases)
    )


def _stream(alert: Alert, phrases: Phrases) -> str:
    template = phrases.stream[alert.stream or ""]
    since_ms = alert.at_ms if alert.since_ms is None else alert.since_ms
    return template.format(rule=alert.rule, time=_clock(since_ms, phrases))


def _tag(alert: Alert, phrases: Phrases) -> str:
    label = shown_label(alert.label or alert.key or alert.rule)
    # The numbers of the list of rising tags are those of all posts.
    if alert.lang and alert.when != "rises":
        return phrases.of_lang.format(label=label, name=alert.lang)
    if alert.source and alert.when != "rises":
        return phrases.of_source.format(label=label, name=alert.source)
    return phrases.tag.format(label=label)


def _threshold(alert: Alert, phrases: Phrases) -> str:
    """What the rule demands, in words. Empty if the alert does not say it."""
    if alert.least_times is not None:
        return number(alert.least_times, phrases)
    if alert.least_per_second is not None:
        shown = number(alert.least_per_second, phrases)
        return (phrases.one_per_second if shown == "1" else phrases.per_second).format(number=shown)
    if alert.least_posts is not None and alert.window_seconds is not None:
        return _posts(alert.least_posts, alert.window_seconds, phrases)
    return ""


def _part(alert: Alert, phrases: Phrases) -> str:
    """Which part of the posts is deleted, as a percentage. Empty if that is not known."""
    if alert.taken_back is None or not alert.posts:
        return ""
    return phrases.percent.format(number=number(round(100 * alert.taken_back / alert.posts), phrases))


def _facts(alert: Alert, phrases: Phrases) -> Iterator[str]:
    if alert.posts is not None and alert.window_seconds is not None:
        yield _posts(alert.posts, alert.window_seconds, phrases)
        if alert.when != "multiplies" and alert.times is not None:
            yield phrases.usual.format(times=number(alert.times, phrases))
        elif alert.posts_before is not None:
            before = number(alert.posts_before, phrases)
            yield phrases.before.format(posts=before, window=_length(alert.window_seconds, phrases))
    if alert.taken_back:
        yield phrases.deleted.format(posts=number(alert.taken_back, phrases))
    if alert.since_ms is not None and alert.when != "stream":
        yield phrases.since.format(time=_clock(alert.since_ms, phrases))
    if alert.authors is not None:
        template = phrases.one_person if alert.authors == 1 else phrases.people
        yield template.format(people=number(alert.authors, phrases))


def _posts(posts: int, window_seconds: int, phrases: Phrases) -> str:
    template = phrases.one_post if posts == 1 else phrases.posts
    return template.format(posts=number(posts, phrases), window=_length(window_seconds, phrases))


def _length(seconds: int, phrases: Phrases) -> str:
    """A length of time in the greatest unit in which it is a whole number."""
    for unit, length in (("hours", 3600), ("minutes", 60), ("seconds", 1)):
        if seconds % length == 0 and seconds >= length:
            count = seconds // length
            return f"{number(count, phrases)} {phrases.units[unit][count != 1]}"
    return f"{seconds} {phrases.units['seconds'][1]}"


def _clock(at_ms: int, phrases: Phrases) -> str:
    try:
        at = datetime.fromtimestamp(at_ms / 1000, timezone.utc)
    except (OverflowError, OSError, ValueError):
        return "?"
    return phrases.clock.format(hour=at.hour, minute=at.minute)
