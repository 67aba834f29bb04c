"""The static files of the page, held in memory, so that a client that reads slowly holds no open file and no thread."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

if TYPE_CHECKING:
    from pathlib import Path

VENDOR = "vendor/"
VENDOR_CACHE = "public, max-age=31536000, immutable"
"""Vendored files carry their version in their name."""
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
WORTH_COMPRESSING_BYTES = 1024


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file. `compressed` is None where gzip would save nothing."""

    body: bytes
    compressed: bytes | None
    content_type: str
    etag: str


def load_static_files(folder: Path) -> dict[str, StaticFile]:
    """All files below `folder`, by their path in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _load(path) for path in files}


def static_routes(files: dict[str, StaticFile]) -> Blueprint:
    """`GET /static/<name>`: one of `files`, compressed for clients that accept it."""
    routes = Blueprint("static", __name__)

    @routes.get("/static/<path:name>")
    def static(name: str) -> Response:
        if name not in files:
            raise NotFound
        return static_response(files[name], immutable=name.startswith(VENDOR))

    return routes


def static_response(file: StaticFile, *, immutable: bool) -> Response:
    """The file, or a 304 without a body for a client that has it."""
    compressed = file.compressed if request.accept_encodings["gzip"] > 0 else None
    response = Response(file.body if compressed is None else compressed, content_type=file.content_type)
    response.headers["Cache-Control"] = VENDOR_CACHE if immutable else "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    if compressed is not None:
        response.headers["Content-Encoding"] = "gzip"
    # Weak, because it stands for the file in any encoding.
    response.set_etag(file.etag, weak=True)
    response.make_conditional(request)
    return response


def _load(path: Path) -> StaticFile:
    body = path.read_bytes()
    compressed = gzip.compress(body, mtime=0) if len(body) >= WORTH_COMPRESSING_BYTES else None
    if compressed is not None and len(compressed) >= len(body):
        compressed = None
    content_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return StaticFile(body, compressed, content_type, hashlib.sha256(body).hexdigest()[:32])
