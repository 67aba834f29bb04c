"""Error pages for browsers. Programs get JSON."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

FOR_PROGRAMS = ("/api", "/socket.io", "/metrics", "/healthz", "/readyz", "/static/")
SENTENCES: Mapping[str, Mapping[int, str]] = {
    "en": {
        404: "There is no page at this address.",
        405: "This address does not accept this kind of request.",
        429: "Your network has sent too many requests. Wait a moment, then try again.",
        500: "The server failed. Its log has the details.",
        503: "The server is busy or restarting. Try again in a moment.",
    },
    "es": {
        404: "No hay ninguna página en esta dirección.",
        405: "Esta dirección no admite este tipo de petición.",
        429: "Su red ha enviado demasiadas peticiones. Espere un momento e inténtelo de nuevo.",
        500: "El servidor ha fallado. Los detalles están en su registro.",
        503: "El servidor está ocupado o se está reiniciando. Inténtelo de nuevo en un momento.",
    },
}
OTHERWISE = {"en": "The server can't answer this request.", "es": "El servidor no puede responder a esta petición."}
TITLE = {"en": "Live hashtags", "es": "Hashtags en vivo"}
BACK = {"en": "Go to the live page", "es": "Ir a la página en vivo"}
PAGE = """<!doctype html>
<html lang="{language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>{status} · {title}</title>
  <link rel="icon" href="/static/favicon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/static/styles/page.css">
  <link rel="stylesheet" href="/static/styles/api.css">
</head>
<body class="api">
  <main>
    <h1>{status}</h1>
    <p>{sentence}</p>
    <p class="links"><a href="/">{back}</a></p>
  </main>
</body>
</html>
"""


def wants_page(environ: Mapping[str, Any]) -> bool:
    """Whether the client is a browser that shows a page, and not a program."""
    if environ.get("PATH_INFO", "").startswith(FOR_PROGRAMS):
        return False
    accept = parse_accept_header(environ.get("HTTP_ACCEPT", ""), MIMEAccept)
    return bool(accept["text/html"] > accept["application/json"])


def error_page(environ: Mapping[str, Any], status: int) -> bytes:
    """The page, in the language that the browser prefers."""
    accept = parse_accept_header(environ.get("HTTP_ACCEPT_LANGUAGE", ""), LanguageAccept)
    language = accept.best_match(list(SENTENCES), "en") or "en"
    sentence = SENTENCES[language].get(status, OTHERWISE[language])
    named = f"{status} {HTTPStatus(status).phrase}" if language == "en" else str(status)
    page = PAGE.format(
        language=language, status=named, title=TITLE[language], sentence=escape(sentence), back=BACK[language]
    )
    return page.encode()
