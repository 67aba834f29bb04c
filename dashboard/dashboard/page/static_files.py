"""The static files of the page, stored in memory, so that a slow client occupies no open file and no thread.

Each file has an address with a hash of the whole folder: `/static/<version>/<name>`. A browser stores what it loads
from there for a year, without another request. A change of any file changes the version, and with it all addresses.
Scripts import each other by relative addresses, so the version goes along without a build step.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Files of other projects. Each has its own version in its name, so its address needs no other.
VENDOR = "vendor/"
IMMUTABLE = "public, max-age=31536000, immutable"
VERSION = re.compile("[0-9a-f]{16}")
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
#: Smaller files are not compressed: gzip would save almost nothing.
MIN_COMPRESSED_BYTES = 1024


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file. `compressed` is None where gzip would save nothing."""

    body: bytes
    compressed: bytes | None
    content_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files of a folder, by their path in it. `version`: a hash of names and contents, 16 hexadecimal digits."""

    files: Mapping[str, StaticFile]
    version: str

    def url(self, name: str) -> str:
        """The address of a file, from which a browser may store it for a year.

        Raises:
            KeyError: There is no such file.

        """
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{name}" if name.startswith(VENDOR) else f"/static/{self.version}/{name}"


def load_static_files(folder: Path) -> StaticFiles:
    """All files below `folder`."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): _load(path) for path in paths}
    contents = "".join(f"{name} {file.etag}\n" for name, file in files.items())
    return StaticFiles(files, hashlib.sha256(contents.encode()).hexdigest()[:16])


def static_routes(static_files: StaticFiles) -> Blueprint:
    """`GET /static/<name>` and `GET /static/<version>/<name>`: a file, compressed for clients that accept it.

    A page of an older version may be open while the dashboard is replaced. Its requests get the files of today, and a
    browser must not store these under the old version.
    """
    routes = Blueprint("static", __name__)

    @routes.get("/static/<path:name>")
    def static(name: str) -> Response:
        version, _, rest = name.partition("/")
        versioned = VERSION.fullmatch(version) is not None
        if versioned:
            name = rest
        if name not in static_files.files:
            raise NotFound
        immutable = version == static_files.version if versioned else name.startswith(VENDOR)
        return static_response(static_files.files[name], immutable=immutable)

    return routes


def static_response(file: StaticFile, *, immutable: bool) -> Response:
    """The file, or a 304 without a body for a client that has it."""
    compressed = file.compressed if request.accept_encodings["gzip"] > 0 else None
    response = Response(file.body if compressed is None else compressed, content_type=file.content_type)
    response.headers["Cache-Control"] = IMMUTABLE if immutable else "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    if compressed is not None:
        response.headers["Content-Encoding"] = "gzip"
    # Weak, because the same ETag is used for each encoding of the file.
    response.set_etag(file.etag, weak=True)
    response.make_conditional(request)
    return response


def _load(path: Path) -> StaticFile:
    body = path.read_bytes()
    compressed = gzip.compress(body, mtime=0) if len(body) >= MIN_COMPRESSED_BYTES else None
    if compressed is not None and len(compressed) >= len(body):
        compressed = None
    content_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return StaticFile(body, compressed, content_type, hashlib.sha256(body).hexdigest()[:32])
