"""Hostile clients: other clients do not notice them, and they leave nothing
behind."""
import os
import re
import selectors
import signal
import socket
import ssl
import threading

import pytest

from harness import NO_FLOOD, Client, free_port, until
from test_ctl import hash_of


def without_flood(server):
    server.config["classes"] = [NO_FLOOD]
    server.write()
    server.signal(signal.SIGHUP)
    until("the reload", lambda: "reload" in server.log())


def test_questions_of_one_do_not_hold_up_another(server):
    without_flood(server)
    crowd = [server.client(f"crowd{i}") for i in range(100)]
    for c in crowd:
        c.send("JOIN #crowd")
    asker, other = server.client("asker"), server.client("other")
    asker.join("#crowd")
    for c in crowd:
        c.expect("JOIN :?#crowd")
    # When the server wakes, both wait to be read, the questions first.
    server.signal(signal.SIGSTOP)
    asker.send(*["WHO #crowd"] * 40)
    other.send("PRIVMSG asker :me too")
    server.signal(signal.SIGCONT)
    ends = 0
    while asker.expect(" (315|PRIVMSG) asker ").group(1) == "315":
        ends += 1
    assert ends < 40
    for c in crowd:
        c.close()


def test_who_hears_much_is_heard_too(server):
    """Lines of other users are no part of the answers to a client, so its
    lines are not delayed by them."""
    without_flood(server)
    loud, hearer, other, friend = (
        server.client(nick) for nick in ("loud", "hearer", "other", "friend"))
    hearer.join("#loud")
    loud.join("#loud")
    server.signal(signal.SIGSTOP)
    loud.send(*["PRIVMSG #loud :" + "x" * 400] * 40)
    hearer.send(*["PRIVMSG friend :I am talking"] * 40)
    other.send("PRIVMSG friend :me too")
    server.signal(signal.SIGCONT)
    heard = 0
    while friend.expect(":(hearer|other)!.* PRIVMSG ").group(1) == "hearer":
        heard += 1
    assert heard == 40


def test_a_list_longer_than_the_sendq_is_given_as_it_is_read(server):
    """ISUPPORT SAFELIST: no client is closed because it asked for a list."""
    server.config["classes"] = [{**NO_FLOOD, "sendq": 16384}]
    server.write()
    server.signal(signal.SIGHUP)
    until("the reload", lambda: "reload" in server.log())
    talker = server.client("talker")
    channels = [f"#{i:03}" for i in range(100)]
    for i in range(0, 100, 20):
        talker.send("JOIN " + ",".join(channels[i:i + 20]))
        talker.expect(f" 366 talker {channels[i + 19]} ")
    for c in channels:
        talker.send(f"TOPIC {c} :{'t' * 390}")
        talker.expect("TOPIC ")
    reader = server.client("reader", rcvbuf=4096)
    reader.send("LIST", "LIST")
    talker.ask("VERSION")  # The server has answered others meanwhile.
    told = []
    for _ in range(2):
        seen = []
        while (m := reader.expect(" (?:322 reader (#.*?) 1|(323) reader)"
                                  )).group(1):
            seen.append(m.group(1))
        told.append(seen)
    assert told == [channels, channels]


def test_the_pid_file_is_not_written_through_a_link(make, folder):
    other = os.path.join(folder, "precious")
    with open(other, "w", encoding="ascii") as f:
        f.write("precious")
    s = make.server()
    os.symlink(other, s.pidfile)
    s.start()
    with open(other, encoding="ascii") as f:
        assert f.read() == "precious"
    with open(s.pidfile, encoding="ascii") as f:
        assert int(f.read()) == s.process.pid


