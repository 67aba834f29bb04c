"""Static files: stored by browsers for a year, under an address that changes with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from tests.dashboard.conftest import ROOT

from dashboard.page.static_files import load_static_files, static_routes

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

IMMUTABLE = "public, max-age=31536000, immutable"
STATIC = ROOT / "dashboard/dashboard/static"
OLD = "0123456789abcdef"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "board").mkdir()
    (tmp_path / "main.js").write_text("import './board/rows.js';")
    (tmp_path / "board/rows.js").write_text("export const rows = 10;" * 100)
    (tmp_path / "vendor/library-1.0.js").write_text("library")
    return tmp_path


def client_of(folder: Path) -> FlaskClient:
    app = Flask("static", static_folder=None)
    app.register_blueprint(static_routes(load_static_files(folder)))
    return app.test_client()


def test_a_file_is_stored_for_a_year_under_the_version_of_the_folder(folder: Path) -> None:
    url = load_static_files(folder).url("board/rows.js")
    assert re.fullmatch("/static/[0-9a-f]{16}/board/rows.js", url)
    answer = client_of(folder).get(url, headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, IMMUTABLE)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 100


@pytest.mark.parametrize("change", ["content", "name", "more"])
def test_any_change_of_the_folder_changes_all_addresses(folder: Path, change: str) -> None:
    before = load_static_files(folder).url("main.js")
    assert load_static_files(folder).url("main.js") == before
    if change == "content":
        (folder / "board/rows.js").write_text("export const rows = 20;")
    elif change == "name":
        (folder / "board/rows.js").rename(folder / "board/lines.js")
    else:
        (folder / "board/more.js").write_text("")
    assert load_static_files(folder).url("main.js") != before


def test_a_library_has_its_version_in_its_name_and_keeps_its_address(folder: Path) -> None:
    url = load_static_files(folder).url("vendor/library-1.0.js")
    assert url == "/static/vendor/library-1.0.js"
    assert client_of(folder).get(url).headers["Cache-Control"] == IMMUTABLE


def test_a_page_of_an_older_version_gets_the_files_of_today_and_does_not_store_them(folder: Path) -> None:
    client = client_of(folder)
    for path in (f"/static/{OLD}/main.js", "/static/main.js"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_file_that_does_not_exist_has_no_address(folder: Path) -> None:
    files = load_static_files(folder)
    with pytest.raises(KeyError):
        files.url("nothing.js")
    client = client_of(folder)
    for path in ("nothing.js", f"{files.version}/nothing.js", f"{files.version}", f"{files.version}/{OLD}/main.js"):
        assert client.get(f"/static/{path}").status_code == 404


def test_each_file_that_a_style_sheet_names_exists() -> None:
    for sheet in STATIC.glob("styles/*.css"):
        for name in re.findall(r"""url\(["']?([^"')]+)""", sheet.read_text()):
            assert name.startswith(("#", "data:")) or (sheet.parent / name).is_file(), f"{sheet.name}: {name}"
