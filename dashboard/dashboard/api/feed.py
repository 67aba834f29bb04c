"""The feed of alerts and of the tags that entered the list of rising tags (Atom, RFC 4287)."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Blueprint, Response, request

from dashboard.alerts.text import LANGUAGES, moment_link, sentence
from dashboard.api.responses import Error, answer, choice_of
from dashboard.history.store import HistoryAwayError
from dashboard.settings import HOST
from dashboard.snapshots.fields import MAX_INTEGER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboard.alerts.inbox import AlertInbox
    from dashboard.alerts.phrases import Language
    from dashboard.alerts.store import AlertStore
    from dashboard.snapshots.alerts_schema import Alert

#: Entries of the feed, the newest first.
MAX_ENTRIES = 100
NAMESPACE = "http://www.w3.org/2005/Atom"
TITLE = {"en": "Hashtags, live: alerts and rising hashtags", "es": "Hashtags en vivo: avisos y hashtags en alza"}
#: The greatest time that RFC 3339 can write.
LAST_MS = 253_402_300_799_000
#: What XML 1.0 can't have. Keys and rules are text from outside.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed_routes(store: AlertStore, inbox: AlertInbox, public_url: str) -> Blueprint:
    """`GET /feed.atom`. It needs no token.

    Args:
        store: The stored alerts and rises.
        inbox: Knows which of them are shown.
        public_url: The address of the page, or an empty text.

    """
    routes = Blueprint("feed", __name__)

    @routes.get("/feed.atom")
    def feed() -> Response:
        alerts = [*store.read(0, MAX_INTEGER, MAX_ENTRIES), *store.rises(MAX_ENTRIES)]
        newest = sorted(inbox.visible(alerts), key=lambda alert: (-alert.at_ms, alert.id))[:MAX_ENTRIES]
        body = feed_document(newest, public_url or _request_address(), choice_of("lang", LANGUAGES))
        response = Response(body, content_type="application/atom+xml; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response

    @routes.errorhandler(HistoryAwayError)
    def away(error: HistoryAwayError) -> Response:
        return answer(503, Error(str(error)))

    return routes


def feed_document(alerts: Iterable[Alert], address: str, language: Language) -> bytes:
    """The feed as XML.

    Args:
        alerts: Its entries, the newest first.
        address: The address of the page, without a path.
        language: The language of its texts.

    """
    host = urlsplit(address).hostname or "localhost"
    feed = Element("feed", {"xmlns": NAMESPACE, "xml:lang": language})
    _add(feed, "id", f"tag:{host},2026:hashtags-live")
    _add(feed, "title", TITLE[language])
    query = "" if language == LANGUAGES[0] else f"?lang={language}"
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{address}/feed.atom{query}"})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": f"{address}/"})
    author = SubElement(feed, "author")
    _add(author, "name", "Hashtags, live")
    entries = [*alerts]
    _add(feed, "updated", _time(max((alert.at_ms for alert in entries), default=0)))
    for alert in entries:
        feed.append(_entry(alert, host, address, language))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(feed, encoding="unicode")}\n'.encode()


def _entry(alert: Alert, host: str, address: str, language: Language) -> Element:
    entry, text = Element("entry"), sentence(alert, language)
    _add(entry, "id", entry_id(alert, host))
    _add(entry, "title", text)
    _add(entry, "updated", _time(alert.at_ms))
    _add(entry, "published", _time(alert.at_ms))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": moment_link(alert, address)})
    SubElement(entry, "category", {"term": alert.when})
    _add(entry, "summary", text)
    return entry


def entry_id(alert: Alert, host: str) -> str:
    """The tag URI of an entry (RFC 4151). It is the same at each request, in each language."""
    day = _time(alert.at_ms)[:10]
    return f"tag:{host},{day}:alert/{hashlib.sha256(alert.id.encode()).hexdigest()[:32]}"


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _NOT_XML.sub("�", text)


def _time(at_ms: int) -> str:
    return (
        datetime.fromtimestamp(min(at_ms, LAST_MS) / 1000, timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"
    )


def _request_address() -> str:
    """The address of the request, if its `Host` can be one. A client may send anything there."""
    return f"{request.scheme}://{request.host if re.fullmatch(HOST, request.host) else 'localhost'}"
