"""The log on Kafka, with its broker on the same cores: how fast the job counts, and how fast ingest writes."""

import tempfile
import time
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from tests.faults import contract
from tests.kafka import jars
from tests.kafka.broker import Broker
from tests.processes import wait_until

from bench.contender import WrongCountError
from bench.finding import Finding, Target
from bench.ingest_process import replaying
from bench.kafka_pipeline import KafkaPipeline
from bench.kafka_topic import PARTITIONS, broker, filled, url
from bench.material import Material
from bench.race import START_SECONDS, Run
from bench.rows.throughput import GIB
from bench.spread import Spread
from bench.workshop import Workshop

POSTS = 2_000_000
TIMEOUT_SECONDS = 120.0
TARGET = Target(250_000)
COUNTED = "the log on Kafka: throughput"
# Posts of each ingest, and how many ingests write at once.
WRITTEN = 200_000
PRODUCERS = (1, 4)


def measure(shop: Workshop) -> list[Finding]:
    """Count, then write. Without a broker, a finding says why there is none."""
    reason = jars.why_not()
    if reason is not None:
        shop.say(f"kafka: {reason}")
        return [Finding(COUNTED, "posts/s", note=f"not measured: {reason}")]
    material = shop.material(POSTS)
    with broker() as kafka:
        topic = filled(kafka, material, POSTS)
        runs = [_count(shop, material, kafka, topic) for _ in range(shop.repeats)]
        kafka.delete_topic(topic)
        with tempfile.TemporaryDirectory(prefix="ingests-") as folder:
            files = _parts(material, Path(folder))
            rates = {count: [_write(kafka, files[:count]) for _ in range(shop.repeats)] for count in PRODUCERS}
    shop.say(f"posts/s into Kafka by number of ingests: {rates}")
    return findings(runs, rates)


def findings(runs: list[Run | str], rates: dict[int, list[float]]) -> list[Finding]:
    """The findings of runs with `POSTS` posts, and of ingests with their posts per second."""
    counted = [POSTS / run.seconds for run in runs if isinstance(run, Run)]
    wrong = [run for run in runs if isinstance(run, str)]
    memory = max((run.memory_bytes / GIB for run in runs if isinstance(run, Run)), default=0)
    note = f"{POSTS:,} posts in {PARTITIONS} partitions, the broker on the same cores; memory {memory:.2f} GiB with it"
    if wrong:
        note = f"{len(wrong)} of {len(runs)} failed: {wrong[-1]}"
    written = [
        Finding(f"into Kafka, {count} x ingest", "posts/s", Spread.of(samples), None, "all together", 0, samples)
        for count, samples in rates.items()
    ]
    return [Finding(COUNTED, "posts/s", Spread.of(counted) if counted else None, TARGET, note, 0, counted), *written]


def _count(shop: Workshop, material: Material, kafka: Broker, topic: str) -> Run | str:
    """A new job counts the whole topic."""
    try:
        with KafkaPipeline(material, kafka, topic) as racer:
            shown_at = racer.wait_for(POSTS, START_SECONDS + TIMEOUT_SECONDS)
            run = Run(shown_at - racer.asked_at, racer.memory_bytes())
    except WrongCountError as error:
        return str(error)
    shop.say(f"from Kafka: {POSTS:,} posts in {run.seconds:.2f} s")
    return run


def _parts(material: Material, folder: Path) -> list[Path]:
    """A file of other posts for each ingest."""
    files = []
    with material.path("untagged").open("rb") as posts:
        for number in range(max(PRODUCERS)):
            file = folder / f"{number}.jsonl"
            file.write_bytes(b"".join(islice(posts, WRITTEN)))
            files.append(file)
    return files


def _write(kafka: Broker, files: list[Path]) -> float:
    """Posts per second of ingests that write one topic together, from the first accepted post to the last."""
    topic = kafka.new_topic(PARTITIONS)
    with tempfile.TemporaryDirectory(prefix="kafka-intake-") as folder, ExitStack() as stack:
        ports = []
        for number, file in enumerate(files):
            data = Path(folder) / str(number)
            data.mkdir()
            log = {"LOG_URL": url(kafka, topic), "KAFKA_TRANSACTIONAL_ID": f"{topic}-{number}"}
            ports.append(stack.enter_context(replaying(file, data, **log)).port)
        first = wait_until(lambda: _accepted(ports) or None, "a post in the topic", TIMEOUT_SECONDS)
        since = time.monotonic()
        due = WRITTEN * len(files)
        wait_until(lambda: _accepted(ports) == due or None, "all posts in the topic", TIMEOUT_SECONDS)
        return (due - first) / (time.monotonic() - since)


def _accepted(ports: list[int]) -> int:
    """How many posts the ingests have accepted, which they have committed then."""
    answers = [status for port in ports if (status := contract.status(port)) is not None]
    return sum(source["accepted"] for status in answers for source in status["sources"])
