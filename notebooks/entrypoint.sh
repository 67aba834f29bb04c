#!/bin/sh
# JupyterLab with copies of the notebooks in the volume, and the stream under the addresses that the notebooks name.
set -eu
for place in 8000:dashboard 9009:ingest 9010:ingest; do
  port=${place%:*}
  socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" "TCP:${place#*:}:$port" &
done
python /opt/hashtags/lesson_copies.py /opt/hashtags/notebooks /data
JUPYTER_TOKEN=${NOTEBOOK_TOKEN:-$(python -c 'import secrets; print(secrets.token_urlsafe(24))')}
unset NOTEBOOK_TOKEN
export JUPYTER_TOKEN
echo "the notebook: http://127.0.0.1:${NOTEBOOK_PORT:-8888}/lab/tree/${NOTEBOOK_LOCALE:-en}/1-watch.ipynb?token=$JUPYTER_TOKEN"
exec jupyter-lab --no-browser --ServerApp.ip=0.0.0.0 --ServerApp.port=8888 --ServerApp.port_retries=0 --ServerApp.root_dir=/data \
  --LabApp.extension_manager=readonly --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --KernelManager.transport=ipc \
  --log-level=ERROR --LabApp.log_level=ERROR
