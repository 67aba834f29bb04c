"""The settings: environment variables, or lines of `.env` in the working directory."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ingest import filter as post_filter
from ingest.sources import NAMES

Port = Annotated[int, Field(ge=0, le=65_535)]
Names = Annotated[list[str], NoDecode]


class SettingsError(Exception):
    """A setting that can't be used; one sentence that names it."""


class Settings(BaseSettings):
    """What ingest is told; an empty value means the default. The names in capitals are those of the environment."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    source: Names = Field(["demo"], description=f"where posts come from: {', '.join(NAMES)}; or several, with commas")
    track: str = Field("", description='wanted: words, #tags, "phrases", -excluded ones; with commas; empty: all')
    languages: Names = Field([], description="wanted languages, with commas; pt takes pt-BR; empty: all")
    limit: int | None = Field(None, ge=0, description="stop after so many posts; 0 or empty: never")
    demo_rate: float = Field(50, gt=0, le=100_000, description="posts per second of the demo")
    demo_seed: int | None = Field(None, description="makes the demo repeatable; empty: another one each time")
    replay_file: str = Field("", description="file of posts to replay, one JSON object a line, .gz too; - for stdin")
    replay_speed: float = Field(1, ge=0, allow_inf_nan=False, description="times the original pace; 0: at once")
    ingest_port: Port = Field(9009, description="TCP port for STATUS, READ and ACK; 0: a free one")
    tail_port: Port = Field(9010, description="TCP port that sends every post; 0: a free one")
    bind: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    data_dir: Path = Field(Path("data"), description="folder for what is kept; the posts are in its folder spool")
    spool_max_age: float = Field(3600, ge=0, allow_inf_nan=False, description="seconds that counted posts are kept")
    spool_max_bytes: int = Field(2**30, ge=2**24, description="most bytes of posts on disk, unread ones too")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")

    @field_validator("source", "languages", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("source")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in NAMES:
                raise ValueError(f"there is no source {name!r}; there are {', '.join(NAMES)}")
        return list(dict.fromkeys(names))

    @field_validator("track")
    @classmethod
    def _parsed(cls, track: str) -> str:
        post_filter.parse(track)
        return track

    @field_validator("limit")
    @classmethod
    def _no_limit(cls, limit: int | None) -> int | None:
        return limit or None

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _replay_file_is_there(self) -> Self:
        if "replay" not in self.source or self.replay_file == "-":
            return self
        path = Path(self.replay_file)
        if not self.replay_file:
            raise ValueError("REPLAY_FILE: SOURCE=replay needs a file")
        if not path.exists():
            raise ValueError(f"REPLAY_FILE: there is no file {self.replay_file}")
        if path.is_dir():
            raise ValueError(f"REPLAY_FILE: {self.replay_file} is a folder")
        if not os.access(path, os.R_OK):
            raise ValueError(f"REPLAY_FILE: {self.replay_file} can't be read")
        return self


def load(**given: object) -> Settings:
    """Return the settings of the environment; those `given` (by their names in small letters) win.

    Raises:
        SettingsError: one of them can't be used.

    """
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except UnicodeDecodeError as error:
        raise SettingsError(".env is not UTF-8") from error
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    name = str(first["loc"][0]).upper()
    if first["type"] == "value_error":
        return f"{name}: {message}"
    return f"{name}: {message[0].lower()}{message[1:]}, not {first['input']!r}"
