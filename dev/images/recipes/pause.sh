# The sandbox of each pod, by the name that dev/cluster/start gives to containerd.
# shellcheck shell=bash disable=SC2034,SC2154 # build-image reads and sets the variables
image=docker.io/local/pause:1
inputs=("$recipes/pause.c")
build() {
  gcc -static -Os -o "$work/root/pause" "$recipes/pause.c"
  pack --entrypoint /pause
}
