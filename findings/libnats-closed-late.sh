#!/bin/bash
# libnats-closed-late.sh: libnats calls the callback of a closed connection from a
# thread of its own, after natsConnection_Destroy() has returned.
#
# Program: libnats 3.4 of Debian 12 (libnats-dev, nats-server).
# Guess: once natsConnection_Destroy() returns, no callback comes any more, so that
# what the callback is given may be freed.
set -euo pipefail

folder=$(mktemp -d)
broker=
finish() {
	[ -z "$broker" ] || kill "$broker" 2>/dev/null || true
	rm -rf "$folder"
}
trap finish EXIT
cd "$folder"

missing=()
for p in gcc libc6-dev libnats-dev nats-server; do
	dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null |
	    grep -qx installed || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] ||
    apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null

cat >try.c <<'C'
#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_bool destroyed, late, called, other;
static pthread_t self;

static void
closed(natsConnection *nc, void *ctx)
{
	(void)nc;
	(void)ctx;
	usleep(100000); /* as a thread that gets no processor would */
	late = destroyed;
	other = !pthread_equal(self, pthread_self());
	called = true;
}

int
main(int argc, char **argv)
{
	natsOptions *o;
	natsConnection *nc;

	(void)argc;
	self = pthread_self();
	if (natsOptions_Create(&o) != NATS_OK ||
	    natsOptions_SetURL(o, argv[1]) != NATS_OK ||
	    natsOptions_SetClosedCB(o, closed, NULL) != NATS_OK ||
	    natsConnection_Connect(&nc, o) != NATS_OK)
		return 2;
	natsConnection_Destroy(nc);
	destroyed = true;
	for (int i = 0; i < 100 && !called; i++)
		usleep(50000);
	printf("called: %d, by another thread: %d, after Destroy: %d\n",
	    called, other, late);
	return called && other && late ? 0 : 1;
}
C
gcc -o try try.c -lnats -lpthread
port=$((20000 + RANDOM % 10000))
nats-server -a 127.0.0.1 -p "$port" >log 2>&1 &
broker=$!
for _ in $(seq 50); do
	! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	sleep 0.1
done
./try "nats://127.0.0.1:$port" || {
	echo "something has changed: see above" >&2
	exit 1
}
