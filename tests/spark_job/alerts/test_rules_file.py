"""`ALERTS_FILE`: what is a rule, which line is wrong, and how a change is used."""

from pathlib import Path

import pytest

from spark_job.alerts.rule import Rule
from spark_job.alerts.rules_file import RulesFile, read
from spark_job.mute.mute_list import MuteList
from spark_job.watched_file import FileRefusedError

GOOD = '[[alert]]\nname = "a"\nwhen = "enters"\ntag = "#WorldCup"\ntop = 3\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "alerts.toml"


def test_each_table_is_a_rule(file: Path) -> None:
    file.write_text(
        GOOD + '\n[[alert]]\nname = "b"\nwhen = "passes"\nper_second = 2\nlang = "ES"\ntag = "crypto*"\nfor_panes = 3\n'
        'cooldown_seconds = 60\nclear_per_second = 1.5\n[[alert]]\nname = "c"\nwhen = "stream"\nstream = "posts lost"\n'
    )
    assert read(file) == (
        Rule(name="a", when="enters", tag="worldcup", top=3),
        Rule(
            *(),
            name="b",
            when="passes",
            per_second=2,
            lang="es",
            tag="crypto*",
            for_panes=3,
            cooldown_seconds=60,
            clear=1.5,
        ),
        Rule(name="c", when="stream", stream="posts lost"),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty; a comment is enough to have no rules"),
        ("[[alert]]\nname = \n", "line 2: this is not TOML: invalid value"),
        ('[[alert]]\nname = "a', "line 2: this is not TOML:"),
        ("[alert]\n", "line 1: write [[alert]] with two brackets"),
        ("\n[[alarm]]\n", "line 2: 'alarm' is unknown; each rule is a table [[alert]]"),
        ("\n[[alert]]\n", "line 2: a rule needs 'name'"),
        ('[[alert]]\nname = "a"\n', "line 1: a rule needs 'when'"),
        ('[[alert]]\nname = "a"\nwhen = "falls"\n', "line 3: 'when' must be one of enters, leaves, rises, passes,"),
        (f'[[alert]]\nname = "{"a" * 81}"\n', "line 2: 'name' must be a text of 1 to 80 characters"),
        (
            GOOD + "posts = 5\n",
            "line 6: 'posts' is no field of a rule with when = 'enters'; the fields are name, when,",
        ),
        (GOOD.replace("3", "21"), "line 5: 'top' must be a whole number from 1 to 20, not 21"),
        (GOOD.replace("3", "true"), "line 5: 'top' must be a whole number from 1 to 20, not True"),
        (GOOD.replace("3", "3.0"), "line 5: 'top' must be a whole number from 1 to 20, not 3.0"),
        (GOOD.replace("top = 3", ""), "line 1: a rule with when = 'enters' needs 'top'"),
        (GOOD.replace("#WorldCup", "*"), "line 4: a pattern needs a letter; 'any' is every tag"),
        (GOOD.replace("#WorldCup", "World Cup"), "line 4: a tag has no blank, and 'World Cup' has one"),
        (GOOD + 'lang = "es"\nsource = "x"\n', "line 7: a rule has 'lang' or 'source', not both"),
        (GOOD + "clear_top = 2\n", "line 6: 'clear_top' must be a whole number from 3 to 39, not 2"),
        (GOOD + "\n" + GOOD, "line 8: there is another rule with the name 'a'"),
        (
            '[[alert]]\nname = "a"\nwhen = "passes"\nposts = 5\nper_second = 2\n',
            "line 1: a rule with when = 'passes' needs exactly one of posts and per_second",
        ),
        (
            '[[alert]]\nname = "a"\nwhen = "passes"\nposts = 5\nclear_per_second = 2\n',
            "line 5: 'clear_per_second' needs 'per_second'",
        ),
        ('[[alert]]\nname = "a"\nwhen = "stream"\nstream = "all"\n', "line 4: 'stream' must be one of source refused,"),
        ("alert = [5]\n", ", rule 1: a rule is a table [[alert]]"),
        (GOOD.replace("3", "9" * 4301), "line 5: a number has too many digits"),
        (
            GOOD.replace("3", "0x" + "f" * 4500),
            "line 5: 'top' must be a whole number from 1 to 20, not one that is too",
        ),
        (f"{GOOD}x = {'[' * 20_000}", ": its values are nested too deeply"),
        (f"[[alert]]\nname{'.a' * 20_000} = 1\n", "line 1: 'name' must be a text of 1 to 80 characters, not "),
        (f"{'a' * 200_000} = 1\n", f"line 1: '{'a' * 79} is unknown; each rule is a table [[alert]]"),
        (f"{GOOD}{'a' * 200_000} = 1\n", f"line 6: '{'a' * 79} is no field of a rule with when = 'enters'"),
        (f"[{'a' * 100_000}]\n[{'a' * 100_000}]\n", "line 2: this is not TOML: cannot declare ('aaaa"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_the_line(file: Path, text: str, sentence: str) -> None:
    file.write_text(text)
    with pytest.raises(FileRefusedError) as error:
        read(file)
    assert sentence in str(error.value)
    assert len(str(error.value)) <= 501
    assert "\n" not in str(error.value)


def test_a_file_has_at_most_a_hundred_rules(file: Path) -> None:
    rules = [GOOD.replace('"a"', f'"a{number}"') for number in range(101)]
    file.write_text("".join(rules[:100]))
    assert len(read(file)) == 100
    file.write_text("".join(rules))
    with pytest.raises(FileRefusedError, match="line 501: a file has at most 100 rules"):
        read(file)


def test_the_example_of_the_documentation_can_be_used() -> None:
    example = Path(__file__).parents[3] / "docs" / "examples" / "alerts.toml"
    assert [rule.when for rule in read(example)] == ["enters", "rises", "passes", "taken_back", "stream"]
    rules = "".join(f"    {line}".rstrip() + "\n" for line in example.read_text().splitlines()[2:])
    assert rules in example.parents[1].joinpath("alerts.md").read_text()


def test_a_comment_alone_is_no_rule(file: Path) -> None:
    file.write_text("# nothing today\n")
    assert read(file) == ()


def test_a_change_is_used_whole_or_not_at_all(file: Path) -> None:
    file.write_text(GOOD)
    rules = RulesFile(file)
    shown = rules.shown(MuteList())
    assert shown is not None
    assert [(one.name, one.when, one.cooldown_seconds) for one in shown.rules] == [("a", "enters", 3600)]
    assert shown.error is None
    file.write_text(GOOD.replace('"a"', '"b"') + "[[alert]]\n")
    rules.check()
    shown = rules.shown(MuteList())
    assert shown is not None
    assert [one.name for one in shown.rules] == ["a"]
    assert shown.error == f"{file}, line 6: a rule needs 'name'"
    file.unlink()
    rules.check()
    assert [rule.name for rule in rules.content] == ["a"]
    file.write_text(GOOD.replace('"a"', '"b"'))
    rules.check()
    shown = rules.shown(MuteList())
    assert shown is not None
    assert ([one.name for one in shown.rules], shown.error) == (["b"], None)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("3", "9" * 4301).encode(),
        GOOD.replace("3", "0x" + "f" * 4500).encode(),
        b"x = " + b"[" * 20_000,
        b"",
        b"\xff\xfe",
        b"\x00" * 100,
        bytes(range(256)) * 100,
        b"a." * 5_000 + b"a = 1",
        b"[[alert]]\n" * 20_000,
    ],
)
def test_whatever_is_written_into_the_file_the_rules_from_before_stay_in_use(file: Path, content: bytes) -> None:
    file.write_text(GOOD)
    rules = RulesFile(file)
    file.write_bytes(content)
    rules.check()
    shown = rules.shown(MuteList())
    assert shown is not None
    assert [rule.name for rule in rules.content] == ["a"]
    assert shown.error is not None
    assert len(shown.error) <= 501


def test_an_error_in_the_reader_itself_is_an_error_of_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(GOOD)
    rules = RulesFile(file)

    def broken(_: Path) -> tuple[Rule, ...]:
        raise ZeroDivisionError

    monkeypatch.setattr(rules, "_read", broken)
    file.write_text(GOOD + "\n")
    rules.check()
    assert (rules.error, len(rules.content)) == (f"{file} can't be used (ZeroDivisionError)", 1)


def test_without_a_file_nothing_is_sent() -> None:
    rules = RulesFile(None)
    rules.check()
    assert (rules.content, rules.shown(MuteList())) == ((), None)
