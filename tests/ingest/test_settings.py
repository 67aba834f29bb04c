"""Settings: which values are accepted, and the sentence for the others."""

import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest import settings
from ingest.settings import Settings, SettingsError
from ingest.sources import SOURCES

#: "demo, replay, x, bluesky or mastodon".
SOURCE_NAMES = " or ".join(", ".join(SOURCES).rsplit(", ", 1))


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove all settings except those of the test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_defaults() -> None:
    assert settings.load().model_dump() == {
        "source": ["demo"],
        "track": "",
        "languages": [],
        "limit": None,
        "demo_rate": 50,
        "demo_seed": None,
        "demo_past_minutes": 45,
        "lesson_faults": 0,
        "replay_file": "",
        "replay_speed": 1,
        "track_file": "",
        "x_bearer_token": SecretStr(""),
        "x_bearer_token_file": "",
        "x_rules": "",
        "x_retweets": "drop",
        "x_daily_limit": 1000,
        "x_monthly_limit": 2_000_000,
        "x_price_per_post": 0.005,
        "bluesky_hosts": [],
        "mastodon_url": "",
        "mastodon_access_token": SecretStr(""),
        "mastodon_access_token_file": "",
        "push_token": SecretStr(""),
        "ingest_port": 9009,
        "tail_port": 9010,
        "bind": "127.0.0.1",
        "data_dir": Path("data"),
        "spool_max_age": 3600,
        "spool_max_bytes": 2**30,
        "log_level": "INFO",
        "log_format": "text",
        "log_url": "",
        "kafka_client_id": "hashtags-live",
        "kafka_security": "plaintext",
        "kafka_ca_file": "",
        "kafka_sasl_mechanism": "PLAIN",
        "kafka_username": "",
        "kafka_password": SecretStr(""),
        "kafka_compression": "lz4",
        "kafka_transactional_id": "",
        "kafka_create_partitions": 0,
    }


def test_arguments_override_the_environment_which_overrides_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text('LIMIT=1\nTRACK=a, "b c"\nDEMO_RATE=7\nDASHBOARD_PORT=8000\n')
    monkeypatch.setenv("LIMIT", "2")
    monkeypatch.setenv("DEMO_RATE", "8")
    loaded = settings.load(limit="3")
    assert (loaded.limit, loaded.track, loaded.demo_rate) == (3, 'a, "b c"', 8)


def test_an_empty_value_is_the_default_and_limit_zero_is_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
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
        ("SOURCE", "twitter", f"SOURCE must be one or more of {SOURCE_NAMES}, not 'twitter'"),
        ("SOURCE", "replay", "REPLAY_FILE must be set for SOURCE=replay"),
        (
            "TRACK",
            '"open',
            "TRACK must be terms with commas between them, not '\"open' (a quote is not closed in '\"open')",
        ),
        ("LIMIT", "many", "LIMIT must be a whole number of at least 0, not 'many'"),
        ("LIMIT", "-1", "LIMIT must be a whole number of at least 0, not '-1'"),
        ("DEMO_RATE", "0", "DEMO_RATE must be a number of more than 0 and at most 100000, not '0'"),
        ("REPLAY_SPEED", "nan", "REPLAY_SPEED must be a number of at least 0, not 'nan'"),
        ("INGEST_PORT", "70000", "INGEST_PORT must be a whole number from 0 to 65535, not '70000'"),
        ("PUSH_TOKEN", "too-short", "PUSH_TOKEN must be at least 16 characters long"),
        ("PUSH_TOKEN", "ñandú-in-a-secret-token", "PUSH_TOKEN must be one word of printable ASCII characters"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not 'LOUD'"),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as failure:
        settings.load()
    assert str(failure.value) == sentence


def test_a_replay_file_must_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOURCE", "replay")
    monkeypatch.setenv("REPLAY_FILE", "nowhere.ndjson")
    with pytest.raises(SettingsError, match=r"REPLAY_FILE must be a file that exists, not 'nowhere\.ndjson'"):
        settings.load()
    monkeypatch.setenv("REPLAY_FILE", str(tmp_path))
    with pytest.raises(SettingsError, match=r"REPLAY_FILE must be a file, not the folder "):
        settings.load()
    monkeypatch.setenv("REPLAY_FILE", "-")
    assert settings.load().replay_file == "-"


X_WITHOUT_TERMS = (
    "TRACK, X_RULES and LANGUAGES must make rules that X accepts "
    "(SOURCE=x needs TRACK, with a term that is not excluded, or X_RULES: X bills each post)"
)
X = {"SOURCE": "x", "TRACK": "cup", "X_BEARER_TOKEN": "s3cret-bearer"}
MASTODON = {
    "SOURCE": "mastodon",
    "MASTODON_URL": "https://mastodon.example",
    "MASTODON_ACCESS_TOKEN": "s3cret-access",
}


def sentence_of(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> str:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as failure:
        settings.load()
    assert "s3cret" not in "".join(traceback.format_exception(failure.value))
    return str(failure.value)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (X | {"X_BEARER_TOKEN": ""}, "X_BEARER_TOKEN or X_BEARER_TOKEN_FILE must be set for SOURCE=x"),
        (X | {"X_BEARER_TOKEN_FILE": "f"}, "X_BEARER_TOKEN and X_BEARER_TOKEN_FILE must not both be set"),
        (X | {"X_BEARER_TOKEN": "s3cret \u00fc"}, "X_BEARER_TOKEN must be one word of printable ASCII characters"),
        (
            X | {"TRACK": ""},
            X_WITHOUT_TERMS,
        ),
        (X | {"X_RETWEETS": "some"}, "X_RETWEETS must be drop or keep, not 'some'"),
        (X | {"X_DAILY_LIMIT": "0"}, "X_DAILY_LIMIT must be a whole number of at least 1, not '0'"),
        (MASTODON | {"MASTODON_URL": ""}, "MASTODON_URL must be set to the address of your server for SOURCE=mastodon"),
        (
            MASTODON | {"MASTODON_URL": "mastodon.example"},
            "MASTODON_URL must be an address such as https://mastodon.example, not 'mastodon.example'",
        ),
        (
            MASTODON | {"MASTODON_URL": "https://mastodon.example:99999"},
            "MASTODON_URL must be an address such as https://mastodon.example, not 'https://mastodon.example:99999'",
        ),
        (
            MASTODON | {"MASTODON_URL": "https://ada:s3cret@mastodon.example"},
            "MASTODON_URL must be an address such as https://mastodon.example, without an @",
        ),
        (
            {"BLUESKY_HOSTS": "wss://ada:s3cret@jetstream.example"},
            "BLUESKY_HOSTS must be names of Jetstream hosts or their wss:// addresses, without an @",
        ),
        (
            {"BLUESKY_HOSTS": "jetstream.example:99999"},
            "BLUESKY_HOSTS must be names of Jetstream hosts or their wss:// addresses, not 'jetstream.example:99999'",
        ),
        (
            MASTODON | {"MASTODON_ACCESS_TOKEN_FILE": "f"},
            "MASTODON_ACCESS_TOKEN and MASTODON_ACCESS_TOKEN_FILE must not both be set",
        ),
        (
            {"BLUESKY_HOSTS": "https://example.org"},
            "BLUESKY_HOSTS must be names of Jetstream hosts or their wss:// addresses, not 'https://example.org'",
        ),
        ({"TRACK": "a", "TRACK_FILE": "f"}, "TRACK and TRACK_FILE must not both be set"),
        (
            {"TRACK_FILE": "gone"},
            "TRACK_FILE must be a file of terms, not 'gone' (gone can't be read: No such file or directory)",
        ),
    ],
)
def test_a_missing_setting_of_a_source_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], sentence: str
) -> None:
    assert sentence_of(monkeypatch, values) == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "X_BEARER_TOKEN_FILE must be a file that can be read, not 'token' (No such file or directory)"),
        (b"", "X_BEARER_TOKEN_FILE must be a file with one word of printable ASCII characters"),
        (b"s3cret s3cret", "X_BEARER_TOKEN_FILE must be a file with one word of printable ASCII characters"),
        (b"s3cret\ns3cret\n", "X_BEARER_TOKEN_FILE must be a file with one word of printable ASCII characters"),
        (b"s3cret\xff", "X_BEARER_TOKEN_FILE must be a file in UTF-8, not 'token'"),
    ],
)
def test_a_secret_file_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    assert sentence_of(monkeypatch, X | {"X_BEARER_TOKEN": "", "X_BEARER_TOKEN_FILE": "token"}) == sentence


