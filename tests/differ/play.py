"""Plays a transcript to a server, and collects what each client is sent in each
step."""
import dataclasses
import itertools
import re
import socket
import time

# How long a server may take to welcome a client that the other has welcomed:
# inspircd looks once a second. banyand, which is first, answers a PING while it
# still looks at a client, but no client is looked at for longer than this.
WELCOME_S = 20
FIRST_S = 3
CLOSED, SILENT = b"CLOSED", b"SILENT"
# A server that has not answered a PING by then is not going to.
SILENT_S = 60


def local(ip):
    """Return an address of loopback for that of a transcript."""
    return ip if ip.startswith("127.") else "127." + ip.partition(".")[2]


class Client:
    """A client that sends lines, and then waits until the server has answered
    a PING. inspircd answers no PING before the client is registered, and does
    not say when that is; `early` is a command with an answer that tells."""
    tokens = itertools.count(1)

    def __init__(self, port, ip, early):
        self.early = early
        self.sock = socket.socket()
        self.sock.settimeout(SILENT_S)
        self.sock.bind((local(ip), 0))
        self.sock.connect(("127.0.0.1", port))
        self.buffer, self.got = b"", []
        self.closed = self.welcomed = False

    def send(self, data):
        try:
            self.sock.sendall(data + b"\r\n")
        except OSError:
            pass    # what the server said before it closed is read yet

    def line(self):
        """Return the next line, or None at the end of the stream."""
        while b"\n" not in self.buffer:
            try:
                data = self.sock.recv(65536)
            except ConnectionError:
                data = b""
            except TimeoutError:
                self.got.append(SILENT)
                raise
            if not data:
                if not self.closed:
                    self.closed = True
                    self.got.append(CLOSED)
                return None
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def sync(self):
        """Keep all lines up to the answer to a PING."""
        if self.closed:
            return
        token = b"differ%d" % next(self.tokens)
        early = self.early if not self.welcomed else b""
        self.send(early or b"PING " + token)
        try:
            self.read_to(early, token)
        except TimeoutError:
            self.closed = True

    def read_to(self, early, token):
        while (line := self.line()) is not None:
            words = line.split()
            if line.startswith(b"@"):
                words.pop(0)
            if words[1:2] == [b"001"]:
                self.welcomed = True
            if early and words[1:2] == [b"700"]:
                continue
            if early and (words[1:2] == [b"701"] or
                          words[1:4:2] == [b"451", early]):
                return
            if b"PONG" in words[:2] and words[-1].lstrip(b":") == token:
                return
            self.got.append(line)

    def take(self):
        got, self.got = self.got, []
        return got


@dataclasses.dataclass
class Step:
    """The answer of a server to an action of a client: `got` has the lines of each
    client, `welcomed` those who were registered by it."""
    line: int
    on: str
    name: str
    got: dict
    welcomed: set


def connect(client, options):
    for cap in filter(None, options["caps"].split(",")):
        client.send(b"CAP REQ :" + cap.encode())
    if options["pass"]:
        client.send(b"PASS " + options["pass"].encode())
    client.send(b"NICK " + options["nick"].encode())
    client.send(b"USER %s 0 * :%s" % (options["user"].encode(),
                                      options["real"].encode()))
    if options["caps"]:
        client.send(b"CAP END")


def verb_of(data):
    """Return the verb of a line, or OTHER for what is none."""
    text = data.decode("utf-8", "replace")
    if text.startswith("@"):
        text = text.partition(" ")[2]
    words = text.split()
    if words and words[0].startswith(":"):
        words.pop(0)
    verb = words[0].upper() if words else ""
    return verb if re.fullmatch(r"[A-Z]{1,12}", verb) else "OTHER"


class Player:
    """Plays one transcript to one server. `hints` are the steps of the other
    server, if it was first."""

    def __init__(self, transcript, server, hints=()):
        self.transcript, self.hints = transcript, hints
        self.port, self.early = server.port, server.early
        self.clients = {}

    def play(self):
        steps = []
        for k, action in enumerate(self.transcript.actions):
            hint = self.hints[k].welcomed if k < len(self.hints) else set()
            steps.append(self.step(action, hint))
        for client in self.clients.values():
            client.sock.close()
        return steps

    def step(self, action, hint):
        before = {n for n, c in self.clients.items() if c.welcomed}
        on = getattr(self, action.what)(action)
        self.settle([name for name, _ in action.sent])
        if on == "CONNECT" and not self.hints:
            self.await_welcome(action.name, FIRST_S)
        for name in hint:
            self.await_welcome(name, WELCOME_S)
        if hint:
            self.settle([])
        got = {name: c.take() for name, c in self.clients.items()}
        now = {n for n, c in self.clients.items() if c.welcomed}
        return Step(action.line, on, action.name, got, now - before)

    def open(self, action):
        self.clients[action.name] = Client(
            self.port, action.options["ip"], self.early)
        return "OPEN"

    def connect(self, action):
        self.open(action)
        connect(self.clients[action.name], action.options)
        return "CONNECT"

    def send(self, action):
        """Send lines. Those of different clients that are sent together come in
        this order, by which both servers decide what is too late."""
        last = None
        for name, data in action.sent:
            if last not in (None, name) and last in self.clients:
                self.clients[last].sync()
            last = name
            if name in self.clients:
                self.clients[name].send(data)
        return verb_of(action.sent[-1][1])

    def drop(self, action):
        """Close a connection, and give the server time to see it."""
        self.clients.pop(action.name).sock.close()
        for _ in range(3):
            time.sleep(0.05)
            self.settle([])
        return "DROP"

    def settle(self, first):
        for name in first:
            if name in self.clients:
                self.clients[name].sync()
        for name, client in self.clients.items():
            client.sync()

    def await_welcome(self, name, seconds):
        client = self.clients.get(name)
        end = time.monotonic() + seconds
        while client and not client.welcomed and not client.closed and \
                time.monotonic() < end:
            time.sleep(0.02)
            client.sync()
