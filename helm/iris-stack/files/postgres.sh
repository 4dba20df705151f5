#!/bin/sh
# Dump the database, or put a dump into it: postgres.sh backup | restore
set -eu
# SQLAlchemy's URI names a driver, libpq's does not.
uri=$(echo "$MLFLOW_BACKEND_STORE_URI" | sed 's/^postgres[a-z]*\(+[a-z0-9]*\)\{0,1\}:/postgresql:/')
case $1 in
  backup) exec pg_dump --format=custom --file=/work/mlflow.dump "$uri" ;;
  restore) exec pg_restore --clean --if-exists --no-owner --single-transaction --exit-on-error --dbname="$uri" /work/mlflow.dump ;;
esac
