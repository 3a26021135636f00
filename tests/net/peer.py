"""A server of the link protocol, written from doc/link-protocol.md.

It is a second reading of that text. It has no clients; a test makes its
entries. One thread (run()) does the work of all its links. Any other thread
that uses a Peer holds its lock; wait() polls until the thread has made
something happen.

    Link    one connection: lines, states, what the other side has
    Peer    a server: clock, log, vectors, map, links, questions
"""
import hashlib
import os
import random
import select
import socket
import ssl
import threading
import time
from collections import namedtuple

from facts import (MESSAGES, Fact, Facts, Fault, dot_of, encode, fold, origin,
                   parse, parse_part, show_dot, show_origin, show_vector,
                   tags_of, vector)

LINE_MAX = 16384
SKEW_MS = 5000
OWN_AHEAD = 4096
HLC_MS = 30 * 24 * 3600 * 1000
UNSENT_STOP = 256 << 10
DIGEST_S, BEAT_S, WANT_AFTER = 0.25, 1.0, 3
CLOCK_MAX = 1 << 46
TTL = 32
WAIT_S = float(os.environ.get("E2E_TIMEOUT", "90"))

LinkState = namedtuple("LinkState", "o lseq hlc edges heads lines")


class Entry(namedtuple("Entry", "o n stamp dest cause lines")):
    """lines: bytes."""

    def facts(self):
        return [Fact((self.o, self.n, part), self.stamp, 0,
                     parse_part(raw)[0])
                for part, raw in enumerate(self.lines[1:])]


def wall_ms():
    return time.time_ns() // 1000000


# ---- keys -------------------------------------------------------------------

def pin_of_der(der):
    """Return the SHA-256 of the SubjectPublicKeyInfo of a certificate in
    DER."""
    def header(at):
        """Return where the value at `at` begins and ends."""
        n = der[at + 1]
        if n < 128:
            return at + 2, at + 2 + n
        size = n & 127
        body = at + 2 + size
        return body, body + int.from_bytes(der[at + 2:body], "big")
    at, _ = header(0)                # Certificate
    at, _ = header(at)               # TBSCertificate
    if der[at] == 0xa0:              # [0] version
        at = header(at)[1]
    for _ in range(5):   # serial, signature, issuer, validity, subject
        at = header(at)[1]
    return hashlib.sha256(der[at:header(at)[1]]).hexdigest()


class Keys:
    """cert.pem and key.pem of a peer, and the certificates it has of
    others."""

    def __init__(self, cert, key, trusted=()):
        self.cert, self.key, self.trusted = cert, key, trusted

    def context(self, listening):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if listening
                           else ssl.PROTOCOL_TLS_CLIENT)
        c.minimum_version = ssl.TLSVersion.TLSv1_3
        c.load_cert_chain(self.cert, self.key)
        if listening:
            # Python's ssl asks for a certificate only if it can verify it. So
            # the certificate of the other side is its own authority; the pin
            # decides.
            c.verify_mode = ssl.CERT_REQUIRED
            for path in self.trusted:
                c.load_verify_locations(path)
        else:
            c.check_hostname = False
            c.verify_mode = ssl.CERT_NONE
        return c


# ---- a link -----------------------------------------------------------------

WHEN = {
    "HELLO": ("hello",), "LSA": ("syncing", "up"), "SYNC": ("syncing",),
    "BEAT": ("syncing", "up"), "ERROR": ("hello", "syncing", "up"),
    **dict.fromkeys(("DIGEST", "WANT", "ACK", "ENTRY", "SNAP", "END", "QUERY",
                     "ANSWER", "DONE"), ("up",)),
}


