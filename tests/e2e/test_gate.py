"""banyan-gate with a server's side of the trunk that the test plays: each rule of
doc/gate-protocol.md that binds a gate, clients that behave badly, servers that
break rules, reloads and ends."""
import os
import re
import signal
import socket
import time

import pytest

from gates import Gate, TrunkPort
from harness import BUILD, TIMEOUT, Client, free_port, make_certificate, until


@pytest.fixture
def port(make):
    return make.keep(TrunkPort())


@pytest.fixture
def gate(make, port, folder):
    return make.keep(Gate(os.path.join(folder, "g"), [port.port])).start()


@pytest.fixture
def trunk(gate, port):
    trunk = port.open()
    gate.await_trunks()
    return trunk


def connect(gate, trunk, grant=10):
    """Return a client and the number of its stream."""
    client = Client(gate.plain)
    trunk.clients.append(client)  # it goes when nobody has it
    return client, trunk.new(grant)


# ---- opening ----------------------------------------------------------------

def test_the_first_line(make, port, folder):
    gate = make.keep(Gate(folder, [port.port]))
    gate.config["region"] = "eu"
    gate.start()
    trunk = port.accept()
    trunk.expect(r"^GATE 1 gate1 eu :peers load place$")
    trunk.send("SERVER 1 1AA.1 one.test us :network=Tests streams=5 later=1")
    gate.await_trunks()
    assert gate.status()["network"] == "Tests"
    server, = gate.ask("servers")
    assert (server["name"], server["region"], server["state"]) == (
        "one.test", "us", "up")


def test_nothing_comes_before_server(gate, port):
    trunk = port.accept()
    trunk.expect("^GATE ")
    client = Client(gate.plain)
    client.send("NICK a")
    until("a BEAT has come", lambda: trunk.lines and _read(trunk)
          and trunk.beats >= 2)
    assert len(trunk.lines) == 1
    trunk.send("SERVER 1 1AA.1 one.test * :streams=5", "POS 1AA.1=1")
    assert trunk.new() == "1"
    trunk.expect("^CMD 1 1 :NICK a$")


def _read(trunk):
    try:
        trunk.line(time.monotonic() + 0.1)
    except TimeoutError:
        pass
    return True


BREACHES = [
    ("nonsense", "form"),
    ("L 1", "form"),
    ("NEW 1", "form"),
    (":src L 1 :x", "form"),
    ("SERVER 1 1AA.1 one.test * :", "state"),
    ("L 2 :x", "stream"),
    ("READ 1 1 2", "stream"),
    ("READ 1 x", "form"),
    ("QUEUES 1 1 2", "stream"),
    ("DRAIN 2 0", "stream"),
    ("GONE 2 :x", "stream"),
    ("L *1 :x", "list"),
    ("UNLIST 1", "list"),
    ("LIST 1 2", "stream"),
    ("LIST 1 +1", "list"),
    ("LIST 1 =1", "list"),
    ("LIST 1 1 1", "list"),
    ("POS x", "form"),
    ("x" * 16383, "form"),
]


@pytest.mark.parametrize("line, code", BREACHES,
                         ids=[line[:20] for line, _ in BREACHES])
def test_a_server_that_breaks_a_rule(gate, trunk, line, code):
    client, _ = connect(gate, trunk)
    trunk.send(line)
    trunk.expect(f"^ERROR {code} :")
    trunk.until_closed()
    client.expect("^ERROR :The connection with the server is lost")
    gate.await_log(f"gate-trunk-down .*code={code} by=gate")


def test_a_server_of_another_network(make, folder):
    """The log says which name each side has."""
    ports = [make.keep(TrunkPort()) for _ in range(2)]
    gate = make.keep(Gate(folder, [p.port for p in ports])).start()
    first = ports[0].open()
    gate.await_trunks()
    trunk = ports[1].accept()
    trunk.send("SERVER 1 1AA.1 two.test * :network=Other streams=5")
    trunk.expect("^ERROR network :the network is Other, and not Tests$")
    gate.await_log("gate-trunk-refused .*code=network .*Other, and not Tests")
    first.close()


