#!/usr/bin/env bash
# test.sh: runs every test, on a machine where nothing is prepared.
#
# It installs the Debian packages that are missing, if it may (as root, or with a
# sudo that needs no password); otherwise it prints the command to run and ends.
# It builds under _test (or $BUILD_DIR), keeps the output of each step there as
# STEP.log, and shows it if the step fails. FUZZ_SECONDS is how long each fuzz
# target runs. The last line is `N passed, N failed`. It counts every case of
# `make check`, tests/e2e and tests/net, and one case for each further step.
#
# Three lanes run side by side: what is done in the build, what is built with
# other flags, and e2e and net. Those two mostly wait, but notice when they get
# no processor in time; so the other lanes have the lowest priority.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$top/_test}
jobs=${JOBS:-$(nproc)}
fuzz_seconds=${FUZZ_SECONDS:-3}
export E2E_TIMEOUT=${E2E_TIMEOUT:-240}	# much runs at once

packages=(autoconf automake binutils make gcc libc6-dev pkg-config python3
	libssl-dev libbsd-dev libconfig-dev libldns-dev libsodium-dev liburing-dev
	libmaxminddb-dev libnats-dev libhiredis-dev libsqlite3-dev libwslay-dev
	libzstd-dev check xz-utils
	clang clang-format
	dnsmasq-base haproxy iproute2 irssi openssl python3-pytest tmux
	weechat-headless weechat-plugins python3-irc python3-pytest-xdist
	python3-websockets
	libpoe-component-irc-perl nats-server redis-server znc)
. "$top/contrib/packages.sh"
packages_need "${packages[@]}" "$(packages_clang_runtime)"
(packages_need limnoria) || echo "note: no limnoria here, so no test of it" >&2
(packages_need nodejs npm chromium chromium-driver) ||
    echo "note: no npm or no Chromium here, so no test of web clients" >&2
(packages_need inspircd) || echo "note: no inspircd here, so no step differ" >&2

rm -rf "$build"
mkdir -p "$build"
results=$build/results		# a line "PASSED FAILED" for each part
: >"$results"

result() { # PASSED FAILED
	echo "$1 $2" >>"$results"
}

# step NAME COMMAND...: run one case, and show its output if it fails.
step() {
	local name=$1 started=$SECONDS
	shift
	if "$@" >"$build/$name.log" 2>&1; then
		result 1 0
		echo "ok - $name ($((SECONDS - started)) s)"
	else
		result 0 1
		tail -n 60 "$build/$name.log"
		grep -aE '^(FAIL|XPASS|ERROR): ' "$build/$name.log" |
		    tail -n 20 || true
		echo "not ok - $name"
		return 1
	fi
}

finish() {
	awk '{ passed += $1; failed += $2 }
	    END {
		printf "%d passed, %d failed\n", passed, failed
		exit !(passed > 0 && failed == 0)
	    }' "$results"
	exit
}

configure_tree() {
	cd "$top"
	autoreconf -i
	src=$top
	if [ -f "$top/config.status" ]; then
		# configured in place: build from a copy
		src=$build/src
		make -s distdir distdir="$src"
	fi
	cd "$build"
	"$src/configure" --enable-werror
}

# Run `make check` and add its cases to the sum. The test drivers of automake write
# one ":test-result:" line for each case.
check() {
	local status=0 started=$SECONDS cases passed failed
	make -s -j"$jobs" check VERBOSE=1 >"$build/check.log" 2>&1 || status=$?
	# not those of the builds with other flags, in folders of this one
	cases=$(find . -path './_*' -prune -o -name '*.trs' \
	    -exec sed -n 's/^:test-result: //p' {} +)
	passed=$(grep -cE '^(PASS|XFAIL)' <<<"$cases" || true)
	failed=$(grep -cE '^(FAIL|XPASS|ERROR)' <<<"$cases" || true)
	grep -E '^SKIP' <<<"$cases" || true
	if [ "$status" != 0 ]; then
		tail -n 100 "$build/check.log"
		grep -E '^(FAIL|XPASS|ERROR)' <<<"$cases" || true
		[ "$failed" != 0 ] || failed=1
	fi
	result "$passed" "$failed"
	echo "check: $passed passed, $failed failed ($((SECONDS - started)) s)"
}

# Run tests/NAME and add its cases to the sum; pytest's report counts them. Four
# files at a time: the tests of one file may share servers.
pytest_of() { # NAME
	local started=$SECONDS report=$build/$1.xml tests=0 bad=0 skipped=0
	BUILD_DIR=$build /usr/bin/python3 -m pytest -q -p no:cacheprovider \
	    -n 4 --dist loadfile -rs --durations=10 --junitxml="$report" \
	    "$top/tests/$1" >"$build/$1.log" 2>&1 || tail -n 100 "$build/$1.log"
	if [ -f "$report" ]; then
		tests=$(count_of tests)
		bad=$(($(count_of failures) + $(count_of errors)))
		skipped=$(count_of skipped)
	fi
	grep '^SKIPPED' "$build/$1.log" || true
	[ "$tests" -gt 0 ] || bad=1 tests=1
	result $((tests - bad - skipped)) "$bad"
	echo "$1: $((tests - bad - skipped)) passed, $bad failed" \
	    "($((SECONDS - started)) s)"
}

count_of() { # ATTRIBUTE: print it, of the first <testsuite>
	sed -n "s/.*<testsuite [^>]*\\b$1=\"\([0-9]*\)\".*/\1/p" "$report" |
	    head -n 1
}

lanes=()

# begin FUNCTION: call it beside what follows, with the lowest priority, in a
# process group of its own.
begin() {
	set -m
	{ renice -n 19 -p "$BASHPID" >/dev/null; "$1"; } </dev/null &
	lanes+=($!)
	set +m
}

end_lanes() {
	local pid
	for pid in "${lanes[@]}"; do
		kill -- "-$pid" 2>/dev/null || true
	done
}
trap end_lanes EXIT
trap 'exit 130' INT TERM

here() {
	check
	step lint make -s lint || true
	step distcheck make -s distcheck MAKEFLAGS="-j$jobs" || true
	step mutants make -s mutants || true
}

elsewhere() {
	step sanitize make sanitize MAKEFLAGS="-j$jobs" || true
	step fuzz env FUZZ_SEED=1 make fuzz TIME="$fuzz_seconds" \
	    MAKEFLAGS="-j$jobs" || true
	step clang make clang MAKEFLAGS="-j$jobs" || true
}

step configure configure_tree || finish
cd "$build"
step build make -s -j"$jobs" || finish
# not beside the other one: both would make the same libraries
step e2e-programs make -s -j"$jobs" e2e-programs || finish
begin here
begin elsewhere
pytest_of e2e
pytest_of net
if [ -x /usr/sbin/inspircd ]; then
	step differ make -s differ || true
else
	echo "SKIP differ: inspircd cannot be installed here"
fi
for pid in "${lanes[@]}"; do
	wait "$pid" || result 0 1	# it ended before its last step
done
lanes=()
finish
