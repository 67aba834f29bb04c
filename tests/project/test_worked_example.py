"""docs/decisions/0004: the example with ten tags, computed from its first two columns."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "decisions" / "0004-candidates-for-top-k.md").read_text()
LEADERS, CANDIDATES = 2, 4
Counts = dict[str, int]


def example() -> dict[str, list[str]]:
    """The rows of the table, by tag."""
    section = TEXT.partition("## Example with ten tags")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([a-j]) \| (.+) \|$", section, re.MULTILINE)
    return {tag: [cell.strip() for cell in cells.split(" |")] for tag, cells in rows}


def ranked(counts: Counts) -> list[str]:
    """Most posts first; between equals the smaller key."""
    return sorted(counts, key=lambda tag: (-counts[tag], tag))


def test_the_table_is_what_the_rules_give() -> None:
    table = example()
    closed: Counts = {tag: int(row[0]) for tag, row in table.items()}
    opened: Counts = {tag: int(row[1]) for tag, row in table.items()}
    assert len(table) == 10

    candidates = ranked(closed)[:CANDIDATES]
    bound = closed[candidates[-1]]
    with_open = {tag: closed[tag] + opened[tag] for tag in candidates}
    place = ranked(with_open)[LEADERS - 1]
    at_most = {tag: (closed[tag] if tag in candidates else bound) + opened[tag] for tag in table}
    looked_up = [
        tag
        for tag in table
        if tag not in candidates and opened[tag] and (-at_most[tag], tag) < (-with_open[place], place)
    ]
    now = with_open | {tag: closed[tag] + opened[tag] for tag in looked_up}
    leaders = ranked(now)[:LEADERS]

    for tag, row in table.items():
        asked = "" if tag in candidates else "yes" if tag in looked_up else "no"
        rank = str(leaders.index(tag) + 1) if tag in leaders else ""
        expected = ["yes" if tag in candidates else "no", str(at_most[tag]), asked, str(now.get(tag, "")), rank]
        assert row[2:] == expected, tag
    assert leaders == ranked({tag: closed[tag] + opened[tag] for tag in table})[:LEADERS], "as if all were sorted"
