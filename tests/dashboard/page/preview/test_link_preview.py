"""What platforms show of a link to the page."""

from __future__ import annotations

import json
import struct
import subprocess
import zlib
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from tests.dashboard.page.preview.conftest import AT_MS, POSTS, Clock, Meta, meta, push
from tests.dashboard.support import feeder

from dashboard.page.preview import image as preview_module
from dashboard.page.preview.fonts import Fonts, find_fonts
from dashboard.page.preview.image import EVERY_MS, Preview, PreviewError
from dashboard.page.preview.svg import cut, hashtag, preview_svg
from dashboard.snapshots.latest import Latest
from dashboard.snapshots.parse import parse_snapshot
from dashboard.snapshots.schema import Snapshot
from dashboard.snapshots.sources_line import sources_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

FONTS = Fonts("Noto Sans", [])


def snapshot(seq: int = 1) -> Snapshot:
    return parse_snapshot(json.dumps(feeder.snapshot(POSTS, AT_MS, seq)).encode())


def test_a_link_says_what_leads_now(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of()
    push(client)
    found = meta(client)
    assert found["og:title"] == "Live hashtags: #WorldCup, #كأس_العالم, #東京"
    assert found["og:description"] == found["description"]
    begins = "Demo · made-up posts. Last 5 minutes, posts by hashtag: #WorldCup 3,100, #كأس_العالم 290,"
    assert found["description"].startswith(begins)
    assert found["og:image:alt"] == found["description"]
    assert "#<b>& 90" in found["description"]
    assert found["twitter:card"] == "summary_large_image"


def test_before_the_first_snapshot_it_says_what_the_page_is(client_of: Callable[..., FlaskClient]) -> None:
    found = meta(client_of())
    assert (found["og:title"], found["description"]) == (
        "Live hashtags",
        "The leading hashtags of the last minutes, live.",
    )


def test_addresses_are_those_that_are_set(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of(public_url="https://trends.example.org/")
    found = meta(client, "/?top=20&pin=a%26b", headers={"Host": "elsewhere.example"})
    assert found["og:url"] == "https://trends.example.org/?top=20&pin=a%26b"
    assert found["og:image"] == "https://trends.example.org/preview.png"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("trends.example.org:8000", "http://trends.example.org:8000/"),
        ('a"><script>alert(1)</script>', None),
        ("a.example/path", None),
        ("", "http://localhost/"),
    ],
)
def test_without_one_they_are_what_was_asked_for_if_that_is_a_host(
    client_of: Callable[..., FlaskClient], host: str, url: str | None
) -> None:
    client = client_of()
    answer = client.get("/", headers={"Host": host} if host else {})
    found = Meta(answer.text).found
    # Flask itself refuses some of them.
    assert found.get("og:url") == url
    assert ("og:image" in found) == (url is not None)
    assert "alert(1)" not in answer.text


def test_the_picture_is_a_png_that_browsers_and_platforms_may_keep_for_ten_seconds(
    client_of: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_fonts() is None:
        pytest.skip("this machine has no font to draw pictures with")
    # It is drawn by a new process, which takes seconds to start on a busy machine.
    monkeypatch.setattr(preview_module, "DRAWN_WITHIN_SECONDS", 60)
    client = client_of()
    push(client)
    answer = client.get("/preview.png")
    assert answer.content_type == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=10"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = client.get("/preview.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert struct.unpack(">II", answer.data[16:24]) == (1200, 630)
    assert len(set(pixels(answer.data))) > 50


def pixels(png: bytes) -> bytes:
    """What is packed in the picture's IDAT chunks."""
    at, packed = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += 12 + length
    return zlib.decompress(packed)


def test_the_drawing_has_the_five_leading_tags_as_text() -> None:
    root = ElementTree.fromstring(preview_svg(snapshot(), "Noto Sans"))
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:2] == ["Live hashtags", "Last 5 minutes · 20 Nov 2026, 12:00 UTC · 3,689 posts"]
    assert texts[2] == "Demo · made-up posts"
    assert texts[3::2] == ["#WorldCup", "\u200f#كأس_العالم", "#東京", "#<b>&", "#música"]
    assert texts[4::2] == ["3,100", "290", "200", "90", "8"]
    widths = [int(bar.get("width", "")) for bar in list(root.iter("{http://www.w3.org/2000/svg}rect"))[1:]]
    assert widths == [1080, 101, 70, 31, 4]


