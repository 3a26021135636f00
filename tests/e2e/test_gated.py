"""Clients behind banyan-gate, with real servers: they notice no difference."""
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from gates import Gate
from harness import (BANYANCTL, TIMEOUT, Client, as_many_fds_as_allowed, free_port,
                     make_certificate, until)
from test_ctl import hash_of
from test_dns import SRV, A, Dns
from web import Web


def add_gates(server, *names, tls=None):
    """Let a server accept trunks of these gates; tls is the pin of a gate."""
    server.gates = free_port()
    server.config["listen"].append({
        "address": "127.0.0.1", "port": server.gates, "for": "gates",
        **({"tls": True} if tls else {})})
    server.config["gates"] = [
        {"name": name, **({"pin": tls} if tls else {"plaintext": True})}
        for name in names]


def plain_gate(make, folder, servers, name="gate1", tls=False):
    return make.keep(Gate(os.path.join(folder, name),
                          [s.gates for s in servers], name, tls))


@pytest.fixture
def one(make, folder):
    """A server and a gate that is ready."""
    server = make.server()
    add_gates(server, "gate1")
    server.start()
    gate = plain_gate(make, folder, [server]).start()
    gate.await_trunks()
    return server, gate


def test_two_clients_talk(one):
    server, gate = one
    a, b = gate.client("anna"), gate.client("bob")
    c = server.client("carl")
    for client in a, b, c:
        client.join("#tea")
    a.send("PRIVMSG #tea :hello")
    for client in b, c:
        client.expect(r"^:anna!\S+ PRIVMSG #tea :hello$")
    c.send("PRIVMSG anna :hi")
    a.expect(r"^:carl!\S+ PRIVMSG anna :hi$")
    b.send("QUIT :done")
    a.expect(r"^:bob!\S+ QUIT :.*done")
    assert b.until_closed()[-1].startswith("ERROR :")
    until("bob is gone", lambda: gate.status()["clients"] == 1)
    a.close()
    c.expect(r"^:anna!\S+ QUIT :")


def test_a_line_for_many_crosses_once(one):
    server, gate = one
    clients = [gate.client(f"n{i}") for i in range(30)]
    for client in clients:
        client.join("#tea")
    for client in clients[:-1]:
        client.expect(r"^:n29!\S+ JOIN")
    before = gate.status()
    clients[0].send("PRIVMSG #tea :hello")
    for client in clients[1:]:
        client.expect("PRIVMSG #tea :hello$")
    after = gate.status()
    assert after["lines_out"] - before["lines_out"] == 1
    assert after["delivered"] - before["delivered"] == 29


def test_trunk_over_tls(make, folder):
    server = make.server(tls=True)
    gate = plain_gate(make, folder, [], tls=True)
    add_gates(server, "gate1", tls=gate.pin)
    server.start()
    gate.config["servers"] = [{"address": "127.0.0.1", "port": server.gates,
                               "pin": server.pin}]
    gate.start()
    gate.await_trunks()
    a = Client(gate.tls, nick="anna", tls=gate.cafile)
    b = gate.client("bob")
    b.send("WHOIS anna")
    b.expect(r" 671 bob anna :")
    a.send("WHOIS bob")
    assert not [x for x in a.ask("WHOIS bob") if " 671 " in x]


def test_another_pin_ends_the_trunk(make, folder):
    """A server whose key is not trusted any more keeps no client."""
    server = make.server(tls=True)
    gate = plain_gate(make, folder, [], tls=True)
    add_gates(server, "gate1", tls=gate.pin)
    server.start()
    gate.config["servers"] = [{"address": "127.0.0.1", "port": server.gates,
                               "pin": server.pin}]
    gate.start()
    gate.await_trunks()
    a = gate.client("anna")
    gate.config["servers"][0]["pin"] = "ab" * 32
    gate.write()
    gate.signal(signal.SIGHUP)
    a.expect("^ERROR :")
    gate.await_log("gate-trunk-down .*code=removed")
    gate.await_log("gate-trunk-refused .*code=pin")


