# The program that dev/cluster/build-programs built, under the name of the public image.
# shellcheck shell=bash disable=SC2034,SC2154 # build-image reads and sets the variables
image=$(chart_image quay.io/prometheus-operator/prometheus-config-reloader)
program=$("$cluster/build-programs" monitoring)/prometheus-config-reloader
inputs=("$program")
build() {
  install -D "$program" "$work/root/bin/prometheus-config-reloader"
  mkdir "$work/root/tmp"
  pack --entrypoint /bin/prometheus-config-reloader
}
