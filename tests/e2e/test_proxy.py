"""The PROXY protocol: headers by hand, and real haproxy in front."""
import contextlib
import itertools
import os
import re
import shutil
import socket
import struct
import subprocess

import pytest

from cable import Cable
from harness import TOP, Client, free_port, until

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 6667\r\n"


def v2(command=0x21, family=0x11, body=None, more=b""):
    if body is None:
        body = (socket.inet_aton("192.0.2.7") + socket.inet_aton("192.0.2.1") +
                struct.pack(">HH", 40000, 6667))
    body += more
    return SIGNATURE + bytes([command, family]) + struct.pack(
        ">H", len(body)) + body


def behind(make, proxies="127.0.0.1", **kwargs):
    """Start a server whose listeners have proxies in front."""
    s = make.server(**kwargs)
    for listen in s.config["listen"]:
        listen["proxy"] = proxies
    # an own listener, so that the harness sees when it is ready
    s.proxied, s.plain = s.plain, free_port()
    s.config["listen"].append({"address": "127.0.0.1", "port": s.plain})
    s.config["dns"] = {"enabled": False}  # no traffic beyond loopback
    return s.start()


class Proxied(Client):
    """A client whose connection begins with a header."""

    def __init__(self, port, header, nick="alice", pieces=1, **kwargs):
        super().__init__(port, **kwargs)
        self.nick = nick
        step = -(-len(header) // pieces)
        for i in range(0, len(header), step):
            self.raw(header[i:i + step])

    def address(self):
        self.register()
        lines = self.ask(f"WHOIS {self.nick}")
        return next(x for x in lines if " 378 " in x or " 311 " in x)


@pytest.mark.parametrize("header", [V1, v2(), v2(more=b"\4\0\2ab")],
                         ids=["v1", "v2", "v2-tlv"])
@pytest.mark.parametrize("pieces", [1, 3, 1000])
def test_the_address_of_the_client_counts(make, header, pieces):
    s = behind(make)
    c = Proxied(s.proxied, header, pieces=pieces)
    assert "192.0.2.7" in c.address()
    # header and lines in one piece
    c = Proxied(s.proxied, header + b"NICK bob\r\nUSER b 0 * :b\r\n")
    c.expect(r" 001 bob .*192\.0\.2\.7")


def test_the_name_that_the_client_asked_for(make):
    """Clients hear how long to keep to TLS (sts) if the proxy tells that they
    speak TLS, and by which name they came."""
    s = make.server()
    s.config["sts"] = {"port": 6697, "proxied": True, "duration_s": 60,
                       "hosts": "irc.example.org"}
    s.config["listen"][0]["proxy"] = "127.0.0.1"
    s.proxied, s.plain = s.plain, free_port()
    s.config["listen"].append({"address": "127.0.0.1", "port": s.plain})
    s.start()

    def told(*values):
        c = Proxied(s.proxied, v2(more=b"".join(values)))
        c.send("CAP LS 302")
        c.expect(r" CAP \* LS :.*")    # the last of its lines
        m = re.search(r"[ :]sts=(\S+)", "\n".join(c.lines))
        return m and m.group(1)
    secure = b"\x20\0\5\1\0\0\0\0"
    name = b"\2\0\x0firc.example.org"
    assert told() == "port=6697"
    assert told(name) == "port=6697"
    assert told(secure) is None
    assert told(secure, name) == told(name, secure) == "duration=60"
    assert told(secure, b"\2\0\x0firc.example.net") is None


def test_limits_count_the_client(make):
    s = make.server()
    s.config["classes"] = [{"name": "few", "net": "192.0.2.0/24",
                            "per_address": 2}]
    s.config["dns"] = {"enabled": False}
    s.config["listen"][0]["proxy"] = ["127.0.0.0/8", "::1"]
    s.proxied, s.plain = s.plain, free_port()
    s.config["listen"].append({"address": "127.0.0.1", "port": s.plain})
    s.start()
    kept = [Proxied(s.proxied, V1, nick=f"n{i}") for i in range(2)]
    for c in kept:
        c.register()
    full = Proxied(s.proxied, V1)
    assert any("Too many connections" in x for x in full.until_closed())
    other = Proxied(s.proxied, V1.replace(b"192.0.2.7", b"192.0.2.8"))
    assert "192.0.2.8" in other.address()


def refused(s, data):
    c = Client(s.proxied)
    c.raw(data)
    lines = c.until_closed()
    return lines


def test_wrong_headers_are_refused(make):
    s = behind(make)
    for data in (b"NICK alice\r\nUSER a 0 * :a\r\n", V1.replace(b"4", b"9", 1),
                 v2(command=0x2f), v2(body=b"\0" * 5),
                 b"GET / HTTP/1.1\r\n\r\n"):
        assert refused(s, data) == []
    until("it is told", lambda: s.log().count("no PROXY header") == 5)
    assert refused(s, b"PROXY UNKNOWN " + b"a" * 200) == []
    assert refused(s, SIGNATURE + b"\x21\x11\xff\xff") == []
    until("it is told",
          lambda: s.log().count("the PROXY header is too long") == 2)
    # a header that ends in the middle, and one that never comes
    c = Client(s.proxied)
    c.raw(V1[:20])
    c.sock.shutdown(socket.SHUT_WR)
    assert c.until_closed() == []
    until("it is told", lambda: "the PROXY header was cut" in s.log())
    assert Client(s.proxied).until_closed() == []
    until("it is told", lambda: "no PROXY header in time" in s.log())


def test_a_second_header_is_refused(make):
    s = behind(make)
    lines = refused(s, V1 + V1 + b"NICK alice\r\nUSER a 0 * :a\r\n")
    assert lines and lines[0].startswith("ERROR ")
    lines = refused(s, v2() + v2())
    assert lines and lines[0].startswith("ERROR ")
    until("it is told", lambda: s.log().count("a second PROXY header") == 2)
    assert "192.0.2.7" in s.log()


def test_strangers_are_refused(make):
    s = behind(make, proxies=["127.0.0.9", "192.0.2.0/24"])
    assert refused(s, V1) == []
    until("it is told", lambda: "only proxies may connect" in s.log())
    c = Proxied(s.proxied, V1, source="127.0.0.9")
    assert "192.0.2.7" in c.address()
    # a reload changes who is a proxy
    s.config["listen"][0]["proxy"] = "127.0.0.1"
    s.write()
    assert s.ctl("reload").returncode == 0
    c = Proxied(s.proxied, V1, nick="bob")
    assert "192.0.2.7" in c.address()


def test_health_checks_leave_no_line(make):
    s = behind(make, tls=True)
    before = s.log()
    for port in (s.proxied, s.tls):
        for data in (b"", v2(command=0x20, family=0, body=b""),
                     b"PROXY UNKNOWN\r\n"):
            with socket.create_connection(("127.0.0.1", port)) as check:
                check.sendall(data)
                # an RST, as haproxy has it
                check.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
    # a proxy may speak for itself, too
    c = Proxied(s.proxied, v2(command=0x20, family=0, body=b""))
    c.register()
    s.await_log("client-registered .*host=127.0.0.1")
    log = s.log()[len(before):]
    for event in ("accept-refused", "tls-failed", "client-closed", "warn"):
        assert event not in log


def test_a_check_that_ends_before_tls(make):
    """A check that names an address, as haproxy has it, ends before the first
    byte of TLS: no handshake has failed."""
    s = behind(make, tls=True)

    def is_taken():
        return any(x.split()[:4] == ["P", str(s.tls), "127.0.0.1", "1"]
                   for x in s.ctl("stats", "P").stdout.splitlines())
    for how in (struct.pack("ii", 1, 0), struct.pack("ii", 0, 0)):
        seen = s.log().count(" client-closed ")
        with socket.create_connection(("127.0.0.1", s.tls)) as check:
            check.sendall(V1)
            until("the header is read", is_taken)
            check.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, how)
        until("it is told", lambda: s.log().count(
            " client-closed address=192.0.2.7 ") == seen + 1)
        until("it has gone", lambda: not is_taken())
    assert "tls-failed" not in s.log()
    # a handshake that has begun
    with socket.create_connection(("127.0.0.1", s.tls)) as half:
        half.sendall(V1 + b"\x16\x03\x01")
    s.await_log(r"tls-failed address=192\.0\.2\.7 ")


