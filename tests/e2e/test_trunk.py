"""Clients behind a gate: real servers, and the gate of pygate.py, which checks
each line that a server sends it."""
import os
import re
import signal
import time

import pytest

from harness import (NO_FLOOD, Client, await_same, make_certificate, until,
                     words)
from pygate import Breach, Trunk
from test_ctl import hash_of

FEW = {"name": "few", "per_address": 0, "per_network": 0, "connect_rate": 0,
       "flood_burst": 5, "flood_rate": 5, "joins": 0, "targets": 0}
TLS = "TLSv1.3-TLS_AES_256_GCM_SHA384"


class Behind(Client):
    """A client behind a gate. `about` is what the gate tells of it."""

    def __init__(self, trunk, nick=None, caps=(), slow=False, **about):
        self.prepare(nick)
        self.trunk, self.stream = trunk, trunk.new(**about)
        self.read = 0
        if nick:
            self.register(caps)
        self.stream.slow = slow

    def raw(self, data):
        self.stream.feed(data)

    def next(self, deadline):
        x = self.stream
        try:
            self.trunk.wait("a line", lambda: len(x.lines) > self.read or
                            x.has_ended or self.trunk.is_closed,
                            deadline - time.monotonic())
        except Breach:
            raise
        except AssertionError:
            raise TimeoutError
        if len(x.lines) == self.read:
            return None
        self.read += 1
        return x.lines[self.read - 1]

    def close(self):
        self.stream.close()


def gated(server, *names, **block):
    """Let these gates come over plain trunks."""
    server.config["dns"] = {"enabled": False}
    server.add_gates(*({"name": n, "plaintext": True, **block}
                       for n in names or ("gate1",)))
    return server


@pytest.fixture
def dial(make):
    """Make a trunk that is open. It is checked at the end of the test."""
    def dialled(server, gate="gate1", **kwargs):
        return make.keep(Trunk(server.gates, gate, **kwargs)).await_open()
    return dialled


@pytest.fixture
def one(make, dial):
    """A server and a trunk to it."""
    server = gated(make.server()).start()
    return server, dial(server)


def crowd(trunk, n, channel, caps=(), first=0, **about):
    """Return n clients behind the trunk who are on the channel."""
    made = [Behind(trunk, f"n{first + i}", caps, **about) for i in range(n)]
    for c in made:
        c.join(channel)
    for c in made:
        c.ask()
    return made


def said(clients, channel):
    """Return what each of them has read of that channel."""
    return [[m.group(1) for ln in c.lines if (m := re.search(
        rf" PRIVMSG {channel} :(.*)$", ln))] for c in clients]


def copies(trunk, text):
    """Return how often the text came over the trunk: to a list, to one."""
    lines = [ln for ln in list(trunk.seen) if text.encode() in ln]
    lists = sum(ln.startswith(b"L *") for ln in lines)
    return lists, len(lines) - lists


# ---- one client is like another ---------------------------------------------

def test_clients_talk(one):
    s, trunk = one
    alice, bob = Behind(trunk, "alice"), Behind(trunk, "bob")
    carol = s.client("carol")
    for c in (alice, bob, carol):
        c.join("#c")
    for a, b in ((alice, carol), (carol, bob), (bob, alice)):
        a.send(f"PRIVMSG {b.nick} :hello {b.nick}",
               f"PRIVMSG #c :from {a.nick} to all")
        b.expect(rf"^:{a.nick}!\S+ PRIVMSG {b.nick} :hello {b.nick}$")
        b.expect(rf"^:{a.nick}!\S+ PRIVMSG #c :from {a.nick} to all$")
    await_same([alice, bob, carol], "#c")
    assert alice.ask("WHOIS bob")[0].split()[4:6] == ["bob", "192.0.2.1"]
    alice.send("QUIT :bye")
    carol.expect(r"^:alice!\S+ QUIT :.*bye")


