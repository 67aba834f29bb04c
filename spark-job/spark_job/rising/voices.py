"""How many voices posts are: their different authors, or their different texts if those are fewer.

A post with too little text to compare, such as a hashtag and a picture, has no fingerprint. Four hundred accounts may
post the same short word, so such posts can't count like different texts. Real people post pictures too, so they can't
be left out. They count as texts of their own, but at most half as often as different texts do, and a few.
"""

#: Posts without a fingerprint count at most as this many texts, and half of the different ones.
SHORT_TEXTS = 4


def counted_short_texts(texts: str, short: str) -> str:
    """The SQL of the number of texts that posts without a fingerprint count as.

    Args:
        texts: The SQL of the number of different fingerprints.
        short: The SQL of the number of different authors of posts without one.

    """
    return f"least({short}, {texts} // 2 + {SHORT_TEXTS})"


def voices_of_rows(*, copies_count: bool) -> str:
    """The SQL of the voices of a group of rows of `rising_window`.

    Args:
        copies_count: Whether each author counts, even if all have one text.

    """
    authors = "count(DISTINCT author)"
    if copies_count:
        return authors
    texts = "count(DISTINCT text)"
    short = counted_short_texts(texts, f"{authors} FILTER (text IS NULL)")
    return f"least({authors}, {texts} + {short})"
