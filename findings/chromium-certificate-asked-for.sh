#!/usr/bin/env bash
# Chromium gives up a WebSocket over TLS if the server asks for a certificate, even
# if the server would accept a client without one: a page cannot let its user
# choose. The page is told 1006, and no byte of HTTP is sent. Guess before: it goes
# on without a certificate, as openssl s_client and Firefox do.
# Exit status: 0 if it is still so, 1 if not. It needs chromium, openssl, python3.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout key.pem -out cert.pem -days 9 -subj /CN=localhost 2>/dev/null
cat >look.py <<'P'
import os
import socket
import ssl
import subprocess
import sys

asks = sys.argv[1] == "asks"
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
if asks:
    context.load_verify_locations("cert.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
server = socket.create_server(("127.0.0.1", 0))
server.settimeout(30)
with open("page.html", "w", encoding="ascii") as f:
    f.write("<script>new WebSocket('wss://localhost:%d/')</script>"
            % server.getsockname()[1])
browser = subprocess.Popen(
    ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
     "--ignore-certificate-errors", "--disable-background-networking",
     "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
     "--user-data-dir=profile-" + sys.argv[1], "--timeout=5000",
     "--dump-dom", "file://" + os.path.abspath("page.html")],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    c = context.wrap_socket(server.accept()[0], server_side=True)
    said = c.recv(4096)
except OSError:
    said = b""
print("asks" if asks else "does not ask", "->",
      "a request" if said.startswith(b"GET / ") else "nothing")
browser.terminate()
browser.wait()
P
{ python3 look.py asks; python3 look.py quiet; } >seen
cat seen
cat >expected <<'T'
asks -> nothing
does not ask -> a request
T
cmp -s seen expected || {
	echo "Chromium behaves differently now" >&2
	exit 1
}
