"""Servers, clients and terminals for the end-to-end tests.

Nothing here sleeps to prove something: it polls, or reads, until the thing has
happened or TIMEOUT has passed. TIMEOUT is generous, because a loaded machine
is slow, and that is no failure.
"""
import hashlib
import itertools
import json
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from cable import Cable

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.abspath(os.environ.get("BUILD_DIR", os.path.join(TOP,
                                                                 "_build")))
BANYAND = os.path.join(BUILD, "banyand")
BANYANCTL = os.path.join(BUILD, "banyanctl")
GATE = os.path.join(BUILD, "banyan-gate")
TIMEOUT = float(os.environ.get("E2E_TIMEOUT", "90"))

# The seconds that a line takes from one server to the next: a number for each
# link of a network, in turn.
LINK_DELAY = [float(s) for s in os.environ.get("LINK_DELAY", "").split(",")
              if s]

# A thing that is asked for once may be slow; a thing that is polled for is
# asked often.
POLL_S = 0.05


def until(what, condition, timeout=TIMEOUT):
    """Poll until condition() is true, and return its value."""
    deadline = time.monotonic() + timeout
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:.0f} s: {what}")
        time.sleep(POLL_S)


# ---- ports ------------------------------------------------------------------

# Below the ports that the system gives to outgoing connections: none of 2000
# clients may take the port of a server that is being restarted. A test that runs
# beside this one may not, either: each process of `pytest -n` has its own range.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_RANGE = 1500 if _WORKER else 12000
_FIRST = 20000 + int(_WORKER[2:] or 0) % 8 * 1500
_ports = itertools.cycle(range(_FIRST, _FIRST + _RANGE))
for _ in range(os.getpid() * 37 % _RANGE):
    next(_ports)


