"""Write docs/snapshot.schema.json and the types of the page's scripts from the dashboard's types.

python scripts/schema.py          write both files
python scripts/schema.py --check  fail if one of them is not up to date
"""

import argparse
import json
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from dashboard.alerts.schema import AlertsAnswer
from dashboard.api.lesson import Lesson
from dashboard.api.numbers.explanation import Explanation
from dashboard.api.recount import Recount
from dashboard.api.search import SearchAnswer
from dashboard.api.tag_details import Tag
from dashboard.api.tag_posts import TagPosts
from dashboard.history.store import Panes
from dashboard.history.timeline import Timeline
from dashboard.job.archive import ArchivedCurve, ArchivedHours, ArchivedLeaders
from dashboard.receive.push_counts import Refusal
from dashboard.snapshots.event import Event, View
from dashboard.snapshots.schema import Snapshot

ROOT = Path(__file__).resolve().parents[1]
SCHEMA_FILE = ROOT / "docs" / "snapshot.schema.json"
PAGE_FILE = ROOT / "dashboard" / "dashboard" / "static" / "model" / "types.js"

#: What is pushed, and what the dashboard sends to browsers.
TYPES = (
    Snapshot,
    View,
    Event,
    Panes,
    Timeline,
    Tag,
    TagPosts,
    SearchAnswer,
    Explanation,
    Recount,
    Lesson,
    Refusal,
    AlertsAnswer,
    ArchivedHours,
    ArchivedLeaders,
    ArchivedCurve,
)
#: What the page's scripts read or send.
PAGE_TYPES = (
    "Event",
    "View",
    "Timeline",
    "Tag",
    "TagPosts",
    "SearchAnswer",
    "Explanation",
    "Recount",
    "Lesson",
    "ArchivedHours",
    "ArchivedLeaders",
    "ArchivedCurve",
    "Refusal",
    "AlertsAnswer",
)
REFERENCE = "#/$defs/"
JS_TYPES = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean", "null": "null"}
WIDTH = 120

Schema = Mapping[str, Any]


def schema_document() -> dict[str, Any]:
    """The JSON Schema (2020-12) of all TYPES; as a whole it describes a pushed snapshot."""
    _, definitions = msgspec.json.schema_components(TYPES, ref_template=REFERENCE + "{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Snapshot",
        "description": "The snapshot that the job pushes to the dashboard. `$defs` has its parts, and what the "
        "dashboard sends to browsers. `make schema` writes this file.",
        "$ref": f"{REFERENCE}Snapshot",
        "$defs": dict(sorted(definitions.items())),
    }


def page_types(definitions: Mapping[str, Schema]) -> str:
    """The types of the page's scripts as JSDoc, for TypeScript's checker.

    The dashboard sends every field, except those that are neither required nor have a default.
    """
    parts = ["/** What the dashboard sends and a page requests. `make schema` writes this file: do not edit it. */\n"]
    for name in _reachable(PAGE_TYPES, definitions):
        schema = definitions[name]
        lines = _comment(schema["description"].split("\n\n")[0])
        lines.append(f" * @typedef {{object}} {name}")
        for field, of in schema["properties"].items():
            name_of = field if field in schema.get("required", []) or "default" in of else f"[{field}]"
            lines += _comment(f"@property {{{_js_type(of)}}} {name_of} {of['description']}")
        parts.append("\n".join(["/**", *lines, " */"]) + "\n")
    return "\n".join([*parts, "export {};\n"])


def _comment(text: str) -> list[str]:
    """`text` as lines of a comment."""
    return textwrap.wrap(text, WIDTH, initial_indent=" * ", subsequent_indent=" *   ", break_long_words=False)


def _reachable(names: Iterable[str], definitions: Mapping[str, Schema]) -> list[str]:
    """`names`, and all to which they refer, in alphabetical order."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in definitions if f'"{REFERENCE}{other}"' in json.dumps(definitions[name])]
    return sorted(found)


def _js_type(schema: Schema) -> str:
    """The TypeScript type of a field."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    if "anyOf" in schema:
        return " | ".join(_js_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "prefixItems" in schema:
        return f"[{', '.join(_js_type(one) for one in schema['prefixItems'])}]"
    if schema["type"] == "array":
        item = _js_type(schema["items"])
        return f"({item})[]" if "|" in item else f"{item}[]"
    if schema["type"] == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_js_type(values) if values else 'unknown'}>"
    return JS_TYPES[schema["type"]]


def files() -> dict[Path, str]:
    """What each of the written files should have."""
    document = schema_document()
    return {
        SCHEMA_FILE: json.dumps(document, ensure_ascii=False, indent=2) + "\n",
        PAGE_FILE: page_types(document["$defs"]),
    }


def main() -> int:
    """Write the files, or check them."""
    parser = argparse.ArgumentParser(description="Write docs/snapshot.schema.json and the page's types.")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a file is not up to date")
    check = parser.parse_args().check
    written = files()
    old = [path for path, text in written.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in old:
        if check:
            print(f"{path.relative_to(ROOT)} is not up to date: run `make schema`.")
        else:
            path.write_text(written[path], encoding="utf-8")
            print(f"{path.relative_to(ROOT)} is written.")
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
