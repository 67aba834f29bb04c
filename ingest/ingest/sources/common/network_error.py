"""Errors of the network, in words for STATUS."""


def reason(error: BaseException, otherwise: str = "the connection broke off") -> str:
    """Return why, in a few words: what the system said first, else `otherwise`.

    Never the text of a library's own error, which may quote an address or a header.
    """
    cause: BaseException | None = error
    found = otherwise
    while cause is not None:
        if isinstance(cause, TimeoutError):
            found = "timed out"
        elif isinstance(cause, OSError) and cause.strerror:
            found = cause.strerror
        cause = cause.__cause__ or cause.__context__
    return found
