"""The contract's window, totals and facets, recounted from all posts by plain Python: what the job's SQL must equal."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

Post = dict[str, Any]


def counted(posts: Iterable[Post]) -> Counter[str]:
    return Counter(tag["key"] for post in posts for tag in post["tags"])


def author(post: Post) -> tuple[Any, ...]:
    """Who wrote a post. Nobody knows of a post without an author who else may have written it."""
    name = post.get("author")
    return (post["source"], name) if name is not None else (post["source"], name, id(post))


def authors(posts: Iterable[Post]) -> Counter[str]:
    """How many different authors used each tag."""
    return Counter(key for key, _ in {(tag["key"], author(post)) for post in posts for tag in post["tags"]})


def ranked(counts: Counter[str], most: int = 50) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]


def ranked_by_authors(posts: list[Post]) -> list[str]:
    people, counts = authors(posts), counted(posts)
    return sorted(people, key=lambda key: (-people[key], -counts[key], key))[:50]


def spelling(posts: Iterable[Post], key: str) -> str:
    labels: Counter[str] = Counter(tag["label"] for post in posts for tag in post["tags"] if tag["key"] == key)
    return min(labels, key=lambda label: (-labels[label], label))


def first_seen(posts: Iterable[Post], key: str) -> int:
    return min(int(post["at_ms"]) for post in posts if any(tag["key"] == key for tag in post["tags"]))


class Recount:
    """All posts of an epoch, seen through a window that ends at `to_ms`; panes are closed up to the open one."""

    def __init__(self, posts: list[Post], to_ms: int, pane_ms: int, window_ms: int) -> None:
        self.posts = posts
        self.pane_ms = pane_ms
        self.open_ms = to_ms - to_ms % pane_ms
        self.from_ms = self.open_ms + pane_ms - window_ms
        self.before_ms = self.from_ms - window_ms

    def between(self, start_ms: int, end_ms: int) -> list[Post]:
        return [post for post in self.posts if start_ms <= post["at_ms"] < end_ms]

    @property
    def inside(self) -> list[Post]:
        return self.between(self.from_ms, self.open_ms + self.pane_ms)

    def window(self) -> dict[str, Any]:
        return {"from_ms": self.from_ms} | self._window(lambda _: True, 50) | {"sampled": {"authors": 1, "tags": 1}}

    def _window(self, of: Callable[[Post], bool], most: int) -> dict[str, Any]:
        """The window of those posts that `of` is true for."""

        def between(start_ms: int, end_ms: int) -> list[Post]:
            return [post for post in self.between(start_ms, end_ms) if of(post)]

        inside = between(self.from_ms, self.open_ms + self.pane_ms)
        before = between(self.before_ms, self.from_ms)
        earlier = between(self.from_ms - self.pane_ms, self.open_ms)
        starts = range(self.from_ms, self.open_ms + 1, self.pane_ms)
        curves = [counted(between(start, start + self.pane_ms)) for start in starts]
        top = self._leaders(counted(inside), counted(before), counted(earlier))[:most]
        by_authors = self._by_authors(inside, counted(before), earlier)[:most]
        people, gone = authors(inside), [post for post in inside if post.get("deleted")]
        deleted = counted(gone)
        for leader in (*top, *by_authors):
            leader["authors"] = people[leader["key"]]
            leader["taken_back"] = deleted[leader["key"]]
            leader["label"] = spelling(self.inside, leader["key"])
            leader["first_seen_ms"] = first_seen(self.posts, leader["key"])
            leader["panes"] = [curve[leader["key"]] for curve in curves]
        return {
            "posts": len(inside),
            "posts_before": len(before),
            "top": top,
            "authors": len({author(post) for post in inside}),
            "by_authors": by_authors,
            "taken_back": len(gone),
        }

    def total(self) -> list[dict[str, Any]]:
        earlier = counted(post for post in self.posts if post["at_ms"] < self.open_ms)
        top = self._leaders(counted(self.posts), earlier, earlier)
        for leader in top:
            leader["first_seen_ms"] = first_seen(self.posts, leader["key"])
        return top

    def facets(self) -> dict[str, Any]:
        languages = Counter(post["lang"] for post in self.inside)
        leading = [lang for lang, _ in ranked(languages, 8)]
        return {
            "source": {source: self._facet("source", source) for source in {post["source"] for post in self.inside}},
            "lang": {lang: self._facet("lang", lang) for lang in leading},
        }

    def _facet(self, field: str, value: str) -> dict[str, Any]:
        return self._window(lambda post: bool(post[field] == value), 20)

    @staticmethod
    def _by_authors(now: list[Post], before: Counter[str], earlier: list[Post]) -> list[dict[str, Any]]:
        ranks = {key: rank for rank, key in enumerate(ranked_by_authors(earlier), 1)}
        posts = counted(now)
        return [
            {"rank": i, "previous_rank": ranks.get(key), "key": key, "posts": posts[key], "posts_before": before[key]}
            for i, key in enumerate(ranked_by_authors(now), 1)
        ]

    @staticmethod
    def _leaders(now: Counter[str], before: Counter[str], earlier: Counter[str]) -> list[dict[str, Any]]:
        ranks = {key: rank for rank, (key, _) in enumerate(ranked(earlier), 1)}
        return [
            {"rank": i, "previous_rank": ranks.get(key), "key": key, "posts": posts, "posts_before": before[key]}
            for i, (key, posts) in enumerate(ranked(now), 1)
        ]


def closed_panes(posts: list[Post], until_ms: int, pane_ms: int, *, start_ms: int) -> list[tuple[int, int, Any]]:
    """Start, posts and leaders (key, label, posts) of the panes that closed."""
    found = []
    for start in range(start_ms, until_ms, pane_ms):
        inside = [post for post in posts if start <= post["at_ms"] < start + pane_ms]
        found.append((start, len(inside), [(key, spelling(inside, key), n) for key, n in ranked(counted(inside))]))
    return found
