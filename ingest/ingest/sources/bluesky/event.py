"""Decode the events of Jetstream, in the two versions of its protocol.

v2 is `network.bsky.jetstream.subscribeEvents` (its lexicon, and proposal 0015 for the frames), v1 is `/subscribe`.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec

from ingest.posts.post import SourcePost
from ingest.sources.base import ChangedPost
from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError

POSTS = "app.bsky.feed.post"
MAX_NOTICE_CHARACTERS = 200
#: Why an account is not active, if it does not come back by itself. An account that its owner has deactivated may.
GONE = frozenset({"deleted", "takendown", "suspended"})
#: Times outside these bounds (2001 and 2096) are invalid. v2 would read a smaller cursor as another kind of number.
MIN_TIME_US, MAX_TIME_US = 10**15, 4 * 10**15

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_TAG = "app.bsky.richtext.facet#tag"
_V2_COMMIT = "network.bsky.jetstream.subscribeEvents#commit"
_V2_ACCOUNT = "network.bsky.jetstream.subscribeEvents#account"
_V2_INFO = "network.bsky.jetstream.subscribeEvents#info"


class JetstreamPost(msgspec.Struct, gc=False):
    """A new post, and when the server saw it, in microseconds since 1970 UTC: the cursor in both versions."""

    post: SourcePost
    time_us: int


class JetstreamChange(msgspec.Struct, gc=False):
    """A post was deleted or edited, or an account was deleted, and when the server saw that, in µs since 1970 UTC."""

    change: ChangedPost
    time_us: int


class Notice(msgspec.Struct, gc=False):
    """A message of the server about the stream; after a `final` one the server closes the stream."""

    text: str
    final: bool


Event = JetstreamPost | JetstreamChange | Notice | None


class _Feature(msgspec.Struct, gc=False):
    type: str | None = msgspec.field(name="$type", default=None)
    tag: str | None = None


class _Facet(msgspec.Struct, gc=False):
    features: list[_Feature] | None = None


class _Record(msgspec.Struct, gc=False, rename="camel"):
    text: str = ""
    created_at: str | None = None
    langs: list[str] | None = None
    facets: list[_Facet] | None = None
    tags: list[str] | None = None


class _Commit(msgspec.Struct, gc=False):
    operation: str | None = None
    collection: str | None = None
    rkey: str | None = None
    record: msgspec.Raw = msgspec.Raw()


class _Account(msgspec.Struct, gc=False):
    active: bool = True
    status: str | None = None


class _V1Event(msgspec.Struct, gc=False):
    did: str
    time_us: int
    kind: str
    commit: _Commit | None = None
    account: _Account | None = None


Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _V2Message(msgspec.Struct, gc=False, rename="camel"):
    type: str = msgspec.field(name="$type")
    did: str = ""
    time: Instant | None = None
    witnessed_at: Instant | None = None
    operation: str | None = None
    collection: str | None = None
    rkey: str | None = None
    record: msgspec.Raw = msgspec.Raw()
    account: _Account | None = None
    name: str = ""
    message: str = ""


class _V2Frame(msgspec.Struct, gc=False):
    type: str = msgspec.field(name="$type")
    payload: _V2Message | None = None
    error: str = ""
    message: str = ""


_v1 = msgspec.json.Decoder(_V1Event)
_v2 = msgspec.json.Decoder(_V2Frame)
_record = msgspec.json.Decoder(_Record)


def read_v1(raw: bytes) -> Event:
    """Decode an event of `/subscribe`; return None if it is not about a post.

    Raises:
        FormatError: The event can't be decoded.

    """
    event = json_line.decode(raw, _v1)
    commit = event.commit
    if event.account is not None:
        return _account_event(event.did, event.account, event.time_us)
    if commit is None or not _is_of_post(commit.operation, commit.collection):
        return None
    return _event(event.did, commit, event.time_us)


def read_v2(raw: bytes) -> Event:
    """Decode a frame of `subscribeEvents`; return None if it is not about a post.

    Raises:
        FormatError: The frame can't be decoded.

    """
    frame = json_line.decode(raw, _v2)
    if frame.type == "error":
        return Notice(f"{frame.error}: {frame.message}"[:MAX_NOTICE_CHARACTERS], final=True)
    message = frame.payload
    if message is None:
        return None
    if message.type == _V2_INFO:
        return Notice(f"{message.name}: {message.message}"[:MAX_NOTICE_CHARACTERS], final=False)
    if message.type == _V2_ACCOUNT and message.account is not None:
        return _account_event(message.did, message.account, _seen_us(message))
    if message.type != _V2_COMMIT or not _is_of_post(message.operation, message.collection):
        return None
    return _event(message.did, message, _seen_us(message))


def _seen_us(message: _V2Message) -> int:
    seen = message.witnessed_at or message.time
    if seen is None:
        raise FormatError("wrong shape")
    # In integers: a float would round.
    return (seen - _EPOCH) // _MICROSECOND


def _is_of_post(operation: str | None, collection: str | None) -> bool:
    return collection == POSTS and operation in {"create", "update", "delete"}


def _event(did: str, commit: _Commit | _V2Message, time_us: int) -> JetstreamPost | JetstreamChange:
    """Return what a commit did to a post."""
    if not MIN_TIME_US <= time_us <= MAX_TIME_US:
        raise FormatError("no such time")
    if commit.operation == "delete":
        return JetstreamChange(ChangedPost("deleted", _id(did, commit.rkey)), time_us)
    post = _post(did, commit.rkey, commit.record)
    if commit.operation == "update":
        return JetstreamChange(ChangedPost("edited", post.id, post.text), time_us)
    return JetstreamPost(post, time_us)


def _account_event(did: str, account: _Account, time_us: int) -> JetstreamChange | None:
    """Return the deletion of an account; None if it is about something else."""
    if account.active or account.status not in GONE:
        return None
    if not did:
        raise FormatError("wrong shape")
    if not MIN_TIME_US <= time_us <= MAX_TIME_US:
        raise FormatError("no such time")
    return JetstreamChange(ChangedPost("deleted", f"bluesky:{did}/", is_account=True), time_us)


def _id(did: str, rkey: str | None) -> str:
    if not did or not rkey:
        raise FormatError("wrong shape")
    return f"bluesky:{did}/{rkey}"


def _post(did: str, rkey: str | None, raw: msgspec.Raw) -> SourcePost:
    """Return the post of a record. The author's server may have accepted a record of any shape."""
    post_id = _id(did, rkey)
    if not raw:
        raise FormatError("wrong shape")
    record = json_line.decode(bytes(raw), _record)
    return SourcePost(
        id=post_id,
        text=record.text,
        source="bluesky",
        labels=_labels(record),
        lang=(record.langs and record.langs[0]) or "und",
        author=did,
        url=f"https://bsky.app/profile/{did}/post/{rkey}",
        created_at=record.created_at,
    )


def _labels(record: _Record) -> list[str] | None:
    """Return the tags that the author's client marked; None if it marked none, because clients need not mark tags."""
    labels: list[str] = []
    for facet in record.facets or ():
        labels += [feature.tag for feature in facet.features or () if feature.tag and feature.type == _TAG]
    labels += record.tags or ()
    return [label.lstrip("#＃") for label in labels] or None
