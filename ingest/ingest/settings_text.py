"""Settings in words for people: the sentence for one that can't be used, and the list that `--help` shows.

Each service has this file; a test keeps the copies equal.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from typing import Any, Literal, NoReturn, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

MAX_SHOWN_CHARACTERS = 80
MAX_SENTENCE_CHARACTERS = 280
#: What stands before the @ of an address may be a password.
_PASSWORD = re.compile(r"/[^/\s@]*:[^/\s@]*@")


class Parser(argparse.ArgumentParser):
    """A command line whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end with exit code 2."""
        name = self.prog.removeprefix("python -m ").split()[0].replace("_", "-")
        sys.stderr.write(f"{name}: {message}; --help lists what there is\n")
        sys.exit(2)


def service_parser(module: str, description: str, model: type[BaseSettings]) -> Parser:
    """A command line that takes nothing but `--help`, which lists the settings of `model`."""
    return Parser(
        prog=f"python -m {module}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=description,
        epilog=settings_list(model),
        allow_abbrev=False,
    )


def settings_list(model: type[BaseSettings]) -> str:
    """Every setting with its meaning and its default, a line each."""
    rows = [f"  {name.upper():<27} {field.description}{_default(field)}" for name, field in model.model_fields.items()]
    return "settings (environment variables, or lines of .env):\n" + "\n".join(rows)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return " (must be set)"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value is None or value == "" or value == []:
        return ""
    shown = ",".join(map(str, value)) if isinstance(value, list) else value
    return f" (default: {f'{shown:g}' if isinstance(shown, float) else shown})"


def sentence(error: ValidationError, model: type[BaseSettings]) -> str:
    """What is wrong with the first setting that can't be used; never the value of a secret."""
    text = _PASSWORD.sub("/…@", _sentence(error, model))
    return text if len(text) <= MAX_SENTENCE_CHARACTERS else f"{text[:MAX_SENTENCE_CHARACTERS]}…"


def _sentence(error: ValidationError, model: type[BaseSettings]) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    field = str(first["loc"][0])
    info, name = model.model_fields[field], field.upper()
    if first["type"] == "missing":
        return f"{name} must be set"
    if first["type"] == "value_error":
        return f"{name}: {message}"
    value = "" if SecretStr in _types(info) else f", not {_shown(first['input'])}"
    wanted = _wanted(info)
    return f"{name} must be {wanted}{value}" if wanted else f"{name}: {message[0].lower()}{message[1:]}{value}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}…"


def _types(info: FieldInfo) -> tuple[Any, ...]:
    return tuple(one for one in get_args(info.annotation) if one is not type(None)) or (info.annotation,)


def _wanted(info: FieldInfo) -> str:
    """What the value of a setting must be; empty if its type does not say."""
    if info.examples:
        return f"something like {join_or(map(str, info.examples))}"
    if get_origin(info.annotation) is Literal:
        return join_or(map(str, get_args(info.annotation)))
    types, bounds = _types(info), _bounds(info)
    if int in types:
        return f"a whole number{bounds}"
    if float in types:
        return f"a number{bounds}"
    shortest = next((one.min_length for one in info.metadata if isinstance(one, MinLen)), None)
    return f"at least {shortest} characters long" if shortest else ""


def _bounds(info: FieldInfo) -> str:
    least = next((one.ge for one in info.metadata if isinstance(one, Ge)), None)
    above = next((one.gt for one in info.metadata if isinstance(one, Gt)), None)
    most = next((one.le for one in info.metadata if isinstance(one, Le)), None)
    below = next((one.lt for one in info.metadata if isinstance(one, Lt)), None)
    if least is not None and most is not None:
        return f" from {least} to {most}"
    words = {"of at least": least, "above": above, "of at most": most, "below": below}
    parts = [f"{word} {bound}" for word, bound in words.items() if bound is not None]
    return f" {' and '.join(parts)}" if parts else ""


def join_or(words: Iterable[str]) -> str:
    """`a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
