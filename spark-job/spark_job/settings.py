"""The settings of the job, from the environment or `.env`. Each is described once."""

import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from spark_job.settings_kafka import KafkaSettings
from spark_job.settings_names import is_read_by_somebody, unknown_name
from spark_job.settings_text import sentence

if TYPE_CHECKING:
    # Python 3.10 has no such name, and images of Spark have Python 3.10.
    from typing import Self

HOST = r"([A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?|\[?[0-9A-Fa-f:.]+(%\w+)?\]?)"
MAX_TOKEN_CHARACTERS = 4096


class SettingsError(Exception):
    """A setting can't be used. Its text is one sentence that names the setting."""


class Settings(KafkaSettings):
    """The settings of the job. The variable of a field has its name in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8-sig", extra="ignore", env_ignore_empty=True
    )

    spark_master: str = Field(
        "local[*]",
        pattern=r"^(local(\[(\*|[1-9]\d*)(, *\d+)?\])?|(spark|k8s)://\S+|yarn)$",
        examples=["local[*]", "local[2]", "spark://host:7077", "k8s://https://host:6443", "yarn"],
        description="Where Spark runs. `local[*]` uses all cores of this machine.",
    )
    ingest_host: str = Field("127.0.0.1", description="Address under which the job and its executors reach ingest.")
    ingest_port: int = Field(
        9009,
        ge=1,
        le=65535,
        description="TCP port of ingest's log, which the job reads. `0`: any free port, for ingest alone.",
    )
    dashboard_url: str = Field(
        "",
        description="Address to which the job pushes, such as `http://dashboard:8000`. Empty: the dashboard on this "
        "machine.",
    )
    dashboard_port: int = Field(
        8000, ge=1, le=65535, description="TCP port of the page. `0`: any free port, for the dashboard alone."
    )
    driver_host: str = Field(
        "", description="Address under which the executors of a cluster reach the job. Empty: Spark chooses one."
    )
    push_token: SecretStr = Field(
        min_length=16,
        description="Secret of ingest, job and dashboard: one word of 16 to 4096 printable ASCII characters. The job "
        "uses it to push and to acknowledge. `make run` creates one.",
    )
    data_dir: Path = Field(
        Path("data"), description="Folder for all stored data. Each service has its own folder in it."
    )
    trigger_seconds: float = Field(
        1, ge=0, le=3600, description="Seconds between micro-batches. `0`: as fast as possible."
    )
    pane_seconds: int = Field(
        10, ge=1, le=3600, description="Length of a pane in seconds: the window slides in steps of this length."
    )
    window_seconds: int = Field(
        300, ge=1, le=86400, description="Length of the sliding window in seconds, 1 to 1440 panes."
    )
    top_n: int = Field(10, ge=1, le=20, description="Number of bars on the page.")
    max_posts_per_batch: int = Field(1_000_000, ge=1, le=10_000_000, description="Most posts of one micro-batch.")
    total_max_tags: int = Field(
        1_000_000,
        ge=1000,
        le=100_000_000,
        description="Most distinct tags in the totals. Beyond it, the rarest are removed, and the page shows how many.",
    )
    mute_file: str = Field(
        "",
        description="File of hashtags that no list shows, each on a line of its own: `#WorldCup`, or a pattern such as "
        "`crypto*`. They are counted all the same. The job reads it again when it changes. `#` and a blank begin a "
        "comment.",
    )
    alerts_file: str = Field(
        "",
        description="File of rules that say when to send an alert, in TOML (docs/alerts.md). The job reads it again "
        "when it changes.",
    )
    archive_dir: str = Field(
        "",
        description="Folder in which the job writes the counts of each hour as a Parquet file (docs/archive.md). "
        "Empty: none.",
    )
    archive_min_posts: int = Field(
        5, ge=1, le=1_000_000, description="Least posts of a hashtag in an hour, for the file of that hour."
    )
    archive_days: int = Field(
        0,
        ge=0,
        le=100_000,
        description="Days with files that the archive keeps. Files of older days are removed. `0`: all are kept.",
    )
    sample_posts: int = Field(
        5,
        ge=0,
        le=20,
        description="Most posts that the panel of a hashtag shows, at most one of each author. They are in memory "
        "only. `0`: none, and the job reads no texts. On Kafka there are none if TRIGGER_SECONDS is above 4.",
    )
    sample_sources: str = Field(
        "",
        description="Sources whose posts the panel may show, such as `bluesky,mastodon`. Empty: all but `x`, because "
        "the page does not follow X's rules for showing posts.",
    )
    query_port: int = Field(
        9020,
        ge=0,
        le=65535,
        description="TCP port of the job, at which the dashboard looks for hashtags that are on no list. It needs "
        "PUSH_TOKEN. `0`: none.",
    )
    query_bind: str = Field(
        "127.0.0.1",
        description="Address on which the job listens at QUERY_PORT. `0.0.0.0` if the dashboard is on another machine.",
    )
    lesson_faults: int = Field(
        0,
        ge=0,
        le=1,
        description="`1`: buttons of the page's view `?lesson` disturb the running services on purpose, for a class. "
        "They work only if `demo` is the only source. Everybody who reaches the page can press them. `0`: there are "
        "none.",
    )
    rising_sensitivity: Literal["low", "normal", "high"] = Field(
        "normal",
        description="How surprising a hashtag must be to be on the list Rising. `low`: fewer hashtags, `high`: more.",
    )
    rising_least_authors: int = Field(
        8,
        ge=2,
        le=10_000,
        description="Least number of different people who use a hashtag in the window, for the list Rising.",
    )
    rising_copies_count: int = Field(
        0,
        ge=0,
        le=1,
        description="`1`: in Rising, many accounts with one text count as many people. `0`: they count as one.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least level of the log lines that are written: `DEBUG`, `INFO`, `WARNING` or `ERROR`."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Form of the log lines: `text`, or `json` for machines (each line is a JSON object)."
    )

    @field_validator("log_level", mode="before")
    @classmethod
    def in_capitals(cls, value: object) -> object:
        """Accept small letters too."""
        return value.upper() if isinstance(value, str) else value

    @field_validator("ingest_host", "driver_host", "query_bind")
    @classmethod
    def is_a_host(cls, host: str) -> str:
        """Check that it is a name or an address, without a port."""
        if host and not re.fullmatch(HOST, host):
            raise ValueError(f"be the name or the address of a host, such as ingest.example.org, not {host!r:.80}")
        return host

    @field_validator("dashboard_url")
    @classmethod
    def is_an_address(cls, url: str) -> str:
        """Check that a snapshot can be sent there."""
        # The part before an @ may be a password, so the value is not quoted.
        if "@" in url:
            raise ValueError("be an address such as http://dashboard:8000, without an @")
        if url and not re.fullmatch(rf"https?://{HOST}(:\d{{1,5}})?(/\S*)?", url):
            raise ValueError(f"be an address such as http://dashboard:8000, not {url!r:.80}")
        return url

    @field_validator("sample_sources")
    @classmethod
    def are_names(cls, names: str) -> str:
        """Check that it is a list of names."""
        if names and not all(re.fullmatch(r"\s*[a-z0-9_.-]{1,100}\s*", name) for name in names.split(",")):
            raise ValueError(f"be names of sources such as bluesky,mastodon, not {names!r:.80}")
        return names

    def shows_posts_of(self, source: str) -> bool:
        """Whether the panel may show posts of this source."""
        names = {name.strip() for name in self.sample_sources.split(",") if name.strip()}
        return source in names if names else source != "x"

    @model_validator(mode="after")
    def window_is_made_of_panes(self) -> "Self":
        """Check that the window has a whole number of panes, at most 1,440."""
        panes, rest = divmod(self.window_seconds, self.pane_seconds)
        if rest or not 1 <= panes <= 1440:
            raise ValueError(
                f"WINDOW_SECONDS must be 1 to 1440 times PANE_SECONDS={self.pane_seconds}, not {self.window_seconds}"
            )
        return self

    @model_validator(mode="after")
    def kafka_fits_together(self) -> "Self":
        """Check the settings of Kafka."""
        self.check_kafka()
        return self

    @field_validator("data_dir")
    @classmethod
    def has_a_usable_name(cls, data_dir: Path) -> Path:
        """Check the full name: DuckDB reads the part after a question mark as parameters."""
        if "?" in str(data_dir.resolve()):
            raise ValueError(
                f"be a folder whose full name has no question mark, because of DuckDB, not {str(data_dir.resolve())!r}"
            )
        return data_dir

    @field_validator("push_token")
    @classmethod
    def is_a_token(cls, token: SecretStr) -> SecretStr:
        """Check that it is one word that fits into a header. No error contains the token."""
        word = token.get_secret_value()
        if not word.isascii() or not word.isprintable() or " " in word:
            raise ValueError("be one word of printable ASCII characters")
        if len(word) > MAX_TOKEN_CHARACTERS:
            raise ValueError(f"be at most {MAX_TOKEN_CHARACTERS} characters long")
        return token

    @property
    def push_url(self) -> str:
        """The address that accepts snapshots."""
        base = self.dashboard_url or f"http://127.0.0.1:{self.dashboard_port}"
        return base.rstrip("/") + "/api/snapshots"


def load() -> Settings:
    """Read the settings of the environment and of `.env`.

    Raises:
        SettingsError: A setting can't be used.

    """
    for name in names_in(Path(".env")):
        if not is_read_by_somebody(name):
            raise SettingsError(unknown_name(name))
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(sentence(error, Settings.model_json_schema()["properties"])) from error


def names_in(env_file: Path) -> list[str]:
    """The names in a file of settings; none if there is no file.

    Raises:
        SettingsError: It can't be read.

    """
    if not env_file.exists():
        return []
    try:
        bindings = [*parse_stream(StringIO(env_file.read_text("utf-8-sig", "replace")))]
    except OSError as error:
        raise SettingsError(f"{env_file} can't be read: {error.strerror}") from error
    for one in bindings:
        if one.error or "\ufffd" in one.original.string:
            raise SettingsError(f"{env_file}: line {one.original.line} must be NAME=value, in UTF-8")
    return [one.key for one in bindings if one.key]
