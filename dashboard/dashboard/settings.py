"""What the environment (and `.env` in the working directory) may set, checked once at start."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dashboard.origins import origins
from dashboard.settings_names import NameTable
from dashboard.settings_text import sentence, shown

Origins = Annotated[list[str], NoDecode]

HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?"
MAX_TOKEN_CHARACTERS = 4096


class SettingsError(Exception):
    """A setting is missing or wrong. Its text is one sentence that names the setting."""


class Settings(BaseSettings):
    """The settings of the dashboard. An empty value means the default. Names of the other services are ignored."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8-sig", env_ignore_empty=True, extra="ignore"
    )

    dashboard_port: int = Field(
        8000, ge=0, le=65535, description="TCP port of the page. `0`: any free port, for the dashboard alone."
    )
    bind: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address to listen on. `0.0.0.0` opens all three ports to your network, two of them without a "
        "password.",
    )
    data_dir: Path = Field(
        Path("data"), description="Folder for all stored data. Each service has its own folder in it."
    )
    push_token: SecretStr = Field(
        min_length=16,
        description="Secret of ingest, job and dashboard: one word of 16 to 4096 printable ASCII characters. The job "
        "uses it to push and to acknowledge. `make run` creates one.",
    )
    top_n: int = Field(10, ge=1, le=20, description="Number of bars on the page.")
    cors_origins: Origins = Field(
        [],
        description="Origins whose pages may read the API and follow live, such as `https://example.org`, with commas "
        "between them. `*`: all. Empty: only the page itself.",
    )
    embed_origins: Origins = Field(
        [],
        description="Origins whose pages may show the page in a frame, such as `https://blog.example` or "
        "`https://*.example.org`, with commas between them. `*`: all. Empty: none.",
    )
    public_url: str = Field(
        "",
        description="Public address of the page, such as `https://trends.example.org`, for link previews. Empty: the "
        "address of the request.",
    )
    max_pages: int = Field(
        5000,
        ge=1,
        description="Most open pages at once. The default is smaller if the machine allows fewer open files.",
    )
    connections_per_address: int = Field(
        1000, ge=0, description="Most open pages of one client address. `0`: no limit."
    )
    requests_per_minute: int = Field(
        30_000, ge=0, description="Most requests of one client address in a minute. `0`: no limit."
    )
    api_requests_per_minute: int = Field(
        1200,
        ge=0,
        description="Most requests of one client address for `/api/` and new pages in a minute. `0`: no limit.",
    )
    job_url: str = Field(
        "",
        description="Address of the job's `QUERY_PORT`, such as `http://spark-job:9020`. Empty: the job on this "
        "machine.",
    )
    query_port: int = Field(
        9020,
        ge=0,
        le=65535,
        description="TCP port of the job, at which the dashboard looks for hashtags that are on no list. It needs "
        "PUSH_TOKEN. `0`: none.",
    )
    lesson_faults: int = Field(
        0,
        ge=0,
        le=1,
        description="`1`: buttons of the page's view `?lesson` disturb the running services on purpose, for a class. "
        "They work only if `demo` is the only source. Everybody who reaches the page can press them. `0`: there are "
        "none.",
    )
    message_queue: SecretStr = Field(
        SecretStr(""),
        description="Redis over which several dashboards share pushes, such as `redis://host:6379`. Empty: there is "
        "one dashboard.",
    )
    targets_file: Path | None = Field(
        None,
        description="File of targets that get each alert, each on a line of its own: `webhook https://… "
        "secret=whsec_…`, or an address of Apprise. `private` at the end of a line allows its name a private address. "
        "The dashboard reads it again when it changes. Empty: alerts are only on the page and in the feed.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=10,
        description="Number of proxies in front of the page, each of which appends to `X-Forwarded-For`.",
    )
    proxy_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Second TCP port of the page, for a proxy on a private network. The dashboard believes "
        "`X-Forwarded-For` on this port. Empty: none.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least level of the log lines that are written: `DEBUG`, `INFO`, `WARNING` or `ERROR`."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Form of the log lines: `text`, or `json` for machines (each line is a JSON object)."
    )

    @field_validator("push_token")
    @classmethod
    def _is_token(cls, token: SecretStr) -> SecretStr:
        word = token.get_secret_value()
        if not word.isascii() or not word.isprintable() or " " in word:
            raise ValueError("be one word of printable ASCII characters")
        if len(word) > MAX_TOKEN_CHARACTERS:
            raise ValueError(f"be at most {MAX_TOKEN_CHARACTERS} characters long")
        return token

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("cors_origins", "embed_origins", mode="before")
    @classmethod
    def _parse_origins(cls, value: object, info: ValidationInfo) -> object:
        try:
            # The origins become parts of headers. Only the header for frames supports wildcards.
            return origins(value, wildcards=info.field_name == "embed_origins") if isinstance(value, str) else value
        except ValueError as error:
            raise ValueError(f"be {error}, not {shown(value)}") from error

    @field_validator("public_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        if not re.fullmatch(rf"(https?://{HOST}/?)?", url):
            raise ValueError(f"be an address such as https://trends.example.org, not {shown(url)}")
        return url.rstrip("/")

    @field_validator("job_url")
    @classmethod
    def _is_job(cls, url: str) -> str:
        # The part before an @ may be a password, so the value is not quoted then.
        if "@" in url:
            raise ValueError("be an address such as http://spark-job:9020, without an @")
        if not re.fullmatch(rf"(https?://({HOST}|\[[0-9A-Fa-f:.]+\](:[0-9]{{1,5}})?)/?)?", url):
            raise ValueError(f"be an address such as http://spark-job:9020, not {shown(url)}")
        return url.rstrip("/")

    @property
    def query_url(self) -> str | None:
        """The address of the job's query port. None if it has none."""
        return self.job_url or (f"http://127.0.0.1:{self.query_port}" if self.query_port else None)

    @field_validator("message_queue")
    @classmethod
    def _is_redis(cls, address: SecretStr) -> SecretStr:
        if not re.fullmatch(r"(rediss?://[^\s/]+(/\d*)?|unix:///\S+)?", address.get_secret_value()):
            raise ValueError("be the address of a Redis, such as redis://localhost:6379")
        return address


def load() -> Settings:
    """Read and check the settings.

    Raises:
        SettingsError: A setting is wrong. Its sentence never contains a secret.

    """
    unknown = NameTable.load().unknown(read_env_file(Path(".env")), "in .env")
    if unknown is not None:
        raise SettingsError(unknown)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(sentence(error, Settings.model_json_schema()["properties"])) from error


def read_env_file(path: Path) -> dict[str, str]:
    """The names and values of a `.env`; none if there is no such file.

    Raises:
        SettingsError: It can't be read.

    """
    found: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for binding in parse_stream(file):
                if binding.error or "\ufffd" in binding.original.string:
                    raise SettingsError(f"{path}: line {binding.original.line} must be NAME=value, in UTF-8")
                found |= {binding.key: binding.value or ""} if binding.key else {}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from error
    return found
