"""Servers that stop, and are not dead: one reads no more, one does nothing at
all. The long parts begin before any other test (conftest.py), and are checked
here. Other servers, and clients, go on meanwhile."""
import os
import re
import shutil
import signal
import socket
import tempfile
import time

import pytest

from test_peer import FOUR, ONE, PY, PZ, World, block, harness, until
from test_vanish import resident_kib

LINES, LENGTH = 24000, 400      # more than sockets take unread
SLOW_S = 60                     # LINK_SLOW_MS
STOPPED_S = 30
PUMP_KIB = 256
GENEROUS_S = 5                  # for an answer that takes a millisecond


# A client that waits for other tests must not be closed, or forgotten, for it.
PATIENT = {"name": "tests", "flood_burst": 0, "ping_s": 86400}
KEEP_S = 7200


# ---- one that reads no more -------------------------------------------------

class Unread:
    """Two linked servers. Each has a peer that stops reading while many
    entries are sent to it. The first server keeps all of them; the log of the
    second holds 1 MiB."""

    def __init__(self, world):
        w = self.world = world
        self.keeps = w.server(block(PY), block(FOUR), silence_s=60,
                              keep_s=KEEP_S, start=False)
        self.trims = w.server(block(PZ), block(
            ONE, address=f"127.0.0.1:{self.keeps.link}"), sid=FOUR,
            keep_s=KEEP_S, keep_mib=1, start=False)
        self.servers = (self.keeps, self.trims)
        for s in self.servers:
            s.config["classes"] = [PATIENT]
            s.start()
        self.peers = [self.peer(PY, self.keeps), self.peer(PZ, self.trims)]
        self.ann, self.dan = (w.client(self.keeps, "ann"),
                              w.client(self.trims, "dan"))
        self.ann.join("#loud")
        self.people = []
        for p in self.peers:
            u = p.user("u" + p.sid)
            p.wait("the channel", lambda p=p: p.facts.channel("#loud"))
            p.join(u, "#loud")
            self.ann.expect(rf"^:u{p.sid}!\S+ JOIN #loud")
        self.dan.join("#loud")
        self.ann.expect(":dan!.* JOIN ")
        for p in self.peers:
            p.wait("dan", lambda p=p: len(p.facts.members("#loud")) == 4)
            p.before = len(p.messages)
        self.links = [p.links[0] for p in self.peers]
        for p in self.peers:
            with p.lock:
                p.links[0].hold_reading = True
        self.resident = [resident_kib(s) for s in self.servers]
        self.since = time.monotonic()
        self.slowest = 0
        self.chatter = 0
        for _ in range(LINES // 200):
            self.talk(200)
        self.queued = [link_of(s, p.sid)["queued"] for s, p in
                       zip(self.servers, self.peers)]
        self.log_kib = [s.status()["log_bytes"] >> 10 for s in self.servers]
        self.grown = [resident_kib(s) - was for s, was in
                      zip(self.servers, self.resident)]

    def peer(self, sid, server):
        """Link by a socket that takes little."""
        p = self.world.peer(sid, [(server.sid, None)])
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        sock.connect(("127.0.0.1", server.link))
        p.connected(sock, True)
        p.await_up().ready()
        return p

    def talk(self, n):
        """ann talks, and dan on the other server hears it. Return how long it
        took from the last message to the answer of each."""
        first = self.chatter
        self.chatter += n
        self.ann.send(*[f"PRIVMSG #loud :{i} {'x' * LENGTH}"
                        for i in range(first, first + n)])
        began = time.monotonic()
        self.ann.ask()
        self.dan.expect(f" PRIVMSG #loud :{self.chatter - 1} ")
        self.dan.ask()
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.ann.lines.clear()
        self.dan.lines.clear()


def link_of(server, sid):
    return next(ln for ln in server.ask("links") if ln["sid"] == sid)


# ---- one that does nothing at all -------------------------------------------

CAPS = ("batch", "echo-message")


class Stopped:
    """Three servers with a client each. SIGSTOP stops one of them. All clients
    say something at once, and so does the client of the stopped server."""

    def __init__(self, net, victim):
        self.net = net
        for s in self.net:
            s.config["classes"] = [PATIENT]
            s.config["sync"] = {"keep_s": KEEP_S}
        self.net.start()
        self.victim = self.net[victim]
        self.people = [s.client(n, caps=CAPS) for s, n in
                       zip(self.net, ("ann", "bob", "cat"))]
        for p in self.people:
            if p is not self.people[0]:     # or else p founds a channel, too
                until("#talk is there", lambda p=p: harness.view(
                    p, "#talk")["#talk"]["modes"])
            p.join("#talk")
        self.people[0].send("MODE #talk -t")
        harness.await_same(self.people, "#talk", check=lambda seen: (
            len(seen["#talk"]["names"]), seen["#talk"]["modes"]) ==
            (3, [["+n"]]))
        self.quiet = self.people[victim]
        self.left = [p for p in self.people if p is not self.quiet]
        self.facts = self.net[0].ask("facts")[0]["facts"]
        for p in self.people:
            p.lines.clear()
        self.victim.signal(signal.SIGSTOP)
        self.since = time.monotonic()
        for p in self.left:
            p.send(*[f"PRIVMSG #talk :{p.nick} early {i}" for i in range(50)])
        self.quiet.send(*[f"PRIVMSG #talk :{self.quiet.nick} quiet {i}"
                          for i in range(50)])

    def split(self):
        """The clients that are left see the others quit in a batch, and do
        things that these miss."""
        for p in self.left:
            m = p.expect(r" BATCH \+(\S+) netsplit s\d\.test s\d\.test$")
            p.expect(rf"batch={m.group(1)}.* :{self.quiet.nick}!\S+ QUIT ")
            p.send(*[f"PRIVMSG #talk :{p.nick} late {i}" for i in range(50)],
                   f"JOIN #of-{p.nick}", f"TOPIC #talk :of {p.nick}")
            p.expect(rf" TOPIC #talk :of {p.nick}$")

    def go_on(self):
        time.sleep(max(0, self.since + STOPPED_S - time.monotonic()))
        self.victim.signal(signal.SIGCONT)
        for p in self.left:
            m = p.expect(r" BATCH \+(\S+) netjoin s\d\.test s\d\.test$")
            p.expect(rf"batch={m.group(1)}.* :{self.quiet.nick}!\S+ JOIN ")
        self.net.await_whole()
        channels = ["#talk"] + [f"#of-{p.nick}" for p in self.left]
        for p in self.people:
            p.ask("JOIN " + ",".join(channels))
        harness.await_same(self.people, *channels, check=lambda seen: all(
            len(s["names"]) == 3 for s in seen.values()))
        until("equal facts", lambda: len({
            (f["entries"], f["digest"]) for s in self.net
            for f in s.ask("facts")}) == 1)
        for s in self.net:
            st = s.status()
            assert not st["jumped"] and not st["snapshots_in"], st
            assert st["users"] == st["servers"] == 3, st

    def close(self):
        self.victim.signal(signal.SIGCONT)
        for p in self.people:
            p.close()


GRAPHS = [("line", 1), ("ring", 2)]


def begin(folder):
    """For conftest.py: run all of it, and return by name how each part
    ends. If a part fails, the servers that it has started end, too."""
    begun, ends = {}, []
    try:
        world = World(os.path.join(folder, "unread"))
        ends.append(lambda: [end() for end in reversed(world.made)])
        begun["unread"] = Unread(world)
        for graph, victim in GRAPHS:
            net = harness.Network(os.path.join(folder, graph), 3, graph)
            ends.append(net.close)
            begun[graph] = Stopped(net, victim)
            ends.append(begun[graph].close)
        for graph, _ in GRAPHS:
            begun[graph].split()
        yield begun
    finally:
        for end in reversed(ends):
            end()


@pytest.fixture
def unread(begun):
    return begun["unread"]


@pytest.mark.parametrize("graph", [g for g, _ in GRAPHS])
def test_stopped_and_gone_on(begun, graph):
    """Nothing that was said to a user who was shown is lost, or said twice, or
    in another order. The stopped server still has its clients."""
    net = begun[graph]
    net.go_on()
    for sender in net.people:
        for hearer in net.people:
            if sender is hearer:
                continue
            assert harness.heard(hearer, sender, "#talk") == \
                harness.owed(sender, hearer, "#talk")
    until("one of them tells why", lambda: any(
        re.search("link-down .*code=silence by=us", s.log())
        for s in net.net if s is not net.victim))
    net.quiet.send("PRIVMSG #talk :still here")
    for p in net.left:
        p.expect(rf":{net.quiet.nick}!\S+ PRIVMSG #talk :still here$")


@pytest.fixture
def network():
    folder = tempfile.mkdtemp(prefix="banyan-", dir="/tmp")
    made = harness.Network(folder, 3, "line")
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


PAUSE_S = 5.5                   # more than the patience of the stopped server


def test_stopped_for_less_than_its_peers_wait(network):
    """s1 waits 4 s for its peers, and is stopped for longer. s0 waits longer
    than that for s1, and its lines lie unread: that link stays. s2 does not
    wait that long, and closes its link by itself."""
    patient, victim, hasty = network
    for s, silence_s in ((patient, 60), (victim, 4), (hasty, 2)):
        s.config["sync"] = {"silence_s": silence_s}
        s.config["classes"] = [PATIENT]
    network.start()
    ann, bob = patient.client("ann"), victim.client("bob")
    ann.join("#c")
    bob.join("#c")
    ann.expect(":bob!.* JOIN ")
    victim.signal(signal.SIGSTOP)
    time.sleep(PAUSE_S)
    victim.signal(signal.SIGCONT)
    until("s1 knows that s2 has closed", lambda: re.search(
        "link-down .*server=s2.test", victim.log()))
    network.await_whole()
    for s in (patient, victim):
        assert not re.search("link-down .*code=silence by=us", s.log()), \
            s.log()
    # at the start both ends dial, and one of two links is closed
    other = "code=(?!duplicate)"
    assert not re.search(f"link-down .*{other}", patient.log()), patient.log()
    assert not re.search(f"link-down .*server=s0.test .*{other}", victim.log())
    hasty.await_log("link-down .*server=s1.test .*code=silence by=us")
    bob.send("PRIVMSG #c :still here")
    ann.expect(r":bob!\S+ PRIVMSG #c :still here$")
    assert not [ln for ln in ann.lines if " QUIT " in ln and ":bob!" in ln]
    ann.close()
    bob.close()


def test_reads_no_more(unread):
    """It costs that link only, after its time; and the log, which the server
    holds in any case, or a snapshot brings the rest."""
    keeps, trims = unread.servers
    assert all(n < (PUMP_KIB << 10) + 65536 for n in unread.queued)
    # Nothing grew because of these two, except what is kept in any case.
    for grown, log_kib in zip(unread.grown, unread.log_kib):
        assert grown < 2 * log_kib + 8192
    while not all(map(slow, unread.servers, (PY, PZ))):
        assert time.monotonic() < unread.since + 3 * SLOW_S
        unread.talk(1)
        time.sleep(0.5)
    assert time.monotonic() >= unread.since + SLOW_S
    assert unread.slowest < GENEROUS_S
    assert link_of(keeps, FOUR)["state"] == "up"
    assert link_of(trims, ONE)["state"] == "up"
    for s in unread.servers:
        assert len(re.findall("link-down ", s.log())) == 1

    py, pz = unread.peers
    for p, link, server in zip(unread.peers, unread.links, unread.servers):
        with p.lock:
            link.hold_reading = False
        p.wait("the end", lambda link=link: link.state == "closed")
        p.dial(server.link)
        p.await_up()
    texts = said_to(unread, py)
    assert texts == list(range(unread.chatter))
    assert py.links[0].snapshots == 0 and not py.jumped
    texts = said_to(unread, pz)
    assert texts == sorted(set(texts)) and len(texts) < unread.chatter
    assert pz.links[0].snapshots == 1
    lost = sum(last - first for _, first, last in pz.jumped)
    assert lost >= unread.chatter - len(texts)
    for p in unread.peers:
        p.wait("all of it", lambda p=p: p.have == (py if p is pz else pz).have)
    assert py.facts.lines() == pz.facts.lines()


def slow(server, sid):
    return re.search(rf"link-down .*sid={sid} .*code=slow by=us "
                     "reason=.*takes nothing", server.log())


def said_to(unread, peer):
    """Return the numbers of ann's messages, once the last one is there."""
    def number(message):
        return int(message[1].text.split()[0])

    # the last one alone: the peer cannot read while it is looked at
    peer.wait("the last of it", lambda: len(peer.messages) > peer.before and
              number(peer.messages[-1]) == unread.chatter - 1)
    return [number(m) for m in peer.messages[peer.before:]]
