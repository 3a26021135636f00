#!/usr/bin/env bash
# test.sh: every test, on a machine where nothing is prepared.
#
# Installs the Debian packages that are missing when it may (root, or sudo that
# asks nothing); otherwise prints the line to run. Then builds out of tree and
# runs the tests. The last line is a plain `N passed, N failed`.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$top/_test}
jobs=${JOBS:-$(nproc)}

packages=(autoconf automake make gcc libc6-dev pkg-config python3
	libssl-dev libbsd-dev libconfig-dev libsodium-dev check xz-utils)

. "$top/contrib/packages.sh"
packages_need "${packages[@]}"

cd "$top"
autoreconf -fi
rm -rf "$build"
mkdir -p "$build"
cd "$build"
"$top/configure" -q --enable-werror
make -s -j"$jobs"

status=0
make -s -j"$jobs" check || status=$?

# One ":test-result:" line per case, written by automake's drivers.
count() {
	find . -name '*.trs' -exec cat {} + |
	    grep -cE "^:test-result: ($1)" || true
}
passed=$(count 'PASS|XFAIL')
failed=$(count 'FAIL|XPASS|ERROR')
skipped=$(count 'SKIP')
[ "$skipped" = 0 ] || echo "$skipped skipped"
[ "$passed" != 0 ] || [ "$status" != 0 ] || status=1
echo "$passed passed, $failed failed"
exit "$status"
