"""Short texts about network errors, for STATUS."""


def reason(error: BaseException, otherwise: str = "the connection broke off") -> str:
    """Return the cause of an error in a few words: the first text of the operating system, else `otherwise`.

    The text of a library's own error is never used, because it may quote an address or a header.
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
