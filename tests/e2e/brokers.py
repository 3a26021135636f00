"""Brokers for tests: nats-server and redis-server of the system, and what a
stranger at them can do."""
import os
import re
import signal
import socket
import subprocess

import harness
from harness import TIMEOUT, Network, until

KINDS = ["nats", "redis"]
PROGRAM = {"nats": "nats-server", "redis": "redis-server"}


class Broker:
    """A broker with a folder of its own. The options are those of its command
    line; start() may be called again after kill()."""

    def __init__(self, folder, kind, tls=None, password=None, options=()):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.kind, self.port = folder, kind, harness.free_port()
        self.password, self.process = password, None
        self.tls = tls      # a folder with cert.pem and key.pem
        scheme = {("nats", False): "nats", ("nats", True): "tls",
                  ("redis", False): "redis", ("redis", True): "rediss"}
        self.url = (f"{scheme[kind, tls is not None]}://127.0.0.1:"
                    f"{self.port}")
        self.options = [*getattr(self, kind)(), *options]

    def nats(self):
        out = ["-a", "127.0.0.1", "-p", str(self.port)]
        if self.password:
            out += ["--user", "banyan", "--pass", self.password]
        if self.tls:
            out += ["--tls", "--tlscert", self.file("cert"), "--tlskey",
                    self.file("key")]
        return out

    def redis(self):
        out = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
               "--dir", self.folder]
        out += ["--port", "0" if self.tls else str(self.port)]
        if self.password:
            path = os.path.join(self.folder, "redis.conf")
            with open(path, "w", encoding="utf-8") as f:
                f.write("user default off\n"
                        f"user banyan on >{self.password} allchannels +@all\n")
            out.insert(0, path)
        if self.tls:
            out += ["--tls-port", str(self.port), "--tls-cert-file",
                    self.file("cert"), "--tls-key-file", self.file("key"),
                    "--tls-ca-cert-file", self.file("cert"),
                    "--tls-auth-clients", "no"]
        return out

    def file(self, name):
        return os.path.join(self.tls, name + ".pem")

    def start(self):
        log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen(
            [PROGRAM[self.kind], *self.options], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log)
        until("the broker listens", self.listens)
        return self

    def listens(self):
        assert self.process.poll() is None, self.log()
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8",
                  errors="replace") as f:
            return f.read()

    def signal(self, signo):
        self.process.send_signal(signo)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        if self.process:
            self.process.wait()


class Stranger:
    """Subscribes to everything at a broker without TLS and password, and
    publishes what it likes."""

    def __init__(self, broker):
        self.kind = broker.kind
        self.sock = socket.create_connection(("127.0.0.1", broker.port))
        self.sock.settimeout(TIMEOUT)
        self.buffer = b""
        if self.kind == "nats":
            self.sock.sendall(b'CONNECT {"verbose":false}\r\nSUB > 1\r\n'
                              b"PING\r\n")
        else:
            self.sock.sendall(b"PSUBSCRIBE *\r\n")
            self.out = socket.create_connection(("127.0.0.1", broker.port))

    def need(self, n):
        while len(self.buffer) < n:
            data = self.sock.recv(65536)
            assert data, "the broker has closed the connection"
            self.buffer += data

    def line(self):
        while b"\r\n" not in self.buffer:
            self.need(len(self.buffer) + 1)
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def take(self, n):
        self.need(n + 2)
        out, self.buffer = self.buffer[:n], self.buffer[n + 2:]
        return out

    def next(self):
        """Return the subject and the bytes of the next message."""
        while True:
            line = self.line()
            if self.kind == "nats" and line.startswith(b"MSG "):
                words = line.split()
                return words[1].decode(), self.take(int(words[-1]))
            if self.kind == "nats" and line == b"PING":
                self.sock.sendall(b"PONG\r\n")
            if self.kind == "redis" and line.startswith(b"*"):
                parts = []
                for _ in range(int(line[1:])):
                    head = self.line()
                    if head.startswith(b"$"):
                        parts.append(self.take(int(head[1:])))
                if parts and parts[0] == b"pmessage":
                    return parts[2].decode(), parts[3]

    def publish(self, subject, data):
        s = subject.encode()
        if self.kind == "nats":
            self.sock.sendall(b"PUB %s %d\r\n%s\r\n" % (s, len(data), data))
        else:
            self.out.sendall(b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n"
                             b"%s\r\n" % (len(s), s, len(data), data))

    def close(self):
        self.sock.close()
        if self.kind == "redis":
            self.out.close()


class BrokerNetwork(Network):
    """Servers whose links all go through one broker; no server listens for
    links. With tcp, the edges in it go by TCP."""

    def __init__(self, folder, broker, n=3, tcp=(), graph="full"):
        self.broker, self.tcp = broker, tcp
        super().__init__(folder, n, graph, ())

    def block(self, i, j):
        block = super().block(i, j)
        if (i, j) in self.tcp or (j, i) in self.tcp:
            return block
        del block["address"]
        return {**block, "broker": self.broker.url}


def figures(server):
    """Return what a server tells of its only broker."""
    return server.ask("brokers")[0]


def counter(lines, nick, channel):
    """Return the numbers that nick has said in the channel."""
    return [int(m.group(1)) for x in lines if (m := re.search(
        rf"^:{nick}!\S+ PRIVMSG {channel} :(\d+)$", x))]
