"""A line of JSON that somebody else wrote: read into a struct, or the reason why not."""

import json
from typing import TypeVar

import msgspec

from ingest.posts.post import fix_surrogates

_T = TypeVar("_T")


class FormatError(ValueError):
    """A line that is no post; the text is the reason, the same for all of its kind."""


def decode(line: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """Return what `decoder` makes of `line`.

    Raises:
        FormatError: it is not UTF-8, not JSON, nested too deep, or of another shape.

    """
    try:
        # msgspec doesn't look into what the struct has no field for.
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
    r"""Decode a line in which an escape like `\ud83d` stands alone, as in a text that was cut within an emoji."""
    try:
        mended = fix_surrogates(json.dumps(json.loads(line), ensure_ascii=False))
        return decoder.decode(mended.encode())
    except msgspec.ValidationError as error:
        raise FormatError("wrong shape") from error
    except (ValueError, RecursionError) as error:
        raise FormatError("not JSON") from error
