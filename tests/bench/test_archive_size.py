"""A year of the archive has at most 2 GB."""

from pathlib import Path

import pyarrow.parquet as pq
from bench.archive_size import HOURS_OF_A_YEAR, MIXES, Mix, added_of, uses_of_mix, write

MOST_BYTES_OF_A_YEAR = 2_000_000_000


def test_a_year_at_50_posts_a_second_has_at_most_2_gb(tmp_path: Path) -> None:
    path = write(tmp_path, added_of(uses_of_mix(MIXES[0])))
    assert pq.read_metadata(path).num_rows > 80_000
    assert path.stat().st_size * HOURS_OF_A_YEAR <= MOST_BYTES_OF_A_YEAR


def test_the_same_hour_has_the_same_bytes(tmp_path: Path) -> None:
    mix = Mix("small", 1000, 1.0, accounts=100)
    (tmp_path / "again").mkdir()
    written = [
        write(folder, added_of(uses_of_mix(mix, posts_per_second=2))) for folder in (tmp_path, tmp_path / "again")
    ]
    assert written[0].read_bytes() == written[1].read_bytes()
