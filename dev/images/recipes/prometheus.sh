# The program that dev/cluster/build-programs built, under the name of the public image.
# shellcheck shell=bash disable=SC2034,SC2154 # build-image reads and sets the variables
image=$(chart_image quay.io/prometheus/prometheus)
program=$("$cluster/build-programs" monitoring)/prometheus
inputs=("$program")
build() {
  install -D "$program" "$work/root/bin/prometheus"
  mkdir "$work/root/tmp"
  pack --entrypoint /bin/prometheus
}
