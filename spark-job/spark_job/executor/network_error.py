"""Explain errors of the network and of the system in plain sentences, without error numbers."""

import errno
import re
import socket

_REASONS = {
    errno.ECONNREFUSED: "nothing listens at {0}",
    errno.ECONNRESET: "{0} closed the connection in the middle of an answer",
    errno.ECONNABORTED: "{0} closed the connection in the middle of an answer",
    errno.EPIPE: "{0} closed the connection in the middle of a request",
    errno.ETIMEDOUT: "{0} did not answer in time",
    errno.EHOSTUNREACH: "there is no way to {0} in the network",
    errno.ENETUNREACH: "there is no way to {0} in the network",
    errno.EHOSTDOWN: "the machine of {0} is off",
    errno.EADDRNOTAVAIL: "this machine has no free port to ask {0} from",
    errno.EACCES: "this machine may not connect to {0}",
    errno.EPERM: "this machine may not connect to {0}",
    errno.EMFILE: "this machine has too many open files to connect to {0}",
    errno.ENFILE: "this machine has too many open files to connect to {0}",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full",
    errno.EROFS: "the disk can't be written",
    errno.ENOMEM: "the machine has no memory left",
}
_NUMBERED = re.compile(r"\[Errno (-?\d+)\] ([^:\n]*)")


def network_sentence(error: OSError, host: str, port: int) -> str:
    """Why `host`:`port` can't be reached, without a full stop. An unknown error has the system's own words."""
    place = f"{host}:{port}"
    if isinstance(error, socket.gaierror):
        return f"the name {host} is not known: no address was found for it"
    if isinstance(error, TimeoutError):
        return f"{place} did not answer in time"
    if error.errno in _REASONS:
        return _REASONS[error.errno].format(place)
    if error.errno is None and str(error):
        # A sentence already.
        return str(error)
    if not str(error):
        return f"{place} can't be reached"
    return f"{place} can't be reached: {explain_error_numbers(str(error))}"


def explain_error_numbers(text: str) -> str:
    """Replace each error number in `text`, such as "[Errno 111] Connection refused", by a sentence."""

    def explained(found: re.Match[str]) -> str:
        reason = _REASONS.get(int(found[1]))
        return reason.format("the other side") if reason else found[2]

    return _NUMBERED.sub(explained, text)
