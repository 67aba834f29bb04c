import pytest
from py4j.protocol import Py4JError, Py4JNetworkError

from spark_job.spark.errors import SparkGoneError, detect_spark_exit, failure_sentence, key_line


@pytest.mark.parametrize(
    "error",
    [
        Py4JNetworkError("Answer from Java side is empty"),
        Py4JError("An error occurred while calling o86.isActive"),
        ConnectionRefusedError(111, "Connection refused"),
    ],
)
def test_a_java_that_does_not_answer_is_gone(error: Exception) -> None:
    with pytest.raises(SparkGoneError, match="Spark's Java process has ended"), detect_spark_exit():
        raise error


def test_other_errors_are_passed_on() -> None:
    with pytest.raises(ValueError, match="something else"), detect_spark_exit():
        raise ValueError("something else")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("", "unknown error"),
        ("one line", "one line"),
        ("first\nsecond", "first"),
        (
            "[STREAM_FAILED] end\n  File x\nspark_job.executor.data_source.LogReplacedError: log a is now b\n\nJVM",
            "spark_job.executor.data_source.LogReplacedError: log a is now b",
        ),
        ("ValueError: cause\nRuntimeError: effect\n\tat org.apache", "RuntimeError: effect"),
        ("An error occurred while calling o1.start.\n: java.io.IOException: no\n\tat x", "java.io.IOException: no"),
        ("x" * 600, "x" * 500),
    ],
)
def test_the_telling_line_of_an_error_is_found(error: str, sentence: str) -> None:
    assert key_line(error) == sentence


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("ConnectionRefusedError: [Errno 111] Connection refused", "ingest can't be reached: nothing listens there"),
        ("socket.gaierror: [Errno -2] Name or service not known", "ingest can't be reached: its name is not known"),
        ("TimeoutError: timed out", "ingest did not answer in time"),
        (
            "ConnectionResetError: [Errno 104] Connection reset by peer",
            "a connection was closed in the middle of an answer",
        ),
        ("BrokenPipeError: [Errno 32] Broken pipe", "a connection was closed in the middle of an answer"),
        ("java.lang.OutOfMemoryError: Java heap space", "Spark has run out of memory"),
        ("java.io.IOException: No space left on device", "the disk is full"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("spark_job.executor.data_source.LogReplacedError: log a is now b", "the log is another one now"),
        ("spark_job.executor.ingest_client.ContractError: ingest's answer is not JSON", "ingest's answer is not JSON"),
        ("org.apache.spark.SparkException: java.io.IOException: no", "no"),
        ("PermissionError: [Errno 13] Permission denied: 'x'", "this machine may not connect to the other side: 'x'"),
        ("OSError: [Errno 5] Input/output error", "Input/output error"),
        ("KeyError", "an unexpected error; the job's log has it"),
        ("the query ended without an error", "the query ended without an error"),
    ],
)
def test_the_page_gets_a_sentence(line: str, sentence: str) -> None:
    assert failure_sentence(line) == sentence
