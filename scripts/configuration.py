"""`make docs`: write what is made from the fields of the three services' settings.

That is the table of docs/configuration.md, `.env.example`, and for each service the file settings_names.json, by which
it tells a misspelt name from the name of a setting of another service.
"""

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import dashboard.settings
import ingest.settings
import spark_job.settings

ROOT = Path(__file__).resolve().parent.parent
SERVICES = {"ingest": ingest.settings, "spark-job": spark_job.settings, "dashboard": dashboard.settings}
#: The settings in the order of the page and of `.env.example`.
GROUPS = {
    "What to watch": "SOURCE TRACK TRACK_FILE LANGUAGES LIMIT",
    "Demo, files and recordings": "DEMO_RATE DEMO_SEED DEMO_PAST_MINUTES LESSON_FAULTS REPLAY_FILE REPLAY_SPEED",
    "X": "X_BEARER_TOKEN X_BEARER_TOKEN_FILE X_RULES X_RETWEETS X_DAILY_LIMIT X_MONTHLY_LIMIT X_PRICE_PER_POST",
    "Bluesky and Mastodon": "BLUESKY_HOSTS MASTODON_URL MASTODON_ACCESS_TOKEN MASTODON_ACCESS_TOKEN_FILE",
    "What to show": "TOP_N WINDOW_SECONDS PANE_SECONDS TRIGGER_SECONDS TOTAL_MAX_TAGS",
    "What is behind it, and what is hidden": "SAMPLE_POSTS SAMPLE_SOURCES MUTE_FILE",
    "What is rising": "RISING_SENSITIVITY RISING_LEAST_AUTHORS RISING_COPIES_COUNT",
    "The page": "PUBLIC_URL CORS_ORIGINS EMBED_ORIGINS",
    "Alerts": "ALERTS_FILE TARGETS_FILE",
    "Addresses and ports": "BIND DASHBOARD_PORT INGEST_PORT TAIL_PORT QUERY_BIND QUERY_PORT PROXY_PORT TRUSTED_PROXIES",
    "Limits": "MAX_PAGES CONNECTIONS_PER_ADDRESS REQUESTS_PER_MINUTE API_REQUESTS_PER_MINUTE MAX_POSTS_PER_BATCH",
    "Storage": "DATA_DIR SPOOL_MAX_AGE SPOOL_MAX_BYTES",
    "The log on Kafka": "LOG_URL KAFKA_CLIENT_ID KAFKA_SECURITY KAFKA_CA_FILE KAFKA_SASL_MECHANISM KAFKA_USERNAME "
    "KAFKA_PASSWORD KAFKA_COMPRESSION KAFKA_TRANSACTIONAL_ID KAFKA_CREATE_PARTITIONS",
    "The archive": "ARCHIVE_DIR ARCHIVE_MIN_POSTS ARCHIVE_DAYS",
    "Logs": "LOG_LEVEL LOG_FORMAT",
    "Spark and several machines": "SPARK_MASTER DRIVER_HOST INGEST_HOST DASHBOARD_URL JOB_URL MESSAGE_QUEUE PUSH_TOKEN",
}
#: What only the Makefile and `make run` read.
MAKE = {
    "FRESH": "`make run FRESH=1` deletes all counts and stored posts first.",
    "QUICK": "`make bench QUICK=1` measures for two minutes, `make trends QUICK=1` for one.",
    "ONLY": "`make bench ONLY=latency,rest` measures these rows.",
    "STRICT": "`make test STRICT=1` and `make lint STRICT=1` fail if something is skipped.",
    "PYTHON": "The Python with which `make` creates `.venv`; the default is `python3`.",
}
#: The same for tests. No service gets them from `make run`, so each says that it does not know such a setting.
MAKE_TESTS = {
    "KAFKA": "`make soak KAFKA=1` has the log on Kafka.",
    "DELETIONS": "`make soak DELETIONS=20` kills each process while posts are deleted.",
    "ALERTS": "`make soak ALERTS=100` kills processes while alerts fire.",
    "WORKERS": "`make test WORKERS=2` runs so many tests at a time.",
    "TESTS_UNTIL": "After this time (seconds since 1970), `make test` runs one variant of each test without Spark.",
    "SPARK_TESTS_UNTIL": "The same for tests with Spark.",
    "ALONE_TESTS_UNTIL": "If the tests that run alone begin after this time, only one variant of each runs.",
}
#: Names that other programs read. They may be in the same `.env`, or in the arguments of `make run`.
FOREIGN = """
    COMPOSE* DOCKER* BUILDKIT* SPARK* PYSPARK* PYTHON* HADOOP* JAVA* JDK* PIP* UV* LC* XDG* SSL* REQUESTS_CA* CURL_CA*
    MAKE* _JAVA_OPTIONS ALL_PROXY HTTP_PROXY HTTPS_PROXY NO_PROXY BROWSER HOME LANG LANGUAGE PATH SHELL TERM TMPDIR TZ V
    VERBOSE
"""
#: The beginning of `.env.example`.
ABOUT = """\
Every setting with its default. Copy this file to `.env`, and remove the `#` in front of what you change. The
environment overrides `.env`. In containers, files are below /input, which is the folder INPUT_DIR of your machine:
with INPUT_DIR=. the file posts.jsonl of this folder is REPLAY_FILE=/input/posts.jsonl. What only `docker compose`
reads (SPARK_IMAGE, IMAGE_TAG, SITE, LOGIN_FILE and others) is in docs/deploy.md."""
BEGIN, END = "<!-- Made by `make docs` from here -->", "<!-- Made by `make docs` up to here -->"


