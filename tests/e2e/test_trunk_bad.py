"""Gates that break rules, strangers on the port of gates, and gates that ask
too much. Each has a defined answer, and costs no other trunk and no client of
another."""
import os
import re
import signal
import socket
import ssl
import time

import pytest

from harness import Client, make_certificate, until
from pygate import Trunk, tls_context
from test_trunk import Behind, dial, gated, keyed, one     # fixtures, too

assert dial and keyed and one
NEWS = int(os.environ.get("NEWS", "200000"))
ALICE = b"@addr=192.0.2.1;port=6667 NEW 1\r\n"


@pytest.fixture
def bad(make, dial):
    """Make a trunk of a gate that will break a rule."""
    s = gated(make.server(), "gate1", "gate2").start()
    good = Behind(dial(s, "gate2"), "good")
    made = []

    def dialled(**kwargs):
        made.append(Trunk(s.gates, **kwargs))
        return made[-1]
    yield s, dialled
    assert good.ask("PING x") and s.client("other").ask("PING x")
    for trunk in made:
        trunk.hang_up()
        assert trunk.breach is None


# ---- each code --------------------------------------------------------------

@pytest.mark.parametrize("kwargs, code", [
    ({"version": "2"}, "version"), ({"version": "01"}, "form"),
    ({"gate": "gate3"}, "name"), ({"gate": "GATE1"}, "name"),
    ({"network": "Another"}, "network"), ({"gate": "ga/te"}, "form"),
    ({"gate": "x" * 64}, "form"), ({"region": "a/b"}, "form"),
    ({"region": "x" * 64}, "form")])
def test_what_a_gate_says_of_itself(bad, kwargs, code):
    s, dialled = bad
    trunk = dialled(**kwargs)
    assert trunk.await_error() == code
    assert trunk.server is None
    s.await_log(rf" trunk-refused .*code={code}")


def test_what_a_gate_may_say_of_itself(bad):
    """A capability that is not known, and the name of this network."""
    _, dialled = bad
    dialled(network="Tests", region="eu-1").await_open()
    trunk = dialled(gate=None)
    trunk.raw(b"@x=y;long GATE  1 gate1   * :what=ever x network\r\n")
    trunk.await_open()


FORM = [b"\r\n", b"NEW 1\n", b"NOSUCH 1\r\n", b"new 1\r\n", b"NEW\r\n",
        b"@addr=192.0.2.1;port=1 NEW\r\n",
        b"@addr=192.0.2.1;port=1 NEW 1 2\r\n",
        b"@addr=192.0.2.1;port=1 NEW 1 :x\r\n", b"@addr=192.0.2.1 NEW 1\r\n",
        b"@port=1 NEW 1\r\n", b"NEW 1\r\n", b"@addr=x;port=1 NEW 1\r\n",
        b"@addr=;port=1 NEW 1\r\n", b"@addr=192.0.2.1;port=x NEW 1\r\n",
        b"@addr=192.0.2.1;port=65536 NEW 1\r\n",
        b"@addr=192.0.2.1;port=1 NEW 0\r\n",
        b"@addr=192.0.2.1;port=1 NEW 01\r\n",
        b"@addr=192.0.2.1;port=1 NEW +1\r\n",
        b"@addr=192.0.2.1;port=1 NEW 4294967296\r\n",
        b"@addr=192.0.2.1;port=1;tls;pin=xyz NEW 1\r\n",
        ALICE + b"CMD 1 1\r\n", ALICE + b"CMD 1 :x\r\n",
        ALICE + b"CMD 1 x :x\r\n", ALICE + b"CMD 1 0 :x\r\n",
        ALICE + b"CMD 1 1 1 :x\r\n",
        ALICE + b"CMD 1 9223372036854775808 :x\r\n",
        ALICE + b"CMD 1 1 :a\0b\r\n", ALICE + b"CMD 1 1 :a\rb\r\n",
        ALICE + b"CMD 1 1 :" + b"x" * 600 + b"\r\n",
        ALICE + b"CMD 1 1 :@" + b"x" * 4200 + b" x\r\n",
        ALICE + b"CMD 1 1 :" + b"x" * 17000 + b"\r\n",
        ALICE + b"EOF\r\n", ALICE + b"EOF x\r\n", ALICE + b"EXCESS 1 2\r\n",
        ALICE + b"CLOSED 1\r\n", ALICE + b"CLOSED :x\r\n",
        b"BEAT\r\n", b"BEAT 0\r\n", b"BEAT 1 1\r\n", b"BEAT x\r\n",
        b"BEAT 1 1 1 1\r\n", b"x" * 17000,
        b"SERVER 1 1AA.1 one.test * :\r\n", b"L 1 :x\r\n", b"LIST 1 1\r\n",
        b"READ 1 1\r\n", b"GONE 1 :x\r\n", b"POS\r\n", b"UNLIST 1\r\n",
        b"QUEUES 1 1 1\r\n", b"DRAIN 1 1\r\n", b"STATE 1\r\n", b"\xff\xfe\r\n"]


