# The shell library of the scripts in this repository: where things are, and what several of them do.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cluster=$root/dev/cluster images=$root/dev/images
CACHE=${IRIS_CACHE:-/var/cache/iris-operator} # what was built: programs, images
DIR=${IRIS_CLUSTER:-/var/lib/iris-operator/cluster} # the cluster's state and logs
SOCKET=$DIR/containerd/containerd.sock
NODE=node1
export KUBECONFIG=$DIR/admin.kubeconfig

key() { sha256sum | cut -c1-16; }
say() { echo "cluster: $*" >&2; }
die() { say "$*"; exit 1; }

# The folder of the programs, named by what they are built from.
programs() {
  echo "$CACHE/programs-$(cd "$cluster" && { cat build-programs go.mod go.sum prometheus/go.* main.go; go env GOVERSION GOARCH; } | key)"
}
ctrk() { ctr --address "$SOCKET" --namespace k8s.io "$@"; }
# Runs the rest of the script alone on this machine, however it is called.
alone() {
  mkdir -p "$(dirname "$DIR")"
  exec 9>"$DIR.lock"
  flock --timeout 900 9 || die "another run has held $DIR.lock for 15 minutes: see 'fuser $DIR.lock'"
}
