#!/usr/bin/env bash
# Limnoria 2023.1.28 (Debian 12) with experimentalExtensions: the bot labels each
# line of a batch that it sends, and its end, although ircv3 multiline says: "Clients
# MUST NOT send tags other than draft/multiline-concat and batch on messages within
# the batch". Its source quotes that sentence, and drops the tags; the labels are
# added later. Guess before: the first line has the only label.
# Exit status: 0 if it is still so, 1 if not.
set -euo pipefail
version=2023.1.28-1
dir=$(mktemp -d)
bot=
trap 'kill $bot 2>/dev/null && wait $bot || true; rm -rf "$dir"' EXIT
cd "$dir"
apt-get download "limnoria=$version" >/dev/null 2>&1
dpkg -x limnoria_*.deb root
port=$((20000 + $$ % 10000))
cat >bot.conf <<C
supybot.nick: bot
supybot.networks: net
supybot.networks.net.servers: 127.0.0.1:$port
supybot.networks.net.ssl: False
supybot.networks.net.channels: #c
supybot.plugins: Misc Owner Utilities
supybot.plugins.Misc: True
supybot.plugins.Owner: True
supybot.plugins.Utilities: True
supybot.protocols.irc.experimentalExtensions: True
supybot.protocols.irc.throttleTime: 0.0
supybot.defaultIgnore: False
supybot.reply.whenAddressedBy.chars: !
supybot.reply.mores.instant: 6
supybot.reply.mores.maximum: 20
supybot.directories.conf: $dir/conf
supybot.directories.data: $dir/data
supybot.directories.log: $dir/log
supybot.log.stdout: False
C
# A server that knows just enough to hear the bot.
cat >server.py <<'P'
import re
import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listens", file=sys.stderr, flush=True)
s = listener.accept()[0]
s.settimeout(60)
f = s.makefile("r")
caps = ("batch draft/multiline=max-bytes=4096,max-lines=24 labeled-response "
        "message-tags")


def say(*lines):
    s.sendall("".join(f":s.test {line}\r\n" for line in lines).encode())


for line in f:
    line = line.rstrip()
    words = [word.lstrip(":") for word in line.split()]
    verb = words[1] if line.startswith("@") else words[0]
    if verb == "CAP" and "LS" in words:
        say("CAP * LS :" + caps)
    elif verb == "CAP" and "REQ" in words:
        say("CAP * ACK :" + line.split(" :", 1)[-1].split("REQ ")[-1])
    elif verb == "CAP" and "END" in words:
        say("001 bot :hi", "422 bot :no MOTD")
    elif verb == "PING":
        say("PONG s.test " + words[-1])
    elif verb == "JOIN":
        s.sendall(b":bot!bot@host JOIN #c\r\n:a!a@host PRIVMSG #c "
                  b":!echo [apropos o] [apropos o] [apropos o] [apropos o]\r\n")
    elif verb == "BATCH" or (verb == "PRIVMSG" and "batch=" in words[0]):
        ref = re.search(r"batch=([^; ]+)|BATCH :?[-+](\S+)", line)
        line = line.replace(ref.group(1) or ref.group(2), "REF")
        line = re.sub(r"label=[-0-9a-f]+", "label=L", line)
        print(re.sub(r"( #c) :?.*", r"\1", line), flush=True)
        if re.search(r"BATCH :?-", line):
            break
P
timeout 60 python3 server.py "$port" >seen 2>ready &
server=$!
until [ -s ready ]; do sleep 0.1; done
root=()
[ "$(id -u)" = 0 ] && root=(--allow-root)
HOME=$dir PYTHONPATH=$dir/root/usr/lib/python3/dist-packages \
    /usr/bin/python3 root/usr/bin/supybot "${root[@]}" bot.conf >out 2>&1 &
bot=$!
wait "$server" || true
sed -E '/concat/d' seen >short
cat >expected <<'T'
@label=L BATCH +REF draft/multiline :#c
@batch=REF;label=L PRIVMSG #c
@label=L BATCH :-REF
T
echo "limnoria $version:"
cat seen
cmp -s expected short || { echo "this has changed" >&2; exit 1; }
