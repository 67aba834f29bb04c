"""A secret: given itself, or as a file that holds it."""

from pathlib import Path

from pydantic import SecretStr

MAX_CHARACTERS = 4096


def read(name: str, value: SecretStr, file: str) -> str | None:
    """Return the secret of the settings `name` (its `value`) and `name`_FILE (`file`); None if neither is given.

    Raises:
        ValueError: both are given, or the file can't be read, or what is given can't be sent as a token. One sentence
            that names the setting, and never the secret.

    """
    if value and file:
        raise ValueError(f"{name} and {name}_FILE: give one of them, not both")
    if file:
        return _token(f"{name}_FILE: {file}", _content(name, file))
    return _token(name, value.get_secret_value().strip()) if value else None


def _content(name: str, file: str) -> str:
    try:
        with Path(file).open(encoding="utf-8-sig") as opened:
            return opened.read(MAX_CHARACTERS + 1).strip()
    except OSError as error:
        raise ValueError(f"{name}_FILE: {file} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        # What it holds stays out of the chain of causes.
        raise ValueError(f"{name}_FILE: {file} is not UTF-8") from None


def _token(where: str, token: str) -> str:
    """Return the token; a library that finds it unfit for a header would say so together with the token."""
    if not token:
        raise ValueError(f"{where} is empty")
    if len(token) > MAX_CHARACTERS or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError(f"{where} is not one word of printable ASCII characters")
    return token
