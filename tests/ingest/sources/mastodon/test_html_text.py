"""The text of HTML."""

import time

import pytest

from ingest.sources.mastodon.html_text import text_of

LINK = (
    '<a href="https://news.example/a/very/long/path#top" target="_blank" rel="nofollow noopener">'
    '<span class="invisible">https://</span><span class="ellipsis">news.example/a/very</span>'
    '<span class="invisible">/long/path#top</span></a>'
)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>one</p><p>two<br>three<br />four</p>", "one\ntwo\nthree\nfour"),
        ("<p>a &amp; b &lt;c&gt; &#39;d&#39; &#x1F68B; &uuml;</p>", "a & b <c> 'd' 🚋 ü"),
        ("<p>&lt;script&gt; is only a word</p>", "<script> is only a word"),
        (f"<p>read {LINK}!</p>", "read https://news.example/a/very/long/path#top!"),
        ('<p>#<span>Straßen</span> <a class="hashtag" href="x">#<span>bahn</span></a></p>', "#Straßen #bahn"),
        ('<p title="a > b">c</p>', "c"),
        ("a<script>alert('x')</script>b<style>p{}</style>c<!-- d -->e", "abce"),
        ("a<script>never ended", "a"),
        ("1 < 2 and 3 > 2, <3", "1 < 2 and 3 > 2, <3"),
        ("<ul><li>one</li><li>two</li></ul><blockquote>said</blockquote>then", "one\ntwo\nsaid\nthen"),
        ("<p>cut in the middle of a <a href=", "cut in the middle of a <a href="),
    ],
)
def test_html_becomes_this_text(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    "piece", ['<a "', "<a '\"<", "<", "<!--", "<script>", "<br ", "<a <a ", "&#", "</", '<p "x" \'', "<s"]
)
def test_the_time_is_linear_in_a_malicious_text(piece: str) -> None:
    began = time.process_time()
    text_of(piece * (2**20 // len(piece)))
    assert time.process_time() - began < 5
