"""Settings: what is taken, and the sentence for what is not."""

from pathlib import Path

import pytest

from ingest import settings
from ingest.settings import Settings, SettingsError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting but those of the test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_those_of_the_readme() -> None:
    assert settings.load().model_dump() == {
        "source": ["demo"],
        "track": "",
        "languages": [],
        "limit": None,
        "demo_rate": 50,
        "demo_seed": None,
        "replay_file": "",
        "replay_speed": 1,
        "ingest_port": 9009,
        "tail_port": 9010,
        "bind": "127.0.0.1",
        "data_dir": Path("data"),
        "spool_max_age": 3600,
        "spool_max_bytes": 2**30,
        "log_level": "INFO",
    }


def test_the_environment_wins_over_the_file_and_what_is_given_over_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text('LIMIT=1\nTRACK=a, "b c"\nDEMO_RATE=7\nDASHBOARD_PORT=8000\n')
    monkeypatch.setenv("LIMIT", "2")
    monkeypatch.setenv("DEMO_RATE", "8")
    loaded = settings.load(limit="3")
    assert (loaded.limit, loaded.track, loaded.demo_rate) == (3, 'a, "b c"', 8)


def test_an_empty_value_is_the_default_and_no_limit_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE", "")
    monkeypatch.setenv("DEMO_SEED", "")
    monkeypatch.setenv("LIMIT", "0")
    loaded = settings.load()
    assert (loaded.source, loaded.demo_seed, loaded.limit) == (["demo"], None, None)


def test_lists_have_commas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "posts").touch()
    monkeypatch.setenv("SOURCE", "demo, replay,demo")
    monkeypatch.setenv("REPLAY_FILE", "posts")
    monkeypatch.setenv("LANGUAGES", "pt, en")
    loaded = settings.load()
    assert (loaded.source, loaded.languages) == (["demo", "replay"], ["pt", "en"])


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SOURCE", "twitter", "SOURCE: there is no source 'twitter'; there are demo, replay"),
        ("SOURCE", "replay", "REPLAY_FILE: SOURCE=replay needs a file"),
        ("TRACK", '"open', "TRACK: a quote is not closed in '\"open'"),
        ("LIMIT", "many", "LIMIT: input should be a valid integer, unable to parse string as an integer, not 'many'"),
        ("LIMIT", "-1", "LIMIT: input should be greater than or equal to 0, not '-1'"),
        ("DEMO_RATE", "0", "DEMO_RATE: input should be greater than 0, not '0'"),
        ("REPLAY_SPEED", "nan", "REPLAY_SPEED: input should be a finite number, not 'nan'"),
        ("INGEST_PORT", "70000", "INGEST_PORT: input should be less than or equal to 65535, not '70000'"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR', not 'LOUD'"),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as failure:
        settings.load()
    assert str(failure.value) == sentence


def test_a_replay_file_must_be_a_file_that_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOURCE", "replay")
    monkeypatch.setenv("REPLAY_FILE", "nowhere.ndjson")
    with pytest.raises(SettingsError, match=r"REPLAY_FILE: there is no file nowhere\.ndjson"):
        settings.load()
    monkeypatch.setenv("REPLAY_FILE", str(tmp_path))
    with pytest.raises(SettingsError, match=r"REPLAY_FILE: .* is a folder"):
        settings.load()
    monkeypatch.setenv("REPLAY_FILE", "-")
    assert settings.load().replay_file == "-"
