#!/bin/sh
# entrypoint.sh master|worker|job|executor: the roles of the Spark image. On Kubernetes, Spark starts executors with it.
set -eu
umask 077
# Spark makes files and folders in the directory where it was started.
cd "${TMPDIR:-/tmp}"

conf=/tmp/spark.conf
deploy=org.apache.spark.deploy

# Spark reads its secret from this file in memory, because every user could see it on a command line. On Kubernetes,
# spark.conf names the file with the secret.
write_conf() {
  cat /opt/hashtags/spark.conf >"$conf"
  case ${SPARK_MASTER:-} in
    k8s://*) ;;
    *)
      secret=$(/opt/hashtags/secret.sh /secrets/spark/secret)
      echo "spark.authenticate.secret $secret" >>"$conf" ;;
  esac
}

case $1 in
  master)
    write_conf
    exec "$SPARK_HOME/bin/spark-class" $deploy.master.Master --properties-file "$conf" \
      --host "$(hostname)" --port 7077 --webui-port 8080 ;;
  worker)
    write_conf
    exec "$SPARK_HOME/bin/spark-class" $deploy.worker.Worker --properties-file "$conf" \
      --work-dir /tmp/work --webui-port 8081 "$SPARK_MASTER" ;;
  job)
    write_conf
    PUSH_TOKEN=${PUSH_TOKEN:-$(/opt/hashtags/secret.sh /secrets/push/token)}
    # The workers of this project's master have this image, and so the module. Those of another cluster may lack it.
    if [ "$SPARK_MASTER" = spark://spark-master:7077 ]; then
      echo "spark.python.daemon.module spark_job.executor.worker_daemon" >>"$conf"
    fi
    export PUSH_TOKEN PYSPARK_SUBMIT_ARGS="--properties-file $conf pyspark-shell"
    exec python -m spark_job ;;
  executor)
    # The variables are those that Spark gives to the entry point of its own image. An executor reads the file with the
    # secret only if its own settings say that it is on Kubernetes, and Spark does not tell it so.
    set --
    while eval "option=\${SPARK_JAVA_OPT_$#-}" && [ -n "$option" ]; do set -- "$@" "$option"; done
    exec "$JAVA_HOME/bin/java" "$@" -Dspark.master=k8s:// "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" -cp "$SPARK_HOME/jars/*" \
      org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
      --driver-url "$SPARK_DRIVER_URL" --executor-id "$SPARK_EXECUTOR_ID" --cores "$SPARK_EXECUTOR_CORES" \
      --app-id "$SPARK_APPLICATION_ID" --hostname "$SPARK_EXECUTOR_POD_IP" \
      --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" --podName "$SPARK_EXECUTOR_POD_NAME" ;;
  *)
    echo "entrypoint.sh: master, worker, job or executor, not $1" >&2
    exit 2 ;;
esac
