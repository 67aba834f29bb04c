"""A colour for each hashtag on the chart, which it keeps while it is there: so the eye can follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: "Safe" of CARTOColors: eleven colours that people with a colour vision deficiency can tell apart, but for the grey.
PALETTE = (
    "#88CCEE", "#CC6677", "#DDCC77", "#117733", "#AA4499", "#44AA99", "#999933", "#882255", "#661100", "#6699CC",
)  # fmt: skip


class Colours:
    """Gives each hashtag a colour that no other one on the chart has, as far as there are enough."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def of(self, keys: Sequence[str]) -> list[str]:
        """The colours of the hashtags that are on the chart now. Those that left it give theirs back."""
        self._places = {key: place for key, place in self._places.items() if key in keys}
        for key in keys:
            if key not in self._places:
                used = list(self._places.values())
                self._places[key] = min(range(len(PALETTE)), key=lambda place: (used.count(place), place))
        return [PALETTE[self._places[key]] for key in keys]
