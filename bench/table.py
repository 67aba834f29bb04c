"""One table of findings, for a terminal and for Markdown."""

from collections.abc import Sequence

from bench.finding import Finding, Target

HEAD = ("what", "median", "least to greatest", "target", "met", "how")


def lines(findings: Sequence[Finding]) -> list[str]:
    """As Markdown, with columns of even width."""
    return markdown([HEAD, *(_cells(finding) for finding in findings)])


def markdown(cells: Sequence[Sequence[str]]) -> list[str]:
    """Rows of texts, the first of which is the head, as Markdown with columns of even width."""
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    padded = [" | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in cells]
    rule = "|".join("-" * (width + 2) for width in widths)
    return [f"| {padded[0]} |", f"|{rule}|", *(f"| {row} |" for row in padded[1:])]


def _cells(finding: Finding) -> tuple[str, ...]:
    value = finding.value
    unit = f" {finding.unit}" if finding.unit else ""
    if value is None:
        shown = spread = "—"
    else:
        shown = f"{value.median:,.{finding.digits}f}{unit}"
        spread = f"{value.low:,.{finding.digits}f} to {value.high:,.{finding.digits}f}"
    met = {None: "", True: "yes", False: "**no**"}[finding.met]
    return finding.what, shown, spread, _bound(finding.target), met, finding.note


def _bound(target: Target | None) -> str:
    return "" if target is None else f"{'≤' if target.at_most else '≥'} {target.bound:,g}"
