"""The rules of X's filtered stream: make them from the terms, and compare them with the rules that X has.

The rule language is documented on X's pages "Build a rule" and "Operators". A space means AND and binds tighter than
OR. An exclusion or a language needs a wanted term in the same rule. Keywords match whole tokens of the text, also those
of hashtags. A keyword that contains punctuation, or that is an operator, is written in quotes.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec
import regex

from ingest.posts import hashtags, labels, language
from ingest.posts.filter import Term

#: The bounds of X with pay-per-use access.
MAX_RULES = 1_000
MAX_RULE_CHARACTERS = 1_024
#: Marks our rules; X stores it with each rule.
TAG = "hashtags-live"

Retweets = Literal["drop", "keep"]

_BARE = regex.compile(r"[\p{L}\p{M}\p{N}_]+")
_OPERATORS = {"and", "or", "not"}
# The codes of X's operator `lang:`: present-day codes, and Chinese with a region. The posts themselves still have some
# older codes (xdevplatform/docs#307).
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


class RuleChange(NamedTuple):
    """The changes that make X's rules the wanted ones: values to add, ids to delete."""

    add: list[str]
    delete: list[str]


def stream_rules(
    terms: Sequence[Term], languages: Sequence[str], *, retweets: Retweets = "drop", own_rules: str = ""
) -> list[str]:
    """Return the rules for `TRACK` and `LANGUAGES`, or the user's own rules, if there are any.

    Args:
        terms: The terms of `TRACK`.
        languages: The codes of `LANGUAGES`.
        retweets: Whether X sends retweets.
        own_rules: Rules in X's language, on separate lines or separated by `;;`; "": none.

    Raises:
        ValueError: No term is wanted, or X would reject a rule. The text is one sentence.

    """
    rules = split_rules(own_rules) or _rules_from_terms(terms, languages, retweets)
    if len(rules) > MAX_RULES:
        raise ValueError(f"there are {len(rules):,} rules for X, which accepts at most {MAX_RULES:,}")
    for rule in rules:
        if _length(rule) > MAX_RULE_CHARACTERS:
            raise ValueError(f"a rule for X is longer than {MAX_RULE_CHARACTERS:,} characters: {rule[:50]}…")
    return rules


def split_rules(own_rules: str) -> list[str]:
    """Return the rules of X_RULES, which are on separate lines or separated by `;;`, each once."""
    rules = (rule.strip() for rule in _SEPARATOR.split(own_rules))
    return list(dict.fromkeys(rule for rule in rules if rule))


def diff(wanted: Sequence[str], present: Iterable[Rule]) -> RuleChange:
    """Return which rules to add and to delete. Only our own rules are deleted.

    A rule that X has already, even with another tag, is not added: X would reject it as a duplicate.
    """
    values = set(wanted)
    held = list(present)
    known = {rule.value for rule in held}
    stale = [rule.id for rule in held if rule.tag == TAG and rule.value not in values]
    return RuleChange([value for value in wanted if value not in known], stale)


def _rules_from_terms(terms: Sequence[Term], languages: Sequence[str], retweets: Retweets) -> list[str]:
    """Group the terms into as few rules as possible; each rule gets all exclusions and languages."""
    wanted = _operators(term for term in terms if not term.excluded)
    if not wanted:
        raise ValueError("SOURCE=x needs TRACK, with a term that is not excluded, or X_RULES: X bills each post")
    narrowing = [_language_clause(languages)] if languages else []
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
    wanted = group[0] if len(group) == 1 else f"({' OR '.join(group)})"
    return " ".join([wanted, *narrowing])


def _operators(terms: Iterable[Term]) -> list[str]:
    """Return the terms in X's syntax, each once; the case does not matter."""
    return list({(term.is_tag, labels.fold(term.text)): _operator(term) for term in terms}.values())


def _operator(term: Term) -> str:
    text = term.text
    if term.is_tag:
        if hashtags.extract(f"#{text}") != [text]:
            raise ValueError(f"#{text} can't be a hashtag, so X would reject it")
        return f"#{text}"
    if _BARE.fullmatch(text) and text.lower() not in _OPERATORS:
        return text
    # A backslash might end the quotes. Punctuation separates tokens, so a space means the same.
    return '"{}"'.format(text.replace("\\", " "))


def _language_clause(languages: Sequence[str]) -> str:
    try:
        wanted = language.parse_codes(languages)
    except ValueError as error:
        raise ValueError(f"LANGUAGES: {error}") from error
    codes = list(dict.fromkeys(code for each in wanted for code in _codes(each)))
    if not codes:
        raise ValueError(f"LANGUAGES: X marks no posts as {', '.join(languages)}, so it would send none")
    operators = [f"lang:{code}" for code in codes]
    return operators[0] if len(operators) == 1 else f"({' OR '.join(operators)})"


def _codes(code: str) -> list[str]:
    """Return X's codes for a language and its forms; [] if X does not mark posts with this language."""
    base = code.partition("-")[0]
    if base == "zh":
        return _CHINESE[language.chinese_script(code)]
    if base == "hi":
        return [code] if code == "hi-Latn" else ["hi", "hi-Latn"]
    name = "tl" if base == "fil" else base
    return [name] if name in _LANGUAGES else []


def _length(rule: str) -> int:
    """Return the length as X may count it: an emoji counts as two characters."""
    return len(rule.encode("utf-16-le", "surrogatepass")) // 2
