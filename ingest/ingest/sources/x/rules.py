"""The rules of X's filtered stream: made from the terms, and compared with those that X has.

The rule language is that of X's pages "Build a rule" and "Operators": a space is AND and binds tighter than OR; what is
excluded, or of a language, must stand beside something that is looked for; keywords match whole tokens of the text,
those of hashtags too; a keyword with punctuation in it, or one that is an operator, stands in quotes.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec
import regex

from ingest.posts import hashtags, labels, language
from ingest.posts.filter import Term

#: What X allows with pay-per-use access.
MAX_RULES = 1_000
MAX_RULE_CHARACTERS = 1_024
#: Marks the rules that are ours; X shows it with each of them.
TAG = "hashtags-live"

Retweets = Literal["drop", "keep"]

_BARE = regex.compile(r"[\p{L}\p{M}\p{N}_]+")
_OPERATORS = {"and", "or", "not"}
# The languages by which X tells posts, as its operator `lang:` wants them: today's codes, and Chinese with a region.
# The posts themselves still have some codes of before (xdevplatform/docs#307).
_LANGUAGES = frozenset(
    """
    am ar bg bn bo bs ca ckb cs cy da de dv el en es et eu fa fi fr gu he hr ht hu hy id is it ja ka km kn ko lo lt lv
    ml mr my ne nl no or pa pl ps pt ro ru sd si sk sl sr sv ta te th tl tr ug uk und ur vi
    """.split()  # noqa: SIM905 - easier to compare with X's list
)
_CHINESE = {"Hans": ["zh-CN"], "Hant": ["zh-TW"], None: ["zh-CN", "zh-TW"]}
_SEPARATOR = regex.compile(r"\n|;;")


class Rule(msgspec.Struct, frozen=True, gc=False):
    """A rule that X has."""

    id: str
    value: str
    tag: str | None = None


class Change(NamedTuple):
    """What makes X's rules those that we want: values to add, ids to delete."""

    add: list[str]
    delete: list[str]


def stream_rules(
    terms: Sequence[Term], languages: Sequence[str], *, retweets: Retweets = "drop", own_rules: str = ""
) -> list[str]:
    """Return the rules for `TRACK` and `LANGUAGES`; or `own_rules` as they are, one a line or parted by `;;`.

    Raises:
        ValueError: nothing is left to look for, or X would not take it; one sentence.

    """
    rules = split_rules(own_rules) or _made(terms, languages, retweets)
    if len(rules) > MAX_RULES:
        raise ValueError(f"this makes {len(rules):,} rules for X, which takes {MAX_RULES:,}")
    for rule in rules:
        if _length(rule) > MAX_RULE_CHARACTERS:
            raise ValueError(f"a rule for X is longer than {MAX_RULE_CHARACTERS:,} characters: {rule[:50]}…")
    return rules


def split_rules(own_rules: str) -> list[str]:
    """Return the rules that somebody wrote, one a line or parted by `;;`, each once."""
    rules = (rule.strip() for rule in _SEPARATOR.split(own_rules))
    return list(dict.fromkeys(rule for rule in rules if rule))


def change(wanted: Sequence[str], present: Iterable[Rule]) -> Change:
    """Return what to add and what to delete; only rules of ours are deleted.

    A value that X has already, even under another tag, is not added: X would refuse it as a duplicate.
    """
    values = set(wanted)
    held = list(present)
    known = {rule.value for rule in held}
    stale = [rule.id for rule in held if rule.tag == TAG and rule.value not in values]
    return Change([value for value in wanted if value not in known], stale)


def _made(terms: Sequence[Term], languages: Sequence[str], retweets: Retweets) -> list[str]:
    """Group the terms into as few rules as hold them, each with all that narrows it."""
    wanted = _operators(term for term in terms if not term.excluded)
    if not wanted:
        raise ValueError("SOURCE=x needs TRACK, with a term that is not excluded, or X_RULES: X bills each post")
    narrowing = [_spoken(languages)] if languages else []
    narrowing += [f"-{operator}" for operator in _operators(term for term in terms if term.excluded)]
    if retweets == "drop":
        narrowing.append("-is:retweet")
    rules: list[str] = []
    group: list[str] = []
    for operator in wanted:
        if group and _length(_rule([*group, operator], narrowing)) > MAX_RULE_CHARACTERS:
            rules.append(_rule(group, narrowing))
            group = []
        group.append(operator)
    return [*rules, _rule(group, narrowing)]


def _rule(group: Sequence[str], narrowing: Sequence[str]) -> str:
    looked_for = group[0] if len(group) == 1 else f"({' OR '.join(group)})"
    return " ".join([looked_for, *narrowing])


def _operators(terms: Iterable[Term]) -> list[str]:
    """Return the terms as X writes them, each once, whatever its case."""
    return list({(term.is_tag, labels.fold(term.text)): _operator(term) for term in terms}.values())


def _operator(term: Term) -> str:
    text = term.text
    if term.is_tag:
        if hashtags.extract(f"#{text}") != [text]:
            raise ValueError(f"#{text} can't be a hashtag, and X would not take it")
        return f"#{text}"
    if _BARE.fullmatch(text) and text.lower() not in _OPERATORS:
        return text
    # Tokens are parted at punctuation, so a space stands for a backslash, which might end the quotes.
    return '"{}"'.format(text.replace("\\", " "))


def _spoken(languages: Sequence[str]) -> str:
    try:
        chosen = language.parse_codes(languages)
    except ValueError as error:
        raise ValueError(f"LANGUAGES: {error}") from error
    codes = list(dict.fromkeys(code for each in chosen for code in _codes(each)))
    if not codes:
        raise ValueError(f"LANGUAGES: X marks no posts as {', '.join(languages)}, so it would send none")
    operators = [f"lang:{code}" for code in codes]
    return operators[0] if len(operators) == 1 else f"({' OR '.join(operators)})"


def _codes(code: str) -> list[str]:
    """Return what X calls a language, in all its forms; nothing if it has no such posts."""
    base = code.partition("-")[0]
    if base == "zh":
        return _CHINESE[language.chinese_script(code)]
    if base == "hi":
        return [code] if code == "hi-Latn" else ["hi", "hi-Latn"]
    name = "tl" if base == "fil" else base
    return [name] if name in _LANGUAGES else []


def _length(rule: str) -> int:
    """Return the length as X may count it: an emoji as two."""
    return len(rule.encode("utf-16-le", "surrogatepass")) // 2
