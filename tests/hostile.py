"""An environment in which other tools have been: every variable that has ever broken something, at once."""

from collections.abc import Mapping
from pathlib import Path

# Each line makes Spark fail or wait where nobody asked for it.
DEFAULTS = """\
spark.master spark://nowhere.invalid:7077
spark.jars.packages org.example:nothing:1.0
spark.plugins org.example.Nothing
spark.extraListeners org.example.Nothing
spark.pyspark.python /usr/bin/false
spark.driver.extraJavaOptions -javaagent:/nonexistent.jar
spark.executor.memory 1m
"""
CORE_SITE = (
    "<configuration><property><name>fs.defaultFS</name><value>hdfs://nowhere.invalid</value></property></configuration>"
)
BROKEN_MODULE = "raise ImportError('a module that belongs to another program')\n"


def hostile_environment(folder: Path) -> Mapping[str, str]:
    """Variables whose files are made in `folder`."""
    conf, modules, hadoop = folder / "conf", folder / "modules", folder / "hadoop"
    for place in (conf, modules, hadoop, folder / "jre" / "bin"):
        place.mkdir(parents=True)
    (conf / "spark-defaults.conf").write_text(DEFAULTS)
    (conf / "spark-env.sh").write_text("exit 7\n")
    (hadoop / "core-site.xml").write_text(CORE_SITE)
    for name in ("pyspark", "honcho", "pydantic", "duckdb", "flask", "sitecustomize"):
        (modules / f"{name}.py").write_text(BROKEN_MODULE)
    (folder / "startup.sh").write_text("exit 8\n")
    java_8 = folder / "jre" / "bin" / "java"
    java_8.write_text("#!/bin/sh\necho 'java version \"1.8.0_402\"' >&2\nexit 1\n")
    java_8.chmod(0o755)
    return {
        "BASH_ENV": str(folder / "startup.sh"),
        "CDPATH": "/",
        "CLASSPATH": "/nonexistent.jar",
        "CONTAINER_ID": "container_1",
        "DEPLOY_MODE": "cluster",
        "HADOOP_CONF_DIR": str(hadoop),
        "HADOOP_HOME": "/nonexistent/hadoop",
        "HADOOP_OPTS": "-Xmx1m",
        "HIVE_CONF_DIR": str(hadoop),
        "HOME": "/dev/null/home",
        "ALL_PROXY": "socks5h://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "socks5h://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "socks5h://127.0.0.1:9",
        "NO_PROXY": "example.org",
        "JAVA_HOME": str(folder / "jre"),
        "JAVA_TOOL_OPTIONS": "-javaagent:/nonexistent.jar",
        "JDK_JAVA_OPTIONS": "-Xmx1m",
        "_JAVA_OPTIONS": "-Xmx1m",
        "LANG": "tr_TR.ISO-8859-9",
        "LC_ALL": "POSIX",
        "MASTER": "spark://nowhere.invalid:7077",
        "PIP_TARGET": "/nonexistent",
        "PIP_USER": "yes",
        "PYSPARK_DRIVER_PYTHON": "/usr/bin/python3",
        "PYSPARK_DRIVER_PYTHON_OPTS": "notebook",
        "PYSPARK_GATEWAY_PORT": "9",
        "PYSPARK_GATEWAY_SECRET": "secret",
        "PYSPARK_PYTHON": "/usr/bin/python3",
        "PYSPARK_SUBMIT_ARGS": "--master spark://nowhere.invalid:7077 pyspark-shell",
        "PYTHONHASHSEED": "random",
        "PYTHONPATH": str(modules),
        "PYTHONSTARTUP": str(modules / "pyspark.py"),
        "PYTHONWARNINGS": "error",
        "SPARK_CONF_DIR": str(conf),
        "SPARK_DIST_CLASSPATH": "/nonexistent/*",
        "SPARK_DRIVER_MEMORY": "1m",
        "SPARK_HOME": "/nonexistent/spark",
        "SPARK_LOCAL_DIRS": "/dev/null/a,/dev/null/b",
        "SPARK_LOCAL_HOSTNAME": "nowhere.invalid",
        "SPARK_LOCAL_IP": "192.0.2.1",
        "SPARK_MASTER_HOST": "nowhere.invalid",
        "SPARK_REMOTE": "sc://nowhere.invalid",
        "SPARK_SUBMIT_OPTS": "-javaagent:/nonexistent.jar",
        "SPARK_TESTING": "1",
        "TMPDIR": "/dev/null/tmp dir",
        "TZ": "Nowhere/Nothing",
        "XDG_CACHE_HOME": "/dev/null/cache",
        "XDG_CONFIG_HOME": "/dev/null/config",
        "XDG_RUNTIME_DIR": "/dev/null/run",
        "YARN_CONF_DIR": str(hadoop),
    }
