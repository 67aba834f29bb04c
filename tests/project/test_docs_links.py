"""What the Markdown files of the repository name is there: files, headings, and paths in backticks."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = ("node_modules", "data", "artifacts")
FOLDERS = [
    folder
    for folder in ROOT.iterdir()
    if folder.is_dir() and folder.name not in NOT_OURS and (folder.name[0] != "." or folder.name == ".github")
]
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in folder.rglob("*.md"))])
#: In these every path in backticks is the whole path from the top of the repository.
EXACT = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/glossary.md", "docs/troubleshooting.md")
SUFFIXES = "py|js|mjs|css|html|md|json|yml|toml|sh|svg|txt"


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """The text without blocks of code."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"^(?: {4}|\t).*$", "", text, flags=re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The fragments that GitHub gives the headings of a page."""
    found: set[str] = set()
    count: Counter[str] = Counter()
    for heading in re.findall(r"^#{1,6} +(.+?) *$", prose(page), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        found.add(f"{slug}-{count[slug]}" if count[slug] else slug)
        count[slug] += 1
    return found


def links(page: Path) -> Iterator[str]:
    """Relative links, and pictures."""
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:", link):
            yield link


def lead_nowhere(page: Path, root: Path = ROOT) -> list[str]:
    broken = []
    for link in links(page):
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        found = target.exists() and target.is_relative_to(root)
        if not found or (fragment and target.suffix == ".md" and fragment not in anchors(target)):
            broken.append(link)
    return broken


def test_there_are_pages() -> None:
    assert {"README.md", *EXACT} <= {named(page) for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    assert lead_nowhere(page) == []


@pytest.mark.parametrize(
    "page", [page for page in PAGES if named(page) in EXACT or "decisions" in page.parts], ids=named
)
def test_paths_in_backticks_are_there(page: Path) -> None:
    paths = re.findall(rf"`([\w.-]+(?:/[\w.-]+)+\.(?:{SUFFIXES})|[\w.-]+(?:/[\w.-]+)+/)`", prose(page))
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading: one\n\n[a](#a-heading-one) [b](#b) [c](no.md) [d](page.md#d) [e](https://e.example)\n"
    )
    assert lead_nowhere(page, tmp_path) == ["#b", "no.md", "page.md#d"]


def test_contributing_names_only_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE))
    assert {"lint", "test-fast", "test"} <= named <= targets


def test_contributing_runs_tests_that_exist() -> None:
    commands = re.findall(r"\.venv/bin/pytest ((?:tests/\S+ ?)+)(?:-k (\w+))?", (ROOT / "CONTRIBUTING.md").read_text())
    assert commands
    for paths, name in commands:
        assert [path for path in paths.split() if not (ROOT / path).exists()] == []
        assert name in "".join((ROOT / path).read_text() for path in paths.split() if path.endswith(".py"))
