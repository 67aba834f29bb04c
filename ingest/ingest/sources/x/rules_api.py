"""The endpoint of X's API that has the rules of the filtered stream, asked by tweepy."""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Event

import msgspec
import requests
import urllib3
from tweepy import StreamingClient, StreamRule

from ingest.sources.base import Interrupted, Refused
from ingest.sources.common import background, json_line, network_error
from ingest.sources.common.json_line import FormatError
from ingest.sources.x import errors as x_problem
from ingest.sources.x import rules as x_rules
from ingest.sources.x.rules import Rule

#: Rules that are sent at once.
RULES_AT_ONCE = 100

logger = logging.getLogger(__name__)


class _Rules(msgspec.Struct, gc=False):
    """An answer of the rules endpoint."""

    data: list[Rule] = []
    errors: list[x_problem.Problem] = []


_rules = msgspec.json.Decoder(_Rules)


class RulesApi:
    """What is done with the rules of an app."""

    def __init__(self, client: StreamingClient, stop: Event, *, timeout_seconds: float) -> None:
        """`client` raises what an answer other than 200 means."""
        self._client = client
        self._stop = stop
        self._timeout_seconds = timeout_seconds

    def rules(self) -> list[Rule]:
        """Return the rules that X has, ours and others.

        Raises:
            Refused, Interrupted: as the stream does.

        """
        return self._asked(self._client.get_rules).data

    def set_rules(self, wanted: Sequence[str]) -> list[Rule]:
        """Make X's rules of ours those that are wanted; return the rules of others.

        New ones are added before old ones are deleted, so that what both look for is delivered throughout; unless X
        has no room for both.

        Raises:
            Refused: X doesn't want us, or one of the rules.
            Interrupted: something else went wrong; rules may be missing.

        """
        held = self.rules()
        change = x_rules.change(wanted, held)
        room = max(0, x_rules.MAX_RULES - len(held))
        self._add(change.add[:room])
        for batch in _batches(change.delete):
            self._asked(partial(self._client.delete_rules, batch))
        self._add(change.add[room:])
        if change.add or change.delete:
            logger.info("x: %d rules added, %d deleted", len(change.add), len(change.delete))
        return [rule for rule in held if rule.tag != x_rules.TAG]

    def _add(self, values: Sequence[str]) -> None:
        for batch in _batches(values):
            rules = [StreamRule(value, x_rules.TAG) for value in batch]
            answer = self._asked(partial(self._client.add_rules, rules))
            # Somebody else may add the same rule at this moment: then it is there.
            refused = [error for error in answer.errors if error.title != "DuplicateRule"]
            if refused:
                raise Refused(f"X doesn't take a rule: {refused[0]}")

    def _asked(self, ask: Callable[[], requests.Response]) -> _Rules:
        try:
            body = background.call(
                lambda: ask().content, self._stop, name="x rules", timeout_seconds=self._timeout_seconds
            )
            return json_line.decode(body or b"", _rules)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise interruption(error) from error
        except FormatError as error:
            raise Interrupted("X's answer about the rules can't be read") from error


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), RULES_AT_ONCE):
        yield items[start : start + RULES_AT_ONCE]


def interruption(error: Exception) -> Interrupted:
    """Return what an error of the connection means."""
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return Interrupted("X was silent for too long")
    return Interrupted(f"the connection to X failed: {network_error.reason(error, 'it was cut')}")
