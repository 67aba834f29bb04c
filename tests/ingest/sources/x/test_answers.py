"""Responses of X other than a stream."""

import pytest
from tests.ingest.servers import x_responses
from tests.ingest.servers.x_responses import Answer, line
from tests.ingest.servers.x_server import RULES, STREAM, XServer
from tests.ingest.sources.conftest import RunSource
from tests.ingest.sources.x.client import NOON_MS, Open, collect, ids, sends

from ingest.posts import filter as post_filter
from ingest.sources.base import Interrupted, Paused, Refused


@pytest.mark.parametrize("at", ["stream", "rules"])
@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (x_responses.UNAUTHORIZED, "X answered 401 Unauthorized: X_BEARER_TOKEN is not a token that X knows"),
        (
            x_responses.NOT_ENROLLED,
            (
                "X answered 403 Client Forbidden, client-not-enrolled: "
                "the filtered stream needs an app with pay-per-use access and credit (X's developer console)"
            ),
        ),
        (
            x_responses.NO_CREDIT,
            (
                "X answered 402 CreditsDepleted, There is no credit left: "
                "the credit at X has run out, add some in X's developer console"
            ),
        ),
        (Answer(403, {"title": "Forbidden", "detail": "Suspended."}), "X answered 403 Forbidden, Suspended"),
        (Answer(401, b""), "X answered 401 Unauthorized: X_BEARER_TOKEN is not a token that X knows"),
        (Answer(403, [1]), "X answered 403 Forbidden"),
        (Answer(403, b'{"deep":' + b"[" * 50_000), "X answered 403 Forbidden"),
    ],
)
def test_a_refusal_has_the_response_of_x(x_api: XServer, open_x: Open, at: str, answer: Answer, sentence: str) -> None:
    (x_api.turns if at == "stream" else x_api.rules_answers).append(answer)
    _, end = collect(open_x())
    assert isinstance(end, Refused)
    assert str(end) == sentence
    assert x_api.requests.count(f"GET {STREAM}") == (at == "stream")


def test_a_wrong_token_is_tried_once(x_api: XServer, open_x: Open) -> None:
    _, end = collect(open_x(token="wrong"))
    assert isinstance(end, Refused)
    assert x_api.requests == [f"GET {RULES}"]


def test_after_a_refusal_no_request_is_sent(x_api: XServer, open_x: Open, run_source: RunSource) -> None:
    x_api.turns.append(x_responses.NOT_ENROLLED)
    active = run_source(lambda stop: open_x(stop=stop))
    assert active.ended.wait(20)
    active.runner.set_terms(post_filter.parse("dogs"), [])
    active.source.set_terms(post_filter.parse("dogs"), [])
    assert active.runner.state.name == "refused"
    assert x_api.requests == [f"GET {RULES}", f"POST {RULES}", f"GET {STREAM}"]


def test_a_rule_that_x_rejects_is_a_refusal_with_its_reason(x_api: XServer, open_x: Open) -> None:
    _, end = collect(open_x(rules="(cats"))
    assert isinstance(end, Refused)
    assert str(end) == "X answered 400 UnprocessableEntity, a parenthesis is not closed"


def test_missing_rules_are_reported_and_set_again_at_the_next_retry(x_api: XServer, open_x: Open) -> None:
    x_api.turns.extend([x_responses.NO_RULES, sends(line(1))])
    x = open_x()
    _, end = collect(x)
    assert isinstance(end, Interrupted)
    assert str(end) == (
        "X answered 409 ConnectionException, Rules must be configured before connecting: "
        "X has no rules for the stream; ingest sets them again at the next retry"
    )
    x_api.rules.clear()
    items, _ = collect(x)
    assert ids(items) == [1]
    assert x_api.values() == ["cats -is:retweet"]


