#!/usr/bin/python3
"""scale.py [OPTION...] BUILD...: what large networks cost real servers.

For each BUILD, a folder that holds banyand, and each number of users N: server
A is linked with a *crowd*, a server in this process that has N users, N / 2
channels and 5 N memberships. Some clients are connected to A. Server B joins A
then; the crowd is split off and comes back; and it is forgotten. The table has a
row for each figure and a column for each build. README.md says how to read it.
No figure decides anything.
"""
import argparse
import json
import mmap
import multiprocessing
import os
import random
import re
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from turns import Client, Turns, probe

CHANS = 5            # of one user
CLIENT_CHANS = 10
NET, CROWD = "Scale", ("2BB", "crowd.test")
CONF = """
state = "{folder}/state";
control = "{folder}/ctl";
server = {{ name = "{name}"; sid = "{sid}"; network = "Scale"; }};
listen = ( {{ address = "127.0.0.1"; port = {port}; }},
           {{ address = "127.0.0.1"; port = {link}; for = "links"; }} );
links = ( {links} );
sync = {{ keep_s = 10; keep_mib = 1; silence_s = 600; }};
classes = ( {{ name = "clients"; net = "127.0.0.1/32"; flood_burst = 0;
	       channels = 0; recvq = 262144; sendq = 67108864;
	       registration_s = 0; ping_s = 86400; }} );
log = {{ file = "{folder}/log"; level = "info"; }};
"""
LINK = """{{ name = "{}"; sid = "{}"; plaintext = true; {} }}"""


class Stuck(Exception):
    pass


class Server:
    """A banyand of a build, with links."""

    def __init__(self, build, sid, name, port, preload, links):
        self.build, self.sid, self.name = build, sid, name
        self.port, self.link = port, port + 1
        self.folder = tempfile.mkdtemp(prefix="scale.")
        os.mkdir(f"{self.folder}/state")
        conf = f"{self.folder}/banyand.conf"
        with open(conf, "w", encoding="ascii") as f:
            f.write(CONF.format(folder=self.folder, name=name, sid=sid,
                                port=port, link=self.link, links=links))
        turns = f"{self.folder}/turns"
        self.process = subprocess.Popen(
            [f"{build}/banyand", "-f", conf],
            env=dict(os.environ, LD_PRELOAD=preload, TURNS_FILE=turns),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.until("listens", lambda: "ready" in self.status(), 20)
        with open(turns, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 4096)
        self.turns = Turns.from_buffer(self.map)

    def until(self, what, condition, timeout):
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                raise Stuck(f"{self.name}: not within {timeout} s: {what}")
            if self.process.poll() is not None:
                raise Stuck(f"{self.name} ended")
            time.sleep(0.05)

    def ctl(self, *args):
        return subprocess.run(
            [f"{self.build}/banyanctl", "-s", f"{self.folder}/ctl", *args],
            capture_output=True, text=True, check=False).stdout

    def status(self):
        lines = self.ctl("--json", "status").splitlines()
        return json.loads(lines[0]) if lines else {}

    def said(self, pattern):
        with open(f"{self.folder}/log", encoding="utf-8") as f:
            return re.findall(pattern, f.read())

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def until_quiet(self, timeout=300):
        """Wait until the server does nothing but what it always does."""
        end = time.monotonic() + timeout
        before = -1.0
        while self.cpu() - before > 0.03:
            if time.monotonic() > end:
                raise Stuck(f"{self.name} is busy for {timeout} s")
            before = self.cpu()
            time.sleep(0.7)

    def in_use(self):
        self.turns.ask = 1
        self.until("tells its memory", lambda: self.turns.ask == 0, 30)
        return self.turns.in_use

    def rss(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) << 10

    def begin(self):
        t = self.turns
        t.turns = t.longest_ns = t.total_ns = t.too_long = 0
        self.began = self.cpu()

    def longest_ms(self):
        return self.turns.longest_ns / 1e6

    def spent(self):
        return self.cpu() - self.began

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder)


class Relay(threading.Thread):
    """Carries one connection after the other to a port, and counts the bytes
    that come back. They are also written to the file `dump`."""
    dump = None

    def __init__(self, port):
        super().__init__(daemon=True)
        self.to, self.bytes = port, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            here, _ = self.listener.accept()
            there = socket.create_connection(("127.0.0.1", self.to))
            threading.Thread(target=self.carry, args=(here, there, False),
                             daemon=True).start()
            self.carry(there, here, True)

    def carry(self, a, b, counts):
        try:
            while data := a.recv(1 << 18):
                if counts:
                    self.bytes += len(data)
                    if self.dump:
                        self.dump.write(data)
                b.sendall(data)
        except OSError:
            pass
        a.close()
        b.close()


