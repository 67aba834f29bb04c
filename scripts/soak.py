"""`make soak`: random kills under load for a quarter of an hour, then the same checks as the kill tests.

    python scripts/soak.py               SOAK_MINUTES=15 SOAK_KILLS=100 KILL_SEED=
    python scripts/soak.py --kafka                 `make soak KAFKA=1`
        the same with the log on Apache Kafka, whose broker is one of the processes that are killed
    python scripts/soak.py --away 300    stop the job for 300 seconds at 1,000 posts/s: how fast does it catch up?
    python scripts/soak.py --deletions 20          `make soak DELETIONS=20`
        kill ingest, driver, worker and dashboard 20 times each while posts are deleted, then recount the deletions
    python scripts/soak.py --alerts 100            `make soak ALERTS=100`
        100 random kills while hashtags cross a rule's number and the webhook fails in every way, then recount alerts;
        with 0 kills the webhook doesn't fail, and the time from the end of a pane to the webhook is measured

Exit code 0: nothing lost, nothing counted twice, no deleted text left, each alert delivered with one id.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.faults import alert_kills, deletion_kills  # noqa: E402
from tests.faults.alert_plan import POSTS_PER_SECOND as ALERT_POSTS_PER_SECOND  # noqa: E402
from tests.faults.alert_plan import AlertPlan  # noqa: E402
from tests.faults.counting import away, snapshot, until_counting  # noqa: E402
from tests.faults.deletion_plan import POSTS_PER_SECOND as DELETION_POSTS_PER_SECOND  # noqa: E402
from tests.faults.deletion_plan import DeletionPlan  # noqa: E402
from tests.faults.kafka_stack import KafkaStack  # noqa: E402
from tests.faults.load import Load, write_load  # noqa: E402
from tests.faults.random_kills import kill_at_random  # noqa: E402
from tests.faults.supervisor import Supervisor  # noqa: E402
from tests.faults.verdict import Verdict, finish, judge  # noqa: E402

POSTS_PER_SECOND = 500
AWAY_POSTS_PER_SECOND = 1000
# Every start of Spark delays the next kill, and the file must last until the last kill.
SPARE = 2
SPARE_SECONDS = 120
FINISH_SECONDS = 600.0
# A round of four kills takes 15 seconds where nothing else runs, and up to a minute beside many other programs.
DELETION_ROUND_SECONDS = 60
CROSSINGS = 200
#: A kill, and what follows from it.
ALERT_KILL_SECONDS = 6
LEAST_ALERT_SECONDS = 120


def stack_for(folder: Path, posts: Path, kind: type[Supervisor] = Supervisor, /, **settings: object) -> Supervisor:
    """The three services with their default settings but for `settings`, replaying the file `posts`."""
    python = Path(sys.executable)
    replay = {"SOURCE": "replay", "REPLAY_FILE": posts, "REPLAY_SPEED": 1}
    return kind(folder / "stack", python, python, **replay, **settings)


def show(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def report(stack: Supervisor, verdict: Verdict, seconds: float, seed: int) -> None:
    """Print one table, and every error."""
    rows: list[tuple[str, object]] = [
        ("posts accepted", f"{verdict.accepted:,} of {verdict.planned:,}"),
        ("posts in the log", f"{verdict.stored:,}"),
        ("posts counted", f"{verdict.counted:,}"),
        ("lost", verdict.lost),
        ("double", verdict.double),
    ]
    print_table(stack, rows, seconds, seed)
    print(f"\n{verdict.audit}")
    print_faults(verdict.wrong)


def print_table(stack: Supervisor, rows: list[tuple[str, object]], seconds: float, seed: int) -> None:
    """Print kills and restarts, then `rows`."""
    print()
    for name, value in [
        *((f"kills: {role}", stack.kills[role]) for role in stack.owners),
        *((f"restarts: {name}", stack.restarts[name]) for name in stack.services),
        *rows,
        ("seconds", round(seconds)),
        ("KILL_SEED", seed),
    ]:
        print(f"  {name:<26} {value!s:>22}")


def print_faults(wrong: list[str]) -> None:
    """Print one line for each fault."""
    for sentence in wrong:
        print(f"WRONG: {sentence}")


def soak(folder: Path, seed: int, kind: type[Supervisor]) -> int:
    """Kill, wait, compare."""
    seconds, kills = float(os.environ.get("SOAK_MINUTES") or 15) * 60, int(os.environ.get("SOAK_KILLS") or 100)
    posts = int(POSTS_PER_SECOND * (SPARE * seconds + SPARE_SECONDS))
    load = write_load(folder / "posts.jsonl", seed, posts, POSTS_PER_SECOND)
    since = time.monotonic()
    with stack_for(folder, load.path, kind) as stack:
        until_counting(stack)
        first = snapshot(stack)
        kill_at_random(stack, random.Random(seed), kills, seconds, show)  # noqa: S311
        return conclude(stack, load, first["epoch"] if first else 0, since, seed)


def spark_away(folder: Path, seed: int, seconds: float) -> int:
    """Stop the job, start it again, measure, compare."""
    posts = int(AWAY_POSTS_PER_SECOND * (seconds + SPARE_SECONDS))
    load = write_load(folder / "posts.jsonl", seed, posts, AWAY_POSTS_PER_SECOND)
    since = time.monotonic()
    with stack_for(folder, load.path) as stack:
        until_counting(stack)
        first = snapshot(stack)
        away(stack, seconds)
        print(stack.story[-1], flush=True)
        return conclude(stack, load, first["epoch"] if first else 0, since, seed)


def soak_deletions(folder: Path, seed: int, rounds: int) -> int:
    """Kill each process `rounds` times while posts are deleted, compare."""
    posts = DELETION_POSTS_PER_SECOND * (DELETION_ROUND_SECONDS * rounds + SPARE_SECONDS)
    plan = DeletionPlan(folder / "posts.jsonl", seed, posts)
    since = time.monotonic()
    with stack_for(folder, plan.path, **deletion_kills.PACE) as stack:
        verdict = deletion_kills.run(stack, plan, random.Random(seed), rounds)  # noqa: S311
        rows: list[tuple[str, object]] = [
            ("posts counted", f"{verdict.counted:,} of {verdict.posts:,}"),
            ("posts deleted", f"{verdict.planned:,}"),
            ("in the log of changes", f"{verdict.stored:,}"),
            ("taken back", f"{verdict.taken_back:,}"),
            ("deletions lost", verdict.lost),
            ("deletions counted twice", verdict.double),
            ("samples that were deleted", verdict.samples_gone),
            ("answers with samples", f"{verdict.answers:,}"),
        ]
        print_table(stack, rows, time.monotonic() - since, seed)
        print_faults(verdict.wrong)
    return 1 if verdict.wrong else 0


def soak_alerts(folder: Path, seed: int, kills: int) -> int:
    """Kill at random while hashtags cross a number, compare what the webhook got with what was planned."""
    seconds = max(LEAST_ALERT_SECONDS, ALERT_KILL_SECONDS * kills)
    posts = ALERT_POSTS_PER_SECOND * (SPARE * seconds + SPARE_SECONDS)
    plan = AlertPlan(folder / "posts.jsonl", seed, posts, CROSSINGS, seconds)
    since, rng = time.monotonic(), random.Random(seed)  # noqa: S311
    with (
        alert_kills.receiver(folder, rng if kills else None) as receiver,
        stack_for(folder, plan.path, **alert_kills.settings(folder, receiver)) as stack,
    ):
        kill = partial(kill_at_random, stack, rng, kills, seconds, show)
        wait = partial(alert_kills.until_all_came, stack, plan, receiver, SPARE * seconds)
        verdict = alert_kills.run(stack, plan, receiver, kill if kills else wait)
        rows: list[tuple[str, object]] = [
            ("posts counted", f"{verdict.counted:,} of {verdict.posts:,}"),
            ("crossings planted", verdict.planted),
            ("crossings delivered", verdict.delivered),
            ("missing", len(verdict.missing)),
            ("invented", len(verdict.invented)),
            ("ids", verdict.ids),
            ("requests", verdict.requests),
            ("accepted again, same id", verdict.again),
            ("TLS failures", receiver.refused_handshakes),
            ("ms to the webhook, p50", verdict.percentile_ms(0.5)),
            ("ms to the webhook, p99", verdict.percentile_ms(0.99)),
        ]
        print_table(stack, rows, time.monotonic() - since, seed)
        print_faults(verdict.wrong)
    return 1 if verdict.wrong else 0


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
    parser.add_argument("--kafka", action="store_true", help="with the log on Apache Kafka, and kills of its broker")
    parser.add_argument("--deletions", type=int, metavar="KILLS", help="of each process, while posts are deleted")
    parser.add_argument("--alerts", type=int, metavar="KILLS", help="of any process, while alerts fire")
    given = parser.parse_args()
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**31))
    print(f"KILL_SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        if given.away is not None:
            return spark_away(Path(folder), seed, given.away)
        if given.deletions is not None:
            return soak_deletions(Path(folder), seed, given.deletions)
        if given.alerts is not None:
            return soak_alerts(Path(folder), seed, given.alerts)
        return soak(Path(folder), seed, KafkaStack if given.kafka else Supervisor)


if __name__ == "__main__":
    sys.exit(main())