def test_the_network_of_the_gate(make, port, folder):
    """A network that is configured does not depend on who comes first."""
    gate = make.keep(Gate(folder, [port.port]))
    gate.config["network"] = "Tests"
    gate.start()
    trunk = port.accept()
    trunk.expect("^GATE 1 gate1 [*] :.* network=Tests$")
    trunk.send("SERVER 1 1AA.1 one.test * :network=Other streams=5")
    trunk.expect("^ERROR network :the network is Other, and not Tests$")
    trunk.until_closed()
    assert gate.status()["network"] == "Tests"
    trunk = port.accept()
    trunk.expect("^GATE 1 gate1 [*] :.* network=Tests$")
    trunk.send("SERVER 1 1AA.1 one.test * :network=Tests streams=5")
    gate.await_trunks()


@pytest.mark.parametrize("line", [
    "L 2 ::bob!b@host PRIVMSG alice :private", "GONE :private",
    "L 1 private :words"])
def test_what_people_say_is_not_logged(gate, trunk, line):
    client, _ = connect(gate, trunk)
    trunk.send(line)
    assert "private" not in trunk.expect("^ERROR .*").group(0)
    client.until_closed()
    gate.await_log("gate-trunk-down")
    assert "private" not in gate.log()


@pytest.mark.parametrize("line, code", [
    ("SERVER 2 anything", "version"),
    ("SERVER 1 1AA.1 one.test * :network=Other", "network"),
    ("SERVER 1 1AA.1 one.test *", "form"),
    ("L 1 :x", "state"),
    ("POS", "state"),
    ("ERROR pin :no", None),
])
def test_a_server_that_is_refused(make, folder, line, code):
    ports = [make.keep(TrunkPort()) for _ in range(2)]
    gate = make.keep(Gate(folder, [p.port for p in ports])).start()
    first = ports[0].open()
    gate.await_trunks()
    trunk = ports[1].accept()
    trunk.expect("^GATE ")
    trunk.send(line)
    if code:
        trunk.expect(f"^ERROR {code} :")
    gate.await_log(f"gate-trunk-refused .*code={code or 'pin'} ")
    assert gate.status()["trunks"] == 1
    first.close()


def test_the_gate_dials_again(gate, port, trunk):
    began = time.monotonic()
    trunk.close()
    for least in 1, 2:
        again = port.accept()
        assert time.monotonic() - began >= least
        began = time.monotonic()
        again.expect("^GATE ")
        again.close()


# ---- streams ----------------------------------------------------------------

def test_lines_and_grants(gate, trunk):
    client = Client(gate.plain)
    new = trunk.expect(r"^@(\S+) NEW 1$").group(1)
    assert set(new.split(";")) == {"addr=127.0.0.1", f"port={gate.plain}"}
    client.raw(b"NICK a\r\nUSER b\n\r\n@+x=y TAGMSG #c\r\n")
    trunk.send("READ 2 1", "POS")
    trunk.expect("^CMD 1 1 :NICK a$")
    trunk.expect("^CMD 1 2 :USER b$")
    trunk.send("READ 1 1", "POS")
    trunk.expect("^CMD 1 3 :$")
    trunk.send("READ 5 1", "POS")
    trunk.expect("^CMD 1 4 :@[+]x=y TAGMSG #c$")
    trunk.send("L 1 :one", "L 1 :  two ", "@later L 1 ::three", "POS")
    for text in "one", "  two ", ":three":
        assert client.line(time.monotonic() + TIMEOUT) == text
    assert gate.status()["lines_in"] == 4


def test_lines_that_are_wrong(gate, trunk):
    client, _ = connect(gate, trunk)
    client.raw(b"A\0B\r\nA\rB\r\n" + b"x" * 600 + b"\r\n"
               + b"@" + b"t" * 5000 + b" x\r\n" + b"\0" * 600 + b"\nlast\r\n")
    trunk.expect("^@bad CMD 1 1 :$")
    trunk.expect("^@bad CMD 1 2 :$")
    trunk.expect("^@long CMD 1 3 :x{510}$")
    trunk.expect("^@long CMD 1 4 :@t{4095}$")
    trunk.expect("^@long;bad CMD 1 5 :$")
    trunk.expect("^CMD 1 6 :last$")


