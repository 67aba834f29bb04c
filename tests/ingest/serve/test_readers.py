"""When the command line has been heard out."""

import threading

from ingest.serve.readers import OneShotReaders


def waiting(readers: OneShotReaders, end: int) -> tuple[threading.Thread, list[bool]]:
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(readers.wait(lambda: end)))
    thread.start()
    return thread, results


def test_it_is_over_when_the_input_has_finished_and_all_was_delivered() -> None:
    readers = OneShotReaders()
    thread, results = waiting(readers, 10)
    assert not readers.connected.is_set()
    readers.on_connect()
    assert readers.connected.is_set()
    readers.on_delivered(10)
    readers.on_delivered(4)
    readers.on_finished()
    thread.join(30)
    assert results == [True]


def test_it_is_over_when_the_readers_have_gone_for_good() -> None:
    readers = OneShotReaders(gone_seconds=0.01)
    thread, results = waiting(readers, 10)
    readers.on_connect()
    readers.on_delivered(4)
    readers.on_disconnect()
    thread.join(30)
    assert results == [False]
