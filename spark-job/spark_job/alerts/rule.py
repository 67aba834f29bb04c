"""A rule of `ALERTS_FILE`: what it waits for, and when it may fire again."""

from dataclasses import dataclass
from functools import cached_property

from spark_job.alerts_schema import Stream, When
from spark_job.mute.mute_list import ANY, MuteList

#: The `tag` of a rule for every tag. No hashtag has this name.
EVERY_TAG = ANY
#: The greatest place in a ranking that a rule can name, and the greatest one that its facts have.
MAX_TOP, DEEPEST_TOP = 20, 40
#: The least posts in the window for `multiplies` and `taken_back`: a few posts multiply by chance.
LEAST_POSTS = 20
COOLDOWN_SECONDS = 3600
#: `passes` clears below this part of its amount, `multiplies` and `taken_back` below this part of theirs.
PASSES_CLEARS, TIMES_CLEARS, SHARE_CLEARS = 0.8, 0.7, 0.7

#: The posts that a rule looks at: all, or those of one source or one language.
Scope = tuple[str, str]
WHOLE: Scope = ("all", "")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. Fields that its condition doesn't have are None.

    Args:
        name: Its name.
        when: What it waits for.
        tag: The key of a tag, a pattern with `*`, or `*` alone for every tag.
        lang: Only posts in this language.
        source: Only posts of this source.
        top: `enters` and `leaves`: the places in the window, by posts.
        posts: `passes`: posts in the window.
        per_second: `passes`: posts per second in the window.
        times: `multiplies`: posts in the window against those in the window before.
        least_score: `rises`: the least score on the list of rising tags.
        least_authors: `rises`: the least authors there.
        share: `taken_back`: the deleted part of the posts in the window.
        stream: `stream`: what happens to the stream.
        for_panes: How many panes in a row the condition must hold.
        cooldown_seconds: After it fired for a tag, it is silent for this tag so long.
        clear: The condition has ended beyond this amount: a place, posts, posts per second, times or a part.

    """

    name: str
    when: When
    tag: str = EVERY_TAG
    lang: str | None = None
    source: str | None = None
    top: int | None = None
    posts: int | None = None
    per_second: float | None = None
    times: float | None = None
    least_score: float | None = None
    least_authors: int | None = None
    share: float | None = None
    stream: Stream | None = None
    for_panes: int = 1
    cooldown_seconds: int = COOLDOWN_SECONDS
    clear: float | None = None

    @property
    def scope(self) -> Scope:
        """The posts that it looks at. `rises` looks at the list of rising tags, which has them all."""
        if self.when == "rises":
            return WHOLE
        if self.lang is not None:
            return "lang", self.lang
        return ("source", self.source) if self.source is not None else WHOLE

    @property
    def condition(self) -> str:
        """The rule without what only says how often it fires: with another condition it is another rule."""
        parts = (self.when, self.tag, self.lang, self.source, self.top, self.posts, self.per_second, self.times)
        return repr((*parts, self.least_score, self.least_authors, self.share, self.stream))

    @property
    def key(self) -> str | None:
        """The key of its only tag. None if it has several."""
        return None if self.tag == EVERY_TAG or ANY in self.tag else self.tag

    def fits(self, key: str) -> bool:
        """Whether the rule is about this tag."""
        return self.tag == EVERY_TAG or (self._pattern.hides(key) if ANY in self.tag else key == self.tag)

    @property
    def clears_at(self) -> float:
        """The amount beyond which its condition has ended."""
        return self.clear if self.clear is not None else self.default_clear

    @property
    def default_clear(self) -> float:
        """The same, if the file does not say it."""
        if self.top is not None:
            if self.when == "enters":
                return self.top + max(2, self.top // 2)
            return max(1, self.top - max(1, self.top // 2))
        if self.posts is not None or self.per_second is not None:
            return PASSES_CLEARS * (self.posts or self.per_second or 0)
        if self.times is not None:
            return TIMES_CLEARS * self.times
        return SHARE_CLEARS * (self.share or 0)

    @cached_property
    def _pattern(self) -> MuteList:
        return MuteList(patterns=(self.tag,))


Rules = tuple[Rule, ...]
