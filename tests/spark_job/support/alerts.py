"""Panes and rules for tests of alerts: panes of ten seconds, a window of five minutes."""

from typing import Any

import msgspec
from msgspec import UNSET

from spark_job.alerts.engine import AlertState, evaluate
from spark_job.alerts.facts import EndedPane, TagFacts
from spark_job.alerts.rule import WHOLE, Rule, Rules
from spark_job.alerts.rule_table import rule_of
from spark_job.alerts_schema import Alert
from spark_job.rising_schema import Rising, RisingTag, Topic

EPOCH = 7
PANE_MS = 10_000
BEGIN = 1_795_176_000_000


def rule(**table: Any) -> Rule:
    """A rule as a file has it."""
    return rule_of({"name": "r"} | table)


def riser(key: str, **numbers: Any) -> RisingTag:
    """A tag on the list of rising tags: 300 posts of 240 people, 12 times its usual."""
    tag = RisingTag(
        key=key,
        label=key.title(),
        posts=300,
        authors=240,
        voices=240,
        expected=20.0,
        spread=1.0,
        times=12.0,
        score=30.0,
        since_ms=BEGIN - 60_000,
        copies=0.0,
        source="bluesky",
        source_part=0.9,
        lang="es",
        lang_part=0.8,
        new=False,
        peak_voices=60,
        peak_ms=BEGIN - 86_400_000,
        panes=[],
    )
    return msgspec.structs.replace(tag, **numbers)


class Panes:
    """Evaluates rules pane by pane. The first pane is empty, so that each rule is known."""

    def __init__(self, *rules: Rule, is_new: bool = False) -> None:
        self.rules: Rules = rules
        self.state: AlertState = {}
        self.from_ms = BEGIN
        self.epoch = EPOCH
        if not is_new:
            self.close()

    def close(
        self,
        *tags: tuple[str, int] | TagFacts,
        before: dict[str, int] | None = None,
        rising: tuple[RisingTag, ...] = (),
        scope: tuple[str, str] = WHOLE,
        is_before_known: bool = True,
        is_counted: bool = True,
        is_made_up: bool = False,
    ) -> list[Alert]:
        """Close a pane whose window has these tags with their posts, most posts first."""
        facts = {}
        for rank, tag in enumerate(tags, 1):
            known = tag if isinstance(tag, TagFacts) else TagFacts(key=tag[0], label=tag[0].title(), posts=tag[1])
            facts[known.key] = placed(known, rank, (before or {}).get(known.key, 0) if is_before_known else None)
        pane = EndedPane(
            epoch=self.epoch,
            from_ms=self.from_ms,
            at_ms=self.from_ms + PANE_MS,
            window_seconds=300,
            scopes={scope: facts},
            rising=Rising(
                at_ms=self.from_ms + PANE_MS, missing_ms=0, topics=[Topic(tags=[tag]) for tag in rising], held_back=[]
            ),
            is_before_known=is_before_known,
            is_counted=is_counted,
            is_made_up=is_made_up,
        )
        alerts, self.state = evaluate(self.rules, self.state, pane)
        self.from_ms += PANE_MS
        return alerts

    def keys(self, *tags: tuple[str, int], **more: Any) -> list[str]:
        """The tags that fire when a pane closes."""
        return [str(alert.key) for alert in self.close(*tags, **more)]


def placed(tag: TagFacts, rank: int, posts_before: int | None) -> TagFacts:
    """The tag with a place, and with its posts in the window before."""
    return TagFacts(
        key=tag.key, label=tag.label, posts=tag.posts, rank=rank, posts_before=posts_before, taken_back=tag.taken_back
    )


def said(alert: Alert) -> dict[str, Any]:
    """The fields of an alert that are known."""
    fields = {name: getattr(alert, name) for name in alert.__struct_fields__}
    return {name: value for name, value in fields.items() if value is not UNSET}
