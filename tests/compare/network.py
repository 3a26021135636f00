"""The network that is compared: servers of contrib/run.sh in several regions, the
distance between these, and what both have counted."""
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter, namedtuple

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from harness import (BANYANCTL, BUILD, TOP, free_base,  # noqa: E402
                     free_port, until)

DEVNULL = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
           "stderr": subprocess.DEVNULL}

# The regions of servers, and which regions of people (traffic.py) are at home
# there; and about how many of a hundred people are.
REGIONS = {"eu": ("eu-west", "eu-east"),
           "am": ("na-east", "na-west", "sa"),
           "asia": ("asia",)}
PEOPLE = {"eu": 53, "am": 33, "asia": 14}

# One way, in milliseconds: about half of what a ping between large cities takes.
DISTANCE_MS = {("am", "eu"): 45, ("am", "asia"): 75, ("asia", "eu"): 90}

RUN_S = 900             # the first run of run.sh builds the servers
PORTS = 900             # from its base port on

CONF_LISTEN = """listen = (
	{{ address = "127.0.0.1"; port = {http}; for = "http"; }},
	{{ address = "127.0.0.1"; port = {proxied}; proxy = "127.0.0.0/8"; }},
"""

# A server, as the configuration of another one that links with it names it.
LINK = re.compile(r'\{ name = "([^"]+)"; sid = "([^"]+)"; pin = "([^"]+)";')

# How a broker is started that keeps nothing, at a port.
BROKERS = {
    "nats": lambda port, _: ["nats-server", "-a", "127.0.0.1", "-p", str(port)],
    "redis": lambda port, folder: [
        "redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir",
        folder, "--save", ""],
}

HAPROXY = """
defaults
    mode tcp
    timeout connect 1m
    timeout client 1d
    timeout server 1d
    option httpchk GET /health
listen clients
    bind 127.0.0.1:{port}
    balance {how}
{servers}
"""
HAPROXY_SERVER = ("    server {name} 127.0.0.1:{port} send-proxy-v2 "
                  "check port {http} inter 1s")


def spread(nservers, regions):
    """Return the region of each server: one in each, the others where most people
    are for a server."""
    assert nservers >= len(regions)
    n = dict.fromkeys(regions, 1)
    for _ in range(nservers - len(regions)):
        n[max(regions, key=lambda r: PEOPLE[r] / (n[r] + 1))] += 1
    return [r for r in regions for _ in range(n[r])]


def distance(a, b):
    return 0 if a == b else DISTANCE_MS[min(a, b), max(a, b)]


def cpu_ns(pid):
    """Return the CPU time of a process, as clock_getcpuclockid(3) does."""
    return time.clock_gettime_ns(~pid << 3 | 2)


def figures(port):
    """Return the figures of the page /metrics."""
    with socket.create_connection(("127.0.0.1", port), 60) as c:
        c.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        said = b"".join(iter(lambda: c.recv(65536), b""))
    return {name: float(value) for name, value in (
        line.rsplit(" ", 1) for line in said.decode().splitlines()
        if line.startswith("banyan_"))}


def ask(control, command):
    """Return the records of an answer of banyanctl, or nothing."""
    said = subprocess.run([BANYANCTL, "-s", control, "--json", command],
                          capture_output=True, text=True, check=False)
    return [json.loads(x) for x in said.stdout.splitlines()]


def find_program(name):
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if found is None:
        sys.exit(f"no {name}; on Debian, a package has this name")
    return found


class Program:
    """A process that takes part in a row: "server", "gate", "balancer", "broker" or
    "distance"."""

    def __init__(self, kind, name, argv, **kwargs):
        self.kind, self.name = kind, name
        self.process = subprocess.Popen(argv, **kwargs)

    @property
    def pid(self):
        return self.process.pid

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Server:
    def __init__(self, described, region, port):
        self.name, self.sid = described["name"], described["sid"]
        self.region = region
        self.argv, self.control = described["argv"], described["control"]
        self.config = described["config"]
        with open(self.config, encoding="utf-8") as f:
            self.text = f.read()    # as run.sh has written it
        self.plain, self.link = described["plain"], described["link"]
        self.http, self.proxied = port(), port()

        self.trunk = trunk_port(self.text)

    def ask(self, command):
        return ask(self.control, command)

    def figures(self):
        return figures(self.http)

    def trunks(self):
        """Return what crossed the trunks since they opened: {gate: Counter}."""
        return {t["name"]: Counter(
            lines=t["lines_sent"], up=t["lines_received"],
            bytes=t["sent"] + t["received"])
            for t in self.ask("gates") if t["state"] == "up"}


