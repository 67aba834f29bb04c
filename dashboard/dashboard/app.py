"""Create the application and connect its parts."""

from __future__ import annotations

import logging
import os
import random
import secrets
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from dashboard import __version__
from dashboard.alerts.apprise_sender import AppriseSender, checked_targets
from dashboard.alerts.claims import Claims
from dashboard.alerts.delivery import Deliveries, DeliveryGreenlets
from dashboard.alerts.inbox import AlertInbox
from dashboard.alerts.senders import Senders
from dashboard.alerts.silence import SilenceWatch
from dashboard.alerts.store import AlertStore
from dashboard.alerts.targets_file import TargetsFile
from dashboard.alerts.webhook import WebhookSender
from dashboard.api.alert_metrics import AlertMetrics
from dashboard.api.alerts import alerts_routes
from dashboard.api.archive import archive_routes
from dashboard.api.cors import Cors
from dashboard.api.counted_tag import counted_tag
from dashboard.api.docs import docs_routes
from dashboard.api.feed import feed_routes
from dashboard.api.health import health_routes
from dashboard.api.history import history_routes
from dashboard.api.lesson import Lessons, lesson_routes
from dashboard.api.lesson_faults import lesson_fault_routes
from dashboard.api.metrics import Metrics, registry
from dashboard.api.numbers.routes import Numbers, number_routes
from dashboard.api.recount import recount_routes
from dashboard.api.responses import Error, answer
from dashboard.api.search import search_routes
from dashboard.api.snapshots import is_push, push_routes, read_routes
from dashboard.api.tag_posts import tag_posts_routes
from dashboard.history.muted_file import MutedFile
from dashboard.history.store import History
from dashboard.job.archive import JobArchive
from dashboard.job.client import JobClient
from dashboard.job.lesson_faults import JobFaults
from dashboard.job.tags import JobTags
from dashboard.live.hub import Live
from dashboard.log_throttle import RepeatedWarningsFilter, Throttle
from dashboard.page.figures import figures
from dashboard.page.preview.fonts import find_fonts
from dashboard.page.preview.image import Preview
from dashboard.page.preview.routes import link_preview, preview_routes
from dashboard.page.routes import page_routes
from dashboard.page.security_headers import headers
from dashboard.page.static_files import load_static_files, static_routes
from dashboard.receive.push_counts import Pushes
from dashboard.receive.receiver import SnapshotReceiver
from dashboard.receive.relay import Relay
from dashboard.snapshots.freshness import Freshness
from dashboard.snapshots.latest import Latest
from dashboard.snapshots.mute_list import MuteList
from dashboard.snapshots.recent import RecentSnapshots
from dashboard.snapshots.samples import HeldSamples
from dashboard.snapshots.shown_times import ShownTimes
from dashboard.traffic.admission import AdmissionControl
from dashboard.traffic.counters import ClientCounters
from dashboard.traffic.error_page import error_page, wants_page
from dashboard.traffic.proxies import Proxies

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.settings import Settings

STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings, wall_ms: Callable[[], int], monotonic_ms: Callable[[], int]) -> Flask:
    """The dashboard as a WSGI application.

    The folder of the history is made if it is missing. At the end, close `dashboard.live` and `dashboard.history` of
    `app.extensions`.

    Args:
        settings: The settings.
        wall_ms: Milliseconds since 1970.
        monotonic_ms: Milliseconds of a clock that is never set back.

    """
    app = Flask(__name__, static_folder=None)
    throttle = Throttle(monotonic_ms)
    muted, samples = MuteList(), HeldSamples(monotonic_ms)
    searches: Counter[str] = Counter()
    history = History(settings.data_dir / "history", wall_ms, monotonic_ms, throttle, muted)
    muted_file = MutedFile(settings.data_dir / "history" / "muted.json", muted, throttle)
    pushes, freshness, counters = Pushes(throttle, monotonic_ms), Freshness(monotonic_ms), ClientCounters()
    recent = RecentSnapshots(monotonic_ms)
    latest = Latest(freshness.note, recent.hold)
    cors = Cors(settings.cors_origins)
    live = Live(app, latest, counters, throttle, monotonic_ms, lambda: freshness.age_ms or 0, cors.allows)
    preview = Preview(latest, find_fonts(), monotonic_ms)
    token = settings.push_token.get_secret_value()
    admission = AdmissionControl(
        app.wsgi_app, settings, counters, lambda environ: is_push(environ, token), monotonic_ms
    )
    app.wsgi_app = Proxies(admission, settings)  # type: ignore[method-assign]
    store = AlertStore(history, lambda: secrets.token_hex(16))
    targets = TargetsFile(
        settings.targets_file, token.encode(), lambda path, key: checked_targets(path, key, os.environ)
    )
    queue = settings.message_queue.get_secret_value()
    senders = Senders(
        WebhookSender(settings.public_url, __version__, wall_ms), AppriseSender(settings.public_url, os.environ)
    )
    claims = Claims(queue, store.instance, throttle)
    deliveries = Deliveries(store, senders, claims, muted, throttle, random.random)
    greenlets = DeliveryGreenlets(deliveries, targets)
    alerts = AlertInbox(store, live, muted, settings.public_url, targets.ids, greenlets.wake)
    times = ShownTimes(wall_ms)
    receiver = SnapshotReceiver(latest, samples, muted_file, history, alerts, live, pushes, lambda: relay.notice, times)
    relay = Relay(queue, receiver, pushes, throttle)
    silence = SilenceWatch(
        alerts, (store, history), freshness, claims, monotonic_ms, targets.ids, lambda: relay.notice is not None
    )
    metrics = Metrics(
        latest, history, pushes, freshness, live.viewers, counters, lambda: relay.notice, samples, searches
    )
    app.register_blueprint(push_routes(token, receiver, pushes, relay.publish))
    app.register_blueprint(read_routes(latest))
    app.register_blueprint(
        health_routes(
            history,
            pushes,
            freshness,
            registry(metrics, AlertMetrics(alerts, store, deliveries, targets)),
            lambda: relay.notice,
            lambda: targets.error,
        )
    )
    job = JobClient(settings.query_url, token, admission.waiting, monotonic_ms)
    tags = JobTags(job)
    app.register_blueprint(history_routes(latest, history, muted, partial(counted_tag, latest, tags), settings.top_n))
    app.register_blueprint(archive_routes(JobArchive(job), muted))
    app.register_blueprint(recount_routes(job, history, muted, monotonic_ms))
    faults = JobFaults(job, bool(settings.lesson_faults), monotonic_ms)
    app.register_blueprint(lesson_fault_routes(faults, admission.waiting, monotonic_ms))
    app.register_blueprint(lesson_routes(Lessons(job, times, monotonic_ms, faults=faults.now)))
    app.register_blueprint(search_routes(latest, history, muted, tags, searches))
    numbers = Numbers(latest, recent, history, muted, tags.found, settings.top_n)
    app.register_blueprint(number_routes(numbers, settings.public_url))
    app.register_blueprint(tag_posts_routes(latest, samples, muted))
    app.register_blueprint(alerts_routes(store, alerts, settings.public_url))
    app.register_blueprint(feed_routes(store, alerts, settings.public_url))
    app.register_blueprint(docs_routes())
    files = load_static_files(STATIC)
    app.register_blueprint(static_routes(files))
    app.jinja_env.globals["static_url"] = files.url
    app.jinja_env.globals["public_url"] = settings.public_url
    app.jinja_env.globals["version"] = __version__
    preview_texts = partial(link_preview, latest, preview, settings.public_url)
    app.register_blueprint(page_routes(figures(settings.top_n), files, wall_ms, preview_texts))
    app.register_blueprint(preview_routes(preview))
    app.register_error_handler(HTTPException, _error_response)
    app.after_request(headers(settings.embed_origins))
    app.after_request(cors.add_headers)
    for logger in (logging.getLogger("gunicorn.error"), app.logger):
        logger.addFilter(RepeatedWarningsFilter(throttle))
    parts = {
        "admission": admission,
        "live": live,
        "counters": counters,
        "relay": relay,
        "pushes": pushes,
        "history": history,
        "deliveries": greenlets,
        "silence": silence,
    }
    app.extensions |= {f"dashboard.{name}": part for name, part in parts.items()}
    return app


def _error_response(error: HTTPException) -> Response:
    """The response for an error of the framework (404, 405 …): a page for browsers, JSON for programs."""
    status = error.code or 500
    if wants_page(request.environ):
        response = Response(error_page(request.environ, status), status, content_type="text/html; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"
    else:
        response = answer(status, Error(error.description or error.name))
    response.headers["Vary"] = "Accept, Accept-Language"
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response
