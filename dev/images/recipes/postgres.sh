# Debian's PostgreSQL, for the tests; it starts like the public image.
# shellcheck shell=bash disable=SC2034,SC2154 # build-image reads and sets the variables
image=docker.io/library/postgres:15
inputs=("$recipes/start-postgres")
build() {
  mmdebstrap --quiet --variant=minbase --include=postgresql bookworm "$work/postgres.tar" >&2
  tar -C "$work/root" -xf "$work/postgres.tar" --exclude='./dev/*'
  rm -rf "$work"/root/usr/share/{doc,man,locale} "$work"/root/var/{cache,lib/apt}/*
  local bin program
  bin=$(cd "$work/root" && echo usr/lib/postgresql/*/bin)
  for program in psql pg_dump pg_restore postgres initdb pg_isready; do ln -sf "/$bin/$program" "$work/root/usr/local/bin/$program"; done
  # initdb looks up the name of the user that it runs as.
  echo 'nobody65532:x:65532:65532::/tmp:/bin/sh' >>"$work/root/etc/passwd"
  install "$recipes/start-postgres" "$work/root/usr/local/bin"
  pack --entrypoint /usr/local/bin/start-postgres
}