class Gate:
    def __init__(self, described, region):
        self.name, self.region = described["name"], region
        self.argv, self.control = described["argv"], described["control"]
        self.config, self.plain = described["config"], described["plain"]
        with open(self.config, encoding="utf-8") as f:
            self.text = f.read()    # as run.sh has written it


def links_by_broker(url, peers):
    """Return the links of a configuration, through a broker. peers: {sid: (name,
    pin)}."""
    return "links = (\n" + ",\n".join(
        f'\t{{ name = "{name}"; sid = "{sid}"; pin = "{pin}"; '
        f'broker = "{url}"; }}' for sid, (name, pin) in sorted(peers.items())
    ) + "\n);"


def described(text, region):
    """Return the configuration of a server, with its region."""
    text, n = re.subn(r"^server = \{", f'\\g<0>\n\tregion = "{region}";',
                      text, flags=re.M)
    assert n == 1
    return text


def trunk_port(text):
    """Return the port for gates in the configuration of a server."""
    return int(re.search(r'port = (\d+);[^}]*for = "gates"', text).group(1))


# All that has been counted up to a moment.
Counted = namedtuple("Counted", "figures cpu distance")


class Network:
    """Servers that are linked in a line, in the order of their regions. A line has
    no link too many, so what crosses a link is needed behind it."""

    def __init__(self, folder, nservers, nregions):
        self.folder = folder
        self.regions = list(REGIONS)[:nregions]
        self.programs = []
        self.by_broker = False
        self.rules, self.ports = [], {}
        self.dir = os.path.join(folder, "net")
        self.base = free_base()
        self.run("--servers", str(nservers), "--gates", str(nregions), "--graph",
                 "line", "--port", str(self.base), "--no-limits", "--no-install",
                 "--detach")
        self.run("--stop")
        with open(os.path.join(self.dir, "network.json"),
                  encoding="utf-8") as f:
            described = json.load(f)
        self.servers = [Server(d, region, self.free_port) for d, region in
                        zip(described["servers"],
                            spread(nservers, self.regions))]
        self.gates = [Gate(d, region) for d, region in
                      zip(described["gates"], self.regions)]
        for server in self.servers:
            for region in self.regions:
                for port in (server.plain, server.proxied, server.trunk):
                    self.way(region, server.region, port)

    def run(self, *args):
        done = subprocess.run(
            [os.path.join(TOP, "contrib", "run.sh"), "--dir", self.dir, *args],
            capture_output=True, text=True, timeout=RUN_S, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)

    def free_port(self):
        """Return a port that is not one of those that run.sh has given."""
        return next(p for p in iter(free_port, None)
                    if not self.base <= p < self.base + PORTS)

    # ---- ways ----

    def way(self, here, there, port):
        """Return the port by which programs of a region reach that port of a
        program in another one."""
        ms = distance(here, there)
        if ms == 0:
            return port
        key = here, port
        if key not in self.ports:
            self.ports[key] = self.free_port()
            self.rules.append((self.ports[key], port, ms))
        return self.ports[key]

    def distance_ms(self, region, server):
        return distance(region, self.servers[server].region)

    def home(self, region):
        """Return the region of servers that is next to people of a region."""
        home = next(r for r, of in REGIONS.items() if region in of)
        return min(self.regions, key=lambda r: distance(r, home))

    def door(self, region, server):
        """Return the port by which clients of a region reach a server."""
        s = self.servers[server]
        return self.way(region, s.region, s.plain)

    def configure(self, i):
        """Put the distance into the links of server i, and add listeners for
        balancers and for its figures."""
        server = self.servers[i]
        text = server.text
        for peer in self.servers:
            text = text.replace(
                f'address = "127.0.0.1:{peer.link}"', 'address = "127.0.0.1:'
                f'{self.way(server.region, peer.region, peer.link)}"')
        text, n = re.subn(r"^listen = \(\n", CONF_LISTEN.format(
            http=server.http, proxied=server.proxied), text, flags=re.M)
        assert n == 1, server.config
        with open(server.config, "w", encoding="utf-8") as f:
            f.write(described(text, server.region))

    # ---- programs ----

    def add(self, kind, name, argv, **kwargs):
        self.programs.append(Program(kind, name, argv, **kwargs))
        return self.programs[-1]

    @contextlib.contextmanager
    def stopping(self):
        """Write the configurations anew, for one row, and stop at the end all that
        it has started."""
        for i in range(len(self.servers)):
            self.configure(i)
        try:
            yield self
        finally:
            for program in reversed(self.programs):
                program.stop()
            self.programs, self.by_broker = [], False

    def start(self):
        """Start all servers without what they knew, and the distance."""
        self.between = self.add(
            "distance", "delay", [os.path.join(BUILD, "tests/compare/delay"),
                                  *("%d:%d:%d" % r for r in self.rules)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.between.process.stdout.readline() == "ready\n"
        for s in self.servers:
            state = os.path.join(os.path.dirname(s.config), "state")
            shutil.rmtree(state, ignore_errors=True)
            self.add("server", s.name, s.argv, **DEVNULL)
        until("all servers are linked", self.is_whole)

    def is_whole(self):
        for i, s in enumerate(self.servers):
            peers = (i > 0) + (i + 1 < len(self.servers))
            if self.by_broker:
                peers = len(self.servers) - 1
            links = s.ask("links")
            status = s.ask("status")
            if sum(x["state"] == "up" for x in links) != peers or \
               not status or not status[0]["ready"] or \
               status[0]["servers"] != len(self.servers):
                return False
        return True

    def haproxy(self, how):
        """Start an haproxy in each region, in front of all servers. Return their
        ports, by region."""
        haproxy = find_program("haproxy")
        ports = {}
        for region in self.regions:
            ports[region] = self.free_port()
            servers = "\n".join(HAPROXY_SERVER.format(
                name=s.name, http=s.http,
                port=self.way(region, s.region, s.proxied))
                for s in self.servers)
            file = os.path.join(self.folder, f"haproxy-{region}.cfg")
            with open(file, "w", encoding="ascii") as f:
                f.write(HAPROXY.format(port=ports[region], how=how,
                                       servers=servers))
            self.add("balancer", "haproxy-" + region,
                     [haproxy, "-db", "-f", file], **DEVNULL)
        for port in ports.values():
            until("haproxy listens", lambda port=port: socket.socket()
                  .connect_ex(("127.0.0.1", port)) == 0)
        return ports

    def broker(self, kind):
        """Start a broker in the first region, and let all servers link through it.
        It comes before start()."""
        port, self.by_broker = self.free_port(), True
        name, *args = BROKERS[kind](port, self.folder)
        self.add("broker", kind, [find_program(name), *args], **DEVNULL)
        until(f"{name} listens", lambda: socket.socket().connect_ex(
            ("127.0.0.1", port)) == 0)
        peers = {sid: (name, pin) for s in self.servers
                 for name, sid, pin in LINK.findall(s.text)}
        for server in self.servers:
            url = f"{kind}://127.0.0.1:" + str(
                self.way(server.region, self.regions[0], port))
            with open(server.config, encoding="utf-8") as f:
                text = f.read()
            text, n = re.subn(r"^links = \(.*?^\);", links_by_broker(
                url, {sid: p for sid, p in peers.items() if sid != server.sid}),
                text, flags=re.M | re.S)
            assert n == 1, server.config
            with open(server.config, "w", encoding="utf-8") as f:
                f.write(text)

    def start_gates(self, strategy):
        """Start a gate in each region, in front of all servers. Return their ports,
        by region."""
        for gate in self.gates:
            with open(gate.config, "w", encoding="utf-8") as f:
                f.write(self.gate_text(gate, strategy))
            self.add("gate", gate.name, gate.argv, **DEVNULL)
        for gate in self.gates:
            until(f"{gate.name} has a trunk to each server", lambda gate=gate: sum(
                s["state"] == "up" for s in ask(gate.control, "servers")) ==
                len(self.servers))
        return {gate.region: gate.plain for gate in self.gates}

    def gate_text(self, gate, strategy):
        """Return the configuration of a gate: all servers, with the distance in its
        trunks."""
        pins = {sid: pin for s in self.servers for sid, pin in re.findall(
            r'sid = "(\w+)"; pin = "(\w+)"', s.text)}
        ports = {s.sid: self.way(gate.region, s.region, s.trunk)
                 for s in self.servers}
        servers = ", ".join(
            f'{{ address = "127.0.0.1"; port = {port}; pin = "{pins[sid]}"; }}'
            for sid, port in ports.items())
        text, n = re.subn(r"^servers = \( .* \);", f"servers = ( {servers} );",
                          gate.text, flags=re.M)
        assert n == 1
        return (f'{text}region = "{gate.region}";\nlearn = false;\n'
                f'strategy = "{strategy}";\n')

    # ---- counters ----

    def counted(self):
        pipe = self.between.process
        pipe.stdin.write("\n")
        pipe.stdin.flush()
        rules = json.loads(pipe.stdout.readline())
        return Counted([s.figures() for s in self.servers],
                       Counter({(p.kind, p.name): cpu_ns(p.pid)
                                for p in self.programs}),
                       {r: a + b for r, (a, b, _) in zip(self.rules, rules)})

    def trunks(self):
        """Return what crossed the trunks of each server since they opened."""
        return [s.trunks() for s in self.servers]

    def trunked(self, before, after):
        """Return what crossed all trunks, and those between regions, between two
        calls of trunks(): lines to gates (lines), lines of gates (up), bytes."""
        total, far = Counter(), Counter()
        for server, had, has in zip(self.servers, before, after):
            for gate in self.gates:
                grew = has.get(gate.name, Counter()) - had.get(gate.name, Counter())
                total += grew
                if gate.region != server.region:
                    far += grew
        return total, far

    def has(self, kind):
        return any(p.kind == kind for p in self.programs)

    def descriptors(self):
        return sum(p.descriptors() for p in self.programs
                   if p.kind != "distance")

    def edges(self):
        """Yield the links, and whether each is between regions."""
        for i in range(len(self.servers) - 1):
            a, b = self.servers[i], self.servers[i + 1]
            yield i, i + 1, a.region != b.region

    def published(self, before, after):
        """Return how many entries of the log went to the servers through a broker,
        and the bytes to it and from it; and what of that left its region."""
        def entries(grew, origin):
            return grew[f'banyan_origin_entries_total{{sid="{origin.sid}"}}']
        total, far, first = Counter(), Counter(), None
        for had, has, server in zip(before.figures, after.figures, self.servers):
            grew = Counter({k: v - had.get(k, 0) for k, v in has.items()})
            first = first or grew
            passed = Counter(
                entries=sum(entries(grew, s) for s in self.servers
                            if s is not server),
                bytes=sum(v for k, v in grew.items() if k.startswith((
                    "banyan_broker_sent_bytes_total",
                    "banyan_broker_received_bytes_total"))))
            total += passed
            if server.region != self.regions[0]:
                far += passed + Counter(entries=entries(first, server))
        return total, far

    def relayed(self, before, after):
        """Return how many entries of the log and bytes crossed all links, and the
        links between regions."""
        if self.by_broker:
            return self.published(before, after)

        def grew(i, name):
            return after.figures[i].get(name, 0) - before.figures[i].get(name,
                                                                         0)

        def entries(to, origins):
            return sum(grew(to, f'banyan_origin_entries_total{{sid="{s.sid}"}}')
                       for s in origins)

        def sent(i, peer):
            return grew(i, 'banyan_link_sent_bytes_total'
                        f'{{peer="{self.servers[peer].name}"}}')
        total, far = Counter(), Counter()
        for a, b, is_far in self.edges():
            crossed = Counter(
                entries=entries(b, self.servers[:b]) +
                entries(a, self.servers[b:]),
                bytes=sent(a, b) + sent(b, a))
            total += crossed
            if is_far:
                far += crossed
        return total, far
