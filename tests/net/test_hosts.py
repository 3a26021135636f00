"""Servers on hosts of their own: network namespaces with a cable between them.
Packets vanish without a word, both ways or one way only, or there is no route.
Needs root, and ip of iproute2."""
import ctypes
import itertools
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading

import pytest

from test_peer import harness, until
from test_dns import A, Dns

TOPICS = 3000           # more than a log of 1 MiB holds
CLONE_NEWNET = 0x40000000
WMEM = "4096 4096 8192"         # loopback's default is 4 MiB
names = itertools.count()


def ip(*args, host=None):
    """`ip -n` and `ip netns exec` mount something, which not every root may
    do."""
    done = subprocess.run([*(host.enter if host else []), "ip", *args],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"ip {' '.join(args)}: {done.stderr.strip()}")


class Host:
    """A network namespace with a server in it."""

    def __init__(self, folder, n):
        self.name = f"banyan-{os.getpid()}-{next(names)}"
        self.path = "/run/netns/" + self.name
        self.enter = ["nsenter", "--net=" + self.path]
        self.n, self.address = n, f"192.0.2.{n}"
        self.mac = f"02:00:00:00:00:0{n}"
        ip("netns", "add", self.name)
        ip("link", "set", "lo", "up", host=self)
        self.server = s = harness.Server(
            os.path.join(folder, str(n)), f"s{n}.test", f"{n}AA", tls=True)
        s.prefix = self.enter
        s.add_links()
        s.config["listen"][-1]["address"] = self.address
        s.config["sync"] = {"silence_s": 2, "alone_ms": 500}

    def inside(self, make):
        """Return the result of make(), called by a thread on this host: a
        socket stays where it was made."""
        got = []

        def run():
            with open(self.path, "rb") as f:
                assert ctypes.CDLL(None).setns(f.fileno(), CLONE_NEWNET) == 0
            got.append(make())
        t = threading.Thread(target=run)
        t.start()
        t.join()
        return got[0]

    def limit_sockets(self):
        """Let sockets of this host take little that is not sent yet."""
        def write():
            with open("/proc/sys/net/ipv4/tcp_wmem", "w",
                      encoding="ascii") as f:
                f.write(WMEM)
        self.inside(write)

    def plug(self, other):
        """Set up one end of the cable, with an address that needs no neighbour
        discovery: the cable carries only packets of the servers."""
        ip("link", "set", "cable", "address", self.mac, host=self)
        ip("addr", "replace", self.address + "/24", "dev", "cable", host=self)
        ip("link", "set", "cable", "up", host=self)
        self.sends_to(other, other.mac)

    def sends_to(self, other, mac):
        ip("neigh", "replace", other.address, "lladdr", mac, "dev", "cable",
           "nud", "permanent", host=self)

    def link(self, *others):
        self.server.config["links"] = [
            {"name": o.server.name, "sid": o.server.sid, "pin": o.server.pin,
             "address": f"{o.address}:{o.server.link}"} for o in others]

    def close(self):
        self.server.kill()
        ip("netns", "del", self.name)


# Ways in which a cable between two hosts fails, and how it is mended.
NOBODY = "02:00:00:00:00:99"


def silent(*hosts):
    for a, b in (hosts, hosts[::-1]):
        a.sends_to(b, NOBODY)


def silent_one_way(a, b):
    a.sends_to(b, NOBODY)


def mend(*hosts):
    for a, b in (hosts, hosts[::-1]):
        a.sends_to(b, b.mac)


def out(a, b):
    ip("link", "set", "cable", "down", host=a)


def back_in(a, b):
    a.plug(b)
    b.plug(a)


FAILURES = [(silent, mend), (silent_one_way, mend), (out, back_in)]


class Wire:
    """Two hosts with a cable between them; nothing runs on them yet."""

    def __init__(self, folder):
        self.made = []
        try:
            self.hosts = []
            for n in (1, 2):
                self.hosts.append(Host(folder, n))
                self.made.append(self.hosts[-1].close)
        except OSError as e:
            self.close()
            pytest.skip(f"no network namespaces here: {e}")
        a, b = self.hosts
        ip("link", "add", "cable", "type", "veth", "peer", "name", "cable",
           "netns", b.path, host=a)
        back_in(a, b)

    def close(self):
        for end in reversed(self.made):
            end()