def test_a_client_that_goes(gate, trunk):
    client, _ = connect(gate, trunk)
    client.close()
    trunk.expect("^CLOSED 1 :.+")
    trunk.send("L 1 :late", "READ 5 1", "GONE 1 :late", "POS")
    other, s = connect(gate, trunk)
    assert s == "2"
    trunk.send("L 2 :x", "POS")
    other.expect("^x$")
    assert gate.status()["clients"] == 1


def test_the_server_ends_a_client(gate, trunk):
    client, _ = connect(gate, trunk)
    trunk.send("L 1 :ERROR :K-lined", "GONE 1 :K-lined", "POS")
    client.expect("^ERROR :K-lined$")
    client.until_closed()
    gate.await_log("client-closed .*why=K-lined")
    until("it is gone", lambda: gate.status()["clients"] == 0)
    assert not [x for x in trunk.lines if x.startswith("CLOSED")]


def test_end_of_file_with_lines_that_wait(gate, trunk):
    client, _ = connect(gate, trunk, grant=1)
    client.raw(b"one\r\ntwo\r\nthree\r\nunfinished")
    client.sock.shutdown(socket.SHUT_WR)
    trunk.expect("^CMD 1 1 :one$")
    if "EOF 1" not in trunk.lines:  # the end may come before the first grant
        trunk.expect("^EOF 1$")
    trunk.send("READ 1 1", "POS")
    trunk.expect("^CMD 1 2 :two$")
    trunk.send("READ 9 1", "L 1 :bye", "POS")
    trunk.expect("^CMD 1 3 :three$")
    trunk.expect("^CLOSED 1 :end of file$")
    client.expect("^bye$")
    assert sum(x.startswith("EOF") for x in trunk.lines) == 1


def test_end_of_file_without_lines(gate, trunk):
    client, _ = connect(gate, trunk, grant=0)
    client.raw(b"unfinished")
    client.sock.shutdown(socket.SHUT_WR)
    trunk.expect("^CLOSED 1 :end of file$")
    assert not [x for x in trunk.lines if x.startswith("EOF")]


def test_excess(gate, trunk):
    client = Client(gate.plain)
    trunk.expect(" NEW 1$")
    trunk.send("QUEUES 100000 1000 1", "READ 1 1", "POS")
    client.raw(b"x" * 100 + b"\r\n" + b"y\r\n" * 400)
    trunk.expect("^CMD 1 1 :x{100}$")
    trunk.expect("^EXCESS 1$")
    client.raw(b"y\r\n" * 400)
    trunk.send("READ 100 1", "POS")
    trunk.expect("^CMD 1 101 :y$")
    trunk.expect("^EXCESS 1$")
    trunk.send("READ 1000 1", "POS")
    trunk.expect("^CMD 1 801 :y$")


def test_excess_before_the_last_grant_is_used(gate, trunk):
    """All of it comes at once, while lines are granted: the server looks at the
    client again after each grant."""
    client = Client(gate.plain)
    trunk.expect(" NEW 1$")
    trunk.send("QUEUES 100000 1000 1", "READ 1 1", "POS")
    client.raw(b"y\r\n" * 2000)
    trunk.expect("^EXCESS 1$")
    trunk.send("READ 1 1", "POS")
    trunk.expect("^EXCESS 1$")


def test_slow_client(gate, trunk):
    slow = Client(gate.plain, rcvbuf=4096)
    trunk.new()
    other, _ = connect(gate, trunk)
    trunk.send("QUEUES 20000 1000 1", "POS")
    for _ in range(200):
        trunk.send(*["L 1 :" + "x" * 500] * 100)
    trunk.send("L 2 :alive", "POS")
    other.expect("^alive$")
    trunk.expect("^CLOSED 1 :SendQ exceeded$")
    slow.close()


