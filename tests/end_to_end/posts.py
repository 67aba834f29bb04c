"""Made-up posts with counts that are known because they were planned, not because the product counted them."""

import json
import random
from pathlib import Path

# label as written -> posts that carry it; two spellings of one tag, and two tags that are equal.
PLAN = {
    "WorldCup": 120,
    "worldcup": 43,
    "ワールドカップ": 140,
    "Москва": 131,
    "مرحبا": 120,
    "MúsicaLatina": 97,
    "café": 97,
    "서울": 80,
    "OpenData": 61,
    "rain": 44,
    "Sunday": 31,
    "tail": 3,
}
# What the page must show for it: WorldCup and worldcup are one, equal counts are in the order of their keys.
LEADERS = [
    ("WorldCup", 163),
    ("ワールドカップ", 140),
    ("Москва", 131),
    ("مرحبا", 120),
    ("café", 97),
    ("MúsicaLatina", 97),
    ("서울", 80),
    ("OpenData", 61),
    ("rain", 44),
    ("Sunday", 31),
]
WITHOUT_TAGS = 50


def write_posts(path: Path, seed: int = 7) -> int:
    """Write the planned posts, shuffled, as a replay file; returns how many there are."""
    texts = [f"seen today: #{label} and more" for label, count in PLAN.items() for _ in range(count)]
    texts += ["nothing to tag here, see https://example.org/#anchor"] * WITHOUT_TAGS
    random.Random(seed).shuffle(texts)
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            file.write(json.dumps({"id": f"test:{number}", "text": text, "lang": "en"}, ensure_ascii=False) + "\n")
    return len(texts)
