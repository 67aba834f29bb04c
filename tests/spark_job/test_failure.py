import pytest
from py4j.protocol import Py4JError, Py4JNetworkError

from spark_job.failure import SparkGoneError, spark_expected, telling_line


@pytest.mark.parametrize(
    "error",
    [
        Py4JNetworkError("Answer from Java side is empty"),
        Py4JError("An error occurred while calling o86.isActive"),
        ConnectionRefusedError(111, "Connection refused"),
    ],
)
def test_a_java_that_does_not_answer_is_gone(error: Exception) -> None:
    with pytest.raises(SparkGoneError, match="Spark's Java process has ended"), spark_expected():
        raise error


def test_other_errors_are_passed_on() -> None:
    with pytest.raises(ValueError, match="something else"), spark_expected():
        raise ValueError("something else")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("", "unknown error"),
        ("one line", "one line"),
        ("first\nsecond", "first"),
        (
            "[STREAM_FAILED] terminated\n  File x\nspark_job.stream.LogReplacedError: log a is now b\n\nJVM",
            "spark_job.stream.LogReplacedError: log a is now b",
        ),
        ("ValueError: cause\nRuntimeError: effect\n\tat org.apache", "RuntimeError: effect"),
        ("An error occurred while calling o1.start.\n: java.io.IOException: no\n\tat x", "java.io.IOException: no"),
        ("x" * 600, "x" * 500),
    ],
)
def test_the_telling_line_of_an_error_is_found(error: str, sentence: str) -> None:
    assert telling_line(error) == sentence
