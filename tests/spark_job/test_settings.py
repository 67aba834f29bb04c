from pathlib import Path

import pytest
from pydantic import SecretStr

from spark_job.rising.verdict import Rules
from spark_job.settings import Settings, SettingsError, load

TOKEN = "0123456789abcdef"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("PUSH_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_those_of_the_readme() -> None:
    settings = load()
    assert settings.spark_master == "local[*]"
    assert (settings.ingest_host, settings.ingest_port, settings.data_dir) == ("127.0.0.1", 9009, Path("data"))
    assert (settings.trigger_seconds, settings.pane_seconds, settings.window_seconds) == (1.0, 10, 300)
    assert (settings.top_n, settings.max_posts_per_batch) == (10, 1_000_000)
    assert settings.push_url == "http://127.0.0.1:8000/api/snapshots"
    assert settings.push_token.get_secret_value() == TOKEN


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGEST_PORT", "")
    assert load().ingest_port == 9009


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("INGEST_PORT=1111\nTOP_N=5\nCOMPOSE_PROJECT_NAME=x\n")
    monkeypatch.setenv("INGEST_PORT", "2222")
    assert (load().ingest_port, load().top_n) == (2222, 5)


def test_snapshots_go_to_the_dashboard_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_PORT", "1234")
    assert load().push_url == "http://127.0.0.1:1234/api/snapshots"
    monkeypatch.setenv("DASHBOARD_URL", "http://dashboard:8000/")
    assert load().push_url == "http://dashboard:8000/api/snapshots"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INGEST_PORT", "many"),
        ("INGEST_PORT", "0"),
        ("INGEST_PORT", "65536"),
        ("TRIGGER_SECONDS", "-1"),
        ("TRIGGER_SECONDS", "nan"),
        ("PANE_SECONDS", "0"),
        ("PANE_SECONDS", "2.5"),
        ("WINDOW_SECONDS", "305"),
        ("WINDOW_SECONDS", "5"),
        ("TOP_N", "21"),
        ("MAX_POSTS_PER_BATCH", "0"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_one_sentence_with_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load()
    sentence = str(refused.value)
    assert sentence.startswith(name)
    assert value in sentence
    assert "\n" not in sentence


def test_a_window_may_have_1440_panes_and_not_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANE_SECONDS", "1")
    monkeypatch.setenv("WINDOW_SECONDS", "1440")
    assert load().window_seconds == 1440
    monkeypatch.setenv("WINDOW_SECONDS", "1441")
    with pytest.raises(SettingsError, match=r"^WINDOW_SECONDS"):
        load()


def test_a_missing_token_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUSH_TOKEN")
    with pytest.raises(SettingsError, match=r"^PUSH_TOKEN must be set$"):
        load()


def test_a_bad_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSH_TOKEN", "secret-short")
    with pytest.raises(SettingsError, match=r"^PUSH_TOKEN must be at least 16 characters long$") as refused:
        load()
    assert "secret-short" not in str(refused.value)
    assert "secret-but" not in repr(Settings(push_token=SecretStr("secret-but-long-enough")))


def test_the_settings_of_rising_have_defaults_that_need_not_be_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load()
    assert Rules(settings.rising_sensitivity, settings.rising_least_authors, bool(settings.rising_copies_count)) == (
        Rules()
    )
    for name, value in {"SENSITIVITY": "low", "LEAST_AUTHORS": "20", "COPIES_COUNT": "1"}.items():
        monkeypatch.setenv(f"RISING_{name}", value)
    settings = load()
    assert (settings.rising_sensitivity, settings.rising_least_authors, settings.rising_copies_count) == ("low", 20, 1)
