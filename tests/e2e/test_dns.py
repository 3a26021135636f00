"""Names of clients, asked of DNS servers that the tests play: honest ones,
liars, slow ones, dead ones. Clients come from 127.0.0.x, so dns.private is
set."""
import shutil
import socket
import struct
import subprocess
import threading

import pytest

from harness import Client, free_port, until

A, PTR, NS, SRV = 1, 12, 2, 33


def name_to_wire(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")
                    if x) + b"\0"


def name_from_wire(data):
    at, labels = 12, []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode())
        at += 1 + data[at]
    kind = struct.unpack(">H", data[at + 1:at + 3])[0]
    return ".".join(labels), kind, at + 5


class Dns:
    """A DNS server on 127.0.0.1. say(name, type, query) returns the datagrams
    to send; by default they come from `records`."""

    def __init__(self, records=None):
        self.records = records or {}
        self.port = free_port()
        self.queries = []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.tcp = socket.create_server(("127.0.0.1", self.port))
        self.ended = False
        for run in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=run, daemon=True).start()

    def answer(self, query, flags=0x8180, values=None):
        name, kind, end = name_from_wire(query)
        if values is None:
            values = self.records.get((name, kind), [])
        if not values and flags == 0x8180:
            flags = 0x8183
        out = query[:2] + struct.pack(">HHHHH", flags, 1, len(values), 0, 0)
        out += query[12:end]
        for v in values:
            data = (socket.inet_aton(v) if kind == A else
                    struct.pack(">HHH", *v[:3]) + name_to_wire(v[3])
                    if kind == SRV else name_to_wire(v))
            out += struct.pack(">HHHIH", 0xc00c, kind, 1, 300,
                               len(data)) + data
        return out

    def say(self, query):
        return [self.answer(query)]

    def serve_udp(self):
        while True:
            try:
                query, peer = self.udp.recvfrom(2048)
            except OSError:
                return
            if not query:  # close()
                return
            self.queries.append(name_from_wire(query)[:2])
            for data in self.say(query):
                self.udp.sendto(data, peer)

    def serve_tcp(self):
        while True:
            try:
                conn, _ = self.tcp.accept()
            except OSError:
                return
            with conn:
                n = struct.unpack(">H", conn.recv(2))[0]
                out = self.answer(conn.recv(n))
                conn.sendall(struct.pack(">H", len(out)) + out)

    def close(self):
        # shutdown() wakes the threads, close() alone does not
        for s in (self.udp, self.tcp):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()


def reverse(address):
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


def records(**hosts):
    """Return the records of hosts: name=address."""
    out = {}
    for name, address in hosts.items():
        name = name + ".test"
        out[(reverse(address), PTR)] = [name]
        out[(name, A)] = [address]
    return out


@pytest.fixture(name="dns")
def make_dns():
    made = []

    def make(*args, kind=Dns):
        made.append(kind(*args))
        return made[-1]
    yield make
    for d in made:
        d.close()


def start(make, *servers, **more):
    s = make.server()
    s.config["dns"] = {"servers": [f"127.0.0.1:{d.port}" for d in servers],
                       "private": True, **more}
    return s.start()


def own_host(client):
    """Return the host that the client is shown with."""
    lines = client.ask(f"USERHOST {client.nick}")
    return next(x for x in lines if " 302 " in x).split("@")[1].strip()


def host_of(server, nick, address):
    """Register from an address of this machine; return the host."""
    c = Client(server.plain, nick, source=address)
    host = own_host(c)
    c.send("QUIT")
    c.until_closed()
    return host


def test_a_name_is_shown(make, dns):
    d = dns(records(one="127.0.0.11"))
    s = start(make, d)
    c = Client(s.plain, "alice", source="127.0.0.11")
    told = "\n".join(c.lines)
    assert "*** Looking up your hostname..." in told
    assert "*** Found your hostname: one.test" in told
    assert host_of(s, "bob", "127.0.0.12") == "127.0.0.12"
    # the second client of an address asks nobody
    asked = len(d.queries)
    assert host_of(s, "carol", "127.0.0.11") == "one.test"
    assert len(d.queries) == asked


def test_a_name_that_leads_elsewhere_is_not_shown(make, dns):
    lies = {(reverse("127.0.0.11"), PTR): ["one.test"],
            ("one.test", A): ["127.0.0.99"],
            (reverse("127.0.0.12"), PTR): ["nowhere.test"],
            (reverse("127.0.0.13"), PTR): ["127.0.0.14"],
            (reverse("127.0.0.14"), PTR): ["a" * 60 + ".test"],
            ("a" * 60 + ".test", A): ["127.0.0.14"]}
    s = start(make, dns(lies))
    for i in range(11, 15):
        address = f"127.0.0.{i}"
        assert host_of(s, f"n{i}", address) == address


