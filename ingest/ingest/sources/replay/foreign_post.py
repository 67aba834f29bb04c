"""Decode objects of platforms in a replay file: find the platform of an object, and its post.

An object of a platform is recognised by fields that our own posts never have, so that it can't be mistaken for one.
"""

from collections.abc import Callable, Mapping

import msgspec

from ingest.sources.bluesky import event as jetstream_event
from ingest.sources.common import json_line, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.mastodon import post as mastodon_post
from ingest.sources.replay.timed import TimedChange, TimedPost, instant_ms, valid_ms
from ingest.sources.x import old_post as x_old_post
from ingest.sources.x import post as x_post

Found = list[TimedPost | TimedChange | FormatError]

NO_POST = "a message of X that is not a post"
ACTIVITY = "an activity of Gnip: convert it to objects of the X API v2"

_NONE = msgspec.Raw()


class Marks(msgspec.Struct, gc=False):
    """The fields that only objects of platforms have, each as raw JSON."""

    data: msgspec.Raw = _NONE
    includes: msgspec.Raw = _NONE
    meta: msgspec.Raw = _NONE
    statuses: msgspec.Raw = _NONE
    tweet: msgspec.Raw = _NONE
    full_text: msgspec.Raw = _NONE
    id_str: msgspec.Raw = _NONE
    user: msgspec.Raw = _NONE
    extended_tweet: msgspec.Raw = _NONE
    retweeted_status: msgspec.Raw = _NONE
    entities: msgspec.Raw = _NONE
    note_tweet: msgspec.Raw = _NONE
    referenced_tweets: msgspec.Raw = _NONE
    edit_history_tweet_ids: msgspec.Raw = _NONE
    author_id: msgspec.Raw = _NONE
    conversation_id: msgspec.Raw = _NONE
    public_metrics: msgspec.Raw = _NONE
    twarc: msgspec.Raw = msgspec.field(name="__twarc", default=_NONE)
    delete: msgspec.Raw = _NONE
    limit: msgspec.Raw = _NONE
    content: msgspec.Raw = _NONE
    account: msgspec.Raw = _NONE
    uri: msgspec.Raw = _NONE
    did: msgspec.Raw = _NONE
    kind: msgspec.Raw = _NONE
    payload: msgspec.Raw = _NONE
    type: msgspec.Raw = msgspec.field(name="$type", default=_NONE)
    object_type: msgspec.Raw = msgspec.field(name="objectType", default=_NONE)
    body: msgspec.Raw = _NONE


class _Fields(Marks, gc=False):
    """The fields by which the platform of an object is recognised."""

    text: msgspec.Raw = _NONE
    author: msgspec.Raw = _NONE


_marks = msgspec.json.Decoder(Marks)
_fields = msgspec.json.Decoder(_Fields)
_no_marks = Marks()
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_x = msgspec.json.Decoder(x_post.XPost)
_old = msgspec.json.Decoder(x_old_post.OldPost)
_includes = msgspec.json.Decoder(x_post.Includes)


def has_marks(line: bytes) -> bool:
    """Return whether an object has fields of a platform; rarely, it is one of our own posts nevertheless."""
    return json_line.decode(line, _marks) != _no_marks


def reader(line: bytes) -> Callable[[bytes], Found] | None:
    """Return the function that decodes an object; None if its platform is unknown."""
    fields = json_line.decode(line, _fields)
    return _reader_of_x(fields) or _reader_of_others(fields)


def _reader_of_x(fields: _Fields) -> Callable[[bytes], Found] | None:
    if fields.data:
        return lambda _: _v2_answer(fields)
    if _starts_with(fields.statuses, "["):
        return lambda _: in_order(elements(bytes(fields.statuses), _old_object))
    if _starts_with(fields.tweet, "{"):
        return lambda _: _old_object(bytes(fields.tweet))
    if _is_old(fields):
        return _old_object
    if _is_v2(fields):
        return _v2_object
    if not fields.text and _starts_with(fields.meta, "{"):
        return lambda _: []  # the page of a search without results
    if not fields.text and any(_starts_with(each, "{") for each in (fields.includes, fields.delete, fields.limit)):
        return lambda _: [FormatError(NO_POST)]
    return None


