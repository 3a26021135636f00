"""Clients without TLS stay connected while their server starts again, and the
server goes on as the same run. Others are told to come back."""
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest

from harness import (BANYAND, TIMEOUT, Client, await_same, free_port,
                     make_certificate, until)
from test_clients import IRSSI_AT_ONCE, WeeChat
from test_ctl import hash_of
from test_proxy import V1, Proxied, haproxy, needs_haproxy, behind


def is_told(client):
    """Return whether it is told to come back, and closed."""
    return any(re.search(r"^ERROR :.*Server is starting again, please come back",
                         ln) for ln in client.until_closed())


def heard(client, first):
    """Return what a client has been sent, but for the answers to ask()."""
    client.ask()
    return [ln for ln in client.lines[first:] if " PONG " not in ln]


@pytest.fixture
def pair(server):
    """Two users on one channel."""
    alice, bob = server.client("alice"), server.client("bob")
    for c in (alice, bob):
        c.join("#c")
    alice.ask("MODE #c +k key", "AWAY :busy", "MONITOR + bob,carol")
    bob.ask()
    return server, alice, bob


# ---- nobody notices -----------------------------------------------------------

def test_nothing_is_seen(pair):
    s, alice, bob = pair
    before, first = s.status(), (len(alice.lines), len(bob.lines))
    for act in (None, lambda: s.ctl("restart", check=True)):
        s.again(act)
        s.await_log(r" taken-over kept=2 ended=0$")
    after = s.status()
    for key in ("inc", "users"):
        assert after[key] == before[key]
    assert heard(alice, first[0]) == [] and heard(bob, first[1]) == []
    alice.send("PRIVMSG #c :still here")
    bob.expect(r"^:alice!\S+ PRIVMSG #c :still here$")
    lines = bob.ask("WHOIS alice", "MODE #c", "NAMES #c")
    assert any(re.search(r" 301 bob alice :busy", ln) for ln in lines)
    assert any(re.search(r" 324 bob #c \S*k\S* key$", ln) for ln in lines)
    assert any(re.search(r" 353 bob . #c :.*@alice", ln) for ln in lines)
    s.client("carol")
    alice.expect(r" 730 \* :carol")
    alice.send("NICK anna", "PART #c :bye")
    bob.expect(r"^:alice!\S+ NICK :?anna")
    bob.expect(r"^:anna!\S+ PART #c :bye")


def test_halves_of_lines(pair):
    """A line, and a character, of which one half came before."""
    s, alice, bob = pair
    begin, word = b"PRIVMSG #c :", "grüße €".encode()
    for cut in range(1, len(word), 3):
        data = begin + word + b"\r\n" + begin + b"next\r\n"
        alice.raw(data[:len(begin) + cut])
        s.again()
        alice.raw(data[len(begin) + cut:])
        bob.expect("^:alice!\\S+ PRIVMSG #c :grüße €$")
        bob.expect("^:alice!\\S+ PRIVMSG #c :next$")


def test_the_rest_of_a_line_that_is_too_long(pair):
    s, alice, bob = pair
    alice.raw(b"PRIVMSG #c :" + b"x" * 600)
    alice.expect(" 417 alice ")
    s.again()
    alice.raw(b"y" * 600 + b"\r\nPRIVMSG #c :after\r\n")
    assert bob.expect("^:alice!\\S+ PRIVMSG #c :(.*)$").group(1) == "after"
    assert not any(" 417 " in ln for ln in alice.ask())


class Talker(threading.Thread):
    """Sends numbered lines all the time, and reads nothing."""

    def __init__(self, client, target):
        super().__init__(daemon=True)
        self.client, self.target = client, target
        self.n, self.stopped = 0, threading.Event()

    def run(self):
        while not self.stopped.is_set():
            self.client.send(f"PRIVMSG {self.target} :n{self.n + 1}")
            self.n += 1
            time.sleep(0.001)

    def stop(self):
        self.stopped.set()
        self.join()


