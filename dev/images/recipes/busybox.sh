# Debian's BusyBox under the name of the public image, so that the same manifests work on any cluster.
# shellcheck shell=bash disable=SC2034,SC2154 # build-image reads and sets the variables
image=$(chart_image docker.io/library/busybox)
inputs=(/bin/busybox)
build() {
  install -D /bin/busybox "$work/root/bin/busybox"
  mkdir "$work/root/tmp"
  for applet in $(/bin/busybox --list); do [ -e "$work/root/bin/$applet" ] || ln -s busybox "$work/root/bin/$applet"; done
  pack
}
