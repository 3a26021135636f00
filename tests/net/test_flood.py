"""A linked server that says more than its neighbours can process: the flood
waits in its link. Others talk meanwhile, and members of the flooded channel
who read are not closed (doc/decisions/0017)."""
import os
import re
import socket
import threading

from facts import show_origin
from peer import wall_ms
from test_peer import FOUR, ONE, PY, PZ, block, linked, until, world

assert world     # a fixture

MESSAGES = int(os.environ.get("FLOOD", 30000))
TEXT = "x" * 390
SENDQ = 64 << 20    # more than all of it: readers share processors with others


class Reader:
    """A member of #flood that reads as fast as it can, and counts."""

    def __init__(self, server, nick):
        self.sock = socket.create_connection(("127.0.0.1", server.plain))
        self.sock.sendall(f"NICK {nick}\r\nUSER {nick} 0 * :x\r\n"
                          "JOIN #flood\r\n".encode())
        self.told, self.next, self.closed = b"", 0, False
        self.joined = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        rest = b""
        while data := self.sock.recv(1 << 20):
            *lines, rest = (rest + data).split(b"\r\n")
            for line in lines:
                if line.startswith(b"PING"):
                    self.sock.sendall(b"PONG" + line[4:] + b"\r\n")
                elif b" 366 " in line:
                    self.joined.set()
                elif b" PRIVMSG #flood :" in line:
                    n = int(line.split(b":")[2].split()[0])
                    assert n == self.next
                    self.next += 1
                elif line.startswith(b"ERROR"):
                    self.told = line
        self.closed = True


def flood(peer, uid):
    """Send all messages on the link of the peer, as fast as it takes them.
    They are not kept in its log: nobody asks for them again."""
    link = peer.links[0]
    origin = show_origin(peer.o)
    done = 0
    while done < MESSAGES:
        with peer.lock:
            if link.state == "closed":
                return
            if len(link.tx) < 1 << 20:
                lines = []
                for _ in range(1000):
                    peer.n += 1
                    peer.last_stamp = peer.next_stamp()
                    lines.append(f"ENTRY {origin} {peer.n} {peer.last_stamp} "
                                 f"* - 1\r\n+SAY PRIVMSG {uid} #flood * "
                                 f":{done} {TEXT}\r\n")
                    done += 1
                peer.have[peer.o] = link.ph[peer.o] = peer.n
                link.tx += "".join(lines).encode()
            link.flush()


def test_messages_without_end(world):
    one = world.server(block(PY), block(FOUR), start=False)
    four = world.server(block(ONE, address=f"127.0.0.1:{one.link}"), block(PZ),
                        sid=FOUR, start=False)
    three = world.server(block(FOUR, address=f"127.0.0.1:{four.link}"), sid=PZ,
                         start=False)
    servers = one, four, three
    for s in servers:
        s.config["classes"] = [{"name": "tests", "sendq": SENDQ}]
        s.start()
    ann, dan = world.client(one, "ann"), world.client(three, "dan")
    until("the servers are linked", lambda: any(
        "303" in ln and "dan" in ln for ln in ann.ask("ISON dan")))
    readers = [Reader(s, f"reader{i}") for i, s in enumerate(servers)]
    assert all(r.joined.wait(20) for r in readers)
    liar = linked(world, one)
    eve = liar.user("eve")
    liar.wait("the channel", lambda: liar.facts.channel("#flood"))
    liar.join(eve, "#flood")
    link = liar.links[0]
    thread = threading.Thread(target=flood, args=(liar, eve), daemon=True)
    thread.start()
    trips = []
    while any(r.next < MESSAGES for r in readers):
        assert not any(r.closed for r in readers), [r.told for r in readers]
        begun = wall_ms()
        ann.send(f"PRIVMSG dan :{begun}")
        dan.expect(f"^:ann!.* PRIVMSG dan :{begun}")
        dan.send(f"PRIVMSG ann :{begun}")
        ann.expect(f"^:dan!.* PRIVMSG ann :{begun}")
        trips.append(wall_ms() - begun)
    thread.join()
    print(len(trips), "round trips, at most", max(trips), "ms")
    assert liar.links == [link], (link.fault, link.error)
    for s in servers:
        assert not re.search("link-(down|refused)", s.log()), s.log()