def numbers(client, last):
    """Read up to that number. Return all that came so far."""
    end = re.compile(rf"PRIVMSG \S+ :n{last}$")
    if not any(end.search(ln) for ln in client.lines):
        client.expect(end)
    return [int(m.group(1)) for ln in client.lines
            if (m := re.search(r"PRIVMSG \S+ :n(\d+)$", ln))]


def test_no_line_is_lost_and_none_is_doubled(server):
    talker, reader = server.client("alice"), server.client("bob")
    for c in (talker, reader):
        c.join("#c")
    talk = Talker(talker, "#c")
    talk.start()
    for _ in range(5):
        server.again()
        numbers(reader, talk.n)
    talk.stop()
    assert talk.n > 100
    assert numbers(reader, talk.n) == list(range(1, talk.n + 1))


def waits(server):
    """Return how many bytes wait to be sent to clients."""
    return int(re.search(r"(\d+) wait to be sent",
                         server.ctl("stats", "t").stdout).group(1))


def test_a_slow_reader(make):
    """Much waits in its socket, and much in the server."""
    s = make.server()
    s.config["classes"][0]["sendq"] = 64 << 20
    s.start()
    talker, reader = s.client("alice"), s.client("bob", rcvbuf=4096)
    n = 0
    while waits(s) < 1 << 20:
        talker.send(*(f"PRIVMSG bob :{'x' * 400} :n{n + i}"
                      for i in range(1, 1001)))
        talker.ask()
        n += 1000
    for _ in range(3):
        s.again()
        assert waits(s) > 1 << 19
        talker.send(f"PRIVMSG bob :n{n + 1}")
        talker.ask()
        n += 1
    reader.expect(rf":n{n}$")
    assert [int(m.group(1)) for ln in reader.lines if (m := re.search(
        r"PRIVMSG .*:n(\d+)$", ln))] == list(range(1, n + 1))


def test_many_clients(server):
    clients = [server.client(f"n{i}") for i in range(200)]
    for c in clients:
        c.join("#c")
    for c in clients:
        c.ask()
    first = [len(c.lines) for c in clients]
    for _ in range(3):
        server.again()
    server.await_log(r" taken-over kept=200 ended=0$")
    clients[0].send("PRIVMSG #c :all of you")
    for c, n in zip(clients[1:], first[1:]):
        c.expect("^:n0!\\S+ PRIVMSG #c :all of you$")
        assert len(c.lines) == n + 1


def test_few_descriptors(make):
    """Descriptors are moved if they are below those of the ports, of which the
    server got more later."""
    s = make.server().start(fds=128)
    clients = [s.client(f"n{i}") for i in range(30)]
    s.config["listen"] += [{"address": "127.0.0.1", "port": free_port()}
                           for _ in range(25)]
    s.write()
    assert s.ctl("reload").returncode == 0
    for _ in range(3):
        s.again()
    for c in clients:
        c.ask("LUSERS")
    late = [Client(x["port"], f"late{i}")
            for i, x in enumerate(s.config["listen"][-3:])]
    for c in late:
        c.ask("LUSERS")


def test_addresses_of_proxies_and_gateways(make):
    s = make.server()
    s.config["webirc"] = [{"name": "gateway", "net": "127.0.0.1",
                           "password": hash_of("secret")}]
    s.config["listen"].append({"address": "127.0.0.1", "port": free_port(),
                               "proxy": "127.0.0.1"})
    s.config["dns"] = {"enabled": False}
    s.start()
    proxied = Proxied(s.config["listen"][-1]["port"], V1)
    assert "192.0.2.7" in proxied.address()
    web = Client(s.plain)
    web.nick = "web"
    web.send("WEBIRC secret web 192.0.2.9 192.0.2.9")
    web.register()
    for _ in range(2):
        s.again()
    for c, address in ((proxied, "192.0.2.7"), (web, "192.0.2.9")):
        assert any(address in ln for ln in c.ask(f"WHOIS {c.nick}"))


