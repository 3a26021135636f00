#!/usr/bin/env bash
# run.sh: builds Banyan and starts a small network on this machine.
#
#   run.sh [--dir DIR] [--port BASE] [--servers N] [--graph line|ring|full]
#          [--gates N] [--broker nats|redis] [--no-install] [--no-limits]
#          [--detach]
#   run.sh --stop [--dir DIR]
#
# It installs the Debian packages that are missing, if it may do so without
# asking. It builds, makes keys and certificates, starts the servers, and waits
# until all are linked. Then it sends one message through the network, prints
# `ready` and how to connect, and waits; Ctrl-C stops all servers. All files of
# the network are in DIR; DIR/network.json describes it (contrib/README.md).
#
# Server i, counted from 0, listens on 127.0.0.1, and on ::1 if the machine has
# it: plaintext at BASE+i, TLS at BASE+100+i, links at BASE+200+i, WebSocket
# (without TLS) at BASE+300+i. With --gates, gate i is a door to all servers:
# plaintext at BASE+400+i, TLS at BASE+500+i, WebSocket at BASE+600+i. Server i
# takes gates at BASE+700+i. With --broker, all servers link with each other
# through a broker at BASE+800.
set -euo pipefail

# If the caller has closed a standard stream, its number would go to the next
# file that is opened, and output would be written there.
{ :; } 2>/dev/null 9<&0 || exec </dev/null
{ :; } 2>/dev/null 9>&1 || exec >/dev/null
{ :; } 9>&2 || exec 2>/dev/null

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=$top/_network
base=27000
servers=3
gates=0
broker=
graph=ring
limits=yes
detach=
stop=

SERVERS_MAX=99     # so that the ranges of ports do not overlap
GATES_MAX=99
SOCKET_PATH_MAX=107
START_S=60         # seconds to link, and for each step of the message
STOP_S=10

usage() {
	sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
}

die() {
	echo "run.sh: $*" >&2
	exit 1
}

# ---- options ----------------------------------------------------------------

number() { # OPTION VALUE MIN MAX
	[[ $2 =~ ^[0-9]{1,5}$ ]] && ((10#$2 >= $3 && 10#$2 <= $4)) ||
	    die "$1: expected a number from $3 to $4, not '$2'"
}

while [ $# -gt 0 ]; do
	value=
	case $1 in
	--dir | --port | --servers | --gates | --graph | --broker)
		[ $# -gt 1 ] || die "$1: a value is missing"
		option=$1 value=$2
		shift
		;;
	--*=*)
		option=${1%%=*} value=${1#*=}
		;;
	*)
		option=$1
		;;
	esac
	case $option in
	--dir)		dir=$value ;;
	--port)		base=$value ;;
	--servers)	servers=$value ;;
	--gates)	gates=$value ;;
	--graph)	graph=$value ;;
	--broker)	broker=$value ;;
	--no-install)	export NO_INSTALL=1 ;;
	--no-limits)	limits= ;;
	--detach)	detach=yes ;;
	--stop)		stop=yes ;;
	-h | --help)	usage; exit 0 ;;
	*)		usage >&2; die "unknown option '$option'" ;;
	esac
	shift