def talk_alone(c):
    """Let a client do many things, and return what it is sent."""
    c.register()
    c.ask("JOIN #alone", "MODE #alone +k key", "TOPIC #alone :about", "WHO *",
          f"WHOIS {c.nick}", "NAMES #alone", "LIST", "MODE #alone b",
          "AWAY :x", "NOSUCH", "PRIVMSG nobody :x", "HELP", "MOTD", "VERSION",
          "CAP LS 302", "CAP REQ :server-time", "CAP REQ :-server-time",
          "STATS u", "PRIVMSG", "JOIN 0", "@" + "t" * 5000 + " PING x",
          "PRIVMSG #alone :" + "x" * 600, "PING " + "y" * 490, "", "TIME")
    c.raw(b"PRIVMSG #alone :a\0b\r\nPRIVMSG #alone :a\rb\r\nPING z\n")
    c.ask()
    c.send("QUIT")
    return c.until_closed()


def test_the_lines_are_those_of_another_client(one):
    s, trunk = one
    both = []
    for make_client in (lambda: s.client(None),
                        lambda: Behind(trunk, addr="127.0.0.1")):
        c = make_client()
        c.nick = "alice"
        talk_alone(c)
        until("alice is gone", lambda: not s.ask("users"))
        # times, how many have been there, and the name of the gate
        both.append([re.sub(r"\d{8,}|\d\d:\d\d:\d\d(\.\d+Z)?", "#", ln)
                     for ln in c.lines
                     if not re.search(r" (25[0-5]|26[56]|317|391|242) "
                                      r"| 320 .*:is connected by gate ", ln)])
    assert both[0] == both[1]


def test_a_line_for_many_crosses_once(one):
    s, trunk = one
    plain = crowd(trunk, 60, "#c")
    timed = crowd(trunk, 40, "#c", ["server-time"], first=60)
    talker = s.client("talker")
    talker.join("#c")
    plain[0].expect(r"^:talker!\S+ JOIN ")
    for i in range(50):
        talker.send(f"PRIVMSG #c :line {i}.")
    for c in plain + timed:
        c.expect(r" PRIVMSG #c :line 49\.$")
    want = [f"line {i}." for i in range(50)]
    assert said(plain + timed, "#c") == [want] * 100
    for i in range(50):
        assert copies(trunk, f"line {i}.") == (2, 0)
    assert all(ln.startswith("@time=") for c in timed for ln in c.lines
               if " PRIVMSG " in ln)
    # the echo is in a list of its own kind
    plain[0].send("PRIVMSG #c :mine")
    timed[0].expect(r" PRIVMSG #c :mine$")
    plain[1].expect(r" PRIVMSG #c :mine$")
    assert copies(trunk, ":mine") == (2, 0)
    assert said([plain[0]], "#c") == [want]


def test_a_list_that_changes_is_said_as_a_difference(one):
    s, trunk = one
    crowd(trunk, 300, "#c")
    talker = s.client("talker")
    talker.join("#c")
    talker.send("PRIVMSG #c :first")
    trunk.wait("it has come", lambda: copies(trunk, ":first") == (1, 0))

    def lists():
        return [ln.decode().split() for ln in list(trunk.seen)
                if ln.startswith(b"LIST ")]
    before = len(lists())
    late = crowd(trunk, 1, "#c", first=300)[0]
    talker.send("PRIVMSG #c :second")
    late.expect(" :second$")
    late.send("PART #c")
    late.ask()
    talker.send("PRIVMSG #c :third")
    trunk.wait("it has come", lambda: copies(trunk, ":third") == (1, 0))
    new = lists()[before:]
    assert new
    for ln in new:
        assert ln[2].startswith("=") and len(ln) <= 5, ln
    words_said = {w[0] for ln in new for w in ln[3:]}
    assert words_said <= {"+", "-"}


