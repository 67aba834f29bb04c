"""Decode a line of foreign JSON into a struct, or give the reason why it can't be decoded."""

import json
from typing import TypeVar

import msgspec

from ingest.posts.post import fix_surrogates

_T = TypeVar("_T")


class FormatError(ValueError):
    """A line is not a post. The text is the reason, which is the same for all lines of this kind."""


def decode(line: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """Return the struct that `decoder` makes of `line`.

    Raises:
        FormatError: The line is not UTF-8, not JSON, nested too deep, or of another shape.

    """
    try:
        # msgspec does not check the UTF-8 of fields that the struct doesn't have.
        if not line.isascii():
            line.decode()
        return decoder.decode(line)
    except UnicodeDecodeError as error:
        raise FormatError("not UTF-8") from error
    except msgspec.ValidationError as error:
        raise FormatError("wrong shape") from error
    except msgspec.DecodeError as error:
        if b"\\ud" not in line.lower():
            raise FormatError("not JSON") from error
        return _decode_with_half_pairs(line, decoder)
    except RecursionError as error:
        raise FormatError("nested too deep") from error


def _decode_with_half_pairs(line: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    r"""Decode a line with half a surrogate pair, such as a lone `\ud83d` in a text that was cut within an emoji."""
    try:
        fixed = fix_surrogates(json.dumps(json.loads(line), ensure_ascii=False))
        return decoder.decode(fixed.encode())
    except msgspec.ValidationError as error:
        raise FormatError("wrong shape") from error
    except (ValueError, RecursionError) as error:
        raise FormatError("not JSON") from error
