"""What is shown now: the end of the window of the newest snapshot, and the muted tags."""

from spark_job.mute.mute_file import MuteFile
from spark_job.query_server.now import Now
from spark_job.snapshot_schema import Snapshot
from spark_job.state.window import Window


class Shown:
    """Remembers the newest snapshot. Any thread may use it."""

    def __init__(self, pane_ms: int, window_ms: int, mute: MuteFile) -> None:
        self._pane_ms = pane_ms
        self._window_ms = window_ms
        self._mute = mute
        self._to_ms: int | None = None

    def note(self, snapshot: Snapshot) -> None:
        """Remember a snapshot."""
        self._to_ms = snapshot.window.to_ms

    def now(self) -> Now | None:
        """What is shown. None before the first snapshot."""
        to_ms = self._to_ms
        if to_ms is None:
            return None
        return Now(Window.ending(to_ms, self._pane_ms, self._window_ms), to_ms, self._mute.muted)
