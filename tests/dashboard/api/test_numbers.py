"""Each number that a page shows can be requested by its name, and says how it was made."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from pydantic import SecretStr
from tests.dashboard.api.conftest import AT_MS, PANE_MS, START_MS, TOKEN, get, pane
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.fake_job import FakeJob, counted
from tests.dashboard.support.rising import pane_with_people, sample, with_authors

from dashboard.api.numbers.names import NUMBERS
from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.snapshots.recent import HELD_MS

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

TAGS = {f"Tag{number:02}": 200 - 3 * number for number in range(30)} | {"東京": 311, "it's": 305}
SOURCES = [
    feeder.source(name="x", terms=["football", "goal"], languages=["en"], accepted=1000, filtered=5),
    feeder.source(name="demo", terms=["football"], accepted=7, malformed={"not UTF-8": 2, "too long": 3}),
]


@pytest.fixture
def client(client_of_job: FlaskClient) -> FlaskClient:
    return client_of_job


def body(seq: int = 1, **changes: Any) -> dict[str, Any]:
    """A snapshot that has every number."""
    health = feeder.health(AT_MS, SOURCES, lag_posts=12, lag_ms=1500, lost=7, skipped=2, cut=3)
    made = with_authors(feeder.snapshot(TAGS, AT_MS, seq, health=health, rising=sample(AT_MS)))
    made["pairs"] = panel.pairs(START_MS, tag00={"Tag01": 41, "it's": 7})
    made["mute"] = panel.mute("hush", patterns=("sh*",), hidden=5)
    made["total"] |= {"dropped_tags": 4, "dropped_posts": 9}
    made["batch"] |= {"posts": 1000}
    for rank, leader in enumerate(made["window"]["top"]):
        leader["previous_rank"] = leader["rank"] + rank % 3
    return {**panel.with_taken_back(made), **changes}


def push(client: FlaskClient, made: dict[str, Any]) -> None:
    answer = client.post("/api/snapshots", json=made, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.json


def event_of(client: FlaskClient, **view: str) -> dict[str, Any]:
    """The event as a page in this view gets it."""
    live = client.application.extensions["dashboard.live"]
    page = live._socketio.test_client(client.application)
    answered: dict[str, Any] = page.emit("view", view, callback=True)
    page.disconnect()
    return answered


def value(client: FlaskClient, of: str, **query: Any) -> Any:
    """The number that the route gives; None if it is not known."""
    answer = client.get(f"/api/number?{urlencode({'of': of, **query})}")
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.endswith("\n")
    return json.loads(answer.text)


VIEWS: tuple[dict[str, str], ...] = (
    {}, {"by": "authors"}, {"source": "demo"}, {"lang": "en", "by": "authors"}, {"ranking": "total"},
    {"ranking": "batch"},
)  # fmt: skip


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_each_number_of_the_board(client: FlaskClient, view: dict[str, str]) -> None:
    push(client, body())
    event = event_of(client, **view)
    query = {"view" if name == "ranking" else name: word for name, word in view.items()}
    query |= {"epoch": event["epoch"], "seq": event["seq"]}
    for of in ("posts", "posts_before", "authors", "taken_back"):
        assert value(client, of, **query) == event[of]
    assert len(event["top"]) >= 3
    by = "authors" if view.get("by") == "authors" else "posts"
    for tag in event["top"]:
        tagged = {**query, "key": tag["key"]}
        for of in ("rank", "posts", "posts_before", "authors"):
            assert value(client, of, **tagged) == tag[of], of
        taken_back = tag.get("taken_back", None if event["taken_back"] is None else 0)
        assert value(client, "taken_back", **tagged) == taken_back
        assert value(client, "taken_back_part", **tagged) == (None if taken_back is None else taken_back / tag["posts"])
        assert value(client, "share", **tagged) == tag[by] / event[by]
        change = tag["posts"] / tag["posts_before"] - 1 if tag["posts_before"] else None
        assert value(client, "change", **tagged) == change
        moved = None if tag["previous_rank"] is None else tag["previous_rank"] - tag["rank"]
        assert value(client, "rank_change", **tagged) == moved
        assert value(client, "first_seen_ms", **tagged) == tag["first_seen_ms"]


def test_each_number_of_the_strip(client: FlaskClient) -> None:
    push(client, body())
    event = event_of(client)
    health, total = event["health"], event["total"]
    for of in ("posts_per_second", "newest_at_ms", "lag_posts", "lag_ms", "batch_ms", "lost", "skipped", "cut"):
        assert value(client, of) == health[of], of
    assert [value(client, of) for of in ("total_posts", "total_tags", "dropped_tags", "dropped_posts")] == [
        total["posts"], total["tags"], 4, 9,
    ]  # fmt: skip
    assert [value(client, of) for of in ("accepted", "filtered", "duplicate", "malformed")] == [1007, 22, 0, 5]
    assert [value(client, of, input="demo") for of in ("accepted", "malformed")] == [7, 5]
    assert value(client, "accepted", input="bluesky") is None
    assert [value(client, of) for of in ("muted_tags", "muted_hidden", "rising_topics")] == [2, 5, 3]


def test_each_number_of_what_rises(client: FlaskClient) -> None:
    push(client, body())
    rising = event_of(client, ranking="rising")["rising"]
    tags = [tag for topic in rising["topics"] for tag in topic["tags"]]
    assert len(tags) == 4
    for tag in tags:
        names = ("times", "authors", "voices", "expected", "posts", "copies", "lang_part", "source_part", "peak_voices")
        for name in names:
            assert value(client, f"rising_{name}", view="rising", key=tag["key"]) == tag[name], name
        assert value(client, "taken_back", view="rising", key=tag["key"]) == tag["taken_back"]
        assert value(client, "taken_back_part", view="rising", key=tag["key"]) == tag["taken_back"] / tag["posts"]
    for tag in rising["held_back"]:
        for name in ("posts", "authors", "texts"):
            assert value(client, f"held_{name}", key=tag["key"]) == tag[name]


def test_each_number_of_the_panel(client: FlaskClient, job: FakeJob) -> None:
    push(client, body())
    for key in ("tag00", "tag29", "東京"):
        tag = get(client, f"/api/tags/{key}")
        query = {"key": key, "epoch": tag["epoch"], "seq": tag["seq"]}
        for of in ("rank", "posts", "authors", "share", "taken_back"):
            assert value(client, of, **query) == tag["window"][of], of
        assert value(client, "total_posts", **query) == tag["total"]["posts"]
        for other in tag["pairs"]["tags"] if tag["pairs"] else []:
            assert value(client, "pair_posts", **query, other=other["key"]) == other["posts"]
    assert get(client, "/api/tags/tag00")["pairs"]["tags"]
    job.answers["/tag"] = (200, {"at_ms": 1, **counted("SmallTag", 12, 431, 40)})
    tag = get(client, "/api/tags/smalltag")
    # A later answer of the job has other numbers. The page shows these.
    push(client, body(2))
    job.answers["/tag"] = (200, {"at_ms": 1, **counted("SmallTag", 99, 17, 140)})
    get(client, "/api/tags/smalltag")
    query = {"key": "smalltag", "epoch": tag["epoch"], "seq": tag["seq"]}
    for of in ("rank", "posts", "share"):
        assert value(client, of, **query) == tag["window"][of]
    assert value(client, "total_posts", **query) == 40
    assert value(client, "first_seen_ms", **query) == 5


@pytest.mark.parametrize("view", [{}, {"by": "authors"}], ids=str)
def test_each_number_of_the_past(client: FlaskClient, view: dict[str, str]) -> None:
    ordered = dict(sorted(TAGS.items(), key=lambda tag: (-tag[1], tag[0])))
    closed = [pane_with_people(pane(number, TAGS, window=ordered, leaders=40)) for number in (0, 1)]
    for one in closed:
        one["window"]["taken_back"] = 90
        one["window"]["top"][0]["taken_back"] = 44
    push(client, body(panes=closed))
    at_ms = START_MS + 2 * PANE_MS
    # As a page requests it whose viewer may hide tags: it can show each of these.
    event = get(client, f"/api/windows?{urlencode({'at_ms': at_ms, 'reserve': 'true', **view})}")
    assert len(event["top"]) > 20
    query = {"at_ms": event["to_ms"], **view}
    for of in ("posts", "authors", "taken_back"):
        assert value(client, of, **query) == event[of]
    for tag in event["top"]:
        for of in ("rank", "posts", "authors"):
            assert value(client, of, **query, key=tag["key"]) == tag[of]
    assert event["top"][0]["rank"] == 1
    listed = get(client, f"/api/windows?at_ms={at_ms}&view=rising")["rising"]["topics"][0]["tags"][0]
    assert value(client, "rising_times", at_ms=at_ms, view="rising", key=listed["key"]) == listed["times"]
    for of in ("lag_posts", "total_posts", "lost", "accepted"):
        assert value(client, of, at_ms=at_ms) is None


@pytest.mark.parametrize("view", [{"source": "demo"}, {"lang": "en"}, {"view": "total"}, {"view": "batch"}], ids=str)
def test_views_that_the_past_does_not_have_have_no_numbers_there(client: FlaskClient, view: dict[str, str]) -> None:
    push(client, body(panes=[pane_with_people(pane(0, TAGS, window=TAGS))]))
    assert value(client, "posts", at_ms=START_MS + PANE_MS) is not None
    assert value(client, "posts", at_ms=START_MS + PANE_MS, **view) is None
    assert client.get(f"/api/explain?of=posts&at_ms={START_MS + PANE_MS}&{urlencode(view)}").status_code == 404


def test_numbers_of_a_tag_that_leads_nowhere_are_those_of_the_whole_window(client: FlaskClient, job: FakeJob) -> None:
    push(client, body())
    job.answers["/tag"] = (200, {"at_ms": 1, **counted("SmallTag", 12, 431, 40)})
    get(client, "/api/tags/smalltag")
    assert [value(client, of, key="smalltag") for of in ("posts", "rank")] == [12, 431]
    # The job ranks by posts.
    by_people = {"key": "smalltag", "by": "authors"}
    assert [value(client, of, **by_people) for of in ("posts", "rank")] == [12, None]
    for facet in ({"source": "demo"}, {"lang": "en"}):
        known = [value(client, of, key="smalltag", **facet) for of in ("posts", "rank", "share")]
        assert known == [None, None, None]
        assert value(client, "total_posts", key="smalltag", **facet) == 40


def queries(client: FlaskClient) -> list[dict[str, Any]]:
    """A query for each name, of a number that is known."""
    found = []
    for of, number in NUMBERS.items():
        key = "winaphone" if of.startswith("held_") else "sismo" if of.startswith("rising_") else "tag00"
        query = {"of": of, **({"key": key} if number.tagged == "must" else {})}
        found.append({**query, "other": "it's"} if of == "pair_posts" else query)
    assert get(client, "/api/explain?of=pair_posts&key=tag00&other=it%27s")["value"] == 7
    return found


def test_the_command_of_every_number_prints_it(client: FlaskClient) -> None:
    push(client, body(1))
    event_of(client)
    explained = [get(client, f"/api/explain?{urlencode(query)}") for query in queries(client)]
    # The numbers are those of that snapshot, also when newer ones came.
    push(client, feeder.snapshot({"Other": 1}, AT_MS + 1000, 2))
    for one in explained:
        program, options, address = shlex.split(one["curl"])
        assert (program, options) == ("curl", "-fsS")
        assert address.startswith("http://localhost/api/number?of=")
        assert json.loads(client.get(address.removeprefix("http://localhost")).text) == one["value"]
        assert one["unit"] == NUMBERS[one["of"]].unit


def test_a_command_is_safe_to_paste(client: FlaskClient) -> None:
    push(client, body())
    curl = get(client, f"/api/explain?of=rank&key={quote(chr(39))}it%27s{quote('`$(x)')}", 404)
    assert curl["error"]
    curl = get(client, "/api/explain?of=rank&key=it%27s")["curl"]
    assert shlex.split(curl)[2].endswith("&key=it%27s")
    hostile = client.get("/api/explain?of=posts", headers={"Host": "a';touch${IFS}x;'"})
    if hostile.status_code == 200 and hostile.json:
        assert len(shlex.split(hostile.json["curl"])) == 3
    assert shlex.split(curl)[2].count(" ") == 0


def test_the_command_has_the_public_address(tmp_path: Path) -> None:
    settings = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path, public_url="https://trends.example.org")
    app = create_app(settings, lambda: START_MS, lambda: 0)
    push(app.test_client(), body())
    curl = get(app.test_client(), "/api/explain?of=posts")["curl"]
    assert curl == "curl -fsS 'https://trends.example.org/api/number?of=posts&epoch=1&seq=1'"
    app.extensions["dashboard.history"].close()


@pytest.mark.slow
def test_curl_itself_prints_the_number(dashboard: Any) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    dashboard.push({"WorldCup": 310, "it's": 3}, AT_MS)
    answer = json.loads(subprocess.check_output(["curl", "-fsS", f"{dashboard.url}/api/explain?of=posts&key=it%27s"]))
    printed = subprocess.check_output(["sh", "-c", answer["curl"]], text=True)
    assert printed == "3\n"


def test_a_number_says_how_it_was_made(client: FlaskClient) -> None:
    push(client, body())
    window = body()["window"]
    explained = get(client, "/api/explain?of=rank&key=tag00&by=authors&source=demo")
    assert explained == {
        "of": "rank",
        "value": 3,
        "unit": "rank",
        "view": {"ranking": "window", "source": "demo", "lang": None, "by": "authors"},
        "key": "tag00",
        "label": "Tag00",
        "from_ms": window["from_ms"],
        "to_ms": window["to_ms"],
        "counted_from_ms": AT_MS - 600_000 if window["from_ms"] < AT_MS - 600_000 else window["from_ms"],
        "missing_ms": 0,
        "source": "demo",
        "lang": None,
        "sources": ["demo"],
        "terms": ["football"],
        "languages": [],
        "order": "authors",
        "counted_until_offset": 1234,
        "lag_posts": 12,
        "lost": 7,
        "skipped": 2,
        "dropped_tags": 4,
        "dropped_posts": 9,
        "muted": {"tags": 2, "hidden": 5, "error": None},
        "is_estimate": False,
        "pane_from_ms": START_MS - PANE_MS,
        "curl": "curl -fsS 'http://localhost/api/number?of=rank&epoch=1&seq=1&source=demo&by=authors&key=tag00'",
    }


def spans(client: FlaskClient, query: str) -> tuple[int, int]:
    explained = get(client, f"/api/explain?{query}")
    return explained["from_ms"], explained["to_ms"]


def test_each_number_has_the_time_that_was_counted_for_it(client: FlaskClient) -> None:
    push(client, body())
    from_ms, to_ms = body()["window"]["from_ms"], AT_MS
    assert spans(client, "of=posts") == (from_ms, to_ms)
    assert spans(client, "of=posts_before") == (from_ms - 300_000, from_ms)
    assert spans(client, "of=total_posts&key=tag00") == (AT_MS - 600_000, AT_MS)
    assert spans(client, "of=total_tags") == (AT_MS - 600_000, AT_MS)
    assert spans(client, "of=rank&key=tag00&view=total") == (AT_MS - 600_000, AT_MS)
    assert spans(client, "of=pair_posts&key=tag00&other=tag01") == (START_MS - 300_000, START_MS)
    assert spans(client, "of=rising_times&key=sismo&view=rising") == (START_MS - 300_000, START_MS)
    assert get(client, "/api/explain?of=rising_times&key=sismo&view=rising")["order"] == "score"
    assert get(client, "/api/explain?of=posts&lang=en")["terms"] == ["football", "goal"]


def test_numbers_of_a_sample_are_estimates(client: FlaskClient) -> None:
    seqs = iter(range(1, 9))

    def estimates(**changes: Any) -> list[str]:
        made = body(next(seqs))
        sampled = {"sampled": changes.pop("sampled")} if "sampled" in changes else {}
        push(client, {**made, "window": {**made["window"], **sampled}, **changes})
        queries = ("of=authors", "of=authors&key=tag00", "of=pair_posts&key=tag00&other=tag01", "of=posts&key=tag00")
        return [query for query in queries if get(client, f"/api/explain?{query}")["is_estimate"]]

    # Older jobs don't send it.
    assert estimates() == []
    assert estimates(sampled={"authors": 1, "tags": 1}) == []
    assert estimates(sampled={"authors": 2, "tags": 1}) == ["of=authors"]
    assert estimates(sampled={"authors": 1, "tags": 4}) == ["of=authors&key=tag00"]
    pairs = panel.pairs(START_MS, is_exact=False, tag00={"Tag01": 41})
    assert estimates(pairs=pairs) == ["of=pair_posts&key=tag00&other=tag01"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("of=nothing", 400),
        ("of=rank", 404),
        ("of=posts&view=best", 400),
        ("of=posts&source=x&lang=en", 404),
        ("of=posts&epoch=1", 410),
        ("of=posts&seq=1", 410),
        ("of=posts&at_ms=noon", 400),
        ("of=posts&key=unknown", 404),
        ("of=posts&key=", 404),
        ("of=posts&key=hush", 404),
        ("of=posts&key=SHY", 404),
        ("of=posts&epoch=1&seq=99", 404),
        ("of=posts&epoch=99&seq=1", 404),
        ("of=posts&epoch=0&seq=1", 410),
        ("of=posts&at_ms=5", 404),
    ],
)
def test_what_is_no_number_is_answered_with_a_sentence(client: FlaskClient, query: str, status: int) -> None:
    push(client, body())
    for path in ("number", "explain"):
        assert get(client, f"/api/{path}?{query}", status)["error"].endswith(".")


def test_before_the_first_snapshot_there_is_no_number(client: FlaskClient) -> None:
    assert get(client, "/api/number?of=posts", 404)["error"]


def test_snapshots_are_held_for_two_minutes(client: FlaskClient, clock: list[int]) -> None:
    push(client, body(1))
    event_of(client)
    push(client, feeder.snapshot({"Other": 1}, AT_MS, 2))
    clock[0] = HELD_MS
    assert value(client, "posts", epoch=1, seq=1) == body()["window"]["posts"]
    clock[0] += 1
    assert "two minutes" in get(client, "/api/number?of=posts&epoch=1&seq=1", 410)["error"]
    assert value(client, "posts", epoch=1, seq=2) == 1
    # The newest one stays, however old it is.
    clock[0] += 10 * HELD_MS
    assert value(client, "posts", epoch=1, seq=2) == 1