class Liar(Dns):
    """Says first what is wrong in many ways, then the truth, twice."""

    def say(self, query):
        truth = self.answer(query)
        name, kind, end = name_from_wire(query)
        value = "127.0.0.99" if kind == A else "evil.test"
        lie = self.answer(query, 0x8180, [value])
        other_id = bytes([lie[0] ^ 1]) + lie[1:]
        other_name = lie[:13] + bytes([lie[13] ^ 1]) + lie[14:]
        other_type = lie[:end - 3] + bytes([lie[end - 3] ^ 4]) + lie[end - 2:]
        return [b"", b"\0", query, other_id, other_name, other_type, lie[:-3],
                truth, truth, lie]


def test_lies_are_not_believed(make, dns):
    d = dns(records(one="127.0.0.11"), kind=Liar)
    s = start(make, d)
    assert host_of(s, "alice", "127.0.0.11") == "one.test"
    assert host_of(s, "bob", "127.0.0.11") == "one.test"


class Cut(Dns):
    """Has only the first bytes of each answer by UDP."""

    def say(self, query):
        return [self.answer(query, 0x8380)[:len(query) - 11]]


def test_cut_answers_are_asked_for_by_tcp(make, dns):
    s = start(make, dns(records(one="127.0.0.11"), kind=Cut))
    assert host_of(s, "alice", "127.0.0.11") == "one.test"


class Mute(Dns):
    def say(self, query):
        return []


def test_a_silent_server_is_passed_over(make, dns):
    mute, honest = dns(kind=Mute), dns(records(one="127.0.0.11"))
    s = start(make, mute, honest)
    assert host_of(s, "alice", "127.0.0.11") == "one.test"
    assert mute.queries
    assert " dns-dead" not in s.log()


class Stuck(Dns):
    """Does not answer for anything but the root."""

    def say(self, query):
        return [] if name_from_wire(query)[1] != NS else Dns.say(self, query)


def test_a_silent_zone_delays_only_its_own(make, dns):
    d = dns(kind=Stuck)
    s = start(make, d, timeout_ms=200)
    assert host_of(s, "alice", "127.0.0.11") == "127.0.0.11"
    until("the root is asked for", lambda: ("", NS) in d.queries)
    assert host_of(s, "bob", "127.0.0.12") == "127.0.0.12"
    assert (reverse("127.0.0.12"), PTR) in d.queries
    assert " dns-dead" not in s.log()


def test_dead_servers_are_told_once(make, dns):
    d = dns(kind=Mute)
    s = start(make, d, timeout_ms=1500)
    assert host_of(s, "alice", "127.0.0.11") == "127.0.0.11"
    until("it is told", lambda: " dns-dead" in s.log())
    # nobody else waits, and nothing is asked for them
    for i in range(12, 16):
        host_of(s, f"n{i}", f"127.0.0.{i}")
        assert (reverse(f"127.0.0.{i}"), PTR) not in d.queries
    d.records = records(one="127.0.0.11")
    d.say = lambda query: [d.answer(query)]
    until("it is back", lambda: " dns-back" in s.log())
    assert host_of(s, "bob", "127.0.0.11") == "one.test"
    log = s.log()
    assert (log.count(" dns-dead"), log.count(" dns-back")) == (1, 1)