def test_lists_that_are_not_used_are_forgotten(one):
    """Each pair of 92 clients has a channel, so there are more lists than a
    trunk may have."""
    _, trunk = one
    made = crowd(trunk, 92, "#all")
    n = 0
    for i, a in enumerate(made):
        pairs = [f"#p{i}x{j}" for j in range(i)]
        for b, ch in zip(made, pairs):
            a.send("JOIN " + ch)
            b.send("JOIN " + ch)
            n += 1
    for c in made:
        c.ask()
    assert n > 4096 and trunk.count["UNLIST"] > 0
    made[0].send("PRIVMSG #all :still one")
    made[91].expect(" :still one$")
    made[91].send("PRIVMSG #p91x5 :us two")
    made[5].expect(" PRIVMSG #p91x5 :us two$")
    assert copies(trunk, ":still one") == (1, 0)


def test_positions_are_those_of_the_server(make, dial):
    """They grow with what the server has processed, of all servers."""
    net = make.network(2)
    gated(net[0])
    net.start()
    trunk = dial(net[0])
    alice, bob = Behind(trunk, "alice"), net[1].client("bob")
    net.await_nicks("alice", "bob")
    for c in (alice, bob):
        c.join("#c")
    net.await_same_facts()
    trunk.wait("both origins are named", lambda: len(trunk.position) == 2)
    before = dict(trunk.position)
    bob.send("PRIVMSG #c :one", "PRIVMSG #c :two")
    alice.expect(":two")
    trunk.settle()
    assert {o[:3]: trunk.position[o] - before[o] for o in before} == {
        "1AA": 0, "2AA": 2}
    alice.ask("PRIVMSG #c :three")
    trunk.settle()
    assert trunk.position[trunk.o] - before[trunk.o] == 1


# ---- grants, queues ---------------------------------------------------------

def usual(make, **more):
    """A server with flood control."""
    s = gated(make.server())
    s.config["classes"] = [{**FEW, **more}]
    return s.start()


def test_flood_control_reaches_the_client(make, dial):
    s = usual(make)
    trunk = dial(s)
    loud, other = Behind(trunk, "loud"), Behind(trunk, "other")
    started = time.monotonic()
    with trunk.lock:
        loud.send(*[f"PRIVMSG other :n{i}." for i in range(40)])
        assert loud.stream.waiting
    other.expect(" :n39.$")
    assert time.monotonic() - started > 4   # 35 lines at 5 a second
    assert [int(m) for ln in other.lines for m in re.findall(
        r" PRIVMSG other :n(\d+)\.$", ln)] == list(range(40))
    assert other.ask("PING x") and loud.stream.excesses == 0


def test_more_than_the_recvq(make, dial):
    s = usual(make, recvq=8192)
    trunk = dial(s)
    loud, other = Behind(trunk, "loud"), s.client("other")
    other.join("#c")
    loud.join("#c")
    loud.send(*["PRIVMSG #c :" + "x" * 300] * 40)
    lines = loud.until_closed()
    assert loud.stream.excesses >= 1 and loud.stream.gone is not None
    assert any(ln.startswith("ERROR :") and "Excess Flood" in ln
               for ln in lines)
    other.expect(r"^:loud!\S+ QUIT :Excess Flood")


@pytest.mark.parametrize("lines", [0, 3, 40])
def test_a_client_that_sends_no_more(make, dial, lines):
    """It has gone: nobody waits for what it had still to say."""
    s = usual(make, flood_burst=20)
    trunk = dial(s)
    gone, other = Behind(trunk, "gone"), s.client("other")
    other.join("#c")
    gone.join("#c")
    gone.ask()
    gone.send(*[f"PRIVMSG #c :n{i}." for i in range(lines)])
    gone.stream.shut()
    gone.until_closed()
    other.expect(r"^:gone!\S+ QUIT :")
    heard = [int(m) for ln in other.lines for m in re.findall(
        r"^:gone!\S+ PRIVMSG #c :n(\d+)\.$", ln)]
    assert heard == list(range(len(heard)))
    if lines <= 3:
        assert len(heard) == lines
    s.client("gone").close()


def slow_one(make, dial, sendq):
    s = gated(make.server())
    s.config["classes"] = [{**NO_FLOOD, "sendq": sendq, "channels": 0}]
    s.start()
    trunk = dial(s)
    return s, trunk, Behind(trunk, "slow", slow=True)


