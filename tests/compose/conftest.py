"""The images that all tests of this folder run, the stack that most look at, and the figures that the log ends with."""

from collections.abc import Iterator

import pytest
from tests.compose import engine
from tests.compose.apache_spark import build
from tests.compose.stack import ComposeStack

UP_SECONDS = 60
FIGURES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[FIGURES]:
        terminalreporter.section("the stack in containers")
        for figure in config.stash[FIGURES]:
            terminalreporter.write_line(figure)


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> list[str]:
    """Lines that the log ends with."""
    return pytestconfig.stash[FIGURES]


@pytest.fixture(scope="session")
def images(figures: list[str]) -> Iterator[None]:
    """All images, built from this tree; a skip where that can't be."""
    reason = engine.why_not()
    if reason is not None:
        pytest.skip(reason)
    figures.append(f"build: {engine.build():.0f} s")
    for name in engine.IMAGES:
        image = f"hashtags-live/{name}:{engine.TAG}"
        figures.append(f"image {image}: {engine.megabytes(image)} MB")
    yield
    engine.remove_leftovers()


@pytest.fixture(scope="session")
def apache_images(images: None, figures: list[str]) -> None:
    """The same images under another tag, whose Spark is that of apache/spark, or of a stand-in with its layout."""
    reason = build.why_not()
    if reason is not None:
        pytest.skip(reason)
    figures.append(build.make())
    figures.append(f"build on apache/spark: {engine.build_spark_on(build.IMAGE, engine.APACHE_TAG):.0f} s")


@pytest.fixture(scope="module")
def stack(images: None, figures: list[str]) -> Iterator[ComposeStack]:
    """The demo at 500 posts/s on two workers, from an environment without any other setting."""
    stack = ComposeStack("hashtags-test", DEMO_RATE="500", SPARK_WORKER_CORES="1")
    with stack.running("--scale", "spark-worker=2") as seconds:
        figures.append(f"up --wait, from built images to the first bars: {seconds:.1f} s")
        assert seconds < UP_SECONDS
        yield stack