def test_blocks_for_the_other_side(make, folder):
    """banyanctl gateblock, of both sides, makes a trunk."""
    server = make.server(tls=True)
    server.gates, second = free_port(), free_port()
    server.config["listen"] += [{"address": "127.0.0.1", "for": "gates",
                                 "port": port, "tls": True}
                                for port in (server.gates, second)]
    gate = plain_gate(make, folder, [server], tls=True)
    blocks = []
    for side in gate, server:
        side.write()
        done = subprocess.run([BANYANCTL, "-f", side.path, "gateblock"],
                              capture_output=True, text=True, timeout=TIMEOUT)
        assert done.returncode == 0, done.stderr
        blocks.append(done.stdout)
    del gate.config["servers"]
    for side, block in (server, blocks[0]), (gate, blocks[1]):
        write = side.write
        side.write = lambda write=write, block=block: write(block)
        side.start()
    gate.await_trunks()
    assert len(gate.ask("servers")) == 1  # one place of a server is enough
    assert f"# Or address = \"127.0.0.1\"; port = {second};\n" in blocks[1]
    done = subprocess.run([BANYANCTL, "-f", gate.path, "--json", "gateblock"],
                          capture_output=True, text=True, timeout=TIMEOUT)
    assert json.loads(done.stdout) == {"name": "gate1", "pin": gate.pin}
    assert subprocess.run([BANYANCTL, "-f", gate.path, "linkblock"],
                          capture_output=True, timeout=TIMEOUT).returncode == 1
    assert "state=up" in subprocess.run(
        [BANYANCTL, "-f", gate.path, "servers"], capture_output=True,
        text=True, timeout=TIMEOUT).stdout


def test_wrong_pins(make, folder):
    server = make.server(tls=True)
    gate = plain_gate(make, folder, [], tls=True)
    add_gates(server, "gate1", tls="ab" * 32)
    server.start()
    gate.config["servers"] = [{"address": "127.0.0.1", "port": server.gates,
                               "pin": "cd" * 32}]
    gate.start()
    gate.await_log("gate-trunk-refused .*code=pin by=gate")
    gate.config["servers"][0]["pin"] = server.pin
    gate.write()
    gate.signal(signal.SIGHUP)
    gate.await_log("gate-trunk-refused .*code=pin by=server")


def by_name(make, folder, address, dns):
    """A server, and a gate that dials it by a name."""
    server = make.server(tls=True)
    gate = plain_gate(make, folder, [], tls=True)
    add_gates(server, "gate1", tls=gate.pin)
    gate.config["servers"] = [{"address": address, "pin": server.pin}]
    if not address.startswith("_"):
        gate.config["servers"][0]["port"] = server.gates
    gate.config["dns"] = {"servers": f"127.0.0.1:{dns.port}",
                          "timeout_ms": 300}
    return server.start(), gate.start()


def test_a_server_by_the_name_of_its_host(make, folder):
    """Nobody listens at the first addresses of the name, and at first there is no
    such name."""
    dns = make.keep(Dns())
    _, gate = by_name(make, folder, "hub.test", dns)
    gate.await_log("gate-trunk-failed .*no address of hub.test")
    dns.records[("hub.test", A)] = ["127.0.0.21", "127.0.0.22", "127.0.0.1"]
    gate.await_trunks()
    gate.client("anna")


def test_a_server_by_srv_records(make, folder):
    dns = make.keep(Dns())
    name = "_banyan-gate._tcp.hub.test"
    server, gate = by_name(make, folder, name, dns)
    gate.await_log(f"gate-trunk-failed .*no SRV record of {name}")
    dns.records[("dead.test", A)] = ["127.0.0.21"]
    dns.records[("two.test", A)] = ["127.0.0.1"]
    dns.records[(name, SRV)] = [(10, 1, 7100, "none.test"),
                                (20, 1, 7100, "dead.test"),
                                (30, 1, server.gates, "two.test")]
    gate.await_trunks()
    gate.await_log("no address of none.test")
    gate.await_log("gate-trunk-failed .*address=127.0.0.21 ")
    dns.close()
    gate.client("anna")


