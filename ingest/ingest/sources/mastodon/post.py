"""Decode a status of the Mastodon API."""

import unicodedata
from typing import Annotated

import msgspec
import regex

from ingest.posts import labels as tag_labels
from ingest.posts.post import SourcePost
from ingest.sources.common import json_line
from ingest.sources.mastodon.html_text import text_of

#: The longest id. Ids of Mastodon have 18 digits; other servers use letters and longer ids.
MAX_ID_CHARACTERS = 64


class MastodonPost(msgspec.Struct, gc=False):
    """A post and its id at this server, by which timelines are paged."""

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
    """Return the post of a status; None for a boost of another status (a public timeline has none).

    The id of the post is its `uri`, which is the same on every server. The text begins with the content warning.

    Raises:
        FormatError: The status can't be decoded.

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
    """Return the sort key of an id: ids are growing numbers, written as strings."""
    return len(status_id), status_id


# Candidates for tags; the API says which of them are tags.
_tag_candidates = regex.compile(r"[#＃]([\p{L}\p{M}\p{N}_\u00b7\u30fb\u200c\u200d]+)")


def _labels(names: list[str], text: str) -> list[str]:
    """Return the tags as they are written in the text, if the text has them.

    The API gives names in small letters and without accents (Mastodon's HashtagNormalizer). Without this, `Fútbol`
    would be another tag here than on other platforms.
    """
    if not names:
        return []
    written = _tag_candidates.findall(text)
    labels = {tag_labels.fold(label): label for label in reversed(written)}
    if not labels.keys() >= set(names):
        labels = {_without_accents(label): label for label in reversed(written)} | labels
    return [labels.get(name) or labels.get(_without_accents(name), name) for name in names]


# The letters of Mastodon's table that Unicode does not decompose into a base letter and an accent.
_letters = str.maketrans("øđðħıłŧŋĸŀŉſ", "oddhiltnklns")


def _without_accents(label: str) -> str:
    """Return the key of a label without accents."""
    plain = unicodedata.normalize("NFKD", tag_labels.fold(label).translate(_letters))
    return "".join(character for character in plain if not unicodedata.combining(character))