@pytest.mark.parametrize("at", ["stream", "rules"])
@pytest.mark.parametrize(
    ("answer", "sentence", "seconds"),
    [
        (x_responses.too_many_requests(NOON_MS // 1000 + 777), "X answered 429 Too Many Requests", 777),
        (x_responses.too_many_requests(NOON_MS // 1000 - 5), "X answered 429 Too Many Requests", 0),
        (x_responses.too_many_requests(10**15), "X answered 429 Too Many Requests", 86_400),
        (Answer(429, {}), "X answered 429 Too Many Requests", 60),
        (Answer(429, {}, {"x-rate-limit-reset": "soon"}), "X answered 429 Too Many Requests", 60),
        (Answer(429, {}, {"x-rate-limit-reset": "9" * 5000}), "X answered 429 Too Many Requests", 60),
        (
            x_responses.TOO_MANY_CONNECTIONS,
            "X answered 429 ConnectionException, This stream is currently at the maximum allowed connection limit",
            60,
        ),
        (x_responses.UNAVAILABLE, "X answered 503 Service Unavailable", 0),
        (Answer(599, b"\xff"), "X answered 599", 0),
        (Answer(302, b"", {"Location": "/elsewhere"}), "X answered 302 Found", 0),
    ],
)
def test_a_temporary_error_has_the_time_of_the_retry(
    x_api: XServer, open_x: Open, at: str, answer: Answer, sentence: str, seconds: float
) -> None:
    (x_api.turns if at == "stream" else x_api.rules_answers).append(answer)
    _, end = collect(open_x())
    assert isinstance(end, Interrupted)
    assert (str(end), end.wait_seconds) == (sentence, seconds)
    assert x_api.requests.count(f"GET {STREAM}") == (at == "stream")


def test_rules_that_are_not_json_are_an_interruption(x_api: XServer, open_x: Open) -> None:
    x_api.rules_answers.append(Answer(200, b"<html>"))
    _, end = collect(open_x())
    assert str(end) == "X's response about the rules can't be read"


DEPLETED = Answer(403, {"title": "CreditsDepleted", "type": "https://api.x.com/2/problems/credits"})
DEPLETED_TOO = Answer(402, {"title": "Payment Required", "type": "https://api.x.com/2/problems/credits-depleted"})
LISTED = Answer(403, {"errors": [{"title": "CreditsDepleted", "detail": "made up"}]})


@pytest.mark.parametrize("at", ["stream", "rules"])
@pytest.mark.parametrize("answer", [x_responses.NO_CREDIT, DEPLETED, DEPLETED_TOO, LISTED, Answer(402, b"")])
@pytest.mark.parametrize("cursor", ["2026-11-20 7", "2026-10-31 7"])
def test_credit_that_has_run_out_is_a_pause_after_posts_came(
    x_api: XServer, open_x: Open, at: str, answer: Answer, cursor: str
) -> None:
    (x_api.turns if at == "stream" else x_api.rules_answers).append(answer)
    _, end = collect(open_x(), cursor)
    assert isinstance(end, Paused)
    assert str(end).endswith(": the credit at X has run out, add some in X's developer console")
    assert end.until_ms == NOON_MS + 900_000


def test_the_source_continues_when_there_is_new_credit(x_api: XServer, open_x: Open) -> None:
    x_api.turns.extend([sends(line(1)), x_responses.NO_CREDIT, sends(line(2))])
    x = open_x()
    items, _ = collect(x)
    assert isinstance(collect(x, items[-1].cursor)[1], Paused)
    assert ids(collect(x, items[-1].cursor)[0]) == [2]


@pytest.mark.parametrize("at", ["stream", "rules"])
@pytest.mark.parametrize("status", [402, 403, 429])
@pytest.mark.parametrize("cursor", [None, "2026-11-20 7"])
def test_a_cap_that_is_used_up_is_a_pause(
    x_api: XServer, open_x: Open, at: str, status: int, cursor: str | None
) -> None:
    answer = x_responses.USAGE_CAPPED._replace(status=status)
    (x_api.turns if at == "stream" else x_api.rules_answers).append(answer)
    _, end = collect(open_x(), cursor)
    assert isinstance(end, Paused)
    assert str(end) == (
        f"X answered {status} UsageCapExceeded, Usage cap exceeded: Monthly product cap: "
        "the posts of X's billing cycle are used up; ingest retries each hour"
    )
    assert end.until_ms == NOON_MS + 3_600_000
