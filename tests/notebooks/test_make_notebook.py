"""What `make notebook` decides before it starts anything."""

import pytest
from scripts import notebook


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({}, "en"),
        ({"LANG": "es_MX.UTF-8"}, "es"),
        ({"LANG": "es_ES.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "NOTEBOOK_LOCALE": "es"}, "es"),
    ],
)
def test_the_notebooks_are_in_the_language_of_the_reader(environment: dict[str, str], folder: str) -> None:
    assert notebook.locale(environment) == folder


def test_a_language_without_notebooks_is_refused() -> None:
    with pytest.raises(notebook.NotebookError, match="NOTEBOOK_LOCALE must be one of en, es, not 'fr'"):
        notebook.locale({"NOTEBOOK_LOCALE": "fr"})


def test_names_of_make_reach_no_service_and_no_token_is_on_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAKEFLAGS", "NOTEBOOK_LOCALE", "PUSH_TOKEN"):
        monkeypatch.setenv(name, "x")
    assert notebook.stream_environment().keys() & {"MAKEFLAGS", "NOTEBOOK_LOCALE"} == set()
    where = notebook.Places("http://localhost:8000", notebook.ROOT, {}, {"INGEST_PORT": "9009"})
    environment = notebook.lab_environment(where, "a-token", "/tmp/notebook-x")
    assert (environment["JUPYTER_TOKEN"], environment["INGEST_PORT"]) == ("a-token", "9009")
    assert environment["JUPYTER_RUNTIME_DIR"] == "/tmp/notebook-x"
    assert "PUSH_TOKEN" not in environment
    assert "a-token" not in " ".join(notebook.lab_command(8888, where.work))
    assert "--ServerApp.ip=127.0.0.1" in notebook.lab_command(8888, where.work)