def test_long_answers_wait_for_the_client(make, dial):
    """DRAIN: nobody is closed because of a list that it asked for."""
    s, trunk, slow = slow_one(make, dial, 16384)
    talker = s.client("talker")
    channels = [f"#{i:03}" for i in range(200)]
    for i in range(0, 200, 20):
        talker.send("JOIN " + ",".join(channels[i:i + 20]))
        talker.expect(f" 366 talker {channels[i + 19]} ")
    for c in channels:
        talker.send(f"TOPIC {c} :{'t' * 390}")
    talker.ask()
    slow.send("LIST")
    x = slow.stream
    trunk.wait("the server waits", lambda: x.drain is not None)
    assert 0 < x.queued() <= 16384
    while b" 323 " not in x.lines[-1]:
        trunk.wait("more", lambda: x.queue)
        x.take(1)
    lines = [ln.decode() for ln in x.lines]
    assert [w[3] for ln in lines if (w := ln.split())[1] == "322"] == channels
    assert trunk.count["DRAIN"] > 3 and not x.has_ended


def test_names_of_many_wait_for_the_client(make, dial):
    s, trunk, slow = slow_one(make, dial, 16384)
    crowd(trunk, 1500, "#many")
    slow.send("JOIN #many")
    x, names = slow.stream, []
    while b" 366 " not in x.lines[-1]:
        trunk.wait("more", lambda: x.queue)
        x.take(1)
    for ln in x.lines:
        if b" 353 " in ln:
            names += ln.decode().partition(" :")[2].split()
    assert len(names) == 1501 == len(set(names))


def test_more_than_the_sendq(make, dial):
    """It costs the client that does not read, and nobody else."""
    s, trunk, slow = slow_one(make, dial, 16384)
    other, talker = Behind(trunk, "other"), s.client("talker")
    slow.send("JOIN #c")
    for c in (other, talker):
        c.join("#c")
    for i in range(100):
        talker.send(f"PRIVMSG #c :n{i}. " + "x" * 400)
    other.expect(r" :n99\. ")
    assert slow.stream.closed == "SendQ exceeded"
    talker.expect(r"^:slow!\S+ QUIT :.*SendQ exceeded")
    other.expect(r"^:slow!\S+ QUIT :.*SendQ exceeded") if not any(
        re.search(r"^:slow!\S+ QUIT ", ln) for ln in other.lines) else None


# ---- ends -------------------------------------------------------------------

@pytest.fixture
def governed(make, dial):
    """A server, a trunk, and an operator behind the trunk."""
    s = gated(make.server())
    s.config["opers"] = [{"name": "admin", "password": hash_of("right")}]
    s.start()
    trunk = dial(s)
    root = Behind(trunk, "root", addr="127.0.0.1")
    root.send("OPER admin right")
    root.expect(" 381 ")
    return s, trunk, root


def test_quit_and_kill_end_the_stream(governed):
    s, trunk, root = governed
    leaves, killed = Behind(trunk, "leaves"), Behind(trunk, "killed")
    leaves.send("QUIT :enough")
    assert leaves.until_closed()[-1].startswith("ERROR :")
    root.send("KILL killed :go away")
    lines = killed.until_closed()
    assert lines[-1].startswith("ERROR :") and "go away" in lines[-1]
    for c in (leaves, killed):
        assert c.stream.gone is not None and c.stream.closed is None
    assert {u["nick"] for u in s.ask("users")} == {"root"}
    # numbers are not used again, and a nick is free
    assert Behind(trunk, "killed").stream.s > killed.stream.s