def is_free(port):
    for family, host in ((socket.AF_INET, "127.0.0.1"),
                         (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((host, port))
        except OSError as e:
            if family == socket.AF_INET or "in use" in str(e):
                return False
    return True


def free_port():
    return next(p for p in _ports if is_free(p))


def free_base():
    """Return a port for run.sh: those from +0, +100, +200 … on are free for
    10 servers and gates."""
    while True:
        base = free_port()
        if base + 710 <= _FIRST + _RANGE and all(
               is_free(base + k + i) for k in range(0, 800, 100)
               for i in range(10)):
            return base


# ---- certificates -----------------------------------------------------------

def make_certificate(folder, name, key=None, days=90):
    """Make cert.pem and key.pem in folder, or a certificate for the key of
    that file. Return the pin."""
    cert = os.path.join(folder, "cert.pem")
    if key:
        how = ["-key", key]
    else:
        how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
               "-nodes", "-keyout", os.path.join(folder, "key.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", *how, "-out", cert, "-days", str(days),
         "-subj", "/CN=" + name, "-addext",
         f"subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1,IP:::1"],
        check=True, capture_output=True)
    return pin_of(cert)


def pin_of(cert):
    key = subprocess.run(["openssl", "x509", "-in", cert, "-noout",
                          "-pubkey"], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"],
                         input=key, check=True, capture_output=True).stdout
    return hashlib.sha256(der).hexdigest()


# ---- servers ----------------------------------------------------------------

def conf(value):
    """Return a value in the syntax of banyand.conf."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')
    if isinstance(value, (list, tuple)):
        return "( " + ", ".join(conf(v) for v in value) + " )"
    return "{ " + " ".join(f"{k} = {conf(v)};" for k, v in
                           value.items()) + " }"


NO_FLOOD = {"name": "tests", "flood_burst": 0, "per_address": 0,
            "per_network": 0, "connect_rate": 0, "nick_changes": 0,
            "joins": 0, "targets": 0}


class Server:
    """A banyand with a folder of its own. `config` is a dict: change it, then
    write() it. start() writes it the first time."""

    def __init__(self, folder, name="one.test", sid="1AA", tls=False):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.name, self.sid = folder, name, sid
        self.path = os.path.join(folder, "banyand.conf")
        self.control = os.path.join(folder, "ctl")
        self.log_path = os.path.join(folder, "log")
        self.pidfile = os.path.join(folder, "pid")
        self.plain, self.tls, self.link = free_port(), None, None
        self.gates = None
        self.pin = None
        self.process = None
        self.program = BANYAND
        self.prefix, self.env = [], None    # of the command line
        self.config = {
            "state": os.path.join(folder, "state"),
            "control": self.control,
            "pidfile": self.pidfile,
            "server": {"name": name, "sid": sid, "network": "Tests"},
            "listen": [{"address": "127.0.0.1", "port": self.plain}],
            "classes": [dict(NO_FLOOD)],
            "log": {"file": self.log_path, "level": "debug"},
        }
        if tls:
            self.add_tls()

    def add_tls(self):
        self.pin = make_certificate(self.folder, self.name)
        self.cafile = os.path.join(self.folder, "cert.pem")
        self.config["tls"] = {"certificate": self.cafile, "key":
                              os.path.join(self.folder, "key.pem")}
        self.tls = free_port()
        self.config["listen"].append({"address": "127.0.0.1",
                                      "port": self.tls, "tls": True})

    def add_links(self):
        self.link = free_port()
        self.config["listen"].append({"address": "127.0.0.1", "port":
                                      self.link, "tls": True, "for": "links"})

    def add_gates(self, *blocks, tls=False):
        """Let gates come. With TLS, the blocks have pins."""
        self.gates = free_port()
        self.config["listen"].append({"address": "127.0.0.1", "port":
                                      self.gates, "tls": tls, "for": "gates"})
        self.config["gates"] = list(blocks)

    def write(self, extra=""):
        config = dict(self.config)
        if "links" in config:   # a test that wants a grace time says so
            config["sync"] = {"grace_s": 0, **config.get("sync", {})}
        with open(self.path, "w", encoding="utf-8") as f:
            for key, value in config.items():
                f.write(f"{key} = {conf(value)};\n")
            f.write(extra)

    def spawn(self, *args, **kwargs):
        return subprocess.Popen(
            [*self.prefix, self.program, "-f", self.path, *args],
            stdin=subprocess.DEVNULL,
            stdout=kwargs.pop("stdout", subprocess.PIPE),
            stderr=subprocess.STDOUT, text=True,
            env=kwargs.pop("env", self.env), **kwargs)

    def start(self, fds=None, wait=True):
        """Start it, and wait until it accepts clients."""
        self.write()
        self.output = open(os.path.join(self.folder, "output"), "a+",
                           encoding="utf-8", errors="replace")

        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (fds, fds))
        self.process = self.spawn(stdout=self.output,
                                  preexec_fn=limit if fds else None)
        if wait:
            self.await_ready()
        return self

    def await_ready(self):
        until(self.name + " takes clients", self.is_ready)

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with "
                                 f"{self.process.returncode}: {self.said()}")
        return self.status().get("ready")

    def refused(self, write=True):
        """Start it; it must end by itself, with 1. Return its output."""
        if write:
            self.write()
        p = self.spawn()
        try:
            said, _ = p.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            p.kill()
            raise AssertionError(f"{self.name} runs; it should refuse")
        assert p.returncode == 1, (p.returncode, said)
        return said + self.log()

    def said(self):
        self.output.seek(0)
        return self.output.read() + self.log()

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def await_log(self, pattern):
        """Wait for a line of the log: a thread writes it, so it may be late.
        Return the match."""
        return until(f"the log has {pattern}", lambda:
                     re.search(pattern, self.log(), re.M))

    def ctl(self, *args, **kwargs):
        return subprocess.run([BANYANCTL, "-s", self.control, *args],
                              capture_output=True, text=True,
                              timeout=TIMEOUT, **kwargs)

    def ask(self, command):
        """Return the answers of the control socket as a list of dicts."""
        out = self.ctl("--json", command).stdout
        return [json.loads(line) for line in out.splitlines()]

    def status(self):
        return (self.ask("status") or [{}])[0]

    def signal(self, signo):
        self.process.send_signal(signo)

    def programs(self):
        """Return how many programs the process has been."""
        return self.log().count(" start name=")

    def again(self, act=None):
        """Let it start again, by act() or SIGUSR2. The process stays."""
        before, pid = self.programs(), self.process.pid
        if act:
            act()
        else:
            self.signal(signal.SIGUSR2)
        self.await_again(before)
        assert self.process.poll() is None and self.process.pid == pid

    def await_again(self, before):
        until(self.name + " runs again", lambda: self.programs() > before
              and self.status().get("ready"))

    def wait(self):
        """Wait until it has ended by itself, and return its exit status."""
        return self.process.wait(timeout=TIMEOUT)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait()

    def client(self, nick, **kwargs):
        return Client(self.plain, nick=nick, **kwargs)


# ---- networks ---------------------------------------------------------------

def edges(n, graph):
    if graph == "full":
        return [(i, j) for i in range(n) for j in range(i)]
    line = [(i, i + 1) for i in range(n - 1)]
    return line + ([(n - 1, 0)] if graph == "ring" and n > 2 else [])


class Network:
    """Servers that are linked over TLS by pins. `delays` is like LINK_DELAY."""

    def __init__(self, folder, n=3, graph="line", delays=LINK_DELAY):
        self.servers, self.cables = [], []
        self.edges, self.delays = edges(n, graph), delays
        for i in range(n):
            s = Server(os.path.join(folder, str(i)), f"s{i}.test",
                       f"{i + 1}AA", tls=True)
            s.add_links()
            self.servers.append(s)
        for i, s in enumerate(self.servers):
            s.config["links"] = [self.block(i, j) for j in self.peers(i)]

    def __getitem__(self, i):
        return self.servers[i]

    def __iter__(self):
        return iter(self.servers)

    def __len__(self):
        return len(self.servers)

    def block(self, i, j):
        """Return what server i has about server j."""
        s = self.servers[j]
        return {"name": s.name, "sid": s.sid, "pin": s.pin,
                "address": f"127.0.0.1:{self.port(i, j)}"}

    def port(self, i, j):
        """Return the port at which server i dials server j."""
        if not self.delays:
            return self.servers[j].link
        edge = self.edges.index((i, j) if (i, j) in self.edges else (j, i))
        self.cables.append(Cable(
            self.servers[j].link,
            delay_s=self.delays[edge % len(self.delays)]))
        return self.cables[-1].port

    def peers(self, i):
        return [a + b - i for a, b in self.edges if i in (a, b)]

    def start(self):
        """Start all at once: the first would wait in vain for a peer, then
        open alone."""
        for s in self.servers:
            s.start(wait=False)
        for s in self.servers:
            s.await_ready()
        self.await_whole()
        return self

    def is_whole(self):
        """Return whether all links are up, and every server sees all
        others."""
        for i, s in enumerate(self.servers):
            up = [l for l in s.ask("links") if l["state"] == "up"]
            if len({l["sid"] for l in up}) != len(self.peers(i)):
                return False
            if s.status().get("servers") != len(self.servers):
                return False
        return True

    def await_whole(self):
        until("all servers are linked", self.is_whole)

    def await_nicks(self, *nicks):
        """Wait until every server knows these users. A client is registered
        before the servers beyond its own have heard of it."""
        until("all servers know " + " ".join(nicks), lambda: all(
            {u["nick"] for u in s.ask("users")}.issuperset(nicks)
            for s in self.servers))

    def await_same_facts(self):
        """Wait until every server has heard of all that happened so far."""
        until("all servers have the same facts", lambda: len(
            {(f["entries"], f["digest"]) for s in self.servers
             for f in s.ask("facts")}) == 1)

    def kill(self):
        for s in self.servers:
            s.kill()

    def close(self):
        self.kill()
        for cable in self.cables:
            cable.close()


# ---- clients ----------------------------------------------------------------

class Client:
    """A raw socket that speaks IRC. The lines that it reads are kept in
    `lines`."""

    def __init__(self, port, nick=None, tls=None, caps=(), rcvbuf=None,
                 host="127.0.0.1", certificate=None, source=None):
        self.prepare(nick)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family)
        if rcvbuf:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        if source:  # the address to connect from
            self.sock.bind((source, 0))
        self.sock.settimeout(TIMEOUT)
        self.sock.connect((host, port))
        if tls:
            context = ssl.create_default_context(cafile=tls)
            if certificate:  # a folder with cert.pem and key.pem
                context.load_cert_chain(
                    os.path.join(certificate, "cert.pem"),
                    os.path.join(certificate, "key.pem"))
            self.sock = context.wrap_socket(self.sock,
                                            server_hostname="localhost")
        if nick:
            self.register(caps)

    def prepare(self, nick):
        self.nick = nick
        self.lines, self.buffer, self.closed = [], b"", False
        self.tokens = itertools.count(1)

    def register(self, caps=()):
        if caps:
            self.send("CAP REQ :" + " ".join(caps))
        self.send(f"NICK {self.nick}", f"USER {self.nick} 0 * :{self.nick}")
        if caps:
            self.send("CAP END")
        self.expect(r" 001 ")
        self.expect(r" (376|422) ")

    def send(self, *lines):
        self.raw("".join(line + "\r\n" for line in lines).encode())

    def raw(self, data):
        self.sock.sendall(data)

    def line(self, deadline):
        """Return the next line, or None at the end of the stream. A PING is
        answered."""
        line = self.next(deadline)
        if line is None:
            self.closed = True
            return None
        text = line.decode("utf-8", "replace")
        if text.startswith("PING "):
            self.send("PONG " + text[5:])
        self.lines.append(text)
        return text

    def next(self, deadline):
        """Return the next line without its end, or None at the end of the
        stream."""
        while b"\n" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.sock.settimeout(left)
            try:
                data = self.sock.recv(65536)
            except (ConnectionError, ssl.SSLError):
                data = b""
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r")

    def expect(self, pattern, timeout=TIMEOUT):
        """Read until a line matches, and return the match."""
        deadline = time.monotonic() + timeout
        first = len(self.lines)
        try:
            while (text := self.line(deadline)) is not None:
                if m := re.search(pattern, text):
                    return m
            end = "closed before"
        except (TimeoutError, socket.timeout):
            end = f"nothing in {timeout:.0f} s like"
        raise AssertionError(f"{self.nick}: {end} {pattern!r}; read: "
                             f"{self.lines[first:][-20:]}")

    def ask(self, *lines):
        """Send, and return all lines that came before the server answered a
        PING behind them."""
        token = f"sync{next(self.tokens)}"
        first = len(self.lines)
        self.send(*lines, "PING " + token)
        self.expect(rf" PONG \S+ :?{token}$")
        return self.lines[first:-1]

    def until_closed(self, timeout=TIMEOUT):
        """Return all lines up to the end of the stream."""
        deadline = time.monotonic() + timeout
        first = len(self.lines)
        while self.line(deadline) is not None:
            pass
        return self.lines[first:]

    def join(self, channel):
        self.send("JOIN " + channel)
        self.expect(rf" 366 \S+ {re.escape(channel)} ")

    def close(self):
        self.sock.close()


def words(lines, numeric, start):
    """Return the parameters from `start` on of each line with that numeric."""
    out = []
    for line in lines:
        head, _, text = line.partition(" :")
        parts = head.split()
        if len(parts) > 1 and parts[1] == numeric:
            out.append(parts[start:] + ([text] if text else []))
    return out


def view(client, *channels):
    """Return what a client sees of channels, in a form that can be compared
    with that of a client on another server."""
    seen = {}
    for ch in channels:
        lines = client.ask(f"NAMES {ch}", f"MODE {ch}", f"TOPIC {ch}",
                           f"MODE {ch} b", f"WHO {ch}")
        seen[ch] = {
            "names": sorted(" ".join(w[-1] for w in
                                     words(lines, "353", 5)).split()),
            "modes": words(lines, "324", 4),
            "created": words(lines, "329", 4),
            "topic": words(lines, "332", 4) + words(lines, "333", 4),
            "bans": sorted(words(lines, "367", 4)),
            # channel user host server nick flags; the number of hops differs
            # by server
            "who": sorted((w[0], w[1], w[2], w[3], w[4], w[5])
                          for w in words(lines, "352", 3)),
        }
    return seen


def await_same(clients, *channels, check=lambda seen: True):
    """Wait until clients of different servers see the same, and it passes
    check. Return what they see."""
    last = []

    def same():
        last[:] = [view(c, *channels) for c in clients]
        return all(v == last[0] for v in last) and check(last[0])
    try:
        until("the same state everywhere", same)
    except AssertionError as e:
        raise AssertionError(f"{e}: {json.dumps(last, indent=1)}")
    return last[0]


def owed(sender, hearer, channel):
    """Return the messages that the sender, who has echo-message, said while
    the sender saw the hearer. The sender's lines begin with the nick."""
    out, seen = [], True
    for ln in sender.lines:
        if f":{hearer.nick}!" in ln and " QUIT " in ln:
            seen = False
        elif f":{hearer.nick}!" in ln and f" JOIN {channel}" in ln:
            seen = True
        elif m := re.search(rf"^:{sender.nick}!\S+ PRIVMSG {channel} "
                            rf":({sender.nick} .*)", ln):
            out += [m.group(1)] if seen else []
    return out


def heard(hearer, sender, channel):
    """Return those of them that came. A sender who is hidden when a message
    comes is not named: it comes from the sender's server then."""
    return [m.group(1) for ln in hearer.lines if (m := re.search(
        rf"^:(?:{sender.nick}!\S+|\w+\.test) PRIVMSG {channel} "
        rf":({sender.nick} .*)", ln))]


# ---- terminals --------------------------------------------------------------

class Terminal:
    """A program in a tmux of its own. A test types into it and looks at its
    screen."""

    def __init__(self, folder, command, columns=160, rows=50):
        self.folder = tempfile.mkdtemp(prefix="t", dir=folder)
        self.socket = os.path.join(self.folder, "tmux")
        env = dict(os.environ, TERM="screen", LANG="C.UTF-8",
                   HOME=self.folder, SHELL="/bin/sh")
        env.pop("TMUX", None)
        self.env = env
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns),
                  "-y", str(rows), command)

    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, *args],
                              env=self.env, check=True, capture_output=True,
                              text=True, timeout=TIMEOUT).stdout

    def screen(self):
        try:
            return self.tmux("capture-pane", "-p", "-J")
        except subprocess.CalledProcessError as e:
            return "(ended) " + e.stderr

    def type(self, text):
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")

    def see(self, pattern, timeout=TIMEOUT):
        """Wait until the screen shows it."""
        try:
            return until(f"the screen shows {pattern!r}",
                         lambda: re.search(pattern, self.screen()), timeout)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.screen()}")

    def close(self):
        """Kill the program, too: weechat-headless does not notice that its
        terminal is gone, and spins."""
        try:
            leader = int(self.tmux("list-panes", "-F", "#{pane_pid}"))
            os.killpg(leader, signal.SIGKILL)
        except (subprocess.CalledProcessError, ProcessLookupError):
            pass  # the program has ended, and tmux with it
        subprocess.run(["tmux", "-S", self.socket, "kill-server"],
                       env=self.env, capture_output=True, timeout=TIMEOUT)


def as_many_fds_as_allowed():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
