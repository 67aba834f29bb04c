"""Download the browser libraries of the page at exact versions, or check the stored ones.

    python scripts/vendor.py            # download with npm, check, store
    python scripts/vendor.py --check    # no network: check the stored files

A library is one file, whose sha384 is below, with its licence beside it. Plotly would write its style sheet into the
page. This script extracts the style sheet from the checked file, so that the page's Content-Security-Policy need not
allow inline styles.
"""

from __future__ import annotations

import argparse
import ast
import base64
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "dashboard/dashboard/static/vendor"


@dataclass(frozen=True)
class Library:
    """One file of one npm package. `sha384` is base64, as in a Subresource Integrity attribute."""

    package: str
    version: str
    member: str
    target: str
    sha384: str

    @property
    def licence(self) -> str:
        """Name of the licence file beside the library."""
        return f"{self.package}-{self.version}.LICENSE"


PLOTLY = Library(
    package="plotly.js-basic-dist-min",
    version="4.1.1",
    member="plotly-basic.min.js",
    target="plotly-basic-4.1.1.min.js",
    sha384="N2HZsG+IG/3J8CwhGGYz/kmzZ0sprpPWwjhor9ZI4lxuf47i9DXK2/NDGxMaJiEb",
)
SOCKET_IO = Library(
    package="socket.io-client",
    version="4.8.4",
    member="dist/socket.io.min.js",
    target="socket.io-4.8.4.min.js",
    sha384="fBrXvbDtHoeKWJ/hcA6M+YGueiDW+h45I7V6F2kD1S8bOkrF9rZYPLVkCR6BLR/1",
)
LEAN_QR = Library(
    package="lean-qr",
    version="2.7.4",
    member="index.mjs",
    target="lean-qr-2.7.4.min.js",
    sha384="R2XOQVMHRN7DgfgEt8OIJ5+5TFiNvs43QGN57APei6uXVgq+0k2fcHKEqgrHQL2C",
)
LIBRARIES = (PLOTLY, SOCKET_IO, LEAN_QR)
STYLE_SHEET = "plotly-4.1.1.css"


class VendorError(Exception):
    """A stored or downloaded file is not the expected one. The message is one sentence."""


def sha384(data: bytes) -> str:
    """The digest of `data` in base64."""
    return base64.b64encode(hashlib.sha384(data).digest()).decode()


def plotly_style_sheet(bundle: str) -> str:
    """The CSS rules that `bundle` would insert at run time, in their final order.

    The bundle holds them as one object of selector -> declarations and inserts each at the front, so the last
    one comes first. `X` and `Y` in a selector stand for the chart and for its notices.
    """
    start = bundle.find('{"X,X div":')
    end = bundle.find("};for(", start)
    if start < 0 or end < 0:
        raise VendorError(f"{PLOTLY.target} holds no style rules where they are expected.")
    literal = r'("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')'
    pairs = re.findall(f"{literal}:{literal}", bundle[start:end])
    rules = []
    for key, value in reversed(pairs):
        selector = re.sub("^,", " ,", ast.literal_eval(key))
        selector = selector.replace("X", ".js-plotly-plot .plotly").replace("Y", ".plotly-notifier")
        rules.append(f"{selector}{{{ast.literal_eval(value)}}}\n")
    return f"/* plotly.js {PLOTLY.version}, MIT licence: its own rules, see {PLOTLY.licence} */\n" + "".join(rules)


def fetch(library: Library) -> tuple[bytes, bytes]:
    """The library's file and its licence, from the npm package of that exact version."""
    with tempfile.TemporaryDirectory() as folder:
        name = f"{library.package}@{library.version}"
        subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True, capture_output=True)
        archive = next(Path(folder).glob("*.tgz")).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        content = tar.extractfile(f"package/{library.member}")
        licence = tar.extractfile("package/LICENSE")
        if content is None or licence is None:
            raise VendorError(f"{name} lacks {library.member} or its licence.")
        return content.read(), licence.read()


def put(folder: Path) -> None:
    """Download every library into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for library in LIBRARIES:
        content, licence = fetch(library)
        verify(library, content)
        (folder / library.target).write_bytes(content)
        (folder / library.licence).write_bytes(licence)
    bundle = (folder / PLOTLY.target).read_text(encoding="utf-8")
    (folder / STYLE_SHEET).write_text(plotly_style_sheet(bundle), encoding="utf-8")


def verify(library: Library, content: bytes) -> None:
    """Raise unless `content` is the library's file."""
    found = sha384(content)
    if found != library.sha384:
        raise VendorError(f"{library.target} has sha384 {found} and should have {library.sha384}.")


def check(folder: Path) -> None:
    """Raise unless `folder` holds every library, its licence, the style sheet, and nothing else."""
    expected = {STYLE_SHEET, *(name for lib in LIBRARIES for name in (lib.target, lib.licence))}
    found = {path.name for path in folder.glob("*")}
    if found != expected:
        raise VendorError(f"{folder.name} should hold {sorted(expected)} and holds {sorted(found)}.")
    for library in LIBRARIES:
        verify(library, (folder / library.target).read_bytes())
    bundle = (folder / PLOTLY.target).read_text(encoding="utf-8")
    if (folder / STYLE_SHEET).read_text(encoding="utf-8") != plotly_style_sheet(bundle):
        raise VendorError(f"{STYLE_SHEET} differs from the rules in {PLOTLY.target}.")


def main(arguments: list[str]) -> int:
    """Run the command line; 0 when all is in place, 1 with a sentence on stderr when not."""
    parser = argparse.ArgumentParser(description="Fetch or check the browser libraries of the page.")
    parser.add_argument("--check", action="store_true", help="only verify what is there, without network")
    options = parser.parse_args(arguments)
    try:
        if not options.check:
            put(VENDOR)
        check(VENDOR)
    except VendorError as error:
        print(f"vendor: {error}", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print(f"vendor: {error.filename} is missing.", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"vendor: npm failed: {error.stderr.decode(errors='replace').strip()}", file=sys.stderr)
        return 1
    print(f"vendor: {len(LIBRARIES)} libraries are in place.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
