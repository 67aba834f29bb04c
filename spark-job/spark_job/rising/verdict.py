"""Whether a tag rises: its voices against the expected ones, and who writes the posts."""

from dataclasses import dataclass
from math import log10
from typing import Literal

from spark_job.rising.baseline import Mean
from spark_job.rising.rises import Why
from spark_job.rising.surprise import surprise
from spark_job.rising.window import Candidate

Sensitivity = Literal["low", "normal", "high"]
Verdict = Literal["rises"] | Why | None

#: A tag enters with this surprise, plus the logarithm of the number of tags that are looked at: to look at more tags
#: must not find more of them by chance.
ENTER: dict[Sensitivity, float] = {"low": 5.0, "normal": 4.0, "high": 3.0}
#: It enters with this many times its expected voices.
ENTER_TIMES = 1.8
#: It leaves below this surprise, this many times its expected voices, or this part of its greatest number of voices.
LEAVE, LEAVE_TIMES, LEAVE_PART = 3.0, 1.4, 0.4
#: A rise with this many times as many authors as different texts is held back as copies. So is one of whose texts more
#: than half have several authors: in a rise, nearly all texts are written once, even if many people repeat one of them.
COPIES = 4
#: Fewer authors than this have to be a beginning. In a rise, nearly all of the first people write once, and each has a
#: text of its own. They are a group that talks if they have at least `POSTS_OF_A_GROUP` posts each: of 12 people who
#: talk, 8 have written when there are 12 posts. They copy if at least `COPIED_PART` of them have the text of another
#: one: so begins a campaign that has twenty texts.
SMALL_GROUP, POSTS_OF_A_GROUP, COPIED_PART = 30, 1.25, 0.15
#: For fewer authors than `FIRST_GROUP` it is this number of posts each. Of 12 people who talk, 8 have by chance written
#: when there are 9 posts or fewer in one case of six, when there are 8 in one of twenty.
FIRST_GROUP, POSTS_OF_FIRST_GROUP = 12, 1.125
#: A rise of few authors is held back, and shown as such, from this many posts for each required author on.
POSTS_PER_AUTHOR = 4


@dataclass(frozen=True)
class Rules:
    """The settings.

    Attributes:
        sensitivity: How much is enough of a surprise.
        least_authors: A tag with fewer voices does not enter.
        copies_count: Whether posts with the same text count as often as they have authors.

    """

    sensitivity: Sensitivity = "normal"
    least_authors: int = 8
    copies_count: bool = False

    def enter(self, busy: int) -> float:
        """The surprise that is enough when `busy` tags are looked at, each in the window and in its newest part."""
        return ENTER[self.sensitivity] + log10(max(1, 2 * busy))

    def voices(self, tag: Candidate) -> tuple[int, int]:
        """The voices of a tag in the window, and in its newest part."""
        if self.copies_count:
            return tag.authors, tag.recent_authors
        return min(tag.authors, tag.texts), min(tag.recent_authors, tag.recent_texts)

    def score(self, tag: Candidate, mean: Mean) -> float:
        """The surprise of a tag: the greater one of the window and its newest part."""
        window, recent = self.voices(tag)
        return max(surprise(window, mean.window, mean.spread), surprise(recent, mean.recent, mean.spread))

    def verdict(self, tag: Candidate, mean: Mean) -> Verdict:
        """Whether a tag that is not listed rises, and why not although many posts or authors seem to make it rise."""
        window, recent = self.voices(tag)
        if self._copied(tag) or self._begins_as_copies(tag):
            return "copies" if self._enough(tag.authors, mean.window, mean.spread, tag.busy) else None
        many_posts = self._enough(tag.posts, mean.window, mean.spread, tag.busy)
        if _talks(tag) or _begins_as_group(tag):
            return "few people" if many_posts else None
        if self._enough(window, mean.window, mean.spread, tag.busy):
            return "rises"
        if self._enough(recent, mean.recent, mean.spread, tag.busy):
            return "rises"
        few = tag.posts >= POSTS_PER_AUTHOR * max(tag.authors, self.least_authors)
        return "few people" if few and many_posts else None

    def stays(self, tag: Candidate, mean: Mean, peak: int) -> bool:
        """Whether a listed tag stays. `peak`: its greatest number of voices since it is listed."""
        window, recent = self.voices(tag)
        return (
            not _talks(tag)
            and not self._copied(tag)
            and window >= LEAVE_PART * peak
            and any(
                count >= LEAVE_TIMES * usual and surprise(count, usual, mean.spread) >= LEAVE
                for count, usual in ((window, mean.window), (recent, mean.recent))
            )
        )

    def _copied(self, tag: Candidate) -> bool:
        return not self.copies_count and (tag.texts * COPIES < tag.authors or tag.own_texts * 2 < tag.texts)

    def _begins_as_copies(self, tag: Candidate) -> bool:
        return not self.copies_count and self._small(tag) and tag.texts <= (1 - COPIED_PART) * tag.authors

    @staticmethod
    def _small(tag: Candidate) -> bool:
        return tag.authors < SMALL_GROUP

    def _enough(self, count: int, mean: float, spread: float, busy: int) -> bool:
        enough = count >= self.least_authors and count >= ENTER_TIMES * mean
        return enough and surprise(count, mean, spread) >= self.enter(busy)


def _begins_as_group(tag: Candidate) -> bool:
    """Whether the few authors of a tag have more posts than the first people of a rise have."""
    each = POSTS_OF_FIRST_GROUP if tag.authors < FIRST_GROUP else POSTS_OF_A_GROUP
    return tag.authors < SMALL_GROUP and tag.counted_posts >= each * tag.authors


def _talks(tag: Candidate) -> bool:
    """Whether more than half of the authors talk with each other."""
    return tag.talking * 2 > tag.authors
