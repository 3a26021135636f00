"""IRC over WebSocket: clients of python3-websockets, and bytes by hand."""
import re
import signal
import socket
import ssl

import pytest

from harness import free_port, until
from test_ctl import hash_of
from test_hostile import own_address
from test_stay import is_told
from web import Opcode, Web, raw, read_all

REQUEST = (b"GET / HTTP/1.1\r\nHost: irc.test\r\nUpgrade: websocket\r\n"
           b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def with_web(make, tls=False, **options):
    """Return a server with listeners for WebSocket at `web` and, with TLS,
    `wss`."""
    s = make.server(tls=tls)
    s.web, s.wss = free_port(), None
    listen = {"address": "127.0.0.1", "websocket": True, **options}
    s.config["listen"].append({"port": s.web, **listen})
    if tls:
        s.wss = free_port()
        s.config["listen"].append({"port": s.wss, "tls": True, **listen})
    return s


@pytest.fixture
def server(make):
    return with_web(make, tls=True).start()


@pytest.mark.parametrize("protocols, chosen, kind", [
    (["text.ircv3.net"], "text.ircv3.net", Opcode.TEXT),
    (["binary.ircv3.net"], "binary.ircv3.net", Opcode.BINARY),
    (["binary.ircv3.net", "text.ircv3.net"], "binary.ircv3.net",
     Opcode.BINARY),
    ([], None, Opcode.TEXT)])
@pytest.mark.parametrize("tls", [False, True])
def test_talk(server, protocols, chosen, kind, tls):
    other = server.client("other")
    other.join("#c")
    web = Web(server.wss if tls else server.web, "alice",
              tls=server.cafile if tls else None, protocols=protocols)
    assert web.ws.subprotocol == chosen
    web.join("#c")
    other.expect(r"^:alice!\S+ JOIN #c$")
    web.send("PRIVMSG #c :h\u00e9 \U0001f333")
    other.expect(r" PRIVMSG #c :h\u00e9 \U0001f333$")
    other.send("PRIVMSG #c :hello")
    web.expect(r"^:other!\S+ PRIVMSG #c :hello$")
    secure = [x for x in other.ask("WHOIS alice") if " 671 " in x]
    assert len(secure) == tls
    assert web.sock.kinds == {kind}
    web.send("QUIT :bye")
    web.expect(r"^ERROR :")
    assert web.closed_with() == (1000, "")


def test_bytes_that_are_not_utf8(make):
    s = with_web(make)
    s.config["server"]["utf8only"] = False
    s.start()
    other = s.client("other")
    text = Web(s.web, "text")
    binary = Web(s.web, "binary", protocols=["binary.ircv3.net"])
    other.raw(b"PRIVMSG text,binary :a\xffb\xc3\r\n")
    text.expect("PRIVMSG text :a\ufffdb\ufffd$")
    while b"a\xff" not in (got := binary.sock.recv(1)):
        pass
    assert got.endswith(b" PRIVMSG binary :a\xffb\xc3\r\n")
    binary.raw(b"PRIVMSG other :c\xff\r\n")
    other.expect("PRIVMSG other :c")
    text.raw(b"PRIVMSG other :c\xff\r\n")
    assert text.closed_with() == (1007, "a text is not UTF-8")


def test_origins(make):
    s = with_web(make, origins=["https://chat.test", "http://localhost:8000"])
    s.start()
    for origin in "https://chat.test", "http://LOCALHOST:8000", None:
        Web(s.web, "alice", origin=origin).close()
    for origin in "https://chat.test.evil", "http://chat.test", "null":
        web = Web(s.web, "alice", origin=origin)
        assert web.sock.response.status_code == 403
    s.await_log(r" websocket-failed address=127\.0\.0\.1 why=\"pages of this "
                r"origin may not connect here\"$")


BAD = [
    (REQUEST.replace(b"GET", b"PUT"), 405, b"only GET is allowed\n"),
    (REQUEST.replace(b"13", b"7"), 426,
     b"only version 13 of WebSocket is spoken\n"),
    (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 426,
     b"this port takes WebSocket connections only\n"),
    (REQUEST.replace(b"Connection: Upgrade\r\n", b""), 400,
     b"Connection does not say Upgrade\n"),
    (REQUEST.replace(b"Sec-WebSocket-Key", b"X"), 400,
     b"Sec-WebSocket-Key is missing\n"),
    (REQUEST.replace(b"HTTP/1.1", b"HTTP/1.0"), 505,
     b"only HTTP/1.1 is spoken\n"),
    (b"GET / HTTP/1.1\r\n" + 9000 * b"x", 431, b"the request is too long\n"),
    (b"NICK alice\r\nUSER a 0 * :a\r\n\r\n", 400,
     b"this is no request of HTTP/1.1\n"),
    (b"PROXY TCP4 192.0.2.7 192.0.2.1 4 6667\r\n" + REQUEST, 400,
     b"this is no request of HTTP/1.1\n"),
]


@pytest.mark.parametrize("request_, status, text", BAD, ids=[str(b[2])[:30] for b in BAD])
def test_requests_that_are_wrong(server, request_, status, text):
    other = server.client("other")
    answer = read_all(raw(server.web, request_))
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.endswith(b"\r\n\r\n" + text)
    server.await_log(r" websocket-failed address=127\.0\.0\.1 why=\"" +
                     re.escape(text.decode().strip()))
    other.ask()


def test_one_that_says_nothing(server):
    """It checks if the server is up."""
    raw(server.web).close()
    server.await_log(r" debug client-closed .*end of file")
    assert "websocket-failed" not in server.log()


MASK = b"\0\0\0\0"
FRAMES = [
    (b"\x81\x04PING", 1002, b"a frame is not masked"),
    (b"\xc1\x81" + MASK + b"x", 1002, b"a reserved bit of a frame is set"),
    (b"\x83\x81" + MASK + b"x", 1002, b"the opcode of a frame is not known"),
    (b"\x81\xff\x80" + 7 * b"\0" + MASK + b"x", 1002,
     b"the header of a frame is wrong"),
    (b"\x81\xff\0\0\0\1\0\0\0\0" + MASK + 100000 * b"x", 1009,
     b"a message is too long"),
    (b"\x80\x81" + MASK + b"x", 1002, b"a fragment belongs to no message"),
    (b"\1\x81" + MASK + b"x" + 1000 * (b"\0\x81" + MASK + b"x"), 1008,
     b"a message has too many fragments"),
    (1000 * (b"\1\x80" + MASK + b"\x80\x80" + MASK), 1008,
     b"too many empty fragments"),
    (b"\1\x81" + MASK + b"x" + 1000 * (b"\0\xfe\3\xe8" + MASK + 1000 * b"x"),
     1009, b"a message is too long"),
    (1000 * (b"\x89\x80" + MASK), 1008, b"too many control frames"),
]


@pytest.mark.parametrize("frames, code, why", FRAMES,
                         ids=[str(f[2]) for f in FRAMES])
def test_frames_that_are_wrong(server, frames, code, why):
    other = server.client("other")
    s = raw(server.web, REQUEST)
    try:
        s.sendall(frames)
    except ConnectionError:
        pass
    got = read_all(s)
    assert got.startswith(b"HTTP/1.1 101 ")
    assert b"\x88" + bytes([len(why) + 2]) + code.to_bytes(2, "big") + why in \
        got
    server.await_log(rf" client-closed .*{why.decode()}")
    other.ask()


def test_ping(server):
    web = Web(server.web, "alice")
    web.ws.send_ping(b"are you there?")
    web.sock.flush()
    while not any(f.opcode is Opcode.PONG and f.data == b"are you there?"
                  for f in web.sock.frames):
        assert web.sock.receive()
    web.ask()


def test_big_messages(server):
    web = Web(server.web, "alice")
    web.send("PRIVMSG alice :" + 600 * "x")
    web.expect(r" 417 alice ")
    tags = "@+a=" + 4000 * "x"
    web.send(tags + " TAGMSG alice")
    web.ask()
    web.send("PRIVMSG alice :" + 5000 * "x")
    assert web.closed_with() == (1009, "a message is too long")


def test_a_message_is_never_two_lines(server):
    web = Web(server.web, "alice")
    web.ws.send_text(b"PRIVMSG alice :a\r\nPRIVMSG alice :b\r\n")
    web.sock.flush()
    assert not any(" PRIVMSG " in x for x in web.ask())
    web.ws.send_text(b"PRIVMSG alice :c\r\n")
    web.sock.flush()
    web.expect(" PRIVMSG alice :c$")


def test_many_clients(server):
    """Two hundred on one channel; each gets every line once."""
    webs = [Web(server.web, f"w{i}", protocols=[
        ("text.ircv3.net", "binary.ircv3.net")[i % 2]]) for i in range(200)]
    other = server.client("other")
    for w in webs:
        w.send("JOIN #c")
    for w in webs:
        w.expect(r" 366 \S+ #c ")
    other.join("#c")
    for w in webs:
        w.expect(r":other!\S+ JOIN #c$")
    for i in range(20):
        other.send(f"PRIVMSG #c :line {i}")
    for w in webs:
        if not any(x.endswith(" :line 19") for x in w.lines):
            w.expect(r" PRIVMSG #c :line 19$")
        w.ask()
        assert [x.rpartition(" :")[2] for x in w.lines if " PRIVMSG " in x] \
            == [f"line {i}" for i in range(20)]


def test_a_client_that_reads_nothing(make):
    s = with_web(make)
    s.config["classes"][0]["sendq"] = 20000
    s.start()
    other = s.client("other")
    web = Web(s.web, "slow", rcvbuf=2048)
    web.sock.sock.settimeout(1)
    other.join("#c")
    web.join("#c")
    for _ in range(200):
        seen = other.ask(*[f"PRIVMSG #c :{400 * 'x'}"] * 100)
        if any(re.match(r":slow!\S+ QUIT :SendQ exceeded", x) for x in seen):
            return
    raise AssertionError([x for x in other.lines if "slow" in x])


def test_behind_a_proxy(make):
    s = with_web(make, proxy="127.0.0.1")
    s.config["dns"] = {"enabled": False}
    s.start()
    other = s.client("other")
    web = Web(s.web, "alice",
              header=b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 80\r\n")
    assert any("192.0.2.7" in x for x in web.ask("WHOIS alice"))
    assert not any("192.0.2.7" in x for x in other.ask("WHOIS other"))


def test_handshakes_of_one_address_are_bounded(make):
    address = own_address()
    if address.startswith("127."):
        pytest.skip("only loopback here, which is not bounded")
    s = with_web(make)
    s.config["listen"][-1].update(address=address, origins="*")
    s.config["classes"] = [{"name": "tests", "per_address": 3,
                            "connect_rate": 0}]
    s.start()
    ones = [socket.create_connection((address, s.web)) for _ in range(4)]
    assert ones[3].recv(1) == b""
    ones[0].close()

    def opens():
        with socket.create_connection((address, s.web)) as c:
            try:
                c.sendall(REQUEST)
                return c.recv(100).startswith(b"HTTP/1.1 101")
            except ConnectionError:
                return False

    until("a handshake in place of one that ended", opens)
    s.await_log("accept-refused .*Too many")
    for c in ones:
        c.close()


def test_operators_see_the_listener(server):
    server.await_log(rf" listen address=127\.0\.0\.1:{server.wss} tls=yes "
                     "websocket=yes for=clients")
    server.await_log(rf" listen address=127\.0\.0\.1:{server.plain} tls=no "
                     "websocket=no for=clients")


@pytest.mark.parametrize("tls", [False, True])
def test_a_restart_holds_the_user(server, tls):
    port, ca = (server.wss, server.cafile) if tls else (server.web, None)
    bob = server.client("bob")
    alice = Web(port, "alice", tls=ca)
    for c in bob, alice:
        c.join("#c")
    bob.ask()
    first = len(bob.lines)
    server.again()
    server.await_log(r" taken-over kept=1 ended=1$")
    assert is_told(alice)
    back = Web(port, "alice", tls=ca)
    back.expect(r"^:alice!\S+ JOIN #c$")
    bob.ask()
    assert not any(" QUIT " in x or " JOIN " in x for x in bob.lines[first:])


def test_stop(server):
    """Pages that tell a server that goes away from an end of their own."""
    web = Web(server.web, "alice")
    server.signal(signal.SIGTERM)
    web.expect("^ERROR :")
    assert web.closed_with() == (1001, "")


def test_http_in_tls_is_for_websocket_alone(server):
    """A page cannot speak HTTP to a port of IRC."""
    context = ssl.create_default_context(cafile=server.cafile)
    context.set_alpn_protocols(["irc"])
    s = raw(server.wss)
    with pytest.raises(ssl.SSLError):
        context.wrap_socket(s, server_hostname="localhost")
    s.close()


def test_stats(make):
    s = with_web(make)
    s.config["opers"] = [{"name": "admin", "password": hash_of("secret")}]
    s.start()
    oper = Web(s.web, "oper")
    oper.send("OPER admin secret")
    oper.expect(r" 381 ")
    lines = oper.ask("STATS P")
    assert any(f"{s.web} 127.0.0.1 1 :clients, WebSocket" in x
               for x in lines), lines
    assert any("WebSocket: 1 handshakes succeeded, 0 failed" in x
               for x in oper.ask("STATS t"))
