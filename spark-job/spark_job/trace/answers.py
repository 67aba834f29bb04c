"""Answers `/trace`: the newest micro-batch that was noted, with some of its posts and of what ingest has dropped."""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from spark_job.executor.ingest_client import ContractError, IngestClient, TooLargeError
from spark_job.executor.kafka_slices import PARTITIONS_AT_MOST
from spark_job.panel_schema import SampleTag
from spark_job.samples.log_post import LogPost
from spark_job.samples.text_keys import keys_in
from spark_job.trace.batch_posts import BatchPosts
from spark_job.trace.book import Note, TraceBook
from spark_job.trace.schema import (
    MAX_DROPPED,
    TEXT_CHARACTERS,
    DroppedCounts,
    TraceAnswer,
    TraceDropped,
    TracePost,
    WhyDropped,
)
from spark_job.trace.stages import stage

NO_POSTS = "the posts of this micro-batch can't be read now"


class _Dropped(msgspec.Struct, frozen=True):
    """A dropped post, as ingest answers."""

    at_ms: int
    source: str
    why: WhyDropped
    text: str | None = None
    tags: list[SampleTag] = []
    detail: str | None = None


class _DroppedAnswer(msgspec.Struct, frozen=True):
    """Ingest's answer to DROPPED."""

    log: str
    posts: list[_Dropped]
    counts: DroppedCounts


class TraceAnswers:
    """Makes answers, in the threads of the query port."""

    def __init__(
        self,
        book: TraceBook,
        connect: Callable[[], IngestClient],
        posts: BatchPosts,
        shows: Callable[[str], bool],
        hides: Callable[[str], bool],
    ) -> None:
        """Args:
        book: What was noted.
        connect: Makes a client of ingest, which says what it has dropped.
        posts: Reads the posts of a micro-batch.
        shows: Whether posts of a source may be shown.
        hides: Whether a tag is muted.
        """
        self._book = book
        self._connect = connect
        self._posts = posts
        self._shows = shows
        self._hides = hides

    def newest(self, _: Mapping[str, str]) -> TraceAnswer:
        """The newest trace."""
        note = self._book.ask()
        # The request is sent without a trace, too: so ingest begins to note what it drops.
        with self._connect() as client:
            dropped = self._dropped(client, note)
        if note is None:
            return TraceAnswer(trace=None, error=None)
        try:
            posts = [post for post in self._posts(note) if not self._has_muted(post)]
            shown, error = [self._shown(post, is_of_topic=bool(note.slices)) for post in posts], None
        except (OSError, ContractError, TooLargeError):
            shown, error = [], NO_POSTS
        pushed = [stage("push", "driver", note.pushed)] if note.pushed is not None else []
        stages = [*note.trace.stages, *pushed]
        return TraceAnswer(trace=replace(note.trace, stages=stages, posts_shown=shown, **dropped), error=error)

    def _shown(self, post: LogPost, *, is_of_topic: bool) -> TracePost:
        text = post.text if post.deleted_ms is None else None
        offset, partition = divmod(post.offset, PARTITIONS_AT_MOST) if is_of_topic else (post.offset, UNSET)
        return TracePost(
            offset=offset,
            partition=partition,
            at_ms=post.at_ms,
            source=post.source,
            lang=post.lang,
            text=self._text(post.source, text),
            tags=post.tags,
        )

    def _dropped(self, client: IngestClient, note: Note | None) -> dict[str, object]:
        """What ingest has dropped since the micro-batch before. Nothing if it can't say it."""
        offsets = (note.trace.first_offset, note.trace.end_offset) if note is not None else (0, 0)
        try:
            answer = msgspec.convert(client.dropped(*offsets), _DroppedAnswer)
        except (OSError, ContractError, msgspec.ValidationError):
            # An ingest of an older version does not know the request.
            return {}
        if note is None or answer.log != note.log:
            return {}
        shown = [post for post in answer.posts if not self._has_muted(post)][-MAX_DROPPED:]
        dropped = [
            TraceDropped(
                at_ms=post.at_ms,
                source=post.source,
                text=self._text(post.source, post.text),
                why=post.why,
                detail=post.detail,
            )
            for post in shown
        ]
        return {"dropped": dropped, "dropped_counts": answer.counts}

    def _text(self, source: str, text: str | None) -> str | None:
        return text[:TEXT_CHARACTERS] if text is not None and self._shows(source) else None

    def _has_muted(self, post: LogPost | _Dropped) -> bool:
        """Whether a post has a muted tag, or shows one in its text: a tag of an edited text is not among its tags."""
        hides = self._hides
        return any(hides(tag.key) for tag in post.tags) or any(hides(key) for key in keys_in(post.text or ""))
