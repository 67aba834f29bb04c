"""Objects of platforms in a replay file: which platform an object is of, and what its post is.

An object is told by fields that ours never have, so that none passes as a post of ours by accident.
"""

from collections.abc import Callable, Mapping

import msgspec

from ingest.sources.bluesky import event as jetstream_event
from ingest.sources.common import json_line, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.mastodon import post as mastodon_post
from ingest.sources.replay.timed import TimedPost, instant_ms, usable
from ingest.sources.x import old_post as x_old_post
from ingest.sources.x import post as x_post

Found = list[TimedPost | FormatError]

NO_POST = "a message of X without a post"
ACTIVITY = "an activity of Gnip: convert it to objects of the X API v2"

_NONE = msgspec.Raw()


class Marks(msgspec.Struct, gc=False):
    """The fields that only objects of platforms have; each is what follows the name, as it stands there."""

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


class _Seen(Marks, gc=False):
    """The fields by which the objects of platforms are told."""

    text: msgspec.Raw = _NONE
    author: msgspec.Raw = _NONE


_marks = msgspec.json.Decoder(Marks)
_seen = msgspec.json.Decoder(_Seen)
_no_marks = Marks()
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_x = msgspec.json.Decoder(x_post.XPost)
_old = msgspec.json.Decoder(x_old_post.OldPost)
_includes = msgspec.json.Decoder(x_post.Includes)


def has_marks(line: bytes) -> bool:
    """Say whether an object has fields that ours never have; it may be one of ours all the same."""
    return json_line.decode(line, _marks) != _no_marks


def reader(line: bytes) -> Callable[[bytes], Found] | None:
    """Return what reads an object; None if it is of no platform that we know."""
    seen = json_line.decode(line, _seen)
    return _reader_of_x(seen) or _reader_of_others(seen)


def _reader_of_x(seen: _Seen) -> Callable[[bytes], Found] | None:
    if seen.data:
        return lambda _: _v2_answer(seen)
    if _opens(seen.statuses, "["):
        return lambda _: in_order(elements(bytes(seen.statuses), _old_object))
    if _opens(seen.tweet, "{"):
        return lambda _: _old_object(bytes(seen.tweet))
    if _is_old(seen):
        return _old_object
    if _is_v2(seen):
        return _v2_object
    if not seen.text and _opens(seen.meta, "{"):
        return lambda _: []  # the page of a search that found nothing
    if not seen.text and any(_opens(each, "{") for each in (seen.includes, seen.delete, seen.limit)):
        return lambda _: [FormatError(NO_POST)]
    return None


def _reader_of_others(seen: _Seen) -> Callable[[bytes], Found] | None:
    if _opens(seen.account, "{") and seen.uri and _opens(seen.content, '"'):
        return _mastodon
    if (seen.did and seen.kind) or (seen.type and seen.payload):
        return lambda line: _jetstream(line, v2=bool(seen.payload))
    if seen.object_type and seen.body:
        return lambda _: [FormatError(ACTIVITY)]
    return None


def _is_old(seen: _Seen) -> bool:
    """Say whether it is an object of the API v1.1; without its text or id it still is one."""
    if any(_opens(each, "{") for each in (seen.extended_tweet, seen.retweeted_status)):
        return True
    has_text = _opens(seen.text, '"') or _opens(seen.full_text, '"')
    return has_text and (bool(seen.full_text) or _opens(seen.id_str, '"') or _opens(seen.user, "{"))


def _is_v2(seen: _Seen) -> bool:
    """Say whether it is a post object of the API v2, from an answer or out of `twarc2 flatten`."""
    objects = (seen.author, seen.entities, seen.note_tweet, seen.public_metrics, seen.twarc)
    lists = (seen.referenced_tweets, seen.edit_history_tweet_ids)
    if any(_opens(each, "{") for each in objects) or any(_opens(each, "[") for each in lists):
        return True
    return bool(seen.text) and bool(seen.author_id or seen.conversation_id)


def _opens(raw: msgspec.Raw, first: str) -> bool:
    return bytes(raw).lstrip()[:1] == first.encode()


def _v2_answer(seen: _Seen) -> Found:
    """Return the posts of `data`, one or a page; a page comes newest first and is put in order."""
    included = x_post.by_id(json_line.decode(bytes(seen.includes), _includes) if _opens(seen.includes, "{") else None)
    data = bytes(seen.data)

    def read(raw: bytes) -> Found:
        return _v2_post(json_line.decode(raw, _x), included)

    return in_order(elements(data, read)) if data.lstrip().startswith(b"[") else attempt(read, data)


def _v2_object(line: bytes) -> Found:
    try:
        return _v2_post(json_line.decode(line, _x), {})
    except FormatError:
        # One of the API v1.1 with nothing but the fields that both have; its hashtags have another name.
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
        return [TimedPost(event.post, usable(event.time_us // 1000))]
    return []


def elements(array: bytes, read: Callable[[bytes], Found]) -> Found:
    """Return what `read` makes of each element of a JSON array; a bad one spoils no other."""
    return [each for raw in json_line.decode(array, _raw_list) for each in attempt(read, bytes(raw))]


def attempt(read: Callable[[bytes], Found], line: bytes) -> Found:
    """Return what `read` makes of a line, or why it makes nothing of it."""
    found = unexpected.read(read, line)
    return [found] if isinstance(found, FormatError) else found


def in_order(found: Found) -> Found:
    """Return posts of a page by their times; those without one, and what is no post, come first."""
    return sorted(found, key=lambda each: (each.at_ms or 0) if isinstance(each, TimedPost) else 0)