class Link:
    def __init__(self, peer, sock, dialled, pin):
        self.peer, self.sock, self.dialled, self.pin = peer, sock, dialled, pin
        self.state, self.other, self.name = "hello", None, None
        self.instance = None
        self.rx, self.tx = b"", bytearray()
        self.error = None           # (code, reason) from the other side
        self.fault = None           # (code, reason) found here
        self.lists = {}             # verb -> words of lines that began with *
        self.states = []            # lines of a link state, likewise
        self.ph, self.cursor = {}, 0
        self.digested, self.behind, self.acked = {}, 0, 0
        self.entry, self.snap = None, None
        self.snapshots, self.given, self.wants, self.gone = 0, 0, 0, []
        self.hello_at = self.heard = time.monotonic()
        self.beat = None            # clock of the last BEAT, and when it came
        self.round_trip = None
        self.next_beat = self.next_digest = 0
        self.hold_reading = self.hold_entries = False
        self.seen = []              # all lines that came

    # -- bytes

    def raw(self, data):
        self.tx += data
        self.flush()

    def send(self, *args, **kwargs):
        self.send_line(encode(*args, **kwargs))

    def send_line(self, line):
        assert len(line) + 2 <= LINE_MAX
        self.raw(line + b"\r\n")

    def send_lines(self, lines):
        for line in lines:
            self.send_line(line)

    def send_list(self, verb, words):
        """Send as many lines as necessary; all but the last begin with a
        `*`."""
        per = 200
        while len(words) > per:
            self.send(verb, "*", *words[:per])
            words = words[per:]
        self.send(verb, *words)

    def flush(self):
        try:
            while self.tx:
                n = self.sock.send(bytes(self.tx[:65536]))
                del self.tx[:n]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self.close()

    def readable(self):
        try:
            while self.state != "closed" and not self.hold_reading:
                data = self.sock.recv(65536)
                if not data:
                    self.close()
                    return
                self.rx += data
                self.heard = time.monotonic()
                self.lines()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self.close()

    def lines(self):
        while b"\n" in self.rx and self.state != "closed":
            raw, self.rx = self.rx.split(b"\n", 1)
            try:
                if len(raw) + 1 > LINE_MAX:
                    raise Fault("too-long", "a line of too many bytes")
                if not raw.endswith(b"\r"):
                    raise Fault("syntax", "a line without CR")
                self.seen.append(raw[:-1])
                self.line(raw[:-1])
            except Fault as f:
                self.refuse(f)
            except (ValueError, IndexError, KeyError) as e:
                self.refuse(Fault("syntax", f"{e!r} in {raw!r}"))

    def refuse(self, f):
        self.fault = f.code, f.reason
        if self.state != "closed":
            self.send("ERROR", f.code, text=f.reason)
        self.close()

    def close(self):
        if self.state == "closed":
            return
        was, self.state = self.state, "closed"
        try:
            self.sock.close()
        except OSError:
            pass
        self.peer.lost(self, was)

    # -- lines

    def line(self, raw):
        if raw[:1] in (b"+", b"@"):
            self.plus(raw)
            return
        if self.entry is not None:
            raise Fault("syntax", "an entry lacks lines")
        line = parse(raw)
        if line.verb not in WHEN:
            raise Fault("syntax", "unknown verb " + line.verb)
        if self.state not in WHEN[line.verb] or (
                self.snap is not None and
                line.verb in ("DIGEST", "SNAP")):
            raise Fault("state", f"{line.verb} while {self.state}")
        if line.verb == "ENTRY":
            self.entry = [raw]
            if int(line.words[5]) == 0:
                self.entry_is_whole()
        elif line.verb in ("SYNC", "DIGEST", "WANT", "END"):
            words = self.lists.pop(line.verb, [])
            if line.words[:1] == ["*"]:
                self.lists[line.verb] = words + line.words[1:]
            else:
                getattr(self, "on_" + line.verb.lower())(words + line.words)
        elif line.verb == "LSA":
            self.states.append((line, raw))
            if line.words[0] != "*":
                states, self.states = self.states, []
                self.peer.link_state(self, states)
        else:
            getattr(self, "on_" + line.verb.lower())(line)

    def plus(self, raw):
        if self.entry is not None:
            self.entry.append(raw)
            if len(self.entry) == 1 + int(parse(self.entry[0]).words[5]):
                self.entry_is_whole()
        elif self.snap is not None:
            tags = tags_of(parse(raw))
            self.snap["facts"].append(
                Fact(dot_of(tags["dot"]), int(tags["stamp"]),
                     int(tags.get("tenure", 0)), parse_part(raw)[0],
                     Facts.cause_of(parse(raw), tags, "-")))
        else:
            raise Fault("syntax", "a + line outside of an entry")

    def entry_is_whole(self):
        lines, self.entry = self.entry, None
        w = parse(lines[0]).words
        e = Entry(origin(w[0]), int(w[1]), int(w[2]), w[3], w[4], lines)
        e.facts()                    # raises a Fault if one is not right
        if self.snap is not None:
            self.snap["entries"].append(e)
        else:
            self.peer.take(self, e)

    def on_hello(self, line):
        version, o, hlc, name, instance = line.words[:5]
        self.peer.greeted(self, version, origin(o), int(hlc), name,
                          int(instance), (line.text or "").split())

    def on_error(self, line):
        self.error = line.words[0], line.text
        self.close()

    def on_sync(self, words):
        self.ph, self.cursor = vector(words), self.peer.log_base
        self.peer.judge(self.ph)
        self.state = "up"
        self.peer.came_up(self)

    def on_digest(self, words):
        v = vector(words)
        self.peer.judge(v)
        for o, n in v.items():
            self.ph[o] = max(self.ph.get(o, 0), n)
        have = self.peer.have
        if all(n <= have.get(o, 0) or self.peer.facts.forgotten(o)
               for o, n in self.ph.items()):
            self.behind = 0
            return
        self.behind += 1
        if self.behind >= WANT_AFTER and not any(
                k.snap for k in self.peer.links):
            self.behind = 0
            self.wants += 1
            self.send_list("WANT", show_vector(have))

    def on_want(self, words):
        self.ph, self.cursor = vector(words), self.peer.log_base
        self.peer.judge(self.ph)
        self.pump()

    def on_ack(self, line):
        self.acked = max(self.acked, int(line.words[0]))

    def on_beat(self, line):
        clock = int(line.words[1])
        if clock - wall_ms() > SKEW_MS:
            raise Fault("clock", "the clock of the other is ahead")
        self.beat = clock, time.monotonic()
        if len(line.words) >= 4 and line.words[2] != "0":
            echo, held = int(line.words[2]), int(line.words[3])
            self.round_trip = wall_ms() - echo - held

    def on_snap(self, line):
        if origin(line.words[0]) != self.other:
            raise Fault("snapshot", "not the sender's")
        self.snap = {"facts": [], "entries": []}

    def on_end(self, words):
        if self.snap is None:
            raise Fault("state", "END without SNAP")
        v, f = {}, {}
        for w in words:
            o, _, rest = w.partition("=")
            o = origin(o)
            v[o], f[o] = [int(x) for x in rest.split("/")]
        snap, self.snap = self.snap, None
        self.snapshots += 1
        self.peer.take_snapshot(self, snap, v, f)

    def on_query(self, line):
        self.peer.question(line)

    on_answer = on_done = on_query

    # -- sending

    def send_entry(self, e):
        """Send the entry as the bytes that came."""
        self.raw(b"\r\n".join(e.lines) + b"\r\n")
        self.ph[e.o] = max(self.ph.get(e.o, 0), e.n)
        self.gone.append((e.o, e.n))

    def pump(self):
        p = self.peer
        if self.state != "up" or self.hold_entries:
            return
        if any(n > self.ph.get(o, 0) for o, n in p.floor.items()) or \
           p.facts.log_is_not_enough(self.ph):
            self.send_snapshot()
        while self.cursor < p.log_base + len(p.log):
            if len(self.tx) > UNSENT_STOP or self.state != "up":
                return
            e = p.log[self.cursor - p.log_base]
            self.cursor += 1
            if self.ph.get(e.o, 0) < e.n:
                self.send_entry(e)

    def send_snapshot(self):
        """Send the snapshot at once: nothing can come between its lines."""
        p = self.peer
        self.given += 1
        v = p.covered()
        self.send("SNAP", show_origin(p.o))
        for f in p.facts.in_order():
            self.send_line(p.facts.shown(f).raw())
        for e in p.log:
            if self.ph.get(e.o, 0) < e.n <= v.get(e.o, 0):
                self.raw(b"\r\n".join(e.lines) + b"\r\n")
        self.send_list("END", [f"{show_origin(o)}={n}/{p.floor.get(o, 0)}"
                               for o, n in sorted(v.items())])
        for o, n in v.items():
            self.ph[o] = max(self.ph.get(o, 0), n)
        self.cursor = p.log_base

    def tick(self, now):
        if self.state in ("hello", "closed"):
            return
        if now >= self.next_beat:
            self.next_beat = now + BEAT_S
            echo = []
            if self.beat:
                echo = [self.beat[0], int((now - self.beat[1]) * 1000)]
            self.send("BEAT", self.peer.n, wall_ms(), *echo)
        if self.state == "up" and now >= self.next_digest and not \
           self.hold_entries:
            self.next_digest = now + DIGEST_S
            have = self.peer.have
            news = {o: n for o, n in have.items()
                    if n != self.digested.get(o)}
            self.digested = dict(have)
            self.send_list("DIGEST", show_vector(news))
        self.pump()


