"""What can be set, from the environment or `.env`: one class, each setting documented once."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from spark_job.settings_names import SettingNameError, read_env_file, refuse_unknown
from spark_job.settings_text import sentence

if TYPE_CHECKING:
    # Python 3.10 has no such name, and images of Spark have Python 3.10.
    from typing import Self

HOST = r"([A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?|\[?[0-9A-Fa-f:.]+(%\w+)?\]?)"
MAX_TOKEN_CHARACTERS = 4096


class SettingsError(Exception):
    """A setting that can't be used; one sentence that names it."""


class Settings(BaseSettings):
    """The job's settings; the field's name in capitals is the variable."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8-sig", extra="ignore", env_ignore_empty=True
    )

    spark_master: str = Field(
        "local[*]",
        pattern=r"^(local(\[(\*|[1-9]\d*)(, *\d+)?\])?|(spark|k8s)://\S+|yarn)$",
        examples=["local[*]", "local[2]", "spark://host:7077", "k8s://https://host:6443", "yarn"],
        description="Spark master: `local[*]`, `spark://host:7077`, …",
    )
    ingest_host: str = Field("127.0.0.1", description="where ingest answers, as driver and executors reach it")
    ingest_port: int = Field(9009, ge=1, le=65535, description="ingest's port")
    dashboard_url: str = Field("", description="where snapshots go; empty: the dashboard on this machine")
    dashboard_port: int = Field(8000, ge=1, le=65535, description="the dashboard's port, if no URL is given")
    driver_host: str = Field("", description="address under which executors reach the driver; empty: Spark's choice")
    push_token: SecretStr = Field(min_length=16, description="the secret that the dashboard knows too")
    data_dir: Path = Field(Path("data"), description="folder for everything that is kept")
    trigger_seconds: float = Field(1.0, ge=0, le=3600, description="pace of micro-batches; 0: as fast as it goes")
    pane_seconds: int = Field(10, ge=1, le=3600, description="length of a pane")
    window_seconds: int = Field(300, ge=1, le=86400, description="length of the sliding window")
    top_n: int = Field(10, ge=1, le=20, description="how many tags the page shows")
    max_posts_per_batch: int = Field(1_000_000, ge=1, le=10_000_000, description="cap of one micro-batch")
    total_max_tags: int = Field(1_000_000, ge=1000, le=100_000_000, description="most distinct tags in the totals")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")
    log_format: Literal["text", "json"] = Field("text", description="form of the log lines: text, or json for machines")

    @field_validator("push_token")
    @classmethod
    def is_a_token(cls, token: SecretStr) -> SecretStr:
        """One word that a header can carry; no error names what was given."""
        word = token.get_secret_value()
        if not word.isascii() or not word.isprintable() or " " in word:
            raise ValueError("it must be one word of printable ASCII characters, since it is sent in a header")
        if len(word) > MAX_TOKEN_CHARACTERS:
            raise ValueError(f"it must have at most {MAX_TOKEN_CHARACTERS} characters")
        return token

    @field_validator("log_level", mode="before")
    @classmethod
    def in_capitals(cls, value: object) -> object:
        """Take it in small letters, too."""
        return value.upper() if isinstance(value, str) else value

    @field_validator("ingest_host", "driver_host")
    @classmethod
    def is_a_host(cls, host: str) -> str:
        """A name or an address, without a port."""
        if host and not re.fullmatch(HOST, host):
            raise ValueError(f"{host!r} is not the name or the address of a host, such as ingest.example.org")
        return host

    @field_validator("dashboard_url")
    @classmethod
    def is_an_address(cls, url: str) -> str:
        """What a snapshot can be sent to."""
        # What stands before an @ may be a password, and is not quoted.
        if "@" in url:
            raise ValueError("an address such as http://dashboard:8000 has no @ in it")
        if url and not re.fullmatch(rf"https?://{HOST}(:\d{{1,5}})?(/\S*)?", url):
            raise ValueError(f"{url!r} is not an address such as http://dashboard:8000")
        return url

    @model_validator(mode="after")
    def window_is_made_of_panes(self) -> "Self":
        """The window has a whole number of panes, at most 1,440 of them."""
        panes, rest = divmod(self.window_seconds, self.pane_seconds)
        if rest or not 1 <= panes <= 1440:
            raise ValueError(
                f"WINDOW_SECONDS={self.window_seconds} must be 1 to 1440 times PANE_SECONDS={self.pane_seconds}"
            )
        return self

    @field_validator("data_dir")
    @classmethod
    def has_a_usable_name(cls, data_dir: Path) -> Path:
        """Its full name is one that DuckDB can use: what follows a question mark it takes for parameters."""
        if "?" in str(data_dir.resolve()):
            raise ValueError(f"{str(data_dir.resolve())!r} has a question mark in it, and DuckDB can't use such a name")
        return data_dir

    @property
    def push_url(self) -> str:
        """Address that takes the snapshots."""
        base = self.dashboard_url or f"http://127.0.0.1:{self.dashboard_port}"
        return base.rstrip("/") + "/api/snapshots"


def load() -> Settings:
    """The settings of the environment and of `.env`; raises `SettingsError` for the first one that can't be used."""
    try:
        refuse_unknown(read_env_file(Path(".env")), "in .env")
        return Settings()
    except SettingNameError as error:
        raise SettingsError(str(error)) from error
    except ValidationError as error:
        raise SettingsError(sentence(error, Settings)) from error
