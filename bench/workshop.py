"""What every row works with: the folder, the material, and how much of it."""

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.material import Material, prepared
from bench.posts import Kind

LOCAL_CORES = 2


@dataclass(frozen=True)
class Workshop:
    """`quick` runs take few posts and repeats, and say only whether something has become much slower."""

    folder: Path
    quick: bool = False
    repeats: int = 3

    def material(self, posts: int, kind: Kind = Kind()) -> Material:  # noqa: B008 - it is frozen
        """`posts` posts, or more, of a kind."""
        return prepared(self.folder / "material", kind, posts)

    def say(self, sentence: str) -> None:
        """Tell whoever waits."""
        print(f"  {sentence}", file=sys.stderr, flush=True)