class Pair(Wire):
    """Two hosts, each with a server and a client, linked by a cable."""

    def __init__(self, folder, **sync):
        super().__init__(folder)
        a, b = self.hosts
        a.link(b)
        b.link(a)
        for h in self.hosts:
            h.server.config["sync"].update(sync)
            h.server.start()
        self.people = [h.inside(lambda h=h, n=n: h.server.client(
            n, caps=("batch", "echo-message"))) for h, n in
            zip(self.hosts, ("ann", "bob"))]
        self.made += [p.close for p in self.people]
        self.are_linked()
        for p in self.people:
            p.join("#talk")
        self.see_each_other()
        for p in self.people:
            p.lines.clear()

    def are_linked(self):
        until("they are linked", lambda: all(
            h.server.status()["servers"] == 2 for h in self.hosts))

    def see_each_other(self):
        harness.await_same(self.people, "#talk", check=lambda seen: len(
            seen["#talk"]["names"]) == 2)

    def have_the_same(self):
        self.are_linked()
        self.see_each_other()
        until("equal facts", lambda: len({
            (f["entries"], f["digest"]) for h in self.hosts
            for f in h.server.ask("facts")}) == 1)

    def say(self, what):
        for p in self.people:
            p.send(*[f"PRIVMSG #talk :{p.nick} {what} {i}"
                     for i in range(20)])


@pytest.fixture
def folder():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    if shutil.which("ip") is None:
        pytest.skip("needs ip of iproute2")
    path = tempfile.mkdtemp(prefix="banyan-", dir="/tmp")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def pairs(folder, request):
    """One pair for each way to fail. The parameter has options of `sync`."""
    made = []
    try:
        for i in range(len(FAILURES)):
            made.append(Pair(os.path.join(folder, str(i)),
                             **getattr(request, "param", {})))
        yield made
    finally:
        for p in made:
            p.close()


@pytest.fixture
def pair(folder):
    p = Pair(folder, keep_mib=1)
    yield p
    p.close()


def test_packets_vanish(pairs):
    for pair, (fail, _) in zip(pairs, FAILURES):
        fail(*pair.hosts)
        pair.say("early")
    for pair in pairs:
        ann, bob = pair.people
        ann.expect(r":bob!\S+ QUIT :s1\.test s2\.test$")
        bob.expect(r":ann!\S+ QUIT :s2\.test s1\.test$")
        pair.say("late")
        for p in pair.people:
            p.send(f"TOPIC #talk :of {p.nick}")
        for h in pair.hosts:
            until("both tell why", lambda h=h: re.search(
                r"link-down .*code=silence ", h.server.log()))
    for pair, (_, heal) in zip(pairs, FAILURES):
        heal(*pair.hosts)
    for pair in pairs:
        pair.have_the_same()
        ann, bob = pair.people
        for sender, hearer in ((ann, bob), (bob, ann)):
            assert harness.owed(sender, hearer, "#talk")
            assert harness.heard(hearer, sender, "#talk") == \
                harness.owed(sender, hearer, "#talk")
        for h in pair.hosts:
            st = h.server.status()
            assert not st["jumped"] and not st["snapshots_in"], st


def is_in_limbo(host):
    return any("limbo_ms" in s for s in host.server.ask("servers"))


@pytest.mark.parametrize("pairs", [{"grace_s": 120}], indirect=True)
def test_packets_vanish_for_a_moment(pairs):
    """The link is given up and made again within the grace time. People hear
    all that was said, from those who said it, and see nobody come or go."""
    for pair, (fail, _) in zip(pairs, FAILURES):
        fail(*pair.hosts)
        pair.say("early")
    for pair in pairs:
        until("both are in limbo", lambda p=pair: all(
            is_in_limbo(h) for h in p.hosts))
        pair.say("late")
        pair.people[1].send("NICK bobby")
        pair.people[1].expect(r":bob!\S+ NICK :?bobby$")
    for pair, (_, heal) in zip(pairs, FAILURES):
        heal(*pair.hosts)
    for pair in pairs:
        pair.have_the_same()
        ann, bob = pair.people
        assert any(re.search(r":bob!\S+ NICK :?bobby$", x) for x in ann.lines)
        for sender, hearer in ((ann, bob), (bob, ann)):
            assert len(harness.owed(sender, hearer, "#talk")) == 40
            assert harness.heard(hearer, sender, "#talk") == \
                harness.owed(sender, hearer, "#talk")
        for p in pair.people:
            p.ask()
            assert not [x for x in p.lines if re.search(
                r" (QUIT|JOIN|BATCH|MODE) |^(@\S+ )?:s\d\.test PRIVMSG", x)]
        for h in pair.hosts:
            assert re.search(r" server-limbo (.|\n)* server-back ",
                             h.server.log())
            assert not re.search(r" server-gone ", h.server.log())


