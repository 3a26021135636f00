"""How banyan-gate chooses servers, with servers that the test plays: what they say of
their load, each strategy, the bound."""
import os

import pytest

from gates import Gate, TrunkPort, sid_of
from harness import Client, until


class Servers:
    """Servers that a test plays, and a gate before them."""

    def __init__(self, make, folder, n, caps, **config):
        self.make = make
        self.ports = [make.keep(TrunkPort()) for _ in range(n)]
        self.gate = make.keep(Gate(os.path.join(folder, "g"),
                                   [p.port for p in self.ports]))
        self.gate.config.update(config)
        self.gate.start()
        self.trunks = [p.open(name=f"s{i}.test", caps=caps)
                       for i, p in enumerate(self.ports)]
        self.gate.await_trunks(n)
        self.clients = []

    def loads(self, *each):
        """Each server tells its load; the gate has heard of it."""
        for trunk, load in zip(self.trunks, each):
            trunk.load(**load)
        until("the gate knows the load", lambda: all(
            (r.get("users"), r.get("weight"), r.get("flags")) == (
                load.get("users", 0), load.get("weight", 100),
                load.get("flags", ""))
            for load, r in zip(each, self.records())))

    def records(self):
        """Return what the gate says of each server, in the order of them."""
        found = {r.get("name"): r for r in self.gate.ask("servers")}
        return [found[f"s{i}.test"] for i in range(len(self.trunks))]

    def connect(self, n):
        """Let clients come, and return how many each server has then."""
        for _ in range(n):
            self.clients.append(self.make.keep(Client(self.gate.plain)))
        until("all are placed",
              lambda: sum(self.streams()) == len(self.clients))
        return self.streams()

    def streams(self):
        return [r["streams"] for r in self.records()]


@pytest.fixture
def servers(make, folder):
    def start(n, caps="network=Tests streams=1000 load", **config):
        return Servers(make, folder, n, caps, **config)
    return start


def test_load_is_told(servers):
    s = servers(1)
    s.trunks[0].load(7, 400, 250, "later,draining", 0)
    until("the load is known", lambda: s.records()[0].get("users") == 7)
    record, = s.records()
    assert record["sid"] == sid_of(s.ports[0].port)
    assert (record["rate"], record["weight"], record["flags"],
            record["open"]) == (400, 250, "draining", False)
    s.trunks[0].load(7, 400, 250, "full", 0)
    until("it is full", lambda: s.records()[0]["flags"] == "full")
    s.trunks[0].load(7, 400, 250, "-", 0)
    until("it takes clients", lambda: s.records()[0]["open"])


@pytest.mark.parametrize("flags", ["draining", "full", "draining,full"])
def test_a_server_that_takes_nobody(servers, flags):
    s = servers(2)
    s.loads({"flags": flags}, {"users": 1000})
    assert s.connect(5) == [0, 5]
    s.loads({"users": 0}, {"users": 1000, "flags": flags})
    assert s.connect(5) == [5, 5]


def test_all_drain_until_one_does_not(servers):
    """Clients wait meanwhile."""
    s = servers(2)
    s.loads({"flags": "draining"}, {"flags": "full"})
    s.clients.append(s.make.keep(Client(s.gate.plain)))
    until("it waits", lambda: s.gate.status()["waiting"] == 1)
    s.loads({"flags": "draining"}, {})
    assert s.connect(0) == [0, 1]


def test_a_silent_server_gets_nobody(servers):
    s = servers(2)
    s.loads({}, {"users": 1000})

    def is_unwell():
        s.trunks[1].heard()
        return not s.records()[0]["open"]

    until("it counts as not well", is_unwell)
    assert s.records()[0]["state"] == "up"
    assert s.connect(3) == [0, 3]
    s.loads({}, {"users": 1000})
    assert s.records()[0]["open"]


def test_those_who_were_sent_count(servers):
    """All come before a server has told anything of them; later it says up to
    which of them its figures go."""
    s = servers(2, strategy="least-load")
    s.loads({"users": 10}, {"users": 20})
    assert s.connect(20) == [15, 5]
    s.loads({"users": 30, "seen": 0}, {"users": 0, "seen": 5})
    assert s.connect(10) == [15, 15]


def test_random(servers):
    """Both get some, and as many as their weights say; the bound holds."""
    s = servers(2, strategy="random")
    s.loads({}, {"weight": 300})
    few, many = s.connect(120)
    assert 24 <= few <= 33 + 1 and many <= 99 + 1


def test_round_robin(servers):
    s = servers(3, strategy="round-robin")
    s.loads({}, {}, {"weight": 200})
    assert s.connect(40) == [10, 10, 20]


def test_least_load(servers):
    s = servers(2, strategy="least-load")
    s.loads({"users": 0}, {"users": 6})
    assert s.connect(10) == [8, 2]


def test_hash(servers, make):
    """An address goes to the same server again, as long as there is room."""
    s = servers(3, strategy="hash")
    s.loads(*[{"users": 1000}] * 3)
    found = s.connect(10)
    assert sorted(found) == [0, 0, 10]


def test_nearest(servers):
    """The nearest one gets all, until it is nearly full."""
    s = servers(2, strategy="nearest")
    s.trunks[0].echo(300)
    s.trunks[1].echo(0)
    until("round trips are known",
          lambda: all(r["rtt_ms"] >= 0 for r in s.records()))
    s.loads(*[{"users": 1000}] * 2)
    assert s.connect(20) == [0, 20]
    s.loads({"users": 1000}, {"users": 1300, "seen": 20})
    assert s.connect(5) == [5, 20]


@pytest.mark.parametrize("strategy", [
    "random", "round-robin", "least-load", "hash", "nearest", "together"])
def test_a_flood_keeps_the_bound(servers, strategy):
    """500 come before any figures of them are told."""
    s = servers(3, strategy=strategy)
    s.loads({}, {}, {})
    assert max(s.connect(500)) <= 500 / 3 * 1.1 + 1
