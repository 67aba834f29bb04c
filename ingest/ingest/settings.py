"""The settings: environment variables, or lines of `.env` in the working directory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from ingest import env_file, secret
from ingest.posts import filter as post_filter
from ingest.posts import language
from ingest.posts import track_file as track
from ingest.posts.filter import Term
from ingest.settings_kafka import KafkaSettings
from ingest.settings_text import alternatives, quoted, sentence
from ingest.sources import SOURCES, source_class
from ingest.sources.bluesky import host as bluesky
from ingest.sources.common import address

Port = Annotated[int, Field(ge=0, le=65_535)]
Names = Annotated[list[str], NoDecode]

#: The same as in the job and the dashboard.
MIN_TOKEN_CHARACTERS = 16
#: Where docker-compose.yml shows the container the folder INPUT_DIR.
INPUT = Path("/input")


class SettingsError(Exception):
    """A setting can't be used. Its text is one sentence that names the setting."""


class Settings(KafkaSettings):
    """The settings of ingest. An empty value means the default. The variable of a field has its name in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    source: Names = Field(
        ["demo"],
        examples=list(SOURCES),
        description="Where posts come from. Several names have commas between them. docs/sources.md describes the "
        "sources.",
    )
    track: str = Field(
        "",
        description='Which posts are wanted: words, `#tags`, `"quoted phrases"` and `-excluded` terms, with commas '
        "between them. Empty: all posts.",
    )
    track_file: str = Field(
        "", description="File of such terms, one per line, in place of `TRACK`. Ingest reads it again when it changes."
    )
    languages: Names = Field(
        [],
        description="Codes of the wanted languages, such as `en`, with commas between them. `pt` matches `pt-BR` too. "
        "Empty: all languages.",
    )
    limit: int | None = Field(
        None,
        ge=0,
        description="Number of accepted posts after which ingest stops, restarts included. The next start counts "
        "from 0 again; a file continues only with a greater limit. Empty or `0`: no limit.",
    )
    demo_rate: float = Field(
        50,
        gt=0,
        le=100_000,
        description="Mean number of posts per second of the demo. The rate rises and falls by a third; over five "
        "minutes its mean is within 5 %.",
    )
    demo_seed: int | None = Field(
        None, description="Number that makes the demo repeatable. Empty: another stream at each start."
    )
    demo_past_minutes: float = Field(
        45,
        ge=0,
        le=120,
        description="Minutes before the first start for which the demo makes up posts, so that Rising knows from the "
        "beginning what is usual. `0`: none. With a `LIMIT` there are none.",
    )
    lesson_faults: int = Field(
        0,
        ge=0,
        le=1,
        description="`1`: buttons of the page's view `?lesson` disturb the running services on purpose, for a class. "
        "They work only if `demo` is the only source. Everybody who reaches the page can press them. `0`: there are "
        "none.",
    )
    replay_file: str = Field(
        "",
        description="File of posts to replay, one JSON object per line. A name that ends in `.gz` is unpacked; `-` is "
        "standard input.",
    )
    replay_speed: float = Field(
        1, ge=0, allow_inf_nan=False, description="Factor of the original pace. `0`: as fast as possible."
    )
    x_bearer_token: SecretStr = Field(SecretStr(""), description="Bearer token of the X API.")
    x_bearer_token_file: str = Field("", description="File with the token, in place of `X_BEARER_TOKEN`.")
    x_rules: str = Field(
        "", description="Rules in X's own language, separated by `;;` or line ends, in place of terms and languages."
    )
    x_retweets: Literal["drop", "keep"] = Field(
        "drop", description="`keep`: X delivers retweets too, and bills them. `drop`: it delivers none."
    )
    x_daily_limit: int = Field(
        1000,
        ge=1,
        description="Posts of X in a UTC day after which ingest closes the stream. X may bill a few more that it "
        "had sent by then.",
    )
    x_monthly_limit: int = Field(
        2_000_000,
        ge=1,
        description="Posts of X in a UTC month after which ingest closes the stream until the next month.",
    )
    x_price_per_post: float = Field(
        0.005, ge=0, allow_inf_nan=False, description="What X bills for a post, in US dollars. Only for display."
    )
    bluesky_hosts: Names = Field(
        [],
        description="Jetstream servers, such as `jetstream2.us-east.bsky.network`, with commas between them. Empty: "
        "Bluesky's own.",
    )
    mastodon_url: str = Field("", description="Address of your Mastodon server, such as `https://mastodon.example`.")
    mastodon_access_token: SecretStr = Field(
        SecretStr(""), description="Access token of an application on that server."
    )
    mastodon_access_token_file: str = Field("", description="File with the token, in place of `MASTODON_ACCESS_TOKEN`.")
    push_token: SecretStr = Field(
        SecretStr(""),
        description="Secret of ingest, job and dashboard: one word of 16 to 4096 printable ASCII characters. The job "
        "uses it to push and to acknowledge. `make run` creates one.",
    )
    ingest_port: Port = Field(
        9009, description="TCP port of ingest's log, which the job reads. `0`: any free port, for ingest alone."
    )
    tail_port: Port = Field(
        9010, description="TCP port that sends every post, for any program that reads a socket. `0`: any free port."
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
    spool_max_age: float = Field(
        3600, ge=0, allow_inf_nan=False, description="Seconds that counted posts stay on disk."
    )
    spool_max_bytes: int = Field(
        2**30,
        ge=2**24,
        description="Most bytes of posts on disk. Only when it is full are uncounted posts dropped, and shown as lost.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least level of the log lines that are written: `DEBUG`, `INFO`, `WARNING` or `ERROR`."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Form of the log lines: `text`, or `json` for machines (each line is a JSON object)."
    )

    @field_validator("source", "languages", "bluesky_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("source")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in SOURCES:
                raise ValueError(f"be one or more of {alternatives(list(SOURCES))}, not {quoted(name)}")
        return list(dict.fromkeys(names))

    @field_validator("track")
    @classmethod
    def _parsed(cls, track: str) -> str:
        try:
            post_filter.parse(track)
        except ValueError as error:
            raise ValueError(f"be terms with commas between them, not {quoted(track)} ({error})") from error
        return track

    @field_validator("languages")
    @classmethod
    def _codes(cls, codes: list[str]) -> list[str]:
        try:
            return language.parse_codes(codes)
        except ValueError as error:
            raise ValueError(f"be codes of languages, not {quoted(','.join(codes))} ({error})") from error

    @field_validator("bluesky_hosts")
    @classmethod
    def _hosts(cls, hosts: list[str]) -> list[str]:
        for host in hosts:
            bluesky.base_url(host)
        return hosts

    @field_validator("mastodon_url")
    @classmethod
    def _address(cls, url: str) -> str:
        if "@" in url:  # The part before it may be a password, and is not quoted.
            raise ValueError("be an address such as https://mastodon.example, without an @")
        parts = address.split(url)
        if url and (parts is None or parts.scheme not in {"http", "https"}):
            raise ValueError(f"be an address such as https://mastodon.example, not {quoted(url)}")
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
            raise ValueError("TRACK and TRACK_FILE must not both be set")
        if self.track_file:
            try:
                self.terms()
            except track.TrackError as error:
                raise ValueError(
                    f"TRACK_FILE must be a file of terms, not {quoted(self.track_file)} ({error})"
                ) from error
        self.ack_token()
        self.check_kafka()
        for name in self.source:
            source_class(name).check_settings(self)
        return self

    def terms(self) -> list[Term]:
        """Return the terms of `TRACK`, or those that are in `TRACK_FILE` now.

        Raises:
            TrackError: the file can't be used.

        """
        return track.read(Path(self.track_file)) if self.track_file else post_filter.parse(self.track)

    def check_terms(self, terms: Sequence[Term]) -> None:
        """Raise ValueError if a source rejects these terms."""
        for name in self.source:
            source_class(name).check_terms(self, terms)

    def x_token(self) -> str:
        """Return the key of the X API; ValueError if there is none."""
        if token := secret.read("X_BEARER_TOKEN", self.x_bearer_token, self.x_bearer_token_file):
            return token
        raise ValueError("X_BEARER_TOKEN or X_BEARER_TOKEN_FILE must be set for SOURCE=x")

    def mastodon_token(self) -> str | None:
        """Return the access token of the Mastodon server, if there is one: a few servers stream without."""
        return secret.read("MASTODON_ACCESS_TOKEN", self.mastodon_access_token, self.mastodon_access_token_file)

    def ack_token(self) -> str | None:
        """Return the secret by which the job proves an ACK, if there is one; ValueError for one that can't be right."""
        token = secret.read("PUSH_TOKEN", self.push_token, "")
        if token is not None and len(token) < MIN_TOKEN_CHARACTERS:
            raise ValueError(f"PUSH_TOKEN must be at least {MIN_TOKEN_CHARACTERS} characters long")
        return token


def load(**given: object) -> Settings:
    """Return the settings of the environment; those `given` (by their names in small letters) win.

    Raises:
        SettingsError: one of them can't be used.

    """
    if fault := env_file.fault(Path(".env")):
        raise SettingsError(fault)
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError(_with_folder_of_container(sentence(error, Settings.model_json_schema()))) from error


def _with_folder_of_container(said: str) -> str:
    """Return the sentence; about a file, and in the container of docker-compose.yml, with the folder of such files."""
    name = said.partition(" ")[0]
    if not (name.endswith("_FILE") and INPUT.is_dir()):
        return said
    return (
        f"{said}; a container sees the files of INPUT_DIR alone, as {INPUT}: "
        f"with INPUT_DIR=. the file x of that folder is {name}={INPUT}/x"
    )
