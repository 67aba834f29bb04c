"""Check who may acknowledge posts, and disturb a lesson: only the job, which knows `PUSH_TOKEN`."""

import hashlib
import hmac
import ipaddress
import socket


class AckGuard:
    """Checks the proof of an `ACK` or a `FAULT`: an HMAC-SHA256 of the request by the token. The token is never sent.

    A stranger who reads such a request on the network can only repeat it, which changes nothing.
    """

    def __init__(self, token: str | None) -> None:
        """Create the guard. Without a `token`, only clients on this machine may do so, and need no proof."""
        self._token = token

    def refusal(self, connection: socket.socket, request: str, proof: str | None) -> str | None:
        """Return why this request (given without its proof) is refused, as one sentence; None if it is valid."""
        name = request.partition(" ")[0]
        if self._token is None:
            if _is_this_machine(connection):
                return None
            return f"{name} from another machine needs PUSH_TOKEN: set it for ingest, as it is set for the job"
        expected = hmac.new(self._token.encode(), request.encode(), hashlib.sha256).hexdigest()
        if proof is not None and hmac.compare_digest(proof, expected):
            return None
        return f"{name} needs a proof by PUSH_TOKEN, which must be the same for ingest and the job"


def _is_this_machine(connection: socket.socket) -> bool:
    address = ipaddress.ip_address(connection.getpeername()[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