def test_bans_are_for_the_address_of_the_client(governed):
    s, trunk, root = governed
    bad, good = Behind(trunk, "bad", addr="192.0.2.7"), Behind(trunk, "good")
    root.ask("KLINE 1h *@192.0.2.7 :spam")
    assert any(" 465 " in ln for ln in bad.until_closed())
    again = Behind(trunk, addr="192.0.2.7")
    again.send("NICK bad", "USER b 0 * :b")
    assert any("(K-Line: spam)" in ln for ln in again.until_closed())
    assert s.ctl("ban", "dline", "198.51.100.0/24", "go", "away"
                 ).returncode == 0
    refused = Behind(trunk, addr="198.51.100.9")
    assert any("(D-Line: go away)" in ln for ln in refused.until_closed())
    assert s.ctl("ban", "dline", "2001:db8::/32", "go", "away").returncode == 0
    refused = Behind(trunk, addr="2001:db8::9")
    assert any("(D-Line: go away)" in ln for ln in refused.until_closed())
    Behind(trunk, "fine", addr="2001:db9::9")
    assert good.ask("PING x")


def test_limits_count_the_address_of_the_client(make, dial):
    s = gated(make.server())
    s.config["classes"] = [
        {"name": "few", "net": "192.0.2.0/24", "per_address": 2},
        {"name": "here", "net": "127.0.0.0/8", "per_address": 1}]
    s.start()
    trunk = dial(s)
    kept = [Behind(trunk, f"n{i}", addr="192.0.2.7") for i in range(2)]
    full = Behind(trunk, addr="192.0.2.7")
    assert any("Too many connections" in ln for ln in full.until_closed())
    assert full.stream.gone is not None
    kept.append(Behind(trunk, "n2", addr="192.0.2.8"))
    kept[0].send("QUIT")
    kept[0].until_closed()
    Behind(trunk, "n0", addr="192.0.2.7")


def test_a_gate_has_at_most_so_many_streams(make, dial):
    s = gated(make.server(), streams=3).start()
    trunk = dial(s)
    assert trunk.caps["streams"] == "3"
    kept = [Behind(trunk, f"n{i}") for i in range(3)]
    full = Behind(trunk)
    full.until_closed()
    assert full.stream.gone is not None
    kept[0].close()
    until("n0 has gone", lambda: len(s.ask("users")) == 2)
    Behind(trunk, "n3")
    assert kept[1].ask("PING x")


# ---- what others see --------------------------------------------------------

def test_whois_over_another_server(make, dial):
    net = make.network(2)
    gated(net[0])
    net.start()
    trunk = dial(net[0])
    pin = "ab" * 32
    alice = Behind(trunk, "alice", addr="2001:db8::7", tls=TLS, pin=pin)
    Behind(trunk, "plain", addr="192.0.2.9")
    net.await_nicks("alice", "plain")
    bob = net[1].client("bob")
    lines = bob.ask("WHOIS alice")
    assert words(lines, "311", 3)[0][:3] == ["alice", "alice", "2001:db8::7"]
    assert words(lines, "312", 4)[0][0] == "s0.test"
    assert any(" 671 bob alice " in ln for ln in lines)
    assert any(ln.endswith(f"certificate fingerprint {pin}") and " 276 " in ln
               for ln in alice.ask("WHOIS alice"))
    lines = bob.ask("WHOIS plain")
    assert not any(re.search(" (671|276) ", ln) for ln in lines)


def test_what_the_gate_says_of_tls(make, dial):
    """The host name is that for which sts is; the cipher is for operators."""
    s = gated(make.server())
    s.config["sts"] = {"port": 6697, "proxied": True, "duration_s": 60,
                       "hosts": "irc.example.org"}
    s.start()
    trunk = dial(s)

    def told(**about):
        c = Behind(trunk, **about)
        c.send("CAP LS 302")
        c.expect(r" CAP \* LS :.*")
        m = re.search(r"[ :]sts=(\S+)", "\n".join(c.lines))
        return m and m.group(1)
    assert told() == "port=6697"
    assert told(tls=TLS) is None
    assert told(tls=TLS, sni="irc.example.org") == "duration=60"
    assert told(tls="TLS", sni="irc.example.org") == "duration=60"
    assert told(tls=TLS, sni="irc.example.net") is None


