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

# What an HTTP header can hold; an error of the library would quote the token.
_TOKEN = re.compile(r"[\x21-\x7e]+")

logger = logging.getLogger(__name__)


class X(Source):
    """Yields what X delivers for its rules; each post is billed.

    The cursor is the bill, for X can't be resumed: what was posted while we were away is lost.
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
        """Check the token, and that X takes rules for these terms.

        Raises:
            ValueError: There is no token, or no rules can be made.

        """
        settings.x_token()
        cls.check_terms(settings, settings.terms())

    @classmethod
    def check_terms(cls, settings: "Settings", terms: Sequence[Term]) -> None:
        """Check that X takes rules for these terms.

        Raises:
            ValueError: No rules can be made of them.

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
        """`rules` of the user's own stand in for `terms` and `languages`; see x_rules.

        `adapter` makes the adapter that each session of requests uses for X's address; None: its own.

        Raises:
            ValueError: the token can't be one, or no rules can be made of these terms.

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
        self._meter = Meter(self._ask_meter, self._bill, wall_ms=wall_ms)
        self._recent = RecentIds()
        self._is_open = False
        self._was_silent = False
        self._rules_lock = Lock()
        self._wanted = self._rules_for(terms, languages)
        self._rules_of_others = 0
        self._rules_error = ""
        self._streaming = False
        logger.info(
            "x: a day costs up to $%.2f (X_DAILY_LIMIT=%d posts at $%g each)",
            self._bill.cost_at_limit_usd,
            daily_limit,
            price_per_post_usd,
        )

    def posts(self, cursor: str | None) -> Iterator[SourceItem]:
        """Set the rules, connect once, and yield what is delivered; see Source."""
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
            # An open stream that not even a keep-alive came from is not believed the next time.
            self._was_silent = (self._is_open or self._was_silent) and not client.heard
            self._streaming = self._is_open = False
            client.close()

    def set_terms(self, terms: Sequence[Term], languages: Sequence[str]) -> None:
        """Look for other terms: at once if it streams, else from the next connection on; an error is only shown."""
        with self._rules_lock:
            self._rules_error = ""
            try:
                wanted = self._rules_for(terms, languages)
                if self._streaming:
                    with closing(self._client()) as client:
                        self._set_rules(client, wanted)
                self._wanted = wanted
            except (ValueError, Refused) as error:
                self._note_rules_error(f"the rules stay as they are: {error}")
            except (Interrupted, Paused) as error:
                self._wanted = wanted
                self._note_rules_error(f"the rules change at the next connection: {error}")

    def own_terms(self) -> list[str]:
        """Return the rules of X_RULES, if there are any; see Source."""
        return x_rules.split_rules(self._own_rules)

    def facts(self) -> Mapping[str, str | int | float]:
        """Return the bill of the day and the number of rules; see Source."""
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
            "rules_of_others": self._rules_of_others,
            **self._meter.facts(),
            **error,
        }

    def _items(self, lines: Iterator[bytes]) -> Iterator[SourceItem]:
        last_words = ""
        try:
            for line in lines:
                post = unexpected.read(x_post.read, line)
                if isinstance(post, ProblemError):
                    last_words = f": {post.problem}"
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
            raise Interrupted(f"{interruption}{last_words}", interruption.wait_seconds) from interruption

    def _set_rules(self, client: XStream, wanted: Sequence[str]) -> None:
        others = len(client.set_rules(wanted))
        if others > self._rules_of_others:
            logger.warning("x: the app has %d rules of others; what they match is delivered and billed too", others)
        self._rules_of_others = others
        self._rules_error = ""

    def _note_rules_error(self, sentence: str) -> None:
        self._rules_error = sentence
        logger.error("x: %s", sentence)

    def _rules_for(self, terms: Sequence[Term], languages: Sequence[str]) -> list[str]:
        return x_rules.stream_rules(terms, languages, retweets=self._retweets, own_rules=self._own_rules)

    def _note_open(self) -> None:
        self._is_open = True
        self.report_open()

    def _note_wait(self) -> None:
        if self._is_open:
            self._meter.query_if_due()

    def _ask_meter(self) -> bytes:
        with closing(self._client()) as client:
            return client.usage()

    def _stream_client(self) -> XStream:
        return XStream(
            self._token,
            wall_ms=self._wall_ms,
            silence_seconds=self._silence_seconds,
            on_open=self._note_open,
            on_wait=self._note_wait,
            opens_with_a_byte=self._was_silent,
            adapter=self._adapter() if self._adapter else None,
        )

    def _client(self) -> XStream:
        """Return a new client; threads don't share one, as requests' sessions aren't made for that."""
        adapter = self._adapter() if self._adapter else None
        return XStream(self._token, wall_ms=self._wall_ms, silence_seconds=self._silence_seconds, adapter=adapter)
