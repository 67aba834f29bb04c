"""Count pushes: accepted, ignored or refused. Refusals are counted by reason, and logged."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from msgspec import Meta, Struct

from dashboard.snapshots.fields import Count

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.log_throttle import Throttle

logger = logging.getLogger(__name__)

Reason = Literal["token", "size", "shape", "relay"]
#: Why a push is refused: wrong token; too large; not a snapshot; not a snapshot, and from another dashboard.
REASONS = get_args(Reason)


class Refusal(Struct, frozen=True):
    """A push that the dashboard refused."""

    reason: Annotated[Reason, Meta(description="Why it was refused, as one word.")]
    error: Annotated[str, Meta(description="Why it was refused, as one sentence.")]
    age_ms: Annotated[Count, Meta(description="Milliseconds since it was refused.")]


class PushCounts(Struct, frozen=True):
    """The pushes that came since the process started."""

    accepted: Annotated[Count, Meta(description="Pushes of a snapshot that was newer than all before.")]
    ignored: Annotated[Count, Meta(description="Pushes of a snapshot that was not newer than the newest one.")]
    rejected: Annotated[dict[str, Count], Meta(description="Pushes that were refused, by reason.")]


class Pushes:
    """Counts since the process started."""

    def __init__(self, throttle: Throttle, monotonic_ms: Callable[[], int]) -> None:
        self._throttle = throttle
        self._monotonic_ms = monotonic_ms
        self._accepted = self._ignored = 0
        self._rejected: Counter[str] = Counter()
        self._refused: tuple[Reason, str, int] | None = None

    def note(self, *, accepted: bool) -> None:
        """Count a push that was accepted, or ignored because it is not newer than the newest one."""
        if accepted:
            self._accepted += 1
            self._refused = None
        else:
            self._ignored += 1

    def reject(self, reason: Reason, sentence: str) -> None:
        """Count a refused push. `sentence` says what is wrong with it."""
        self._rejected[reason] += 1
        self._refused = (reason, sentence, self._monotonic_ms())
        if self._throttle.allows_sentence(f"push {reason}", sentence):
            logger.warning("push refused (%s, %d so far): %s", reason, self._rejected[reason], sentence)

    @property
    def refused(self) -> Refusal | None:
        """The last refusal. None if a push was accepted since then."""
        if self._refused is None:
            return None
        reason, sentence, at_ms = self._refused
        return Refusal(reason, sentence, self._monotonic_ms() - at_ms)

    def counts(self) -> PushCounts:
        """The counts until now."""
        return PushCounts(accepted=self._accepted, ignored=self._ignored, rejected=dict(self._rejected))
