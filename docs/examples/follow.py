"""Print the leading hashtags since the start, each time they change. It needs `pip install "python-socketio[client]"`.

python follow.py http://localhost:8000
"""

import sys

import socketio

RANKING = "total"
client = socketio.Client()  # comes back by itself when the connection is lost
newest = [0, 0]


@client.on("connect")
def choose():  # after each connect: the server has forgotten the view
    client.emit("view", {"ranking": RANKING}, callback=lambda event: event and show(event))


@client.on("snapshot")
def show(event):
    order = [event["epoch"], event["seq"]]
    if event["view"]["ranking"] == RANKING and order > newest:
        newest[:] = order
        print(*(f"{tag['rank']}. #{tag['label']} {tag['posts']}" for tag in event["top"][:5]), flush=True)


client.connect(sys.argv[1], retry=True)
client.wait()
