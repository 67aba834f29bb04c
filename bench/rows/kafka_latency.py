"""The time from ingest's acceptance of a post to the browser's frame: the log on Kafka beside the spool."""

from functools import partial

from playwright.sync_api import Browser, sync_playwright
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.end_to_end.stack import Stack
from tests.kafka import jars
from tests.kafka.broker import Broker

from bench.finding import Finding, Target
from bench.kafka_topic import PARTITIONS, accepted, broker, url
from bench.rows import latency
from bench.rows.latency import Frame
from bench.spread import Spread, percentile
from bench.workshop import Workshop

TRIGGERS = ("1", "0")
ABOVE = "the log on Kafka: latency above the spool's, TRIGGER_SECONDS={}, p50"
TARGET = Target(0.15, at_most=True)
MEDIAN = 0.5

# Medians of the spans of one stack, in seconds.
Medians = list[float]


def measure(shop: Workshop) -> list[Finding]:
    """Measure both logs at both paces. Without a broker, a finding says why there is none."""
    reason = jars.why_not()
    if reason is not None:
        shop.say(f"kafka_latency: {reason}")
        return [Finding(ABOVE.format(TRIGGERS[0]), "s", note=f"not measured: {reason}")]
    found = []
    with sync_playwright() as playwright, broker() as kafka:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        for trigger in TRIGGERS:
            spool = _medians(latency.rounds_at(browser, trigger, shop.repeats, latency.accepted_in_spool))
            ours = _medians(_rounds(browser, trigger, shop.repeats, kafka))
            shop.say(f"TRIGGER_SECONDS={trigger}, p50: {ours} s, with the spool {spool} s")
            found += findings(trigger, ours, spool)
        browser.close()
    return found


def findings(trigger: str, ours: Medians, spool: Medians) -> list[Finding]:
    """The latency with Kafka, and how much more that is than the spool's."""
    above = [one - other for one, other in zip(ours, spool, strict=True)]
    what = f"the log on Kafka: latency, TRIGGER_SECONDS={trigger}, p50"
    note = f"{latency.POSTS_PER_SECOND:,} posts/s into {PARTITIONS} partitions"
    return [
        Finding(what, "s", Spread.of(ours), None, note, 2, ours),
        Finding(ABOVE.format(trigger), "s", Spread.of(above), TARGET, "same minutes", 2, above),
    ]


def _medians(rounds: list[list[float]]) -> Medians:
    return [percentile(seconds, MEDIAN) for seconds in rounds]


def _rounds(browser: Browser, trigger: str, repeats: int, kafka: Broker) -> list[list[float]]:
    topic = kafka.new_topic(PARTITIONS)
    in_topic = partial(_accepted, kafka, topic)
    return latency.rounds_at(browser, trigger, repeats, in_topic, LOG_URL=url(kafka, topic))


def _accepted(kafka: Broker, topic: str, _: Stack, __: list[Frame]) -> dict[int, int]:
    return accepted(kafka, topic)
