"""Labels as browsers get them."""

from __future__ import annotations

#: A longer label is cut to LABEL_CHARACTERS.
LABEL_BYTES, LABEL_CHARACTERS = 640, 64


def shown_label(label: str) -> str:
    """`label`, cut if it is longer than ingest makes labels: each open page gets it each second."""
    short = len(label) <= LABEL_CHARACTERS or len(label.encode(errors="replace")) <= LABEL_BYTES
    return label if short else label[: LABEL_CHARACTERS - 1] + "…"
