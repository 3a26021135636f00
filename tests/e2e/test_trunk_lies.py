"""Servers that break rules of doc/gate-protocol.md. A small server that lies
says to a gate what it must not say: the gate ends the trunk with the right
code."""
import socket
import time

import pytest

from harness import TIMEOUT
from pygate import Trunk, parse

OPEN = b"SERVER 1 1AA.7 one.test * :streams=100\r\nPOS 1AA.7=1\r\n"


class Liar:
    """The server's side of one trunk. It says what a test gives it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(TIMEOUT)
        self.port = self.listener.getsockname()[1]
        self.buffer, self.lines = b"", []

    def accept(self, opening=OPEN):
        self.sock, _ = self.listener.accept()
        self.sock.settimeout(TIMEOUT)
        gate = self.await_line(b"GATE")
        assert len(gate.words) == 3 and gate.words[0] == b"1" and (
            gate.text is not None)
        self.say(opening)

    def say(self, data):
        try:
            self.sock.sendall(data)
        except ConnectionError:
            pass    # the gate has had enough

    def beat(self, echo):
        self.say(b"BEAT %d %s 0\r\n" % (time.monotonic_ns() // 10**6, echo))

    def next(self):
        """Return the next line, or None at the end."""
        while b"\r\n" not in self.buffer:
            try:
                data = self.sock.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                return None
            self.buffer += data
        raw, _, self.buffer = self.buffer.partition(b"\r\n")
        self.lines.append(parse(raw))
        return self.lines[-1]

    def await_line(self, verb, beats=True):
        """Read until a line of that verb, and return it. BEATs are answered."""
        deadline = time.monotonic() + TIMEOUT
        while (ln := self.next()) is not None:
            if ln.verb == verb:
                return ln
            if ln.verb == b"BEAT" and beats:
                self.beat(ln.words[0])
            assert time.monotonic() < deadline, (verb, self.lines[-20:])
        raise AssertionError(f"closed before {verb}: {self.lines[-20:]}")

    def await_error(self, beats=True):
        code = self.await_line(b"ERROR", beats).words[0].decode()
        assert self.next() is None
        return code

    def close(self):
        self.listener.close()
        self.sock.close()


@pytest.fixture
def liar(make):
    return make.keep(Liar())


@pytest.fixture
def gate(make, liar):
    """A gate that dials the liar, and has two clients: streams 1 and 2."""
    def dialled(opening=OPEN, clients=2, **kwargs):
        trunk = Trunk(liar.port, **kwargs)
        liar.accept(opening)
        if clients:
            trunk.await_open()
            made = [trunk.new() for _ in range(clients)]
            for x in made:
                assert liar.await_line(b"NEW").words == [str(x.s).encode()]
        return trunk
    return dialled


LONG = b"LIST 1 * 1\r\n"
LIES = [
    (b"SERVER 1 1AA.7 one.test * :streams=100", "state"),
    (b"NOSUCH", "form"), (b"pos", "form"), (b"", "form"), (b"STATE 1", "form"),
    (b"L 1", "form"), (b"L :x", "form"), (b"L 1 2 :x", "form"),
    (b"L 01 :x", "form"), (b"L 0 :x", "form"), (b"L x :x", "form"),
    (b"L * :x", "form"), (b"L *x :x", "form"), (b"L 4294967296 :x", "form"),
    (b"L 1 :x\0y", "form"), (b"L 1 :x\ry", "form"), (b"POS\nPOS", "form"),
    (b"L 1 :" + b"x" * 16400, "form"), (b"x" * 20000, "form"),
    (b"L 9 :x", "stream"), (b"READ 1 9", "stream"), (b"QUEUES 1 1 9", "stream"),
    (b"DRAIN 9 1", "stream"), (b"GONE 9 :x", "stream"), (b"LIST 1 9", "stream"),
    (b"READ x 1", "form"), (b"READ -1 1", "form"), (b"READ 1 :1", "form"),
    (b"READ 1 1 01", "form"), (b"READ", "form"), (b"QUEUES 1", "form"),
    (b"QUEUES 1 x 1", "form"), (b"DRAIN 1", "form"), (b"DRAIN 1 1 1", "form"),
    (b"DRAIN 1 :1", "form"), (b"GONE 1", "form"), (b"GONE :x", "form"),
    (b"LIST", "form"), (b"LIST 0 1", "form"), (b"LIST 1 :1", "form"),
    (b"UNLIST", "form"), (b"UNLIST 1 1", "form"), (b"UNLIST 1", "list"),
    (b"L *1 :x", "list"), (b"LIST 1 1 1", "list"), (b"LIST 1 =1", "list"),
    (b"LIST 1 =2 +1", "list"), (b"LIST 1 +1", "list"), (b"LIST 1 -1", "list"),
    (b"LIST 1 1\r\nLIST 1 1", "list"), (b"LIST 1 1\r\nLIST 2 =1 +1", "list"),
    (b"LIST 1 1\r\nLIST 2 =1 -2", "list"), (b"LIST 1 1\r\nLIST 2 =1 2", "list"),
    (b"LIST 1 1\r\nLIST 2 +2 =1", "list"),
    (b"LIST 1 1\r\nUNLIST 1\r\nL *1 :x", "list"),
    (b"LIST 1 1\r\nUNLIST 1\r\nLIST 2 =1 +2", "list"),
    (b"\r\n".join(b"LIST %d 1" % g for g in range(1, 4098)), "bounds"),
    (LONG + b"POS", "state"), (LONG + b"L 1 :x", "state"),
    (LONG + b"LIST 2 2", "state"),
    (b"POS x", "form"), (b"POS 1AA.7", "form"), (b"POS 1AA.7=x", "form"),
    (b"POS 1AA=7", "form"), (b"POS 1AA.7=02", "form"),
    (b"BEAT", "form"), (b"BEAT 0", "form"), (b"BEAT 1 1", "form"),
    (b"BEAT x", "form"), (b"BEAT 1 1 1 1", "form"),
    (b"ERROR", "form"), (b"ERROR stop", "form"),
    (b"GATE 1 gate1 * :", "state"), (b"CMD 1 1 :x", "state"),
    (b"CLOSED 1 :x", "state"), (b"@addr=192.0.2.1;port=1 NEW 3", "state"),
]
STRICT = [      # a gate may bear these
    (b"GONE 1 :x\r\nL 1 :x", "state"), (b"GONE 1 :x\r\nGONE 1 :x", "state"),
    (b"GONE 1 :x\r\nREAD 1 1", "state"), (b"POS 1AA.7=1", "form"),
    (b"POS 1AA.7=2 1AA.7=3", "form"), (b"BEAT 2\r\nBEAT 1", "form"),
    (b"BEAT 2 1 1", "form"), (b"ERROR nosuch :x", "form"),
    (b"ERROR stop :x\r\nPOS", "state"), (b"L 1 :" + b"x" * 9000, "form"),
]
WRONG_DIRECTION = ("form", "state")     # 3.5 has both


def is_right(code, want):
    return code in (WRONG_DIRECTION if want == "state" else (want,))


@pytest.mark.parametrize("data, code", LIES + STRICT,
                         ids=range(len(LIES + STRICT)))
def test_lies(liar, gate, data, code):
    trunk = gate()
    liar.say(data + b"\r\n")
    assert is_right(liar.await_error(), code)
    trunk.hang_up()


FIRST = [
    (b"POS 1AA.7=1\r\n", "state"), (b"L 1 :x\r\n", "state"),
    (b"LIST 1\r\n", "state"), (b"SERVER 2 1AA.7 one.test * :streams=1\r\n",
                               "version"),
    (b"SERVER 1 1AA one.test * :streams=1\r\n", "form"),
    (b"SERVER 1 1AA.7 one.test * streams=1\r\n", "form"),
    (b"SERVER 1 1AA.7 one/test * :streams=1\r\n", "form"),
    (b"SERVER 1 1AA.7 one.test :streams=1\r\n", "form"),
    (b"SERVER 1 1AA.7 one.test * :network=Other streams=1\r\n", "network"),
]
FIRST_STRICT = [
    (b"SERVER 1 1AA.7 one.test * :\r\n", "form"),
    (OPEN.replace(b" 1AA.7=1\r\n", b"\r\n"), "state"),
    (OPEN.replace(b"POS", b"BEAT 1\r\nPOS"), "state"),
    (OPEN.replace(b"POS 1AA", b"POS 2AA"), "state"),
]


@pytest.mark.parametrize("data, code", FIRST + FIRST_STRICT,
                         ids=range(len(FIRST + FIRST_STRICT)))
def test_what_a_server_says_first(liar, gate, data, code):
    trunk = gate(data, clients=0, network="Tests")
    assert is_right(liar.await_error(), code)
    trunk.hang_up()


def test_too_many_members(liar, gate):
    trunk = gate(clients=1000)
    said = [b"LIST 1 " + b" ".join(b"%d" % s for s in range(1, 1001))]
    said += [b"LIST %d =1" % g for g in range(2, 1050)]
    liar.say(b"\r\n".join(said) + b"\r\n")
    assert liar.await_error() == "bounds"
    trunk.hang_up()


def test_members_of_lists_that_are_forgotten_do_not_count(liar, gate):
    trunk = gate(clients=1000)
    members = b" ".join(b"%d" % s for s in range(1, 1001))
    for _ in range(3):
        liar.say(b"".join(b"LIST %d %s\r\n" % (g, members)
                          for g in range(1, 500)) +
                 b"".join(b"UNLIST %d\r\n" % g for g in range(1, 500)) +
                 b"L 1 :x\r\nPOS\r\n")
    trunk.wait("all of it has come", lambda: len(trunk.streams[1].lines) == 3)
    trunk.close()


def test_lines_that_cross_an_end(liar, gate):
    """Until the server has heard of CLOSED, it may speak of the stream."""
    trunk = gate()
    before = liar.await_line(b"BEAT", beats=False).words[0]
    x = trunk.streams[1]
    x.close()
    liar.await_line(b"CLOSED", beats=False)
    liar.beat(before)
    liar.say(b"L 1 :x\r\nREAD 1 1\r\nPOS\r\n")
    trunk.wait("all of it has come", lambda: trunk.steps == 2)
    assert trunk.count["READ"] == 1 and x.lines == [] and x.grants == 0
    after = liar.await_line(b"BEAT", beats=False).words[0]
    liar.beat(after)
    liar.say(b"LIST 1 1 2\r\nL *1 :y\r\nPOS\r\n")
    trunk.wait("a list may have it", lambda: trunk.streams[2].lines)
    liar.say(b"L 1 :x\r\n")
    assert liar.await_error(beats=False) == "state"
    trunk.hang_up()


def test_a_server_that_is_silent(liar, gate):
    trunk = gate()
    assert liar.await_error(beats=False) == "silent"
    trunk.hang_up()


def test_a_position_counts_for_one_step(liar, gate):
    """The gate of these tests knows where a step ends."""
    trunk = gate()
    liar.say(b"LIST 7 * 1\r\nLIST 7 2\r\nL *7 ::x PRIVMSG #c :y\r\n")
    trunk.wait("it has come", lambda: trunk.streams[2].lines)
    assert trunk.step == 3 and trunk.steps == 1
    liar.say(b"POS * 1AA.7=2\r\nPOS 2AA.9=4\r\n")
    trunk.settle()
    assert trunk.position == {"1AA.7": 2, "2AA.9": 4} and trunk.steps == 2
    assert trunk.lists == {7: {1, 2}}
    trunk.close()


def test_what_the_client_sends(liar, gate):
    trunk = gate()
    x = trunk.streams[1]
    x.feed(b"one\r\ntwo\nthree\0\r\nfo\rur\r\n\r\n" + b"x" * 600 + b"\r\n@" +
           b"t" * 5000 + b" y\r\nrest")
    liar.say(b"READ 3 1\r\n")
    got = [liar.await_line(b"CMD") for _ in range(3)]
    liar.say(b"READ 9 1\r\n")
    got += [liar.await_line(b"CMD") for _ in range(4)]
    assert [(g.words, g.text) for g in got] == [
        ([b"1", b"%d" % (i + 1)], t) for i, t in enumerate((
            b"one", b"two", b"", b"", b"", b"x" * 510, b"@" + b"t" * 4095))]
    x.shut()
    assert liar.await_line(b"CLOSED").words == [b"1"]
    y = trunk.streams[2]
    y.feed(b"y" * 65530 + b"\r\n")
    y.feed(b"zzzzz")
    y.feed(b"zzzzz")
    assert liar.await_line(b"EXCESS").words == [b"2"] and y.excesses == 1
    y.shut()
    assert liar.await_line(b"EOF").words == [b"2"]
    liar.say(b"READ 1 2\r\n")
    liar.await_line(b"CMD")
    assert liar.await_line(b"CLOSED").words == [b"2"]
    trunk.close()


def test_more_than_the_recvq_is_told_again(liar, gate):
    """Once for each READ that has not helped: the server may judge it anew."""
    trunk = gate()
    liar.say(b"QUEUES 100 100 1\r\nPOS\r\n")
    trunk.wait("QUEUES", lambda: trunk.streams[1].recvq == 100)
    for _ in range(5):
        trunk.streams[1].feed(b"x" * 38 + b"\r\n")
    for c in (1, 2, 3):
        assert liar.await_line(b"EXCESS").words == [b"1"]
        assert trunk.streams[1].excesses == c
        liar.say(b"READ 1 1\r\n")
        assert liar.await_line(b"CMD").words == [b"1", b"%d" % c]
    trunk.wait("two lines wait", lambda: not trunk.streams[1].is_excess)
    trunk.close()


def test_what_waits_for_the_client(liar, gate):
    trunk = gate()
    x, y = trunk.streams[1], trunk.streams[2]
    x.slow = y.slow = True
    liar.say(b"QUEUES 100 100 1 2\r\n" + b"L 1 :" + b"x" * 48 + b"\r\n" +
             b"DRAIN 1 49\r\nPOS\r\n")
    trunk.wait("it asks", lambda: x.drain == 49)
    x.take()
    assert liar.await_line(b"DRAINED").words == [b"1"]
    liar.say(b"DRAIN 1 0\r\n" + b"L 2 :" + b"y" * 60 + b"\r\n" +
             b"L 2 :" + b"y" * 60 + b"\r\nPOS\r\n")
    assert liar.await_line(b"DRAINED").words == [b"1"]
    closed = liar.await_line(b"CLOSED")
    assert (closed.words, closed.text) == ([b"2"], b"SendQ exceeded")
    trunk.close()
