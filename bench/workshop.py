"""What every row uses: the folder, the material, and the number of posts."""

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.material import Material, prepared
from bench.posts import Kind

LOCAL_CORES = 2


@dataclass(frozen=True)
class Workshop:
    """`quick` runs use few posts and repeats. They only show whether something has become much slower."""

    folder: Path
    quick: bool = False
    repeats: int = 3

    def material(self, posts: int, kind: Kind = Kind()) -> Material:  # noqa: B008 - it is frozen
        """`posts` posts, or more, of a kind."""
        return prepared(self.folder / "material", kind, posts)

    def say(self, sentence: str) -> None:
        """Print progress."""
        print(f"  {sentence}", file=sys.stderr, flush=True)
