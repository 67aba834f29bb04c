"""A source that refuses us, as somebody sees it who types `make run`."""

from pathlib import Path

from tests.end_to_end.stack import Stack
from tests.ingest.support.refusing_server import refusing_server


def test_a_refused_source_ends_it_with_that_sentence_and_exit_code_2(tmp_path: Path) -> None:
    requests: list[str] = []
    with refusing_server(requests) as port:
        with Stack(tmp_path / "data", SOURCE="bluesky", BLUESKY_HOSTS=f"ws://127.0.0.1:{port}") as stack:
            assert stack.process.wait(60) == 2
        sentence = f"127.0.0.1:{port} answers 404 and 404: there is no Jetstream stream, check BLUESKY_HOSTS"
        assert stack.output.splitlines()[-1] == f"make run: bluesky: {sentence}"
        assert "Traceback" not in stack.output
    assert len(requests) == 2