# ---- haproxy ----------------------------------------------------------------

HAPROXY = """
global
    log /dev/null local0
defaults
    mode tcp
    timeout connect 1m
    timeout client 1m
    timeout server 1m
listen plain
    bind 127.0.0.1:{plain}
    server s 127.0.0.1:{server} {send} check inter 100ms fall 1000
listen tls
    bind 127.0.0.1:{tls} ssl crt {pem}
    server s 127.0.0.1:{server} send-proxy-v2-ssl-cn check inter 100ms fall 1000
listen through
    bind 127.0.0.1:{through}
    server s 127.0.0.1:{server_tls} {send} check inter 100ms fall 1000
"""


needs_haproxy = pytest.mark.skipif(not shutil.which("haproxy"),
                                   reason="no haproxy")


@contextlib.contextmanager
def haproxy(s, folder, send):
    """Run haproxy in front of the server. Yield its ports."""
    pem = os.path.join(folder, "both.pem")
    with open(pem, "w", encoding="ascii") as f:
        for name in ("cert.pem", "key.pem"):
            with open(os.path.join(s.folder, name), encoding="ascii") as part:
                f.write(part.read())
    ports = {name: free_port() for name in ("plain", "tls", "through")}
    conf = os.path.join(folder, "haproxy.cfg")
    with open(conf, "w", encoding="ascii") as f:
        f.write(HAPROXY.format(server=s.proxied, server_tls=s.tls, send=send,
                               pem=pem, **ports))
    proxy = subprocess.Popen([shutil.which("haproxy"), "-db", "-f", conf],
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    try:
        def is_up():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", ports["plain"])) == 0
        until("haproxy listens", is_up)
        yield ports
    finally:
        proxy.kill()
        proxy.wait()


@needs_haproxy
@pytest.mark.parametrize("send", ["send-proxy", "send-proxy-v2"])
def test_haproxy(make, tmp_path, send):
    s = behind(make, tls=True)
    with haproxy(s, tmp_path, send) as ports:
        before = len(s.log())

        def whois(port, nick, tls=None):
            c = Client(port, nick, tls=tls, source="127.0.0.33")
            lines = "\n".join(c.ask(f"WHOIS {nick}"))
            assert "127.0.0.33" in lines
            return lines
        assert " 671 " not in whois(ports["plain"], "alice")
        # haproxy ends TLS, and says so
        assert " 671 " in whois(ports["tls"], "bob", tls=s.cafile)
        # TLS goes through haproxy to the server
        assert " 671 " in whois(ports["through"], "carol", tls=s.cafile)
        # the checks of all that time have left nothing
        log = s.log()[before:]
        assert "accept-refused" not in log and "tls-failed" not in log


# ---- several servers behind one address -------------------------------------

def guide():
    """Return the part of a configuration of haproxy in doc/operator.md."""
    with open(os.path.join(TOP, "doc", "operator.md"), encoding="utf-8") as f:
        found = re.search(r"^    listen irc\n(?:    +.*\n)+", f.read(), re.M)
    return found.group()


def behind_one(make):
    """Start two linked servers with listeners for a balancer."""
    net = make.network(2)
    for s in net:
        s.proxied, s.http = free_port(), free_port()
        s.config["dns"] = {"enabled": False}
        s.config["log"]["level"] = "info"
        s.config["listen"] += [
            {"address": "127.0.0.1", "port": s.proxied, "proxy": "127.0.0.1"},
            {"address": "127.0.0.1", "port": s.http, "for": "http"}]
    return net.start()


@contextlib.contextmanager
def balanced(net, folder, **changes):
    """Run haproxy with the configuration of the guide. Yield its port."""
    port = free_port()
    pem = os.path.join(folder, "both.pem")
    with open(pem, "w", encoding="ascii") as f:
        for name in ("cert.pem", "key.pem"):
            with open(os.path.join(net[0].folder, name),
                      encoding="ascii") as part:
                f.write(part.read())
    text = guide().replace(":6697", f"127.0.0.1:{port}").replace(
        "/etc/haproxy/irc.pem", pem).replace("inter 2s", "inter 100ms")
    for i, s in enumerate(net):
        text = text.replace(f"192.0.2.{i + 1}:6668", f"127.0.0.1:{s.proxied}"
                            ).replace("port 9667", f"port {s.http}", 1)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    conf = os.path.join(folder, "balancer.cfg")
    with open(conf, "w", encoding="ascii") as f:
        f.write("global\n    maxconn 1000\n" + text)
    proxy = subprocess.Popen([shutil.which("haproxy"), "-db", "-f", conf],
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    try:
        def is_up():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        until("haproxy listens", is_up)
        yield port
    finally:
        proxy.kill()
        proxy.wait()


def server_of(client):
    """Return the name of the server that has welcomed the client."""
    return next(x for x in client.lines if " 001 " in x).split()[0][1:]


@needs_haproxy
@pytest.mark.parametrize("page", ["/ready", "/health"])
def test_a_balancer_evens_out(make, tmp_path, page):
    net = behind_one(make)
    with balanced(net, tmp_path, **{"/ready": page}) as port:
        def come(nick):
            return Client(port, nick, tls=net[0].cafile)
        clients = [come(f"n{i}") for i in range(6)]
        names = [server_of(c) for c in clients]
        assert sorted(names) == 3 * ["s0.test"] + 3 * ["s1.test"]
        # their addresses, and that they have TLS, come through
        lines = "\n".join(clients[0].ask("WHOIS n0"))
        assert " 671 " in lines and "127.0.0.1" in lines
        # all are on one network
        for c in clients:
            c.join("#all")
        net.await_same_facts()
        clients[0].send("PRIVMSG #all :hello")
        for c in clients[1:]:
            c.expect(" PRIVMSG #all :hello")
        # a server that has gone gets nobody; its clients come back
        net[0].kill()
        for c, name in zip(clients, names):
            if name == "s0.test":
                c.until_closed()
        assert {server_of(come(f"m{i}")) for i in range(4)} == {"s1.test"}
        net[0].start()
        net.await_whole()
        again = (come(f"k{i}") for i in itertools.count())
        until("the server that came back gets clients",
              lambda: server_of(make.keep(next(again))) == "s0.test")


@needs_haproxy
def test_a_balancer_goes_by_the_address(make, tmp_path):
    net = behind_one(make)
    with balanced(net, tmp_path, leastconn="source") as port:
        seen = {}
        for i in range(16):
            for again in "ab":
                c = Client(port, f"{again}{i}", tls=net[0].cafile,
                           source=f"127.0.0.{20 + i}")
                seen.setdefault(i, set()).add(server_of(c))
                c.close()
        assert all(len(names) == 1 for names in seen.values())
        assert len(set.union(*seen.values())) == 2


@needs_haproxy
@pytest.mark.parametrize("kind", ["page", "header"])
def test_checks_leave_no_line(make, tmp_path, kind):
    """Neither requests nor mere connections of a balancer fill the log."""
    net = behind_one(make)
    changes = {} if kind == "page" else {"    option httpchk GET /ready\n": ""}
    cables = []
    for s in net:
        cables.append(make.keep(Cable(s.http if kind == "page" else
                                      s.proxied)))
        old = f"check port {s.http}"
        if kind == "header":    # where clients connect, too
            changes[f"127.0.0.1:{s.proxied}"] = \
                f"127.0.0.1:{cables[-1].port}"
            changes[old] = "check"
        else:
            changes[old] = f"check port {cables[-1].port}"

    def lines():
        return [x for s in net for x in s.log().splitlines()]
    with balanced(net, tmp_path, **changes) as port:
        Client(port, "alice", tls=net[0].cafile).close()
        until("each server was checked ten times",
              lambda: all(len(c.ends) >= 20 for c in cables))
    until("the client is told", lambda: any(
        " client-registered " in x for x in lines()))
    assert [x for x in lines() if re.search(
        " (warn|error) | (accept|tls|client|log)-", x)
        and " client-registered " not in x] == []


def test_mere_connections_leave_no_line(make):
    """haproxy resets a check without data before the server can accept it; other
    balancers connect and close."""
    s = make.server(tls=True)
    s.config["log"]["level"] = "info"
    s.start()
    for port in (s.plain, s.tls):
        for how in (struct.pack("ii", 1, 0), struct.pack("ii", 0, 0)):
            for _ in range(10):
                with socket.create_connection(("127.0.0.1", port)) as check:
                    check.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, how)
    s.client("alice").close()
    s.await_log(" client-registered ")
    log = s.log()
    for event in ("accept-refused", "tls-failed", "client-closed", " warn "):
        assert event not in log
