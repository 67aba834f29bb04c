"""What a person reads who set something that can't be used: one plain sentence that names it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

import dashboard.settings
import ingest.settings
import spark_job.settings
from ingest import settings_names
from ingest.settings_names import SettingNameError, misspelt, read_env_file, refuse_unknown

ROOT = Path(__file__).resolve().parents[2]
SERVICES: dict[str, Any] = {"ingest": ingest.settings, "spark_job": spark_job.settings, "dashboard": dashboard.settings}
CLASSES: dict[str, type[BaseSettings]] = {name: service.Settings for name, service in SERVICES.items()}
TOKEN = "0123456789abcdef"
NUMBERS = ["", "many", "1e999", "-1", "nan", "1.5", "９", "9" * 5000, "1 2", "0x10", "١"]
TEXTS = ["nonsense nonsense", "::", "http://", "https://a b", "http://ada:s3cret@host", "*,*", "\t", "a" * 5000, "ñ€"]
#: Words of pydantic, which are not for people.
JARGON = re.compile(
    r"input should|value should|after validation|string should|unable to parse|pattern|\bitems?\b|field req"
)


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in settings_names.SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PUSH_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("value", [*NUMBERS, *TEXTS])
@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_with_every_bad_value_is_taken_or_named_in_one_plain_sentence(
    monkeypatch: pytest.MonkeyPatch, service: str, value: str
) -> None:
    module = SERVICES[service]
    for name in CLASSES[service].model_fields:
        with monkeypatch.context() as patch:
            patch.setenv(name.upper(), value)
            try:
                module.load()
            except module.SettingsError as error:
                sentence = str(error)
                assert name.upper() in sentence
                assert not JARGON.search(sentence.lower()), sentence
                assert len(sentence) < 300, sentence
                assert "\n" not in sentence
                assert "s3cret" not in sentence


@pytest.mark.parametrize(
    ("service", "name", "value", "sentence"),
    [
        ("spark_job", "SPARK_MASTER", "local[x]", "something like local[*], local[2], spark://host:7077, "),
        ("spark_job", "INGEST_PORT", "0", "a whole number from 1 to 65535, not '0'"),
        ("spark_job", "TRIGGER_SECONDS", "inf", "a number from 0 to 3600, not 'inf'"),
        ("spark_job", "PUSH_TOKEN", "short", "at least 16 characters long"),
        ("dashboard", "PUSH_TOKEN", "short", "at least 16 characters long"),
        ("dashboard", "MAX_PAGES", "0", "a whole number of at least 1, not '0'"),
        ("ingest", "DEMO_RATE", "100001", "a number above 0 and of at most 100000, not '100001'"),
        ("ingest", "DEMO_SEED", "seven", "a whole number, not 'seven'"),
    ],
)
def test_the_sentence_says_what_it_must_be(
    monkeypatch: pytest.MonkeyPatch, service: str, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SERVICES[service].SettingsError) as refused:
        SERVICES[service].load()
    assert str(refused.value).startswith(f"{name} must be {sentence}")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("level", ["debug", "Info", "WARNING"])
def test_all_services_take_a_level_in_small_letters(monkeypatch: pytest.MonkeyPatch, service: str, level: str) -> None:
    monkeypatch.setenv("LOG_LEVEL", level)
    assert SERVICES[service].load().log_level == level.upper()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"TOP_N=5\nTRACK=caf\xe9\n", ".env is not UTF-8: look at line 2"),
        ("TOP_N=5\n".encode("utf-16"), ".env is not UTF-8: look at line 1"),
        (b"TOP_N=5\nthese are words\n", ".env: line 2 is not of the form NAME=value"),
        (b"SORCE=demo\n", "SORCE in .env is not a setting; did you mean SOURCE?"),
        (b"MASTODON_TOKEN=x\n", "MASTODON_TOKEN in .env is not a setting; did you mean MASTODON_ACCESS_TOKEN?"),
        (b"SPARK_MASTR=x\n", "SPARK_MASTR in .env is not a setting; did you mean SPARK_MASTER?"),
        (b"NOTHING_LIKE_IT=x\n", "NOTHING_LIKE_IT in .env is not a setting"),
        (b"LANGUAGE=es\n", "LANGUAGE in .env is not a setting; did you mean LANGUAGES?"),
    ],
)
@pytest.mark.parametrize("service", SERVICES)
def test_a_file_of_settings_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, service: str, content: bytes, sentence: str
) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(SERVICES[service].SettingsError) as refused:
        SERVICES[service].load()
    assert str(refused.value) == sentence


@pytest.mark.parametrize("service", SERVICES)
def test_a_folder_or_an_unreadable_file_of_settings_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: str
) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(SERVICES[service].SettingsError, match=r"^\.env is a folder, and not a file of settings$"):
        SERVICES[service].load()
    (tmp_path / ".env").rmdir()

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SERVICES[service].SettingsError, match=r"^\.env can't be read: Permission denied$"):
        SERVICES[service].load()


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfTOP_N=5\r\nLOG_LEVEL=debug\r\n", b"export TOP_N=5\nLOG_LEVEL = 'debug'"]
)
@pytest.mark.parametrize("service", ["spark_job", "dashboard"])
def test_a_file_of_settings_may_come_from_another_system(tmp_path: Path, service: str, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    loaded = SERVICES[service].load()
    assert (loaded.top_n, loaded.log_level) == (5, "DEBUG")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        *[("SORCE", "SOURCE"), ("SOURCES", "SOURCE"), ("TARCK", "TRACK"), ("TOPN", "TOP_N"), ("LIMT", "LIMIT")],
        *[("DATADIR", "DATA_DIR"), ("sorce", "SOURCE"), ("LANGUAGE", "LANGUAGES"), ("FRSH", "FRESH")],
        *[("REPLAYFILE", "REPLAY_FILE"), ("DASHBORD_PROT", "DASHBOARD_PORT"), ("SPARK_MASTR", "SPARK_MASTER")],
    ],
)
def test_a_misspelt_name_in_the_environment_is_noticed(name: str, near: str) -> None:
    assert misspelt({name: "es"}) == {name: near}


@pytest.mark.parametrize(
    "name",
    [
        *[
            "PATH",
            "HOME",
            "TERM",
            "SHELL",
            "USER",
            "LANG",
            "PWD",
            "MAIL",
            "EDITOR",
            "HOSTNAME",
            "TRACE",
            "DEBUG",
            "PORT",
        ],
        *["SPARK_MASTER_HOST", "SPARK_MASTER_PORT", "XDG_DATA_DIRS", "PGDATA", "LOGNAME", "LINES", "HTTP_PORT", "SITE"],
        *["source", "SOURCE", "FRESH", "BIN", "NODE_ENV", "DOCKER_HOST", "LOG_FILE", "X_TOKEN"],
    ],
)
def test_a_foreign_name_in_the_environment_is_left_alone(name: str) -> None:
    assert misspelt({name: "x"}) == {}


def test_a_list_of_languages_that_systems_set_is_left_alone() -> None:
    assert misspelt({"LANGUAGE": "en_US:en"}) == {}


@pytest.mark.parametrize("name", ["SPARK_IMAGE", "FRESH", "PYTHON", "COMPOSE_PROFILES", "JAVA_HOME", "TZ", "source"])
def test_what_compose_make_and_others_read_is_not_refused(name: str) -> None:
    refuse_unknown([name], "behind make run")


@pytest.mark.parametrize("name", ["SORCE", "fresh", "FOO_BAR", "FOO"])
def test_what_nobody_reads_is_refused(name: str) -> None:
    with pytest.raises(SettingNameError, match=f"^{name} behind make run is not a setting"):
        refuse_unknown([name], "behind make run")


def test_the_names_are_those_of_the_code() -> None:
    fields = {name.upper() for model in CLASSES.values() for name in model.model_fields}
    assert fields == settings_names.SETTINGS
    compose = (ROOT / "docker-compose.yml").read_text()
    services = yaml.safe_load(compose)["services"]
    read = set(re.findall(r"\$\{(\w+)", compose))
    assert read - fields == settings_names.COMPOSE
    assert services
    makefile = (ROOT / "Makefile").read_text()
    for name in settings_names.MAKE:
        assert re.search(rf"\b{name}\b", makefile), name


def test_the_copies_are_equal() -> None:
    for name in ("settings_text.py", "settings_names.py"):
        assert len({path.read_text() for path in ROOT.glob(f"*/*/{name}")}) == 1
        assert len(list(ROOT.glob(f"*/*/{name}"))) == len(SERVICES)


def run(service: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", service, *arguments], env={**environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("service", SERVICES)
def test_help_lists_every_setting_with_meaning_and_default(service: str) -> None:
    done = run(service, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for name, field in CLASSES[service].model_fields.items():
        (line,) = re.findall(rf"^  {name.upper()} +(.+)$", done.stdout, re.MULTILINE)
        assert field.description
        assert line.startswith(field.description)
        default = getattr(field.default, "get_secret_value", lambda value=field.default: value)()
        assert ("(default: " in line) == (default not in (None, "", []) and not field.is_required())


@pytest.mark.spark
@pytest.mark.parametrize("service", SERVICES)
def test_an_unknown_argument_is_one_sentence_and_exit_code_2(service: str) -> None:
    done = run(service, "--bogus")
    said = f"{service.replace('_', '-')}: unrecognized arguments: --bogus; --help lists what there is\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.spark
@pytest.mark.parametrize("service", SERVICES)
def test_a_misspelt_name_is_told_at_the_start(service: str) -> None:
    done = run(service, SORCE="demo", LOG_LEVEL="loud", PUSH_TOKEN=TOKEN)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{service.replace('_', '-')}: SORCE is not a setting; did you mean SOURCE?\n")


def test_an_env_file_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}