def test_the_gate_bounds_what_queues_says(gate, trunk):
    """No server may fill the memory of a gate."""
    slow = Client(gate.plain, rcvbuf=4096)
    trunk.new()
    other, _ = connect(gate, trunk)
    trunk.send("QUEUES 4294967296 4294967296 1", "POS")
    lines = ["L 1 :" + "x" * 8000] * 100
    for _ in range(40):
        trunk.send(*lines)
    trunk.send("L 2 :alive", "POS")
    other.expect("^alive$")
    trunk.expect("^CLOSED 1 :SendQ exceeded$")
    slow.close()


def test_drain(gate, trunk):
    client = Client(gate.plain, rcvbuf=4096)
    trunk.new()
    trunk.send("QUEUES 100000000 1000 1", "POS")
    trunk.send("DRAIN 1 1000", "POS")
    trunk.expect("^DRAINED 1$")
    trunk.send("DRAIN 1 1000")
    trunk.send(*["L 1 :" + "x" * 500] * 20000)
    trunk.send("L 1 :last", "POS")
    until("lines have come", lambda: gate.status()["lines_out"] == 20001)
    _read(trunk)
    assert sum(x == "DRAINED 1" for x in trunk.lines) == 1
    assert gate.status()["queued"] > 1000
    client.expect("^last$")
    trunk.expect("^DRAINED 1$")


def test_drain_of_a_client_that_is_ended(gate, trunk):
    clients = [connect(gate, trunk)[0] for _ in range(3)]
    trunk.send("DRAIN 1 0", "DRAIN 2 0", "DRAIN 3 0", "GONE 2 :x", "GONE 3 :x",
               "POS")
    trunk.expect("^DRAINED 1$")
    for client in clients[1:]:
        client.until_closed()
    trunk.send("L 1 :end", "POS")
    clients[0].expect("^end$")
    assert not [x for x in trunk.lines if x in ("DRAINED 2", "DRAINED 3")]


# ---- lists ------------------------------------------------------------------

def test_lists(gate, trunk):
    clients = [connect(gate, trunk)[0] for _ in range(5)]
    trunk.send("LIST 1 1 3 5", "L *1 :a", "LIST 2 =1 -3 +4", "L *2 :b",
               "LIST 3 * 5", "LIST 3 2", "L *3 :c", "UNLIST 1",
               "LIST 1 2", "L *1 :d", "L 1 :end", "L 2 :end", "L 3 :end",
               "L 4 :end", "L 5 :end", "POS")
    for client, wanted in zip(clients, ["ab", "cd", "a", "b", "abc"]):
        client.expect("^end$")
        assert "".join(client.lines[:-1]) == wanted
    server, = gate.ask("servers")
    assert (server["streams"], server["lists"], server["words"]) == (5, 3, 6)
    clients[4].close()
    trunk.expect("^CLOSED 5 ")
    trunk.send("L *2 :e", "LIST 4 =2 -5 +3", "L *4 :f", "POS")
    clients[0].expect("^e$")
    clients[2].expect("^f$")


def test_another_line_within_a_list(gate, trunk):
    connect(gate, trunk)
    trunk.send("LIST 1 * 1", "L 1 :x")
    trunk.expect("^ERROR state :")


def test_another_line_within_a_position(gate, trunk):
    trunk.send("POS * 1AA.1=5", "BEAT 1")
    trunk.expect("^ERROR state :")


# ---- trunks that end, servers that come and go -------------------------------

def test_trunks_are_separate(make, folder):
    ports = [make.keep(TrunkPort()) for _ in range(2)]
    gate = make.keep(Gate(folder, [p.port for p in ports])).start()
    trunks = [p.open(name=f"s{i}.test") for i, p in enumerate(ports)]
    gate.await_trunks(2)
    clients = [Client(gate.plain) for _ in range(10)]
    until("all are placed", lambda: sum(
        s.get("streams", 0) for s in gate.ask("servers")) == 10)
    assert [s["streams"] for s in gate.ask("servers")] == [5, 5]
    trunks[0].send("ERROR restart :Soon back")
    trunks[0].close()
    until("half of them are gone", lambda: gate.status()["clients"] == 5)
    trunks[1].send("LIST 1 1 2 3 4 5", "L *1 :hello", "POS")
    said = []
    for client in clients:
        said.append(client.line(time.monotonic() + TIMEOUT))
    assert sorted(said) == ["ERROR :Soon back"] * 5 + ["hello"] * 5
    gate.await_log("gate-trunk-down server=s0.test .*code=restart by=server")


