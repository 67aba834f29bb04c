"""The folders of the page's scripts are layers: a script imports from its own folder and from those below."""

from __future__ import annotations

import os
import re

from tests.dashboard.conftest import ROOT

STATIC = ROOT / "dashboard/dashboard/static"
#: From the top. Folders of one set don't import each other; the texts of `i18n/locales` belong to `i18n`.
LAYERS = [
    {"."},
    {"controls", "save"},
    {"alerts", "lesson", "panel", "rising", "status"},
    {"board"},
    {"net"},
    {"model"},
    {"ui"},
    {"i18n"},
]
IMPORT = re.compile(r"^import .*? from \"(\.[^\"]+)\";$", re.MULTILINE)


def folder_of(path: str) -> str:
    """The folder of a script, by its path below `static/`."""
    folder = os.path.dirname(path) or "."  # noqa: PTH120 - a path below static/, not of the file system
    return folder.split("/")[0]


def imports() -> set[tuple[str, str]]:
    """Pairs of folders of which the first imports from the second."""
    found = set()
    for path in STATIC.rglob("*.js"):
        name = path.relative_to(STATIC).as_posix()
        if name.startswith("vendor/"):
            continue
        for target in IMPORT.findall(path.read_text()):
            imported = os.path.normpath(path.parent.relative_to(STATIC) / target)
            found.add((folder_of(name), folder_of(imported)))
    return {(one, other) for one, other in found if one != other and other != "vendor"}


def test_each_folder_of_scripts_has_its_layer() -> None:
    folders = {folder_of(path.relative_to(STATIC).as_posix()) for path in STATIC.rglob("*.js")} - {"vendor"}
    assert folders == set().union(*LAYERS)


def test_scripts_import_from_lower_layers_only() -> None:
    level = {folder: number for number, folders in enumerate(LAYERS) for folder in folders}
    assert {pair for pair in imports() if level[pair[0]] >= level[pair[1]]} == set()
    assert ("board", "model") in imports()
