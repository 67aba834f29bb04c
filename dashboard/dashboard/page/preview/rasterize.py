"""Convert SVG to PNG in a separate process, because the renderer holds Python's lock while it draws.

Reads JSON with `svg`, `family` and `files` (of fonts) from its input, and writes PNG.
"""

from __future__ import annotations

import json
import sys

from resvg_py import svg_to_bytes


def main() -> None:
    """Read SVG and settings from stdin, and write PNG to stdout."""
    asked = json.load(sys.stdin)
    drawn = svg_to_bytes(
        svg_string=asked["svg"], font_files=asked["files"], font_family=asked["family"], skip_system_fonts=True
    )
    sys.stdout.buffer.write(drawn)


if __name__ == "__main__":
    main()
