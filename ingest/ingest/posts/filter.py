"""The filter for wanted posts: the terms of `TRACK` and the languages of `LANGUAGES`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from ingest.posts import hashtags, language
from ingest.posts.cache import TextCache
from ingest.posts.comparison import NUL, comparable, comparable_all
from ingest.posts.hashtags import CACHED_LABELS, MAX_CACHED_CHARACTERS
from ingest.posts.post import Tag

# Words end at the word boundaries of UAX #29, and also at marks that UAX #29 counts as part of a word between letters:
# "football" is a word of "football's", and "europa" is a word of "dell'europa".
_MARKS = r"['.:·]"
_START = rf"(?:\b|(?<={_MARKS}))"
_END = rf"(?:\b|(?={_MARKS}))"
# A comma, also in the forms of Chinese, Japanese and Arabic keyboards.
_SEPARATOR = regex.compile(r'((?:[^",，、،]|"[^"]*")*)([,，、،]|$)')
# Characters that phones and word processors write for a quote, and for a minus sign at the beginning of a term.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_MINUS = ("-", "‐", "‑", "‒", "–", "—", "−", "－", "﹣")
_HASH = ("#", "＃", "﹟")
_TAG_RULE = "a hashtag has letters, digits and _, a letter among them, and 64 characters at most"
# Texts that have a part of a term are searched one by one if at most one of this number of posts has one.
_RARE = 8
# A term needs at least one of these characters.
_SEARCHABLE = regex.compile(r"[\p{L}\p{M}\p{N}]|[\p{S}--[+<=>^`|~]]", regex.V1)


@dataclass(frozen=True)
class Term:
    """One term of `TRACK`: a word, a phrase, or a hashtag; wanted or excluded."""

    text: str
    is_tag: bool = False
    excluded: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.excluded else ''}{'#' if self.is_tag else ''}{self.text}"


def parse(track: str) -> list[Term]:
    """Return the comma-separated terms of `track`: words, `#tags`, "quoted phrases", each also excluded with a `-`.

    A comma within quotes belongs to the phrase. A term of several words is a phrase, with or without quotes.

    Raises:
        ValueError: A quote is not closed or is inside a word, or a term can match nothing. The text is one sentence.

    """
    track = track.translate(_QUOTES)
    if track.count('"') % 2:
        raise ValueError(f"a quote is not closed in {track!r}")
    raw = [match[1].strip() for match in _SEPARATOR.finditer(track)]
    return [_term(term) for term in raw if term]


def _term(raw: str) -> Term:
    excluded = raw.startswith(_MINUS)
    text = raw[1:].strip() if excluded else raw
    is_tag = text.startswith(_HASH)
    text = text[1:] if is_tag else text
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if '"' in text:
        raise ValueError(f"the term {raw!r} has a quote in the middle")
    text = " ".join(text.split())
    if not text or not comparable(text):
        raise ValueError(f"the term {raw!r} is empty")
    if is_tag and not _can_be_tag(text):
        raise ValueError(f"#{text} can't be a hashtag, so it would match nothing: {_TAG_RULE}")
    if not _SEARCHABLE.search(comparable(text)):
        raise ValueError(f"the term {raw!r} would match nothing: it has no letter, digit or emoji")
    return Term(text, is_tag, excluded)


def _can_be_tag(text: str) -> bool:
    """Return whether `#text` is a hashtag that is counted."""
    return hashtags.extract(f"#{text}") == [text] and bool(hashtags.tags_of([text]))


class Filter:
    """Decides which posts are wanted.

    Without terms: every post. With excluded terms only: every post that has none of them. A word or phrase matches
    whole words of the text in any case, and the tags; a `#tag` matches the tags only. A language matches itself and
    its regional forms (`pt` includes `pt-BR`); without languages: every post.
    """

    def __init__(self, terms: Sequence[Term] = (), languages: Iterable[str] = ()) -> None:
        self.terms = [str(term) for term in terms]
        self.languages = list(dict.fromkeys(language.canonical(code) for code in languages))
        self._wanted = _Matcher([term for term in terms if not term.excluded])
        self._unwanted = _Matcher([term for term in terms if term.excluded])

    @property
    def wants_everything(self) -> bool:
        """Whether there are neither terms nor languages."""
        return not self.terms and not self.languages

    def wants(self, text: str, tags: Sequence[Tag], lang: str) -> bool:
        """Return whether a post with this text, these tags and this language is wanted."""
        return self.wants_all([text], [tags], [lang])[0]

    def wants_all(self, texts: Sequence[str], tags: Sequence[Sequence[Tag]], langs: Sequence[str]) -> list[bool]:
        """Return for each post whether it is wanted; the lists have an element for each post. See `wants`."""
        wanted = list(map(self._has_wanted_language, langs)) if self.languages else [True] * len(langs)
        if not self.terms:
            return wanted
        normal = comparable_all(texts)
        if len(texts) > 1 and (normal.count(NUL) >= len(texts) or any(NUL in term for term in self.terms)):
            return [self.wants(*post) for post in zip(texts, tags, langs, strict=True)]
        if self._wanted:
            matching = self._wanted.matching(normal, tags)
            wanted = [each and place in matching for place, each in enumerate(wanted)]
        for place in self._unwanted.matching(normal, tags):
            wanted[place] = False
        return wanted

    def _has_wanted_language(self, lang: str) -> bool:
        code = language.canonical(lang)
        return any(language.includes(wanted, code) for wanted in self.languages)


_comparable_keys = TextCache(comparable, CACHED_LABELS, MAX_CACHED_CHARACTERS)


class _Matcher:
    """Several terms as one set of keys and one pattern; false if there are no terms."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._keys = frozenset(comparable(term.text) for term in terms)
        words = sorted({comparable(term.text) for term in terms if not term.is_tag})
        alternatives = "|".join(r"\s+".join(regex.escape(part) for part in word.split()) for word in words)
        self._pattern = regex.compile(f"{_START}(?:{alternatives}){_END}", regex.WORD | regex.V1) if words else None
        # A text that matches has one of these.
        self._parts = sorted({max(word.split(), key=len, default="") for word in words})

    def __bool__(self) -> bool:
        return bool(self._keys)

    def matching(self, normal: str, tags: Sequence[Sequence[Tag]]) -> set[int]:
        """Return the places of the posts that match.

        Args:
            normal: The texts of the posts, as `comparable_all` returns them. Only a single text may have a `NUL` in it.
            tags: The tags of each post.

        """
        places = self._with_key(tags)
        if not self._pattern:
            return places
        if len(tags) == 1:
            return {0} if places or self._pattern.search(normal) else places
        place = counted = 0
        for position in self._matches(self._pattern, normal, len(tags)):
            place += normal.count(NUL, counted, position)
            counted = position
            places.add(place)
        return places

    def _matches(self, pattern: "regex.Pattern[str]", normal: str, posts: int) -> Iterator[int]:
        """Yield a position in each text that matches, in order; a position of the same text may follow."""
        # To find text is many times faster than to search for words.
        hits = sum(map(normal.count, self._parts))
        if hits * _RARE > posts:
            yield from (match.start() for match in pattern.finditer(normal))
            return
        for begin, end in sorted({span for part in self._parts for span in _texts_with(part, normal)} if hits else ()):
            if pattern.search(normal, begin, end):
                yield begin

    def _with_key(self, tags: Sequence[Sequence[Tag]]) -> set[int]:
        # Many posts have the same tags.
        keys = {tag.key for each in tags for tag in each}
        if self._keys.isdisjoint(map(_comparable_keys.__getitem__, keys)):
            return set()
        matching = {key for key in keys if _comparable_keys[key] in self._keys}
        return {place for place, each in enumerate(tags) if any(tag.key in matching for tag in each)}


def _texts_with(part: str, normal: str) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each text that contains `part`."""
    position = normal.find(part)
    while position >= 0:
        end = normal.find(NUL, position)
        end = end if end >= 0 else len(normal)
        yield normal.rfind(NUL, 0, position) + 1, end
        position = normal.find(part, end)
