"""The sliding window and its panes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """The panes from `from_ms` to the open pane, which began at `open_ms`. All start at multiples of `pane_ms`."""

    from_ms: int
    open_ms: int
    pane_ms: int

    @classmethod
    def ending(cls, to_ms: int, pane_ms: int, window_ms: int) -> "Window":
        """The window whose open pane contains `to_ms`."""
        open_ms = to_ms - to_ms % pane_ms
        return cls(from_ms=open_ms + pane_ms - window_ms, open_ms=open_ms, pane_ms=pane_ms)

    @property
    def panes(self) -> range:
        """Starts of the panes, oldest first."""
        return range(self.from_ms, self.open_ms + 1, self.pane_ms)

    @property
    def before_ms(self) -> int:
        """Start of the equally long window before this one."""
        return self.from_ms - len(self.panes) * self.pane_ms
