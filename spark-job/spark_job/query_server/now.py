"""What the query port answers about: what is shown just now."""

from typing import NamedTuple

from spark_job.mute.mute_list import MuteList
from spark_job.state.window import Window


class Now(NamedTuple):
    """What is shown now: the window, its end, and the muted tags."""

    window: Window
    to_ms: int
    muted: MuteList
