"""Listens in on a container's network: what was said over TCP with each of some addresses, as JSON of base64.

`listener.py SECONDS BYTES ADDRESS…` ends when it has so many bytes of each, or at that time. It runs within a container
that shares the other one's network, on the standard library.
"""

import base64
import json
import socket
import sys
import time

ALL_PROTOCOLS = 3
TCP = 6


def payload(packet: bytes) -> tuple[str, str, bytes] | None:
    """Sender, receiver and content of an IPv4 packet (RFC 791, RFC 9293), or `None` if it isn't TCP."""
    if packet[0] >> 4 != 4 or packet[9] != TCP:
        return None
    start = (packet[0] & 15) * 4
    content = packet[start + (packet[start + 12] >> 4) * 4 :]
    return socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20]), content


def listen(seconds: float, enough: int, addresses: list[str]) -> dict[str, bytearray]:
    """What was said with each of `addresses`."""
    heard = {address: bytearray() for address in addresses}
    deadline = time.monotonic() + seconds
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL_PROTOCOLS)) as network:
        network.settimeout(1.0)
        while time.monotonic() < deadline and min(map(len, heard.values())) < enough:
            try:
                said = payload(network.recv(1 << 17))
            except TimeoutError:
                continue
            if said is not None:
                sender, receiver, content = said
                for address in {sender, receiver} & heard.keys():
                    heard[address] += content
    return heard


if __name__ == "__main__":
    heard = listen(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    json.dump({address: base64.b64encode(said).decode() for address, said in heard.items()}, sys.stdout)
