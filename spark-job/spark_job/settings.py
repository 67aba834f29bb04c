"""What can be set, from the environment or `.env`: one class, each setting documented once."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting that can't be used; one sentence that names it."""


class Settings(BaseSettings):
    """The job's settings; the field's name in capitals is the variable."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    spark_master: str = Field(
        "local[*]",
        pattern=r"^(local(\[.+\])?|(spark|k8s)://.+|yarn)$",
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
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="how much is logged")

    @model_validator(mode="after")
    def window_is_made_of_panes(self) -> Self:
        """The window has a whole number of panes, at most 1,440 of them."""
        panes, rest = divmod(self.window_seconds, self.pane_seconds)
        if rest or not 1 <= panes <= 1440:
            raise ValueError(
                f"WINDOW_SECONDS={self.window_seconds} must be 1 to 1440 times PANE_SECONDS={self.pane_seconds}"
            )
        return self

    @property
    def push_url(self) -> str:
        """Address that takes the snapshots."""
        base = self.dashboard_url or f"http://127.0.0.1:{self.dashboard_port}"
        return base.rstrip("/") + "/api/snapshots"


def load() -> Settings:
    """The settings of the environment and of `.env`; raises `SettingsError` for the first one that can't be used."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    """What is wrong with the first one; never the value of a secret."""
    first = error.errors(include_url=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    name = str(first["loc"][0]).upper()
    shown = "" if name == "PUSH_TOKEN" else f", not {first['input']!r}"
    return f"{name}: {message[0].lower()}{message[1:]}{shown}"
