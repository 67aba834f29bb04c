"""Read and change the rules of X's filtered stream, by tweepy."""

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
from ingest.sources.x import errors as x_errors
from ingest.sources.x import rules as x_rules
from ingest.sources.x.rules import Rule

#: Rules in one request.
RULES_PER_REQUEST = 100

logger = logging.getLogger(__name__)


class _Rules(msgspec.Struct, gc=False):
    """A response of the rules endpoint."""

    data: list[Rule] = []
    errors: list[x_errors.Problem] = []


_rules = msgspec.json.Decoder(_Rules)


class RulesApi:
    """Reads and changes the rules of an app."""

    def __init__(self, client: StreamingClient, stop: Event, *, timeout_seconds: float) -> None:
        """Create the API; `client` raises Refused, Interrupted or Paused for a response other than 200."""
        self._client = client
        self._stop = stop
        self._timeout_seconds = timeout_seconds

    def rules(self) -> list[Rule]:
        """Return all rules that X has, also those that are not ours.

        Raises:
            Refused, Interrupted: As the stream does.

        """
        return self._call(self._client.get_rules).data

    def set_rules(self, wanted: Sequence[str]) -> list[Rule]:
        """Replace our rules at X by the wanted ones; return the rules that are not ours.

        New rules are added before old ones are deleted, so that posts that match both are delivered without a gap,
        unless X has no space for both.

        Raises:
            Refused: X rejects us, or one of the rules.
            Interrupted: Another error; some of the rules may be missing.

        """
        present = self.rules()
        change = x_rules.diff(wanted, present)
        space = max(0, x_rules.MAX_RULES - len(present))
        self._add(change.add[:space])
        for batch in _batches(change.delete):
            self._call(partial(self._client.delete_rules, batch))
        self._add(change.add[space:])
        if change.add or change.delete:
            logger.info("x: added %d rules, deleted %d", len(change.add), len(change.delete))
        return [rule for rule in present if rule.tag != x_rules.TAG]

    def _add(self, values: Sequence[str]) -> None:
        for batch in _batches(values):
            rules = [StreamRule(value, x_rules.TAG) for value in batch]
            answer = self._call(partial(self._client.add_rules, rules))
            # Another program may add the same rule at this moment; then the rule is there.
            refused = [error for error in answer.errors if error.title != "DuplicateRule"]
            if refused:
                raise Refused(f"X rejects a rule: {refused[0]}")

    def _call(self, request: Callable[[], requests.Response]) -> _Rules:
        try:
            body = background.call(
                lambda: request().content, self._stop, name="x rules", timeout_seconds=self._timeout_seconds
            )
            return json_line.decode(body or b"", _rules)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise interruption(error) from error
        except FormatError as error:
            raise Interrupted("X's response about the rules can't be read") from error


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), RULES_PER_REQUEST):
        yield items[start : start + RULES_PER_REQUEST]


def interruption(error: Exception) -> Interrupted:
    """Return the Interrupted for an error of the connection."""
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return Interrupted("X was silent for too long")
    return Interrupted(f"the connection to X failed: {network_error.reason(error, 'it was cut')}")