def test_certificates_of_clients(make, folder):
    server = make.server()
    add_gates(server, "gate1")
    server.start()
    gate = plain_gate(make, folder, [server], tls=True).start()
    gate.await_trunks()
    own = os.path.join(folder, "own")
    os.mkdir(own)
    pin = make_certificate(own, "anna")
    a = Client(gate.tls, nick="anna", tls=gate.cafile, certificate=own)
    a.send("WHOIS anna")
    a.expect(r" 276 anna anna :.*" + pin)


def test_proxies(make, folder):
    server = make.server()
    add_gates(server, "gate1")
    server.start()
    gate = plain_gate(make, folder, [server])
    port = free_port()
    gate.config["listen"].append({"address": "127.0.0.1", "port": port,
                                  "proxy": ["127.0.0.1"]})
    gate.start()
    gate.await_trunks()
    a = Client(port)
    a.raw(b"PROXY TCP4 192.0.2.7 192.0.2.1 1000 6667\r\n")
    a.nick = "anna"
    a.register()
    b = gate.client("bob")
    b.send("WHOIS anna")
    a.send("WHOIS anna")
    a.expect(r" 378 .* 192\.0\.2\.7")
    v2 = Client(port)
    v2.raw(b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x21, 0x11, 0, 12])
           + socket.inet_aton("192.0.2.8") + socket.inet_aton("192.0.2.1")
           + b"\0\1\0\2")
    v2.nick = "carl"
    v2.register()
    v2.send("WHOIS carl")
    v2.expect(r" 378 .* 192\.0\.2\.8")
    bad = Client(port)
    bad.send("NICK x")
    bad.until_closed()
    gate.await_log("accept-refused .*no PROXY header")


@pytest.mark.parametrize("tls", [False, True])
def test_websocket(make, folder, tls):
    server = make.server()
    add_gates(server, "gate1")
    server.start()
    gate = plain_gate(make, folder, [server], tls=True)
    port = free_port()
    gate.config["listen"].append({
        "address": "127.0.0.1", "port": port, "websocket": True, "tls": tls,
        "origins": ["https://chat.example.org"]})
    gate.start()
    gate.await_trunks()
    a = gate.client("anna")
    a.join("#tea")
    web = Web(port, "bob", tls=gate.cafile if tls else None,
              origin="https://chat.example.org")
    web.join("#tea")
    a.expect(r"^:bob!\S+ JOIN #tea$")
    web.send("PRIVMSG #tea :h\u00e9")
    a.expect("PRIVMSG #tea :h\u00e9$")
    a.send("PRIVMSG #tea :hello")
    web.expect("PRIVMSG #tea :hello$")
    assert any(" 671 " in x for x in a.ask("WHOIS bob")) == tls
    web.send("QUIT :bye")
    web.expect("^ERROR :")
    assert web.closed_with() == (1000, "")
    other = Web(port, tls=gate.cafile if tls else None,
                origin="https://other.example.org")
    assert other.sock.refused
    gate.await_log("websocket-failed address=127.0.0.1 ")


@pytest.mark.parametrize("end", ["server", "gate"])
def test_pages_are_told_that_it_goes_away(make, folder, end):
    """1001, whichever of the two stops: a page may connect again."""
    server = make.server()
    add_gates(server, "gate1")
    server.start()
    gate = plain_gate(make, folder, [server])
    port = free_port()
    gate.config["listen"].append({"address": "127.0.0.1", "port": port,
                                  "websocket": True, "origins": "*"})
    gate.start()
    gate.await_trunks()
    web = Web(port, "bob")
    (server if end == "server" else gate).signal(signal.SIGTERM)
    web.expect("^ERROR :")
    assert web.closed_with() == (1001, "")


