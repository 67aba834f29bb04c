"""docs/deploy.md, as somebody follows it: its commands are run as they stand there."""

import re

from tests.compose.engine import ROOT


def code_block(heading: str, number: int) -> str:
    """The commands of a section, block by block."""
    text = (ROOT / "docs" / "deploy.md").read_text()
    (section,) = re.findall(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"(?:^    .*\n)(?:(?:^    .*)?\n)*", section, re.MULTILINE)
    return re.sub(r"^    ", "", blocks[number], flags=re.MULTILINE)