def _reader_of_others(fields: _Fields) -> Callable[[bytes], Found] | None:
    if _starts_with(fields.account, "{") and fields.uri and _starts_with(fields.content, '"'):
        return _mastodon
    if (fields.did and fields.kind) or (fields.type and fields.payload):
        return lambda line: _jetstream(line, v2=bool(fields.payload))
    if fields.object_type and fields.body:
        return lambda _: [FormatError(ACTIVITY)]
    return None


def _is_old(fields: _Fields) -> bool:
    """Return whether this is an object of the API v1.1, even if its text or id is missing."""
    if any(_starts_with(each, "{") for each in (fields.extended_tweet, fields.retweeted_status)):
        return True
    has_text = _starts_with(fields.text, '"') or _starts_with(fields.full_text, '"')
    return has_text and (bool(fields.full_text) or _starts_with(fields.id_str, '"') or _starts_with(fields.user, "{"))


def _is_v2(fields: _Fields) -> bool:
    """Return whether this is a post object of the API v2, from a response or from `twarc2 flatten`."""
    objects = (fields.author, fields.entities, fields.note_tweet, fields.public_metrics, fields.twarc)
    lists = (fields.referenced_tweets, fields.edit_history_tweet_ids)
    if any(_starts_with(each, "{") for each in objects) or any(_starts_with(each, "[") for each in lists):
        return True
    return bool(fields.text) and bool(fields.author_id or fields.conversation_id)


def _starts_with(raw: msgspec.Raw, first: str) -> bool:
    return bytes(raw).lstrip()[:1] == first.encode()


def _v2_answer(fields: _Fields) -> Found:
    """Return the posts of `data`, which is one post or a page; a page is sorted, because it is newest first."""
    has_includes = _starts_with(fields.includes, "{")
    included = x_post.by_id(json_line.decode(bytes(fields.includes), _includes) if has_includes else None)
    data = bytes(fields.data)

    def read(raw: bytes) -> Found:
        return _v2_post(json_line.decode(raw, _x), included)

    return in_order(elements(data, read)) if data.lstrip().startswith(b"[") else attempt(read, data)


def _v2_object(line: bytes) -> Found:
    try:
        return _v2_post(json_line.decode(line, _x), {})
    except FormatError:
        # An object of the API v1.1 that has only the fields of both versions; its hashtags have another name.
        return _old_object(line)


def _v2_post(post: x_post.XPost, included: Mapping[str, x_post.XPost]) -> Found:
    return [TimedPost(x_post.source_post(post, included), instant_ms(post.created_at))]


def _old_object(line: bytes) -> Found:
    post = json_line.decode(line, _old)
    return [TimedPost(x_old_post.source_post(post), instant_ms(post.created_at))]


def _mastodon(line: bytes) -> Found:
    status = mastodon_post.read(line)
    return [TimedPost(status.post, instant_ms(status.post.created_at))] if status else []


def _jetstream(line: bytes, *, v2: bool) -> Found:
    event = jetstream_event.read_v2(line) if v2 else jetstream_event.read_v1(line)
    if isinstance(event, jetstream_event.JetstreamPost):
        return [TimedPost(event.post, valid_ms(event.time_us // 1000))]
    if isinstance(event, jetstream_event.JetstreamChange):
        return [TimedChange(event.change, valid_ms(event.time_us // 1000))]
    return []


def elements(array: bytes, read: Callable[[bytes], Found]) -> Found:
    """Return what `read` makes of each element of a JSON array; an element that can't be read becomes its error."""
    return [each for raw in json_line.decode(array, _raw_list) for each in attempt(read, bytes(raw))]


def attempt(read: Callable[[bytes], Found], line: bytes) -> Found:
    """Return what `read` makes of a line, or the error as the only element."""
    found = unexpected.read(read, line)
    return [found] if isinstance(found, FormatError) else found


def in_order(found: Found) -> Found:
    """Sort the posts of a page by time; posts without a time and errors come first."""
    return sorted(found, key=lambda each: 0 if isinstance(each, FormatError) else each.at_ms or 0)
