"""The same posts in the forms in which the contenders want them, written once into a folder."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from bench.posts import RUN_POSTS, Kind, runs
from ingest.posts.post import Post, encode_lines
from ingest.spool.clock import Clock
from ingest.spool.spool import Spool

# posts: NDJSON of the contract; texts: a text a line; tags: a folded hashtag a line; untagged: NDJSON without hashtags
# and times, so that whoever replays it has to find and stamp them.
Form = Literal["posts", "texts", "tags", "untagged"]
FORMS: Sequence[Form] = ("posts", "texts", "tags", "untagged")
_NO_BOUND = 1 << 50


class RunClock:
    """Stands at the time of a run, until it is moved to the next one's."""

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
    """A folder with `posts` posts of a kind: ingest's spool and a file for each other form."""

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
        """How many bytes of a form the first `posts` posts take; a multiple of `RUN_POSTS`, or all."""
        return _ends(self.folder)[form][-(-posts // RUN_POSTS)]

    def tags_until(self, posts: int) -> int:
        """How many hashtags the first `posts` posts have."""
        return sum(self.counts(posts).values())

    def counts(self, posts: int) -> Counter[str]:
        """How many of the first `posts` posts have each hashtag, counted from the file of tags and by nothing else."""
        return _counts(self.path("tags"), self.bytes_until("tags", posts))

    def average_bytes(self) -> int:
        """Bytes of a post of the contract."""
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
    """Material in a folder below `below`; what is there already is taken as it is."""
    material = Material(below / f"{posts}-{kind.tags}-{kind.per_second}-{kind.seed}", kind, posts)
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