# ---- a server ---------------------------------------------------------------

class Peer:
    """A server. `others` is its configuration: sid -> (name, pin or None for
    plaintext)."""

    def __init__(self, sid, name, others, network="Tests", inc=None,
                 keys=None):
        self.sid, self.name, self.others = sid, name, others
        self.network, self.keys = network, keys
        self.o = sid, inc or int(time.time())
        self.version, self.skew_ms = "1", 0      # a test may lie with these
        self.n, self.last_stamp, self.adopted = 0, 0, 0
        self.have, self.done, self.merged, self.floor = {}, {}, {}, {}
        self.log, self.log_base = [], 0
        self.own = {}                # o of a neighbour -> its last (n, stamp)
        self.facts = Facts()
        self.map = {}                # sid -> LinkState
        self.lseq = 0
        self.heads = {}
        self.links, self.listener = [], None
        self.arrived, self.duplicates, self.jumped = [], [], []
        self.messages = []           # (Entry, Line) of messages for me
        self.next_user, self.next_query, self.commands = 0, 0, 0
        self.answers = {}            # id -> [line]; None at the end: DONE
        self.questions = []          # (from, command) of the questions
        self.answering = lambda who, command: []
        self.lock = threading.RLock()
        self.stopping = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.broke = None
        self.thread.start()

    # -- the thread

    def run(self):
        try:
            while not self.stopping:
                self.turn()
        except Exception as e:       # shown by the next wait()
            self.broke = e
            raise

    def turn(self):
        with self.lock:
            socks = {k.sock: k for k in self.links if not k.hold_reading}
            out = [k.sock for k in self.links if k.tx]
            listener = self.listener
        inp = list(socks) + ([listener] if listener else [])
        try:
            r, w, _ = select.select(inp, out, [], 0.02)
        except (OSError, ValueError):
            return                   # one was closed meanwhile
        if listener in r:
            self.accept(listener)
        with self.lock:
            for k in list(self.links):
                if k.sock in w:
                    k.flush()
                if k.sock in r:
                    k.readable()
            now = time.monotonic()
            for k in list(self.links):
                k.tick(now)

    def stop(self):
        self.stopping = True
        self.thread.join(10)
        for k in list(self.links):
            k.sock.close()
        if self.listener:
            self.listener.close()

    def wait(self, what, condition, timeout=WAIT_S):
        """Wait until it is true, and return its value."""
        deadline = time.monotonic() + timeout
        while True:
            with self.lock:
                got = condition()
            if got:
                return got
            assert self.broke is None, self.broke
            assert time.monotonic() < deadline, \
                f"not within {timeout} s: {what}"
            time.sleep(0.02)

    # -- connections

    def listen(self):
        """Listen on a free port of loopback."""
        s = socket.create_server(("127.0.0.1", 0))
        self.listener = s
        return s.getsockname()[1]

    def accept(self, listener):
        try:
            sock, _ = listener.accept()
            self.connected(sock, False)
        except OSError:
            pass

    def dial(self, port):
        return self.connected(
            socket.create_connection(("127.0.0.1", port), WAIT_S), True)

    def connected(self, sock, dialled):
        sock.settimeout(WAIT_S)
        pin = None
        if self.keys:
            sock = self.keys.context(not dialled).wrap_socket(
                sock, server_side=not dialled)
            pin = pin_of_der(sock.getpeercert(binary_form=True))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        with self.lock:
            link = Link(self, sock, dialled, pin)
            self.links.append(link)
            if dialled:
                link.instance = wall_ms() << 20 | random.getrandbits(20)
                self.hello(link)
        return link

    def cut(self, link):
        """Vanish without a word, as when a cable is pulled."""
        with self.lock:
            link.close()

    # -- opening

    def next_stamp(self):
        return max(wall_ms(), self.last_stamp + 1)

    def see(self, stamp):
        self.last_stamp = max(self.last_stamp, min(stamp, CLOCK_MAX))

    def hello(self, link):
        link.send("HELLO", self.version, show_origin(self.o),
                  max(wall_ms(), self.last_stamp) + self.skew_ms, self.name,
                  link.instance,
                  text=f"clock={wall_ms() + self.skew_ms} "
                       f"network={self.network}")

    def greeted(self, link, version, o, hlc, name, instance, caps):
        if version != "1":
            raise Fault("version", "only 1 is known")
        caps = dict(c.partition("=")[::2] for c in caps)
        if caps.get("network", self.network) != self.network:
            raise Fault("network", "another network")
        if o[0] == self.sid:
            raise Fault("own-sid", "that is my sid")
        if o[0] not in self.others:
            raise Fault("sid", "nobody I know")
        want_name, want_pin = self.others[o[0]]
        if want_pin != link.pin:
            raise Fault("pin", "not the key of " + o[0])
        if name != want_name:
            raise Fault("name", "not the name of " + o[0])
        apart = int(caps["clock"]) - wall_ms() if "clock" in caps \
            else hlc - self.next_stamp()
        if abs(apart) > SKEW_MS + abs(self.skew_ms):
            raise Fault("clock", "clocks are too far apart")
        if hlc - self.next_stamp() > HLC_MS:
            raise Fault("clock", "stamps that no load explains")
        known = [k.o[1] for s, k in self.map.items() if s == o[0]] + \
            [k.other[1] for k in self.links if k.other and k.other[0] == o[0]]
        if any(inc > o[1] for inc in known):
            raise Fault("inc", "I know a newer incarnation")
        if self.facts.forgotten(o):
            raise Fault("forgotten", "this run is forgotten")
        if link.dialled and instance != link.instance:
            raise Fault("instance", "not the one that I chose")
        link.instance, link.other, link.name = instance, o, name
        self.see(hlc)
        link.state, link.hello_at = "syncing", time.monotonic()
        if not link.dialled:
            self.hello(link)
        for k in list(self.links):
            if k is not link and k.other and k.other[0] == o[0] and \
               k.other[1] < o[1]:
                k.refuse(Fault("duplicate", "a newer incarnation is here"))
        for sid, ls in self.map.items():
            if sid != self.sid:
                link.send_lines(ls.lines)
        self.heads = dict(self.have)
        self.tell_link_state()
        link.digested = dict(self.have)
        link.send_list("SYNC", show_vector(self.have))

    def came_up(self, link):
        twins = [k for k in self.links if k.state == "up" and
                 k.other[0] == link.other[0]]
        if len(twins) == 2 and self.sid < link.other[0]:
            older = min(twins, key=lambda k: k.hello_at)
            older.refuse(Fault("duplicate", "there is a newer link"))
        link.pump()

    def lost(self, link, was):
        if link in self.links:
            self.links.remove(link)
        if was in ("syncing", "up"):
            self.tell_link_state()

    def own_numbers(self, v):
        for (sid, inc), n in v.items():
            if sid == self.sid and (inc > self.o[1] or
                                    inc == self.o[1] and
                                    n > self.n + OWN_AHEAD):
                raise Fault("own-inc", "somebody else has been me")

    def judge(self, v):
        """Check a vector that the other side sent."""
        self.own_numbers(v)
        for o, n in v.items():
            if self.facts.more_than_had(o, n):
                raise Fault("forgotten", f"more of {show_origin(o)} than "
                                         "there was")

    # -- map

    def tell_link_state(self):
        self.lseq += 1
        self.heads = self.remembered(self.heads)
        edges = [(k.other[0], k.instance, 10) for k in self.links
                 if k.state in ("syncing", "up")]
        lines, stamp, heads = [], self.next_stamp(), show_vector(self.heads)
        words = [",".join(map(str, e)) for e in edges]
        while not lines or words or heads:
            e, words = words[:200], words[200:]
            h, heads = heads[:200], heads[200:]
            lines.append(encode(
                "LSA", *["*"] * bool(words or heads), show_origin(self.o),
                self.lseq, stamp, *e, text=" ".join(h)))
        self.map[self.sid] = LinkState(self.o, self.lseq, 0, edges,
                                       self.heads, lines)
        for k in list(self.links):
            if k.state in ("syncing", "up"):
                k.send_lines(lines)

    def link_state(self, link, lines):
        """Take in a link state, with all its lines."""
        edges, heads, whose = [], {}, set()
        for line, _ in lines:
            w = line.words[line.words[0] == "*":]
            whose.add((origin(w[0]), int(w[1]), int(w[2])))
            for e in w[3:]:
                sid, instance, cost = e.split(",")
                edges.append((sid, int(instance), int(cost)))
            heads |= vector((line.text or "").split())
        if len(whose) > 1:
            raise Fault("syntax", "lines of two link states")
        o, lseq, hlc = whose.pop()
        ls = LinkState(o, lseq, hlc, edges, heads, [raw for _, raw in lines])
        if o[0] == self.sid:
            if o[1] > self.o[1]:
                raise Fault("own-inc", "somebody else has been me")
            if o == self.o and self.lseq < ls.lseq <= wall_ms():
                self.lseq = ls.lseq
                self.tell_link_state()
            return
        if o == link.other:
            self.own_numbers(ls.heads)
            if hlc - self.next_stamp() <= HLC_MS:
                self.see(hlc)
        if self.facts.forgotten(o):
            return
        old = self.map.get(o[0])
        if old and (old.o[1], old.lseq) >= (o[1], ls.lseq):
            return
        self.map[o[0]] = ls
        for k in self.links:
            if k is not link and k.state in ("syncing", "up"):
                k.send_lines(ls.lines)

    def steps(self):
        """Return sid -> the sid of my neighbour on the way to it."""
        way, queue = {self.sid: None}, [self.sid]
        while queue:
            a = queue.pop(0)
            for b, instance, _ in self.map[a].edges:
                if b not in way and b in self.map and any(
                        e[:2] == (a, instance) for e in self.map[b].edges):
                    way[b] = way[a] or b
                    queue.append(b)
        return way

    def visible(self):
        """Return the sids of the servers that are shown."""
        reached, have = self.steps(), self.covered()
        if any(n > have.get(o, 0) for s in reached
               for o, n in self.remembered(self.map[s].heads).items()):
            return set()
        return {f.words[0] for f in self.facts.all("+READY")
                if f.words[0] in reached and
                self.map[f.words[0]].o[1] == int(f.words[1])}

    # -- the log

    def covered(self):
        return {o: max(self.done.get(o, 0), self.merged.get(o, 0))
                for o in {*self.done, *self.merged}}

    def make(self, *parts, dest="*", cause="-"):
        """Make an entry of my own. A part is (verb, word..., [text=])."""
        with self.lock:
            self.n += 1
            self.last_stamp = self.next_stamp()
            lines = [encode("ENTRY", show_origin(self.o), self.n,
                            self.last_stamp, dest, cause, len(parts)), *parts]
            e = Entry(self.o, self.n, self.last_stamp, dest, cause, lines)
            self.accept_entry(e)
            return e

    def take(self, link, e):
        link.ph[e.o] = max(link.ph.get(e.o, 0), e.n)
        self.judge({e.o: e.n})
        if self.facts.forgotten(e.o):
            return
        if e.o == link.other and e.stamp - self.next_stamp() > SKEW_MS:
            raise Fault("clock", "a stamp that is ahead")
        if e.o == link.other:
            n, stamp = self.own.get(e.o, (0, 0))
            if e.n > n and e.stamp <= stamp:
                raise Fault("clock", "a stamp that is not later")
            self.own[e.o] = max((n, stamp), (e.n, e.stamp))
        have = self.have.get(e.o, 0)
        if e.n > have + 1:
            raise Fault("gap", f"{show_origin(e.o)} {e.n} after {have}")
        if e.n <= have:
            self.duplicates.append((e.o, e.n))
        else:
            self.is_credible(e)
            for f in e.facts():
                self.fits(f)
            if e.o == self.o:
                self.adopt(e)
            self.arrived.append((e.o, e.n))
            self.accept_entry(e)
            if e.o == self.o:
                for f in e.facts():
                    if f.verb == "+USER":
                        self.make(encode("+QUIT", f.words[0], text=""))
        if e.o == link.other:
            link.send("ACK", e.n)

    def adopt(self, e):
        """6.20: make an entry my own that another server made."""
        if e.stamp <= self.last_stamp:
            raise Fault("own-inc", "somebody else has been me")
        self.n, self.last_stamp = e.n, e.stamp
        self.adopted += 1

    def is_credible(self, e):
        """6.16 to 6.18. This server waits for nothing."""
        if e.n == 1 and not any(
                f.verb == "+READY" and
                (f.words[0], int(f.words[1])) == e.o for f in e.facts()):
            raise Fault("bounds", "a first entry without READY")
        if e.o[0] not in self.map:
            raise Fault("bounds", "an entry of an unknown server")
        if e.o[1] > self.map[e.o[0]].o[1]:
            raise Fault("doubt", "an entry of an unknown run")
        if e.stamp - wall_ms() > HLC_MS:
            raise Fault("clock", "an entry that is far ahead")

    def accept_entry(self, e):
        self.have[e.o] = e.n
        self.log.append(e)
        self.see(e.stamp)
        self.done[e.o] = e.n
        if e.n > self.merged.get(e.o, 0):
            self.facts.apply(e)
            self.forgets()
        if e.dest == "*" or self.sid in e.dest.split(","):
            self.messages += [(e, m) for m in map(parse, e.lines[1:])
                              if m.verb in MESSAGES]
        for k in list(self.links):
            k.pump()

    def trim(self, keep=0):
        """Drop all but the last entries of the log."""
        with self.lock:
            cut = self.log[:len(self.log) - keep]
            for e in cut:
                self.floor[e.o] = e.n
            self.log = self.log[len(cut):]
            self.log_base += len(cut)
            for k in self.links:
                k.cursor = max(k.cursor, self.log_base)

    # -- forgetting

    def remembered(self, v):
        return {o: n for o, n in v.items() if not self.facts.forgotten(o)}

    def fits(self, f):
        """Check a FORGET that comes, before anything of it is taken in."""
        if f.verb != "+FORGET":
            return
        sid, inc = f.words[0], int(f.words[1])
        if sid == self.sid and self.o[1] <= inc:
            raise Fault("forgotten", "that is me")
        if sid in self.map and self.map[sid].o[1] <= inc and \
           sid in self.steps():
            raise Fault("forgotten", sid + " is alive")
        had = f.had()
        for o, n in self.have.items():
            if had is not None and o[0] == sid and o[1] <= inc and \
               n > had.get(o, 0):
                raise Fault("forgotten", f"there is more of {show_origin(o)}")

    def forgets(self):
        """Take forgotten runs out of everything but the facts."""
        gone = {o: n for o, n in self.have.items() if self.facts.forgotten(o)}
        for o, n in gone.items():
            last = (self.facts.forgotten(o).had() or {}).get(o, 0)
            if last > n:
                self.jumped.append((o, n, last))
        for v in (self.have, self.done, self.merged, self.floor, self.own):
            for o in [o for o in v if self.facts.forgotten(o)]:
                del v[o]
        for sid in [s for s, ls in self.map.items()
                    if self.facts.forgotten(ls.o)]:
            del self.map[sid]
        if gone:
            stays = [e.o not in gone for e in self.log]
            for k in self.links:
                k.cursor = self.log_base + sum(
                    stays[:k.cursor - self.log_base])
            self.log = [e for e in self.log if e.o not in gone]

    def forget(self, sid):
        """Make a FORGET of a sid that is gone, or of the former runs of one
        that is there. The test has to know that no other server was missing
        for long."""
        with self.lock:
            runs = sorted(o for o in self.have if o[0] == sid)
            if sid in self.steps():
                ready = int(self.facts.of[("+READY", (sid,))].words[1])
                runs = [o for o in runs if o[1] < ready][:400]
                inc = runs[-1][1]
            elif len(runs) > 400:
                runs = runs[:400]
                inc = runs[-1][1]
            else:
                ls = self.map.get(sid)
                inc = max([o[1] for o in runs] + ([ls.o[1]] if ls else []))
            before = self.facts.of.get(("+FORGET", (sid,)))
            had = {**((before and before.had()) or {}),
                   **{o: self.have[o] for o in runs}}
            had = {o: had[o] for o in sorted(had)[-400:]}
            return self.make(encode("+FORGET", sid, inc,
                                    text=" ".join(show_vector(had))))

    # -- channels without members

    def unchan(self):
        """Remove the channels without members whose removal is up to this
        server. The test has to know that they were empty for long."""
        with self.lock:
            seen = self.visible()
            if not set(self.map) <= seen or any(
                    self.map[o[0]].o != o for o in self.have
                    if not self.facts.is_void(o)):
                return []
            joined = {f.words[0].rsplit(",", 1)[0]
                      for f in self.facts.all("+JOIN")}
            return [self.make(encode("+UNCHAN", f.words[0], show_dot(f.dot)))
                    for f in self.facts.all("+CHAN")
                    if fold(f.words[0].rsplit(",", 1)[0]) not in joined and
                    self.removes(f.words[0].rsplit(".", 1)[1])]

    def removes(self, sid):
        """Return True if a channel that sid has founded is mine to remove."""
        forget = self.facts.register("+FORGET", sid)
        ready = self.facts.register("+READY", sid)
        heir = forget and sid not in self.steps() and (
            not ready or int(forget[0][1]) >= int(ready[0][1]))
        return self.sid == (min(self.visible()) if heir else sid)

    # -- snapshots

    def take_snapshot(self, link, snap, v, f):
        self.judge(v)
        for x in snap["facts"]:
            self.fits(x)
        for o, n in v.items():
            link.ph[o] = max(link.ph.get(o, 0), n)
        said = v
        v, f = self.remembered(v), self.remembered(f)
        snap["entries"] = [e for e in snap["entries"]
                           if not self.facts.forgotten(e.o)]
        after = {o: max(n, self.have.get(o, 0)) for o, n in f.items()}
        for e in snap["entries"]:
            if e.n == after.get(e.o, self.have.get(e.o, 0)) + 1:
                after[e.o] = e.n
            elif e.n > after.get(e.o, self.have.get(e.o, 0)):
                raise Fault("snapshot", "a gap in what it carries")
        for o in v:
            if f[o] > v[o] or after.get(o, self.have.get(o, 0)) < v[o]:
                raise Fault("snapshot", f"does not reach {show_origin(o)}")
        for x in snap["facts"]:
            self.see(x.stamp)
        self.facts.merge(snap["facts"], said, self.covered())
        for o, n in v.items():
            self.merged[o] = max(self.merged.get(o, 0), n)
        for o, n in f.items():
            have = self.have.get(o, 0)
            if n > have:
                if have:
                    self.jumped.append((o, have, n))
                self.have[o] = self.done[o] = self.floor[o] = n
                kept = [e for e in self.log if e.o != o or e.n > n]
                self.log_base += len(self.log) - len(kept)
                self.log = kept
        self.forgets()
        for e in snap["entries"]:
            if e.n == self.have.get(e.o, 0) + 1 and \
               not self.facts.forgotten(e.o):
                self.arrived.append((e.o, e.n))
                self.accept_entry(e)
        for k in list(self.links):
            k.cursor = self.log_base
            k.pump()

    # -- questions

    def towards(self, sid, line):
        first = self.steps().get(sid)
        for k in self.links:
            if k.state == "up" and k.other[0] == first:
                k.send_line(line)
                return

    def ask(self, who, dst, command):
        """Ask, and return the lines of the answer."""
        with self.lock:
            self.next_query += 1
            qid = f"{self.sid}.{self.next_query}"
            self.answers[qid] = []
            self.towards(dst, encode("QUERY", qid, who, dst, TTL - 1,
                                     text=command))
        self.wait("an answer to " + command,
                  lambda: self.answers[qid][-1:] == [None])
        return self.answers[qid][:-1]

    def has(self, command):
        """Return the answer to HAVE or SEEN, or nothing if it is another
        question."""
        if command.startswith("SEEN "):
            return ["1"]
        if not command.startswith("HAVE "):
            return []
        sid = command.split()[1]
        return [" ".join(show_vector({o: n for o, n in self.have.items()
                                      if o[0] == sid}))]

    def question(self, line):
        w = list(line.words)
        dst_at = 2 if line.verb == "QUERY" else 1
        dst, ttl = w[dst_at], int(w[dst_at + 1])
        if dst != self.sid:
            if ttl > 1:
                w[dst_at + 1] = str(ttl - 1)
                self.towards(dst, encode(line.verb, *w, text=line.text))
        elif line.verb == "QUERY":
            asker = w[0].split(".")[0]
            self.questions.append((w[1], line.text))
            for a in self.has(line.text) or self.answering(w[1], line.text):
                self.towards(asker, encode("ANSWER", w[0], asker, TTL - 1,
                                           text=a))
            self.towards(asker, encode("DONE", w[0], asker, TTL - 1))
        elif w[0] in self.answers:
            self.answers[w[0]].append(
                line.text if line.verb == "ANSWER" else None)

    # -- acts of a test

    def await_up(self, links=1):
        self.wait("a link is up", lambda: sum(
            k.state == "up" for k in self.links) >= links)
        return self

    def ready(self):
        """Make READY, once everything is here that the first neighbour had."""
        self.wait("all of the neighbour's is here", lambda: all(
            n <= self.have.get(o, 0)
            for k in self.links for o, n in k.ph.items()))
        return self.make(encode("+READY", self.sid, self.o[1], self.name,
                                text="A server in Python"))

    def user(self, nick, stamp=None, gate=None):
        """Make a user, with a HOME if it has a gate, and return the uid."""
        with self.lock:
            digits, n = "", self.next_user
            self.next_user += 1
            for _ in range(5):
                n, d = divmod(n, 26)
                digits = chr(65 + d) + digits
            uid = f"{self.sid}A{digits}"
            claim = encode("+NICK", uid, nick, 1, stamp or self.next_stamp())
            self.make(
                encode("+USER", uid, nick, nick, self.name, "192.0.2.9",
                       "192.0.2.9", text=nick.title()),
                *([b"@tenure=1 " + claim,
                   encode("+HOME", uid, 1, show_origin(self.o), gate, 0)]
                  if gate else [claim]),
                cause=self.cause(uid))
        return uid

    def cause(self, uid):
        """Return the next command of a user's only session."""
        self.commands += 1
        home = self.facts.home(uid)
        tenure = home[1] if home else 1
        return f"{uid}.1,{tenure},{self.commands},{wall_ms()}"

    def do(self, uid, *parts, dest="*"):
        return self.make(*parts, dest=dest, cause=self.cause(uid))

    def join(self, uid, channel):
        with self.lock:
            return self.do(uid, encode("+JOIN", self.facts.channel(channel),
                                       uid))

    def say(self, uid, target, text, dest, verb="PRIVMSG"):
        return self.do(uid, encode("+SAY", verb, uid, target, "*", text=text),
                       dest=dest)

    def settle_nicks(self):
        """Do what a home owes to its users who lost their claim."""
        with self.lock:
            for f in self.facts.all("+NICK"):
                uid = f.words[0]
                if uid[:3] == self.sid and self.facts.nick(uid) == uid != \
                   f.words[1]:
                    self.make(encode("+NICK", uid, uid, 1, self.next_stamp()))
