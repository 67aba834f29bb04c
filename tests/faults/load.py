"""A file to replay whose counts are planned: what every tag must come to, whatever is killed meanwhile."""

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

# key -> spellings; no more than 50 tags in all, so that every leading 50 names all of them.
SPELLINGS: dict[str, list[str]] = {
    "worldcup": ["WorldCup", "worldcup", "WORLDCUP", "ｗｏｒｌｄｃｕｐ"],
    "новости": ["Новости", "новости", "НОВОСТИ"],
    "strasse": ["Straße", "STRASSE", "strasse"],
    "café": ["Café", "cafe\u0301", "CAFÉ"],
    "サッカー": ["サッカー", "ｻｯｶｰ"],
    "축구": ["축구"],
    "كرة_القدم": ["كرة_القدم"],
    "ποδόσφαιροσ": ["Ποδόσφαιρο\u03c2", "ΠΟΔΌΣΦΑΙΡΟΣ"],
    "क्रिकेट": ["क्रिकेट"],
    "ฟุตบอล": ["ฟุตบอล"],
} | {f"tag{number:02}": [f"tag{number:02}", f"Tag{number:02}"] for number in range(38)}
KEYS = list(SPELLINGS)
WEIGHTS = [1 / place for place in range(1, len(KEYS) + 1)]
LANGUAGES = ["en", "es", "ru", "ja", "ko", "ar", "und"]
START_MS = 1_790_000_000_000


@dataclass
class Load:
    """What was written: posts and tags that must be counted, and inputs that must be dropped."""

    path: Path
    posts: int = 0
    tags: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    malformed: int = 0


def write_load(path: Path, seed: int, posts: int, per_second: float) -> Load:
    """`posts` posts, `per_second` of them by their own `at_ms`; what must be dropped comes on top."""
    rng = random.Random(seed)
    load = Load(path)
    with path.open("w", encoding="utf-8") as file:
        while load.posts < posts:
            chance = rng.random()
            if chance < 0.005:
                file.write('{"text": "cut off in the mid\n')
                load.malformed += 1
                continue
            duplicate = chance < 0.03 and load.posts > 0
            number = rng.randrange(load.posts) if duplicate else load.posts
            keys = rng.choices(KEYS, WEIGHTS, k=rng.choice([0, 1, 1, 2, 3]))
            text = " ".join(["words", *(f"#{rng.choice(SPELLINGS[key])}" for key in keys)])
            at_ms = START_MS + int(load.posts * 1000 / per_second)
            post = {"id": f"load:{number}", "text": text, "at_ms": at_ms, "lang": rng.choice(LANGUAGES)}
            # A few people write most posts.
            post["author"] = f"author-{number % 997 * (number % 7)}"
            file.write(json.dumps(post, ensure_ascii=False) + "\n")
            if duplicate:
                load.duplicates += 1
            else:
                load.posts += 1
                load.tags.update(set(keys))
    return load
