"""Describe settings in words: what a wrong one must be, and the list that `--help` shows."""

import re
import textwrap
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

#: The part of an address before the @ may be a password.
PASSWORD = re.compile(r"//[^/\s@]*@")
LONGEST_SENTENCE = 280


def sentence(error: ValidationError, fields: Mapping[str, Any]) -> str:
    """The sentence about the first setting that can't be used, without the value of a secret.

    `fields`: the JSON Schema of each field.
    """
    (found, *_) = error.errors(include_url=False, include_context=False)
    message = found["msg"].removeprefix("Value error, ")
    if not found["loc"]:
        return message
    field = str(found["loc"][0])
    if found["type"] == "missing":
        message = "be set"
    elif found["type"] != "value_error":
        message = f"be {_wanted(fields[field])}{_but_is(fields[field], found['input'])}"
    return PASSWORD.sub("//…@", f"{field.upper()} must {message}")[:LONGEST_SENTENCE]


def _wanted(field: Mapping[str, Any]) -> str:
    """The values that a field accepts. Each number of the job has two bounds."""
    if "maximum" in field:
        number = "whole number" if field["type"] == "integer" else "number"
        return f"a {number} from {field['minimum']} to {field['maximum']}"
    if "minLength" in field:
        return f"at least {field['minLength']} characters long"
    *words, last = field.get("enum") or field["examples"]
    return f"{'something like ' if 'examples' in field else ''}{', '.join(words)} or {last}"


def _but_is(field: Mapping[str, Any], value: object) -> str:
    return "" if field.get("format") == "password" else f", not {value!r:.80}"


def help_text(fields: Mapping[str, Any]) -> str:
    """Every setting of the job with its default, and its meaning below."""
    paragraphs = []
    for name, field in fields.items():
        default = f"default: {field['default']}" if "default" in field else "must be set"
        meaning = textwrap.fill(field["description"].replace("`", ""), 94)
        paragraphs.append(f"{name.upper()} ({default})\n{textwrap.indent(meaning, '    ')}".replace(" (default: )", ""))
    return "settings (environment variables, or lines of .env):\n" + textwrap.indent("\n".join(paragraphs), "  ")
