"""A stranger reads the topic with kcat, which knows nothing of this project."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults import contract
from tests.kafka.broker import Broker
from tests.kafka.committed import wait_until_readable
from tests.processes import free_ports, wait_until

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["Good morning #Rain", "Größe zählt #größe", "no hashtag 🙂"]
SECONDS = 90.0


def test_kcat_shows_key_time_and_post(kafka_broker: Broker, tmp_path: Path) -> None:
    kcat = shutil.which("kcat")
    if kcat is None:
        pytest.skip("kcat is not installed")
    topic, posts = kafka_broker.new_topic(), tmp_path / "posts.jsonl"
    posts.write_text(
        "".join(json.dumps({"id": f"k:{number}", "text": text}) + "\n" for number, text in enumerate(TEXTS))
    )
    ingest_port, tail_port = free_ports(2)
    settings = {"SOURCE": "replay", "REPLAY_FILE": posts, "REPLAY_SPEED": 0, "DATA_DIR": tmp_path / "data"}
    settings |= {"LOG_URL": f"kafka://{kafka_broker.address}/{topic}", "PYTHONPATH": ROOT / "ingest"}
    settings |= {"INGEST_PORT": ingest_port, "TAIL_PORT": tail_port, "PATH": os.environ["PATH"]}
    environment = {name: str(value) for name, value in settings.items()}
    ingest = subprocess.Popen([sys.executable, "-m", "ingest"], cwd=tmp_path, env=environment)
    try:

        def is_finished() -> bool:
            status = contract.status(ingest_port)
            return status is not None and status["sources"][0]["state"] == "finished"

        wait_until(is_finished, "the file is accepted", SECONDS)
    finally:
        ingest.terminate()
        ingest.wait(SECONDS)
    wait_until_readable(kafka_broker.address, topic)
    reading = [kcat, "-C", "-b", kafka_broker.address, "-t", topic, "-o", "beginning", "-e", "-q"]
    said = subprocess.run(
        [*reading, "-X", "isolation.level=read_committed", "-f", "%k %T %s\n"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    ).stdout
    shown = [line.split(" ", 2) for line in said.splitlines()]
    assert [key for key, _, _ in shown] == ["k:0", "k:1", "k:2"]
    read = [json.loads(value) for _, _, value in shown]
    assert [post["text"] for post in read] == TEXTS
    assert [[tag["key"] for tag in post["tags"]] for post in read] == [["rain"], ["grösse"], []]
    assert [str(post["at_ms"]) for post in read] == [time for _, time, _ in shown]
    assert all("offset" not in post for post in read)