def test_away_for_too_long(pair):
    """Both logs drop entries that the other has not: there is a snapshot in
    each direction, and jumped entries are counted."""
    silent(*pair.hosts)
    pair.say("early")
    for p, other in zip(pair.people, pair.people[::-1]):
        p.expect(rf":{other.nick}!\S+ QUIT ")
        p.send(f"JOIN #of-{p.nick}")
        for i in range(0, TOPICS, 100):
            p.ask(*[f"TOPIC #of-{p.nick} :{i + k} {'t' * 380}"
                    for k in range(100)])
        p.lines.clear()
    forgot = []
    for h in pair.hosts:
        forgot.append(until("the log forgets", lambda h=h: max(
            0, TOPICS - h.server.status()["log_entries"])))
    mend(*pair.hosts)
    pair.have_the_same()
    for h, others in zip(pair.hosts, forgot[::-1]):
        st = h.server.status()
        assert st["snapshots_in"] == st["snapshots_out"] == 1, st
        assert st["jumped"] >= others, st
        h.server.await_log("jumped .*origin=")
    for p in pair.people:
        p.ask("JOIN #of-ann,#of-bob")
    seen = harness.await_same(pair.people, "#of-ann", "#of-bob")
    assert all(s["topic"][0][0].startswith(f"{TOPICS - 1} ") for s in seen.values())
    ann, bob = pair.people
    ann.send("PRIVMSG bob :as before")
    bob.expect(r":ann!\S+ PRIVMSG bob :as before$")


STRANGERS = [f"192.0.2.{n}" for n in range(9, 19)]    # beside both servers


def use_up(a, b):
    """Let strangers connect until host `a` refuses their network for a
    while."""
    def knock(source):
        with socket.create_connection((a.address, a.server.link),
                                      source_address=(source, 0)) as s:
            s.settimeout(0.1)
            try:
                s.recv(1)
            except OSError:
                pass
    for source in STRANGERS:
        ip("addr", "add", source + "/24", "dev", "cable", host=b)
        ip("neigh", "replace", source, "lladdr", b.mac, "dev", "cable", "nud",
           "permanent", host=a)
        b.inside(lambda source=source: knock(source))
    a.server.await_log(r"accept-refused .*from your network")


@pytest.mark.parametrize("how", ["address", "host", "unknown"])
def test_strangers_keep_no_peer_away(folder, how):
    """Strangers use up what connects in a minute to a port for links. A peer of
    the same network still comes in: by its address, or by an address that its
    host had when it was dialled last. `unknown` shows that others do not."""
    wire = Wire(folder)
    try:
        a, b = wire.hosts
        dns = a.inside(lambda: Dns({("hub.test", A): [b.address]}))
        wire.made.append(dns.close)
        a.link(b)
        b.link(a)
        # nobody listens there, so only the peer dials
        there = {"address": b.address, "host": "hub.test",
                 "unknown": "other.test"}[how]
        a.server.config["links"][0]["address"] = f"{there}:1"
        a.server.config["dns"] = {"servers": f"127.0.0.1:{dns.port}"}
        a.server.config["classes"] = [{"name": "all", "connect_rate": 1,
                                       "registration_s": 3}]
        a.server.start()
        until("a has dialled", lambda: "link-down" in a.server.log() or
              "dial-failed" in a.server.log())
        use_up(a, b)
        b.server.start(wait=False)
        refused = f"accept-refused address={b.address} "
        until("they are linked or not", lambda: refused in a.server.log() or
              any(x["state"] == "up" for x in a.server.ask("links")))
        assert (refused in a.server.log()) == (how == "unknown")
    finally:
        wire.close()