def own_address():
    """Return an address of this machine that is not loopback. No packet is
    sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
            return s.getsockname()[0]
        except OSError:
            return "127.0.0.1"


def test_handshakes_of_one_address_are_bounded(make):
    address = own_address()
    if address.startswith("127."):
        pytest.skip("only loopback here, which is not bounded")
    s = make.server(tls=True)
    s.config["listen"].append({"address": address, "port": s.tls,
                               "tls": True})
    s.config["classes"] = [{"name": "tests", "per_address": 3,
                            "connect_rate": 0}]
    s.start()
    ones = [socket.create_connection((address, s.tls)) for _ in range(4)]
    assert ones[3].recv(1) == b""
    with pytest.raises(BlockingIOError):
        ones[0].recv(1, socket.MSG_DONTWAIT)
    ones[0].close()
    context = ssl.create_default_context(cafile=os.path.join(s.folder,
                                                             "cert.pem"))
    context.check_hostname = False

    def opens():
        with socket.create_connection((address, s.tls)) as c:
            try:
                return context.wrap_socket(c).version()
            except OSError:
                return None

    until("a handshake in place of one that ended", opens)
    Client(s.plain, "other").close()
    for c in ones:
        c.close()


def test_handshakes_in_a_minute_are_bounded(make):
    """No handshake is made for those that are too many. A header of PROXY tells
    the addresses, as loopback is not bounded."""
    s = make.server(tls=True)
    s.config["listen"][1]["proxy"] = "127.0.0.0/8"
    s.config["classes"] = [{"name": "tests", "connect_rate": 3}]
    s.start()
    context = ssl.create_default_context(cafile=os.path.join(s.folder,
                                                             "cert.pem"))
    context.check_hostname = False

    def opens(address):
        with socket.create_connection(("127.0.0.1", s.tls)) as c:
            c.sendall(f"PROXY TCP4 {address} 192.0.2.1 1 2\r\n".encode())
            try:
                return context.wrap_socket(c).version()
            except OSError:
                return None

    assert all(opens("192.0.2.7") for _ in range(3))
    assert not opens("192.0.2.7")
    assert opens("192.0.2.8")
    until("it is told", lambda: re.search(
        r"accept-refused address=192\.0\.2\.7 why=\"Too many connections in",
        s.log()))


def test_strangers_do_not_keep_a_gate_away(make):
    """Those who are too many at the port for clients, in the network of the gate
    or behind the same address."""
    address = own_address()
    if address.startswith("127."):
        pytest.skip("only loopback here, which is not bounded")
    s = make.server(tls=True)
    gates = free_port()
    s.config["listen"] += [
        {"address": address, "port": s.tls, "tls": True},
        {"address": address, "port": gates, "tls": True, "for": "gates"}]
    s.config["gates"] = [{"name": "gate1", "pin": "11" * 32}]
    s.config["classes"] = [{"name": "tests", "connect_rate": 3}]
    s.start()
    context = ssl.create_default_context(cafile=os.path.join(s.folder,
                                                             "cert.pem"))
    context.check_hostname = False

    def opens(port):
        with socket.create_connection((address, port)) as c:
            try:
                return context.wrap_socket(c).version()
            except OSError:
                return None

    assert all(opens(s.tls) for _ in range(3))
    assert not opens(s.tls)
    assert all(opens(gates) for _ in range(3))
    assert not opens(gates)


# ---- ends of connections ----------------------------------------------------

USUAL = {"name": "usual", "per_address": 0, "per_network": 0, "flood_burst": 20,
         "flood_rate": 5, "recvq": 16384}


def usual(make, **kwargs):
    s = make.server(**kwargs)
    s.config["classes"] = [USUAL]
    return s.start()


def test_a_closed_connection_is_noticed_though_lines_wait(make):
    """With the usual allowance these lines would take half an hour."""
    s = usual(make, tls=True)
    witness = s.client("witness")
    witness.join("#end")
    for nick, line, tls in (("empty", "", False), ("busy", "X", False),
                            ("secret", "", True)):
        c = Client(s.tls if tls else s.plain, nick,
                   tls=s.cafile if tls else None)
        c.join("#end")
        c.raw((line + "\r\n").encode() * (16000 // (len(line) + 2)))
        if line:
            c.sock.shutdown(socket.SHUT_WR)
        else:  # it has read everything, so there is no reset
            c.close()
        witness.expect(f":{nick}!.* QUIT ")
        c.close()


def test_what_was_said_before_the_end_is_heard(make):
    """As far as the allowance goes; the answers can be read, too."""
    s = usual(make)
    hearer = s.client("hearer")
    for nick in ("whole", "half"):
        c = s.client(nick)
        c.raw(b"".join(b"PRIVMSG hearer :n%d\r\n" % i for i in range(10)) +
              b"PING last\r\n" + b"X\r\n" * 5000)
        if nick == "half":
            c.sock.shutdown(socket.SHUT_WR)
            said = c.until_closed()
            assert [ln for ln in said if " PONG " in ln], said
            assert "ERROR" in said[-1], said
        c.close()
        for i in range(10):
            hearer.expect(f":{nick}!.* PRIVMSG hearer :n{i}$")


def test_empty_lines_are_free(make):
    """Some clients end each line twice, or send one now and then."""
    c = usual(make).client("empty")
    c.raw(b"\r\n" * 200)
    assert len([ln for ln in c.ask(*["PING x"] * 12) if " PONG " in ln]) == 12


FLOOD = b"".join(b"PING n%d-%s\r\n" % (i, b"x" * 60) for i in range(400))


def flood(client, data=FLOOD):
    """Sends all of it, then reads to the end; what was read. A reset is an
    error here, though Client takes it for an end."""
    client.sock.sendall(data)
    out = b""
    while chunk := client.sock.recv(65536):
        out += chunk
    return out.decode().splitlines()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("registered", [True, False],
                         ids=["registered", "not-yet"])
def test_excess_flood_is_told(make, tls, registered):
    """And the answers to what was carried out come before it."""
    s = usual(make, tls=True)
    for i in range(30):
        c = Client(s.tls if tls else s.plain, f"n{i}" if registered else None,
                   tls=s.cafile if tls else None)
        if registered:
            c.ask("MODE n")
        said = flood(c)
        pongs = [ln for ln in said if " PONG " in ln]
        assert 10 <= len(pongs) <= 30, (i, said)
        assert re.match(r"ERROR :Closing link: \S+ \(Excess Flood\)$",
                        said[-1]), (i, said)
        c.close()


def test_excess_flood_is_told_to_one_that_goes_on(make):
    """A client that writes all it has before it reads would never read, if the
    server did not read either."""
    s = usual(make)
    c = s.client("long")
    said = flood(c, FLOOD * 30)
    assert said[-1].endswith("(Excess Flood)"), said


def test_a_flood_without_end_is_cut(make):
    """It is not read for ever in the hope that it reads."""
    s = usual(make)
    c = s.client("endless")
    with pytest.raises(OSError):
        for _ in range(100000):
            c.raw(FLOOD)
    c.close()
    other = s.client("other")
    until("only one client is left", lambda: s.status()["sessions"] == 1)
    other.close()


# ---- passwords --------------------------------------------------------------

class Guessers(threading.Thread):
    """Strangers of one address who guess the password of an operator, each
    again as soon as it was answered."""

    def __init__(self, server, address, n):
        super().__init__(daemon=True)
        self.selector = selectors.DefaultSelector()
        self.stop, self.waiting = False, 0
        for i in range(n):
            s = socket.create_connection(("127.0.0.1", server.plain),
                                         source_address=(address, 0))
            s.sendall(b"NICK g%d\r\nUSER g 0 * :g\r\nOPER admin wrong\r\n" % i)
            self.selector.register(s, selectors.EVENT_READ)
        self.start()

    def run(self):
        while not self.stop:
            for key, _ in self.selector.select(0.1):
                said = key.fileobj.recv(65536)
                if b" 464 " in said or b" 263 " in said:
                    key.fileobj.sendall(b"OPER admin wrong\r\n")

    def close(self):
        self.stop = True
        self.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


@pytest.mark.parametrize("address,tries", [("127.0.0.2", 5),
                                           ("127.0.0.1", 1)],
                         ids=["elsewhere", "here"])
def test_an_operator_gets_in_while_strangers_guess(make, address, tries):
    """From another address the operator waits for one of them, from the same
    one for all; but never in vain."""
    s = make.server()
    s.config["opers"] = [{"name": "admin", "password": hash_of("right")}]
    s.start()
    guessers = make.keep(Guessers(s, address, 100))
    watcher = s.client("watcher")
    until("they guess", lambda: "oper-failed" in s.log())
    for i in range(tries):
        c = s.client(f"op{i}")
        c.send("OPER admin right")
        assert c.expect(" (381|263|464) ").group(1) == "381", i
        c.close()
    guessers.close()
    watcher.ask("VERSION")


def test_an_operator_gets_in_while_strangers_send_pass(make):
    """Strangers at 60 addresses send PASS, each one that is wrong. However many
    wait, the operator waits for few of them."""
    s = make.server()
    s.config["opers"] = [{"name": "admin", "password": hash_of("right")}]
    s.config["classes"] = [{"name": "closed", "net": "127.1.0.0/16",
                            "password": hash_of("secret")}, {"name": "all"}]
    s.config["log"]["per_minute"] = 0
    s.start()
    c = s.client("op")
    strangers = []
    for i in range(60):
        strangers.append(make.keep(Client(s.plain, source=f"127.1.0.{i + 1}")))
        strangers[-1].send("PASS wrong")

    def tried():
        return s.log().count(" password-failed ")
    until("they are answered", tried)
    before = tried()
    c.send("OPER admin right")
    c.expect(" 381 ")
    meanwhile = tried() - before
    for x in strangers:
        x.until_closed()
    until("all are answered", lambda: tried() == 60)
    assert meanwhile < 15
