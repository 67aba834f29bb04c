from bench.race import Run

from bench.rows import kafka, kafka_latency


def test_the_findings_are_the_rate_of_counting_and_those_of_one_and_of_four_ingests() -> None:
    found = kafka.findings([Run(5.0, 2 << 30), Run(8.0, 1 << 30)], {1: [60_000.0], 4: [90_000.0]})
    assert [(one.what, one.value.median if one.value else None) for one in found] == [
        ("the log on Kafka: throughput", 325_000.0),
        ("into Kafka, 1 x ingest", 60_000.0),
        ("into Kafka, 4 x ingest", 90_000.0),
    ]
    assert found[0].met
    assert "memory 2.00 GiB" in found[0].note


def test_a_wrong_count_is_said() -> None:
    found = kafka.findings(["showed 1 of 2 hashtags after 180 s"], {})
    assert found[0].value is None
    assert found[0].met is False
    assert found[0].note == "1 of 1 failed: showed 1 of 2 hashtags after 180 s"


def test_latency_is_compared_span_by_span_with_the_spool() -> None:
    ours, above = kafka_latency.findings("1", [0.75, 0.5], [0.5, 0.5])
    assert ours.value is not None
    assert above.samples == [0.25, 0.0]
    assert above.met