@pytest.mark.parametrize("data", FORM, ids=range(len(FORM)))
def test_lines_without_their_form(bad, data):
    _, dialled = bad
    trunk = dialled(beats=False).await_open()
    trunk.know(1)
    trunk.raw(data)
    # a line that belongs to the server, or is not due, breaks 3.5 as well
    assert trunk.await_error() in ("form", "state")


NOT_DUE = [
    (b"GATE 1 gate1 * :\r\n", "state"),
    (b"EOF 1\r\n", "stream"), (b"CMD 1 1 :x\r\n", "stream"),
    (b"EXCESS 7\r\n", "stream"), (b"DRAINED 7\r\n", "stream"),
    (b"CLOSED 7 :x\r\n", "stream"), (ALICE + ALICE, "stream"),
    (ALICE.replace(b"NEW 1", b"NEW 7") + ALICE, "stream"),
    (ALICE + b"CLOSED 1 :x\r\n" + ALICE, "stream"),
    (ALICE + b"CMD 1 2 :x\r\n", "command"),
    (ALICE + b"CMD 1 1 :x\r\nCMD 1 1 :x\r\n", "command"),
    (ALICE + b"CMD 1 1 :x\r\nCMD 1 3 :x\r\n", "command"),
    (ALICE + b"CMD 1 9223372036854775807 :x\r\n", "command")]


@pytest.mark.parametrize("data, code", NOT_DUE, ids=range(len(NOT_DUE)))
def test_lines_that_are_not_due(bad, data, code):
    _, dialled = bad
    trunk = dialled().await_open()
    trunk.know(1)
    trunk.know(7)
    trunk.raw(data)
    assert trunk.await_error() == code


def test_more_lines_than_were_granted(make, dial):
    """The allowance of the client, and 16 lines ahead of it (5.4)."""
    s = make.server()
    s.config["classes"][0].update(flood_burst=5, flood_rate=1)
    gated(s, "gate1").start()
    trunk = Trunk(s.gates).await_open()
    x = trunk.know(1)
    trunk.raw(ALICE + b"".join(b"CMD 1 %d :x\r\n" % i for i in range(1, 17)))
    trunk.wait("the allowance is spent", lambda: len(
        [ln for ln in x.lines if b" 451 " in ln]) >= 5)
    trunk.raw(b"".join(b"CMD 1 %d :x\r\n" % i for i in range(17, 40)))
    assert trunk.await_error() == "grant"
    trunk.hang_up()


def test_lines_before_the_server_is_open(make, dial):
    net = make.network(2)
    gated(net[0])
    net[0].config["sync"] = {"alone_ms": 60000}
    net[0].start(wait=False)
    until("it listens", lambda: net[0].ctl("status").returncode == 0)
    trunk = Trunk(net[0].gates)
    trunk.raw(ALICE)
    assert trunk.await_error() == "state"
    trunk.hang_up()
    # a gate that waits is told of life
    trunk = Trunk(net[0].gates)
    trunk.wait("BEAT", lambda: trunk.count["BEAT"] > 2)
    assert trunk.server is None
    trunk.close()
    net[0].kill()


def test_lines_of_a_stream_that_has_ended(one):
    """They are passed over, as they may have crossed its end."""
    s, trunk = one
    alice = Behind(trunk, "alice")
    x = alice.stream
    alice.send("QUIT")
    alice.until_closed()
    n = x.s
    trunk.raw(b"".join(ln % n for ln in (
        b"CMD %d 99 :x\r\n", b"EOF %d\r\n", b"EXCESS %d\r\n", b"DRAINED %d\r\n",
        b"CLOSED %d :x\r\n", b"CLOSED %d :x\r\n")))
    assert Behind(trunk, "bob").ask("PING x")


def test_a_gate_that_is_silent(bad):
    _, dialled = bad
    started = time.monotonic()
    mute = dialled(gate=None)               # 10 s for GATE
    still = dialled(beats=False).await_open()       # 20 s of silence
    assert mute.await_error() == "silent"
    assert 9 < time.monotonic() - started
    assert not still.is_closed
    assert still.await_error() == "silent"
    assert 19 < time.monotonic() - started


def test_a_gate_that_is_removed(bad):
    s, dialled = bad
    trunk = dialled().await_open()
    alice = Behind(trunk, "alice")
    blocks = s.config["gates"]
    s.config["gates"] = blocks[1:]
    s.write()
    assert s.ctl("reload").returncode == 0
    assert trunk.await_error() == "removed"
    assert alice.until_closed()[-1].startswith("ERROR :")
    until("alice is gone", lambda: "alice" not in str(s.ask("users")))
    assert dialled().await_error() == "name"
    s.config["gates"] = blocks
    s.write()
    assert s.ctl("reload").returncode == 0
    dialled().await_open()


