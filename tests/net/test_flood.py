"""A linked server that says more than its neighbours can process: the flood
waits in its link. Others talk meanwhile, and members of the flooded channel
who read are not closed (doc/decisions/0017)."""
import concurrent.futures
import multiprocessing
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
SENDQ = 64 << 20    # more than all of it


def reads_first():
    """Let this process run before all that share the processors with it, as if
    it had a machine of its own. Return false if that is not allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    return True


def may_read_first():
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        return pool.submit(reads_first).result()


class Reader:
    """A member of #flood that reads as fast as it can, and counts, in a process
    of its own."""

    def __init__(self, server, nick):
        self.port, self.nick = server.plain, nick
        self.joined = multiprocessing.Event()
        self.counted = multiprocessing.Value("q", 0)
        self.said = multiprocessing.SimpleQueue()
        self.process = multiprocessing.Process(target=self.run, daemon=True)
        self.process.start()

    @property
    def next(self):
        return self.counted.value

    def run(self):
        reads_first()
        sock = socket.create_connection(("127.0.0.1", self.port))
        sock.sendall(f"NICK {self.nick}\r\nUSER {self.nick} 0 * :x\r\n"
                     "JOIN #flood\r\n".encode())
        rest = b""
        while data := sock.recv(1 << 20):
            *lines, rest = (rest + data).split(b"\r\n")
            for line in lines:
                if line.startswith(b"PING"):
                    sock.sendall(b"PONG" + line[4:] + b"\r\n")
                elif b" 366 " in line:
                    self.joined.set()
                elif b" PRIVMSG #flood :" in line:
                    n = int(line.split(b":")[2].split()[0])
                    assert n == self.counted.value
                    self.counted.value += 1
                elif line.startswith(b"ERROR"):
                    self.said.put(line)

    def fault(self):
        """Return why it reads no more, or None."""
        if self.process.is_alive():
            return None
        return "closed" if self.said.empty() else self.said.get()


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
        if not may_read_first():    # others may hold the readers up
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
        faults = [r.fault() for r in readers]
        assert faults == [None] * len(readers), faults
        begun = wall_ms()
        ann.send(f"PRIVMSG dan :{begun}")
        dan.expect(f"^:ann!.* PRIVMSG dan :{begun}")
        dan.send(f"PRIVMSG ann :{begun}")
        ann.expect(f"^:dan!.* PRIVMSG ann :{begun}")
        trips.append(wall_ms() - begun)
    thread.join()
    for r in readers:
        r.process.terminate()
        r.process.join()
    print(len(trips), "round trips, at most", max(trips), "ms")
    assert liar.links == [link], (link.fault, link.error)
    for s in servers:
        assert not re.search("link-(down|refused)", s.log()), s.log()