def test_a_netsplit(make, dial):
    """Each client sees each QUIT once, and each return once."""
    net = make.network(3)
    gated(net[0])
    net.start()
    trunk = dial(net[0])
    here = crowd(trunk, 50, "#c")
    far = [net[2].client(f"far{i}") for i in range(5)]
    for c in far:
        c.join("#c")
    here[0].ask()
    until("all are there", lambda: all(
        f"far{i}" in " ".join(here[0].ask("NAMES #c")) for i in range(5)))
    for c in here:
        c.ask()
    first = [len(c.lines) for c in here]
    net[1].kill()
    for c in here:
        for i in range(5):
            if not any(f":far{i}!" in ln for ln in c.lines[first[0]:]):
                c.expect(rf"^:far{i}!\S+ QUIT :s\S+ s\S+$")
    net[1].start()
    net.await_whole()
    far[0].send("PRIVMSG #c :back")
    net.await_same_facts()
    for c, at in zip(here, first):
        c.ask()
        seen = [ln.split()[:2] for ln in c.lines[at:] if ln.startswith(":far")]
        for i in range(5):
            mine = [w[1] for w in seen if w[0].startswith(f":far{i}!")]
            assert [v for v in mine if v != "PRIVMSG"] == ["QUIT", "JOIN"]
    quits = [ln for ln in list(trunk.seen) if b" QUIT :" in ln]
    assert len(quits) == 5 and all(ln.startswith(b"L *") for ln in quits)


# ---- several trunks ---------------------------------------------------------

def test_two_gates_and_two_trunks_of_one(make, dial):
    s = gated(make.server(), "gate1", "gate2").start()
    trunks = [dial(s, "gate1"), dial(s, "gate1"), dial(s, "gate2")]
    groups = [crowd(t, 5, "#c", first=10 * i) for i, t in enumerate(trunks)]
    talker = s.client("talker")
    talker.join("#c")
    talker.send("PRIVMSG #c :to all")
    for c in sum(groups, []):
        c.expect(" :to all$")
    assert [copies(t, ":to all") for t in trunks] == [(1, 0)] * 3
    # one that is killed takes its own clients with it
    trunks[0].hang_up()
    for i in range(5):
        talker.expect(rf"^:n\d!\S+ QUIT :")
    assert {u["nick"] for u in s.ask("users")} == {"talker"} | {
        f"n{10 * i + j}" for i in (1, 2) for j in range(5)}
    talker.send("PRIVMSG #c :to the rest")
    for c in groups[1] + groups[2]:
        c.expect(" :to the rest$")
    # its name may come again at once
    Behind(dial(s, "gate1"), "n0")


def test_a_gate_that_is_killed(make, dial):
    """With many clients: all their users quit, and others are served."""
    net = make.network(2)
    gated(net[0])
    net.start()
    trunk = dial(net[0])
    crowd(trunk, 500, "#c")
    near, far = net[0].client("near"), net[1].client("far")
    for c in (near, far):
        c.join("#c")
    net.await_same_facts()
    trunk.hang_up()
    assert near.ask("PING x")
    for s in net:
        until("they have gone", lambda s=s: len(s.ask("users")) == 2)
    for c in (near, far):
        c.ask()
        quits = [ln for ln in c.lines if re.search(r"^:n\d+!\S+ QUIT :", ln)]
        assert len(quits) == 500 == len(set(quits))
    again = crowd(dial(net[0]), 3, "#c")
    far.send("PRIVMSG #c :there?")
    again[0].expect(" :there[?]$")


# ---- the server ends --------------------------------------------------------

def test_the_server_stops(one):
    s, trunk = one
    alice = Behind(trunk, "alice")
    s.signal(signal.SIGTERM)
    assert trunk.await_error() == "stop"
    assert alice.until_closed()[-1].startswith("ERROR :")
    assert s.wait() == 0