def test_the_address_of_the_client_counts(make, folder):
    server = make.server()
    add_gates(server, "gate1")
    server.config["classes"][0]["per_address"] = 2
    server.start()
    gate = plain_gate(make, folder, [server])
    port = free_port()
    gate.config["listen"].append({"address": "127.0.0.1", "port": port,
                                  "proxy": ["127.0.0.1"]})
    gate.start()
    gate.await_trunks()

    def come(address, nick=None):
        c = Client(port)
        c.raw(f"PROXY TCP4 {address} 192.0.2.1 1 2\r\n".encode())
        c.send("NICK " + (nick or "x"), "USER x 0 * :x")
        return c
    kept = [come("192.0.2.7", "a"), come("192.0.2.7", "b")]
    for c in kept:
        c.expect(" 001 ")
    third = come("192.0.2.7", "c")
    third.expect("^ERROR :.*Too many connections from your host")
    other = come("192.0.2.8", "d")
    other.expect(" 001 ")


def test_clients_of_a_gateway(make, folder):
    """The gate does not count a gateway (WEBIRC), and the server counts the
    gateway's clients, each by its own address."""
    server = make.server()
    add_gates(server, "gate1")
    server.config["webirc"] = [{"name": "web", "net": "198.51.100.7",
                                "password": hash_of("secret")}]
    server.config["classes"][0]["per_address"] = 1
    server.start()
    gate = plain_gate(make, folder, [server])
    port = free_port()
    gate.config["listen"].append({"address": "127.0.0.1", "port": port,
                                  "proxy": ["127.0.0.1"]})
    gate.config["limits"] = {"per_address": 1, "connect_rate": 1,
                             "gateways": ["198.51.100.0/24"]}
    gate.start()
    gate.await_trunks()

    def come(nick, address):
        c = Client(port)
        c.raw(b"PROXY TCP4 198.51.100.7 192.0.2.1 1 2\r\n")
        c.send(f"WEBIRC secret web host {address}", f"NICK {nick}", "USER x 0 * :x")
        return c
    kept = [come(f"n{i}", f"192.0.2.{i}") for i in range(1, 5)]
    for c in kept:
        c.expect(" 001 ")
    kept[0].nick = "n1"
    assert any("192.0.2.1" in x for x in kept[0].ask("WHOIS n1"))
    come("n5", "192.0.2.1").expect("^ERROR :.*Too many connections")
    gate.config["limits"]["gateways"] = ["198.51.100.8"]
    gate.write()
    assert gate.ctl("reload").returncode == 0
    come("n6", "192.0.2.6").expect("^ERROR :Too many connections")


def test_two_servers(make, folder):
    net = make.network(2)
    for s in net:
        add_gates(s, "gate1", "gate2")
    net.start()
    gates = [plain_gate(make, folder, list(net), f"gate{i + 1}").start()
             for i in range(2)]
    for gate in gates:
        gate.await_trunks(2)
    clients = [gates[i % 2].client(f"n{i}") for i in range(8)]
    for client in clients:
        client.join("#tea")
    net.await_nicks(*[c.nick for c in clients])
    net.await_same_facts()
    assert sorted(s.status()["users_local"] for s in net) == [4, 4]
    clients[0].send("PRIVMSG #tea :hello")
    for client in clients[1:]:
        client.expect("PRIVMSG #tea :hello$")
    # a server dies: its clients are told, the others stay
    net[1].kill()
    until("half of them are gone", lambda: sum(
        g.status()["clients"] for g in gates) == 4)
    for gate in gates:
        gate.await_log("gate-trunk-down server=s1.test ")
        assert gate.status()["trunks"] == 1
    # and new ones go to the server that is left
    late = gates[0].client("late")
    late.send("JOIN #tea")
    late.expect(" 366 ")
    # the server comes back, and is used again
    net[1].start()
    for gate in gates:
        gate.await_trunks(2)