@needs_haproxy
def test_behind_haproxy(make, tmp_path):
    """The proxy has ended TLS, so even this client stays."""
    s = behind(make, tls=True)
    with haproxy(s, tmp_path, "send-proxy-v2") as ports:
        plain = Client(ports["plain"], "alice", source="127.0.0.33")
        secure = Client(ports["tls"], "bob", tls=s.cafile)
        s.again()
        assert any("127.0.0.33" in ln for ln in plain.ask("WHOIS alice"))
        assert any(" 671 bob bob " in ln for ln in secure.ask("WHOIS bob"))


def test_connections_count_for_their_ports(make):
    s = make.server()
    other = free_port()
    s.config["listen"].append({"address": "0.0.0.0", "port": other})
    s.start()
    clients = [s.client("alice"), s.client("bob"), Client(other, "carol")]

    def counts():
        return re.findall(r"^P (\d+) \S+ (\d+) :clients",
                          s.ctl("stats", "P").stdout, re.M)
    before = counts()
    assert sorted(before) == sorted([(str(s.plain), "2"), (str(other), "1")])
    s.again()
    assert sorted(counts()) == sorted(before)
    clients[0].send("QUIT")
    clients[0].until_closed()
    assert (str(s.plain), "1") in counts()


def test_a_listener_that_is_gone(make):
    s = make.server()
    old = s.plain
    s.start()
    alice = s.client("alice")
    s.plain = free_port()
    s.config["listen"][0]["port"] = s.plain
    s.write()
    s.again()
    with pytest.raises(ConnectionRefusedError):
        Client(old)
    s.client("bob").send("PRIVMSG alice :hi")
    alice.expect("^:bob!\\S+ PRIVMSG alice :hi$")
    s.again()
    alice.ask("LUSERS")


# ---- on a network -----------------------------------------------------------

def with_grace(make):
    """Three servers that keep a server visible while it starts again."""
    net = make.network(graph="full")
    for s in net:
        s.config["sync"] = {"grace_s": 30}
    return net.start()


def on_network(make):
    net = with_grace(make)
    alice, dave, eve = (s.client(n) for s, n in
                        zip(net, ("alice", "dave", "eve")))
    for c in (alice, dave, eve):
        c.join("#c")
    await_same([alice, dave, eve], "#c", check=lambda seen: len(
        seen["#c"]["names"]) == 3)
    return net, alice, dave, eve


def test_no_server_sees_a_quit(make):
    """Each of three servers starts again, one after the other."""
    net, *users = on_network(make)
    for c in users:
        c.ask()
    first = [len(c.lines) for c in users]
    inc = [s.status()["inc"] for s in net]
    talk = Talker(users[0], "#c")
    talk.start()
    for _ in range(2):
        for s in net:
            s.again()
            net.await_whole()
    talk.stop()
    assert [s.status()["inc"] for s in net] == inc
    for c in users[1:]:
        assert numbers(c, talk.n) == list(range(1, talk.n + 1))
    for c, n in zip(users, first):
        assert [ln for ln in heard(c, n) if " PRIVMSG " not in ln] == []


def test_irssi_and_weechat(make, folder):
    net = with_grace(make)
    irssi = make.terminal("irssi")
    irssi.see(r"\[\(status\)\]|\[\d\d:\d\d\] \[")
    irssi.type(IRSSI_AT_ONCE)
    irssi.type(f"/connect 127.0.0.1 {net[0].plain} '' alice")
    irssi.see("Welcome")
    weechat = WeeChat(make, "weechat -d " +
                      shlex.quote(os.path.join(folder, "w")))
    weechat.type(f"/server add it 127.0.0.1/{net[0].plain} -notls -nicks=bob")
    weechat.type("/connect it")
    weechat.see("Welcome")
    irssi.type("/join #c")
    irssi.see(r"Irssi: .*#c.*1 nicks|Total of 1")
    weechat.type("/join #c", "irc.server.it")
    irssi.see(r"bob \[.*\] has joined #c")
    dave = net[1].client("dave")
    dave.join("#c")
    weechat.see(r"dave .*has joined #c")
    first = len(dave.lines)
    for i in range(3):
        net[0].again()
        irssi.type(f"from irssi {i}")
        weechat.see(rf"alice\tfrom irssi {i}")
        weechat.type(f"from weechat {i}", "irc.it.#c")
        irssi.see(rf"<.?bob> from weechat {i}")
        dave.expect(rf"^:alice!\S+ PRIVMSG #c :from irssi {i}$")
        dave.expect(rf"^:bob!\S+ PRIVMSG #c :from weechat {i}$")
        net.await_whole()
        dave.send(f"PRIVMSG #c :from dave {i}")
        irssi.see(rf"<.?dave> from dave {i}")
        weechat.see(rf"dave\tfrom dave {i}")
    for text in (irssi.screen(), weechat.screen(), *dave.lines[first:]):
        assert not re.search(r"QUIT|has quit|has left|isconnected|reconnect",
                             text), text


