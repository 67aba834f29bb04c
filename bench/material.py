"""The same posts in the forms that the contenders read, written once into a folder."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from bench.posts import RUN_POSTS, Kind, runs
from ingest.posts.columns import COLUMN_SET
from ingest.posts.post import Post, encode_lines
from ingest.spool.clock import Clock
from ingest.spool.schema import FORMAT as SPOOL_FORMAT
from ingest.spool.spool import Spool

# posts: NDJSON of the protocol; texts: a text per line; tags: the key of a hashtag per line; untagged: NDJSON without
# hashtags and times, so that ingest has to find the hashtags and set the times.
Form = Literal["posts", "texts", "tags", "untagged"]
FORMS: Sequence[Form] = ("posts", "texts", "tags", "untagged")
_NO_BOUND = 1 << 50


class RunClock:
    """A clock that stands still at the time of a run, until it is set to the next run."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def wall_ms(self) -> int:
        """The wall clock."""
        return self.at_ms

    def monotonic(self) -> float:
        """The other clock, in seconds."""
        return self.at_ms / 1000


@dataclass(frozen=True)
class Material:
    """A folder with `posts` posts of a kind: ingest's spool, and a file for each other form."""

    folder: Path
    kind: Kind
    posts: int

    @property
    def spool(self) -> Path:
        """Folder of ingest's spool."""
        return self.folder / "spool"

    def path(self, form: Form) -> Path:
        """File of one form."""
        return self.folder / form

    def bytes_until(self, form: Form, posts: int) -> int:
        """The number of bytes of the first `posts` posts in a form. `posts` is a multiple of `RUN_POSTS`, or all."""
        return _ends(self.folder)[form][-(-posts // RUN_POSTS)]

    def counts(self, posts: int) -> Counter[str]:
        """Hashtag -> how many of the first `posts` posts have it, counted from the file of tags."""
        return _counts(self.path("tags"), self.bytes_until("tags", posts))

    def average_bytes(self) -> int:
        """The mean number of bytes of a post of the protocol."""
        return self.path("posts").stat().st_size // self.posts


@cache
def _ends(folder: Path) -> dict[str, list[int]]:
    ends: dict[str, list[int]] = json.loads((folder / "ends.json").read_text())
    return ends


@cache
def _counts(path: Path, size: int) -> Counter[str]:
    with path.open("rb") as file:
        return Counter(file.read(size).decode().split("\n")[:-1])


def prepared(below: Path, kind: Kind, posts: int) -> Material:
    """Material in a folder below `below`. An existing folder is used if its spool has today's format and columns.

    Ingest can read older ones, but it converts posts while they are requested, which costs time.
    """
    name = f"{posts}-{kind.tags}-{kind.per_second}-{kind.seed}-format-{SPOOL_FORMAT}.{COLUMN_SET}"
    material = Material(below / name, kind, posts)
    if not (material.folder / "ends.json").exists():
        material.spool.mkdir(parents=True, exist_ok=True)
        _write(material)
    return material


def _write(material: Material) -> None:
    ends: dict[str, list[int]] = {form: [0] for form in FORMS}
    clock = RunClock(material.kind.at_ms(0))
    spool = Spool(material.spool, Clock(clock.wall_ms, clock.monotonic), max_age_seconds=_NO_BOUND, max_bytes=_NO_BOUND)
    files = {form: material.path(form).open("wb") for form in FORMS}
    try:
        for run in runs(material.kind, material.posts):
            clock.at_ms = run[0].at_ms
            for form, lines in _lines(run).items():
                files[form].write(lines)
                ends[form].append(ends[form][-1] + len(lines))
            spool.append(run, {})
    finally:
        for file in files.values():
            file.close()
        spool.close()
    (material.folder / "ends.json").write_text(json.dumps(ends))


def _lines(run: Sequence[Post]) -> dict[Form, bytes]:
    tags = [tag.key for post in run for tag in post.tags]
    untagged = [{"id": post.id, "text": post.text, "author": post.author, "lang": post.lang} for post in run]
    return {
        "posts": encode_lines(run, run[0].offset, run[0].at_ms),
        "texts": "".join(f"{post.text}\n" for post in run).encode(),
        "tags": "".join(f"{tag}\n" for tag in tags).encode(),
        "untagged": "".join(json.dumps(post, ensure_ascii=False) + "\n" for post in untagged).encode(),
    }
