#!/usr/bin/env bash
# inspircd 3.15.0 (Debian 12): a client that labels a NICK is told of its change
# with the new nick as the source (:new!u@h NICK new); all others, and the client
# itself without a label, see the old one. A client that compares the source with
# its own nick does not notice that it has a new one. If a labelled command has
# several lines of answer, others on the channel who have `batch` get their line in
# a batch `labeled-response`, too, though they sent no label. Guess before: a label
# changes nothing but the tag and the batch of the client that sent it.
# Exit status: 0 if it is still so, 1 if not.
set -euo pipefail
version=3.15.0-1
dir=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
apt-get download "inspircd=$version" >/dev/null 2>&1
dpkg -x inspircd_*.deb root
port=$((20000 + $$ % 10000))
cat >conf <<C
<server name="s.test" description="s" network="Test">
<bind address="127.0.0.1" port="$port" type="clients">
<connect name="all" allow="*" resolvehostnames="no">
<options defaultmodes="not">
<path configdir="$dir" datadir="$dir" logdir="$dir" runtimedir="$dir"
 moduledir="$dir/root/usr/lib/inspircd/modules">
<pid file="$dir/pid">
<module name="cap">
<module name="ircv3_batch">
<module name="ircv3_labeledresponse">
C
run=()
if [ "$(id -u)" = 0 ]; then
	chown -R nobody "$dir"
	run=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
fi
"${run[@]}" root/usr/sbin/inspircd --config "$dir/conf" --nofork >out 2>&1 &
server=$!
cat >look.py <<'P'
import socket
import sys
import time


class Client:
    def __init__(self, nick):
        for _ in range(100):
            try:
                self.s = socket.create_connection(("127.0.0.1",
                                                   int(sys.argv[1])))
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        self.f = self.s.makefile("r")
        self.say("CAP REQ :batch labeled-response")
        self.say(f"NICK {nick}")
        self.say(f"USER {nick} 0 * :x")
        self.say("CAP END")
        while " 001 " not in self.f.readline():
            pass
        self.ask()

    def say(self, line):
        self.s.sendall((line + "\r\n").encode())

    def ask(self, *lines):
        """Say lines; return what came up to the answer of a PING."""
        for line in lines + ("PING end",):
            self.say(line)
        got = []
        while " PONG " not in (line := self.f.readline().rstrip()):
            got.append(line.replace(":s.test ", "").replace("@127.0.0.1", ""))
        return got


a, b = Client("a"), Client("b")
a.ask("JOIN #c")
b.ask("JOIN #c")
a.ask()
print("> @label=1 MODE #c +mX")
a.ask("@label=1 MODE #c +mX")
print("\n".join("other " + line for line in b.ask()))
print("> @label=2 NICK new")
print("\n".join("self  " + line for line in a.ask("@label=2 NICK new")))
print("\n".join("other " + line for line in b.ask()))
print("> NICK newer")
print("\n".join("self  " + line for line in a.ask("NICK newer")))
P
timeout 60 python3 look.py "$port" >seen
cat >expected <<'T'
> @label=1 MODE #c +mX
other BATCH +1 :labeled-response
other @batch=1 :a!a MODE #c :+m
other BATCH :-1
> @label=2 NICK new
self  @label=2 :new!a NICK :new
other :a!a NICK :new
> NICK newer
self  :new!a NICK :newer
T
echo "inspircd $version:"
cat seen
cmp -s expected seen || { echo "this has changed" >&2; exit 1; }
