"""The docs name files and folders that exist, the module map has every folder, and the README is short."""

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
#: The changelog tells of files that are no longer there, and of addresses of releases.
PAGES = sorted(
    page for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")) if page.name not in {"CHANGELOG.md"}
)
README_LINES = 100
#: What the architecture says that Spark or make do, and our code does not.
NOT_IN_THE_CODE = {"groupBy", "make"}
PACKAGES = (
    "ingest/ingest/",
    "spark-job/spark_job/",
    "dashboard/dashboard/",
    "dashboard/dashboard/static/",
    "notebooks/hashtags/",
)


def names(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_file_of_the_product_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"`([\w./-]*\w\.(?:py|js|css|toml))`", page.read_text(encoding="utf-8")))
    files = [
        f"/{path.relative_to(ROOT).as_posix()}"
        for folder in ("ingest", "spark-job", "dashboard", "notebooks", "scripts", "bench", "tests", "docs")
        for path in (ROOT / folder).rglob("*.*")
    ] + [f"/{path.name}" for path in ROOT.glob("*.*")]
    assert [name for name in sorted(named) if not any(path.endswith(f"/{name}") for path in files)] == []


def test_every_name_of_the_code_in_the_architecture_exists() -> None:
    text = re.sub(r"^```.*?^```$", "", ARCHITECTURE, flags=re.MULTILINE | re.DOTALL)
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for package in PACKAGES[:3]
        for path in (ROOT / package).rglob("*.*")
        if path.suffix in {".py", ".js"} and "vendor" not in path.parts
    )
    # A setting is a field in small letters.
    words = {form for word in re.findall(r"\w+", code) for form in (word, word.upper())}
    named = set(re.findall(r"`([A-Za-z_]\w*)(?:\([^`]*\))?`", text)) - NOT_IN_THE_CODE
    assert len(named) > 20
    assert named - words == set()


def folders() -> dict[str, set[str]]:
    """Package -> its folders that hold a file; those of the page belong to the page alone. All languages are one."""
    found: dict[str, set[str]] = defaultdict(set)
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.*"):
            parts = file.parent.relative_to(ROOT / package).parts
            if parts and "__pycache__" not in parts and not (package == PACKAGES[2] and parts[0] == "static"):
                known = parts[:-1] if parts[-2:-1] == ("locales",) else parts
                found[package].add("/".join(known) + "/")
    found[PACKAGES[2]].add("static/")
    return found


def drawn() -> dict[str, set[str]]:
    """The boxes of the module map, by package."""
    (drawing,) = re.findall(r"^```mermaid\n(.*?)^```$", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    parts = re.findall(r'^  subgraph \w+\["([^"]+)"\]\n(.*?)^  end$', drawing, re.MULTILINE | re.DOTALL)
    return {package: set(re.findall(r'\w\["([^"]+)"\]', boxes)) for package, boxes in parts}


def listed() -> dict[str, set[str]]:
    """The tables below the map: folders by package."""
    tables = re.findall(r"^`([^`]+/)`:\n\n\| folder \| .*\n\|[-|]+\|\n((?:\|.*\n)+)", ARCHITECTURE, re.MULTILINE)
    return {package: set(re.findall(r"^\| `([^`]+)` \|", rows, re.MULTILINE)) for package, rows in tables}


@pytest.mark.parametrize("where", [drawn, listed])
def test_the_module_map_has_every_folder_and_no_other(where: Callable[[], dict[str, set[str]]]) -> None:
    assert where() == folders()


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES
