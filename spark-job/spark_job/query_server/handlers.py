"""What the query port answers: /search, /tag and /recount."""

from http import HTTPStatus

from spark_job.executor.posts import MAX_TIME_MS
from spark_job.query_server.recount import Recounted, Recounter
from spark_job.query_server.server import Handler, Parameters, RefusedError
from spark_job.query_server.tag_search import MOST_CHARACTERS, MOST_TAGS, Found, FoundTag, TagSearch
from spark_job.snapshot_fields import TimeMs

DEFAULT_LIMIT = 20
NOTHING_YET = "nothing is counted yet"


class OneTag(FoundTag, frozen=True, kw_only=True):
    """The answer of /tag. `at_ms`: the end of the window."""

    at_ms: TimeMs


def handlers_of(search: TagSearch, recounter: Recounter) -> dict[str, Handler]:
    """The handlers by path."""

    def find(given: Parameters) -> Found:
        text = given.get("q", "")
        if not text.strip() or len(text) > MOST_CHARACTERS:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"q must have 1 to {MOST_CHARACTERS} characters")
        found = search.search(text.strip(), number(given, "limit", 1, MOST_TAGS, DEFAULT_LIMIT))
        if found is None:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, NOTHING_YET)
        return found

    def tag(given: Parameters) -> OneTag:
        if not given.get("key"):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "key must be a key of a tag")
        found = search.tag(given["key"])
        if found is None:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, NOTHING_YET)
        if not found.tags:
            raise RefusedError(HTTPStatus.NOT_FOUND, "no post with this tag is counted")
        (one,) = found.tags
        return OneTag(at_ms=found.at_ms, **{name: getattr(one, name) for name in one.__struct_fields__})

    def recount(given: Parameters) -> Recounted:
        return recounter.recount(number(given, "from_ms", 0, MAX_TIME_MS), given.get("key") or None)

    return {"/search": find, "/tag": tag, "/recount": recount}


def number(given: Parameters, name: str, least: int, most: int, default: int | None = None) -> int:
    """A whole number of a request.

    Raises:
        RefusedError: It is none, or out of bounds.

    """
    text = given.get(name)
    if text is None and default is not None:
        return default
    if text is None or not text.isascii() or not text.isdigit() or not least <= int(text[:20]) <= most:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"{name} must be a whole number from {least} to {most}")
    return int(text)
