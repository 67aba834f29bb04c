from pathlib import Path

from spark_job.session import spark_conf
from spark_job.settings import Settings

UNIX_SOCKETS = "spark.python.unix.domain.socket.enabled"


def test_java_and_python_talk_by_unix_sockets_where_their_paths_fit() -> None:
    settings = Settings.model_construct(spark_master="local[*]")
    fits = Path("/").joinpath("d" * 63)
    assert spark_conf(settings, fits)[UNIX_SOCKETS] == "true"
    assert len(f"{fits}/.00000000-0000-0000-0000-000000000000.sock") == 107
    assert UNIX_SOCKETS not in spark_conf(settings, Path("/").joinpath("d" * 64))


def test_a_cluster_is_left_to_its_own_sockets() -> None:
    settings = Settings.model_construct(spark_master="spark://spark-master:7077")
    assert UNIX_SOCKETS not in spark_conf(settings, Path("/data/scratch"))
