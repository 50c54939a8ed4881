#!/usr/bin/env bash
# Runs a command where the second rig can: as root, in a network, a mount and a process namespace of its own. The
# network has no way out. When the command ends, or this script does, everything that it started is gone, and so are
# its files.
set -euo pipefail

[ "$(id -u)" = 0 ] || { echo "run.sh: namespaces need root: sudo $0 $*" >&2; exit 1; }

exec unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private -- bash -c '
  set -euo pipefail
  mount -t tmpfs tmpfs /run
  mkdir -p /run/netns /run/tmp
  ip link set lo up
  # Pods are on a bridge; the addresses of Services, nodes and ingresses are this namespace itself. A bridge without an
  # address of its own takes the lowest of its ports: with a new pod it may be another, and what the older pods send to
  # the one that they know is lost for half a minute.
  ip link add pods address 02:00:00:00:00:01 type bridge
  ip address add 10.244.0.1/16 dev pods
  ip link set pods up
  ip route add local 10.96.0.0/16 dev lo
  ip route add local 172.18.0.0/16 dev lo
  export TMPDIR=/run/tmp PROMFED_RIG=e2e
  trap "exit 130" INT
  trap "exit 143" TERM HUP
  "$@" &
  wait $!
' bash "$@"
