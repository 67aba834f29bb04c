"""Throughput and latency against the size of a batch, drawn by the page's own Plotly."""

from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from plotly.graph_objects import Figure, Scatter  # type: ignore[import-untyped]
from plotly.subplots import make_subplots  # type: ignore[import-untyped]
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS

from bench.finding import Finding
from bench.results import Results

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "benchmarks.png"
PLOTLY = next((ROOT / "dashboard" / "dashboard" / "static" / "vendor").glob("plotly-basic-*.min.js"))
WIDTH, HEIGHT = 1100, 460
# Ours is easy to see. The others differ in lightness and dash too.
STYLES = (("#2a6fdb", "solid"), ("#b3541e", "dash"), ("#6b6b6b", "dot"), ("#2f7d4f", "dashdot"))
ROW = "bursts"


def draw(results: Results, path: Path = PICTURE) -> None:
    """Draw what `bursts` found, if it was measured."""
    if ROW not in results.rows:
        return
    save(figure_of(results.rows[ROW].findings), path, (WIDTH, HEIGHT))


def save(figure: Figure, path: Path, size: tuple[int, int]) -> None:
    """Draw a figure with the page's own Plotly, and write it as a picture. `size`: width and height."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, device_scale_factor=2)
        page.set_content('<body style="margin:0"><div id="chart"></div></body>')
        page.add_script_tag(path=PLOTLY)
        page.evaluate(f"Plotly.newPlot('chart', ...Object.values(({figure.to_json()})), {{staticPlot: true}})")
        page.locator("#chart").screenshot(path=path)
        browser.close()


def figure_of(findings: list[Finding]) -> Figure:
    """Two panels with a line for each way: posts per second, and seconds, both against posts at once."""
    ways: dict[str, list[tuple[int, float]]] = {}
    for finding in findings:
        assert finding.value is not None  # noqa: S101 - those without a value are left out by the row
        ways.setdefault(finding.what.rpartition(": ")[0], []).append((finding.samples[0], finding.value.median))
    figure = make_subplots(cols=2, subplot_titles=("posts per second", "seconds until they are shown"))
    for (way, points), (colour, dash) in zip(ways.items(), STYLES, strict=False):
        line: dict[str, Any] = {"color": colour, "dash": dash, "width": 3 if dash == "solid" else 2}
        sizes = [size for size, _ in points]
        common = {"x": sizes, "name": way, "legendgroup": way, "line": line, "mode": "lines+markers"}
        figure.add_trace(Scatter(y=[size / took for size, took in points], **common), row=1, col=1)
        figure.add_trace(Scatter(y=[took for _, took in points], showlegend=False, **common), row=1, col=2)
    figure.update_xaxes(type="log", title="posts at once", dtick=1)
    figure.update_yaxes(type="log", dtick=1)
    figure.update_layout(
        width=WIDTH, height=HEIGHT, template="plotly_white", legend={"orientation": "h", "y": -0.22}, margin={"t": 40}
    )
    return figure