def test_a_gate_has_at_most_sixteen_trunks(bad):
    _, dialled = bad
    trunks = [dialled().await_open() for _ in range(16)]
    assert dialled().await_error() == "bounds"
    alice = Behind(trunks[0], "alice")
    trunks[15].hang_up()
    until("another may come", lambda: is_let_in(dialled))
    assert alice.ask("PING x")


def is_let_in(dialled):
    trunk = dialled()
    trunk.wait("an answer", lambda: trunk.has_position or trunk.is_closed)
    return not trunk.is_closed


# ---- keys -------------------------------------------------------------------

def test_keys_that_are_not_the_configured_ones(keyed, make, folder, dial):
    s, keys = keyed
    other = os.path.join(folder, "other")
    os.mkdir(other)
    make_certificate(other, "gate1")
    assert Trunk(s.gates, keys=other).await_error() == "pin"
    s.await_log(r" trunk-refused .*code=pin")
    # the key of one gate, the name of another
    assert Trunk(s.gates, "gate2", keys=keys).await_error() in ("name", "pin")
    assert Trunk(s.gates, "gate3", keys=keys).await_error() == "name"
    # none at all
    try:
        none = Trunk(s.gates, context=tls_context(None))
        assert none.await_error() in ("pin", None) and none.server is None
    except OSError:
        pass
    with pytest.raises(OSError):
        Trunk(s.gates, context=tls_context(keys, ssl.TLSVersion.TLSv1_2))
    plain = Trunk(s.gates)
    assert plain.await_error() is None and plain.server is None
    Behind(dial(s, keys=keys), "alice")


def test_a_plain_trunk_that_is_not_allowed(make):
    """The port is plain, and the gate has a pin."""
    s = make.server()
    s.add_gates({"name": "gate1", "pin": "00" * 32},
                {"name": "gate2", "plaintext": True})
    s.start()
    trunk = Trunk(s.gates, "gate1")
    assert trunk.await_error() == "plaintext"
    s.client("alice")


def test_a_reload_that_changes_the_pin(keyed, dial):
    s, keys = keyed
    trunk = dial(s, keys=keys)
    alice = Behind(trunk, "alice")
    s.config["gates"][0]["pin"] = "22" * 32
    s.write()
    assert s.ctl("reload").returncode == 0
    assert trunk.await_error() in ("removed", "pin")
    alice.until_closed()
    assert Trunk(s.gates, keys=keys).await_error() == "pin"


def test_plain_trunks_are_for_loopback_alone(make):
    """The configuration is refused."""
    s = gated(make.server())
    s.config["listen"][-1]["address"] = "0.0.0.0"
    assert "loopback" in s.refused()


# ---- strangers --------------------------------------------------------------

STRANGERS = [b"NICK x\r\nUSER x 0 * :x\r\n",
             b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
             b"HELLO 3 1AA.1 one.test 0 0 :x\r\n",
             b"\x16\x03\x01\x02\x00\x01\x00",
             os.urandom(100000), b"\0" * 65536, b"x" * 65536, b"\r\n" * 1000,
             b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 6667\r\n",
             b"ERROR pin :x\r\n", b"BEAT 1\r\n",
             b"GATE 1 gate1 *\r\n", b"GATE 1 gate1 :x\r\n"]


@pytest.mark.parametrize("data", STRANGERS, ids=range(len(STRANGERS)))
@pytest.mark.parametrize("made", ["one", "keyed"])
def test_a_stranger_on_the_port(request, made, data):
    """It is closed, and nobody else notices."""
    s = request.getfixturevalue(made)[0]
    with socket.create_connection(("127.0.0.1", s.gates)) as c:
        c.settimeout(60)
        try:
            c.sendall(data)
            while c.recv(65536):
                pass
        except ConnectionError:
            pass
    assert s.client("alice").ask("PING x")


def test_many_strangers_who_say_nothing(bad):
    """The oldest ones go first, so that a gate can still come."""
    s, dialled = bad
    held = [socket.create_connection(("127.0.0.1", s.gates))
            for _ in range(200)]
    dialled().await_open()
    held[0].settimeout(60)
    assert held[0].recv(65536).startswith(b"ERROR bounds :")
    assert s.client("alice").ask("PING x")
    for c in held:
        c.settimeout(60)
        try:
            while c.recv(65536):
                pass
        except ConnectionError:
            pass
        c.close()


