"""The program banyan-gate, and a server's side of a trunk that a test plays by hand
(doc/gate-protocol.md)."""
import os
import re
import socket
import time

from harness import GATE, TIMEOUT, Client, Server, free_port, until


class Gate(Server):
    """A banyan-gate with a folder of its own. `config` is a dict: change it, then
    write() it. It dials the ports of `servers`, in plaintext."""

    def __init__(self, folder, servers, name="gate1", tls=False):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.name = folder, name
        self.path = os.path.join(folder, "gate.conf")
        self.control = os.path.join(folder, "ctl")
        self.log_path = os.path.join(folder, "log")
        self.pidfile = os.path.join(folder, "pid")
        self.plain, self.tls = free_port(), None
        self.process, self.program = None, GATE
        self.prefix, self.env = [], None
        self.config = {
            "name": name,
            "control": self.control,
            "pidfile": self.pidfile,
            "listen": [{"address": "127.0.0.1", "port": self.plain}],
            "servers": [self.server(port) for port in servers],
            "limits": {"per_address": 0, "connect_rate": 0},
            "log": {"file": self.log_path, "level": "debug"},
        }
        if tls:
            self.add_tls()

    @staticmethod
    def server(port):
        return {"address": "127.0.0.1", "port": port, "plaintext": True}

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with "
                                 f"{self.process.returncode}: {self.said()}")
        return self.status().get("name")

    def await_trunks(self, n=1):
        until(f"{n} trunks are up", lambda: self.status()["trunks"] == n)


def sid_of(port):
    """Return a sid of its own for each port."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return (digits[1 + port // 1296 % 9] + digits[port // 36 % 36]
            + digits[port % 36])


class Trunk(Client):
    """A trunk, seen from the server. It answers BEAT."""

    def __init__(self, sock):
        self.sock, self.nick = sock, None
        self.lines, self.buffer, self.closed = [], b"", False
        self.beats, self.beat, self.clients = 0, 0, []

    def line(self, deadline):
        while True:
            text = super().line(deadline)
            if text is None or not text.startswith("BEAT "):
                return text
            self.lines.pop()
            self.beats += 1
            self.beat = int(text.split()[1])
            self.send(f"BEAT {time.monotonic_ns() // 1000000}")

    def open(self, name="one.test", caps="network=Tests streams=1000",
             origin=None):
        """Read GATE, and answer it. Each port is another server."""
        origin = origin or f"{sid_of(self.sock.getsockname()[1])}.1"
        self.expect(r"^GATE 1 ")
        self.send(f"SERVER 1 {origin} {name} * :{caps}", f"POS {origin}=1")
        return self

    def load(self, users=0, rate=0, weight=100, flags="-", seen=0):
        self.send(f"LOAD {users} {rate} {weight} {flags} {seen}")

    def echo(self, rtt):
        """Answer a BEAT, so that the round trip takes so many ms."""
        beats = self.heard()
        until("a BEAT has come", lambda: self.heard() > beats)
        time.sleep(rtt / 1000)
        self.send(f"BEAT {time.monotonic_ns() // 1000000} {self.beat} 0")

    def heard(self):
        """Read what is there. Return how many BEATs have come so far."""
        try:
            line = self.line(time.monotonic() + 0.05)
        except TimeoutError:
            return self.beats
        raise AssertionError(f"only BEAT may come, and not {line}")

    def news(self):
        """Return the numbers of the clients that have come, and grant each."""
        found = []
        while True:
            try:
                line = self.line(time.monotonic() + 0.05)
            except TimeoutError:
                return found
            match = re.match(r"^@\S+ NEW (\d+)$", line)
            if match:
                s = match.group(1)
                found.append(int(s))
                self.send(f"QUEUES 1048576 16384 {s}", f"READ 10 {s}", "POS")

    def new(self, grant=10):
        """Wait for a client. Return its number."""
        s = self.expect(r"^@\S+ NEW (\d+)$").group(1)
        self.send(f"QUEUES 1048576 16384 {s}", f"READ {grant} {s}", "POS")
        return s


class TrunkPort:
    """Where gates dial."""

    def __init__(self, port=0):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.listener.settimeout(TIMEOUT)
        self.port = self.listener.getsockname()[1]

    def accept(self):
        return Trunk(self.listener.accept()[0])

    def open(self, **kwargs):
        return self.accept().open(**kwargs)

    def close(self):
        self.listener.close()
