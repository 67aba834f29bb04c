"""What stands in front of the page on a machine of its own: TLS, a login, and nothing but the page."""

import base64
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.compose.engine import TAG, run
from tests.compose.outside import check_confinement
from tests.compose.page import open_page
from tests.compose.stack import ComposeStack
from tests.processes import free_ports

pytestmark = pytest.mark.timeout(1200)

USER, PASSWORD = "viewer", "not a real password"
IMAGE = f"hashtags-live/caddy:{TAG}"


@pytest.fixture(scope="module")
def login(images: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A login file, made as docs/deploy.md says."""
    hashed = run("docker", "run", "--rm", IMAGE, "caddy", "hash-password", "--plaintext", PASSWORD).strip()
    version = re.match(r"v?2\.(\d+)", run("docker", "run", "--rm", IMAGE, "caddy", "version"))
    directive = "basicauth" if version and int(version[1]) < 8 else "basic_auth"
    path = tmp_path_factory.mktemp("login") / "login"
    path.parent.chmod(0o755)
    path.write_text(f"{directive} {{\n\t{USER} {hashed}\n}}\n")
    path.chmod(0o644)
    return path


@pytest.fixture(scope="module", params=["localhost", "127.0.0.1"])
def front(request: pytest.FixtureRequest, login: Path) -> Iterator["Front"]:
    """A name, open to everybody; and an address with a login."""
    settings = {"127.0.0.1": {"LOGIN_FILE": str(login)}}
    front = Front(request.param, **settings.get(request.param, {}))
    with front.stack.running("caddy"):
        yield front


class Front:
    """Caddy and the dashboard of the `deploy` profile, without the rest."""

    def __init__(self, site: str, **settings: str) -> None:
        plain_port, port = free_ports(2)
        ports = {"HTTP_PORT": str(plain_port), "HTTPS_PORT": str(port)}
        self.stack = ComposeStack("hashtags-front", COMPOSE_PROFILES="deploy", SITE=site, **ports, **settings)
        self.site = site
        self.asks = "LOGIN_FILE" in settings
        self.plain_address = f"http://{site}:{plain_port}"
        self.address = f"https://{site}:{port}"

    def ask(self, path: str, password: str = "", *, method: str = "GET") -> tuple[int, Message]:
        """Status and headers of an answer whose certificate is checked against the authority that Caddy made."""
        authority = self.stack.run_in("caddy", "cat", "/data/caddy/pki/authorities/local/root.crt")
        request = urllib.request.Request(self.address + path, method=method)
        if password:
            key = base64.b64encode(f"{USER}:{password}".encode()).decode()
            request.add_header("Authorization", f"Basic {key}")
        try:
            with urllib.request.urlopen(
                request, timeout=10, context=ssl.create_default_context(cadata=authority)
            ) as answer:
                return int(answer.status), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers

    def status(self, path: str, password: str = "", *, method: str = "GET") -> int:
        return self.ask(path, password, method=method)[0]

    def headers(self, path: str, password: str = "") -> Message:
        return self.ask(path, password)[1]


def test_its_certificate_is_good_for_the_site_and_the_page_asks_for_the_login_if_there_is_one(front: Front) -> None:
    assert front.status("/", PASSWORD) == 200
    refused = 401 if front.asks else 200
    assert front.status("/") == refused
    assert front.status("/healthz", "another password") == refused


def test_a_snapshot_can_not_be_pushed_through_it(front: Front) -> None:
    assert front.status("/api/snapshots", PASSWORD, method="POST") == 404
    assert front.status("//api/snapshots", PASSWORD, method="POST") in {404, 405}
    assert front.status("/api/./snapshots", PASSWORD, method="POST") in {404, 405}


def test_metrics_are_not_for_everybody(front: Front) -> None:
    assert front.status("/metrics", PASSWORD) == 404
    assert front.status("/api/snapshot", PASSWORD) == 503


def test_plain_http_leads_to_tls(front: Front) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(Stay).open(f"{front.plain_address}/x?y=1", timeout=10)
    with answer.value as redirect:
        assert redirect.code == 308
        assert redirect.headers["Location"] == f"{front.address}/x?y=1"


def test_nothing_is_announced_that_is_not_published(front: Front) -> None:
    headers = front.headers("/", PASSWORD)
    assert headers["Alt-Svc"] is None
    # For localhost and addresses it would hold for other ports of this machine, or for nothing.
    assert headers["Strict-Transport-Security"] is None


def test_a_client_can_not_claim_another_address(front: Front) -> None:
    # Caddy drops what the client itself says, and the port that it uses is not published.
    published = front.stack.containers("dashboard")[0]["NetworkSettings"]["Ports"]
    assert [port for port, hosts in published.items() if hosts] == ["8000/tcp"]


def test_the_page_is_live_through_it(front: Front, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True, http_credentials={"username": USER, "password": PASSWORD})
    page = context.new_page()
    open_page(page, front.address)
    # Not "connected (polling)": WebSocket passes, too.
    expect(page.locator("#fact-connection")).to_have_text("connected", timeout=20_000)
    context.close()


def test_it_is_as_confined_as_the_others(front: Front) -> None:
    (caddy,) = front.stack.containers("caddy")
    check_confinement(caddy)
    assert caddy["RestartCount"] == 0
