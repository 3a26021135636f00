#!/usr/bin/env bash
# haproxy 2.6.12 (Debian 12): a server line with `check` alone opens a connection
# every `inter` and finds the server up, but the server never gets that connection
# from accept(): haproxy resets it before the handshake of TCP is over. With
# `option tcp-check` and rules that expect bytes, each check is a connection that
# the server accepts. Guess before: each check is a connection that says nothing,
# so servers log one for each check.
# Exit status: 0 if it is still so, 1 if not.
set -euo pipefail
version=2.6.12-1+deb12u4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
for package in "haproxy=$version" liblua5.3-0 libopentracing1 \
    libopentracing-c-wrapper0; do
	apt-get download "$package" >/dev/null 2>&1
done
for package in ./*.deb; do
	dpkg -x "$package" root
done
libs=$(dirname "$(find root -name 'liblua5.3.so.0' | head -n 1)")
cat >look.py <<'P'
"""Count what the listeners accept in three seconds, while haproxy checks both."""
import os
import select
import socket
import subprocess
import sys
import time

listeners = []
for _ in range(2):
    s = socket.create_server(("127.0.0.1", 0))
    listeners.append(s)
plain, talks = (s.getsockname()[1] for s in listeners)
with open("conf", "w", encoding="ascii") as f:
    f.write(f"""
global
    stats socket {os.getcwd()}/stats
defaults
    mode tcp
    timeout connect 1s
    timeout client 5s
    timeout server 5s
    timeout check 1s
backend plain
    server s 127.0.0.1:{plain} check inter 200ms
backend talks
    option tcp-check
    tcp-check connect
    tcp-check expect string hello
    server s 127.0.0.1:{talks} check inter 200ms
""")
proxy = subprocess.Popen(["root/usr/sbin/haproxy", "-db", "-f", "conf"],
                         stderr=subprocess.DEVNULL)
accepted = [0, 0]
end = time.monotonic() + 3
while (left := end - time.monotonic()) > 0:
    for s in select.select(listeners, [], [], left)[0]:
        c, _ = s.accept()
        accepted[listeners.index(s)] += 1
        try:
            c.sendall(b"hello")
        except OSError:
            pass
        c.close()
with socket.socket(socket.AF_UNIX) as c:
    c.connect("stats")
    c.sendall(b"show stat\n")
    text = b"".join(iter(lambda: c.recv(65536), b"")).decode()
proxy.terminate()
proxy.wait()
rows = [line.split(",") for line in text.splitlines() if ",s," in line]
states = {row[0]: (row[17], row[36]) for row in rows}
for name, n in zip(("plain", "talks"), accepted):
    print(f"{name}: {n} connections accepted; state and last check: {states[name]}")
if not (accepted[0] == 0 and accepted[1] >= 5 and
        states["plain"] == ("UP", "L4OK") and states["talks"][0] == "UP"):
    sys.exit("this has changed")
P
LD_LIBRARY_PATH=$libs root/usr/sbin/haproxy -v >said
head -n 1 said
LD_LIBRARY_PATH=$libs python3 look.py
