"""`ALERTS_FILE`: rules in a TOML file, which is read again when it changes."""

import re
import sys
from collections.abc import Collection
from pathlib import Path

from msgspec import UNSET

from spark_job.alerts.explain import explain
from spark_job.alerts.rule import Rule, Rules
from spark_job.alerts.rule_table import Refused, rule_of
from spark_job.alerts_schema import MAX_RULES, AlertRule, AlertRules
from spark_job.mute.mute_list import MuteList
from spark_job.watched_file import FileRefusedError, WatchedFile, read_text

HEADER = re.compile(r"\s*\[\[\s*(alert|\"alert\"|'alert')\s*\]\]")
#: How Python's reader of TOML says where an error is.
TOML_ERROR = re.compile(r"(?P<what>.*) \(at (line (?P<line>\d+), column \d+|end of document)\)", re.DOTALL)

#: Python makes no number of so many digits.
DIGITS = re.compile(r"\d[\d_]{4000}")
#: The most characters of what it says: it may quote a name of any length.
WHAT_CHARACTERS = 200


def read(path: Path) -> Rules:
    """Read the file: one table `[[alert]]` for each rule.

    Raises:
        FileRefusedError: The file can't be used. The sentence names the line.

    """
    return parse(read_text(path, "have no rules"), str(path))


def parse(text: str, where: str) -> Rules:
    """The rules of a text. `where` names the file in errors.

    Raises:
        FileRefusedError: It has no rules that can be used.

    """
    tables = _tables(text, where)
    lines = _Lines(text, len(tables))
    if len(tables) > MAX_RULES:
        raise FileRefusedError(f"{where}{lines.of(MAX_RULES)}: a file has at most {MAX_RULES} rules")
    rules: list[Rule] = []
    try:
        for table in tables:
            rules.append(_rule(table, {rule.name for rule in rules}))
    except Refused as error:
        raise FileRefusedError(f"{where}{lines.of(len(rules), error.field)}: {error}") from error
    return tuple(rules)


def _rule(table: object, names: Collection[str]) -> Rule:
    """The rule of a table. No other rule has its name, which is not one of `names`."""
    if not isinstance(table, dict):
        raise Refused(None, "a rule is a table [[alert]]")
    rule = rule_of(table)
    if rule.name in names:
        raise Refused("name", f"there is another rule with the name {rule.name!r}")
    return rule


def _tables(text: str, where: str) -> list[object]:
    """The tables `alert` of a text in TOML."""
    if sys.version_info < (3, 11):
        raise FileRefusedError(f"{where} is TOML, which the job can read with Python 3.11 and later")
    import tomllib  # noqa: PLC0415 - Python 3.10 has no such module

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileRefusedError(_toml_sentence(str(error), text, where)) from error
    except RecursionError as error:
        raise FileRefusedError(f"{where}: its values are nested too deeply") from error
    except ValueError as error:
        line = next((f", line {number}" for number, line in enumerate(text.splitlines(), 1) if DIGITS.search(line)), "")
        raise FileRefusedError(f"{where}{line}: a number has too many digits") from error
    other = next((name for name in document if name != "alert"), None)
    if other is not None:
        raise FileRefusedError(
            f"{where}{_line_of_name(text, other)}: {other!r:.80} is unknown; each rule is a table [[alert]]"
        )
    tables = document.get("alert", [])
    if not isinstance(tables, list):
        raise FileRefusedError(f"{where}{_line_of_name(text, 'alert')}: write [[alert]] with two brackets")
    return tables


def _toml_sentence(error: str, text: str, where: str) -> str:
    found = TOML_ERROR.fullmatch(error)
    if found is None:
        return f"{where} is not TOML: {error[:WHAT_CHARACTERS]}"
    line = found["line"] or str(len(text.splitlines()))
    return f"{where}, line {line}: this is not TOML: {found['what'][:1].lower()}{found['what'][1:WHAT_CHARACTERS]}"


def _line_of_name(text: str, name: str) -> str:
    """Where a name is defined, as a part of a sentence. Empty if that can't be found."""
    pattern = re.compile(rf"\s*\[*\s*[\"']?{re.escape(name)}[\"']?\s*[=\].]")
    return next((f", line {number}" for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), "")


class _Lines:
    """Finds the line of a rule and of its fields: Python's reader of TOML says only where the text is no TOML."""

    def __init__(self, text: str, tables: int) -> None:
        self._lines = text.splitlines()
        headers = [number for number, line in enumerate(self._lines, 1) if HEADER.match(line)]
        # Tables in another form, or a header inside a text: then the number of the rule must do.
        self._headers = headers if len(headers) == tables else []

    def of(self, place: int, field: str | None = None) -> str:
        """Where a rule is, or a field of it, as a part of a sentence."""
        if not self._headers:
            return f", rule {place + 1}"
        begin = self._headers[place]
        end = self._headers[place + 1] - 1 if place + 1 < len(self._headers) else len(self._lines)
        pattern = re.compile(rf"\s*[\"']?{re.escape(field or '')}[\"']?\s*=")
        lines = range(begin, end) if field is not None else ()
        return f", line {next((number + 1 for number in lines if pattern.match(self._lines[number])), begin)}"


def _shown(rule: Rule) -> AlertRule:
    sentences = explain(rule)
    return AlertRule(
        name=rule.name,
        when=rule.when,
        cooldown_seconds=rule.cooldown_seconds,
        sentence_en=sentences.en,
        sentence_es=sentences.es,
        stream=UNSET if rule.stream is None else rule.stream,
    )


class RulesFile(WatchedFile[Rules]):
    """The rules of now. A file that can't be used leaves them as they are, and `error` says why."""

    setting, stays = "ALERTS_FILE", "the rules from before are still in use"

    def __init__(self, path: Path | None) -> None:
        """Read the file for the first time. Without a path there are no rules.

        Raises:
            FileRefusedError: It can't be used.

        """
        super().__init__(path, read, ())
        self._explained: tuple[Rules, list[AlertRule]] = ((), [])

    def shown(self, muted: MuteList) -> AlertRules | None:
        """The rules as they are sent, with why the current file can't be used. None without a file.

        A rule about a muted tag is left out: its sentence has the tag.
        """
        if self._path is None:
            return None
        rules, error = self.content, self.error
        if self._explained[0] is not rules:
            self._explained = rules, [_shown(rule) for rule in rules]
        explained = zip(rules, self._explained[1], strict=True)
        shown = [sentence for rule, sentence in explained if rule.key is None or not muted.hides(rule.key)]
        return AlertRules(rules=shown, error=error)

    def describe(self) -> str:
        """How many rules there are."""
        return f"{len(self.content)} rules"
