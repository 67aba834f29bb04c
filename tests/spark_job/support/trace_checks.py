"""The equations of a trace (docs/protocol.md), and its numbers counted again from all posts by plain Python."""

from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]


def check_equations(trace: Json) -> None:
    """Each tag, and the window, changes by what the micro-batch has and by what left."""
    for tag in trace["tags"]:
        assert tag["pane_before"] + tag["batch_posts"] == tag["pane_after"] == tag["panes"][-1], tag
        assert sum(tag["panes"]) == tag["window_after"], tag
        came = tag["batch_posts"] + tag["batch_posts_closed"]
        assert tag["window_before"] + came - tag["left"] == tag["window_after"], tag
        assert len(tag["panes"]) == trace["closed_panes"] + 1
    left = trace["left_pane"]["posts"] if trace["left_pane"] else 0
    assert trace["window"]["posts_before"] + trace["posts"] - left == trace["window"]["posts"]
    assert trace["end_offset"] - trace["first_offset"] >= trace["posts"]
    assert len(trace["tags"]) == len({tag["key"] for tag in trace["tags"]}) <= 20
    for stage in trace["stages"]:
        assert stage["began_ms"] <= stage["ended_ms"], stage


def check_counts(trace: Json, posts: Sequence[Json], hides: Iterable[str] = ()) -> None:
    """The numbers of now and of the micro-batch are those of the posts of the log, in order of their offsets."""
    open_ms, step = trace["pane"]["from_ms"], trace["pane"]["to_ms"] - trace["pane"]["from_ms"]
    first, end = trace["first_offset"], trace["end_offset"]
    starts = range(trace["window"]["from_ms"], open_ms + 1, step)
    batch, counted = posts[first:end], posts[:end]
    inside = [post for post in counted if starts[0] <= post["at_ms"] < open_ms + step]
    assert (trace["posts"], trace["window"]["posts"]) == (len(batch), len(inside))
    for tag in trace["tags"]:
        with_tag = [post for post in counted if has(post, tag["key"])]
        assert tag["panes"] == [len(within(with_tag, start, start + step)) for start in starts], tag
        of_batch = [post for post in batch if has(post, tag["key"])]
        in_open = within(of_batch, open_ms, open_ms + step)
        assert (tag["batch_posts"], tag["batch_posts_closed"]) == (len(in_open), len(of_batch) - len(in_open)), tag
    ranks = ranked(inside, hides)
    assert [tag["rank_after"] for tag in trace["tags"]] == [ranks.get(tag["key"]) for tag in trace["tags"]]
    leading = [key for key, rank in ranks.items() if rank <= 10]
    assert [tag["key"] for tag in trace["tags"]][: len(leading)] == leading
    others = [key for key, rank in ranked(batch, hides).items() if rank <= 10 and key not in leading]
    assert [tag["key"] for tag in trace["tags"]][len(leading) :] == others


def check_before(trace: Json, before: Json, posts: Sequence[Json], hides: Iterable[str] = ()) -> None:
    """The numbers before are those after the micro-batch `before`, in its window."""
    assert trace["first_offset"] == before["end_offset"]
    from_ms, until_ms = before["window"]["from_ms"], before["pane"]["to_ms"]
    inside = within(posts[: before["end_offset"]], from_ms, until_ms)
    assert trace["window"]["posts_before"] == len(inside)
    ranks = ranked(inside, hides)
    for tag in trace["tags"]:
        with_tag = [post for post in inside if has(post, tag["key"])]
        assert (tag["window_before"], tag["rank_before"]) == (len(with_tag), ranks.get(tag["key"])), tag
    gone_until_ms = min(trace["window"]["from_ms"], until_ms)
    if gone_until_ms > from_ms:
        gone = within(posts[: trace["end_offset"]], from_ms, gone_until_ms)
        assert trace["left_pane"] == {"from_ms": from_ms, "to_ms": gone_until_ms, "posts": len(gone)}


def has(post: Json, key: str) -> bool:
    return any(tag["key"] == key for tag in post["tags"])


def within(posts: Iterable[Json], from_ms: int, to_ms: int) -> list[Json]:
    return [post for post in posts if from_ms <= post["at_ms"] < to_ms]


def ranked(posts: Iterable[Json], hides: Iterable[str]) -> dict[str, int]:
    """The leading 50 tags, and their ranks."""
    counts: dict[str, int] = {}
    for post in posts:
        for tag in post["tags"]:
            if tag["key"] not in hides:
                counts[tag["key"]] = counts.get(tag["key"], 0) + 1
    ordered = sorted(counts, key=lambda key: (-counts[key], key))[:50]
    return {key: rank for rank, key in enumerate(ordered, 1)}
