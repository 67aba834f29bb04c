"""A table `[[alert]]` of `ALERTS_FILE`, checked field by field."""

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from spark_job.alerts.rule import DEEPEST_TOP, EVERY_TAG, MAX_TOP, Rule
from spark_job.alerts_schema import NAME_CHARACTERS, Stream, When
from spark_job.mute.mute_list import ANY, fold, without_signs

#: The longest tag or pattern, and the longest name of a source or a language.
TAG_CHARACTERS, SCOPE_CHARACTERS = 200, 100
#: What a file says for every tag. The hashtag with this name is `#any`.
EVERY_WORD = "any"


class Refused(Exception):  # noqa: N818 - it is what happens to the rule
    """A rule can't be used. The text says why, and `field` where: None for the rule as a whole."""

    def __init__(self, field: str | None, why: str) -> None:
        super().__init__(why)
        self.field = field


class _Number(NamedTuple):
    """The least and the greatest value of a field, and whether it must be whole."""

    least: float
    most: float
    is_whole: bool = True


NUMBERS = {
    "top": _Number(1, MAX_TOP),
    "posts": _Number(1, 10**12),
    "per_second": _Number(0.001, 10**9, is_whole=False),
    "times": _Number(1.1, 10_000, is_whole=False),
    "least_score": _Number(0, 10**9, is_whole=False),
    "least_authors": _Number(1, 10**9),
    "share": _Number(0.01, 1, is_whole=False),
    "for_panes": _Number(1, 1000),
    "cooldown_seconds": _Number(0, 7 * 86_400),
}
TAG_FIELDS = ("tag", "lang", "source", "for_panes")
#: The fields of each condition beside `name`, `when` and `cooldown_seconds`, and those of which it needs exactly one.
FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "enters": ((*TAG_FIELDS, "top", "clear_top"), ("top",)),
    "leaves": ((*TAG_FIELDS, "top", "clear_top"), ("top",)),
    "rises": ((*TAG_FIELDS, "least_score", "least_authors"), ()),
    "passes": ((*TAG_FIELDS, "posts", "per_second", "clear_posts", "clear_per_second"), ("posts", "per_second")),
    "multiplies": ((*TAG_FIELDS, "times", "clear_times"), ("times",)),
    "taken_back": ((*TAG_FIELDS, "share", "clear_share"), ("share",)),
    "stream": (("stream",), ("stream",)),
}
COMMON = ("name", "when", "cooldown_seconds")
CLEAR = "clear_"


def rule_of(table: Mapping[str, Any]) -> Rule:
    """The rule that a table describes.

    Raises:
        Refused: It can't be used.

    """
    name = _text(table, "name", NAME_CHARACTERS)
    when = _choice(table, "when", get_args(When))
    known, one_of = FIELDS[when]
    for field in table:
        if field not in (*COMMON, *known):
            are = ", ".join((*COMMON, *known))
            raise Refused(field, f"{field!r:.80} is no field of a rule with when = {when!r}; the fields are {are}")
    if one_of and sum(field in table for field in one_of) != 1:
        needed = f"exactly one of {' and '.join(one_of)}" if len(one_of) > 1 else f"{one_of[0]!r}"
        raise Refused(None, f"a rule with when = {when!r} needs {needed}")
    if "lang" in table and "source" in table:
        raise Refused("source", "a rule has 'lang' or 'source', not both")
    values: dict[str, Any] = {field: _number(table, field, NUMBERS[field]) for field in NUMBERS if field in table}
    for field in ("lang", "source"):
        if field in table:
            values[field] = _text(table, field, SCOPE_CHARACTERS).lower()
    if "tag" in table:
        values["tag"] = _tag(_text(table, "tag", TAG_CHARACTERS))
    if when == "stream":
        values["stream"] = _choice(table, "stream", get_args(Stream))
    return Rule(name=name, when=when, clear=_clear(table, when), **values)


def _text(table: Mapping[str, Any], field: str, most: int) -> str:
    value = table.get(field)
    if field not in table:
        raise Refused(None, f"a rule needs {field!r}")
    if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
        raise Refused(field, f"{field!r} must be a text of 1 to {most} characters, not {_quoted(value)}")
    return value.strip()


def _choice(table: Mapping[str, Any], field: str, choices: tuple[Any, ...]) -> Any:
    value = _text(table, field, NAME_CHARACTERS)
    if value not in choices:
        raise Refused(field, f"{field!r} must be one of {', '.join(choices)}, not {value!r}")
    return value


def _number(table: Mapping[str, Any], field: str, bounds: _Number) -> Any:
    value = table[field]
    is_number = type(value) is int or (type(value) is float and not bounds.is_whole)
    if not is_number or not bounds.least <= value <= bounds.most:
        kind = "a whole number" if bounds.is_whole else "a number"
        raise Refused(
            field,
            f"{field!r} must be {kind} from {_shown(bounds.least)} to {_shown(bounds.most)}, not {_quoted(value)}",
        )
    return value


def _quoted(value: object) -> str:
    """A value of the file, for an error. Python can't write a whole number of thousands of digits, or a deep table."""
    try:
        return f"{value!r:.80}"
    except (ValueError, RecursionError):
        return "one that is too large" if isinstance(value, int) else "this"


def _shown(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _tag(text: str) -> str:
    """The key of a tag, or a pattern of keys."""
    if text == EVERY_WORD:
        return EVERY_TAG
    key = fold(without_signs(text))
    if not key.replace(ANY, "").strip():
        raise Refused("tag", "a pattern needs a letter; 'any' is every tag")
    if any(character.isspace() for character in key):
        raise Refused("tag", f"a tag has no blank, and {text!r} has one")
    return key


def _clear(table: Mapping[str, Any], when: str) -> float | None:
    """The amount beyond which the condition has ended, if the table has one."""
    fields = [field for field in table if field.startswith(CLEAR)]
    for field in fields:
        if field.removeprefix(CLEAR) not in table:
            raise Refused(field, f"{field!r} needs {field.removeprefix(CLEAR)!r}")
    if not fields:
        return None
    (field,) = fields
    of = field.removeprefix(CLEAR)
    amount = table[of]
    if when == "enters":
        bounds = _Number(amount, DEEPEST_TOP - 1)
    elif when == "leaves":
        bounds = _Number(1, amount)
    else:
        bounds = _Number(0, amount, is_whole=of == "posts")
    value = _number(table, field, bounds)
    return float(value)
