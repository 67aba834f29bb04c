"""What rules look at: the window that ended with a pane, as far as some rule needs it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from spark_job.alerts.rule import LEAST_POSTS, MAX_TOP, Rule, Rules, Scope
from spark_job.rising_schema import Rising, RisingTag


@dataclass(frozen=True, kw_only=True, slots=True)
class TagFacts:
    """A tag in the window.

    Args:
        key: Its key.
        label: Its most frequent spelling in the window.
        posts: Its posts.
        rank: Its place by posts. None if it is deeper than the rules look.
        posts_before: Its posts in the window before. None if that was not counted completely.
        taken_back: The posts among `posts` that are deleted.

    """

    key: str
    label: str
    posts: int
    rank: int | None = None
    posts_before: int | None = None
    taken_back: int = 0


@dataclass(frozen=True, kw_only=True)
class EndedPane:
    """A pane that ended, and the window that ended with it.

    A tag that is missing has neither a place, nor posts, nor a growth that a rule looks for.

    Args:
        epoch: The epoch in which it was counted.
        from_ms: Its start.
        at_ms: Its end.
        window_seconds: The length of the window.
        scopes: By what the rules look at: the tags that matter, by key.
        rising: The list of rising tags at its end.
        is_before_known: Whether the window before was counted completely.
        is_counted: Whether the window was counted completely. If not, tags may miss posts and have wrong places.
        is_made_up: Whether its posts were made up before ingest first served the log. Nobody is told of them.

    """

    epoch: int
    from_ms: int
    at_ms: int
    window_seconds: int
    scopes: Mapping[Scope, Mapping[str, TagFacts]] = field(default_factory=dict)
    rising: Rising | None = None
    is_before_known: bool = True
    is_counted: bool = True
    is_made_up: bool = False

    @cached_property
    def risers(self) -> dict[str, RisingTag]:
        """The rising tags, by key."""
        topics = self.rising.topics if self.rising is not None else []
        return {tag.key: tag for topic in topics for tag in topic.tags}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The tags of a scope that some rule needs.

    Args:
        top: Those in the first places.
        least_posts: Those with at least so many posts. None: no rule needs it.
        least_times: Those with `LEAST_POSTS` and so many times their posts of the window before. None: no rule.
        is_taken_back: Those with deleted posts.
        keys: Those with these keys.

    """

    top: int
    least_posts: int | None
    least_times: float | None
    is_taken_back: bool
    keys: frozenset[str]


def wanted_of(rules: Rules, watched: Mapping[str, Iterable[str]], window_seconds: int) -> dict[Scope, Wanted]:
    """What the rules need of each scope.

    Args:
        rules: The rules.
        watched: For each rule by its name: the keys of tags whose condition must end before it can fire again.
        window_seconds: The length of the window.

    """
    by_scope: dict[Scope, list[Rule]] = {}
    for rule in rules:
        if rule.stream is None:
            by_scope.setdefault(rule.scope, []).append(rule)
    return {scope: _wanted(of_scope, watched, window_seconds) for scope, of_scope in by_scope.items()}


def _wanted(rules: list[Rule], watched: Mapping[str, Iterable[str]], window_seconds: int) -> Wanted:
    places = [int(rule.clears_at) if rule.when == "enters" else rule.top or 0 for rule in rules]
    several = [rule for rule in rules if rule.key is None]
    keys = {rule.key for rule in rules if rule.key is not None}
    return Wanted(
        # The place of any tag that fires is a part of its alert.
        top=max(*places, MAX_TOP),
        least_posts=min((least_posts(rule, window_seconds) for rule in several if rule.when == "passes"), default=None),
        least_times=min((rule.times for rule in several if rule.times is not None), default=None),
        is_taken_back=any(rule.when == "taken_back" for rule in several),
        keys=frozenset(keys.union(*(watched.get(rule.name, ()) for rule in rules))),
    )


def least_posts(rule: Rule, window_seconds: int) -> int:
    """The least posts with which the condition of a rule can hold."""
    if rule.when != "passes":
        return LEAST_POSTS
    return rule.posts if rule.posts is not None else max(1, -int(-(rule.per_second or 0) * window_seconds // 1))
