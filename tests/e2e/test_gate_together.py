"""The strategy `together`: banyan-gate reads until NICK, asks a server that the test
plays, and goes by the answer; servers that are full, and clients that say little."""
import os
import re
import socket
import struct
import time

import pytest

from gates import Gate, TrunkPort, sid_of
from harness import TIMEOUT, Client, until

CAPS = "network=Tests load place streams=5000"


class Net:
    """Two servers that a test plays, and a gate before them. The first one is near."""

    def __init__(self, make, folder, n=2, **config):
        self.make = make
        self.ports = [make.keep(TrunkPort()) for _ in range(n)]
        self.sids = [sid_of(p.port) for p in self.ports]
        self.gate = make.keep(Gate(os.path.join(folder, "g"),
                                   [p.port for p in self.ports]))
        self.gate.config.update(config)
        self.gate.start()
        self.trunks = [p.open(name=f"s{i}.test", caps=CAPS)
                       for i, p in enumerate(self.ports)]
        self.gate.await_trunks(n)
        self.trunks[0].echo(0)
        for trunk in self.trunks:
            trunk.load(1000)
        until("all is known", lambda: all(
            r.get("users") == 1000 for r in self.gate.ask("servers"))
            and self.placement()["asked"] == 0)

    def placement(self):
        return self.gate.ask("placement")[0]

    def client(self, text=b"NICK alice\r\nUSER a 0 * :a\r\n"):
        client = self.make.keep(Client(self.gate.plain))
        client.raw(text)
        return client

    def asked(self, q=1, nick="alice"):
        self.trunks[0].expect(fr"^PLACE {q} :[*] {nick} 127.0.0.1$")

    def cost(self, *costs, q=1, rate=400, home="*"):
        words = sorted(f"{sid}={cost}" for sid, cost in zip(self.sids, costs))
        self.trunks[0].send(" ".join([f"COST {q} :{rate} {home} 0", *words]))


@pytest.fixture
def net(make, folder):
    return Net(make, folder)


def takes(trunk, s=1, tags="", first="NICK alice"):
    """The server takes the client, and gets its lines, each once."""
    trunk.expect(fr"^@addr=127.0.0.1;port=\d+{tags} NEW {s}$")
    trunk.send(f"QUEUES 1048576 16384 {s}", f"READ 10 {s}", "POS")
    trunk.expect(f"^CMD {s} 1 :{first}$")


def test_by_cost(net):
    """The costs are larger than what the way costs."""
    client = net.client()
    net.asked()
    net.cost(10**12, 0)
    takes(net.trunks[1], tags=";rate=400")
    net.trunks[1].expect("^CMD 1 2 :USER a 0 [*] :a$")
    client.raw(b"LIST\r\n")
    net.trunks[1].expect("^CMD 1 3 :LIST$")
    got = net.placement()
    assert (got["strategy"], got["asked"], got["answered"], got["best"],
            got["known"]) == ("together", 1, 1, 1, 1)
    assert got["cost"] == 0 and got["cost_nearest"] > got["cost_any"] > 0


def test_home(net):
    """An account that is online goes there, whatever it costs."""
    net.client()
    net.asked()
    net.cost(0, 10**12, home="+" + net.sids[1])
    takes(net.trunks[1], tags=";rate=400")
    assert net.placement()["home"] == 1


def test_nothing_is_known(net):
    net.client(b"CAP LS 302\r\nnick  :Bob\r\n")
    net.asked(nick="Bob")
    net.cost(rate=0)
    takes(net.trunks[0], first="CAP LS 302")
    net.trunks[0].expect("^CMD 1 2 :nick  :Bob$")


@pytest.mark.parametrize("text", [
    b"CAP LS 302\r\n", b"NICK", b"NICK\r\n", b"USER a 0 * :a\r\n",
    b"NICK " + b"x" * 100 + b"\r\n"])
def test_a_client_without_nick(net, text):
    began = time.monotonic()
    client = net.client(text)
    net.trunks[0].expect("NEW 1$")
    assert 0.25 < time.monotonic() - began < TIMEOUT / 2
    net.trunks[0].send("READ 10 1", "POS")
    client.raw(b"\r\n")
    net.trunks[0].expect("^CMD 1 1 :" + re.escape(text.decode().strip()))
    assert net.placement()["asked"] == 0


def test_a_nick_that_comes_later(net):
    """The time counts from the first line."""
    client = net.client(b"CAP LS 302\r\n")
    time.sleep(0.1)
    client.raw(b"NI")
    time.sleep(0.02)
    client.raw(b"CK alice\r\n")
    net.asked()
    net.cost(10**12, 0)
    takes(net.trunks[1], tags=";rate=400", first="CAP LS 302")
    net.trunks[1].expect("^CMD 1 2 :NICK alice$")


def test_a_client_that_sends_too_much(net):
    """The gate waits for no more than any client may leave unread."""
    net.client(b"x" * 100 + b"\r\n" + b"y" * 100000)
    net.trunks[0].expect("NEW 1$")


