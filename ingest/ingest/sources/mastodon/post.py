"""A status of the Mastodon API."""

import unicodedata
from typing import Annotated

import msgspec
import regex

from ingest.posts import labels as tag_labels
from ingest.posts.post import SourcePost
from ingest.sources.common import json_line
from ingest.sources.mastodon.html_text import text_of

#: Ids are of 18 digits; other servers than Mastodon have letters, and some more of them.
MAX_ID_CHARACTERS = 64


class MastodonPost(msgspec.Struct, gc=False):
    """A post, and the id that its server gave it, by which timelines are paged."""

    id: str
    post: SourcePost


class _Tag(msgspec.Struct, gc=False):
    name: str


class _Account(msgspec.Struct, gc=False):
    acct: str | None = None


class _Status(msgspec.Struct, gc=False):
    id: Annotated[str, msgspec.Meta(max_length=MAX_ID_CHARACTERS)]
    uri: str
    account: _Account
    content: str = ""
    spoiler_text: str = ""
    tags: list[_Tag] | None = None
    url: str | None = None
    created_at: str | None = None
    language: str | None = None
    reblog: msgspec.Raw = msgspec.Raw(b"null")


_status = msgspec.json.Decoder(_Status)


def read(raw: bytes) -> MastodonPost | None:
    """Return the post of a status; None if it only passes on another one (none such is in a public timeline).

    Its `uri` is the same on every server that has it; its text begins with the warning that stands above it.

    Raises:
        FormatError: it can't be read.

    """
    status = json_line.decode(raw, _status)
    if bytes(status.reblog) != b"null":
        return None
    text = text_of(status.content)
    if status.spoiler_text:
        text = f"{status.spoiler_text}\n{text}"
    post = SourcePost(
        id=f"mastodon:{status.uri}",
        text=text,
        source="mastodon",
        labels=_labels([tag.name for tag in status.tags or ()], text),
        lang=status.language or "und",
        author=status.account.acct,
        url=status.url,
        created_at=status.created_at,
    )
    return MastodonPost(status.id, post)


def order(status_id: str) -> tuple[int, str]:
    """Return what ids are ordered by: they are numbers that grow, too large for some languages, so they are strings."""
    return len(status_id), status_id


# Which of them are tags is Mastodon's to say.
_written = regex.compile(r"[#＃]([\p{L}\p{M}\p{N}_\u00b7\u30fb\u200c\u200d]+)")


def _labels(names: list[str], text: str) -> list[str]:
    """Return the tags as they are written in the text, where they are.

    Mastodon gives their names in small letters and without accents (its HashtagNormalizer), so that `Fútbol` would be
    another tag here than on other platforms.
    """
    if not names:
        return []
    written = _written.findall(text)
    labels = {tag_labels.fold(label): label for label in reversed(written)}
    if not labels.keys() >= set(names):
        labels = {_bare(label): label for label in reversed(written)} | labels
    return [labels.get(name) or labels.get(_bare(name), name) for name in names]


# The letters of Mastodon's table that Unicode doesn't take for a base letter and an accent.
_letters = str.maketrans("øđðħıłŧŋĸŀŉſ", "oddhiltnklns")


def _bare(label: str) -> str:
    """Return the key of a label without accents."""
    plain = unicodedata.normalize("NFKD", tag_labels.fold(label).translate(_letters))
    return "".join(character for character in plain if not unicodedata.combining(character))