def test_the_numbers_of_a_trunk_are_used_up(make, port, folder):
    """A gate with three numbers makes another trunk for the fourth client."""
    gate = make.keep(Gate(folder, [port.port]))
    gate.program = os.path.join(BUILD, "tests", "e2e", "gate_of_three")
    gate.start()
    first = port.open()
    gate.await_trunks()
    clients = [connect(gate, first)[0] for _ in range(3)]
    fourth = Client(gate.plain)
    second = port.open()
    assert second.new() == "1"
    second.send("L 1 :on the second", "POS")
    fourth.expect("^on the second$")
    clients[0].send("PING x")
    first.expect("^CMD 1 1 :PING x$")
    states = [s["state"] for s in gate.ask("servers")]
    assert sorted(states) == ["leaving", "up"]
    for client in clients:
        client.close()
    first.expect("^ERROR bounds :all numbers of streams are used$")
    gate.await_trunks(1)
    fourth.close()


def test_a_server_that_does_not_read(make, folder):
    """Its trunk ends when too much waits; another one feels nothing."""
    ports = [make.keep(TrunkPort()) for _ in range(2)]
    gate = make.keep(Gate(folder, [p.port for p in ports])).start()
    first = ports[0].open(name="s0.test")
    gate.await_trunks(1)
    client, _ = connect(gate, first, grant=1000000)
    second = ports[1].open(name="s1.test")
    gate.await_trunks(2)
    other, _ = connect(gate, second)
    try:
        client.raw((b"x" * 500 + b"\r\n") * 160000)
    except OSError:
        pass  # the gate has closed it meanwhile
    gate.await_log("gate-trunk-down server=s0.test .*by=connection "
                   'reason="the server does not read"')
    other.send("hello")
    second.expect("^CMD 1 1 :hello$")
    second.send("L 1 :hi", "POS")
    other.expect("^hi$")
    until("the queue is gone", lambda: gate.status()["queued"] < 1000)


def test_a_silent_server(gate, trunk):
    client, _ = connect(gate, trunk)
    began = time.monotonic()
    client.expect("^ERROR :The connection with the server is lost$")
    assert 18 < time.monotonic() - began
    gate.await_log("gate-trunk-down .*code=silent by=gate")
    trunk.expect("^ERROR silent :")


def test_a_client_waits_for_a_trunk(gate, port):
    client = Client(gate.plain)
    client.send("NICK a")
    until("it waits", lambda: gate.status()["waiting"] == 1)
    trunk = port.open()
    trunk.new()
    trunk.expect("^CMD 1 1 :NICK a$")
    assert gate.status()["waiting"] == 0


def test_a_client_waits_in_vain(make, folder):
    gate = make.keep(Gate(folder, [free_port()])).start()
    began = time.monotonic()
    clients = [Client(gate.plain) for _ in range(600)]
    for client in clients:
        client.expect("^ERROR :no server can be reached$")
        client.until_closed()
    assert time.monotonic() - began >= 4.5
    assert gate.status()["waiting"] == 0


def test_a_full_server_gets_nobody(gate, port):
    trunk = port.open(caps="streams=2")
    for _ in range(2):
        connect(gate, trunk)
    third = Client(gate.plain)
    until("it waits", lambda: gate.status()["waiting"] == 1)
    trunk.send("GONE 1 :x", "POS")
    assert trunk.new() == "3"
    third.send("hello")
    trunk.expect("^CMD 3 1 :hello$")


