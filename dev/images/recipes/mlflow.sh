# MLflow under the name of the public image: Debian's Python, and of MLflow's wheels those that the server and its UI need. That is
# 400 MB, not 1 GB, and adds what the public image lacks: authentication, PostgreSQL and S3.
# shellcheck shell=bash disable=SC2034,SC2154 # build-image reads and sets the variables
image=$(chart_image ghcr.io/mlflow/mlflow)
build() {
  local version=${image##*:v} wheels=$work/root/opt/mlflow
  mmdebstrap --quiet --variant=extract --include=python3,ca-certificates,tzdata,libgomp1,libstdc++6 bookworm "$work/python.tar" >&2
  tar -C "$work/root" -xf "$work/python.tar" --exclude='./dev/*'
  # The pip of an empty environment does not count this machine's packages as installed.
  python3 -m venv "$work/venv"
  install_wheels() {
    "$work/venv/bin/pip" install -q --disable-pip-version-check --root-user-action=ignore --target "$wheels" --no-compile \
      --python-version 3.11 --only-binary=:all: "$@" >&2
  }
  install_wheels "mlflow-skinny==$version" flask 'flask-cors<7' alembic 'sqlalchemy<2.1' aiohttp numpy pandas 'graphene<4' \
    cryptography flask-wtf psycopg2-binary boto3
  # The whole package has these files too, and the UI.
  rm -r "$wheels/mlflow" "$wheels"/mlflow_skinny-* "${wheels:?}/bin"
  install_wheels --no-deps "mlflow==$version"
  find "$wheels" -type d -name tests -prune -exec rm -r {} +
  # Validated by hash: packing the image changes the time of each source, which would invalidate what is validated by time.
  chroot "$work/root" python3 -m compileall -q --invalidation-mode unchecked-hash /opt/mlflow >&2 || say "some files of MLflow are not compiled"
  pack --entrypoint /usr/bin/python3,-m,mlflow \
    --env PYTHONPATH=/opt/mlflow --env MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false --env MLFLOW_DISABLE_TELEMETRY=true
}
