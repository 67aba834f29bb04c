"""What holds for every test: under STRICT=1 a skip is a failure. All share one browser, one Kafka, and two Sparks."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright
from tests.kafka import jars
from tests.kafka.broker import Broker
from tests.markers import ProgramWatch, add_markers
from tests.variants import LEFT_OUT, Deadline, VariantOrder, left_out

CHROMIUM = "/usr/bin/chromium"
#: The same browser without a window. It needs a third less CPU, so the tests use it where it is installed.
HEADLESS_SHELL = "/usr/bin/chromium-headless-shell"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# How long `expect` waits at most. Beside other tests a page may need seconds; a test of how soon it is says so itself.
EXPECT_MS = 20_000
NEWEST_SPARK = Path(sys.executable)
OLDEST_SPARK = Path(__file__).resolve().parents[1] / ".venv-spark-4.0" / "bin" / "python"
#: For tests of the job in which the version of Spark makes no difference: what they test is decided in the driver.
ON_THE_NEWEST_SPARK = pytest.mark.parametrize("python", [NEWEST_SPARK], ids=["newest"])
#: The name of a property of a test, whose value the log ends with.
WORTH_SAYING = "worth saying"
STRICT = os.environ.get("STRICT", "") not in {"", "0"}
DEADLINE = Deadline.of(os.environ)
SPARKS = ("newest", "4.0")

# Hypothesis measures how long examples take. Beside other tests any of them may take long, so only tests of time do so.
settings.register_profile("beside-others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside-others")


def pytest_configure(config: pytest.Config) -> None:
    # A shell without a terminal starts its background with SIGINT ignored. The tests' processes would inherit that, and
    # Ctrl-C would not end them.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(ProgramWatch())
    if DEADLINE is not None:
        config.pluginmanager.register(VariantOrder(DEADLINE, time.time))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests found worth saying: `record_property(WORTH_SAYING, sentence)`."""
    said = [
        str(value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == WORTH_SAYING
    ]
    if sentence := left_out(terminalreporter.stats.get("skipped", [])):
        said.append(sentence)
    if said:
        terminalreporter.section("what this run found")
        terminalreporter.write_line("\n".join(sorted(said)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before `-m` selects by these markers."""
    add_markers(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure that gives the skip's reason."""
    report = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail") and LEFT_OUT not in item.stash:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must not be skipped under STRICT=1: {reason}"
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; Playwright can be started only once in a process."""
    path = shutil.which(HEADLESS_SHELL) or shutil.which(CHROMIUM)
    if path is None:
        pytest.skip(f"{CHROMIUM} is not installed")
    expect.set_options(timeout=EXPECT_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def kafka_jars() -> None:
    """What a test needs that starts a broker of its own; a skip where there is no Java, or where the jars are not."""
    reason = jars.why_not()
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def kafka_broker(kafka_jars: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Apache Kafka, for all tests of this process. Each makes topics of its own, and none stops it."""
    with Broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(params=[NEWEST_SPARK, OLDEST_SPARK], ids=SPARKS)
def python(request: pytest.FixtureRequest) -> Path:
    """The interpreter whose Spark the job runs on."""
    path: Path = request.param
    if not path.exists():
        pytest.skip(f"no Spark 4.0 in {path.parent.parent.name}; `make test` installs it")
    return path
