"""Read the numbers of hashtags-live from Python: DataFrames, and a chart that moves in a notebook.

Three lines in a notebook, beside a stream that runs (`make run`):

    import hashtags
    stream = hashtags.attach("http://localhost:8000")
    stream.chart()

What a stream has:

    stream.top                                  the ten leading hashtags of the last minutes, a DataFrame
    stream.leaders("total", count=50)           other rankings; also by source, language or people, and of the past
    stream.tag("worldcup")                      the curve of one hashtag
    stream.history(minutes=60)                  all posts, step by step
    stream.rising                               the hashtags that more people use than usual
    stream.alerts(hours=24)                     the alerts of the operator's rules
    for snapshot in stream.follow(seconds=60):  each new snapshot, about one a second
    stream.chart()                              bars that move by themselves; in Spanish: language="es"
    stream.close()                              ends charts and connections, as `with hashtags.attach(…)` does

- Times are in UTC. An unknown number is `<NA>`.
- What can't be done is a `StreamError`, whose text is one sentence.
- A lost connection comes back by itself. `follow` and `chart` then go on with the newest numbers.
- Nothing is global: two streams do not know of each other.

Install it with `pip install ./notebooks`, with the widget of the chart `pip install './notebooks[widget]'`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hashtags.errors import StreamError

if TYPE_CHECKING:
    from hashtags.leader import Leader
    from hashtags.snapshot import Snapshot
    from hashtags.stream import Stream, attach

__version__ = "1.0.0"

__all__ = ["Leader", "Snapshot", "Stream", "StreamError", "__version__", "attach"]

#: Modules are loaded when they are needed: `hashtags.spark` runs where pandas and Plotly are not installed.
_MODULES = {"Leader": "leader", "Snapshot": "snapshot", "Stream": "stream", "attach": "stream"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'hashtags' has no attribute {name!r}")
    return getattr(import_module(f"hashtags.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
