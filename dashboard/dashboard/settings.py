"""What the environment (and `.env` in the working directory) may set, checked once at start."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dashboard.origins import origins
from dashboard.settings_names import SettingNameError, read_env_file, refuse_unknown
from dashboard.settings_text import sentence

Origins = Annotated[list[str], NoDecode]

HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?"
MAX_TOKEN_CHARACTERS = 4096


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one sentence that names it."""


class Settings(BaseSettings):
    """All that can be set. Names that belong to the other services are ignored; empty means not set."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8-sig", env_ignore_empty=True, extra="ignore"
    )

    dashboard_port: int = Field(8000, ge=0, le=65535, description="TCP port of the page; 0: a free one")
    bind: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    data_dir: Path = Field(Path("data"), description="folder for what is kept; closed panes are in its folder history")
    push_token: SecretStr = Field(min_length=16, description="the secret that the job shows to push a snapshot")
    top_n: int = Field(10, ge=1, le=20, description="bars on the page")
    cors_origins: Origins = Field([], description="origins whose pages may read the API, with commas; or *")
    embed_origins: Origins = Field([], description="origins whose pages may hold the page in a frame, or *")
    public_url: str = Field("", description="where the page is found from outside; empty: where it was asked for")
    max_pages: int = Field(5000, ge=1, description="most open pages at once")
    connections_per_address: int = Field(1000, ge=0, description="most open pages of one address; 0: no limit")
    requests_per_minute: int = Field(30_000, ge=0, description="most requests of one address; 0: no limit")
    api_requests_per_minute: int = Field(1200, ge=0, description="of these, most for /api/ and new pages; 0: no limit")
    message_queue: SecretStr = Field(SecretStr(""), description="a Redis over which dashboards share what is pushed")
    trusted_proxies: int = Field(0, ge=0, le=10, description="proxies in front that append to X-Forwarded-For")
    proxy_port: int | None = Field(
        None, ge=1, le=65535, description="TCP port for a proxy in front; X-Forwarded-For is believed there alone"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")
    log_format: Literal["text", "json"] = Field("text", description="form of the log lines: text, or json for machines")

    @field_validator("push_token")
    @classmethod
    def _is_token(cls, token: SecretStr) -> SecretStr:
        word = token.get_secret_value()
        if not word.isascii() or not word.isprintable() or " " in word:
            raise ValueError("it must be one word of printable ASCII characters, since it is sent in a header")
        if len(word) > MAX_TOKEN_CHARACTERS:
            raise ValueError(f"it must have at most {MAX_TOKEN_CHARACTERS} characters")
        return token

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("cors_origins", "embed_origins", mode="before")
    @classmethod
    def _parse_origins(cls, value: object, info: ValidationInfo) -> object:
        try:
            # They go into headers. Only frames know wildcards.
            return origins(value, wildcards=info.field_name == "embed_origins") if isinstance(value, str) else value
        except ValueError as error:
            raise ValueError(f"{error}, not {value!r}") from error

    @field_validator("public_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        if not re.fullmatch(rf"(https?://{HOST}/?)?", url):
            raise ValueError(f"it must be an address such as https://trends.example.org, not {url!r}")
        return url.rstrip("/")

    @field_validator("message_queue")
    @classmethod
    def _is_redis(cls, address: SecretStr) -> SecretStr:
        if not re.fullmatch(r"(rediss?://[^\s/]+(/\d*)?|unix:///\S+)?", address.get_secret_value()):
            raise ValueError("it must be the address of a Redis, such as redis://localhost:6379")
        return address


def load() -> Settings:
    """Read and check the settings.

    Raises SettingsError for the first one that is wrong. The value of a secret is never part of the sentence.
    """
    try:
        refuse_unknown(read_env_file(Path(".env")), "in .env")
        return Settings()
    except SettingNameError as error:
        raise SettingsError(str(error)) from error
    except ValidationError as error:
        raise SettingsError(sentence(error, Settings)) from error
