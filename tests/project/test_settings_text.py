"""What a person reads who set something that can't be used: one plain sentence that names it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings
from scripts import configuration

import dashboard.settings
import ingest.settings
import spark_job.settings
from dashboard.settings import read_env_file
from dashboard.settings_names import NameTable
from ingest.settings_names import misspelt
from spark_job.settings_names import misspelt_variables

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
#: The form of all sentences about a setting.
FORM = re.compile(r"[A-Z_]+(?:(?:,| and| or) [A-Z_]+)* must \S.*[^.]")
#: Service -> what it says of the names in an environment.
MISSPELT: dict[str, Callable[[dict[str, str]], list[str]]] = {
    "ingest": misspelt,
    "spark_job": lambda environ: [*misspelt_variables(environ)],
    "dashboard": lambda environ: [
        f"{name} is not a setting; did you mean {meant}?" for name, meant in NameTable.load().misspelt(environ).items()
    ],
}


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in configuration.fields():
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
                assert FORM.fullmatch(sentence), sentence
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
        ("ingest", "DEMO_RATE", "100001", "a number of more than 0 and at most 100000, not '100001'"),
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
        (b"TOP_N=5\nTRACK=caf\xe9\n", ".env: line 2 must be NAME=value, in UTF-8"),
        ("TOP_N=5\n".encode("utf-16"), ".env: line 1 must be NAME=value, in UTF-8"),
        (b"TOP_N=5\nthese are words\n", ".env: line 2 must be NAME=value, in UTF-8"),
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
    with pytest.raises(SERVICES[service].SettingsError, match=r"^\.env can't be read: Is a directory$"):
        SERVICES[service].load()
    (tmp_path / ".env").rmdir()

    (tmp_path / ".env").touch()

    read = Path.open

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == ".env":
            raise PermissionError(13, "Permission denied")
        return read(path, *arguments, **options)

    # `read_text` opens it by this, too.
    monkeypatch.setattr(Path, "open", refuse)
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
@pytest.mark.parametrize("service", SERVICES)
def test_a_misspelt_name_in_the_environment_is_noticed(service: str, name: str, near: str) -> None:
    assert MISSPELT[service]({name: "es"}) == [f"{name} is not a setting; did you mean {near}?"]


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
@pytest.mark.parametrize("service", SERVICES)
def test_a_foreign_name_in_the_environment_is_left_alone(service: str, name: str) -> None:
    assert MISSPELT[service]({name: "x"}) == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_list_of_languages_that_systems_set_is_left_alone(service: str) -> None:
    assert MISSPELT[service]({"LANGUAGE": "en_US:en"}) == []


@pytest.mark.parametrize("name", ["SPARK_IMAGE", "FRESH", "PYTHON", "COMPOSE_PROFILES", "JAVA_HOME", "TZ", "source"])
@pytest.mark.parametrize("service", SERVICES)
def test_what_compose_make_and_others_read_is_not_refused(tmp_path: Path, service: str, name: str) -> None:
    assert NameTable.load().unknown([name], "behind make run") is None
    (tmp_path / ".env").write_text(f"{name}=\n")
    SERVICES[service].load()


@pytest.mark.parametrize("name", ["SORCE", "fresh", "FOO_BAR", "FOO"])
def test_what_nobody_reads_is_refused(name: str) -> None:
    sentence = NameTable.load().unknown([name], "behind make run")
    assert sentence is not None
    assert sentence.startswith(f"{name} behind make run is not a setting")


def test_the_names_are_those_of_the_code() -> None:
    table = json.loads(Path(str(ingest.settings.__file__)).with_name("settings_names.json").read_text())
    fields = {name.upper() for model in CLASSES.values() for name in model.model_fields}
    assert {*table["settings"]} == fields
    read_by_compose = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text())) - fields
    assert {*table["others"]} == read_by_compose | {*configuration.MAKE}
    for name in configuration.MAKE:
        assert re.search(rf"\b{name}\b", (ROOT / "Makefile").read_text()), name


def run(service: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", service, *arguments], env={**environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("service", SERVICES)
def test_help_lists_every_setting_with_meaning_and_default(service: str) -> None:
    done = run(service, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for name, field in CLASSES[service].model_fields.items():
        (entry,) = re.findall(rf"^  {name.upper()}((?: \(.+\))?(?:\n {{6}}.+)+)$", done.stdout, re.MULTILINE)
        note, *meaning = entry.split("\n")
        assert field.description
        names = f" Names: {', '.join(map(str, field.examples))}." if name == "source" and field.examples else ""
        assert " ".join(line.strip() for line in meaning) == field.description.replace("`", "") + names
        default = configuration.default(configuration.fields()[name.upper()])
        assert note == (" (must be set)" if field.is_required() else f" (default: {default})" if default else "")


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
