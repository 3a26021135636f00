"""Hostile clients: other clients do not notice them, and they leave nothing
behind."""
import os
import signal
import socket
import ssl

import pytest

from harness import NO_FLOOD, Client, until


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
    s.config["classes"] = [{"name": "tests", "per_address": 3}]
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
