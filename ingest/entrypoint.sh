#!/bin/sh
# Ingest, with the push token from the setting or from the volume that it shares with the job, which proves its ACK by it.
set -eu
PUSH_TOKEN=${PUSH_TOKEN:-$(/opt/hashtags/secret.sh /secrets/push/token)}
export PUSH_TOKEN
exec python -m ingest
