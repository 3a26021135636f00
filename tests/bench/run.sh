#!/usr/bin/env bash
# run.sh [BUILD [TEST...]]
# Start networks with contrib/run.sh, without limits, and measure them and the
# floor: `make bench`. Memory is measured on servers that have done nothing yet,
# so each of its tests has a server of its own. BUILD holds tests/bench/bench.
# The rows of bench.c are the TESTs. ROUNDS, PORT, and OPTIONS for bench may be
# set. With PEERS=yes, Debian's inspircd, ngircd and ircd-hybrid are measured in
# the same rounds; PEERS="inspircd" measures that one alone. With GATE=yes, the
# same clients come to another banyand by a gate, too, and `gate1000` is the
# tests for which this matters.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$top}" && pwd)
shift || true
port=${PORT:-28000}
dir=$(mktemp -d)

network() { # COMMAND OF run.sh...
	"$top/contrib/run.sh" --dir "$dir/${at:-net}" --port "$port" \
	    "$@" >"$dir/log" 2>&1 || {
		cat "$dir/log" >&2
		return 1
	}
}
# shellcheck disable=SC2317 # by trap
finish() {
	[ ! -d "$dir/net" ] || network --stop || true
	[ ! -d "$dir/behind" ] || at=behind network --stop || true
	rm -rf "$dir"
}
trap finish EXIT

# Start peers.py; it ends when its input does.
peers_start() {
	local line
	mkdir "$dir/peers"
	chmod 755 "$dir" "$dir/peers"	# servers that run as another user
	names=()
	[ "$PEERS" = yes ] || read -ra names <<<"$PEERS"
	coproc PEERS_PY {
		exec "$top/tests/bench/peers.py" "$dir/peers" "${names[@]}"
	}
	while read -r line <&"${PEERS_PY[0]}" && [ -n "$line" ]; do
		beside+=(--beside "$line")
	done
}

peers_stop() {
	local pid=$PEERS_PY_PID in=${PEERS_PY[1]}
	exec {in}>&-
	wait "$pid"
}

gate_start() { # SERVERS
	mkdir "$dir/behind"
	at=behind port=$((port + 1000)) network --servers "$1" --gates 1 \
	    --no-limits --no-install --detach
	beside+=(--gate "by a gate=$dir/behind/network.json")
}

measure() { # SERVERS TEST...
	local servers=$1
	shift
	mkdir "$dir/net"
	network --servers "$servers" --no-limits --no-install --detach
	beside=()
	[ "${PEERS:-no}" = no ] || peers_start
	[ "${GATE:-no}" = no ] || gate_start "$servers"
	# shellcheck disable=SC2086 # several words
	"$build/tests/bench/bench" --rounds "${ROUNDS:-5}" \
	    --seconds "${SECONDS_MAX:-270}" ${OPTIONS:-} "${beside[@]}" \
	    "$build/tests/bench/floor" "$dir/net/network.json" "$@" || status=1
	network --stop
	[ "${PEERS:-no}" = no ] || peers_stop
	[ "${GATE:-no}" = no ] || at=behind network --stop
	rm -rf "$dir/net" "$dir/behind" "$dir/peers"
}

status=0
printf '%-38s %12s %12s  %5s  %-12s  %s\n' 'CPU of the server, for each' \
    banyand floor ratio 'first..last' target
if [ $# -gt 0 ]; then
	case " $* " in
	*' link '*) measure 2 "$@" ;;
	' gate1000 ')
		GATE=yes measure 1 one1000 overlap1000 burst1000 ten1000 load1000
		;;
	*) measure 1 "$@" ;;
	esac
	exit $status
fi
OPTIONS=--tls measure 1 idle
measure 1 idle one10 one100 one1000 many10 private load10 load100 load1000 \
    kinds1000 register joins names quits
measure 2 link
exit $status
