"""Files that a page saves: save one, and read it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from playwright.sync_api import Page

SVG = "{http://www.w3.org/2000/svg}"


def save(page: Page, extension: str, button: str = "#save-board") -> tuple[str, bytes]:
    """Save a file with the menu; its name and content."""
    if page.locator("#save-menu").is_hidden():
        page.locator(button).click()
    with page.expect_download() as download:
        page.locator(f"[data-save={extension}]").click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file, read by a program that knows the byte order mark."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def texts(content: bytes) -> list[str]:
    """The texts of an SVG, without direction marks."""
    root = ElementTree.fromstring(content)
    assert root.tag == f"{SVG}svg"
    return ["".join(text.itertext()).replace("\u200f", "") for text in root.iter(f"{SVG}text")]
