"""Gates that are configured with one server of a real network, over TLS: they learn of
the others, and use those that join, drain, end and come back."""
import os

import pytest

from gates import Gate
from harness import Client, Network, free_port, until


class Net:
    """Four servers, of which three run, and two gates that know the first one."""

    def __init__(self, make, folder, **config):
        self.net = make.keep(Network(folder, 4, "full"))
        self.gates = [make.keep(Gate(os.path.join(folder, name), [], name, tls=True))
                      for name in ("gate1", "gate2")]
        for s in self.net:
            s.gates = free_port()
            s.config["listen"].append({"address": "127.0.0.1", "port": s.gates,
                                       "for": "gates", "tls": True})
            s.config["gates"] = [{"name": g.name, "pin": g.pin}
                                 for g in self.gates]
        for s in self.net.servers[:3]:
            s.start(wait=False)
        for s in self.net.servers[:3]:
            s.await_ready()
        until("the servers see each other", lambda: all(
            s.status().get("servers") == 3 for s in self.net.servers[:3]))
        first = self.net[0]
        for g in self.gates:
            g.config.update(config)
            g.config["servers"] = [{"address": "127.0.0.1", "port": first.gates,
                                    "pin": first.pin}]
            g.start()
            g.await_trunks(3)
        self.clients = []

    def connect(self, gate, n):
        for _ in range(n):
            self.clients.append(gate.client(f"n{len(self.clients)}"))

    def records(self, gate):
        return {r["name"]: r for r in gate.ask("servers") if r.get("name")}


@pytest.fixture
def net(make, folder):
    return Net(make, folder, strategy="least-load")


def test_one_address_is_enough(net):
    for gate in net.gates:
        found = net.records(gate)
        assert {n: r["from"] for n, r in found.items()} == {
            "s0.test": "configuration", "s1.test": "servers", "s2.test": "servers"}
    for i in range(6):
        net.connect(net.gates[i % 2], 2)
    for client in net.clients:
        client.join("#tea")
    net.clients[0].send("PRIVMSG #tea :hello")
    for client in net.clients[1:]:
        client.expect("PRIVMSG #tea :hello$")
    for gate in net.gates:
        until("all servers have some", lambda: all(
            r["streams"] >= 1 for r in net.records(gate).values()))


def test_a_server_joins(net):
    """Its first clients come without a change of any gate."""
    gate = net.gates[0]
    net.connect(gate, 6)
    net.net[3].start()
    for g in net.gates:
        g.await_trunks(4)
    until("its load is known", lambda: "users" in net.records(gate)["s3.test"])
    net.connect(gate, 4)
    assert net.records(gate)["s3.test"]["streams"] >= 2


def test_a_server_drains(net):
    gate = net.gates[1]
    assert net.net[1].ctl("drain", "on").returncode == 0
    until("the gate knows", lambda: net.records(gate)["s1.test"]["flags"]
          == "draining")
    net.connect(gate, 6)
    assert net.records(gate)["s1.test"]["streams"] == 0
    assert net.net[1].ctl("drain", "off").returncode == 0
    until("the gate knows", lambda: net.records(gate)["s1.test"]["open"])
    net.connect(gate, 3)
    assert net.records(gate)["s1.test"]["streams"] >= 2


def test_a_server_comes_back_at_another_port(net):
    gate, server = net.gates[0], net.net[2]
    net.connect(gate, 3)
    server.kill()
    gate.await_trunks(2)
    server.gates = free_port()
    server.config["listen"][-1]["port"] = server.gates
    server.start()
    gate.await_trunks(3)
    assert net.records(gate)["s2.test"]["port"] == server.gates


def test_the_configured_server_ends(net):
    """The gates go on with those that they have learned of."""
    net.net[0].kill()
    for gate in net.gates:
        gate.await_trunks(2)
        net.connect(gate, 2)
    net.clients[0].join("#tea")
    net.clients[3].join("#tea")
    net.clients[0].send("PRIVMSG #tea :hello")
    net.clients[3].expect("PRIVMSG #tea :hello$")


@pytest.mark.parametrize("strategy", [
    "random", "round-robin", "least-load", "hash", "nearest", "together"])
def test_the_bound(make, folder, strategy):
    """Both gates bring clients at the same time."""
    net = Net(make, folder, strategy=strategy)
    waiting = []
    for i in range(90):
        client = make.keep(Client(net.gates[i % 2].plain))
        client.send(f"NICK n{i}", f"USER n{i} 0 * :n")
        waiting.append(client)
    for client in waiting:
        client.expect(" 001 ")
    got = [sum(net.records(g)[f"s{i}.test"]["streams"] for g in net.gates)
           for i in range(3)]
    assert sum(got) == 90
    assert max(got) <= 90 / 3 * 1.1 + 3, got


def test_servers_answer(make, folder):
    """Each question of the strategy `together` is answered in time, also that for
    somebody who is remembered."""
    net = Net(make, folder)
    gate = net.gates[0]
    net.connect(gate, 4)
    for client in net.clients:
        client.join("#tea")
    net.clients[3].send("QUIT")
    net.clients[3].until_closed()
    gate.client("n3").join("#tea")
    got = gate.ask("placement")[0]
    assert (got["asked"], got["answered"], got["late"]) == (5, 5, 0)
