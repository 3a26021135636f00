"""The pages for programs that watch a server or a gate: /metrics, /health, /ready."""
import os
import re
import shutil
import socket
import subprocess

import pytest

from gates import Gate
from harness import TIMEOUT, free_port, until


def listening(make):
    s = make.server()
    s.http = free_port()
    s.config["listen"].append({"address": "127.0.0.1", "port": s.http,
                               "for": "http"})
    return s


def ask(port, request):
    """Send bytes. Return the status, the head and the body of the answer."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as c:
        c.sendall(request)
        said = b""
        while piece := c.recv(65536):
            said += piece
    head, _, body = said.decode().partition("\r\n\r\n")
    return int(head.split(" ")[1]), head, body


def get(s, path):
    return ask(s.http, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
               .encode())


def figures(s):
    return dict(line.rsplit(" ", 1) for line in
                get(s, "/metrics")[2].splitlines() if line[0] != "#")


def test_pages(make):
    s = listening(make).start()
    assert get(s, "/health")[0::2] == (200, "ok\n")
    assert get(s, "/ready?verbose")[0::2] == (200, "ready\n")
    status, head, body = get(s, "/metrics")
    assert status == 200 and "text/plain; version=0.0.4" in head
    assert f"Content-Length: {len(body)}\r\n" in head + "\r\n"
    status, head, body = ask(s.http, b"HEAD /health HTTP/1.0\r\n\r\n")
    assert status == 200 and body == "" and "Content-Length: 3" in head
    assert get(s, "/")[0] == 404
    s.client("alice").close()


def test_figures(make):
    s = listening(make).start()
    before = figures(s)
    a, b = s.client("alice"), s.client("bob")
    a.join("#c")
    b.join("#c")
    a.send("PRIVMSG #c :hello")
    b.expect("hello")
    b.ask("OPER root wrong")
    after = figures(s)
    assert after["banyan_ready"] == "1"
    assert after['banyan_users{at="here"}'] == "2"
    assert after["banyan_channels"] == "1"
    assert after['banyan_objects{pool="founding"}'] == "1"
    assert after['banyan_events_total{event="oper-failed"}'] == "1"
    assert after['banyan_events_total{event="client-registered"}'] == "2"

    def grew(name):
        return int(after[name]) - int(before[name])
    assert grew("banyan_messages_total") == 1
    assert grew("banyan_client_lines_total") >= 8
    assert grew('banyan_origin_entries_total{sid="1AA"}') == 4
    assert after['banyan_origin_lag_entries{sid="1AA"}'] == "0"
    assert int(after["banyan_turn_seconds_count"]) == int(
        after['banyan_turn_seconds_bucket{le="+Inf"}']) > 0
    # nothing that a client chooses is a label
    assert not any(x in name for name in after for x in ("alice", "#c"))
    a.close()
    b.close()


def test_links_have_figures(make):
    net = make.network(2)
    net[0].http = free_port()
    net[0].config["listen"].append({"address": "127.0.0.1", "port":
                                    net[0].http, "for": "http"})
    net.start()
    up = 'banyan_link_up{peer="s1.test"}'
    assert figures(net[0])[up] == "1"
    assert 'banyan_origin_entries_total{sid="2AA"}' in figures(net[0])
    net[1].kill()
    until("it is seen", lambda: figures(net[0])[up] == "0")


def gate_listening(make, folder, *servers):
    gate = make.keep(Gate(os.path.join(folder, "gate"),
                          [s.gates for s in servers] or [free_port()]))
    gate.http = free_port()
    gate.config["listen"].append({"address": "127.0.0.1", "port": gate.http,
                                  "for": "http"})
    return gate.start()


def test_pages_of_a_gate(make, folder):
    """It is ready while it has a trunk."""
    s = make.server()
    s.add_gates({"name": "gate1", "plaintext": True})
    gate = gate_listening(make, folder, s)
    assert get(gate, "/health")[0::2] == (200, "ok\n")
    assert get(gate, "/ready")[0::2] == (503, "not ready\n")
    up = f'banyan_server_up{{server="127.0.0.1 {s.gates}"}}'
    assert figures(gate)["banyan_ready"] == figures(gate)[up] == "0"
    s.start()
    gate.await_trunks()
    assert get(gate, "/ready")[0::2] == (200, "ready\n")
    assert figures(gate)["banyan_ready"] == figures(gate)[up] == "1"
    s.kill()
    until("the gate knows it", lambda: get(gate, "/ready")[0] == 503)


def test_figures_of_a_gate(make, folder):
    s = make.server()
    s.add_gates({"name": "gate1", "plaintext": True})
    s.start()
    gate = gate_listening(make, folder, s)
    gate.await_trunks()
    a, b = gate.client("alice"), gate.client("bob")
    a.join("#c")
    b.join("#c")
    before = figures(gate)
    a.send("PRIVMSG #c :hello")
    b.expect("hello")
    after = figures(gate)
    assert after['banyan_connections{state="placed"}'] == "2"
    assert after['banyan_connections{state="handshake"}'] == "0"
    assert after[f'banyan_server_clients{{server="127.0.0.1 {s.gates}"}}'] == "2"
    assert after['banyan_events_total{event="gate-trunk-up"}'] == "1"
    for name in ("client_lines", "delivered_lines", "trunk_delivery_lines"):
        name = f"banyan_{name}_total"
        assert int(after[name]) - int(before[name]) == 1
    assert int(after["banyan_turn_seconds_count"]) > 0
    assert int(after['banyan_bytes_total{way="in"}']) > 0
    assert not any(x in name for name in after for x in ("alice", "#c"))
    a.close()
    b.close()


def test_no_series_of_a_gate_comes_twice(make, folder):
    """The gate is told of the server that it is configured with."""
    s = make.server()
    s.add_gates({"name": "gate1", "plaintext": True})
    s.start()
    gate = gate_listening(make, folder, s)
    gate.await_trunks()
    gate.await_log(r" gate-server-learned ")
    series = [line.rpartition(" ")[0] for line in
              get(gate, "/metrics")[2].splitlines() if line[0] != "#"]
    assert len(series) > 30 and sorted(set(series)) == sorted(series)


@pytest.mark.parametrize("program", ["server", "gate"])
def test_promtool_takes_it(make, folder, program):
    """Debian's package prometheus has promtool, but is too large to be asked
    for: without it, the test is skipped."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    if program == "gate":
        s = gate_listening(make, folder)
    else:
        s = listening(make).start()
    done = subprocess.run([promtool, "check", "metrics"], check=False,
                          input=get(s, "/metrics")[2], text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("request_, status", [
    (b"POST /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    (b"GET /metrics HTTP/1.1\r\n\r\n", 400),
    (b"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"GET /metrics HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    (b"GET metrics HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 5000 + b"\r\n\r\n", 431),
    (b"NICK alice\r\nUSER a 0 * :a\r\n\r\n", 400),
])
def test_other_requests_are_refused(make, request_, status):
    s = listening(make).start()
    got, head, _ = ask(s.http, request_)
    assert got == status
    assert ("Allow: GET, HEAD" in head) == (status == 405)


def test_connections_are_few(make):
    """16 that say nothing are all there are: they end by themselves, and
    clients do not notice."""
    s = listening(make).start()
    idle = [socket.create_connection(("127.0.0.1", s.http), TIMEOUT)
            for _ in range(16)]
    with socket.create_connection(("127.0.0.1", s.http), TIMEOUT) as late:
        try:
            assert late.recv(1) == b""
        except ConnectionResetError:
            pass
    s.client("alice").close()
    for c in idle:
        assert c.recv(1) == b""     # after 10 s
        c.close()
    assert get(s, "/health")[0] == 200


def test_the_configuration_is_checked(make):
    s = listening(make)
    s.config["listen"][-1]["address"] = "0.0.0.0"
    s.write()
    done = s.spawn("--check").communicate(timeout=TIMEOUT)[0]
    assert re.search("warning: listen.* everybody who can reach", done)
    s = make.server("tls.test", tls=True)
    s.config["listen"].append({"address": "127.0.0.1", "port": free_port(),
                               "for": "http", "tls": True})
    assert "a listener for http has no TLS" in s.refused()