class Crowd:
    """A server of many users. It keeps no facts: it makes its entries in order,
    and makes none of them again. Names are random letters: a compressor finds
    less in them than in the names of people."""

    def __init__(self, server, users):
        self.server, self.users, self.chans = server, users, users // 2
        self.o = f"{CROWD[0]}.{int(time.time())}"
        self.n = self.instance = self.lseq = 0
        self.stamp = 0
        self.random = random.Random(1)
        self.have = {}          # origin -> number, of others
        self.sock, self.lock = None, threading.Lock()

    def write(self, data):
        with self.lock:         # two threads send
            self.sock.sendall(data)

    def line(self, text):
        self.write(text.encode() + b"\r\n")

    def dial(self):
        """Link, and wait until the link is up."""
        self.sock = socket.create_connection(("127.0.0.1", self.server.link))
        self.up = threading.Event()
        self.instance = time.time_ns() // 1000000 << 20
        now = self.instance >> 20
        self.line(f"HELLO 1 {self.o} {max(now, self.stamp)} {CROWD[1]} "
                  f"{self.instance} :clock={now} network={NET}")
        threading.Thread(target=self.read, args=(self.sock,),
                         daemon=True).start()
        if not self.up.wait(60):
            raise Stuck("the crowd is not linked")

    def read(self, sock):
        rest = b""
        try:
            while data := sock.recv(1 << 18):
                *lines, rest = (rest + data).split(b"\r\n")
                for ln in lines:
                    self.hear(ln)
        except OSError:
            pass

    def hear(self, ln):
        if ln.startswith(b"HELLO"):
            self.lseq += 1
            now = time.time_ns() // 1000000
            self.line(f"LSA {self.o} {self.lseq} {now} "
                      f"{self.server.sid},{self.instance},10 :{self.o}={self.n}")
            self.line("SYNC " + " ".join(
                f"{o}={n}" for o, n in {**self.have, self.o: self.n}.items()
                if n))
        elif ln.startswith(b"SYNC"):
            self.up.set()
        elif ln.startswith(b"ENTRY"):
            w = ln.split()
            self.have[w[1].decode()] = int(w[2])
        elif ln.startswith(b"BEAT"):
            self.line(f"BEAT {self.n} {time.time_ns() // 1000000}")
        elif ln.startswith(b"ERROR"):
            print("the crowd is refused:", ln.decode())

    def cut(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    # -- entries

    def entry(self, *parts):
        self.n += 1
        self.stamp = max(time.time_ns() // 1000000, self.stamp + 1)
        head = f"ENTRY {self.o} {self.n} {self.stamp} * - {len(parts)}"
        return "".join(ln + "\r\n" for ln in (head, *parts))

    def send(self, entries):
        try:
            self.write("".join(entries).encode())
        except OSError as e:
            raise Stuck("the crowd was cut off") from e

    @staticmethod
    def uid(i):
        return f"{CROWD[0]}A{i:05}"

    def word(self, least, most):
        letters = "abcdefghijklmnopqrstuvwxyz"
        return "".join(self.random.choices(
            letters, k=self.random.randint(least, most)))

    def make(self, one, count):
        for i in range(0, count, 1000):
            self.send(one(k) for k in range(i, min(i + 1000, count)))

    def make_ready(self):
        self.send([self.entry(f"+READY {CROWD[0]} {self.o.split('.')[1]} "
                              f"{CROWD[1]} :many users")])

    def fill_log(self):
        """Fill the log of the server, 1 MiB, with what leaves no fact. So it
        does not grow while facts are counted."""
        note = f"+NOTE {self.uid(0)} 001 :{'x' * 4000}"
        self.send(self.entry(note) for _ in range(300))

    def make_users(self):
        def one(i):
            uid, nick = self.uid(i), self.word(3, 7) + str(i)
            ip = ".".join(str(self.random.randint(1, 254)) for _ in range(4))
            return self.entry(
                f"+USER {uid} {nick} {self.word(3, 8)} {CROWD[1]} {ip} "
                f"{self.word(4, 9)}.{self.word(4, 9)}.example.net "
                f":{self.word(3, 8)} {self.word(3, 8)}",
                f"+NICK {uid} {nick} 1 {self.stamp + 1}",
                f"+SET {uid} mode/invisible {uid} :1")
        self.make(one, self.users)

    def make_chans(self):
        self.chan = []

        def one(i):
            self.stamp += self.random.randint(0, 9)
            by = self.uid(i % self.users)
            ch = f"#{self.word(3, 9)}{i},{self.stamp + 1}.{CROWD[0]}"
            self.chan.append(ch)
            return self.entry(
                f"+CHAN {ch}", f"+CSET {ch} mode/no-external {by} :1",
                f"+CSET {ch} mode/topic-protect {by} :1")
        self.make(one, self.chans)

    def make_memberships(self):
        def one(i):
            uid = self.uid(i)
            dot = f"{self.o}.{self.n + 1}.0"
            parts = []
            for k in range(CHANS):
                ch = self.chan[(i + k * self.chans // CHANS) % self.chans]
                parts.append(f"+JOIN {ch} {uid}")
                if k == 0 and i < self.chans:
                    parts.append(f"+STAT {ch} {dot} op on {uid}")
            return self.entry(*parts)
        order = random.Random(2).sample(range(self.users), self.users)
        self.make(lambda i: one(order[i]), self.users)

    def names(self):
        return [ch.partition(",")[0] for ch in self.chan]


class Clients(threading.Thread):
    """Clients of a server, which read all that they are sent."""

    def __init__(self, server, count, chans):
        """chans: names of channels, of which each client joins some."""
        super().__init__(daemon=True)
        self.sel = selectors.DefaultSelector()
        for i in range(count):
            c = Client(server.port, f"local{i}")
            c.send("JOIN " + ",".join(
                chans[(i * CLIENT_CHANS + k) % len(chans)]
                for k in range(CLIENT_CHANS)))
            self.sel.register(c.s, selectors.EVENT_READ)
        self.start()

    def run(self):
        while self.sel.get_map():
            for key, _ in self.sel.select(1):
                try:
                    got = key.fileobj.recv(1 << 18)
                except OSError:
                    got = b""
                if not got:
                    self.sel.unregister(key.fileobj)
                    key.fileobj.close()


class Probes:
    """Clients of a server in processes of their own, each of which sends one
    line after the other and waits for the answer."""
    lines = {"PING": ("PING x", b" PONG "),
             "AWAY": ("AWAY :{}", b" 306 ")}  # it makes an entry

    def __init__(self, server):
        self.end, self.probe = multiprocessing.Event(), []
        for name, (line, answer) in self.lines.items():
            result = multiprocessing.Queue()
            p = multiprocessing.Process(
                target=probe, args=(server.port, f"probe{name}", self.end,
                                    result, line, answer))
            p.start()
            self.probe.append((name, p, result))

    def stop(self):
        """Return the longest wait of each line, in ms."""
        self.end.set()
        waits = {}
        for name, p, result in self.probe:
            waits[name] = result.get(timeout=60)[0] * 1e3
            p.join()
        return waits


class Run:
    """One build with one number of users; figures holds what was found."""

    def __init__(self, build, users, options):
        self.figures = {}
        self.users, self.options = users, options
        port = options.port
        self.preload = os.path.abspath(options.preload)
        self.a = Server(build, "1AA", "a.test", port, self.preload,
                        LINK.format(CROWD[1], CROWD[0], "") + ", " +
                        LINK.format("b.test", "3CC", ""))
        self.crowd = Crowd(self.a, users)
        self.b = None

    def note(self, name, value):
        self.figures[name] = value

    def grown(self, what, count, make):
        self.a.begin()
        before = self.a.in_use()
        make()
        self.a.until_quiet()
        self.note(f"bytes of a {what}", (self.a.in_use() - before) / count)
        self.note(f"CPU of a {what}, us", self.a.spent() * 1e6 / count)
        self.note(f"longest turn, ms: {what}s come", self.a.longest_ms())

    def until_users(self, server, count):
        server.until(f"shows {count} users",
                     lambda: server.status().get("users") == count, 200)

    def fill(self):
        self.crowd.dial()
        self.crowd.make_ready()
        self.crowd.fill_log()
        self.a.until_quiet()
        empty = self.a.in_use()
        self.grown("user", self.users, self.crowd.make_users)
        self.grown("channel", self.users // 2, self.crowd.make_chans)
        self.grown("membership", CHANS * self.users,
                   self.crowd.make_memberships)
        self.until_users(self.a, self.users)
        self.note("memory of all facts, MB", (self.a.in_use() - empty) / 1e6)
        self.note("resident memory of A, MB", self.a.rss() / 1e6)
        Clients(self.a, self.options.clients, self.crowd.names())
        self.all = self.users + self.options.clients
        self.until_users(self.a, self.all)
        self.a.until_quiet()

    def join(self):
        """B takes a snapshot. A build that cannot is left alone."""
        relay = Relay(self.a.link)
        probes = Probes(self.a)
        self.until_users(self.a, self.all + len(Probes.lines))
        self.a.begin()
        began = time.monotonic()
        self.b = Server(
            self.a.build, "3CC", "b.test", self.options.port + 2, self.preload,
            LINK.format("a.test", "1AA",
                        f'address = "127.0.0.1:{relay.port}";'))
        self.b.began = 0
        try:
            self.until_users(self.b, self.all + len(Probes.lines))
        except Stuck as e:
            probes.stop()
            print(f"  {e}", flush=True)
            self.b.stop()
            self.b = None
            return
        self.note("join: seconds until B shows all", time.monotonic() - began)
        for name, ms in probes.stop().items():
            self.note(f"join: longest wait of {name} on A, ms", ms)
        self.until_users(self.a, self.all)
        self.b.until_quiet()
        self.note("join: MB that A sent", relay.bytes / 1e6)
        self.note("join: longest turn of A, ms", self.a.longest_ms())
        self.note("join: longest turn of B, ms", self.b.longest_ms())
        self.note("join: CPU of A, s", self.a.spent())
        self.note("join: CPU of B, s", self.b.spent())
        self.note("join: resident memory of B, MB", self.b.rss() / 1e6)

    def change(self, what, act, count):
        self.a.begin()
        act()
        self.until_users(self.a, count)
        self.a.until_quiet()
        self.note(f"{what}: longest turn of A, ms", self.a.longest_ms())
        self.note(f"{what}: CPU of A, s", self.a.spent())

    def forget(self):
        """The network must be whole for 3 times KEEP, 30 s, before."""
        self.a.begin()
        self.a.ctl("forget", CROWD[0])
        self.a.until("forgets", lambda: self.a.said("forgotten"), 120)
        self.a.until_quiet()
        self.note("FORGET: longest turn of A, ms", self.a.longest_ms())
        self.note("FORGET: CPU of A, s", self.a.spent())

    def run(self):
        steps = [self.fill, self.join,
                 lambda: self.change("split", self.crowd.cut,
                                     self.options.clients),
                 lambda: self.change("heal", self.crowd.dial, self.all)]
        if not self.options.no_forget:
            steps += [self.crowd.cut, self.forget]
        try:
            for step in steps:
                step()
        except Stuck as e:
            print(f"  {e}", flush=True)
        finally:
            self.stop()
        return self.figures

    def stop(self):
        for s in (self.a, self.b):
            if s is not None:
                s.stop()


def table(users, builds, columns):
    print(f"\n{users} users, {users // 2} channels, {CHANS * users} "
          f"memberships")
    print(" " * 42 + "".join(f"{b.removesuffix('/_build')[-14:]:>15}"
                             for b in builds))
    names = dict.fromkeys(n for c in columns for n in c)
    for name in names:
        print(f"{name:42}" + "".join(
            f"{c[name]:15.2f}" if name in c else f"{'-':>15}"
            for c in columns), flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    a.add_argument("--preload", required=True, help="turns.so")
    a.add_argument("--users", type=int, nargs="+", default=[1000, 10000])
    a.add_argument("--clients", type=int, default=200)
    a.add_argument("--port", type=int, default=20000 + os.getpid() * 4 % 8000,
                   help="the first of four")
    a.add_argument("--no-forget", action="store_true",
                   help="saves half a minute for each column")
    a.add_argument("--dump", type=argparse.FileType("wb"),
                   help="write what B is sent to this file")
    a.add_argument("builds", nargs="+", metavar="BUILD")
    o = a.parse_args()
    Relay.dump = o.dump
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for users in o.users:
        table(users, o.builds, [Run(b, users, o).run() for b in o.builds])


main()
