"""A server is frozen for some seconds; many users of both servers share many
channels. The heal brings each client more than its sendq holds, and the sockets
take little at a time. Clients that read get all of it; a client that reads
nothing is closed as ever. Needs root, and ip of iproute2."""
import itertools
import os
import re
import selectors
import signal
import socket
import threading
import time

import pytest

from test_hosts import Host, folder, harness, ip  # noqa: F401 (a fixture)
from test_peer import until

CROWD = int(os.environ.get("HEAL_CROWD", 40))   # of each server
CHANNELS = [f"#c{i:02}" for i in range(98)]
SENDQ = int(os.environ.get("HEAL_SENDQ", 65536))
FROZEN_S = 6
DEAF = b":deaf!deaf@127.0.0.1"
CAPS = "batch extended-join server-time"


class Crowd:
    """Clients that read as fast as they can, all in one thread."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.heard, self.closed = {}, set()
        self.ends = False
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def add(self, nick, port):
        s = socket.create_connection(("127.0.0.1", port))
        s.setblocking(False)
        self.heard[nick] = bytearray()
        s.sendall(f"CAP REQ :{CAPS}\r\nNICK {nick}\r\nUSER {nick} 0 * "
                  f":{nick}\r\nCAP END\r\n".encode())
        self.selector.register(s, selectors.EVENT_READ, nick)
        return s

    def read(self):
        while not self.ends:
            for key, _ in self.selector.select(0.1):
                try:
                    data = key.fileobj.recv(65536)
                except ConnectionError:
                    data = b""
                self.heard[key.data] += data
                if not data:
                    self.closed.add(key.data)
                    self.selector.unregister(key.fileobj)

    def count(self, nick, what):
        return self.heard[nick].count(what)

    def others(self, nick, what):
        """Count what is not of the deaf client."""
        return self.count(nick, what) - self.count(nick, DEAF + what)

    def have(self, what, n, nicks):
        return all(self.count(nick, what) >= n for nick in nicks)

    def forget(self):
        for text in self.heard.values():
            text.clear()

    def close(self):
        self.ends = True
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


class Place:
    """Two linked servers in one network namespace, with a crowd of clients
    each. Every client is in all channels."""

    def __init__(self, folder):
        self.made = []
        try:
            self.host = Host(folder, 1)
            self.made.append(self.host.close)
            self.host.limit_sockets()
        except OSError as e:
            self.close()
            pytest.skip(f"no network namespaces here: {e}")
        self.net = harness.Network(os.path.join(folder, "net"), 2,
                                   delays=())   # cables are not inside
        for s in self.net:
            s.prefix = self.host.enter
            s.config["classes"] = [{**harness.NO_FLOOD, "sendq": SENDQ,
                                    "ping_s": 86400}]
            s.config["sync"] = {"silence_s": 2}
        self.net.start()
        self.made.append(self.net.kill)
        self.crowd = Crowd()
        self.made.append(self.crowd.close)
        self.nicks = [[f"u{i}x{k}" for k in range(CROWD)] for i in range(2)]
        self.all = list(itertools.chain(*self.nicks))
        for s, nicks in zip(self.net, self.nicks):
            self.join(s, nicks)
        self.deaf = self.host.inside(lambda: harness.Client(
            self.net[0].plain, nick="deaf", rcvbuf=4096))
        self.made.append(self.deaf.close)
        self.deaf.send("JOIN " + ",".join(CHANNELS))
        self.deaf.expect(" 366 deaf " + CHANNELS[-1])
        until("all are there", lambda: self.crowd.have(
            DEAF + b" JOIN #", len(CHANNELS), self.all))

    def join(self, server, nicks):
        for nick in nicks:
            s = self.host.inside(lambda nick=nick: self.crowd.add(
                nick, server.plain))
            until("on the network", lambda nick=nick: self.crowd.count(
                nick, b" 422 ") == 1)
            s.sendall(f"JOIN {','.join(CHANNELS)}\r\n".encode())
            until("in all channels", lambda nick=nick: self.crowd.count(
                nick, b" 366 ") == len(CHANNELS))

    def close(self):
        for end in reversed(self.made):
            end()


@pytest.fixture
def place(folder):  # noqa: F811
    p = Place(folder)
    yield p
    p.close()


def test_all_who_read_stay(place):
    crowd, (here, there) = place.crowd, place.nicks
    crowd.forget()
    place.net[1].signal(signal.SIGSTOP)
    time.sleep(FROZEN_S)
    until("the others are gone", lambda: crowd.have(b" QUIT :", CROWD, here))
    place.net[1].signal(signal.SIGCONT)
    until("the others are back here", lambda: crowd.closed or crowd.have(
        b" JOIN #", CROWD * len(CHANNELS), here))
    # the frozen server had hidden some of its peer's users, or all
    until("who left is back there", lambda: crowd.closed or all(
        crowd.others(nick, b" JOIN #") ==
        crowd.others(nick, b" QUIT :") * len(CHANNELS) for nick in there))
    assert not crowd.closed
    place.net[0].await_log("client-closed .*too slowly")
    slow = [re.findall("client-closed .*too slowly", s.log())
            for s in place.net]
    assert (len(slow[0]), len(slow[1])) == (1, 0), slow
    for nick in here:
        assert crowd.count(nick, DEAF + b" QUIT :") == 1
