"""Print the leading hashtags since the start, each time they change. Needs `pip install "python-socketio[client]"`.

python follow.py http://localhost:8000
"""

import signal
import sys

import socketio

RANKING = "total"
client = socketio.Client()  # reconnects by itself when the connection is lost
newest, printed = [0, 0], [""]


def tell(sentence):
    print(f"follow.py: {sentence}", file=sys.stderr, flush=True)


@client.on("connect")
def choose():  # after each connect, because a new connection has the default view
    client.emit("view", {"ranking": RANKING}, callback=lambda event: event and show(event))


@client.on("disconnect")
def lost(*_):
    tell("the connection is lost, trying again")


@client.on("snapshot")
def show(event):
    order = [event["epoch"], event["seq"]]
    if event["view"]["ranking"] == RANKING and order > newest:
        newest[:] = order
        line = " ".join(f"{tag['rank']}. #{tag['label']} {tag['posts']}" for tag in event["top"][:5])
        if line != printed[0]:  # a snapshot arrives each second, with or without a change
            printed[0] = line
            print(line, flush=True)


def follow(address):
    try:
        client.connect(address, wait_timeout=5)
        client.wait()
    except socketio.exceptions.ConnectionError:
        tell(f"{address} can't be reached, trying again")
        client.sleep(2)


if len(sys.argv) != 2 or not sys.argv[1].startswith(("http://", "https://")):
    print("usage: python follow.py http://localhost:8000", file=sys.stderr)
    sys.exit(2)
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
while True:
    follow(sys.argv[1])
