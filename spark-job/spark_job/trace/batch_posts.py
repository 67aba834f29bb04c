"""The first posts of a micro-batch, from ingest's spool or from a topic of Kafka."""

from collections.abc import Callable

from msgspec.structs import replace

from spark_job.executor.ingest_client import ContractError, IngestClient
from spark_job.executor.kafka_slices import KafkaSlice
from spark_job.kafka.counted_topic import CountedTopic
from spark_job.samples.log_post import LogPost, read_all_lines
from spark_job.samples.topic_pieces import TopicPieces, fair_shares
from spark_job.trace.book import Note
from spark_job.trace.schema import MAX_POSTS

MAX_BYTES = 8 << 20

#: Reads the first posts of a micro-batch that was noted. Deleted ones have no text.
#:
#: Raises:
#:     OSError: They can't be read now.
#:     ContractError: The log is another one now.
#:     TooLargeError: They are too large.
BatchPosts = Callable[[Note], list[LogPost]]


def spool_batch_posts(connect: Callable[[], IngestClient]) -> BatchPosts:
    """Read posts of the spool."""

    def read(note: Note) -> list[LogPost]:
        first = note.trace.first_offset
        with connect() as client:
            piece = client.read(first, min(note.trace.end_offset, first + MAX_POSTS), MAX_BYTES)
        if piece.log != note.log:
            raise ContractError("the log is another one now")
        return [*read_all_lines(piece.body)]

    return read


def topic_batch_posts(pieces: TopicPieces, topic: CountedTopic) -> BatchPosts:
    """Read posts of a topic: of each slice about as many."""

    def read(note: Note) -> list[LogPost]:
        # A slice has gaps: each transaction ends with a marker.
        shares = fair_shares({place: each.end - each.start for place, each in enumerate(note.slices)}, 2 * MAX_POSTS)
        begins = [(note.slices[place], share) for place, share in shares.items()]
        found = pieces.read([KafkaSlice(each.partition, each.start, each.start + share) for each, share in begins])
        if topic.latest is None or topic.latest.log != note.log:
            raise ContractError("the topic is another one now")
        gone = {*found.deleted_ids}
        return [_without_text(post) if post.id in gone or topic.is_deleted(post.id) else post for post in found.posts][
            :MAX_POSTS
        ]

    return read


def _without_text(post: LogPost) -> LogPost:
    return replace(post, text="", deleted_ms=post.at_ms)