def test_users_are_held_while_the_server_starts_again(make, dial):
    net = make.network(2)
    gated(net[0])
    for s in net:
        s.config["sync"] = {"grace_s": 30}
    net.start()
    trunk, pin = dial(net[0]), "cd" * 32
    about = {"addr": "192.0.2.7", "tls": TLS, "pin": pin}
    alice = Behind(trunk, "alice", **about)
    bob = net[1].client("bob")
    net.await_nicks("alice", "bob")
    for c in (alice, bob):
        c.join("#c")
    net.await_same_facts()
    alice.ask("MODE #c +k key")
    bob.ask()
    first = len(bob.lines)
    net[0].again()
    assert trunk.await_error() == "restart"
    assert alice.until_closed()[-1].startswith("ERROR :")
    bob.send("PRIVMSG alice :are you there?")
    trunk = dial(net[0])
    stranger = Behind(trunk, addr="192.0.2.8", tls=TLS)
    stranger.send("NICK alice", "USER alice 0 * :alice")
    stranger.expect(r" 433 \* alice ")
    back = Behind(trunk, "alice", **about)
    back.expect(r"^:alice!\S+ JOIN :?#c$")
    back.expect(r" PRIVMSG alice :are you there\?$")
    bob.ask()
    net.await_whole()
    back.send("PRIVMSG #c :back")
    bob.expect(r"^:alice!\S+ PRIVMSG #c :back$")
    assert not any(re.search(r"alice!\S+ (QUIT|JOIN) ", ln)
                   for ln in bob.lines[first:])


def test_the_server_is_killed(one):
    """The gate notices; a new trunk is open when the server is."""
    s, trunk = one
    alice = Behind(trunk, "alice")
    s.kill()
    assert trunk.await_error() is None
    assert alice.until_closed()[-1].startswith("ERROR :")
    s.start()


def test_a_server_that_has_not_caught_up(make, dial):
    """SERVER comes when the server is open for clients."""
    net = make.network(2)
    gated(net[0])
    for s in net:
        s.config["sync"] = {"alone_ms": 3000}
    net[0].start(wait=False)
    until("it listens", lambda: net[0].ctl("status").returncode == 0)
    trunk = make.keep(Trunk(net[0].gates))
    trunk.await_open()
    assert net[0].status()["ready"]
    assert Behind(trunk, "alice").ask("PING x")
    net[0].kill()


# ---- over TLS ---------------------------------------------------------------

@pytest.fixture
def keyed(make, folder):
    """A server to which gates come over TLS, and the folder of the keys of a
    gate."""
    keys = os.path.join(folder, "gate")
    os.mkdir(keys)
    pin = make_certificate(keys, "whatever")
    s = make.server(tls=True)
    s.config["dns"] = {"enabled": False}
    s.add_gates({"name": "gate1", "pin": pin},
                {"name": "gate2", "pin": "00" * 32}, tls=True)
    return s.start(), keys


def test_over_tls(keyed, dial):
    s, keys = keyed
    trunk = dial(s, keys=keys, pin=s.pin)
    made = crowd(trunk, 20, "#c")
    alice = s.client("alice")
    alice.join("#c")
    for i in range(200):
        alice.send(f"PRIVMSG #c :{'x' * 300} n{i}.")
    for c in made:
        c.expect(r" n199\.$")
    assert [len(x) for x in said(made, "#c")] == [200] * 20


def test_the_gate_compares_the_pin_too(keyed):
    s, keys = keyed
    with pytest.raises(Breach, match="pin"):
        Trunk(s.gates, keys=keys, pin="11" * 32)
    assert s.client("alice").ask("PING x")


# ---- what is told of trunks -------------------------------------------------

def test_gates_are_told(one):
    s, trunk = one
    crowd(trunk, 3, "#c")
    row, = s.ask("gates")
    assert (row["name"], row["streams"]) == ("gate1", 3)
    s.await_log(r" trunk-up .*gate1")
    trunk.hang_up()
    s.await_log(r" trunk-down .*gate1")
    until("it is gone", lambda: not [r for r in s.ask("gates")
                                     if r.get("streams")])


# ---- other servers, load, and the choice of a server ---------------------------

ALL = ("peers", "load", "place")


@pytest.fixture
def two(make):
    """Two linked servers with gates, in two regions."""
    net = make.network(2)
    for s, region in zip(net.servers, ("eu", "us")):
        gated(s)
        s.config["server"]["region"] = region
    return net.start()


