"""A proxy of the environment: used, bypassed, or refused in a sentence that names the variable."""

import pytest

from ingest.sources.base import Refused
from ingest.sources.common.proxy import for_requests, proxy_for

URL = "https://mastodon.example/api"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("url", "environment", "proxy"),
    [
        (URL, {}, None),
        (URL, {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        (URL, {"https_proxy": "http://p:1", "HTTPS_PROXY": "socks5h://q:2"}, "http://p:1"),
        (URL, {"HTTPS_PROXY": "p:1"}, "http://p:1"),
        (URL, {"HTTP_PROXY": "http://p:1"}, None),
        (URL, {"ALL_PROXY": "https://p:1"}, "https://p:1"),
        (URL, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "mastodon.example"}, None),
        (URL, {"HTTPS_PROXY": "socks5h://p:1", "NO_PROXY": "*"}, None),
        ("wss://jetstream.example/x", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("http://mastodon.example", {"HTTP_PROXY": "http://p:1"}, "http://p:1"),
        ("ws://127.0.0.1:9/", {"HTTP_PROXY": "socks5h://p:1", "ALL_PROXY": "nonsense://"}, None),
        ("http://localhost:9/", {"HTTP_PROXY": "http://p:1"}, None),
        ("https://[::1]:9/", {"HTTPS_PROXY": "http://p:1"}, None),
        ("http://127.8.8.8/", {"ALL_PROXY": "http://p:1"}, None),
    ],
)
def test_the_proxy_of_an_address(
    monkeypatch: pytest.MonkeyPatch, url: str, environment: dict[str, str], proxy: str | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy
    assert set(for_requests(url).values()) == {proxy}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "HTTPS_PROXY",
            "socks5h://u:s3cret@p:1",
            "HTTPS_PROXY names a socks5h:// proxy, and only http:// and https://",
        ),
        ("ALL_PROXY", "socks4://p:1", "ALL_PROXY names a socks4:// proxy, and only http:// and https://"),
        ("https_proxy", "ftp://p:1", "https_proxy names a ftp:// proxy, and only http:// and https://"),
        ("HTTPS_PROXY", "http://", "HTTPS_PROXY is not the address of a proxy, such as http://proxy.example.org:3128"),
        ("HTTPS_PROXY", "http://u:s3cret@p:99999", "HTTPS_PROXY is not the address of a proxy, such as http://proxy"),
        ("HTTPS_PROXY", "p:port", "HTTPS_PROXY is not the address of a proxy, such as http://proxy.example.org:3128"),
    ],
)
def test_an_unusable_proxy_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Refused) as refused:
        proxy_for(URL)
    assert str(refused.value).startswith(sentence)
    assert "s3cret" not in str(refused.value)
