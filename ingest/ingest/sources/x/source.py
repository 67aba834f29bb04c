"""The source `x`: the filtered stream of the X API v2."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from threading import Event, Lock
from typing import TYPE_CHECKING, ClassVar, Self

from requests.adapters import BaseAdapter

from ingest.posts.filter import Term
from ingest.sources.base import Interrupted, NewPost, Paused, Refused, Repeated, Source, SourceContext, SourceItem
from ingest.sources.common import unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.common.resume import RecentIds
from ingest.sources.x import post as x_post
from ingest.sources.x import rules as x_rules
from ingest.sources.x import stream as x_stream
from ingest.sources.x.billing import MONTHLY_LIMIT, Bill
from ingest.sources.x.errors import OutOfCredit
from ingest.sources.x.meter import Meter
from ingest.sources.x.post import ProblemError
from ingest.sources.x.rules import Retweets
from ingest.sources.x.stream import XStream

if TYPE_CHECKING:
    from ingest.settings import Settings

# Characters that an HTTP header can hold. It is checked here because an error of the library would quote the token.
_TOKEN = re.compile(r"[\x21-\x7e]+")

logger = logging.getLogger(__name__)


class X(Source):
    """Yields the posts that X delivers for the rules; X bills each post.

    The cursor is the bill. X's stream can't be resumed: posts that were written while we were not connected are lost.
    """

    name: ClassVar[str] = "x"
    filters_itself: ClassVar[bool] = True
    cursor_outlives_session: ClassVar[bool] = True

    @classmethod
    def from_settings(cls, settings: "Settings", context: SourceContext) -> Self:
        """Return a new source for the terms, or the `X_RULES`, of the settings."""
        return cls(
            settings.x_token(),
            terms=settings.terms(),
            languages=settings.languages,
            rules=settings.x_rules,
            retweets=settings.x_retweets,
            daily_limit=settings.x_daily_limit,
            monthly_limit=settings.x_monthly_limit,
            price_per_post_usd=settings.x_price_per_post,
            wall_ms=context.wall_ms,
            stop=context.stop,
        )

    @classmethod
    def check_settings(cls, settings: "Settings") -> None:
        """Check the token, and that the terms make valid rules for X.

        Raises:
            ValueError: There is no token, or the terms make no valid rules.

        """
        settings.x_token()
        try:
            cls.check_terms(settings, settings.terms())
        except ValueError as error:
            raise ValueError(f"TRACK, X_RULES and LANGUAGES must make rules that X accepts ({error})") from error

    @classmethod
    def check_terms(cls, settings: "Settings", terms: Sequence[Term]) -> None:
        """Check that these terms make valid rules for X.

        Raises:
            ValueError: They don't.

        """
        x_rules.stream_rules(terms, settings.languages, retweets=settings.x_retweets, own_rules=settings.x_rules)

    def __init__(
        self,
        token: str,
        *,
        terms: Sequence[Term],
        languages: Sequence[str],
        rules: str = "",
        retweets: Retweets = "drop",
        daily_limit: int,
        monthly_limit: int = MONTHLY_LIMIT,
        price_per_post_usd: float,
        wall_ms: Callable[[], int],
        stop: Event,
        silence_seconds: float = x_stream.SILENCE_SECONDS,
        adapter: Callable[[], BaseAdapter] | None = None,
    ) -> None:
        """Create the source and its rules; `posts` connects.

        Args:
            token: The bearer token of the X API.
            terms: The terms of `TRACK`.
            languages: The codes of `LANGUAGES`.
            rules: The user's own rules (X_RULES), used in place of `terms` and `languages`.
            retweets: Whether X sends retweets.
            daily_limit: Most posts in a UTC day.
            monthly_limit: Most posts in a UTC month.
            price_per_post_usd: Price of one post.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            stop: Ends the source.
            silence_seconds: A stream without a byte for this long is given up.
            adapter: Makes the adapter that each session of requests uses for X's address; None: the default one.

        Raises:
            ValueError: The token is not valid, or the terms make no valid rules.

        """
        if not _TOKEN.fullmatch(token):
            raise ValueError("X_BEARER_TOKEN is empty, or has a character that no token has")
        self._token = token
        self._own_rules = rules
        self._retweets = retweets
        self._wall_ms = wall_ms
        self._stop = stop
        self._silence_seconds = silence_seconds
        self._adapter = adapter
        self._bill = Bill(limit=daily_limit, monthly_limit=monthly_limit, price_usd=price_per_post_usd, wall_ms=wall_ms)
        self._meter = Meter(self._fetch_usage, self._bill, wall_ms=wall_ms)
        self._recent = RecentIds()
        self._is_open = False
        self._was_silent = False
        self._rules_lock = Lock()
        self._wanted = self._rules_for(terms, languages)
        self._foreign_rules = 0
        self._rules_error = ""
        self._streaming = False
        logger.info(
            "x: a day costs at most $%.2f (X_DAILY_LIMIT=%d posts at $%g each)",
            self._bill.cost_at_limit_usd,
            daily_limit,
            price_per_post_usd,
        )

    def posts(self, cursor: str | None) -> Iterator[SourceItem]:
        """Set the rules, connect once, and yield the delivered posts; see Source."""
        self._bill.resume(cursor)
        self._bill.check_limits()
        client = self._stream_client()
        try:
            with self._rules_lock:
                self._set_rules(client, self._wanted)
                self._streaming = True
            with closing(client.lines(self._stop)) as lines:
                yield from self._items(lines)
        except OutOfCredit as pause:
            if cursor is None and not self._bill.posts_month:
                raise Refused(str(pause)) from pause
            raise
        finally:
            # After an open stream without a single byte, the next stream counts as open with its first byte only.
            self._was_silent = (self._is_open or self._was_silent) and not client.has_received
            self._streaming = self._is_open = False
            client.close()

    def set_terms(self, terms: Sequence[Term], languages: Sequence[str]) -> None:
        """Use new terms: at once if the stream is open, else from the next connection on. Errors are only reported."""
        with self._rules_lock:
            self._rules_error = ""
            try:
                wanted = self._rules_for(terms, languages)
                if self._streaming:
                    with closing(self._client()) as client:
                        self._set_rules(client, wanted)
                self._wanted = wanted
            except (ValueError, Refused) as error:
                self._note_rules_error(f"the old rules stay: {error}")
            except (Interrupted, Paused) as error:
                self._wanted = wanted
                self._note_rules_error(f"the new rules are set at the next connection: {error}")

    def own_terms(self) -> list[str]:
        """Return the rules of X_RULES, if there are any; see Source."""
        return x_rules.split_rules(self._own_rules)

    def facts(self) -> Mapping[str, str | int | float]:
        """Return the bill and the number of rules; see Source."""
        error = {"rules_error": self._rules_error} if self._rules_error else {}
        return {
            "billed_today": self._bill.posts_today,
            "cost_today_usd": self._bill.cost_today_usd,
            "daily_limit": self._bill.limit,
            "cost_at_limit_usd": self._bill.cost_at_limit_usd,
            "billed_month": self._bill.posts_month,
            "cost_month_usd": self._bill.cost_month_usd,
            "monthly_limit": self._bill.monthly_limit,
            "rules": len(self._wanted),
            "rules_of_others": self._foreign_rules,
            **self._meter.facts(),
            **error,
        }

    def _items(self, lines: Iterator[bytes]) -> Iterator[SourceItem]:
        last_problem = ""
        try:
            for line in lines:
                post = unexpected.read(x_post.read, line)
                if isinstance(post, ProblemError):
                    last_problem = f": {post.problem}"
                else:
                    self._bill.add()
                cursor = self._bill.cursor
                if isinstance(post, FormatError):
                    yield unexpected.malformed(post, cursor)
                elif self._recent.add(post.id):
                    yield NewPost(post, cursor)
                else:
                    yield Repeated(cursor)
                self._bill.check_limits()
        except Interrupted as interruption:
            raise Interrupted(f"{interruption}{last_problem}", interruption.wait_seconds) from interruption

    def _set_rules(self, client: XStream, wanted: Sequence[str]) -> None:
        foreign = len(client.set_rules(wanted))
        if foreign > self._foreign_rules:
            logger.warning("x: the app has %d foreign rules; X delivers and bills their posts, too", foreign)
        self._foreign_rules = foreign
        self._rules_error = ""

    def _note_rules_error(self, sentence: str) -> None:
        self._rules_error = sentence
        logger.error("x: %s", sentence)

    def _rules_for(self, terms: Sequence[Term], languages: Sequence[str]) -> list[str]:
        return x_rules.stream_rules(terms, languages, retweets=self._retweets, own_rules=self._own_rules)

    def _on_stream_open(self) -> None:
        self._is_open = True
        self.report_open()

    def _on_stream_wait(self) -> None:
        if self._is_open:
            self._meter.query_if_due()

    def _fetch_usage(self) -> bytes:
        with closing(self._client()) as client:
            return client.usage()

    def _stream_client(self) -> XStream:
        return XStream(
            self._token,
            wall_ms=self._wall_ms,
            silence_seconds=self._silence_seconds,
            on_open=self._on_stream_open,
            on_wait=self._on_stream_wait,
            opens_with_a_byte=self._was_silent,
            adapter=self._adapter() if self._adapter else None,
        )

    def _client(self) -> XStream:
        """Return a new client: a session of requests must not be shared between threads."""
        adapter = self._adapter() if self._adapter else None
        return XStream(self._token, wall_ms=self._wall_ms, silence_seconds=self._silence_seconds, adapter=adapter)
