"""Names that are no setting: a misspelt one is told, and not ignored.

Each service has this file; a test keeps the copies equal and the names complete.
"""

import io
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TextIO

from dotenv.parser import parse_stream

SETTINGS = frozenset(
    """
    API_REQUESTS_PER_MINUTE BIND BLUESKY_HOSTS CONNECTIONS_PER_ADDRESS CORS_ORIGINS DASHBOARD_PORT
    DASHBOARD_URL DATA_DIR DEMO_RATE DEMO_SEED DRIVER_HOST EMBED_ORIGINS INGEST_HOST INGEST_PORT LANGUAGES
    LIMIT LOG_FORMAT LOG_LEVEL MASTODON_ACCESS_TOKEN MASTODON_ACCESS_TOKEN_FILE MASTODON_URL MAX_PAGES
    MAX_POSTS_PER_BATCH MESSAGE_QUEUE PANE_SECONDS PROXY_PORT PUBLIC_URL PUSH_TOKEN REPLAY_FILE REPLAY_SPEED
    REQUESTS_PER_MINUTE SOURCE SPARK_MASTER SPOOL_MAX_AGE SPOOL_MAX_BYTES TAIL_PORT TOP_N TOTAL_MAX_TAGS TRACK
    TRACK_FILE TRIGGER_SECONDS TRUSTED_PROXIES WINDOW_SECONDS X_BEARER_TOKEN X_BEARER_TOKEN_FILE X_DAILY_LIMIT
    X_MONTHLY_LIMIT X_PRICE_PER_POST X_RETWEETS X_RULES
    """.split()  # noqa: SIM905 - 50 names are easier to read without quotation marks
)
#: What docker-compose.yml reads besides, from the same `.env`.
COMPOSE = frozenset(
    """
    HTTPS_PORT HTTP_PORT IMAGE_TAG INPUT_DIR LOGIN_FILE PUSH_SECRET_DIR SITE SPARK_IMAGE SPARK_SECRET_DIR
    SPARK_WORKER_CORES
    """.split()  # noqa: SIM905
)
#: What the Makefile reads, from its command line or the environment.
MAKE = frozenset({"FRESH", "ONLY", "PYTHON", "QUICK", "STRICT"})
#: What other programs read: such a name may stand in the same `.env`, or behind `make run`.
FOREIGN = re.compile(
    r"(COMPOSE|DOCKER|BUILDKIT|SPARK|PYSPARK|PYTHON|HADOOP|JAVA|JDK|PIP|UV|LC|XDG|SSL|REQUESTS_CA|CURL_CA)_?\w*"
    r"|_JAVA_OPTIONS|(ALL|HTTP|HTTPS|NO)_PROXY|BROWSER|HOME|LANG|LANGUAGE|MAKE\w*|PATH|SHELL|TERM|TMPDIR|TZ|V|VERBOSE"
)
#: Near one of ours, and common.
COMMON = frozenset({"TRACE"})
LONG_NAME = 8


class SettingNameError(Exception):
    """`.env` can't be read, or somebody set what is no setting; one sentence."""


def read_env_file(path: Path) -> dict[str, str]:
    """The names and values of a `.env`; none if there is no such file.

    Raises `SettingNameError` if it can't be read.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except IsADirectoryError as error:
        raise SettingNameError(f"{path} is a folder, and not a file of settings") from error
    except OSError as error:
        raise SettingNameError(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingNameError(f"{path} is not UTF-8: look at line {line}") from error
    found = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            raise SettingNameError(f"{path}: line {binding.original.line} is not of the form NAME=value")
        if binding.key is not None:
            found[binding.key] = binding.value or ""
    return found


def refuse_unknown(names: Iterable[str], where: str) -> None:
    """Raise `SettingNameError` for the first of `names` that nobody reads; `where` is where they stand."""
    for name in names:
        if name.upper() in SETTINGS or name in COMPOSE | MAKE:
            continue
        near = nearest(name)
        if near is None and FOREIGN.fullmatch(name.upper()):
            continue
        guess = near or next(iter(get_close_matches(name.upper(), sorted(SETTINGS), 1)), None)
        raise SettingNameError(f"{name} {where} is not a setting" + (f"; did you mean {guess}?" if guess else ""))


def misspelt(environ: Mapping[str, str]) -> dict[str, str]:
    """Names of the environment that are nearly a setting, and that setting. The environment is full of other names."""
    found = {}
    for name in environ:
        near = nearest(name)
        # A list of languages, which systems set.
        if near is not None and not (name == "LANGUAGE" and re.search("[_:]", environ[name])):
            found[name] = near
    return found


def warn_of_misspelt(service: str, environ: Mapping[str, str], stream: TextIO) -> None:
    """Write a line for each name of the environment that is nearly a setting."""
    for name, near in misspelt(environ).items():
        stream.write(f"{service}: {name} is not a setting; did you mean {near}?\n")


def nearest(name: str) -> str | None:
    """The setting that `name` misses by a letter, or by two if it is long; None if it is one, or is like none."""
    upper = name.upper()
    if upper in SETTINGS or name in COMPOSE | MAKE | COMMON or len(name) < 4:
        return None
    known = [one for one in sorted(SETTINGS | {"FRESH"}) if _distance(upper, one) <= (2 if len(one) > LONG_NAME else 1)]
    return min(known, key=lambda one: _distance(upper, one), default=None)


def _distance(left: str, right: str) -> int:
    """How many letters must be put in, left out, replaced or swapped with the next to make one from the other."""
    if abs(len(left) - len(right)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                steps = min(steps, last[j - 2] + 1)
            row.append(steps)
    return row[-1]
