# The cluster's DNS, by the name in dev/cluster/manifests.
# shellcheck shell=bash disable=SC2034,SC2154 # build-image reads and sets the variables
image=docker.io/local/coredns:1
program=$("$cluster/build-programs")/coredns
inputs=("$program")
build() {
  install -D "$program" "$work/root/bin/coredns"
  pack --entrypoint /bin/coredns
}
