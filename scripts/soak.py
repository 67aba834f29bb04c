"""`make soak`: random kills under load for a quarter of an hour, then the same checks as the kill tests.

    python scripts/soak.py               SOAK_MINUTES=15 SOAK_KILLS=100 KILL_SEED=
    python scripts/soak.py --away 300    stop the job for 300 seconds at 1,000 posts/s: how fast does it catch up?

Exit code 0: nothing lost, nothing counted twice.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.faults.counting import START_SECONDS, away, snapshot, until_counting  # noqa: E402
from tests.faults.load import Load, write_load  # noqa: E402
from tests.faults.supervisor import OWNERS, Supervisor  # noqa: E402
from tests.faults.verdict import Verdict, finish, judge  # noqa: E402

POSTS_PER_SECOND = 500
AWAY_POSTS_PER_SECOND = 1000
# Every start of Spark delays the next kill, and the file must last until the last kill.
SPARE = 2
SPARE_SECONDS = 120
FINISH_SECONDS = 600.0


def stack_for(folder: Path, load: Load) -> Supervisor:
    """The three services with their default settings, replaying `load`."""
    python = Path(sys.executable)
    return Supervisor(folder / "stack", python, python, SOURCE="replay", REPLAY_FILE=load.path, REPLAY_SPEED=1)


def kill_at_random(stack: Supervisor, rng: random.Random, kills: int, seconds: float) -> None:
    """Kill each process equally often, `kills` times in all, spread over `seconds`, as soon as the process runs."""
    since, pause = time.monotonic(), threading.Event()
    moments = sorted(rng.uniform(0, seconds) for _ in range(kills))
    roles = (list(OWNERS) * kills)[:kills]
    rng.shuffle(roles)
    for number, (moment, role) in enumerate(zip(moments, roles, strict=True), 1):
        pause.wait(since + moment - time.monotonic())
        stack.wait_until(lambda role=role: stack.kill(role, rng.choice) or None, f"{role} is there", START_SECONDS)  # type: ignore[misc]
        print(f"{number}/{kills} {stack.story[-1]}", flush=True)


def report(stack: Supervisor, verdict: Verdict, seconds: float, seed: int) -> None:
    """Print one table, and every error."""
    rows: list[tuple[str, object]] = [(f"kills: {role}", stack.kills[role]) for role in OWNERS]
    rows += [(f"restarts: {name}", stack.restarts[name]) for name in stack.services]
    rows += [
        ("posts accepted", f"{verdict.accepted:,} of {verdict.planned:,}"),
        ("posts in the spool", f"{verdict.spooled:,}"),
        ("posts counted", f"{verdict.counted:,}"),
        ("lost", verdict.lost),
        ("double", verdict.double),
        ("seconds", round(seconds)),
        ("KILL_SEED", seed),
    ]
    print()
    for name, value in rows:
        print(f"  {name:<22} {value!s:>22}")
    print(f"\n{verdict.audit}")
    for sentence in verdict.wrong:
        print(f"WRONG: {sentence}")


def soak(folder: Path, seed: int) -> int:
    """Kill, wait, compare."""
    seconds, kills = float(os.environ.get("SOAK_MINUTES") or 15) * 60, int(os.environ.get("SOAK_KILLS") or 100)
    posts = int(POSTS_PER_SECOND * (SPARE * seconds + SPARE_SECONDS))
    load = write_load(folder / "posts.jsonl", seed, posts, POSTS_PER_SECOND)
    since = time.monotonic()
    with stack_for(folder, load) as stack:
        until_counting(stack)
        first = snapshot(stack)
        kill_at_random(stack, random.Random(seed), kills, seconds)  # noqa: S311
        return conclude(stack, load, first["epoch"] if first else 0, since, seed)


def spark_away(folder: Path, seed: int, seconds: float) -> int:
    """Stop the job, start it again, measure, compare."""
    posts = int(AWAY_POSTS_PER_SECOND * (seconds + SPARE_SECONDS))
    load = write_load(folder / "posts.jsonl", seed, posts, AWAY_POSTS_PER_SECOND)
    since = time.monotonic()
    with stack_for(folder, load) as stack:
        until_counting(stack)
        first = snapshot(stack)
        away(stack, seconds)
        print(stack.story[-1], flush=True)
        return conclude(stack, load, first["epoch"] if first else 0, since, seed)


def conclude(stack: Supervisor, load: Load, epoch: int, since: float, seed: int) -> int:
    """Wait for the rest of the file, compare, report."""
    finish(stack, FINISH_SECONDS)
    verdict = judge(stack, load, epoch)
    report(stack, verdict, time.monotonic() - since, seed)
    return 1 if verdict.wrong else 0


def main() -> int:
    """Run in a temporary folder."""
    parser = argparse.ArgumentParser(description="Random kills under load; or --away: the job away for a while.")
    parser.add_argument("--away", type=float, metavar="SECONDS")
    given = parser.parse_args()
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**31))
    print(f"KILL_SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        if given.away is not None:
            return spark_away(Path(folder), seed, given.away)
        return soak(Path(folder), seed)


if __name__ == "__main__":
    sys.exit(main())
