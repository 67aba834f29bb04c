"""When the one-shot command has sent all posts."""

import threading

from ingest.serve.readers import OneShotReaders


def waiting(readers: OneShotReaders, end: int) -> tuple[threading.Thread, list[bool]]:
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(readers.wait(lambda: end)))
    thread.start()
    return thread, results


def test_waiting_ends_when_the_sources_have_finished_and_all_posts_were_delivered() -> None:
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


def test_waiting_ends_when_no_reader_comes_back() -> None:
    readers = OneShotReaders(gone_seconds=0.01)
    thread, results = waiting(readers, 10)
    readers.on_connect()
    readers.on_delivered(4)
    readers.on_disconnect()
    thread.join(30)
    assert results == [False]
