"""docs/configuration.md, `.env.example` and the table of names are what `make docs` makes of the settings' fields."""

import re
from pathlib import Path

import pytest
from scripts import configuration

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text()


@pytest.mark.parametrize("path", configuration.files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_that_is_made_from_the_fields_is_up_to_date(path: Path) -> None:
    assert path.read_text() == configuration.files()[path], "run `make docs`"


def test_the_page_lists_every_setting_with_its_default_and_who_reads_it() -> None:
    row = r"^\| `([A-Z_]+)` \| (?:`([^`]*)` )?\| .*\| ([a-z, -]+) \| .+ \|$"
    rows = {name: (default, services) for name, default, services in re.findall(row, PAGE, re.MULTILINE)}
    known = configuration.fields()
    expected = {name: (configuration.default(field), ", ".join(field["services"])) for name, field in known.items()}
    assert rows == expected
    assert rows["INGEST_PORT"] == ("9009", "ingest, spark-job")


def test_env_example_lists_every_setting_with_its_default() -> None:
    lines = re.findall(r"^# ([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert dict(lines) == {name: configuration.default(field) for name, field in configuration.fields().items()}
    assert len(lines) == len(dict(lines))


@pytest.mark.parametrize(("name", "field"), configuration.fields().items())
def test_a_description_is_a_plain_sentence(name: str, field: dict[str, str]) -> None:
    description = field["description"]
    assert re.match(r"[A-Z`]", description), name
    assert description.endswith("."), name
    assert "|" not in description, name


def test_a_field_in_no_group_or_described_in_two_ways_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(configuration.GROUPS, "Logs", "LOG_LEVEL")
        with pytest.raises(configuration.FieldsError, match="LOG_FORMAT"):
            configuration.fields()
    other = {"log_level": {"description": "Another.", "default": "INFO"}}
    monkeypatch.setattr("dashboard.settings.Settings.model_json_schema", lambda: {"properties": other}, raising=True)
    with pytest.raises(configuration.FieldsError, match="LOG_LEVEL has another description or default in dashboard"):
        configuration.fields()


def test_readme_names_only_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^ {4,}|`)make ([a-z-]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert named
    assert named <= targets


def test_readme_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_no_lock_holds_an_address() -> None:
    locks = [*ROOT.glob("*/requirements.txt"), *ROOT.glob("requirements-*.txt")]
    assert len(locks) >= 6
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text, lock
        assert "--hash=sha256:" in text, lock