class Dnsmasq:
    """A real server on 127.0.0.1, with the records of its options."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None

    def start(self, *records):
        self.close()
        self.process = subprocess.Popen(
            [shutil.which("dnsmasq"), "--keep-in-foreground", "--no-resolv",
             "--no-hosts", "--conf-file=/dev/null", "--user=", "--group=",
             f"--pid-file={self.folder}/pid", "--listen-address=127.0.0.1",
             "--bind-interfaces", f"--port={self.port}", *records],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(name="dnsmasq")
def make_dnsmasq(tmp_path):
    if not shutil.which("dnsmasq"):
        pytest.skip("no dnsmasq")
    d = Dnsmasq(tmp_path)
    yield d
    d.close()


def test_a_real_server(make, dnsmasq):
    dnsmasq.start("--host-record=one.test,127.0.0.11",
                  "--ptr-record=12.0.0.127.in-addr.arpa,two.test",
                  "--cname=alias.test,one.test")
    s = start(make, dnsmasq)

    def found():
        return host_of(s, "alice", "127.0.0.11") == "one.test"
    until("dnsmasq answers", found)
    # a name that does not lead back, and no name
    assert host_of(s, "bob", "127.0.0.12") == "127.0.0.12"
    assert host_of(s, "carol", "127.0.0.13") == "127.0.0.13"


# ---- links that are dialled by name -----------------------------------------

def link_by_name(one, two, dns, address="hub.test:{}"):
    """Let server `one` dial `two` by the name hub.test."""
    two.add_links()
    one.config["links"] = [{"name": two.name, "sid": two.sid, "pin": two.pin,
                            "address": address.format(two.link)}]
    two.config["links"] = [{"name": one.name, "sid": one.sid,
                            "pin": one.pin}]
    one.config["dns"] = {"servers": f"127.0.0.1:{dns.port}",
                         "timeout_ms": 300}


def is_linked(server):
    return any(x["state"] == "up" for x in server.ask("links"))


def test_a_link_is_dialled_by_name(make, dns):
    """Nobody listens at the first addresses of the name, and later it has
    another one."""
    d = dns({("hub.test", A): ["127.0.0.21", "127.0.0.22", "127.0.0.1"]})
    one = make.server(tls=True)
    two = make.server(name="two.test", sid="2AA", tls=True)
    link_by_name(one, two, d)
    two.start()
    one.start()
    until("they are linked", lambda: is_linked(one))
    assert ("hub.test", A) in d.queries and ("hub.test", 28) in d.queries

    # each dial looks the name up anew, though the answer could be kept
    two.config["listen"][-1]["address"] = "127.0.0.23"
    d.records[("hub.test", A)] = ["127.0.0.23"]
    two.kill()
    two.start()
    until("they are linked again", lambda: is_linked(one))


def test_a_link_without_an_address(make, dns):
    d = dns(kind=Mute)
    one = make.server(tls=True)
    two = make.server(name="two.test", sid="2AA", tls=True)
    link_by_name(one, two, d)
    two.start()
    one.start()
    until("it is told", lambda: "cannot look up hub.test" in one.log())
    d.say = lambda query: [d.answer(query)]
    until("it is told", lambda: "no address of hub.test" in one.log())
    # clients and links do not wait for each other
    assert host_of(one, "alice", "127.0.0.11") == "127.0.0.11"
    d.records[("hub.test", A)] = ["127.0.0.1"]
    until("they are linked", lambda: is_linked(one))


# ---- links that are dialled by SRV records ----------------------------------

SERVICE = "_banyan._tcp.hub.test"


def srv(target, port, priority):
    return f"--srv-host={SERVICE},{target},{port},{priority}"


def link_of(server):
    return next((x for x in server.ask("links") if x["state"] == "up"), None)


@pytest.fixture(name="pair")
def make_pair(make, dnsmasq):
    """Two servers; `one` dials `two`, which listens at 127.0.0.1 and at
    127.0.0.24, by SRV records."""
    one = make.server(tls=True)
    two = make.server(name="two.test", sid="2AA", tls=True)
    link_by_name(one, two, dnsmasq, SERVICE)
    two.config["listen"].append({**two.config["listen"][-1],
                                 "address": "127.0.0.24"})
    two.start()
    return one, two


HOSTS = ["--local=/test/",
         *(f"--host-record={name}.test,127.0.0.{last}" for name, last in
           (("dead", 21), ("first", 1), ("second", 24)))]


def linked_at(one, two):
    """Link them anew; return the address at which that was."""
    two.kill()
    until("the link is down", lambda: not link_of(one))
    two.start()
    return until("they are linked", lambda: link_of(one))["address"]


def test_a_link_is_dialled_by_srv_records(pair, dnsmasq):
    """The records of each dial count, by priority, and a target that refuses
    is passed over, and so is one without an address."""
    one, two = pair
    dnsmasq.start(*HOSTS, srv("second.test", two.link, 20),
                  srv("first.test", two.link, 10))
    one.start()
    link = until("they are linked", lambda: link_of(one))
    assert link["address"] == "127.0.0.1" and link["dialled"]
    assert link["host"] == SERVICE
    one.await_log(f"link-dial .*address={SERVICE}")
    dnsmasq.start(*HOSTS, srv("second.test", two.link, 10),
                  srv("first.test", two.link, 20))
    assert linked_at(one, two) == "127.0.0.24"
    dnsmasq.start(*HOSTS, srv("second.test", two.link, 40),
                  srv("none.test", two.link, 20),
                  srv("first.test", 1, 30), srv("dead.test", two.link, 10))
    assert linked_at(one, two) == "127.0.0.24"


def test_srv_records_that_lead_nowhere(pair, dnsmasq):
    one, two = pair
    dnsmasq.start(*HOSTS)
    one.start()
    one.await_log(f"no SRV record of {SERVICE}")
    dnsmasq.start(f"--srv-host={SERVICE}")
    one.await_log(f"DNS says that there is no service {SERVICE}")
    dnsmasq.start(*HOSTS, srv("none.test", two.link, 10))
    one.await_log("no address of none.test")
    dnsmasq.start(*HOSTS, srv("dead.test", two.link, 10))
    one.await_log(f"dead.test, port {two.link}: Connection refused")
    link, = one.ask("links")
    assert link["state"] != "up"
    dnsmasq.start(*HOSTS, srv("second.test", two.link, 10))
    link = until("they are linked", lambda: link_of(one))
    assert link["address"] == "127.0.0.24"
