"""Settings in words: the sentence for a value that can't be used, and the list that `--help` shows."""

import argparse
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from pydantic import ValidationError

MAX_VALUE_CHARACTERS = 80
MAX_SENTENCE_CHARACTERS = 280
#: The part of an address that may be a password.
_PASSWORD = re.compile(r"/[^/\s@]*:[^/\s@]*@")
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}

Schema = Mapping[str, Any]


class Parser(argparse.ArgumentParser):
    """A command line whose errors are one sentence, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Write the sentence and exit."""
        sys.stderr.write(f"ingest: {message}; --help lists what there is\n")
        sys.exit(2)


def settings_list(schema: Schema) -> str:
    """Return name, default and meaning of each setting in the JSON Schema of the settings."""
    lines = ["settings (environment variables, or lines of .env):"]
    for name, field in schema["properties"].items():
        default = field["default"]
        shown = ",".join(default) if isinstance(default, list) else default
        lines.append(f"  {name.upper()}" + (f" (default: {shown})" if shown not in {None, ""} else ""))
        meaning = field["description"].replace("`", "")
        if "examples" in field:
            meaning += f" Names: {', '.join(field['examples'])}."
        lines.append(textwrap.indent(textwrap.fill(meaning, 94), " " * 6))
    return "\n".join(lines)


def sentence(error: ValidationError, schema: Schema) -> str:
    """Return what the first wrong setting must be, and what it is; never the value of a secret."""
    first = error.errors(include_url=False, include_context=False)[0]
    said = first["msg"].removeprefix("Value error, ")
    if first["loc"]:
        name = str(first["loc"][0])
        if first["type"] != "value_error":
            said = f"be {_expected(schema['properties'][name])}, not {quoted(first['input'])}"
        said = f"{name.upper()} must {said}"
    return _PASSWORD.sub("/…@", said)[:MAX_SENTENCE_CHARACTERS]


def quoted(value: object) -> str:
    """Return a value as it is shown in a sentence, without the end of a long one."""
    return f"{value!r:.{MAX_VALUE_CHARACTERS}}"


def alternatives(words: Sequence[str]) -> str:
    """Return `a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]])


def _expected(field: Schema) -> str:
    """Return what the JSON Schema of a field accepts: one of several words, or a number."""
    if "enum" in field:
        return alternatives(field["enum"])
    number = field.get("anyOf", [field])[0]
    kind = "a whole number" if number["type"] == "integer" else "a number"
    if "minimum" in number and "maximum" in number:
        return f"{kind} from {number['minimum']} to {number['maximum']}"
    bounds = [f"{words} {number[key]}" for key, words in _BOUNDS.items() if key in number]
    return " of ".join([kind, *([" and ".join(bounds)] if bounds else [])])
