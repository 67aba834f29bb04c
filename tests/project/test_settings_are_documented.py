"""docs/configuration.md and `.env.example` say of every setting what the code says; the README leads to what exists."""

import re
from pathlib import Path
from typing import Any

import pytest

import dashboard.settings
import ingest.settings
import spark_job.settings

ROOT = Path(__file__).resolve().parents[2]
CLASSES = (ingest.settings.Settings, spark_job.settings.Settings, dashboard.settings.Settings)


def as_text(default: Any) -> str:
    """A default as a person writes it; "" for none."""
    if default is None or repr(default) == "PydanticUndefined":
        return ""
    if isinstance(default, list):
        return ",".join(default)
    return f"{default:g}" if isinstance(default, float) else str(default)


def defaults() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for settings in CLASSES:
        for name, field in settings.model_fields.items():
            found.setdefault(name.upper(), set()).add(as_text(field.default))
    return found


def listed_rows() -> dict[str, str]:
    text = (ROOT / "docs" / "configuration.md").read_text()
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\| .+ \|$", text, re.MULTILINE))


def example_lines() -> dict[str, str]:
    lines = re.findall(r"^# ([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    return dict(lines)


@pytest.mark.parametrize("name", sorted(defaults()))
def test_services_agree_on_a_default(name: str) -> None:
    assert len(defaults()[name]) == 1


def test_the_docs_list_every_setting_with_its_default() -> None:
    assert listed_rows() == {name: next(iter(values)) for name, values in defaults().items()}


def test_env_example_lists_every_setting_with_its_default() -> None:
    assert example_lines() == {name: next(iter(values)) for name, values in defaults().items()}


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