def test_kill_the_gate(one):
    server, gate = one
    kept = [gate.client(f"n{i}") for i in range(5)]
    watcher = server.client("watcher")
    for c in kept + [watcher]:
        c.join("#tea")
    gate.kill()
    quit = {watcher.expect(r"^:(\w+)!\S+ QUIT :").group(1) for _ in kept}
    assert quit == {c.nick for c in kept}
    gate.start()
    gate.await_trunks()
    gate.client("n0")


def test_a_server_that_starts_again(one):
    server, gate = one
    a = gate.client("anna")
    server.again()
    a.expect("^ERROR :")
    gate.await_trunks()
    gate.client("anna")


def test_kline_and_kill(make, folder):
    server = make.server()
    add_gates(server, "gate1")
    server.start()
    gate = plain_gate(make, folder, [server]).start()
    gate.await_trunks()
    a = gate.client("anna")
    assert server.ctl("kill", "anna", "bye").returncode == 0
    a.expect("^ERROR :.*bye")
    a.until_closed()
    b = gate.client("bob")
    assert server.ctl("ban", "kline", "*@127.0.0.1", "1d",
                      "no").returncode == 0
    b.expect("^ERROR :")
    until("all are gone", lambda: gate.status()["clients"] == 0)


def test_flood(make, folder):
    """The server's flood control reaches the client's socket."""
    server = make.server()
    add_gates(server, "gate1")
    server.config["classes"][0].update(flood_burst=5, flood_rate=2)
    server.start()
    gate = plain_gate(make, folder, [server]).start()
    gate.await_trunks()
    a, b = gate.client("anna"), server.client("bob")
    began = time.monotonic()
    a.send(*[f"PRIVMSG bob :{i}" for i in range(12)])
    b.expect("PRIVMSG bob :11$")
    assert time.monotonic() - began > 2
    a.raw(b"x\r\n" * 20000)
    a.expect("^ERROR :.*[Ee]xcess")
    until("she is gone", lambda: gate.status()["clients"] == 0)


def test_long_answers(one):
    _, gate = one
    kept = [gate.client(f"n{n}") for n in range(6)]
    for c in kept:
        c.send(*[f"JOIN #{c.nick}.{i}" for i in range(50)])
        c.expect(rf" 366 {c.nick} #{c.nick}\.49 ")
    slow = Client(gate.plain, nick="slow", rcvbuf=4096)
    slow.send("LIST", "PING :end")
    slow.expect(" 323 ")
    assert sum(" 322 " in x for x in slow.lines) == 300


def test_two_thousand_clients(make, folder):
    """They come at once, talk in a channel and leave at once."""
    n = 2000
    if as_many_fds_as_allowed() < n + 100:
        pytest.skip("too few descriptors")
    server = make.server()
    add_gates(server, "gate1")
    server.start()
    gate = plain_gate(make, folder, [server]).start()
    gate.await_trunks()
    clients = [Client(gate.plain) for _ in range(n)]
    for i, c in enumerate(clients):
        c.send(f"NICK n{i}", f"USER n{i} 0 * :x", "JOIN #tea")
    for c in clients:
        c.expect(" 366 ")
    clients[0].send("PRIVMSG #tea :hello")
    for c in clients[1:]:
        c.expect("PRIVMSG #tea :hello$")
    assert gate.status()["clients"] == n
    gate.signal(signal.SIGTERM)
    for c in clients:
        c.expect("^ERROR :The gate is going down$")
    assert gate.wait() == 0
    until("all are gone", lambda: server.status()["users"] == 0)


def test_irssi(make, one):
    server, gate = one
    terminal = make.terminal(
        f"irssi --home={server.folder}/irssi -c 127.0.0.1 -p {gate.plain} "
        "-n anna")
    terminal.see("Welcome to")
    terminal.type("/join #tea")
    terminal.see("#tea")
    b = gate.client("bob")
    b.join("#tea")
    terminal.type("hello there")
    b.expect(r"PRIVMSG #tea :hello there$")
    b.send("PRIVMSG #tea :good day")
    terminal.see("good day")