def test_two_trunks_to_one_server(make, folder):
    """Its limit of streams is for both (4.2), and so is its share of clients."""
    ports = [make.keep(TrunkPort()) for _ in range(3)]
    gate = make.keep(Gate(folder, [p.port for p in ports])).start()
    trunks = [p.open(caps="streams=3", origin="1AA.1") for p in ports[:2]]
    other = ports[2].open(name="two.test")
    gate.await_trunks(3)
    clients = [make.keep(Client(gate.plain)) for _ in range(12)]

    def streams(name):
        return sum(r["streams"] for r in gate.ask("servers")
                   if r["name"] == name)

    until("all are placed",
          lambda: streams("one.test") + streams("two.test") == len(clients))
    assert streams("one.test") == 3
    for _ in range(9):
        other.new()
    for trunk in trunks:
        trunk.close()


def test_stop(gate, trunk):
    client, _ = connect(gate, trunk)
    gate.signal(signal.SIGTERM)
    client.expect("^ERROR :The gate is going down$")
    trunk.expect("^CLOSED 1 :The gate is going down$")
    assert gate.wait() == 0
    assert not os.path.exists(gate.pidfile)


def test_reload(make, gate, port, trunk):
    client, _ = connect(gate, trunk)
    other, listen = make.keep(TrunkPort()), free_port()
    gate.config["servers"] = [gate.server(other.port)]
    gate.config["listen"].append({"address": "127.0.0.1", "port": listen})
    gate.write()
    gate.signal(signal.SIGHUP)
    second = other.open()
    gate.await_trunks(2)
    new = Client(listen)
    second.new()
    # the first trunk has a client, and so it stays
    trunk.send("L 1 :still here", "POS")
    client.expect("^still here$")
    assert sorted(s["state"] for s in gate.ask("servers")) == ["leaving",
                                                              "up"]
    client.close()
    trunk.expect("^CLOSED 1 ")
    trunk.expect("^ERROR removed :")
    gate.await_trunks(1)
    new.close()


def test_a_reload_with_a_mistake(gate, trunk):
    taken = socket.create_server(("127.0.0.1", 0))
    gate.config["listen"] = [{"address": "127.0.0.1",
                              "port": taken.getsockname()[1]}]
    gate.config["servers"] = []
    gate.write()
    done = gate.ctl("reload")
    assert done.returncode == 1
    assert "the old configuration stays" in done.stderr
    assert gate.status()["trunks"] == 1
    connect(gate, trunk)


# ---- limits -----------------------------------------------------------------

def test_limits(make, port, folder):
    gate = make.keep(Gate(folder, [port.port]))
    gate.config["limits"] = {"clients": 3}
    gate.start()
    trunk = port.open()
    clients = [connect(gate, trunk)[0] for _ in range(3)]
    fourth = Client(gate.plain)
    fourth.expect("^ERROR :The gate is full")
    clients[0].close()
    trunk.expect("^CLOSED 1 ")
    connect(gate, trunk)


def test_a_limit_before_the_handshake(make, port, folder):
    gate = make.keep(Gate(folder, [port.port], tls=True))
    gate.config["limits"] = {"clients": 1}
    gate.start()
    trunk = port.open()
    gate.await_trunks()
    trunk.clients.append(Client(gate.tls, tls=gate.cafile))
    trunk.new()
    with socket.create_connection(("127.0.0.1", gate.tls), TIMEOUT) as s:
        assert s.recv(1) == b""
    gate.await_log("accept-refused address=127.0.0.1 .*full")
    status = gate.status()
    assert (status["clients"], status["refused"]) == (1, 1)


def reload(gate):
    gate.write()
    done = gate.ctl("reload")
    assert done.returncode == 0, done.stderr


