#!/usr/bin/env bash
# deb.sh: makes Debian packages of a release, and tries them.
#
#   deb.sh build TARBALL DIR    build in DIR; lintian must find nothing
#   deb.sh try DIR              install, start, upgrade and purge the packages of
#                               DIR on a fresh Debian 12 in DIR/root; needs root
#
# `make deb` and `make deb-try` call it. It needs the packages debhelper, fakeroot and
# lintian, and those of debian/control; to try, also debootstrap and iproute2.
set -euo pipefail

die() {
	echo "deb.sh: $*" >&2
	exit 1
}

build() { # TARBALL DIR
	local tarball dir=$2
	tarball=$(realpath -- "$1")
	rm -rf "$dir"
	mkdir -p "$dir"
	cd "$dir"
	tar -xf "$tarball"
	cd banyan-*/
	dpkg-buildpackage -us -uc -b
	cd ..
	lintian --fail-on info,warning,error --info ./*.changes
}

# ---- trying them ------------------------------------------------------------

# A minimal system with the sources of packages of this machine.
make_root() {
	local mirror
	mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' \
	    'Created-By: Packages' | awk '$2 == "bookworm" { print $1; exit }')
	rm -rf "$root"
	debootstrap --variant=minbase --include=adduser,ca-certificates,systemd \
	    bookworm "$root" "${mirror:-http://deb.debian.org/debian}" >/dev/null
	rm "$root/etc/apt/sources.list"
	cp -a /etc/apt/. "$root/etc/apt/"
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
	cp -a /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
	mkdir "$root/debs"
}

# Run a command there, in namespaces that end with it.
there() { # COMMAND...
	unshare --mount --pid --fork --kill-child bash -c '
		mount -t proc proc "$0/proc"
		mount -t tmpfs tmpfs "$0/tmp"
		exec chroot "$0" env -i HOME=/root LANG=C.UTF-8 \
		    DEBIAN_FRONTEND=noninteractive \
		    PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' "$root" "$@"
}

# The same with a network of its own, whose ports are free.
apart() { # COMMAND...
	export root
	export -f there
	unshare --net bash -c 'ip link set lo up; there "$@"' there "$@"
}

install() { # DEB...
	there apt-get install -qq -y --no-install-recommends "$@"
}

# Start the server as the unit does, let two clients talk, and stop it.
talk() {
	apart bash -euo pipefail -c '
	unit=/lib/systemd/system/banyand.service
	run=$(sed -n "s/^ExecStart=//p" $unit)
	setpriv --reuid=banyan --regid=banyan --clear-groups $run &
	server=$!
	await() {	# FD PATTERN: read until a line matches
		local line
		while IFS= read -r -t 20 -u "$1" line; do
			[[ $line != PING* ]] || echo "PONG ${line#PING }" >&"$1"
			[[ ! $line =~ $2 ]] || return 0
		done
		echo "no line like $2" >&2
		return 1
	}
	for ((i = 0; i < 200; i++)); do
		(: <>/dev/tcp/127.0.0.1/6667) 2>/dev/null && break
		kill -0 $server
		sleep 0.1
	done
	exec 5<>/dev/tcp/127.0.0.1/6667 6<>/dev/tcp/127.0.0.1/6667
	printf "NICK ann\r\nUSER ann 0 * :ann\r\n" >&5
	await 5 " 001 ann "
	printf "NICK bob\r\nUSER bob 0 * :bob\r\n" >&6
	await 6 " 001 bob "
	printf "HELP\r\nPRIVMSG bob :hello bob\r\n" >&5
	await 5 " 705 ann "	# of a module
	await 6 ":ann!.* PRIVMSG bob :hello bob"
	reload=$(sed -n "s/^ExecReload=//p" $unit)
	$reload
	kill $server
	wait $server'
}

try() { # DIR
	local root dir=$1 deb files left
	[ "$(id -u)" = 0 ] || die "needs root, for chroot and mounts"
	root=$(realpath -- "$dir")/root
	make_root
	cp "$dir"/banyan_*.deb "$root/debs/banyan.deb"
	cp "$dir"/banyan-dev_*.deb "$root/debs/banyan-dev.deb"
	there apt-get -qq update

	echo "install"
	install /debs/banyan.deb
	files=$(there dpkg -L banyan)
	[ "$(there systemctl is-enabled banyand)" = enabled ]
	[ "$(there systemctl is-enabled banyan-gate)" = enabled ]
	there systemd-analyze verify --man=no \
	    /lib/systemd/system/banyand.service \
	    /lib/systemd/system/banyan-gate.service
	grep -q '^ConditionPathExists=/etc/banyan/banyand.conf' \
	    "$root/lib/systemd/system/banyand.service"
	[ ! -e "$root/etc/banyan/banyand.conf" ]
	[ "$(there stat -c %U:%a /var/lib/banyan)" = banyan:700 ]
	[ "$(there stat -c %U:%G:%a /etc/banyan)" = root:banyan:750 ]

	echo "start"
	there banyanctl init irc.example.org /etc/banyan
	there bash -c 'chown banyan /etc/banyan/*
	    echo "modules = ( \"help\" );" >>/etc/banyan/banyand.conf
	    banyand -f /etc/banyan/banyand.conf --check'
	talk

	echo "upgrade"
	for deb in "$root"/debs/*.deb; do
		dpkg-deb -R "$deb" "$root/debs/new"
		sed -i -E 's/^(Version: .*)/\1+later/; s/(banyan \(= [^)]*)/\1+later/' \
		    "$root/debs/new/DEBIAN/control"
		dpkg-deb --root-owner-group -b "$root/debs/new" "$deb" >/dev/null
		rm -r "$root/debs/new"
	done
	install /debs/banyan.deb
	[[ $(there dpkg-query -W -f '${Version}' banyan) = *+later ]]
	talk

	echo "a module"
	install /debs/banyan-dev.deb gcc libc6-dev pkgconf
	there bash -euc 'cd /tmp
	    cc -shared -fPIC $(pkg-config --cflags banyan) -o skeleton.so \
		/usr/share/doc/banyan-dev/examples/skeleton.c
	    cp skeleton.so "$(pkg-config --variable=moduledir banyan)"
	    sed "s/\"help\"/\"skeleton\"/" /etc/banyan/banyand.conf \
		>/etc/banyan/other.conf
	    banyand -f /etc/banyan/other.conf --check
	    rm "$(pkg-config --variable=moduledir banyan)/skeleton.so" \
		/etc/banyan/other.conf'

	echo "purge"
	there apt-get purge -qq -y banyan-dev banyan
	[ ! -e "$root/var/lib/banyan" ]
	[ -e "$root/etc/banyan/link-key.pem" ]
	left=$(while IFS= read -r f; do
		[ -d "$root$f" ] || [ ! -e "$root$f" ] || echo "$f"
	done <<<"$files")
	[ -z "$left" ] || die "left behind: $left"
	rm -rf "$root"
	echo "ok"
}

case ${1:-} in
build)	[ $# = 3 ] || die "build needs a tarball and a folder"; build "$2" "$3" ;;
try)	[ $# = 2 ] || die "try needs a folder"; try "$2" ;;
*)	die "expected build or try" ;;
esac