def test_a_gate_that_dies_in_the_middle_of_a_line(bad):
    s, dialled = bad
    for n in range(1, 60, 7):
        trunk = dialled().await_open()
        trunk.know(1)
        trunk.raw((ALICE + b"CMD 1 1 :NICK alice\r\nCMD 1 2 :USER a 0 * :a\r\n"
                   )[:-n])
        trunk.hang_up()
    until("nobody is left", lambda: [u["nick"] for u in s.ask("users")]
          == ["good"])


# ---- too much ---------------------------------------------------------------

def test_many_more_streams_than_it_may_have(make, dial):
    """NEWS=1000000 for a million."""
    s = gated(make.server(), "gate1", "gate2", streams=1000)
    s.config["classes"][0]["registration_s"] = 0
    s.start()
    good = Behind(dial(s, "gate2"), "good")
    trunk = dial(s)
    while trunk.last_s < NEWS:
        trunk.wait("it takes more", lambda: len(trunk.tx) < 1 << 20)
        with trunk.lock:
            for _ in range(1000):
                trunk.new(addr=f"192.0.2.{trunk.last_s % 250}")
    assert good.ask("PING x")
    trunk.wait("the others are gone", lambda: trunk.count["GONE"] ==
               NEWS - 1000)
    open_ones = [x for x in trunk.streams.values() if not x.has_ended]
    assert [x.s for x in open_ones] == list(range(1, 1001))
    for x in open_ones:
        x.close()
    trunk.settle()
    assert Behind(trunk, "alice").ask("PING x") and good.ask("PING x")


def rss_kib(s):
    with open(f"/proc/{s.process.pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1))


def test_a_gate_that_does_not_read(make, dial):
    """It is told to operators, then the trunk is closed; others go on."""
    s = gated(make.server(), "gate1", "gate2").start()
    trunk, good = dial(s, rcvbuf=4096), Behind(dial(s, "gate2"), "good")
    views = [(), ("server-time",), ("message-tags",), ("account-tag",),
             ("server-time", "message-tags"), ("server-time", "account-tag"),
             ("message-tags", "account-tag")]
    made = [Behind(trunk, f"n{i}", caps) for i, caps in enumerate(views)]
    for c in made:
        c.join("#c")
    talker = s.client("talker")
    for c in (good, talker):
        c.join("#c")
    trunk.pause()
    n = 0
    while "n0" in str(s.ask("users")):
        talker.send(*[f"PRIVMSG #c :n{n + i}. {'x' * 400}"
                      for i in range(1000)])
        talker.ask()
        n += 1000
        assert n < 200000
    s.await_log(r" trunk-slow .*gate1")
    good.expect(rf" PRIVMSG #c :n{n - 1}\. ")
    assert [int(x) for ln in good.lines for x in re.findall(
        r" PRIVMSG #c :n(\d+)\. ", ln)] == list(range(n))
    # what was read before the end is right, as far as it goes
    trunk.pause(False)
    assert trunk.await_error() in ("slow", None)
    until("its memory is free again", lambda: rss_kib(s) < 100 << 10)


def test_a_slow_gate_is_granted_nothing(make, dial):
    """READ waits while 256 KiB are unsent, and comes then, and so do lines
    that were granted ahead. Nothing is lost."""
    s = gated(make.server(), "gate1", "gate2").start()
    trunk, good = dial(s, rcvbuf=4096), Behind(dial(s, "gate2"), "good")
    alice = Behind(trunk, "alice")
    talker = s.client("talker")
    for c in (alice, good, talker):
        c.join("#c")
    trunk.pause()
    before = len(alice.lines)
    for i in range(20):
        talker.ask(*[f"PRIVMSG #c :n{1000 * i + j}. {'x' * 400}"
                     for j in range(1000)])
    mine = [f"PRIVMSG good :m{i}." for i in range(5000)]
    alice.send(*mine)
    assert alice.stream.waiting     # it has no more grants
    good.expect(r" PRIVMSG #c :n19999\. ")
    good.ask("PING x")
    assert not [ln for ln in good.lines if " PRIVMSG good " in ln]
    trunk.pause(False)
    good.expect(r" PRIVMSG good :m4999\.$")
    alice.expect(r" PRIVMSG #c :n19999\. ")
    last = [" PRIVMSG #c :n19999. " in ln for ln in alice.lines].index(True)
    assert not [n for n in alice.stream.granted_at if before < n <= last]
    assert alice.stream.granted_at[-1] > last
    assert [int(x) for ln in good.lines for x in re.findall(
        r" PRIVMSG good :m(\d+)\.$", ln)] == list(range(5000))


def test_a_stopped_server_is_given_up(one):
    """The gate hears nothing for the time of silence."""
    s, trunk = one
    s.signal(signal.SIGSTOP)
    try:
        until("the gate gives it up", lambda: trunk.is_closed)
        assert trunk.breach.code == "silent"
        trunk.breach = None
    finally:
        s.signal(signal.SIGCONT)
    Client(s.plain, "alice")