done
number --servers "$servers" 1 $SERVERS_MAX
number --gates "$gates" 0 $GATES_MAX
servers=$((10#$servers)) gates=$((10#$gates))
case $broker in
'' | nats | redis) ;;
*) die "--broker: expected nats or redis, not '$broker'" ;;
esac
number --port "$base" 1 $((65535 - SERVERS_MAX - \
    (${#broker} > 0 ? 800 : gates > 0 ? 700 : 300)))
base=$((10#$base))
case $graph in
line | ring | full) ;;
*) die "--graph: expected line, ring or full, not '$graph'" ;;
esac
[ -z "$broker" ] || graph=full
[ -n "$dir" ] || die "--dir: a value is missing"
dir=$(realpath -m -- "$dir")
[[ $dir != *$'\n'* ]] || die "--dir: no line ends, please"

# ---- stopping ---------------------------------------------------------------

# Print the pid in the pid file, if that process is the server, gate or broker of
# that folder: a pid file that was left behind may name another process by now. A server
# that was restarted by hand may name its configuration relative to another folder.
pid_of() { # FOLDER
	local pid word cwd
	pid=$(cat "$1/pid" 2>/dev/null) || return 1
	[[ $pid =~ ^[0-9]+$ ]] || return 1
	cwd=$(readlink "/proc/$pid/cwd") || return 1
	while IFS= read -r -d '' word; do
		word=${word#-f}
		[[ $word == /* ]] || word=$cwd/$word
		if [ "$word" -ef "$1/banyand.conf" ] ||
		    [ "$word" -ef "$1/banyan-gate.conf" ] ||
		    [ "$word" -ef "$1/broker.conf" ]; then
			echo "$pid"
			return 0
		fi
	done 2>/dev/null <"/proc/$pid/cmdline"
	return 1
}

running() {
	local f
	for f in "$dir"/*/; do
		pid_of "${f%/}" || true
	done
}

# End all servers, gates and brokers of DIR, also those that were restarted by hand.
stop_all() {
	local pids deadline=$((SECONDS + STOP_S))
	mapfile -t pids < <(running)
	[ ${#pids[@]} -gt 0 ] || return 0
	kill -TERM "${pids[@]}" 2>/dev/null || true
	while [ ${#pids[@]} -gt 0 ] && ((SECONDS < deadline)); do
		sleep 0.1
		mapfile -t pids < <(running)
	done
	[ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}" 2>/dev/null || true
}

if [ -n "$stop" ]; then
	[ -f "$dir/network.json" ] || die "no network in $dir"
	touch "$dir/stopped"
	stop_all
	exit 0
fi

# ---- building ---------------------------------------------------------------

# shellcheck source=contrib/packages.sh
. "$top/contrib/packages.sh"
packages_need autoconf automake make gcc libc6-dev pkg-config openssl \
    libssl-dev libbsd-dev libconfig-dev libldns-dev libsodium-dev \
    liburing-dev libmaxminddb-dev libnats-dev libhiredis-dev \
    libsqlite3-dev libwslay-dev libzstd-dev ${broker:+"$broker-server"}

quietly() { # LOG COMMAND...
	local log=$1
	shift
	"$@" >>"$log" 2>&1 || {
		tail -n 40 "$log" >&2
		die "failed: $* (see $log)"
	}
}

# Build in a folder of the source tree, or in the tree itself if the tree is
# configured (automake allows only one of the two). Set $bin.
build() {
	local log
	bin=$top/_run
	[ ! -f "$top/config.status" ] || bin=$top
	# use a tree that is built and not writable as it is
	if [ ! -w "$top" ] && [ -x "$bin/banyand" ] &&
	    [ -x "$bin/banyanctl" ] && [ -x "$bin/banyan-gate" ]; then
		return 0
	fi
	mkdir -p "$bin" 2>/dev/null || die "cannot write to $top"
	log=$bin/run.log
	exec 8>"$bin/run.lock"
	flock 8
	: >"$log"
	cd "$top"
	[ -f configure ] || quietly "$log" autoreconf -i
	cd "$bin"
	# by a relative path, since the folders above may have spaces in their names
	if [ ! -f Makefile ]; then
		if [ "$bin" = "$top" ]; then
			quietly "$log" ./configure -q
		else
			quietly "$log" ../configure -q
		fi
	fi
	quietly "$log" make -s -j"$(nproc)" banyand banyanctl banyan-gate \
	    modules
	exec 8>&-
	cd /
}

echo "building"
build
banyand=$bin/banyand
banyanctl=$bin/banyanctl
banyangate=$bin/banyan-gate
modules=
for f in "$bin"/modules/*.so; do
	f=${f##*/}
	modules+="${modules:+, }\"${f%.so}\""
done

# ---- the folder -------------------------------------------------------------

mkdir -p "$dir" 2>/dev/null || die "cannot make $dir"
# the mark is there before the first start succeeds, so it can be tried again
if [ ! -f "$dir/network.json" ] && [ ! -f "$dir/.run.sh" ] &&
    [ -n "$(ls -A "$dir")" ]; then
	die "$dir is neither empty nor a network of run.sh"
fi
: >"$dir/.run.sh"
[ -z "$(running)" ] || die "a network is running in $dir; first: $0 --stop" \
    "--dir $dir"
path=$dir/$servers/control
((gates == 0)) || path=$dir/g$((servers > gates ? servers : gates))/control
((${#path} <= SOCKET_PATH_MAX)) ||
    die "--dir: too long by $((${#path} - SOCKET_PATH_MAX)) bytes for a socket"
umask 077
rm -f "$dir/stopped"

quoted() { # TEXT: as a string of banyand.conf and of JSON
	local s=${1//\\/\\\\}
	printf '"%s"' "${s//\"/\\\"}"
}

name_of() { echo "s$(($1 + 1)).banyan.test"; }
folder_of() { echo "$dir/$(($1 + 1))"; }
gate_name() { echo "gate$(($1 + 1))"; }
gate_folder() { echo "$dir/g$(($1 + 1))"; }

# 1AA, 2AA ... 9AA, 1BA ...
sid_of() {
	local letters=ABCDEFGHIJKLMNOPQRSTUVWXYZ
	echo "$(($1 % 9 + 1))${letters:$(($1 / 9)):1}A"
}

# Print the neighbours of server i.
neighbours() {
	local i=$1 j
	for ((j = 0; j < servers; j++)); do
		((i != j)) || continue
		case $graph in
		full)	echo "$j" ;;
		line)	((j - i == 1 || i - j == 1)) && echo "$j" ;;
		ring)	((j == (i + 1) % servers || i == (j + 1) % servers)) &&
			    echo "$j" ;;
		esac || true
	done
}

ssl() { # run openssl, quiet unless it fails
	local out
	out=$(openssl "$@" 2>&1) || die "openssl $1: $out"
}

# Make one authority for the network, so that clients need one file for all
# servers.
make_authority() {
	[ ! -f "$dir/ca.pem" ] || return 0
	ssl ecparam -name prime256v1 -genkey -noout -out "$dir/ca.key"
	ssl req -x509 -new -key "$dir/ca.key" -out "$dir/ca.new" -days 3650 \
	    -subj "/CN=Banyan on this machine" \
	    -addext "basicConstraints=critical,CA:TRUE" \
	    -addext "keyUsage=critical,keyCertSign,cRLSign"
	mv "$dir/ca.new" "$dir/ca.pem"
}

make_certificate() { # FOLDER NAME
	local f=$1 name=$2
	mkdir -p "$f"
	[ ! -f "$f/cert.pem" ] || return 0
	ssl ecparam -name prime256v1 -genkey -noout -out "$f/key.pem"
	ssl req -new -key "$f/key.pem" -subj "/CN=$name" -out "$f/request" \
	    -addext "subjectAltName=DNS:$name,DNS:localhost,IP:127.0.0.1,IP:::1" \
	    -addext "basicConstraints=CA:FALSE"
	ssl x509 -req -in "$f/request" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" \
	    -set_serial "0x$(openssl rand -hex 8)" -days 3650 \
	    -copy_extensions copy -out "$f/cert.new"
	rm -f "$f/request"
	mv "$f/cert.new" "$f/cert.pem"
}

pin_of() { # FOLDER: print the SHA-256 of the public key
	openssl x509 -in "$1/cert.pem" -noout -pubkey |
	    openssl pkey -pubin -outform DER |
	    openssl dgst -sha256 -r | cut -d' ' -f1
}

has_ipv6() {
	grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 \
	    2>/dev/null
}

listener() { # PORT TLS [FOR [MORE]]
	local address
	for address in "${addresses[@]}"; do
		printf '%s{ address = "%s"; port = %d; tls = %s;%s%s }' \
		    "$separator" "$address" "$1" "$2" \
		    "${3:+ for = \"$3\";}" "${4:+ $4}"
		separator=$',\n\t'
	done
}

link_block() { # j
	printf '%s{ name = "%s"; sid = "%s"; pin = "%s";\n' \
	    "$separator" "$(name_of "$1")" "$(sid_of "$1")" "${pins[$1]}"
	if [ -n "$broker" ]; then
		printf '\t  broker = "%s"; }' "$broker_url"
	else
		printf '\t  address = "127.0.0.1:%d"; }' $((base + 200 + $1))
	fi
	separator=$',\n\t'
}

gates_list() {
	local j separator=
	printf 'gates = (\n\t'
	for ((j = 0; j < gates; j++)); do
		printf '%s{ name = "%s"; pin = "%s"; }' \
		    "$separator" "$(gate_name "$j")" "${gate_pins[j]}"
		separator=$',\n\t'
	done
	printf '\n);\n'
}

make_config() { # i PASSWORD
	local i=$1 f j separator addresses=(127.0.0.1)
	f=$(folder_of "$i")
	! has_ipv6 || addresses+=(::1)
	cat <<-CONF
	# made by contrib/run.sh; made again by its next run
	state = $(quoted "$f/state");
	control = $(quoted "$f/control");
	pidfile = $(quoted "$f/pid");
	server = {
		name = "$(name_of "$i")";
		sid = "$(sid_of "$i")";
		network = "BanyanTest";
		description = "Server $((i + 1)) of $servers on this machine";
		motd = $(quoted "$f/motd");
	};
	tls = {
		certificate = $(quoted "$f/cert.pem");
		key = $(quoted "$f/key.pem");
	};
	log = { file = $(quoted "$f/log"); };
	modules = ( $modules );
	opers = ( { name = "admin"; password = "$2"; } );
	CONF
	separator=
	printf 'listen = (\n\t'
	listener $((base + i)) false clients
	listener $((base + 100 + i)) true clients
	listener $((base + 200 + i)) true links
	listener $((base + 300 + i)) false clients \
	    'websocket = true; origins = "*";'
	((gates == 0)) || listener $((base + 700 + i)) true gates
	printf '\n);\n'
	separator=
	printf 'links = (\n\t'
	for j in $(neighbours "$i"); do
		link_block "$j"
	done
	printf '\n);\n'
	((gates == 0)) || gates_list
	[ -n "$limits" ] || cat <<-CONF
	# for load tests: only the queues are bounded
	classes = ( { name = "unlimited"; net = "::/0"; flood_burst = 0;
		per_address = 0; per_network = 0; connect_rate = 0; channels = 0; nick_changes = 0;
		joins = 0; targets = 0;
		registration_s = 0; sendq = 16777216; recvq = 262144; } );
	CONF
}

make_server() { # i
	local i=$1 f verifier
	f=$(folder_of "$i")
	passwords[i]=$(openssl rand -hex 12)
	verifier=$("$banyanctl" hash <<<"${passwords[i]}")
	make_config "$i" "$verifier" >"$f/banyand.conf"
	echo "Welcome to $(name_of "$i"), a Banyan server of contrib/run.sh." \
	    >"$f/motd"
	"$banyand" -f "$f/banyand.conf" --check ||
	    die "the configuration of $(name_of "$i") is refused"
}

# Write the configuration of the broker, and set how it is started. Both brokers
# keep nothing on disk.
make_broker() {
	local f=$dir/broker port=$((base + 800))
	mkdir -p "$f"
	case $broker in
	nats)
		broker_argv=("$(command -v nats-server)" -c "$f/broker.conf")
		cat >"$f/broker.conf" <<-CONF
		listen: "127.0.0.1:$port"
		pid_file: $(quoted "$f/pid")
		CONF
		;;
	redis)
		broker_argv=("$(command -v redis-server)" "$f/broker.conf")
		cat >"$f/broker.conf" <<-CONF
		bind 127.0.0.1
		port $port
		dir $(quoted "$f")
		pidfile $(quoted "$f/pid")
		save ""
		set-proc-title no
		CONF
		;;
	esac
}

make_gate_config() { # i
	local i=$1 f separator addresses=(127.0.0.1)
	f=$(gate_folder "$i")
	! has_ipv6 || addresses+=(::1)
	cat <<-CONF
	# made by contrib/run.sh; made again by its next run
	name = "$(gate_name "$i")";
	control = $(quoted "$f/control");
	pidfile = $(quoted "$f/pid");
	tls = {
		certificate = $(quoted "$f/cert.pem");
		key = $(quoted "$f/key.pem");
	};
	log = { file = $(quoted "$f/log"); };
	CONF
	separator=
	printf 'listen = (\n\t'
	listener $((base + 400 + i)) false
	listener $((base + 500 + i)) true
	listener $((base + 600 + i)) false '' 'websocket = true; origins = "*";'
	printf '\n);\n'
	cat <<-CONF
	# the gate learns of the other servers from this one
	servers = ( { address = "127.0.0.1"; port = $((base + 700)); pin = "${pins[0]}"; } );
	CONF
	[ -n "$limits" ] || cat <<-CONF
	# for load tests: only the queues are bounded
	limits = { per_address = 0; connect_rate = 0; };
	CONF
}

make_gate() { # i
	local f
	f=$(gate_folder "$1")
	make_gate_config "$1" >"$f/banyan-gate.conf"
	"$banyangate" -f "$f/banyan-gate.conf" --check ||
	    die "the configuration of $(gate_name "$1") is refused"
}

# ---- starting ---------------------------------------------------------------

# Start a program, not attached to the caller's standard streams, and in a session
# of its own with --detach. Set $child.
start() { # FOLDER COMMAND...
	local as=() f=$1
	shift
	[ -z "$detach" ] || as=(setsid)
	rm -f "$f/pid"
	"${as[@]}" "$@" </dev/null >>"$f/output" 2>&1 &
	child=$!
}

failed() { # FOLDER WHAT
	tail -q -n 5 "$1/log" "$1/output" >&2 2>/dev/null || true
	die "$2"
}

failed_to_start() { # i WHAT
	failed "$(folder_of "$1")" "$(name_of "$1") $2"
}

ctl() { # i COMMAND
	"$banyanctl" -s "$(folder_of "$1")/control" --json "$2" 2>/dev/null
}

# Return 0 if the server takes clients, has all its links and sees all servers.
is_whole() { # i
	local want up
	want=$(neighbours "$1" | wc -l)
	up=$(ctl "$1" links | grep -c '"state":"up"' || true)
	[ "$up" = "$want" ] &&
	    ctl "$1" status | grep -q "\"ready\":true.*\"servers\":${servers}[,}]"
}

# Stop with an error if a server ended: the others cannot link with it, so this
# is the fault to report.
all_run() {
	local i
	for ((i = 0; i < servers; i++)); do
		kill -0 "${children[i]}" 2>/dev/null ||
		    pid_of "$(folder_of "$i")" >/dev/null ||
		    failed_to_start "$i" "ended"
	done
}

await_whole() {
	local i deadline=$((SECONDS + START_S))
	for ((i = 0; i < servers; i++)); do
		until is_whole "$i"; do
			all_run
			((SECONDS < deadline)) ||
			    failed_to_start "$i" "is not linked after $START_S s"
			sleep 0.1
		done
	done
}

# Wait until the gate has a trunk to each server.
await_gate() { # i
	local f deadline=$((SECONDS + START_S))
	f=$(gate_folder "$1")
	until [ "$("$banyanctl" -s "$f/control" --json servers 2>/dev/null |
	    grep -c '"state":"up"')" = "$servers" ]; do
		kill -0 "${gate_children[$1]}" 2>/dev/null ||
		    pid_of "$f" >/dev/null ||
		    failed "$f" "$(gate_name "$1") ended"
		((SECONDS < deadline)) || failed "$f" \
		    "$(gate_name "$1") does not reach all servers after $START_S s"
		sleep 0.1
	done
}

describe_gate() { # i
	local f
	f=$(gate_folder "$1")
	printf '{"name":"%s","pid":%d,"plain":%d,"tls":%d' "$(gate_name "$1")" \
	    "$(pid_of "$f" || echo "${gate_children[$1]:-0}")" \
	    $((base + 400 + $1)) $((base + 500 + $1))
	printf ',"websocket":%d' $((base + 600 + $1))
	printf ',"config":%s,"control":%s' "$(quoted "$f/banyan-gate.conf")" \
	    "$(quoted "$f/control")"
	printf ',"argv":[%s,"-f",%s]}' "$(quoted "$banyangate")" \
	    "$(quoted "$f/banyan-gate.conf")"
}

describe_broker() {
	local word separator=
	printf ',"broker":{"url":"%s","pid":%d,"config":%s,"argv":[' \
	    "$broker_url" "$(pid_of "$dir/broker" || echo "$broker_child")" \
	    "$(quoted "$dir/broker/broker.conf")"
	for word in "${broker_argv[@]}"; do
		printf '%s%s' "$separator" "$(quoted "$word")"
		separator=,
	done
	printf ']}'
}

write_description() {
	local i f separator=
	{
		printf '{"network":"BanyanTest","servers":['
		for ((i = 0; i < servers; i++)); do
			f=$(folder_of "$i")
			printf '%s{"name":"%s","sid":"%s","pid":%d' \
			    "$separator" "$(name_of "$i")" "$(sid_of "$i")" \
			    "$(pid_of "$f" || echo "${children[i]:-0}")"
			printf ',"plain":%d,"tls":%d,"link":%d' \
			    $((base + i)) $((base + 100 + i)) $((base + 200 + i))
			printf ',"websocket":%d' $((base + 300 + i))
			printf ',"config":%s,"control":%s,"pidfile":%s' \
			    "$(quoted "$f/banyand.conf")" \
			    "$(quoted "$f/control")" "$(quoted "$f/pid")"
			printf ',"modules":[%s]' "$modules"
			printf ',"argv":[%s,"-f",%s]' "$(quoted "$banyand")" \
			    "$(quoted "$f/banyand.conf")"
			printf ',"oper":{"name":"admin","password":"%s"}}' \
			    "${passwords[i]}"
			separator=,
		done
		printf ']'
		separator=',"gates":['
		for ((i = 0; i < gates; i++)); do
			printf '%s' "$separator"
			describe_gate "$i"
			separator=,
		done
		((gates == 0)) || printf ']'
		[ -z "$broker" ] || describe_broker
		printf '}\n'
	} >"$dir/network.json.new"
	mv "$dir/network.json.new" "$dir/network.json"
}

# ---- one message ------------------------------------------------------------

# Read lines from descriptor $1 until one matches $2; leave that line in $line.
await_line() { # FD PATTERN
	local deadline=$((SECONDS + START_S))
	while ((SECONDS < deadline)); do
		IFS= read -r -t $START_S -u "$1" line || break
		line=${line%$'\r'}
		[[ $line != "PING "* ]] || printf 'PONG %s\r\n' "${line#PING }" >&"$1"
		[[ $line =~ $2 ]] && return 0
	done
	die "no answer that looks like: $2"
}

register() { # FD NICK
	printf 'NICK %s\r\nUSER %s 0 * :run.sh\r\n' "$2" "$2" >&"$1"
	await_line "$1" '^:[^ ]+ 001 '
}

send_one_message() { # NICK PORT NAME PORT NAME: from the first to the second
	local line deadline=$((SECONDS + START_S))
	exec 5<>"/dev/tcp/127.0.0.1/$2" 6<>"/dev/tcp/127.0.0.1/$4"
	register 5 "$1one"
	register 6 "$1two"
	while :; do
		printf 'ISON %s\r\n' "$1two" >&5
		await_line 5 '^:[^ ]+ 303 '
		[[ $line != *"$1two" ]] || break
		((SECONDS < deadline)) ||
		    die "$3 does not see a user of $5"
		sleep 0.3
	done
	printf 'PRIVMSG %s :hello from %s to %s\r\n' "$1two" "$3" "$5" >&5
	await_line 6 ' PRIVMSG '
	echo "received at $5: $line"
	printf 'QUIT\r\n' >&5
	printf 'QUIT\r\n' >&6
	exec 5>&- 6>&-
}

spaced() { # WORD: in quotes for irssi if it has spaces
	[[ $1 != *[[:space:]]* ]] && echo "$1" || echo "\"$1\""
}

how_to_connect() {
	local last=$((servers - 1))
	cat <<-TEXT
	ready

	irssi, on the first server, with TLS:
	    irssi --home=$(printf %q "$dir/irssi") -n alice
	    /connect -tls -tls_cafile $(spaced "$dir/ca.pem") localhost $((base + 100))
	WeeChat, on the last server, with TLS:
	    weechat -d $(printf %q "$dir/weechat")
	    /set weechat.network.gnutls_ca_user "$dir/ca.pem"
	    /server add banyan 127.0.0.1/$((base + 100 + last)) -ssl -nicks=bob
	    /connect banyan
	any client, without TLS: 127.0.0.1, port $base to $((base + last))
	web clients: ws://127.0.0.1:$((base + 300)) to port $((base + 300 + last))
	TEXT
	((gates == 0)) || cat <<-TEXT
	through a gate, in the same ways: port $((base + 500)) with TLS, $((base + 400)) without,
	and ws://127.0.0.1:$((base + 600))
	TEXT
	cat <<-TEXT
	then, in both: /join #banyan

	to see the links:  $(printf %q "$banyanctl") -f $(printf %q "$dir/1/banyand.conf") links
	TEXT
}

# ---- all of it --------------------------------------------------------------

broker_url=$broker://127.0.0.1:$((base + 800)) broker_child=0 broker_argv=()
children=() passwords=() pins=() gate_children=() gate_pins=()
started=

finish() {
	local status=$?
	trap - EXIT HUP INT TERM
	[ -z "$started" ] || stop_all
	exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

make_authority
for ((i = 0; i < servers; i++)); do
	make_certificate "$(folder_of "$i")" "$(name_of "$i")"
	pins[i]=$(pin_of "$(folder_of "$i")")
done
for ((i = 0; i < gates; i++)); do
	make_certificate "$(gate_folder "$i")" "$(gate_name "$i").banyan.test"
	gate_pins[i]=$(pin_of "$(gate_folder "$i")")
done
[ -z "$broker" ] || make_broker
for ((i = 0; i < servers; i++)); do
	make_server "$i"
done
for ((i = 0; i < gates; i++)); do
	make_gate "$i"
done
write_description

echo "starting $servers servers in $dir"
started=yes
if [ -n "$broker" ]; then
	start "$dir/broker" "${broker_argv[@]}"
	broker_child=$child
fi
for ((i = 0; i < servers; i++)); do
	f=$(folder_of "$i")
	start "$f" "$banyand" -f "$f/banyand.conf"
	children[i]=$child
done
for ((i = 0; i < gates; i++)); do
	f=$(gate_folder "$i")
	start "$f" "$banyangate" -f "$f/banyan-gate.conf"
	gate_children[i]=$child
done
await_whole
for ((i = 0; i < gates; i++)); do
	await_gate "$i"
done
write_description
last=$((servers - 1))
send_one_message runsh $base "$(name_of 0)" $((base + last)) "$(name_of $last)"
((gates == 0)) ||
    send_one_message bygate $((base + 400)) "$(gate_name 0)" \
	$((base + 400 + gates - 1)) "$(gate_name $((gates - 1)))"
how_to_connect

if [ -n "$detach" ]; then
	started=
	exit 0
fi
echo
echo "Ctrl-C stops all of it"
# Servers may be killed and started again meanwhile; --stop ends this loop, too.
while [ ! -e "$dir/stopped" ]; do
	sleep 1
done
