"""What the environment (and `.env` in the working directory) may set, checked once at start."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dashboard.origins import origins

SECRETS = {"PUSH_TOKEN", "MESSAGE_QUEUE"}
HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?"


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one sentence that names it."""


class Settings(BaseSettings):
    """All that can be set. Names that belong to the other services are ignored; empty means not set."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    dashboard_port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """TCP port of the page; 0 takes any free one, and the start line says which."""
    bind: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    data_dir: Path = Path("data")
    """The closed panes are kept in `history/` below it."""
    push_token: Annotated[SecretStr, Field(min_length=16)]
    """What the job must show to push a snapshot."""
    top_n: Annotated[int, Field(ge=1, le=20)] = 10
    """Bars on the page."""
    cors_origins: Annotated[list[str], NoDecode] = []
    """Origins whose pages may read the API and follow the live events, beside the page's own."""
    embed_origins: Annotated[list[str], NoDecode] = []
    """Origins whose pages may hold the page in a frame, or `*`."""
    public_url: str = ""
    """Where the page is found from outside, without a slash at its end; empty: where it was asked for."""
    max_pages: Annotated[int, Field(ge=1)] = 5000
    """Open pages at once."""
    connections_per_address: Annotated[int, Field(ge=0)] = 1000
    requests_per_minute: Annotated[int, Field(ge=0)] = 30_000
    """Of one address."""
    api_requests_per_minute: Annotated[int, Field(ge=0)] = 1200
    """Of these, what costs more: `/api/`, and new pages."""
    message_queue: SecretStr = SecretStr("")
    """Address of a Redis over which several dashboards share what is pushed to one; it may hold a password."""
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    """Proxies in front, each of which appends to `X-Forwarded-For` who asked it."""
    proxy_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """TCP port for a proxy in front, which nobody else may reach: there `X-Forwarded-For` is believed; empty: none."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("cors_origins", "embed_origins", mode="before")
    @classmethod
    def _parse_origins(cls, value: object, info: ValidationInfo) -> object:
        try:
            # They go into headers. Only frames know wildcards.
            return origins(value, wildcards=info.field_name == "embed_origins") if isinstance(value, str) else value
        except ValueError as error:
            raise PydanticCustomError("origins", str(error)) from error

    @field_validator("public_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        if not re.fullmatch(rf"(https?://{HOST}/?)?", url):
            raise PydanticCustomError("url", "it must be an address such as https://trends.example.org")
        return url.rstrip("/")

    @field_validator("message_queue")
    @classmethod
    def _is_redis(cls, address: SecretStr) -> SecretStr:
        if not re.fullmatch(r"(rediss?://[^\s/]+(/\d*)?|unix:///\S+)?", address.get_secret_value()):
            raise PydanticCustomError(
                "address", "input should be the address of a Redis, such as redis://localhost:6379"
            )
        return address


def load() -> Settings:
    """Read and check the settings.

    Raises SettingsError for the first one that is wrong. The value of a secret is never part of the sentence.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = str(first["loc"][0]).upper()
        if first["type"] == "missing":
            raise SettingsError(f"{name} must be set.") from error
        said = first["msg"][:1].lower() + first["msg"][1:]
        shown = "" if name in SECRETS else f", and is {first['input']!r}"
        raise SettingsError(f"{name} is wrong: {said}{shown}.") from error
