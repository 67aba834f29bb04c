"""Read a secret from a setting, or from the file that a setting names."""

from pathlib import Path

from pydantic import SecretStr

#: The longest secret.
MAX_CHARACTERS = 4096


def read(name: str, value: SecretStr, file: str) -> str | None:
    """Return the secret of the settings `name` and `name`_FILE; None if neither is set.

    Args:
        name: Name of the setting, for errors.
        value: Value of the setting `name`.
        file: Value of the setting `name`_FILE.

    Raises:
        ValueError: Both are set, or the file can't be read, or the secret can't be sent as a token. The text is one
            sentence that names the setting, and never contains the secret.

    """
    if value and file:
        raise ValueError(f"{name} and {name}_FILE must not both be set")
    if file:
        return _token(f"{name}_FILE must be a file with", _content(name, file))
    return _token(f"{name} must be", value.get_secret_value().strip()) if value else None


def _content(name: str, file: str) -> str:
    try:
        with Path(file).open(encoding="utf-8-sig") as opened:
            return opened.read(MAX_CHARACTERS + 1).strip()
    except OSError as error:
        raise ValueError(f"{name}_FILE must be a file that can be read, not {file!r:.80} ({error.strerror})") from None
    except UnicodeDecodeError:
        # `from None`: the error would quote the content.
        raise ValueError(f"{name}_FILE must be a file in UTF-8, not {file!r:.80}") from None


def _token(must_be: str, token: str) -> str:
    """Return the token if a header can hold it; otherwise a library would quote it in an error."""
    if not token or len(token) > MAX_CHARACTERS or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError(f"{must_be} one word of printable ASCII characters")
    return token
