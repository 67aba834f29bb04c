#!/usr/bin/env bash
# Run a class of Kafka with its arguments.
LOG_DIR=${LOG_DIR:-/opt/kafka/logs}
mkdir -p "$LOG_DIR"
# The options may be several words each.
# shellcheck disable=SC2086
exec java ${KAFKA_HEAP_OPTS:--Xmx256M} ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseG1GC} \
  ${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=/etc/kafka/docker/tools-log4j2.yaml} ${KAFKA_OPTS:-} \
  "-Dkafka.logs.dir=$LOG_DIR" -cp "/opt/kafka/libs/*" "$@"
