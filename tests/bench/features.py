#!/usr/bin/env python3
"""features.py [--rounds N] [ROW...]: what features cost, `make features`.

Each row starts two servers of this build, with and without a feature, and lets
bench measure both in the same rounds. The ratio in the row of "without" is that
of the server with the feature to the other one.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from harness import BANYANCTL, BUILD, Client, Server, free_port  # noqa: E402

BANS = 100000
BANS_AT_ONCE = 500
PASSWORD = "secret"

# Nothing is bounded but the queues, as with `contrib/run.sh --no-limits`.
CLASS = {"name": "all", "flood_burst": 0, "per_address": 0, "per_network": 0,
         "connect_rate": 0, "channels": 0, "nick_changes": 0, "joins": 0,
         "targets": 0, "registration_s": 0, "sendq": 16777216,
         "recvq": 262144}


def built_modules():
    folder = os.path.join(BUILD, "modules")
    return sorted(f[:-3] for f in os.listdir(folder) if f.endswith(".so"))


class Without:
    """A server without the feature; the others are made from it."""

    def __init__(self, folder):
        self.server = Server(folder)
        self.server.config["classes"] = [dict(CLASS)]
        self.server.config["log"]["level"] = "notice"
        self.server.config["dns"] = {"enabled": False}
        self.processes = []

    def start(self):
        self.server.start()
        file = os.path.join(self.server.folder, "network.json")
        with open(file, "w", encoding="utf-8") as f:
            json.dump({"servers": [{"sid": self.server.sid,
                                    "pid": self.server.process.pid,
                                    "plain": self.server.plain, "tls": 0}]}, f)
        return file

    def stop(self):
        self.server.kill()
        for p in self.processes:
            p.kill()
            p.wait()


class Modules(Without):
    """All modules are loaded; those that ask lists are not configured."""

    def __init__(self, folder):
        super().__init__(folder)
        self.server.config["modules"] = built_modules()


class Bans(Without):
    """A hundred thousand bans of users, none of which matches a client."""

    def __init__(self, folder):
        super().__init__(folder)
        verifier = subprocess.run([BANYANCTL, "hash"], input=PASSWORD + "\n",
                                  capture_output=True, text=True, check=True)
        self.server.config["opers"] = [{"name": "admin",
                                        "password": verifier.stdout.strip()}]
        self.server.config["bans"] = {"max": 2 * BANS}

    def start(self):
        file = super().start()
        oper = Client(self.server.plain, "oper")
        oper.send("OPER admin " + PASSWORD)
        oper.expect(" 381 ")
        for first in range(0, BANS, BANS_AT_ONCE):
            oper.send(*(f"KLINE {self.mask(i)} :spam"
                        for i in range(first, first + BANS_AT_ONCE)))
            oper.ask()
        oper.close()
        have = len(self.server.ask("bans"))
        assert have >= BANS, have
        return file

    @staticmethod
    def mask(i):
        """Networks, hosts, and masks with wildcards, a third each."""
        return (f"*@10.{i >> 16}.{i >> 8 & 255}.{i & 255}",
                f"spam{i}@host{i}.example.net",
                f"*bot{i}*@*.dial{i}.example.org")[i % 3]


class Names(Without):
    """Names are looked up, and a list of addresses is asked."""

    def __init__(self, folder):
        super().__init__(folder)
        port = free_port()
        self.processes.append(subprocess.Popen(
            [shutil.which("dnsmasq"), "--keep-in-foreground", "--no-resolv",
             "--no-hosts", "--conf-file=/dev/null", "--user=", "--group=",
             f"--pid-file={folder}/dns.pid", "--listen-address=127.0.0.1",
             "--bind-interfaces", f"--port={port}", "--local=/test/",
             "--local=/in-addr.arpa/"] +
            [f"--host-record=c{i}.test,127.0.0.{i}" for i in range(1, 9)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        self.server.config["dns"] = {"servers": [f"127.0.0.1:{port}"],
                                     "private": True, "notices": False}
        self.server.config["modules"] = ["dnsbl"]
        self.server.config["dnsbl"] = {
            "lists": ["list.test refuse * listed"]}


class All(Bans):
    """Bans, names and lists of addresses."""

    def __init__(self, folder):
        super().__init__(folder)
        names = Names(os.path.join(folder, "names"))
        self.processes = names.processes
        for key in ("dns", "modules", "dnsbl"):
            self.server.config[key] = names.server.config[key]


# the row: the feature, and the tests of bench.c
ROWS = {"modules": (Modules, ["one10", "private", "register"]),
        "bans": (Bans, ["register"]),
        "names": (Names, ["register"]),
        "all": (All, ["register"])}


def measure(name, rounds, folder):
    feature, tests = ROWS[name]
    networks = [feature(os.path.join(folder, "with")),
                Without(os.path.join(folder, "without"))]
    try:
        files = [n.start() for n in networks]
        print(f"---- {name}", flush=True)
        return subprocess.run(
            [os.path.join(BUILD, "tests/bench/bench"), "--rounds", str(rounds),
             "--seconds", "600", "--beside", "without=" + files[1],
             os.path.join(BUILD, "tests/bench/floor"), files[0], *tests],
            check=False).returncode
    finally:
        for n in networks:
            n.stop()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rounds", type=int, default=11)
    p.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    o = p.parse_args()
    status = 0
    for name in o.rows or ROWS:
        with tempfile.TemporaryDirectory() as folder:
            status |= measure(name, o.rounds, folder)
    return status


if __name__ == "__main__":
    sys.exit(main())
