"""The tables of docs/benchmarks.md that `make trends` writes, between two marks, and the picture."""

from collections.abc import Sequence
from pathlib import Path

from bench.page import END, PAGE, between
from bench.table import markdown
from bench.trends import picture
from bench.trends.marks import Marks, figures, table
from bench.trends.measuring import OURS
from bench.trends.methods import GNIP, MASTODON, PUBLISHED, SIGNITREND, best
from bench.trends.results import Results

BEGIN = "<!-- written by `make trends` -->"


def lines(results: Results) -> list[str]:
    """The tables as Markdown: all methods, then each seed of the detector."""
    marks = results.together()
    names = [OURS, *(best(marks, method) for method in (MASTODON, GNIP, SIGNITREND)), PUBLISHED]
    seeds = ", ".join(map(str, results.seeds))
    seconds = max(seed.seconds for seed in results.seeds.values())
    return [
        f"Seeds {seeds}, a marked day of 40 posts/s each. The detector takes {seconds:.0f} s of one core for a day.",
        "",
        *table({name: marks[name] for name in dict.fromkeys(names)}),
        "",
        *_by_seed(results),
        "",
        *_by_kind(marks[OURS]),
    ]


def _by_seed(results: Results) -> list[str]:
    cells = [("seed", "precision", "recall", "false alarms an hour", "median delay", "of sudden rises", "missed")]
    for seed, result in results.seeds.items():
        one = result.marks[OURS]
        cells.append((str(seed), *figures(one), ", ".join(one.missed) or "none"))
    return markdown(cells)


def _by_kind(marks: Marks) -> list[str]:
    kinds = sorted({kind for kind, _ in marks.delays_ms} | set(marks.missed))
    return markdown(
        [
            ("kind of rise", "found", "median delay"),
            *(
                (kind, f"{100 * (marks.recall_of(kind) or 0):.0f} %", f"{marks.delay_seconds([kind]):.0f} s")
                for kind in kinds
            ),
        ]
    )


def write(results: Results, path: Path = PAGE) -> None:
    """Write the tables into the page, and draw the picture."""
    text: Sequence[str] = lines(results)
    path.write_text(between(path.read_text(), BEGIN, END, "\n".join(text)))
    picture.draw(results)
