"""Requests to the HTTP API of a stream, whose errors are sentences."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from hashtags.errors import StreamError
from hashtags.fields import Json, mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

#: To connect, and between two parts of a response.
TIMEOUTS_SECONDS = (3.05, 15.0)
#: A proxy can't reach this machine's own addresses.
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def clean_address(address: str) -> str:
    """The address without the rest of the page's address, such as `/?view=total`.

    Raises:
        StreamError: It is no web address.

    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise StreamError(f"The address of a stream is like http://localhost:8000, not {address!r}.")
    return f"{parts.scheme}://{parts.netloc}"


def new_session(address: str) -> requests.Session:
    """A session for a stream. To this machine itself it uses no proxy, whatever the environment says."""
    session = requests.Session()
    session.trust_env = urlsplit(address).hostname not in LOOPBACK
    return session


class NotThereError(StreamError):
    """The stream answers that it does not have this (404)."""


class NotYetError(StreamError):
    """The stream answers that it does not have this yet (503)."""


class HttpApi:
    """The HTTP API at `address`."""

    def __init__(self, address: str, session: requests.Session) -> None:
        self._address = address
        self._session = session

    def get(self, path: str, parameters: Mapping[str, int | str] | None = None) -> Json:
        """The object that a path answers with.

        Raises:
            NotThereError: The stream says that it does not have it.
            NotYetError: The stream says that it does not have it yet.
            StreamError: The stream does not answer, or refuses.

        """
        try:
            response = self._session.get(f"{self._address}{path}", params=parameters, timeout=TIMEOUTS_SECONDS)
        except requests.Timeout as error:
            raise StreamError(f"{self._address} does not answer in time.") from error
        except requests.RequestException as error:
            raise StreamError(
                f"{self._address} does not answer. Is the stream running there (make run), and is the address right?"
            ) from error
        return self._object(response)

    def _object(self, response: requests.Response) -> Json:
        try:
            data = response.json()
        except ValueError as error:
            raise StreamError(
                f"{self._address} answers, but not as a stream of hashtags-live does; is another program there?"
            ) from error
        if response.ok:
            return mapping(data, "answer")
        sentence = data.get("error") if isinstance(data, dict) else None
        if not isinstance(sentence, str):
            sentence = f"{self._address} answers with the status {response.status_code}."
        kinds = {HTTPStatus.NOT_FOUND: NotThereError, HTTPStatus.SERVICE_UNAVAILABLE: NotYetError}
        raise kinds.get(HTTPStatus(response.status_code), StreamError)(sentence)