def test_limits_of_addresses(make, port, folder):
    gate = make.keep(Gate(folder, [port.port]))
    gate.config["listen"][0]["proxy"] = ["127.0.0.1"]
    gate.config["limits"] = {"per_address": 2, "connect_rate": 0}
    gate.start()
    trunk = port.open()

    def come(address):
        client = Client(gate.plain)
        client.raw(f"PROXY TCP4 {address} 192.0.2.1 1 2\r\n".encode())
        trunk.clients.append(client)
        return client
    for address in ["192.0.2.7"] * 2 + ["192.0.2.8"]:
        come(address)
        trunk.expect(f"^@addr={address};.* NEW ")
    come("192.0.2.7").expect("^ERROR :Too many connections from your host$")
    gate.await_log("accept-refused address=192.0.2.7 ")
    gate.config["limits"] = {"per_address": 0, "connect_rate": 3}
    reload(gate)
    for _ in range(3):
        come("192.0.2.9")
        trunk.expect("^@addr=192.0.2.9;")
    come("192.0.2.9").expect("^ERROR :Too many connections in a short time")


def test_time_for_the_handshake(make, port, folder):
    gate = make.keep(Gate(folder, [port.port], tls=True)).start()
    gate.config["limits"]["handshake_s"] = 1
    reload(gate)
    with socket.create_connection(("127.0.0.1", gate.tls)) as s:
        s.settimeout(TIMEOUT)
        began = time.monotonic()
        s.sendall(b"\x16\x03\x01")
        assert s.recv(1) == b""
        assert 0.9 < time.monotonic() - began
    gate.await_log("tls-failed address=127.0.0.1 ")


def test_a_new_certificate(make, port, folder):
    gate = make.keep(Gate(folder, [port.port], tls=True)).start()
    trunk = port.open()

    def shown():
        client = Client(gate.tls, tls=gate.cafile)
        trunk.expect(" NEW ")
        return client, client.sock.getpeercert(True)
    old, first = shown()
    assert shown()[1] == first
    make_certificate(folder, gate.name)
    reload(gate)
    assert shown()[1] != first
    trunk.send("L 1 :still here", "POS")
    old.expect("^still here$")
    os.unlink(os.path.join(folder, "key.pem"))
    assert gate.ctl("reload").returncode == 1
    assert shown()[1] != first


def test_the_form_of_the_log(gate, trunk):
    gate.config["log"]["format"] = "json"
    gate.config["name"] = "other"
    gate.write()
    done = gate.ctl("reload")
    assert done.returncode == 0 and "name" in done.stderr
    gate.await_log('"event":"reload"')
    assert gate.status()["name"] == "gate1"


@pytest.mark.parametrize("first, answer", [
    (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    (b"\x16\x03\x01\x02\x00\x01", b"ERROR :This is a plaintext port"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", b"ERROR :No PROXY header"),
])
def test_other_protocols(gate, trunk, first, answer):
    with socket.create_connection(("127.0.0.1", gate.plain)) as s:
        s.settimeout(TIMEOUT)
        s.sendall(first)
        assert s.recv(200).startswith(answer)
    trunk.expect("^CLOSED 1 :")
    assert not [x for x in trunk.lines if x.startswith("CMD")]


def test_many_clients_at_once(gate, trunk):
    clients = [Client(gate.plain) for _ in range(500)]
    for _ in clients:
        trunk.new()
    trunk.send("LIST 1 " + " ".join(str(i + 1) for i in range(500)),
               *["L *1 :" + "x" * 400] * 10, "L *1 :end", "POS")
    for client in clients:
        client.expect("^end$")
        assert len(client.lines) == 11
    trunk.close()
    for client in clients:
        client.expect("^ERROR :The connection with the server is lost")
    until("all are gone", lambda: gate.status()["clients"] == 0)


# ---- banyanctl --------------------------------------------------------------

def test_control(gate, trunk):
    for _ in range(300):
        connect(gate, trunk)
    assert gate.status()["clients"] == 300
    done = gate.ctl("sessions")
    assert len(done.stdout.splitlines()) == 300
    assert re.search(r"^address=127.0.0.1 port=\d+ tls=no server=one.test "
                     r"stream=1 ", done.stdout, re.M)
    assert len(gate.ask("sessions")) == 300
    assert "a gate does not know" in gate.ctl("channels").stderr
    assert gate.ctl("stop").returncode == 0
    assert gate.wait() == 0
