"""The text of a post that comes as HTML."""

import html

import regex

# Each pattern takes time linear in the text, also for one that was made to be slow.
_unseen = regex.compile(r"(?is)<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)")
_break = regex.compile(r"(?i)<br\b[^<>]*>|</(?:p|div|li|blockquote|pre|h[1-6])\s*>")
_tag = regex.compile(r"""</?[A-Za-z][^<>"']*+(?:(?:"[^"]*+"|'[^']*+')[^<>"']*+)*+>""")


def text_of(content: str) -> str:
    """Return the text that a reader of `content` gets, with line breaks for `<br>` and at the ends of paragraphs.

    A link that Mastodon shows shortened is whole: the parts that it hides are in spans, too.
    """
    if "<" in content:
        if "<!" in content or "<s" in content or "<S" in content:
            content = _unseen.sub("", content)
        content = _tag.sub("", _break.sub("\n", content))
    return html.unescape(content).strip() if "&" in content else content.strip()
