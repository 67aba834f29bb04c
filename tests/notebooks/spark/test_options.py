"""The options of the format `hashtags`."""

import pytest

from hashtags.spark.options import EARLIEST, LATEST, Options, position


def test_without_options_the_log_of_make_run_is_read() -> None:
    assert Options.of({}, LATEST) == Options("localhost", 9009, "latest", "latest", 50_000)


def test_the_options_of_a_query() -> None:
    given = {"host": "ingest", "port": "9", "startingOffsets": "12", "endingOffsets": "20", "maxPostsPerBatch": "3"}
    assert Options.of(given, EARLIEST) == Options("ingest", 9, 12, 20, 3)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"port": "0"}, "port must be a whole number from 1 to 65535, not '0'"),
        ({"maxPostsPerBatch": "many"}, "maxPostsPerBatch must be a whole number from 1 to 1000000000, not 'many'"),
        ({"startingOffsets": "-1"}, "startingOffsets must be earliest, latest or an offset such as 1200, not '-1'"),
        ({"endingOffsets": ""}, "endingOffsets must be earliest, latest or an offset such as 1200, not ''"),
    ],
)
def test_an_option_that_cannot_be_used_is_a_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Options.of(given, LATEST)


def test_what_an_offset_means_in_a_log() -> None:
    assert [position(wanted, 10, 20) for wanted in (EARLIEST, LATEST, 5, 15, 25)] == [10, 20, 5, 15, 20]
