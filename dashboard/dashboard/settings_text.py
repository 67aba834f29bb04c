"""The sentence for a setting that can't be used, and the settings as `--help` lists them."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

#: Name -> JSON Schema of the setting.
Fields = dict[str, dict[str, Any]]
#: The most characters of a sentence. A value may have any length.
MOST_CHARACTERS = 280


def sentence(error: ValidationError, fields: Fields) -> str:
    """One sentence: what the first wrong setting must be, and what it is. It never contains a secret."""
    details = error.errors(include_url=False, include_context=False)[0]
    name = str(details["loc"][0])
    return f"{name.upper()} must {_demand(details, fields[name])}"[:MOST_CHARACTERS]


def _demand(details: ErrorDetails, field: dict[str, Any]) -> str:
    match details["type"]:
        case "missing":
            return "be set"
        case "value_error":
            return details["msg"].removeprefix("Value error, ")
        case "too_short":
            return f"be at least {field['minLength']} characters long"
        case "literal_error":
            return f"be {', '.join(field['enum'][:-1])} or {field['enum'][-1]}, not {shown(details['input'])}"
    # Every other setting is a whole number.
    number = field["anyOf"][0] if "anyOf" in field else field
    least, most = number["minimum"], number.get("maximum")
    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
    return f"be a whole number {bounds}, not {shown(details['input'])}"


def shown(value: object) -> str:
    """A value as a sentence quotes it: the beginning of a long one, and no password of an address."""
    text = re.sub(r"//[^/\s@]*@", "//…@", repr(value))
    return text if len(text) <= 80 else f"{text[:80]}…"


def help_lines(fields: Fields) -> Iterator[str]:
    """Name and default of each setting, with its meaning in the lines below."""
    yield "settings (environment variables, or lines of .env):"
    indent = " " * 6
    for name, field in fields.items():
        note = " (must be set)" if "default" not in field else ""
        if field.get("default") not in (None, "", []):
            note = f" (default: {field['default']})"
        yield f"  {name.upper()}{note}"
        yield from textwrap.wrap(
            field["description"].replace("`", ""), 100, initial_indent=indent, subsequent_indent=indent
        )
