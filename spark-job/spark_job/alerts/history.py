"""The stored day of a dashboard, for a replay: from its file, or from `GET /api/history` (docs/protocol.md)."""

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import urllib3
from msgspec import UNSET, Struct

from spark_job.alerts.facts import EndedPane, TagFacts
from spark_job.alerts.pane_reader import TOLERATED_PART
from spark_job.alerts.rule import WHOLE
from spark_job.rising_schema import Rising
from spark_job.snapshot_schema import ClosedWindow, Pane

TIMEOUT_SECONDS = 30.0
#: A pane without its own leaders. The checksum is the dashboard's business.
PANES = "SELECT epoch, from_ms, to_ms, posts, window, rising FROM panes ORDER BY epoch, from_ms"

_window_decoder = msgspec.json.Decoder(ClosedWindow)
_rising_decoder = msgspec.json.Decoder(Rising)


class HistoryError(Exception):
    """The history can't be read. The text is one sentence."""


class _Answer(Struct):
    """A response of `GET /api/history`."""

    panes: list[msgspec.Raw]
    next_from_ms: int | None


_answer_decoder = msgspec.json.Decoder(_Answer)
_pane_decoder = msgspec.json.Decoder(Pane)


def read_history(history: str) -> list[Pane]:
    """All stored panes, oldest first.

    `history`: the address of a dashboard, or the path of its file.

    Raises:
        HistoryError: It can't be read.

    """
    if history.startswith(("http://", "https://")):
        return _request(history.rstrip("/"))
    path = Path(history)
    if not path.is_file():
        raise HistoryError(f"{history} is neither a file nor an address such as http://127.0.0.1:8000")
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            return [_pane(row) for row in database.execute(PANES)]
    except (sqlite3.Error, zlib.error, msgspec.DecodeError) as error:
        raise HistoryError(f"{history} is no history of a dashboard that can be read ({error})") from error


def _pane(row: tuple[int, int, int, int, bytes | None, bytes | None]) -> Pane:
    epoch, from_ms, to_ms, posts, window, rising = row
    return Pane(
        epoch=epoch,
        from_ms=from_ms,
        to_ms=to_ms,
        posts=posts,
        top=[],
        window=None if window is None else _window_decoder.decode(_without_null(window)),
        rising=None if rising is None else _rising_decoder.decode(_without_null(zlib.decompress(rising))),
    )


def _without_null(text: bytes) -> bytes:
    """The JSON without the fields that are null: the dashboard writes null where the job leaves a field out."""
    return msgspec.json.encode(_dropped(msgspec.json.decode(text)))


def _dropped(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: _dropped(one)
            for name, one in value.items()
            if one is not None or name in {"peak_ms", "window", "rising"}
        }
    return [_dropped(one) for one in value] if isinstance(value, list) else value


def _request(address: str) -> list[Pane]:
    panes: list[Pane] = []
    from_ms: int | None = 0
    pool = urllib3.PoolManager(num_pools=1, retries=False, timeout=TIMEOUT_SECONDS)
    try:
        while from_ms is not None:
            response = pool.request("GET", f"{address}/api/history?from_ms={from_ms}")
            if response.status != 200:
                raise HistoryError(f"{address}/api/history answered {response.status}")
            answer = _answer_decoder.decode(response.data)
            panes += [_pane_decoder.decode(_without_null(bytes(pane))) for pane in answer.panes]
            from_ms = answer.next_from_ms
    except (urllib3.exceptions.HTTPError, msgspec.DecodeError) as error:
        raise HistoryError(f"{address} is no dashboard that can be read ({error})") from error
    return sorted(panes, key=lambda pane: (pane.epoch, pane.from_ms))


def _is_counted(pane: Pane, window: ClosedWindow) -> bool:
    """Whether counting began before the window. The history does not say what was missed later."""
    began_ms = window.from_ms if window.counted_from_ms is UNSET else window.counted_from_ms
    return began_ms - window.from_ms <= TOLERATED_PART * (pane.to_ms - window.from_ms)


def ended_panes(panes: Sequence[Pane]) -> Iterator[EndedPane]:
    """What rules look at, of each pane whose window is stored. Only the leading tags of a window are known."""
    windows = {(pane.epoch, pane.to_ms): pane.window for pane in panes if pane.window is not None}
    for pane in panes:
        window = pane.window
        if window is None:
            continue
        before = windows.get((pane.epoch, window.from_ms))
        posts_before = {tag.key: tag.posts for tag in before.top} if before is not None else {}
        tags = {
            tag.key: TagFacts(
                key=tag.key,
                label=tag.label,
                posts=tag.posts,
                rank=rank,
                # A tag that was not among the leaders had at most as many posts as the last of them.
                posts_before=posts_before.get(tag.key, min(posts_before.values(), default=0)),
                taken_back=0 if tag.taken_back is UNSET else tag.taken_back,
            )
            for rank, tag in enumerate(window.top, 1)
        }
        yield EndedPane(
            epoch=pane.epoch,
            from_ms=pane.from_ms,
            at_ms=pane.to_ms,
            window_seconds=max(1, (pane.to_ms - window.from_ms) // 1000),
            scopes={WHOLE: tags},
            rising=pane.rising if isinstance(pane.rising, Rising) else None,
            is_before_known=before is not None,
            is_counted=_is_counted(pane, window),
        )
