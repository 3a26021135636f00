#!/usr/bin/env bash
# irssi 1.4.3 (Debian 12): it sends an empty JOIN ("JOIN :") behind CAP LS, before
# it has a nick, and goes on with CAP REQ, NICK and USER whatever the answer is,
# also if there is none. Guess before: a client sends CAP, NICK and USER until it is
# welcome. A server that closes the connection of a client which sends a command too
# early loses all users of irssi.
# Exit status: 0 if it is still so, 1 if not.
set -euo pipefail
version=1.4.3-2
dir=$(mktemp -d)
irssi=
trap 'kill $irssi 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
apt-get download "irssi=$version" >/dev/null 2>&1
dpkg -x irssi_*.deb root
cat >look.py <<'P'
import socket
import sys

server = socket.create_server(("127.0.0.1", 0))
server.settimeout(20)
print(server.getsockname()[1], flush=True)
client, _ = server.accept()
client.settimeout(20)
text, seen = b"", []
while not any(line.startswith("USER ") for line in seen):
    text += client.recv(4096)
    *lines, text = text.split(b"\r\n")
    for line in lines:
        seen.append(line.decode())
        if line.startswith(b"CAP LS"):
            client.sendall(b":s.test CAP * LS :server-time\r\n")
        elif line.startswith(b"CAP REQ"):
            client.sendall(b":s.test CAP * ACK :server-time\r\n")
with open("seen", "w", encoding="ascii") as f:
    f.write("".join(line + "\n" for line in seen if line[:5] != "USER "))
P
mkfifo port
timeout 60 python3 look.py >port &
look=$!
read -r port <port
TERM=screen HOME=$dir script -qc "root/usr/bin/irssi --home=$dir/home -n me \
    -c 127.0.0.1 -p $port" /dev/null </dev/null >screen 2>&1 &
irssi=$!
wait "$look"
cat >expected <<'T'
CAP LS 302
JOIN :
CAP REQ :server-time
CAP END
NICK me
T
echo "irssi $version:"
cat seen
cmp -s expected seen || { echo "this has changed" >&2; exit 1; }
