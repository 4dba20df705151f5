# The stages of a long script, to be sourced. Each stage prints what it does, every five seconds how far it is, how long it took and, if it
# fails, what to inspect. A terminal shows how far it is in one line; elsewhere that is a line each time.
# shellcheck shell=bash disable=SC2034 # the script that sources this reads the variables
began=$SECONDS stage_began=$SECONDS stage='' inspect='' ticker='' progress=() background=()
erase=''
[ ! -t 1 ] || erase=$'\r\e[K'
if [ "$(id -u)" = 0 ]; then state=/var/cache/iris-operator; else state=${XDG_CACHE_HOME:-$HOME/.cache}/iris-operator; fi
state=${IRIS_CACHE:-$state}/${0##*/}
mkdir -p "$state"
rm -f "$state"/*.log
# How long each stage took on this machine the last time, as "SECONDS TITLE".
durations=$state/durations
touch "$durations"

stage() { # title what-to-inspect [command that prints how far the stage is]
  finish
  stage=$1 inspect=$2 stage_began=$SECONDS progress=("${@:3}")
  printf '\n==> %s\n' "$stage"
  tick &
  ticker=$!
}
finish() {
  [ -n "$stage" ] || return 0
  stop_ticker
  local seconds=$((SECONDS - stage_began))
  printf '%s    %s s\n' "$erase" $seconds
  { grep -vF " $stage" "$durations" || true; echo "$seconds $stage"; } >"$durations.new"
  mv "$durations.new" "$durations"
}
tick() {
  local never last text width
  last=$(grep -F " $stage" "$durations" | cut -d ' ' -f 1) || last=''
  width=$(tput cols 2>/dev/null) || width=80
  # A read that times out is a sleep without a process that could outlive this one.
  exec {never}<> <(:)
  while ! read -rt 5 -u "$never" && kill -0 $$ 2>/dev/null; do
    text=$([ ${#progress[@]} = 0 ] || "${progress[@]}" 2>/dev/null) || text=''
    text="    $((SECONDS - stage_began)) s${last:+, the last time $last s}${text:+: $text}"
    if [ -n "$erase" ]; then printf '%s%s' "$erase" "${text:0:width-1}"; else printf '%s\n' "$text"; fi
  done
}
stop_ticker() {
  [ -z "$ticker" ] || { kill "$ticker" && wait "$ticker"; } 2>/dev/null || true
  ticker=''
}

logged() { # log command...: its messages are for follow, and are shown if the stage fails
  "${@:2}" 2>>"$state/$1.log"
}
in_background() { # log command...: sets $! to its process ID; it ends with this script
  setsid "${@:2}" >/dev/null 2>>"$state/$1.log" </dev/null &
  background+=($!)
}
follow() { # log...: prints the last message of each
  messages 1 "$@" | paste -sd ';' | sed 's/;/; /g'
}
messages() { # count log...
  local log
  for log in "${@:2}"; do tail -n "$1" "$state/$log.log" 2>/dev/null || true; done
}
indent() { sed -u "s/^/$erase    /"; }

failed() {
  [ "$BASH_SUBSHELL" = 0 ] || return 0 # a command substitution may fail without failing the stage
  stop_ticker
  printf '%s\n' "$erase" >&2
  if [ "${progress[0]:-}" = follow ]; then messages 20 "${progress[@]:1}" >&2; fi
  printf '%s: failed at: %s\n    inspect: %s\n' "${0##*/}" "$stage" "$inspect" >&2
}
end() {
  stop_ticker
  local process
  for process in "${background[@]}"; do kill -- "-$process" 2>/dev/null || true; done
}
trap failed ERR
trap end EXIT
