"""What Java logs is one line a message, whatever it quotes."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.spark

ROOT = Path(__file__).resolve().parents[3]
LOG = """
import sys, tempfile
from pathlib import Path
from spark_job.settings import Settings
from spark_job.spark.session import start_session, stop_session
with tempfile.TemporaryDirectory() as folder:
    spark = start_session(Settings.model_construct(spark_master="local[1]"), Path(folder))
    logger = spark.sparkContext._jvm.org.apache.logging.log4j.LogManager.getLogger("of.a.test")
    logger.error("quoted: bad\\n2026 ERROR forged\\x1b[2J\\u202e end é 日本 {}")
    stop_session(spark)
"""


def test_a_message_of_java_stays_one_line_and_commands_no_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOG], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    (line,) = [line for line in done.stderr.splitlines() if "quoted" in line]
    assert line.endswith("ERROR spark test: quoted: bad?2026 ERROR forged?[2J? end é 日本 {}")
    assert not [line for line in done.stderr.splitlines() if line.startswith("2026 ERROR forged")]
    assert "StatusLogger" not in done.stderr
