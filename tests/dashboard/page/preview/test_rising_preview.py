"""What platforms show of a link to the rising hashtags, and of one to the window by people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from tests.dashboard.page.preview.conftest import AT_MS, POSTS, Clock, meta, push
from tests.dashboard.support import feeder
from tests.dashboard.support.rising import rising, rising_tag, sample, with_authors

from dashboard.page.preview import image as preview_module
from dashboard.page.preview.fonts import Fonts
from dashboard.page.preview.image import Preview
from dashboard.page.preview.reasons import reason
from dashboard.page.preview.svg import preview_svg
from dashboard.snapshots.latest import Latest
from dashboard.snapshots.parse import parse_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from dashboard.page.preview.subject import Subject
    from dashboard.snapshots.schema import Snapshot

SVG = "{http://www.w3.org/2000/svg}"
LEADING = "Live hashtags: #WorldCup, #كأس_العالم, #東京"
RISING = "Rising hashtags: #Terremoto, #東京, #SmallAndNew"


def body(listed: object) -> dict[str, Any]:
    return with_authors(feeder.snapshot(POSTS, AT_MS, rising=listed))


def snapshot(listed: object) -> Snapshot:
    return parse_snapshot(json.dumps(body(listed)).encode())


@pytest.mark.parametrize(
    ("path", "title", "image"),
    [
        ("/", RISING, "?view=rising"),
        ("/?top=20&pin=rain", RISING, "?view=rising"),
        ("/?view=rising", RISING, "?view=rising"),
        ("/?view=window", LEADING, ""),
        ("/?lang=es", LEADING, ""),
        ("/?at=1795176000000", LEADING, ""),
        ("/?view=total&by=authors", LEADING, ""),
        ("/?by=authors", "Live hashtags by people: #WorldCup, #東京, #كأس_العالم", "?by=authors"),
        ("/?view=window&by=authors", "Live hashtags by people: #WorldCup, #東京, #كأس_العالم", "?by=authors"),
    ],
)
def test_a_link_says_what_its_page_shows(
    client_of: Callable[..., FlaskClient], path: str, title: str, image: str
) -> None:
    client = client_of(public_url="https://trends.example.org")
    push(client, body(sample(AT_MS)))
    found = meta(client, path)
    assert (found["og:title"], found["og:image"]) == (title, f"https://trends.example.org/preview.png{image}")


def test_a_link_to_the_list_says_why_each_hashtag_rises(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of()
    push(client, body(sample(AT_MS)))
    assert meta(client)["og:description"] == (
        "Demo · made-up posts. #Terremoto: 241 people in 5 minutes, 12 times the usual 20. "
        "#東京: 120 people in 5 minutes, 3 times the usual 40. #SmallAndNew: 18 people in 5 minutes, new."
    )


def test_a_link_to_the_window_by_people_has_their_number(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of()
    push(client, body(None))
    begins = "Demo · made-up posts. Last 5 minutes, people by hashtag: #WorldCup 1,550, #東京 100, #كأس_العالم 96,"
    assert meta(client, "/?by=authors")["og:description"].startswith(begins)


@pytest.mark.parametrize(
    ("listed", "sentence"),
    [
        (rising(AT_MS), "No hashtag is used by more people than usual now."),
        (rising(AT_MS, missing_ms=600_000), "What is usual is not known yet."),
        (None, "What is usual is not known yet."),
    ],
    ids=["a quiet time", "a baseline is missing", "an older job"],
)
def test_a_link_says_why_the_list_is_empty_and_the_first_view_then_shows_the_window(
    client_of: Callable[..., FlaskClient], listed: object, sentence: str
) -> None:
    client = client_of()
    push(client, body(listed))
    found = meta(client, "/?view=rising")
    assert (found["og:title"], found["og:description"]) == ("Rising hashtags", f"Demo · made-up posts. {sentence}")
    assert meta(client)["og:title"] == LEADING
    texts = texts_of(preview_svg(snapshot(listed), "Noto Sans", "rising"))
    assert (texts[0], texts[3:]) == ("Rising hashtags", [sentence])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expected": 20.0}, "241 people in 5 minutes, 12 times the usual 20"),
        ({"expected": 60.0}, "241 people in 5 minutes, 4 times the usual 60"),
        ({"expected": 100.4}, "241 people in 5 minutes, 2.4 times the usual 100"),
        ({"expected": 1.4, "authors": 12_345}, "12,345 people in 5 minutes, 8,818 times the usual 1"),
        ({"expected": 0.4}, "241 people in 5 minutes, usually fewer than one"),
        ({"expected": 0.5, "new": True}, "241 people in 5 minutes, new"),
    ],
)
def test_a_reason_is_one_short_text(changes: dict[str, Any], words: str) -> None:
    shown = snapshot(rising(AT_MS, [rising_tag("Rain", AT_MS, **changes)]))
    assert shown.rising is not None
    assert reason(shown.rising.topics[0].tags[0], shown) == words


def texts_of(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_the_picture_of_the_list_has_each_reason_and_a_curve_before_what_is_usual() -> None:
    drawn = ElementTree.fromstring(preview_svg(snapshot(sample(AT_MS)), "Noto Sans", "rising"))
    texts = [text.text for text in drawn.iter(f"{SVG}text")]
    assert texts[0] == "Rising hashtags"
    assert texts[3::2] == ["#Terremoto", "#東京", "#SmallAndNew"]
    assert texts[4] == "241 people in 5 minutes, 12 times the usual 20"
    (line, *others) = [line.get("points", "").split() for line in drawn.iter(f"{SVG}polyline")]
    assert len(others) == 2
    # The last pane has the most people, 68; the curve is 60 high and ends at the right edge.
    assert (len(line), line[0], line[-1]) == (30, "820.0,242.5", "1140.0,186.0")
    (band, *_) = list(drawn.iter(f"{SVG}rect"))[1:]
    # 20 people in 5 minutes are 2/3 in a pane; the upper edge of the band is 2/3 + 2 * sqrt(2/3 + (0.2 * 2/3)^2).
    assert (band.get("y"), band.get("height")) == ("244.0", "2.0")


def test_the_picture_of_the_window_by_people_has_their_bars() -> None:
    texts = texts_of(preview_svg(snapshot(None), "Noto Sans", "authors"))
    assert texts[0] == "Live hashtags by people"
    assert texts[3:7] == ["#WorldCup", "1,550", "#東京", "100"]


def test_each_subject_has_a_picture_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_module, "render", lambda svg, _: texts_of(svg)[0].encode())
    latest = Latest()
    latest.offer(snapshot(sample(AT_MS)), b"{}")
    preview = Preview(latest, Fonts("Noto Sans", []), Clock())
    drawn: dict[Subject, bytes] = {
        "rising": b"Rising hashtags",
        "posts": b"Live hashtags",
        "authors": b"Live hashtags by people",
    }
    for subject, title in drawn.items():
        assert preview.png(subject) == title


def test_the_address_of_the_picture_names_its_subject(
    client_of: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_module, "render", lambda svg, _: texts_of(svg)[0].encode())
    client = client_of()
    push(client, body(sample(AT_MS)))
    if client.get("/preview.png").status_code == 404:
        pytest.skip("this machine has no font to draw pictures with")
    titles = [client.get(f"/preview.png{query}").text for query in ("", "?view=rising", "?by=authors")]
    assert titles == ["Live hashtags", "Rising hashtags", "Live hashtags by people"]
