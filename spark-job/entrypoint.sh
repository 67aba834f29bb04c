#!/bin/sh
# entrypoint.sh master|worker|job: the three roles of the Spark image.
set -eu
umask 077
# Spark makes folders in the directory where it was started.
cd /tmp

# Spark reads its secret from this file in memory, because every user could see it on a command line.
conf=/tmp/spark.conf
secret=$(/opt/hashtags/secret.sh /secrets/spark/secret)
{ cat /opt/hashtags/spark.conf; echo "spark.authenticate.secret $secret"; } >"$conf"

deploy=org.apache.spark.deploy
case $1 in
  master)
    exec "$SPARK_HOME/bin/spark-class" $deploy.master.Master --properties-file "$conf" \
      --host "$(hostname)" --port 7077 --webui-port 8080 ;;
  worker)
    exec "$SPARK_HOME/bin/spark-class" $deploy.worker.Worker --properties-file "$conf" \
      --work-dir /tmp/work --webui-port 8081 "$SPARK_MASTER" ;;
  job)
    PUSH_TOKEN=${PUSH_TOKEN:-$(/opt/hashtags/secret.sh /secrets/push/token)}
    # The workers of this project's master have this image, and so the module. Those of another cluster may lack it.
    if [ "$SPARK_MASTER" = spark://spark-master:7077 ]; then
      echo "spark.python.daemon.module spark_job.executor.worker_daemon" >>"$conf"
    fi
    export PUSH_TOKEN PYSPARK_SUBMIT_ARGS="--properties-file $conf pyspark-shell"
    exec python -m spark_job ;;
  *)
    echo "entrypoint.sh: master, worker or job, not $1" >&2
    exit 2 ;;
esac