# ---- what cannot stay ---------------------------------------------------------

def test_tls_and_strangers_are_told(make):
    s = make.server(tls=True).start()
    alice = s.client("alice")
    secret = Client(s.tls, "bob", tls=s.cafile)
    stranger = Client(s.plain)
    stranger.send("NICK carol")
    for c in (alice, secret):
        c.join("#c")
    alice.ask()
    s.again()
    for c in (secret, stranger):
        assert is_told(c)
    alice.ask("LUSERS")
    s.await_log(r" restart kept=1 ended=1$")
    s.await_log(r" taken-over kept=1 ended=1$")
    dave = Client(s.tls, "dave", tls=s.cafile)
    dave.ask("LUSERS")
    assert s.ctl("restart").stdout == (
        "starting again; clients that stay connected: 1, "
        "that are told to come back: 1\n")
    assert is_told(dave)


def open_batch(s):
    """Return a client in the middle of something, and another one."""
    alice = s.client("alice", caps=("batch", "draft/multiline"))
    bob = s.client("bob")
    alice.send("BATCH +1 draft/multiline bob", "@batch=1 PRIVMSG bob :half")
    alice.ask()
    return alice, bob


def test_an_open_batch(server):
    """Such a client keeps nobody from starting again."""
    s = server
    alice, bob = open_batch(s)
    s.again()
    assert is_told(alice)
    bob.ask("LUSERS")
    s.await_log(r" restart kept=1 ended=1$")
    s.await_log(r" taken-over kept=1 ended=0$")