def test_a_client_that_goes(net):
    """Its answer is for nobody, and those of others are not mixed up."""
    client = net.client()
    net.asked(1)
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                           struct.pack("ii", 1, 0))
    client.close()
    until("it is gone", lambda: net.gate.status()["clients"] == 0)
    net.client(b"NICK bob\r\n")
    net.asked(2, "bob")
    net.cost(0, 10**12, q=1)
    net.cost(10**12, 0, q=2)
    takes(net.trunks[1], tags=";rate=400", first="NICK bob")


def test_the_end_of_file(net):
    """A client that sends its lines and closes its side is placed, too."""
    client = net.client()
    client.sock.shutdown(1)
    net.asked()
    net.cost(10**12, 0)
    takes(net.trunks[1], tags=";rate=400")
    net.trunks[1].expect("^CMD 1 2 :USER")
    net.trunks[1].expect("^CLOSED 1 :")


def test_no_answer(net):
    """The gate chooses without, and the answer that comes later is for nobody."""
    net.client()
    net.asked()
    takes(net.trunks[0])
    assert net.placement()["late"] == 1
    net.cost(0, 0)
    net.client()
    net.asked(2)
    net.cost(10**12, 0, q=2)
    takes(net.trunks[1], tags=";rate=400")


def test_the_asked_server_ends(net):
    net.client()
    net.asked()
    net.trunks[0].close()
    net.ports[0].close()
    takes(net.trunks[1])


def test_full(net):
    """Another one is chosen, by the same answer. No line is lost or comes twice."""
    net.client()
    net.asked()
    net.cost(10**12, 0)
    net.trunks[1].expect("NEW 1$")
    net.trunks[1].send("FULL 1", "POS")
    takes(net.trunks[0], tags=";rate=400")
    net.trunks[0].expect("^CMD 1 2 :USER")
    assert net.placement()["full"] == 1


def test_all_are_full(net):
    """The least full one has to take the client."""
    client = net.client()
    net.asked()
    net.cost(10**12, 0)
    for trunk in net.trunks[1], net.trunks[0]:
        trunk.expect("NEW 1$")
        trunk.send("FULL 1", "POS")
    until("it is sent over the bound", lambda: net.placement()["over"] == 1)
    over = [t for t in net.trunks if any(
        ";over;rate=400 NEW 2" in x for x in t.lines) or _has(t, ";over")]
    assert len(over) == 1
    over[0].send("FULL 2", "POS")
    client.expect("^ERROR :no server has room$")


def _has(trunk, text):
    try:
        return text in trunk.line(time.monotonic() + 0.1)
    except TimeoutError:
        return False


@pytest.mark.parametrize("line, code", [
    ("COST 1 :0 * 0", "state"),          # nothing was asked
    ("COST 0 :0 * 0", "form"),
    ("FULL 1", "stream"),
])
def test_a_server_that_breaks_a_rule(net, line, code):
    net.trunks[0].send(line)
    net.trunks[0].expect(f"^ERROR {code} :")


@pytest.mark.parametrize("line, code", [
    ("COST 2 :0 * 0", "state"),
    ("COST 1 :0  * 0", "form"),
    ("COST 1 :0 * 0 2BB=1 1AA=1", "form"),
])
def test_a_wrong_answer(net, line, code):
    net.client()
    net.asked()
    net.trunks[0].send(line)
    net.trunks[0].expect(f"^ERROR {code} :")
    takes(net.trunks[1])


def test_full_comes_too_late(net):
    net.client()
    net.asked()
    net.cost(0, 10**12)
    takes(net.trunks[0], tags=";rate=400")
    net.trunks[0].send("FULL 1")
    net.trunks[0].expect("^ERROR state :FULL 1")


def test_a_thousand_questions(make, folder):
    """A client more is placed without one."""
    net = Net(make, folder, n=1)
    clients = [net.client(f"NICK n{i}\r\n".encode()) for i in range(1100)]
    until("all are placed", lambda: sum(
        r["streams"] for r in net.gate.ask("servers")) == len(clients))
    got = net.placement()
    assert 500 <= got["asked"] <= 1024
    assert got["late"] == got["asked"] and got["over"] == 0


def test_two_gates(make, folder, net):
    """Each asks for its own clients."""
    other = make.keep(Gate(os.path.join(folder, "g2"),
                           [p.port for p in net.ports], name="gate2")).start()
    trunks = [p.open(name=f"s{i}.test", caps=CAPS)
              for i, p in enumerate(net.ports)]
    other.await_trunks(2)
    trunks[0].echo(0)
    client = Client(other.plain)
    client.send("NICK bob")
    net.client()
    net.asked()
    trunks[0].expect("^PLACE 1 :[*] bob 127.0.0.1$")
    net.cost(10**12, 0)
    takes(net.trunks[1], tags=";rate=400")
    trunks[0].send(f"COST 1 :0 * 0")
    trunks[0].expect("NEW 1$")
    client.close()
    for trunk in trunks:
        trunk.close()
