"""PUSH_TOKEN is a header's word: the services that send and take it refuse another one in the same words."""

from pathlib import Path

import pytest

from dashboard import settings as of_dashboard
from spark_job import settings as of_job

WORD = "PUSH_TOKEN must be one word of printable ASCII characters"


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("ñ-token-of-sixteen", WORD),
        ("€-token-of-sixteen", WORD),
        ("a-token\u00a0of-sixteen", WORD),
        ("a token of sixteen", WORD),
        (" a-token-of-sixteen", WORD),
        ("a-token-of-sixteen\t", WORD),
        ("a-token\r\nX-Header: 1", WORD),
        ("a-token\x7fof-sixteen", WORD),
        ("😀" * 16, WORD),
        ("a" * 4_097, "PUSH_TOKEN must be at most 4096 characters long"),
    ],
)
def test_what_no_header_carries_is_refused(
    token: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PUSH_TOKEN", token)
    with pytest.raises(of_job.SettingsError) as job:
        of_job.load()
    with pytest.raises(of_dashboard.SettingsError) as dashboard:
        of_dashboard.load()
    assert str(job.value) == str(dashboard.value) == sentence


@pytest.mark.parametrize("token", ["a" * 16, "a" * 4_096, "!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"])
def test_what_a_header_carries_is_taken(token: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PUSH_TOKEN", token)
    assert of_job.load().push_token.get_secret_value() == token
    assert of_dashboard.load().push_token.get_secret_value() == token
