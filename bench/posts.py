"""Made-up posts: a seed and a number of tags determine every byte."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from ingest.posts.post import Post, Tag

# Posts are made, stamped and committed in runs of this size. The last post of each run has the leading tag, so a list
# with the right count of that tag has the run.
RUN_POSTS = 1000
# The start of a pane.
START_MS = 1_795_176_000_000

_ZIPF_EXPONENT = 1.0
_TAGGED_TWICE, _UNTAGGED = 0.25, 0.2
_CAPITALS = 0.3
# The share of posts that don't have the language of their first tag.
_LANGUAGES = ("en", "es", "pt", "ja", "ko", "ru", "ar", "und")
_ABROAD = 0.1
_WORDS_IN_A_TEXT = (5, 11)
_ALPHABETS = ("bdfgklmnprst", "aeiou"), ("бвгдклмнпрст", "аеиоу")
# Every eighth tag is written in another alphabet.
_OTHER_ALPHABET = 8


@dataclass(frozen=True)
class Kind:
    """What the posts are like. Tags follow Zipf's law. Ingest accepts `per_second` posts per second."""

    seed: int = 8
    tags: int = 20_000
    per_second: int = 10_000

    def at_ms(self, offset: int) -> int:
        """When the post at `offset` was accepted. All posts of a run have the same time, as in ingest."""
        return START_MS + offset // RUN_POSTS * RUN_POSTS * 1000 // self.per_second


def tag_name(number: int) -> str:
    """A word in lower case, which no other number has. In upper case it is the same tag."""
    consonants, vowels = _ALPHABETS[number % _OTHER_ALPHABET == _OTHER_ALPHABET - 1]
    letters: list[str] = []
    rest = number
    while rest or len(letters) < 6:
        rest, consonant = divmod(rest, len(consonants))
        rest, vowel = divmod(rest, len(vowels))
        letters += [consonants[consonant], vowels[vowel]]
    return "".join(letters)


def runs(kind: Kind, posts: int) -> Iterator[list[Post]]:
    """`posts` posts in runs of `RUN_POSTS`; offsets and times are filled in."""
    rng = Random(kind.seed)  # noqa: S311 - no secret
    names = [tag_name(number) for number in range(kind.tags)]
    tags = [(Tag(name, name), Tag(name, name.title())) for name in names]
    languages = {name: rng.choice(_LANGUAGES) for name in names}
    weights = list(accumulate(1 / rank**_ZIPF_EXPONENT for rank in range(1, kind.tags + 1)))
    words = [tag_name(rng.randrange(kind.tags, 9 * kind.tags))[: rng.randrange(2, 8)] for _ in range(2000)]
    for first in range(0, posts, RUN_POSTS):
        yield [
            _post(
                kind, offset, rng, words, languages, _chosen(rng, tags, weights, last=offset == first + RUN_POSTS - 1)
            )
            for offset in range(first, min(first + RUN_POSTS, posts))
        ]


def _chosen(rng: Random, tags: list[tuple[Tag, Tag]], weights: list[float], *, last: bool) -> list[Tag]:
    """The tags of a post, each once, in one of its two spellings."""
    if last:
        return [tags[0][0]]
    chance = rng.random()
    count = 0 if chance < _UNTAGGED else 2 if chance < _UNTAGGED + _TAGGED_TWICE else 1
    numbers = {bisect(weights, rng.random() * weights[-1]) for _ in range(count)}
    return [tags[number][rng.random() < _CAPITALS] for number in numbers]


def _post(kind: Kind, offset: int, rng: Random, words: list[str], languages: dict[str, str], tags: list[Tag]) -> Post:
    at_home = tags and rng.random() >= _ABROAD
    text = rng.choices(words, k=rng.randrange(*_WORDS_IN_A_TEXT))
    for tag in tags:
        text.insert(rng.randrange(len(text) + 1), f"#{tag.label}")
    return Post(
        offset=offset,
        id=f"bench:{offset}",
        at_ms=kind.at_ms(offset),
        created_at="2026-11-20T12:00:00Z",
        author=f"author-{rng.randrange(5000)}",
        text=" ".join(text),
        tags=tags,
        lang=languages[tags[0].key] if at_home else rng.choice(_LANGUAGES),
        source="bench",
        url=None,
    )