def test_a_gate_is_told_of_the_servers(two, dial):
    trunk = dial(two[0], caps=ALL)
    pins = {}
    trunk.wait("both servers", lambda: len(trunk.peers) == 2)
    for s, region in zip(two.servers, ("eu", "us")):
        peer = trunk.peers[s.sid]
        pins[s.sid] = peer.pop("pin")
        assert peer == {"name": s.name, "region": region,
                        "host": "127.0.0.1", "port": s.gates}
    assert set(pins.values()) == {"-"}
    assert trunk.load["users"] == 0 and trunk.load["weight"] == 100
    assert two[1].ctl("stop").returncode == 0
    two[1].process.wait()
    trunk.wait("it has gone", lambda: set(trunk.peers) == {two[0].sid})
    two[1].start()
    trunk.wait("it is back", lambda: len(trunk.peers) == 2)


def test_a_key_is_told(make, dial):
    """Over TLS, PEER has the pin that a gate sees."""
    s = make.server("one.test", "1AA", tls=True)
    folder = os.path.join(make.folder, "gate")
    os.makedirs(folder)
    pin = make_certificate(folder, "gate.test")
    s.add_gates({"name": "gate1", "pin": pin}, tls=True)
    s.start()
    trunk = dial(s, keys=folder, pin=s.pin)
    assert trunk.peers["1AA"]["pin"] == s.pin


def test_people_go_where_they_were(two, dial):
    """Somebody who comes again costs less where the others of the channel are."""
    near, far = dial(two[0], caps=ALL), dial(two[1], caps=ALL)
    stranger = near.ask(nick="nobody", address="192.0.2.1")
    assert stranger["rate"] == 0 and set(stranger["cost"].values()) == {0}
    alice = Behind(near, "alice", addr="192.0.2.1", over=True)
    bob = Behind(far, "bob", addr="192.0.2.2", over=True)
    alice.join("#tea")
    bob.join("#tea")
    for i in range(20):
        bob.send(f"PRIVMSG #tea :{i}")
    alice.expect(r"PRIVMSG #tea :19$")
    alice.send("QUIT")
    for trunk in (near, far):
        until("both remember", lambda: trunk.ask(
            nick="ALICE", address="192.0.2.1")["rate"] > 0)
        cost = trunk.ask(nick="alice", address="192.0.2.1")["cost"]
        assert cost[two[1].sid] < cost[two[0].sid]
        assert trunk.ask(nick="alice", address="192.0.2.9")["rate"] == 0
    near.wait("LOAD has what they read", lambda: far.load["rate"] > 0)


def test_a_server_with_more_than_its_share(two, dial):
    trunk = dial(two[0], caps=ALL)
    trunk.wait("both servers", lambda: len(trunk.peers) == 2)

    def come(n):
        streams = [trunk.new(addr=f"192.0.2.{i + 1}") for i in range(n)]
        trunk.wait("the last is answered", lambda: streams[-1].has_ended or
                   streams[-1].granted)
        return [x.is_full for x in streams]
    # as many may come elsewhere at the same time
    assert not any(come(20))
    time.sleep(0.7)
    assert all(come(10))
    over = trunk.new(over=True)
    trunk.wait("it is taken", lambda: over.granted)
    other = dial(two[1], caps=ALL)
    x = other.new()
    other.wait("there is room at the other one", lambda: x.granted)


def test_a_drained_server(two, dial):
    trunk, other = dial(two[0], caps=ALL), dial(two[1], caps=ALL)
    early = Behind(trunk, "early", over=True)
    assert two[0].ctl("drain", "on").returncode == 0
    trunk.wait("LOAD says so", lambda: "draining" in trunk.load["flags"])
    late = trunk.new(over=True)
    trunk.wait("GONE", lambda: late.gone)
    assert "being emptied" in late.gone
    early.ask()
    # the others know, and take everybody
    for _ in range(20):
        x = other.new()
        other.wait("an answer", lambda: x.granted or x.has_ended)
        assert x.granted
