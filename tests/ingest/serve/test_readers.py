"""When the command line has been heard out."""

import threading

from ingest.serve.readers import Audience


def waiting(audience: Audience, end: int) -> tuple[threading.Thread, list[bool]]:
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(audience.wait(lambda: end)))
    thread.start()
    return thread, results


def test_it_is_over_when_the_input_has_finished_and_all_was_delivered() -> None:
    audience = Audience()
    thread, results = waiting(audience, 10)
    assert not audience.present.is_set()
    audience.join()
    assert audience.present.is_set()
    audience.delivered(10)
    audience.delivered(4)
    audience.finish()
    thread.join(30)
    assert results == [True]


def test_it_is_over_when_the_readers_have_gone_for_good() -> None:
    audience = Audience(gone_seconds=0.01)
    thread, results = waiting(audience, 10)
    audience.join()
    audience.delivered(4)
    audience.leave()
    thread.join(30)
    assert results == [False]