def test_a_secret_file_may_begin_with_a_byte_order_mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbfs3cret\r\n")
    for name, value in (X | {"X_BEARER_TOKEN": "", "X_BEARER_TOKEN_FILE": "token"}).items():
        monkeypatch.setenv(name, value)
    assert settings.load().x_token() == "s3cret"


def test_a_secret_comes_from_its_setting_or_its_file_and_is_printed_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("s3cret-access\n")
    for name, value in (X | MASTODON | {"SOURCE": "x,mastodon"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MASTODON_ACCESS_TOKEN", "")
    monkeypatch.setenv("MASTODON_ACCESS_TOKEN_FILE", "token")
    loaded = settings.load()
    assert (loaded.x_token(), loaded.mastodon_token()) == ("s3cret-bearer", "s3cret-access")
    assert "s3cret" not in f"{loaded} {loaded!r} {loaded.model_dump()} {loaded.model_dump_json()}"


def test_terms_come_from_the_setting_or_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "terms").write_text("// these\n#one\ntwo words\n")
    monkeypatch.setenv("TRACK", "a,-b")
    assert [str(term) for term in settings.load().terms()] == ["a", "-b"]
    monkeypatch.setenv("TRACK", "")
    monkeypatch.setenv("TRACK_FILE", "terms")
    assert [str(term) for term in settings.load().terms()] == ["#one", "two words"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"SOURCE": "replay", "REPLAY_FILE": "posts.jsonl"},
            "REPLAY_FILE must be a file that exists, not 'posts.jsonl'",
        ),
        (
            {"TRACK_FILE": "terms"},
            "TRACK_FILE must be a file of terms, not 'terms' (terms can't be read: No such file or directory)",
        ),
        (
            X | {"X_BEARER_TOKEN": "", "X_BEARER_TOKEN_FILE": "token"},
            "X_BEARER_TOKEN_FILE must be a file that can be read, not 'token' (No such file or directory)",
        ),
    ],
)
def test_in_a_container_the_sentence_names_the_folder_of_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, values: dict[str, str], sentence: str
) -> None:
    name = sentence.partition(" ")[0]
    monkeypatch.setattr(settings, "INPUT", tmp_path)
    way = f"with INPUT_DIR=. the file x of that folder is {name}={tmp_path}/x"
    expected = f"{sentence}; a container sees the files of INPUT_DIR alone, as {tmp_path}: {way}"
    assert sentence_of(monkeypatch, values) == expected