class FieldsError(Exception):
    """The services or the groups do not agree; one sentence."""


def fields() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each setting, with `services`: those that read it.

    Raises:
        FieldsError: Two services differ in the description or default of a setting, or a setting is in no group.

    """
    found: dict[str, dict[str, Any]] = {}
    for service, module in SERVICES.items():
        for name, field in module.Settings.model_json_schema()["properties"].items():
            known = found.setdefault(name.upper(), {**field, "services": []})
            known["services"].append(service)
            if known["description"] != field["description"] or default(known) != default(field):
                raise FieldsError(f"{name.upper()} has another description or default in {service}")
    grouped = " ".join(GROUPS.values()).split()
    if sorted(grouped) != sorted(found):
        raise FieldsError(f"not exactly once in GROUPS: {sorted({*grouped} ^ {*found}) or 'a name is there twice'}")
    return found


def default(field: dict[str, Any]) -> str:
    """The default as a user writes it; "" if there is none."""
    value = field.get("default")
    if value is None:
        return ""
    return ",".join(value) if isinstance(value, list) else f"{value:.10g}" if isinstance(value, float) else str(value)


def values(field: dict[str, Any]) -> str:
    """The words or numbers that a setting accepts; "" for text."""
    words = field.get("enum") or field.get("examples", [])
    if words:
        return ", ".join(f"`{word}`" for word in words)
    number = field.get("anyOf", [field])[0]
    if number["type"] not in {"integer", "number"}:
        return ""
    least, above, most = number.get("minimum"), number.get("exclusiveMinimum"), number.get("maximum")
    kind = "whole number" if number["type"] == "integer" else "number"
    if least is not None and most is not None:
        return f"{kind} from {least} to {most}"
    bounds = [f"at least {least}"] if least is not None else [f"more than {above}"] if above is not None else []
    bounds += [f"at most {most}"] if most is not None else []
    return f"{kind}, {', '.join(bounds)}" if bounds else kind


def page(before: str) -> str:
    """docs/configuration.md with new tables between the two marks."""
    head, _, rest = before.partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise FieldsError(f"docs/configuration.md must have the lines {BEGIN!r} and {END!r}")
    known, lines = fields(), [BEGIN, ""]
    for group, names in GROUPS.items():
        lines += [f"## {group}", "", "| setting | default | values | read by | meaning |", "|---|---|---|---|---|"]
        for name in names.split():
            field, services = known[name], ", ".join(known[name]["services"])
            given = f"`{default(field)}`" if default(field) else ""
            lines.append(
                f"| `{name}` | {given} | {values(field)} | {services} | {field['description']} |".replace("  ", " ")
            )
        lines.append("")
    lines += ["## Read by `make` only", "", "| name | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in (MAKE | MAKE_TESTS).items()]
    return "\n".join([head.rstrip("\n"), "", *lines, "", END]) + tail


def env_example() -> str:
    """`.env.example`: each setting with its meaning and its default."""
    known = fields()
    lines = textwrap.wrap(ABOUT, 110, initial_indent="# ", subsequent_indent="# ", break_long_words=False)
    for group, names in GROUPS.items():
        lines += ["", f"# {group} " + "-" * (108 - len(group))]
        for name in names.split():
            lines.append("")
            lines += textwrap.wrap(
                known[name]["description"].replace("`", ""), 110, initial_indent="# ", subsequent_indent="# ",
                break_long_words=False, break_on_hyphens=False,
            )  # fmt: skip
            lines.append(f"# {name}={default(known[name])}")
    return "\n".join(lines) + "\n"


def names_file() -> str:
    """settings_names.json, the same for each service."""
    settings = sorted(fields())
    compose = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    others = sorted((compose - {*settings}) | {*MAKE})
    return json.dumps({"settings": settings, "others": others, "foreign": FOREIGN.split()}, indent=2) + "\n"


def files() -> dict[Path, str]:
    """Every file that is made, with its content."""
    made = {ROOT / "docs" / "configuration.md": page((ROOT / "docs" / "configuration.md").read_text())}
    made[ROOT / ".env.example"] = env_example()
    names = names_file()
    for module in SERVICES.values():
        made[Path(str(module.__file__)).with_name("settings_names.json")] = names
    return made


def main() -> int:
    """Write the files; returns the exit code."""
    try:
        for path, content in files().items():
            path.write_text(content)
    except FieldsError as error:
        print(f"make docs: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
