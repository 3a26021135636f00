"""A linked server that is gone, in each state in which it can go and in each
way: the log says why, and nothing of it is left behind."""
import os
import re
import shutil
import socket
import ssl
import tempfile

import pytest

from facts import show_origin
from test_peer import NAMES, PY, PZ, World, block, harness, until, wall_ms

RESET = b"\1\0\0\0\0\0\0\0"     # struct linger: on, 0 s
END = re.compile(r"(link-down|link-refused|link-accept-failed|accept-refused|"
                 r"tls-failed|link-dial-failed)\b.* (?:reason|why)="
                 r"(\S.*?)(?: text=.*)?$", re.M)


def fds(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def resident_kib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


# ---- ways to go -------------------------------------------------------------

def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.close()


def half_close(sock):
    """Say that no more will be sent, and wait for the end of the other
    side."""
    sock.settimeout(harness.TIMEOUT)
    try:
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass
    except ConnectionError:
        pass
    sock.close()


def break_tls(sock):
    """Send a record under the open TLS that nobody has the key to."""
    with socket.socket(fileno=os.dup(sock.fileno())) as bare_one:
        bare_one.sendall(b"\x17\x03\x03\0\x20" + b"x" * 32)
        bare_one.settimeout(harness.TIMEOUT)
        try:
            while bare_one.recv(65536):
                pass
        except ConnectionError:
            pass
    sock.close()


WAYS = {"reset": reset, "close": lambda sock: sock.close(),
        "half": half_close, "broken": break_tls}


# ---- states to go in --------------------------------------------------------

def client_hello(ground):
    """Return the bytes that open TLS."""
    out = ssl.MemoryBIO()
    tls = ground.keys.context(False).wrap_bio(ssl.MemoryBIO(), out)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return out.read()


def bare(data):
    """Before there is a link: bytes on a connection."""
    def state(ground, port, _peer):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.sendall(data(ground) if callable(data) else data)
        return sock
    return state


def sends(*lines, until_up=True):
    """A link, up or not read from, and lines on it. {me} is the origin of the
    peer, {n} its next number, {now} the time."""
    def state(ground, port, peer):
        link = peer.dial(port)
        if until_up:
            peer.await_up()
        with peer.lock:
            link.hold_reading = link.hold_entries = True
            for line in lines:
                link.raw(line.replace("{me}", show_origin(peer.o))
                         .replace("{n}", str(peer.n + 1))
                         .replace("{now}", str(wall_ms()))
                         .replace("{sid}", peer.sid).encode())
            # take it away from the thread
            peer.links.remove(link)
            link.state = "closed"
        link.sock.settimeout(harness.TIMEOUT)
        if link.tx:
            link.sock.sendall(link.tx)
        return link.sock
    return state


def asked(ground, port, peer):
    """A client's question is on its way to it."""
    link = peer.dial(port)
    peer.await_up().ready()
    pat = peer.user("pat")
    peer.question = lambda line: peer.questions.append(line)
    until("pat is seen", lambda: "pat" in ground.ann.ask("ISON pat")[-1])
    ground.ann.send("WHOIS pat pat")
    peer.wait("the question", lambda: peer.questions)
    assert pat in peer.questions[0].text
    with peer.lock:
        peer.links.remove(link)
        link.state = "closed"
    return link.sock


ENTRY = "ENTRY {me} {n} {now} * - 3\r\n+FORGET 9ZZ 1\r\n"
FACT = "@dot={me}.1.0;stamp=1 +FORGET 9ZZ 1\r\n"
STATES = {
    "nothing said": bare(b""),
    "in the handshake": bare(lambda g: client_hello(g)[:100]),
    "after the client's hello": bare(client_hello),
    "before HELLO": sends(until_up=False),      # it dials, so it sends one
    "in a line": sends("DIG"),
    "in a vector": sends("DIGEST * {me}=0\r\n"),
    "in a link state": sends("LSA * {me} 999 {now} :\r\n"),
    "before the parts": sends("ENTRY {me} {n} {now} * - 3\r\n"),
    "in an entry": sends(ENTRY),
    "in a part": sends(ENTRY + "+FORGET 9"),
    "in a snapshot": sends("SNAP {me}\r\n" + FACT * 100),
    "in an entry of a snapshot": sends("SNAP {me}\r\n" + FACT + ENTRY),
    "in END": sends("SNAP {me}\r\n" + FACT + "END * {me}=1/0\r\n"),
    "in a question of its own": sends("QUERY {sid}.1 {sid}AAAAAA 1AA 9 :LI"),
    "asking": sends("QUERY {sid}.1 {sid}AAAAAA 1AA 9 :VERSION\r\n"),
    "asked": asked,
}


BARE = ("nothing said", "in the handshake", "after the client's hello")


# ---- the ground -------------------------------------------------------------

@pytest.fixture(scope="module")
def ground():
    """One server for all tests, with a link port with TLS and one without. A
    client stays connected through all of them."""
    folder = tempfile.mkdtemp(prefix="banyan-", dir="/tmp")
    w = World(folder)
    w.one = w.server(tls=True, start=False)
    w.keys, pin = w.keys(w.one)
    w.plain = harness.free_port()
    w.one.config["listen"].append({"address": "127.0.0.1", "port": w.plain,
                                   "for": "links"})
    w.one.config["links"] = [{"name": NAMES[PY], "sid": PY, "pin": pin},
                             block(PZ)]
    w.one.start()
    w.ann = w.client(w.one, "ann")
    w.ann.join("#calm")
    w.inc, w.asked = wall_ms() // 1000 - 3000, 0
    yield w
    for end in reversed(w.made):
        end()
    shutil.rmtree(folder, ignore_errors=True)


def newcomer(ground, tls):
    ground.inc += 1
    if tls:
        return ground.peer(PY, [("1AA", ground.one.pin)], keys=ground.keys,
                           inc=ground.inc), ground.one.link
    return ground.peer(PZ, inc=ground.inc), ground.plain


def ends(server, since):
    """Return what the log says about ends of connections."""
    return [m.group(2) for m in END.finditer(server.log()[since:])]


def cases():
    for tls in (True, False):
        for state in STATES:
            if tls or "hand" not in state and "client's" not in state:
                for way in WAYS:
                    if way == "broken" and (not tls or state in BARE):
                        continue
                    yield pytest.param(
                        tls, state, way,
                        id=f"{'tls' if tls else 'plain'}-{state}-{way}")


@pytest.mark.parametrize("tls,state,way", cases())
def test_gone(ground, tls, state, way):
    peer, port = newcomer(ground, tls)
    was, logged = fds(ground.one), len(ground.one.log())
    sock = STATES[state](ground, port, peer)
    WAYS[way](sock)
    why = until("the log says so", lambda: ends(ground.one, logged))
    assert len(why) == 1, why
    until("its descriptor is free", lambda: fds(ground.one) == was)
    peer.stop()
    seen = ground.ann.ask("NAMES #calm")
    assert harness.words(seen, "353", 5) == [["@ann"]]
    if state == "asked":
        ground.asked += 1


def accepts(ground, peer, listener):
    """The other end of a connection that the server dials, when TLS is
    established."""
    sock, _ = listener.accept()
    return ground.keys.context(True).wrap_socket(sock, server_side=True)


DIALLED = {
    "nothing said": lambda g, p, s: s.accept()[0],
    "no HELLO": accepts,
    "HELLO": lambda g, p, s: said(g, p, s, b""),
    "in a link state": lambda g, p, s: said(g, p, s, b"LSA * 2PY.1 1 1 :\r\n"),
    "in SYNC": lambda g, p, s: said(g, p, s, b"SYNC * 2PY.1=1\r\n"),
}


def said(ground, peer, listener, data):
    sock = accepts(ground, peer, listener)
    got = b""
    while b"\n" not in got:
        got += sock.recv(65536)
    instance = got.split()[5].decode()
    sock.sendall(b"HELLO 1 %s %d %s %s :clock=%d network=Tests\r\n" % (
        show_origin(peer.o).encode(), wall_ms(), NAMES[PY].encode(),
        instance.encode(), wall_ms()) + data)
    return sock


@pytest.mark.parametrize("state,way", [
    (s, w) for s in DIALLED for w in WAYS if s not in BARE or w != "broken"])
def test_gone_that_was_dialled(ground, state, way):
    """The peer that the server dials."""
    peer, _ = newcomer(ground, True)
    one = ground.one
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(harness.TIMEOUT)
        was, logged = fds(one), len(one.log())
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        one.config["links"][0]["address"] = address
        one.write()
        assert one.ctl("reload").returncode == 0
        WAYS[way](DIALLED[state](ground, peer, listener))
        until("the log says so", lambda: ends(one, logged))
        if (state, way) == ("HELLO", "reset"):
            listener.accept()[0].close()        # it dials again
    peer.stop()
    del one.config["links"][0]["address"]
    one.write()
    assert one.ctl("reload").returncode == 0
    until("its descriptor is free", lambda: fds(one) == was)
    assert ground.ann.ask("LUSERS")


def test_questions_get_an_answer(ground):
    """A server that is gone was asked a question; the client that asked is
    told what is known here."""
    def answered():
        ground.ann.ask()
        return sum(" 318 ann pat " in ln for ln in ground.ann.lines)
    until("answers", lambda: answered() == ground.asked)


# Each round leaves these half done; a leak shows in the long run.
LEFT = [("in the handshake", reset), ("after the client's hello", reset),
        ("before HELLO", reset), ("in an entry", reset),
        ("in a link state", half_close), ("in a vector", reset)]


def test_nothing_stays(ground):
    """Again and again: everything that is held for a link goes with it."""
    def rounds(n):
        for _ in range(n):
            peer, port = newcomer(ground, True)
            much = sends("SNAP {me}\r\n" + FACT.replace(
                " +FORGET", ";kind=element +" + "X" * 200) * 2000,
                ENTRY + "@kind=element +X :" + "x" * 15000)
            reset(much(ground, port, peer))
            peer.stop()
        for state, way in LEFT:
            peer, port = newcomer(ground, True)
            way(STATES[state](ground, port, peer))
            peer.stop()
    was = fds(ground.one)
    rounds(20)
    until("all is closed", lambda: fds(ground.one) == was)
    before = resident_kib(ground.one)
    rounds(40)
    until("all is closed", lambda: fds(ground.one) == was)
    assert resident_kib(ground.one) < before + 8192
