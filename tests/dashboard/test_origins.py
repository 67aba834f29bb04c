from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.dashboard.server.test_start import start

from dashboard.origins import origins

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("", []),
        ("*", ["*"]),
        ("https://example.org", ["https://example.org"]),
        (" https://a.example , http://b.example:8080,", ["https://a.example", "http://b.example:8080"]),
        ("HTTPS://Example.ORG:443/", ["https://example.org"]),
        ("http://[::1]:3000,http://127.0.0.1:80", ["http://[::1]:3000", "http://127.0.0.1"]),
        ("http://a.example,http://a.example", ["http://a.example"]),
    ],
)
@pytest.mark.parametrize("wildcards", [False, True])
def test_origins_are_written_as_browsers_write_them(text: str, listed: list[str], wildcards: bool) -> None:
    assert origins(text, wildcards=wildcards) == listed


def test_frames_know_all_names_below_one() -> None:
    assert origins("https://*.Example.org:443,http://*.example.org:8080", wildcards=True) == [
        "https://*.example.org",
        "http://*.example.org:8080",
    ]
    for text in ("https://*", "https://*example.org", "https://a.*.example.org", "https://*.[::1]", "*.example.org"):
        with pytest.raises(ValueError, match="origins such as"):
            origins(text, wildcards=True)


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "null",
        "https://",
        "ftp://example.org",
        "https://example.org/page",
        "https://example.org?x",
        "https://user@example.org",
        "https://example.org:port",
        "https://exa mple.org",
        "https://exämple.org",
        "https://*.example.org",
        "*,https://example.org",
        "https://[::1",
        "https://example.org:65536",
        "https://example.org;",
        "https://-example.org",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^origins such as https://example\.org, or one \*$"):
        origins(f"https://a.example,{text}")


@pytest.mark.slow
def test_a_wrong_origin_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    ended = start(tmp_path, CORS_ORIGINS="https://a.example,b.example")
    assert ended.returncode == 2
    assert ended.stderr == (
        "dashboard: CORS_ORIGINS must be origins such as https://example.org, or one *, "
        "not 'https://a.example,b.example'\n"
    )