def fill(s, limit, by, nick):
    """Let the user who has the nick, and reads nothing, have nearly as many
    bytes waiting as the class allows: a QUIT is one too many."""
    def waits():
        return int(re.search(r"(\d+) wait to be sent",
                             s.ctl("stats", "t", check=True).stdout).group(1))

    while (left := limit - waits()) > 1500:
        by.ask(*[f"PRIVMSG {nick} :{'x' * 400}"] *
               min(limit // 1000, (left - 1000) // 460))
    while limit - waits() > 60:
        by.ask(f"PRIVMSG {nick} :x")


def test_a_client_that_fails_in_that_turn(make):
    """The QUIT of another one, which ends at the last moment, is more than may
    wait for it. So it quits, and is not held."""
    limit = 262144
    s = make.server()
    s.config["classes"][0]["sendq"] = limit
    s.start()
    alice, bob = open_batch(s)
    deaf = Client(s.plain, "deaf", rcvbuf=4096)
    for c in (alice, bob, deaf):
        c.join("#c")
    fill(s, limit, bob, "deaf")
    s.again()
    bob.expect(r"^:alice!\S+ QUIT ")
    bob.expect(r"^:deaf!\S+ QUIT :SendQ exceeded")
    s.await_log(r" restart kept=1 ended=1$")
    s.await_log(r" taken-over kept=1 ended=0$")
    deaf.close()


class HalfHandshake:
    """A connection whose handshake of TLS waits for the client to finish it."""

    def __init__(self, port):
        context = ssl._create_unverified_context()
        self.sock = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self.came, self.goes)
        while not self.has_answer(tls):
            self.sock.sendall(self.goes.read())
            self.came.write(self.sock.recv(65536))

    @staticmethod
    def has_answer(tls):
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def finish(self):
        self.sock.sendall(self.goes.read())


def busy(make, with_clients, before=lambda s: None, **kwargs):
    """Call before(server). Let the server begin to start again, which an open
    batch holds up for two seconds. Meanwhile call with_clients(server, the
    other client)."""
    s = make.server(**kwargs)
    name = os.path.join(s.folder, "notify")
    s.env = dict(os.environ, NOTIFY_SOCKET=name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.settimeout(TIMEOUT)
        told.bind(name)
        s.start()
        assert told.recv(99) == b"READY=1"
        alice, bob = open_batch(s)
        before(s)
        s.signal(signal.SIGUSR2)
        assert told.recv(99) == b"RELOADING=1"
        with_clients(s, bob)
        assert is_told(alice)
    return s, bob


def test_lines_wait_in_the_socket(make):
    """Many more than may lie unread: a client is not closed for them."""
    s, bob = busy(make, lambda s, bob: bob.send(
        *(f"PRIVMSG bob :{'x' * 400} :n{i + 1}" for i in range(2000))))
    bob.expect(":n2000$")
    assert [int(m.group(1)) for ln in bob.lines if (m := re.search(
        r"PRIVMSG .*:n(\d+)$", ln))] == list(range(1, 2001))
    # the log has a thread of its own, which may be behind
    until("the log has the second program", lambda: s.programs() > 1)
    assert s.programs() == 2


def test_handshakes_that_end_meanwhile(make):
    """Strangers who finish them late keep nobody from staying."""
    halves = []

    def act(s, bob):
        time.sleep(1.5)
        for half in halves:
            half.finish()
            time.sleep(0.002)

    def begin(s):
        halves.extend(HalfHandshake(s.tls) for _ in range(400))

    s, bob = busy(make, act, before=begin, tls=True)
    bob.ask("LUSERS")
    s.await_log(r" taken-over kept=1 ended=0$")
    assert " not-kept " not in s.log()


@pytest.mark.parametrize("act", [
    lambda s: s.signal(signal.SIGTERM), lambda s: s.ctl("stop", check=True)],
    ids=["signal", "ctl"])
def test_a_stop_meanwhile(make, act):
    """A server that is to stop while it starts again stops, and says so."""
    s, bob = busy(make, lambda s, bob: act(s))
    assert s.wait() == 0
    assert any(ln.startswith("ERROR :Server is going down")
               for ln in bob.until_closed())
    assert s.programs() == 2


# ---- clients with TLS come back -----------------------------------------------

def with_tls(s, nick, certificate=None):
    return Client(s.tls, nick, tls=s.cafile, certificate=certificate)


@pytest.mark.parametrize("proof", [True, False])
def test_a_client_with_tls_comes_back(make, folder, proof):
    """Nobody sees that it was away. With its certificate it is op as before."""
    net = with_grace(make)
    own = os.path.join(folder, "own")
    os.mkdir(own)
    make_certificate(own, "bob")
    bob = with_tls(net[0], "bob", own if proof else None)
    bob.join("#c")
    alice, dave = net[0].client("alice"), net[1].client("dave")
    for c in (alice, dave):
        c.join("#c")
    await_same([alice, dave], "#c", check=lambda seen: len(
        seen["#c"]["names"]) == 3)
    first = [len(c.lines) for c in (alice, dave)]
    for _ in range(2):
        net[0].again()
        net.await_whole()
    assert is_told(bob)
    assert any(" 433 " in ln for ln in alice.ask("NICK bob"))
    bob = with_tls(net[0], "bob", own if proof else None)
    lines = bob.ask("NAMES #c")
    assert any(re.search(r"^:bob!\S+ JOIN #c$", ln) for ln in bob.lines)
    assert any(re.search(rf" 353 .* :.*{'@' * proof}\bbob", ln)
               for ln in lines)
    bob.send("PRIVMSG #c :here again")
    for c, n in zip((alice, dave), first):
        c.expect(r"^:bob!\S+ PRIVMSG #c :here again$")
        for ln in c.lines[n:]:
            assert not re.match(r":bob!\S+ (QUIT|JOIN|PART)", ln), ln


# ---- programs that do not go on -----------------------------------------------

class Between:
    """A program in the place of banyand, which does something, then becomes
    banyand."""

    def __init__(self, server):
        self.path = os.path.join(server.folder, "banyand")
        subprocess.run(["cp", BANYAND, self.path], check=True)
        server.program = self.path

    def put(self, check="pass", start="pass"):
        """Python code, before it checks the configuration or starts."""
        with open(self.path + ".new", "w", encoding="utf-8") as f:
            f.write(f"#!{sys.executable}\nimport os, re, sys\n"
                    f"if '--check' in sys.argv:\n    {check}\n"
                    f"else:\n    {start}\n"
                    f"os.execv({BANYAND!r}, sys.argv)\n")
        os.chmod(self.path + ".new", 0o755)
        os.rename(self.path + ".new", self.path)


@pytest.fixture
def between(make):
    s = make.server()
    b = Between(s)
    s.start()
    return s, s.client("alice"), b


def begins_anew(s, alice, why, told=True):
    """A new run begins, and the client is told, or at least closed."""
    before = s.status()["inc"]
    s.again()
    assert is_told(alice) == told
    assert s.status()["inc"] > before
    s.await_log(f" not-kept .*{why}")
    s.client("again").ask("LUSERS")


def holds(old, new):
    """Let the next program be told something else of the running one."""
    return ("os.environ['BANYAND_HOLDS'] = re.sub("
            f"{old!r}, {new!r}, os.environ['BANYAND_HOLDS'])")


@pytest.mark.parametrize("old, new", [
    (";text=1;node=1;", ""),
    (";text=1;", ";text=2;"),
    (";node=1;", ";node=2;"),
], ids=["neither", "text", "node"])
def test_a_program_that_reads_no_text(between, old, new):
    s, alice, b = between
    b.put(check=holds(old, new))
    begins_anew(s, alice, "the new program reads no such text")


@pytest.mark.parametrize("old, new, why", [
    ("-kept 1", "-kept 9", "damaged, or of another format"),
    ("conn slot", "cone slot", "damaged, or of another format"),
    (r"\nend\n$", r"\nEND\n", "damaged, or of another format"),
    ("run inc=1", "run inc=2", "is not of this run"),
    (" alice ", " malice", "line [0-9]+: "),
], ids=["format", "conn", "end", "inc", "node"])
def test_a_text_that_is_damaged(between, old, new, why):
    s, alice, b = between
    b.put(start="fd = int(os.environ['BANYAND_KEPT'].split()[1]); "
                "t = os.pread(fd, os.fstat(fd).st_size, 0).rstrip(b'\\0'); "
                f"os.pwrite(fd, re.sub({old.encode()!r}, {new.encode()!r}, t), "
                "0)")
    # a connection that is not known is only closed
    begins_anew(s, alice, why, told="format" not in why or old == r"\nend\n$")


def test_a_state_that_is_not_that_of_the_run(between):
    s, alice, b = between
    state = os.path.join(s.config["state"], "state")
    b.put(start=f"t = open({state!r}).read(); open({state!r}, 'w').write("
                "re.sub(r'inc [0-9]+', lambda m: f'inc {int(m.group(0)[4:])"
                " + 5}', t))")
    begins_anew(s, alice, "is not of this run")


def test_a_program_that_is_gone(between):
    """The one that runs goes on: nobody is lost for it."""
    s, alice, b = between
    inc = s.status()["inc"]
    b.put(check=f"os.unlink({b.path!r})")
    s.again()
    alice.ask("LUSERS")
    assert s.status()["inc"] == inc
    done = s.ctl("restart")
    assert done.returncode == 1 and b.path in done.stderr
    b.put()
    s.again()
    alice.ask("LUSERS")


def test_a_crash_after_it(server):
    """A start that has nothing to go on with is a new run."""
    alice = server.client("alice")
    inc = server.status()["inc"]
    server.again()
    assert server.status()["inc"] == inc
    server.kill()
    alice.until_closed()
    server.start()
    assert server.status()["inc"] > inc
