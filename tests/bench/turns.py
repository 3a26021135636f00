#!/usr/bin/python3
"""turns.py [OPTION...] BUILD...: how long one turn of banyand's loop takes.

For each BUILD, a folder that holds banyand: CHANNELS channels are made and USERS
clients join one more; then CLIENTS clients send the same line at once, and
another client asks PING all the while. The table shows, for each line and
build: the CPU time of the server, the CPU time of its longest turn, how many
turns took more than 20 ms, how many turns there were, and the longest time
that an answer to a PING took. Builds take turns, so that a machine that gets
slower does so for all of them. No figure decides anything.
"""
import argparse
import ctypes
import mmap
import multiprocessing
import os
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time

MAKERS = 50         # clients that make the channels
NAMES_A_LINE = 40   # that one of them joins with one line
CONF = """
state = "{folder}/state";
server = {{ name = "s1.test"; sid = "1AA"; network = "Turns"; }};
listen = ( {{ address = "127.0.0.1"; port = {port}; }} );
classes = (
	{{ name = "makers"; net = "127.0.0.1/32"; flood_burst = 0;
	   channels = 0; recvq = 262144; registration_s = 0;
	   ping_s = 86400; }}
);
"""

# what it is called, the line, what its last line has in it
TESTS = [
    ("LIST *z,*z,… (160 masks)", "LIST " + ",".join(["*z"] * 160), b" 323 "),
    ("LIST of 10 masks", "LIST " + ",".join(["*z"] * 10), b" 323 "),
    ("LIST *0*0*0*0z", "LIST *0*0*0*0z", b" 323 "),
    ("LIST", "LIST", b" 323 "),
    ("LIST !*a*,>100,C>100", "LIST !*a*,>100,C>100", b" 323 "),
    ("WHO *a*a*a*b", "WHO *a*a*a*b", b" 315 "),
    ("WHO *", "WHO *", b" 315 "),
    ("WHO #all", "WHO #all", b" 315 "),
    ("NAMES #all", "NAMES #all", b" 366 "),
    ("MAP", "MAP", b" 017 "),
]


class Turns(ctypes.Structure):
    """See turns.c."""
    _fields_ = [(name, ctypes.c_uint64) for name in
                ("turns", "longest_ns", "total_ns", "too_long", "ask",
                 "in_use")]


class Client:
    """One that has registered; source decides its class."""

    def __init__(self, port, nick, source="127.0.0.1"):
        self.nick = nick
        self.rest = b""
        self.s = socket.create_connection(("127.0.0.1", port),
                                          source_address=(source, 0))
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send(f"NICK {nick}", "USER u 0 * :r")
        self.wait(b" 422 ")

    def send(self, *lines):
        self.s.sendall("".join(line + "\r\n" for line in lines).encode())

    def read(self):
        """Return the lines that have come; wait until there is something."""
        got = self.s.recv(1 << 18)
        if not got:
            raise SystemExit(f"{self.nick} was closed")
        *lines, self.rest = (self.rest + got).split(b"\r\n")
        if any(line.startswith(b"PING") for line in lines):
            self.send("PONG x")
        return lines

    def wait(self, word):
        while not any(word in line for line in self.read()):
            pass


class Server:
    def __init__(self, build, port, preload):
        self.name = build
        self.port = port
        self.folder = tempfile.mkdtemp(prefix="turns.")
        os.mkdir(f"{self.folder}/state")
        conf = f"{self.folder}/banyand.conf"
        with open(conf, "w", encoding="ascii") as f:
            f.write(CONF.format(folder=self.folder, port=port))
        turns = f"{self.folder}/turns"
        self.process = subprocess.Popen(
            [f"{build}/banyand", "-f", conf],
            env=dict(os.environ, LD_PRELOAD=preload, TURNS_FILE=turns),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.until_it_listens()
        with open(turns, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 4096)
        self.turns = Turns.from_buffer(self.map)
        self.clients = []

    def until_it_listens(self):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"{self.name} does not listen")

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def clear(self):
        ctypes.memset(ctypes.addressof(self.turns), 0, ctypes.sizeof(Turns))

    def fill(self, channels, users):
        for m in range(MAKERS):
            c = Client(self.port, f"maker{m}")
            names = [f"#{m:02}x{i:05}" for i in range(channels // MAKERS)]
            while names:
                c.send("JOIN " + ",".join(names[:NAMES_A_LINE]))
                del names[:NAMES_A_LINE]
            c.send("PING :made")
            c.wait(b":made")
            self.clients.append(c)
        for u in range(users):
            c = Client(self.port, f"user{u}")
            c.send(f"MODE user{u} -i", "JOIN #all")
            c.wait(b" 366 ")
            self.clients.append(c)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.folder)


def probe(port, nick, stop, result, line="PING x", answer=b" PONG "):
    """Ask PING after PING, or another line, in a process of its own; tell the
    longest time."""
    c = Client(port, nick)
    longest, count = 0.0, 0
    while not stop.is_set():
        began = time.monotonic()
        c.send(line.format(count))
        c.wait(answer)
        longest = max(longest, time.monotonic() - began)
        count += 1
        time.sleep(0.001)
    result.put((longest, count))


def ask(server, line, end, clients):
    """Let the clients ask at once, and return when all have their answer."""
    waiting = selectors.DefaultSelector()
    for i in range(clients):
        c = Client(server.port, f"asker{i}", "127.0.0.2")
        waiting.register(c.s, selectors.EVENT_READ, c)
    stop, result = multiprocessing.Event(), multiprocessing.Queue()
    other = multiprocessing.Process(target=probe,
                                    args=(server.port, "probe", stop, result))
    other.start()
    time.sleep(0.2)
    server.clear()
    cpu = server.cpu()
    for key in list(waiting.get_map().values()):
        key.data.send(line)
    while waiting.get_map():
        for key, _ in waiting.select():
            if any(end in text for text in key.data.read()):
                waiting.unregister(key.fileobj)
                key.fileobj.close()
    cpu = server.cpu() - cpu
    t = server.turns
    figures = (cpu, t.longest_ns / 1e6, t.too_long, t.turns)
    stop.set()
    longest, count = result.get()
    other.join()
    return figures + (longest * 1e3, count)


def row(name, build, figures):
    print(f"{name:28} {build[-24:]:24} {figures[0]:7.2f} {figures[1]:12.1f}"
          f" {figures[2]:6} {figures[3]:6} {figures[4]:9.1f}", flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    a.add_argument("--preload", required=True, help="turns.so")
    a.add_argument("--channels", type=int, default=50000)
    a.add_argument("--users", type=int, default=2000)
    a.add_argument("--clients", type=int, default=32)
    a.add_argument("--rounds", type=int, default=1)
    a.add_argument("--port", type=int, default=28900)
    a.add_argument("--test", action="append", help="part of a name")
    a.add_argument("builds", nargs="+", metavar="BUILD")
    o = a.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    tests = [t for t in TESTS
             if not o.test or any(name in t[0] for name in o.test)]
    servers = []
    print(f"{f'{o.clients} clients ask':28} {'build':24} {'CPU s':>7}"
          f" {'longest ms':>12} {'>20ms':>6} {'turns':>6} {'PING ms':>9}")
    try:
        for i, build in enumerate(o.builds):
            servers.append(Server(build, o.port + i,
                                  os.path.abspath(o.preload)))
            servers[-1].fill(o.channels, o.users)
        for _ in range(o.rounds):
            for name, line, end in tests:
                for s in servers:
                    row(name, s.name, ask(s, line, end, o.clients))
    finally:
        for s in servers:
            s.stop()


if __name__ == "__main__":
    main()
