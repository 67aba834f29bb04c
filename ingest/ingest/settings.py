"""The settings: environment variables, or lines of `.env` in the working directory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ingest import secret
from ingest.posts import filter as post_filter
from ingest.posts import language
from ingest.posts import track_file as track
from ingest.posts.filter import Term
from ingest.settings_names import SettingNameError, read_env_file, refuse_unknown
from ingest.settings_text import sentence
from ingest.sources import SOURCES, source_class
from ingest.sources.bluesky import host as bluesky
from ingest.sources.common import address

Port = Annotated[int, Field(ge=0, le=65_535)]
Names = Annotated[list[str], NoDecode]


#: The same as in job and dashboard.
MIN_TOKEN_CHARACTERS = 16


#: Where docker-compose.yml shows the container the folder INPUT_DIR.
INPUT = Path("/input")


class SettingsError(Exception):
    """A setting that can't be used; one sentence that names it."""


class Settings(BaseSettings):
    """What ingest is told; an empty value means the default. The names in capitals are those of the environment."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    source: Names = Field(["demo"], description=f"where posts come from: {', '.join(SOURCES)}; or several, with commas")
    track: str = Field("", description='wanted: words, #tags, "phrases", -excluded ones; with commas; empty: all')
    track_file: str = Field("", description="file of such terms, one a line, read again when it changes")
    languages: Names = Field([], description="codes of wanted languages, with commas; pt takes pt-BR; empty: all")
    limit: int | None = Field(None, ge=0, description="stop after so many posts; 0 or empty: never")
    demo_rate: float = Field(50, gt=0, le=100_000, description="posts per second of the demo, in the mean")
    demo_seed: int | None = Field(None, description="makes the demo repeatable; empty: another one each time")
    replay_file: str = Field("", description="file of posts to replay, one JSON object a line, .gz too; - for stdin")
    replay_speed: float = Field(1, ge=0, allow_inf_nan=False, description="times the original pace; 0: at once")
    x_bearer_token: SecretStr = Field(SecretStr(""), description="key of the X API for SOURCE=x")
    x_bearer_token_file: str = Field("", description="file that holds it")
    x_rules: str = Field("", description="rules in X's language, parted by ;; or lines, in place of terms")
    x_retweets: Literal["drop", "keep"] = Field("drop", description="whether X sends retweets; each is billed")
    x_daily_limit: int = Field(1000, ge=1, description="posts of a UTC day after which the stream of X is closed")
    x_monthly_limit: int = Field(2_000_000, ge=1, description="posts of a UTC month after which it is closed")
    x_price_per_post: float = Field(0.005, ge=0, allow_inf_nan=False, description="dollars that X bills for a post")
    bluesky_hosts: Names = Field([], description="Jetstream servers, with commas; empty: the public ones")
    mastodon_url: str = Field("", description="your Mastodon server, such as https://mastodon.example")
    mastodon_access_token: SecretStr = Field(SecretStr(""), description="access token of an application there")
    mastodon_access_token_file: str = Field("", description="file that holds it")
    push_token: SecretStr = Field(SecretStr(""), description="secret of the job; with it the job proves its ACK")
    ingest_port: Port = Field(9009, description="TCP port for STATUS, READ and ACK; 0: a free one")
    tail_port: Port = Field(9010, description="TCP port that sends every post; 0: a free one")
    bind: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    data_dir: Path = Field(Path("data"), description="folder for what is kept; the posts are in its folder spool")
    spool_max_age: float = Field(3600, ge=0, allow_inf_nan=False, description="seconds that counted posts are kept")
    spool_max_bytes: int = Field(2**30, ge=2**24, description="most bytes of posts on disk, unread ones too")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")
    log_format: Literal["text", "json"] = Field("text", description="form of the log lines: text, or json for machines")

    @field_validator("source", "languages", "bluesky_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("source")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in SOURCES:
                raise ValueError(f"there is no source {name!r}; there are {', '.join(SOURCES)}")
        return list(dict.fromkeys(names))

    @field_validator("track")
    @classmethod
    def _parsed(cls, track: str) -> str:
        post_filter.parse(track)
        return track

    @field_validator("languages")
    @classmethod
    def _codes(cls, codes: list[str]) -> list[str]:
        return language.parse_codes(codes)

    @field_validator("bluesky_hosts")
    @classmethod
    def _hosts(cls, hosts: list[str]) -> list[str]:
        for host in hosts:
            bluesky.base_url(host)
        return hosts

    @field_validator("mastodon_url")
    @classmethod
    def _address(cls, url: str) -> str:
        if "@" in url:  # what stands before it may be a password, and is not quoted
            raise ValueError("an address such as https://mastodon.example has no @ in it")
        parts = address.split(url)
        if url and (parts is None or parts.scheme not in {"http", "https"}):
            raise ValueError(f"{url!r} is not an address such as https://mastodon.example")
        return url

    @field_validator("limit")
    @classmethod
    def _no_limit(cls, limit: int | None) -> int | None:
        return limit or None

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.track and self.track_file:
            raise ValueError("TRACK and TRACK_FILE: give one of them, not both")
        if self.track_file:
            try:
                self.terms()
            except track.TrackError as error:
                raise ValueError(f"TRACK_FILE: {error}") from error
        self.ack_token()
        for name in self.source:
            source_class(name).check_settings(self)
        return self

    def terms(self) -> list[Term]:
        """Return the terms of `TRACK`, or those that stand in `TRACK_FILE` now.

        Raises:
            TrackError: the file can't be used.

        """
        return track.read(Path(self.track_file)) if self.track_file else post_filter.parse(self.track)

    def check_terms(self, terms: Sequence[Term]) -> None:
        """Raise ValueError if a source can't be asked for these terms."""
        for name in self.source:
            source_class(name).check_terms(self, terms)

    def x_token(self) -> str:
        """Return the key of the X API; ValueError if there is none."""
        token = secret.read("X_BEARER_TOKEN", self.x_bearer_token, self.x_bearer_token_file)
        if token is None:
            raise ValueError("X_BEARER_TOKEN: SOURCE=x needs it, or X_BEARER_TOKEN_FILE")
        return token

    def mastodon_token(self) -> str | None:
        """Return the access token of the Mastodon server, if there is one: a few servers stream without."""
        return secret.read("MASTODON_ACCESS_TOKEN", self.mastodon_access_token, self.mastodon_access_token_file)

    def ack_token(self) -> str | None:
        """Return the secret by which the job proves an ACK, if there is one; ValueError for one that can't be right."""
        token = secret.read("PUSH_TOKEN", self.push_token, "")
        if token is not None and len(token) < MIN_TOKEN_CHARACTERS:
            raise ValueError(f"PUSH_TOKEN has fewer than {MIN_TOKEN_CHARACTERS} characters")
        return token


def load(**given: object) -> Settings:
    """Return the settings of the environment; those `given` (by their names in small letters) win.

    Raises:
        SettingsError: one of them can't be used.

    """
    try:
        refuse_unknown(read_env_file(Path(".env")), "in .env")
        return Settings(**given)  # type: ignore[arg-type]
    except SettingNameError as error:
        raise SettingsError(str(error)) from error
    except ValidationError as error:
        raise SettingsError(_with_way_into_container(sentence(error, Settings))) from error


def _with_way_into_container(said: str) -> str:
    """The sentence; about a file, and in the container of docker-compose.yml, also where files are there."""
    name = said.partition(":")[0]
    if not (name.endswith("_FILE") and INPUT.is_dir()):
        return said
    return (
        f"{said}; a container sees the files of INPUT_DIR alone, as {INPUT}: "
        f"with INPUT_DIR=. the file x of that folder is {name}={INPUT}/x"
    )
