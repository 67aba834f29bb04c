"""Compare our hashtags with those of the library twitter-text, on 100,000 random texts (needs Node and `npm ci`)."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from ingest.posts import hashtags

ROOT = Path(__file__).parents[3]
TEXTS = 100_000
#: Hostile texts with an address that may differ; docs/protocol.md says why.
MAX_DIFFERENT = 0.004

TAGS = [
    "#tag",
    "＃tag",
    "#Tag_1",
    "#2fast",
    "#2026",
    "#_",
    "#снег",
    "#雪国",
    "#ラーメン",
    "#눈",
    "#قهوة",
    "#می\u200cرود",
    "#हिंदी",
]
TAGS += [
    "#été",
    "#e\u0301te\u0301",
    "#𠮷野家",
    "#col·lecció",
    "#don't",
    "#well-known",
    "#a.b",
    "#twice#twice",
    "#tag🎉",
    "#",
    "##",
]
WORDS = [
    "word",
    "слово",
    "日本",
    "नि",
    "AT&T",
    "&",
    "&amp;",
    "@user",
    "a@b.example.com",
    "$CASH",
    "5️⃣",
    "#️⃣",
    "✌️",
    "☀",
    "👨‍👩‍👧",
    "½",
    "K",
]
ADDRESSES = [
    f"{scheme}{host}{path}"
    for scheme in ("https://", "HTTP://", "")
    for host in ("example.org", "www.example.co.uk", "a-b.example.com:8080")
    for path in (
        "",
        "/",
        "/x",
        "/#",
        "/#tag",
        "/a_(b)",
        "/a/b?c=d&e=#f",
        "/(x)",
        "/x-",
        "/x!",
        "?q=#tag",
        "/é#tag",
        "/x,y#tag",
    )
]
ADDRESSES += ["https://t.co/abc", "t.co/abc", "https://t.co/abc#tag", "either/or", "ftp://example.org/#tag", "x://#tag"]
MARKS = [
    ".",
    ",",
    "!",
    "?",
    ":",
    ";",
    "…",
    "'",
    '"',
    "“",
    "”",
    "(",
    ")",
    "[",
    "]",
    "-",
    "—",
    "_",
    "=",
    "*",
    "/",
    "|",
    "。",
    "、",
    "・",
    "「",
]
MARKS += [
    "\u200b",
    "\u200c",
    "\u200d",
    "\ufe0e",
    "\ufe0f",
    "\u20e3",
    "\u0301",
    "~",
    "〜",
    "`",
    "^",
    "<",
    ">",
    "\\",
    "+",
    "%",
]
BLANKS = [" ", " ", " ", "  ", "\n", "\t", "\u3000", "\u00a0"]


def ordinary(chance: random.Random) -> str:
    """Return a text as people write it: parts between blanks, with punctuation."""
    parts = []
    for _ in range(chance.randint(1, 8)):
        before = chance.choice(["", "", "", "(", '"', "[", "“", "「"])
        after = chance.choice(["", "", "", ".", ",", "!", ")", "),", "]", '"', "…", "。", ")#tag", "),#tag"])
        parts.append(before + chance.choice(chance.choice([TAGS, TAGS, WORDS, ADDRESSES])) + after)
    return "".join(part + chance.choice(BLANKS) for part in parts)


def hostile(chance: random.Random) -> str:
    """Return a random sequence of parts."""
    kinds = [TAGS, TAGS, WORDS, ADDRESSES, MARKS, MARKS, BLANKS]
    return "".join(chance.choice(chance.choice(kinds)) for _ in range(chance.randint(1, 10)))


@pytest.fixture(scope="module")
def different() -> dict[str, list[tuple[str, list[str], list[str]]]]:
    """Return texts of each kind whose tags differ, with our tags and theirs."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "twitter-text").is_dir():
        pytest.skip("there is no Node, or no twitter-text: npm ci")
    chance = random.Random(20261128)
    texts = [("ordinary", ordinary(chance)) for _ in range(TEXTS // 2)]
    texts += [("hostile", hostile(chance)) for _ in range(TEXTS // 2)]
    lines = "".join(f"{json.dumps(text)}\n" for _, text in texts)
    script = ROOT / "tests" / "ingest" / "posts" / "twitter_text.mjs"
    run = subprocess.run([node, script], input=lines, capture_output=True, text=True, check=True, cwd=ROOT, timeout=120)
    theirs = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(theirs) == TEXTS
    assert sum(map(len, theirs)) > TEXTS
    found: dict[str, list[tuple[str, list[str], list[str]]]] = {"ordinary": [], "hostile": []}
    for (kind, text), their in zip(texts, theirs, strict=True):
        if (ours := hashtags.extract(text)) != their:
            found[kind].append((text, ours, their))
    return found


def test_in_ordinary_texts_the_hashtags_are_the_same(
    different: dict[str, list[tuple[str, list[str], list[str]]]],
) -> None:
    assert different["ordinary"][:20] == []


def test_in_hostile_texts_only_addresses_differ_and_rarely(
    different: dict[str, list[tuple[str, list[str], list[str]]]],
) -> None:
    assert [each for each in different["hostile"] if "/" not in each[0]][:20] == []
    assert len(different["hostile"]) <= TEXTS // 2 * MAX_DIFFERENT, different["hostile"][:20]
