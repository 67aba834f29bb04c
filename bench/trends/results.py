"""`bench/trends/results.json`: the marks of each seed."""

from dataclasses import dataclass, field
from functools import reduce
from operator import add
from pathlib import Path

import msgspec

from bench.trends.marks import Marks

RESULTS = Path(__file__).parent / "results.json"


@dataclass
class SeedResult:
    """The marks of all methods for one seed, and the seconds of one core that the detector took for its day."""

    marks: dict[str, Marks]
    seconds: float


@dataclass
class Results:
    """All seeds."""

    seeds: dict[int, SeedResult] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Results":
        """The results in the file; empty if there is no file."""
        return msgspec.json.decode(path.read_bytes(), type=cls) if path.exists() else cls()

    def write(self, path: Path) -> None:
        """Write the results into the file."""
        in_order = Results(dict(sorted(self.seeds.items())))
        path.write_bytes(msgspec.json.encode(in_order) + b"\n")

    def together(self) -> dict[str, Marks]:
        """The marks of each method, of all seeds together."""
        names = [set(seed.marks) for seed in self.seeds.values()]
        shared = set.intersection(*names) if names else set()
        return {name: reduce(add, (seed.marks[name] for seed in self.seeds.values())) for name in sorted(shared)}
