#!/usr/bin/python3
"""brokers.py [OPTION...] [WAY...]: what a line costs that a user says on one server
and users of all others read, by the way that links take: tcp (each server has a link
to each other over TLS), nats, redis.

The servers link with each other, all with all, and each has one user in one
channel. All users speak at the same rate for some seconds. The table has the CPU
time of all servers and of the broker for each line said, and the bytes that the
servers have sent each other, or published; a broker sends each of these on to all
other servers. No figure decides anything.
"""
import argparse
import os
import shutil
import sys
import tempfile
import threading
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))
from brokers import Broker, BrokerNetwork, figures  # noqa: E402
from harness import Network, until  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
TEXT = "a line of the length that people say, more or less, and a bit more"


def cpu(process):
    """Return the seconds of CPU time of a process."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as f:
        words = f.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICK


def sent(net, way):
    if way == "tcp":
        return sum(x["sent"] for s in net for x in s.ask("links"))
    return sum(figures(s)["sent_bytes"] for s in net)


def datagrams(net, way):
    return 0 if way == "tcp" else sum(figures(s)["sent"] for s in net)


class Person:
    """A user who speaks, and counts what the user hears."""

    def __init__(self, server, nick):
        self.client = server.client(nick)
        self.client.join("#bench")
        self.heard = 0

    def listen(self):
        def read():
            rest = b""
            while data := self.client.sock.recv(1 << 16):
                lines = (rest + data).split(b"\n")
                rest = lines.pop()
                for x in lines:
                    self.heard += b" PRIVMSG #bench :" in x
                    if x.startswith(b"PING "):
                        self.client.raw(b"PONG" + x[4:] + b"\n")
        self.client.sock.settimeout(None)
        threading.Thread(target=read, daemon=True).start()

    def say(self, n):
        self.client.raw(f"PRIVMSG #bench :{TEXT}\r\n".encode() * n)


def network(folder, way, n):
    if way == "tcp":
        return None, Network(os.path.join(folder, way), n, "full", ())
    broker = Broker(os.path.join(folder, "broker-" + way), way).start()
    return broker, BrokerNetwork(os.path.join(folder, way), broker, n)


def measure(folder, way, args):
    broker, net = network(folder, way, args.servers)
    try:
        for s in net:
            s.config["log"]["level"] = "notice"
        net.start()
        people = [Person(s, f"user{i}") for i, s in enumerate(net)]
        net.await_nicks(*(p.client.nick for p in people))
        net.await_same_facts()
        for p in people:
            p.listen()
        before = [cpu(s.process) for s in net], sent(net, way), \
            datagrams(net, way), cpu(broker.process) if broker else 0
        lines, begun = 0, time.monotonic()
        while time.monotonic() < begun + args.seconds:
            for p in people:
                p.say(args.burst)
            lines += args.burst * len(people)
            time.sleep(max(0, begun + lines / args.rate - time.monotonic()))
        want = lines // len(people) * (len(people) - 1)
        until("all is heard", lambda: all(p.heard == want for p in people))
        took = time.monotonic() - begun
        return {
            "way": way, "lines/s": f"{lines / took:.0f}",
            "servers us": 1e6 * (sum(cpu(s.process) for s in net) -
                                 sum(before[0])) / lines,
            "broker us": 1e6 * ((cpu(broker.process) if broker else 0) -
                                before[3]) / lines,
            "bytes": (sent(net, way) - before[1]) / lines,
            "datagrams": (datagrams(net, way) - before[2]) / lines,
        }
    finally:
        net.kill()
        if broker:
            broker.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=
                                     argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", nargs="*", default=["tcp", "nats", "redis"])
    parser.add_argument("--servers", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=1000,
                        help="lines a second, of all users together")
    parser.add_argument("--burst", type=int, default=1,
                        help="lines that each user says at once")
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="bench-brokers-")
    try:
        rows = [measure(folder, way, args) for way in args.way]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for row in [dict(zip(rows[0], rows[0])), *rows]:
        print(" ".join((v if isinstance(v, str) else f"{v:.2f}").rjust(11)
                       for v in row.values()))


if __name__ == "__main__":
    main()