def test_what_xml_can_not_hold_is_left_out() -> None:
    body = feeder.snapshot({"a\x00\x1bb": 1}, AT_MS)
    drawn = preview_svg(parse_snapshot(json.dumps(body).encode()), "Noto Sans")
    assert "#ab" in "".join(ElementTree.fromstring(drawn).itertext())


def test_a_tag_without_room_is_cut() -> None:
    assert cut("WorldCup") == "WorldCup"
    assert cut("漢" * 40) == "漢" * 25 + "…"
    assert hashtag("2026_كأس").startswith("\u200f#")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was drawn, in place of drawing it."""
    made: list[str] = []

    def render(svg: str, _: Fonts) -> bytes:
        made.append(svg)
        return str(len(made)).encode()

    monkeypatch.setattr(preview_module, "render", render)
    return made


def test_it_is_drawn_when_asked_for_and_not_again_for_ten_seconds(drawn: list[str]) -> None:
    latest, clock = Latest(), Clock()
    preview = Preview(latest, FONTS, clock)
    assert drawn == []
    for seq in range(1, 20):
        latest.offer(snapshot(seq), b"{}")
        assert preview.png() == b"1"
        clock.now_ms = seq * 500
    clock.now_ms = EVERY_MS
    assert preview.png() == b"2"
    # The same snapshot makes the same picture.
    clock.now_ms = 10 * EVERY_MS
    assert preview.png() == b"2"


def test_a_drawing_that_fails_leaves_the_picture_before_and_is_not_tried_at_once(
    drawn: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    latest, clock = Latest(), Clock()
    preview = Preview(latest, FONTS, clock)
    preview.png()
    tries = []

    def fail(svg: str, _: Fonts) -> bytes:
        tries.append(svg)
        raise subprocess.CalledProcessError(1, ["render"])

    monkeypatch.setattr(preview_module, "render", fail)
    latest.offer(snapshot(), b"{}")
    clock.now_ms = EVERY_MS
    assert [preview.png(), preview.png()] == [b"1", b"1"]
    assert len(tries) == 1
    assert "could not be drawn" in caplog.text


def test_a_machine_without_fonts_has_no_picture_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "NotoSansThai-Bold.ttf").touch()
    assert find_fonts([str(tmp_path), str(tmp_path / "missing")]) is None
    preview = Preview(Latest(), None, Clock())
    assert not preview.possible
    with pytest.raises(PreviewError, match="no font"):
        preview.png()
    assert caplog.text.count("No font") == 1


def test_fonts_are_those_of_the_machine_the_best_first(tmp_path: Path) -> None:
    for name in ("DejaVuSans.ttf", "deep/NotoSans-Bold.ttf", "NotoSansCJK-Bold.ttc", "NotoSerif-Bold.ttf", "read.me"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = find_fonts([str(tmp_path)])
    assert found is not None
    assert found.family == "Noto Sans"
    names = [file.rsplit("/", 1)[1] for file in found.files]
    assert names == ["NotoSans-Bold.ttf", "NotoSansCJK-Bold.ttc", "DejaVuSans.ttf", "NotoSerif-Bold.ttf"]


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ([], ""),
        (["demo"], "Demo · made-up posts"),
        (["replay"], "Recording · posts from a file"),
        (["replay", "x"], "Recording · posts from a file: x"),
        (["demo", "replay"], "Recording · posts from a file: demo (made-up posts)"),
        (["bluesky", "demo"], "Sources: bluesky, demo (made-up posts)"),
        (["x"], "Source: x"),
    ],
)
def test_a_link_says_where_the_posts_are_from(names: list[str], line: str) -> None:
    assert sources_line(names) == line


def test_the_picture_names_the_source_and_how_much_was_counted() -> None:
    body = feeder.snapshot(POSTS, AT_MS)
    body["coverage"] = {"from_ms": AT_MS - 33_000, "missing_ms": 0, "before": False}
    drawn = ElementTree.fromstring(preview_svg(parse_snapshot(json.dumps(body).encode()), "Noto Sans"))
    texts = [text.text or "" for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "Demo · made-up posts" in texts
    assert any(text.startswith("Last 30 seconds so far (window: 5 minutes) · ") for text in texts)
