# The shell library of this repository's scripts, to be sourced. It has
#   paths      root, cluster, images; CACHE for what was built, DIR, SOCKET and KUBECONFIG of the local cluster
#   messages   say, die: to stderr, with the script's name; show_progress: how far a long step is
#   packages   install_packages: Debian's, if they are missing; find_helm
#   builds     key: the name of a cached build, from what it is built from; publish: puts a build into the cache
#   cluster    programs, ctrk, take_lock, start_detached, wait_for
# shellcheck shell=bash disable=SC2034 # the variables are for the scripts that source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cluster=$root/dev/cluster
images=$root/dev/images
CACHE=${IRIS_CACHE:-/var/cache/iris-operator}
DIR=${IRIS_CLUSTER:-/var/lib/iris-operator/cluster}
SOCKET=$DIR/containerd/containerd.sock
NODE=node1 SVC_CIDR=10.96.0.0/16
export KUBECONFIG=$DIR/admin.kubeconfig

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

# Reads lines, one for each part of a step that is done, and says every 5 s how many there are and, if the total is known, how long
# the rest takes at this pace.
show_progress() { # what [total [done-before]]
  local what=$1 total=${2:-} before=${3:-0} count=0 status left began=$SECONDS said=$SECONDS
  while status=0; IFS= read -r -t 1 _ || status=$?; [ $status = 0 ] || [ $status -gt 128 ]; do
    [ $status != 0 ] || count=$((count + 1))
    [ $((SECONDS - said)) -ge 5 ] || continue
    said=$SECONDS left=''
    # The first packages are not like the others.
    if [ -n "$total" ] && [ $count -gt 0 ] && [ $((said - began)) -ge 20 ]; then
      left=$(((total - before - count) * (said - began) / count))
      if [ $left -ge 60 ]; then left=", about $(((left + 30) / 60)) min left"; else left=', less than a minute left'; fi
    fi
    say "$((before + count))${total:+ of $total} $what, $((said - began)) s$left"
  done
}

install_packages() { # package...
  local package missing=()
  for package in "$@"; do
    [ "$(dpkg-query -Wf '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || die "run as root, or install these packages first: ${missing[*]}"
  say "apt-get install ${missing[*]}"
  apt-get update -q >&2 || return 1
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" >&2 || return 1
  # Debian starts the services that it installs. The cluster and the tests start their own, on the same ports.
  for package in "${missing[@]}"; do
    case $package in
      etcd-server | containerd | docker-registry) systemctl disable --now "${package%-server}" >/dev/null 2>&1 || true ;;
    esac
  done
}

# Prints the path of helm: the one on the PATH, or the cluster's.
find_helm() { command -v helm || echo "$("$cluster/build-programs")/helm"; }

key() { sha256sum | cut -c1-16; }
# Moves a finished file into the cache in one step, so that a killed script leaves no half of one under its name.
publish() { # file target
  mkdir -p "$CACHE"
  mv "$1" "$2.new.$$"
  mv "$2.new.$$" "$2"
}

# Prints the folder of the cluster's programs, named by what they are built from.
programs() {
  echo "$CACHE/programs-$(cd "$cluster" && { cat build-programs go.mod go.sum prometheus/* clusterbox/main.go coredns/main.go; go env GOVERSION GOARCH; } | key)"
}
ctrk() { ctr --address "$SOCKET" --namespace k8s.io "$@"; }
# Waits until no other script holds the machine's lock, and holds it until this script ends.
take_lock() {
  mkdir -p "$(dirname "$DIR")"
  exec 9>"$DIR.lock"
  flock --timeout 900 9 || die "another script has held $DIR.lock for 15 minutes. Find it with: fuser $DIR.lock"
}
start_detached() { # name command...: start detached, with its output in the log folder and without this script's lock
  local name=$1
  shift
  setsid "$@" >>"$DIR/log/$name.log" 2>&1 </dev/null 9>&- &
}
wait_for() { # what seconds command...
  local what=$1 end=$((SECONDS + $2))
  shift 2
  say "waiting for $what"
  until timeout 10 "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || die "$what is not ready; see $DIR/log"
    sleep 0.2
  done
}
