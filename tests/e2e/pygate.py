"""A gate, written from doc/gate-protocol.md.

It is a second reading of that text, made without a look at src/. It believes
nothing: each rule that binds the server is checked, and a breach of a rule
ends the trunk and the test.

    Trunk    one connection to a server: lines, lists, positions
    Stream   one client, as its gate sees it: grants, queues, lines

One thread for each trunk does its work. Any other thread that uses a trunk or
a stream holds its lock; wait() sleeps until lines have come. The clients of
this gate have no sockets: a test gives their bytes to feed(), and finds in
`lines` what they were sent.
"""
import collections
import hashlib
import os
import re
import select
import socket
import ssl
import threading
import time

LINE_MAX = 16384
TAGS_MAX, REST_MAX = 4096, 510      # of a line of a client, without its end
CLIENT_LINE_MAX = 8191 + 512        # of a line to a client
LISTS_MAX, MEMBERS_MAX = 4096, 1 << 20
QUEUE_BYTES = 65536                 # sendq and recvq before QUEUES
BEAT_S, SILENCE_S = 1.0, 20
S_MAX, N_MAX = (1 << 32) - 1, (1 << 63) - 1
WAIT_S = float(os.environ.get("E2E_TIMEOUT", "90"))
SEEN_MAX = 200000                   # lines that are kept for the test

CODES = ("pin", "plaintext", "version", "network", "name", "form", "state",
         "stream", "command", "grant", "list", "bounds", "silent", "slow",
         "removed", "stop", "restart")

Line = collections.namedtuple("Line", "verb words text")


class Breach(AssertionError):
    """The server has broken a rule."""

    def __init__(self, code, why):
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why


# ---- lines ------------------------------------------------------------------

# verb -> least and most words, and whether there is a text
FORMS = {
    b"SERVER": (4, 4, True), b"L": (1, 1, True), b"LIST": (1, None, False),
    b"UNLIST": (1, 1, False), b"READ": (1, None, False),
    b"QUEUES": (2, None, False), b"DRAIN": (2, 2, False),
    b"GONE": (1, 1, True), b"POS": (0, None, False), b"BEAT": (1, 3, False),
    b"ERROR": (1, 1, True), b"PEER": (1, 6, False),
    b"LOAD": (5, 5, False), b"COST": (1, 1, True),
    b"FULL": (1, 1, False),
}
# 10.1: what GATE must have announced
NEEDS = {b"PEER": "peers", b"LOAD": "load", b"COST": "place", b"FULL": "place"}
BEFORE_OPEN = (b"SERVER", b"BEAT", b"ERROR")


def parse(raw):
    """Take a line without its end apart: 3.1, 3.2."""
    if b"\0" in raw or b"\r" in raw:
        raise Breach("form", f"NUL or CR in {raw[:80]!r}")
    head, mark, text = raw, b"", b""
    if raw.startswith(b"@"):
        head = raw.partition(b" ")[2].lstrip(b" ")
    if m := re.search(rb" +:", head):
        head, mark, text = head[:m.start()], b":", head[m.end():]
    words = head.split()
    if not words or words[0].startswith(b":"):
        raise Breach("form", f"no verb in {raw[:80]!r}")
    return Line(words[0], words[1:], text if mark else None)


def number(word, least=0, most=N_MAX):
    """1.1"""
    if (not re.fullmatch(rb"0|[1-9][0-9]{0,18}", word) or
            not least <= int(word) <= most):
        raise Breach("form", f"not from {least} to {most}: {word[:40]!r}")
    return int(word)


def origin(word):
    if not (m := re.fullmatch(rb"[0-9][A-Z0-9]{2}\.(.*)", word)):
        raise Breach("form", f"no origin: {word[:40]!r}")
    number(m.group(1), 1, S_MAX)
    return word.decode()


def name(word):
    """1.2"""
    if not re.fullmatch(rb"[A-Za-z0-9._-]{1,63}", word):
        raise Breach("form", f"no name: {word[:80]!r}")
    return word.decode()


def capabilities(text):
    return dict(w.partition("=")[::2] for w in text.decode().split())


def tag_value(value):
    """The escapes of message-tags."""
    for char, escape in (("\\", "\\\\"), (";", "\\:"), (" ", "\\s"),
                         ("\r", "\\r"), ("\n", "\\n")):
        value = value.replace(char, escape)
    return value


def framed(line):
    """Return the tag and the text of CMD for a line of a client: 5.5."""
    if b"\0" in line or b"\r" in line:
        return "bad", b""
    cut = line.find(b" ") + 1 if line.startswith(b"@") else 0
    if cut == 0 and line.startswith(b"@"):
        cut = len(line)             # nothing but tags
    tags, rest = line[:cut], line[cut:]
    if len(tags) > TAGS_MAX:
        return "long", tags[:TAGS_MAX]
    if len(rest) > REST_MAX:
        return "long", tags + rest[:REST_MAX]
    return None, line


# ---- keys -------------------------------------------------------------------

def pin_of_der(der):
    """Return the SHA-256 of the SubjectPublicKeyInfo of a certificate in
    DER."""
    def value(at):
        """Return where the value at `at` begins and ends."""
        n, at = der[at + 1], at + 2
        if n >= 128:
            n, at = (int.from_bytes(der[at:at + n - 128], "big"),
                     at + n - 128)
        return at, at + n
    at = value(value(0)[0])[0]      # in Certificate, in TBSCertificate
    if der[at] == 0xa0:             # the version
        at = value(at)[1]
    for _ in range(5):              # serial, signature, issuer, times, subject
        at = value(at)[1]
    return hashlib.sha256(der[at:value(at)[1]]).hexdigest()


def tls_context(folder, version=ssl.TLSVersion.TLSv1_3):
    """With cert.pem and key.pem of the folder, or without a certificate."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.minimum_version = c.maximum_version = version
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    if folder:
        c.load_cert_chain(os.path.join(folder, "cert.pem"),
                          os.path.join(folder, "key.pem"))
    return c


# ---- a client ---------------------------------------------------------------

class Stream:
    """One client. `lines` are those that it was sent; a `slow` client leaves
    them in `queue`, until take()."""

    def __init__(self, trunk, s):
        self.trunk, self.s = trunk, s
        self.sendq = self.recvq = QUEUE_BYTES
        self.granted, self.c = 0, 0
        self.part, self.waiting = b"", collections.deque()
        self.lines, self.queue = [], collections.deque()
        self.slow, self.drain = False, None
        self.is_shut, self.is_excess = False, False
        self.closed = self.gone = None      # why
        self.closed_at = None               # the BEAT after CLOSED
        self.excesses = self.grants = 0
        self.is_full = False
        self.granted_at = []        # how many lines came before each READ

    @property
    def has_ended(self):
        return self.closed is not None or self.gone is not None

    # -- from the client

    def feed(self, data):
        """Read bytes of the client."""
        with self.trunk.lock:
            if self.has_ended or self.is_shut:
                return
            self.part += data
            while b"\n" in self.part:
                line, _, self.part = self.part.partition(b"\n")
                self.waiting.append(line)
            self.pass_on()

    def pass_on(self):
        """Pass on the lines that are granted: 5.4, 5.8."""
        while self.waiting and self.granted > 0:
            self.granted -= 1
            self.command(self.waiting.popleft().removesuffix(b"\r"))
        if self.is_shut and not self.waiting:
            self.close("Connection closed")
            return
        waits = self.granted == 0 and sum(
            len(ln) + 1 for ln in self.waiting) + len(self.part) > self.recvq
        if waits and not self.is_excess:
            self.excesses += 1
            self.trunk.say(f"EXCESS {self.s}")
        self.is_excess = waits

    def command(self, line):
        tag, text = framed(line)
        self.c += 1
        self.trunk.say(f"@{tag} " * bool(tag) + f"CMD {self.s} {self.c}", text)

    def shut(self):
        """The client sends no more: 5.7."""
        with self.trunk.lock:
            if self.has_ended or self.is_shut:
                return
            self.is_shut = True
            if self.waiting:
                self.trunk.say(f"EOF {self.s}")
            self.pass_on()

    def close(self, why="Connection reset by peer"):
        with self.trunk.lock:
            if not self.has_ended:
                self.closed = why
                self.closed_at = self.trunk.next_t()
                self.trunk.say(f"CLOSED {self.s}", why.encode())

    # -- to the client

    def give(self, line):
        if self.has_ended:
            return
        if not self.slow:
            self.lines.append(line)
            return
        self.queue.append(line)
        if self.queued() > self.sendq:
            self.close("SendQ exceeded")

    def queued(self):
        return sum(len(ln) + 2 for ln in self.queue)

    def take(self, n=None):
        """The client reads that many lines, or all."""
        with self.trunk.lock:
            for _ in range(len(self.queue) if n is None else n):
                self.lines.append(self.queue.popleft())
            self.look_at_drain()

    def look_at_drain(self):
        """5.9"""
        if (self.drain is not None and not self.has_ended and
                self.queued() <= self.drain):
            self.drain = None
            self.trunk.say(f"DRAINED {self.s}")

    def end(self, why):
        """The client gets what waits, then its connection is closed."""
        self.lines += self.queue
        self.queue.clear()
        self.gone = why


# ---- a trunk ----------------------------------------------------------------

class Trunk:
    """`keys` is a folder with cert.pem and key.pem, and the trunk is plain
    without it; `pin` is what the configuration has for the server. A gate that
    breaks rules uses raw(); without `gate`, not even GATE is sent."""

    def __init__(self, port, gate="gate1", keys=None, pin=None,
                 host="127.0.0.1", version="1", region="*", network=None,
                 rcvbuf=None, beats=True, context=None,
                 caps=("peers", "load")):
        self.gate, self.pin, self.network = gate, pin, network
        self.beats, self.reads = beats, True
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.rx, self.tx = b"", bytearray()
        self.streams, self.lists, self.members = {}, {}, 0
        self.said = []              # words of a line that began with *
        self.saying = None          # its verb, and the number of the list
        self.position, self.has_position = {}, False
        self.step = 0               # lines since the last POS
        self.steps = 0
        self.server = None          # its SERVER line
        self.caps, self.o = {}, None
        self.own_caps, self.peers = set(caps if gate else ()), {}
        self.load, self.load_at = None, None
        self.asked, self.costs = 0, []  # questions, and their answers
        self.error = self.breach = None
        self.is_closed, self.why = False, None
        self.last_t = self.last_echo = self.server_t = 0
        self.sent_at, self.server_at, self.round_trip = {}, None, None
        self.last_s = 0
        self.count, self.bytes = collections.Counter(), 0
        self.seen = collections.deque(maxlen=SEEN_MAX)
        self.heard = time.monotonic()
        self.next_beat = 0
        self.sock = self.dial(host, port, rcvbuf,
                              context or (keys and tls_context(keys)))
        self.wake, self.woken = socket.socketpair()
        self.wake.setblocking(False)
        self.hangs_up = False
        if gate:
            said = ([f"network={network}"] if network else []) + list(caps)
            self.say(f"GATE {version} {gate} {region}",
                     " ".join(said).encode())
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def dial(self, host, port, rcvbuf, context):
        sock = socket.socket(socket.AF_INET6 if ":" in host
                             else socket.AF_INET)
        if rcvbuf:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        sock.settimeout(WAIT_S)
        sock.connect((host, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            sock = context.wrap_socket(sock)
            shown = pin_of_der(sock.getpeercert(binary_form=True))
            if self.pin not in (None, shown):
                sock.sendall(b"ERROR pin :this is not the configured key\r\n")
                sock.close()
                raise Breach("pin", f"the server shows {shown}")
        sock.setblocking(False)
        return sock

    # -- bytes

    def say(self, head, text=None):
        line = head.encode() + (b"" if text is None else b" :" + text)
        assert len(line) + 2 <= LINE_MAX
        self.raw(line + b"\r\n")

    def raw(self, data):
        with self.lock:
            if not self.is_closed:
                self.tx += data
                self.flush()
                if self.tx:
                    self.nudge()

    def nudge(self):
        """Let the thread look at what another one has changed."""
        try:
            self.wake.send(b"w")
        except BlockingIOError:
            pass    # it has been told

    def flush(self):
        try:
            while self.tx:
                del self.tx[:self.sock.send(self.tx[:65536])]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self.tx.clear()     # what the server has said can still be read

    def run(self):
        while not self.is_closed:
            self.turn(*select.select(
                [self.woken] + [self.sock] * self.reads,
                [self.sock] * bool(self.tx), [], 0.2)[:2])

    def turn(self, readable, _):
        with self.lock:
            try:
                if self.woken in readable:
                    self.woken.recv(4096)
                if self.hangs_up:
                    self.finish("hung up")
                    return
                self.flush()
                if self.sock in readable and self.reads:
                    self.read()
                self.keep_alive()
            except Breach as e:
                self.breach = e
                self.say(f"ERROR {e.code}", e.why.encode()[:400])
                self.finish("broken")
            except OSError as e:
                self.finish(str(e))
            self.changed.notify_all()

    def read(self):
        try:
            for _ in range(16):
                data = self.sock.recv(65536)
                if not data:
                    self.finish("end")
                    return
                self.heard = time.monotonic()
                self.bytes += len(data)
                self.rx += data
                self.take_lines()
                if self.is_closed:
                    return
        except (BlockingIOError, ssl.SSLWantReadError):
            pass

    def take_lines(self):
        *lines, self.rx = self.rx.split(b"\n")
        for raw in lines:
            if not raw.endswith(b"\r"):
                raise Breach("form", f"no CR LF behind {raw[:80]!r}")
            if len(raw) + 1 > LINE_MAX:
                raise Breach("form", f"{len(raw) + 1} bytes")
            if self.error:
                raise Breach("state", f"after ERROR: {raw[:80]!r}")
            self.seen.append(raw[:-1])
            self.line(parse(raw[:-1]))
        if len(self.rx) > LINE_MAX:
            raise Breach("form", "a line does not end")

    def next_t(self):
        return max(time.monotonic_ns() // 1000000, self.last_t + 1)

    def keep_alive(self):
        """4.4"""
        now = time.monotonic()
        if now - self.heard > SILENCE_S and self.reads:
            raise Breach("silent", "nothing was heard")
        if self.beats and now >= self.next_beat and self.gate:
            self.beat(now)

    def beat(self, now):
        self.last_t = self.next_t()
        self.sent_at[self.last_t] = now
        self.next_beat = now + BEAT_S
        held = ""
        if self.server_at:
            held = f" {self.server_t} {int((now - self.server_at) * 1000)}"
        self.say(f"BEAT {self.last_t}{held}")

    def finish(self, why):
        """The trunk has ended, and with it all streams: 7.2."""
        self.is_closed = True
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.sock.close()
        reason = self.error[1] if self.error else "The trunk is gone"
        for x in self.streams.values():
            if not x.has_ended:
                x.end(reason)
                x.lines.append(b"ERROR :" + reason.encode())
        self.why = why
        self.changed.notify_all()

    # -- lines of the server

    def line(self, ln):
        self.count[ln.verb.decode("latin-1")] += 1
        if ln.verb not in FORMS:
            raise Breach("form", f"unknown verb {ln.verb[:40]!r}")
        least, most, has_text = FORMS[ln.verb]
        if (not least <= len(ln.words) <= (most or len(ln.words)) or
                has_text != (ln.text is not None)):
            raise Breach("form", f"{ln.verb} {ln.words[:8]} {ln.text!r}")
        if self.server is None and ln.verb not in BEFORE_OPEN:
            raise Breach("state", f"{ln.verb} before SERVER")
        if self.saying and self.saying[0] != ln.verb:
            raise Breach("state", f"{ln.verb} in a long {self.saying[0]}")
        if NEEDS.get(ln.verb, "") not in self.own_caps | {""}:
            raise Breach("form", f"{ln.verb} was not asked for")
        if self.server and not self.has_position and ln.verb not in (
                b"POS", b"ERROR", b"PEER", b"LOAD"):
            raise Breach("state", f"{ln.verb} between SERVER and POS")
        if ln.verb not in (b"POS", b"BEAT", b"SERVER", b"ERROR"):
            self.step += 1
        getattr(self, "on_" + ln.verb.decode().lower())(ln.words, ln.text)

    def on_server(self, words, text):
        if self.server is not None:
            raise Breach("state", "a second SERVER")
        if words[0] != b"1":
            raise Breach("version", f"version {words[0]!r}")
        self.o = origin(words[1])
        self.server = name(words[2])
        self.region = None if words[3] == b"*" else name(words[3])
        self.caps = capabilities(text)
        number(self.caps.get("streams", "").encode())
        theirs = self.caps.get("network")
        if self.network and theirs and theirs != self.network:
            raise Breach("network", f"it is of {theirs}")

    def on_peer(self, words, _):
        """11.1, 11.2"""
        if not re.fullmatch(rb"[0-9][A-Z0-9]{2}", words[0]):
            raise Breach("form", f"no sid: {words[0]!r}")
        sid = words[0].decode()
        if len(words) == 1:
            self.peers.pop(sid, None)
            return
        if len(words) != 6:
            raise Breach("form", f"PEER {words}")
        host, pin = words[3].decode(), words[5].decode()
        if not re.fullmatch(r"[A-Za-z0-9._:-]{1,255}", host):
            raise Breach("form", f"no host: {host!r}")
        if pin != "-" and not re.fullmatch(r"[0-9a-f]{64}", pin):
            raise Breach("form", f"no pin: {pin!r}")
        self.peers[sid] = {
            "name": name(words[1]), "host": host, "pin": pin,
            "region": None if words[2] == b"*" else name(words[2]),
            "port": number(words[4], 1, 65535)}

    def on_load(self, words, _):
        """11.4"""
        now = time.monotonic()
        if self.load_at and now - self.load_at > 10 + SILENCE_S:
            raise Breach("state", "no LOAD for a long time")
        s = number(words[4], 0, S_MAX)
        if s > self.last_s:
            raise Breach("stream", f"LOAD counts {s}, after {self.last_s}")
        self.load_at = now
        self.load = {"users": number(words[0]), "rate": number(words[1], 0, 1 << 40),
                     "weight": number(words[2], 1, 1000), "s": s,
                     "flags": set(words[3].decode().split(",")) - {"-"}}

    def on_cost(self, words, text):
        """12.2"""
        q, words = number(words[0], 1), text.split(b" ")
        if len(words) < 3:
            raise Breach("form", f"COST :{text!r}")
        if q != len(self.costs) + 1 or q > self.asked:
            raise Breach("form", f"COST {q} of {self.asked} questions")
        home = words[1].decode()
        if not re.fullmatch(r"\*|\+?[0-9][A-Z0-9]{2}", home):
            raise Breach("form", f"no home: {home!r}")
        sids = [w.partition(b"=")[0] for w in words[3:]]
        if sids != sorted(set(sids)):
            raise Breach("form", f"not in order: {sids}")
        self.costs.append({
            "rate": number(words[0], 0, 1 << 40), "home": home,
            "rest": number(words[2], 0, 1 << 60),
            "cost": {w.partition(b"=")[0].decode():
                     number(w.partition(b"=")[2], 0, 1 << 60)
                     for w in words[3:]}})

    def on_full(self, words, _):
        """12.4: in the place of QUEUES and READ"""
        x = self.stream(words[0])
        if x.granted or x.lines:
            raise Breach("state", f"FULL {words[0]} behind other lines")
        x.is_full = True
        x.end("FULL")

    def on_error(self, words, text):
        code = words[0].decode()
        if code not in CODES:
            raise Breach("form", f"unknown code {code}")
        self.error = (code, text.decode("utf-8"))

    def on_beat(self, words, _):
        now, t = time.monotonic(), number(words[0], 1)
        if len(words) == 2 or t < self.server_t:
            raise Breach("form", f"BEAT {words} after {self.server_t}")
        self.server_t, self.server_at = t, now
        if len(words) == 1:
            if self.last_echo:
                raise Breach("form", "BEAT without an echo")
            return
        echo, held = number(words[1], 1), number(words[2])
        if echo not in self.sent_at or echo < self.last_echo:
            raise Breach("form", f"BEAT echoes {echo}")
        ago = (now - self.sent_at[echo]) * 1000
        if held > ago + 2:
            raise Breach("form", f"BEAT held {held} ms, sent {ago:.0f} ms ago")
        self.round_trip = ago - held
        self.last_echo = echo
        for old in [b for b in self.sent_at if b < echo]:
            del self.sent_at[old]

    def stream(self, word):
        """Return a stream that the server may speak of: 5.6."""
        s = number(word, 1, S_MAX)
        if s not in self.streams:
            raise Breach("stream", f"there never was a stream {s}")
        x = self.streams[s]
        if x.gone is not None:
            raise Breach("state", f"stream {s} was GONE before")
        if x.closed_at is not None and x.closed_at <= self.last_echo:
            raise Breach("state", f"the server knew that {s} was closed")
        return x

    def on_l(self, words, text):
        if len(text) + 2 > CLIENT_LINE_MAX:
            raise Breach("form", f"{len(text)} bytes for a client")
        if not words[0].startswith(b"*"):
            self.stream(words[0]).give(text)
            return
        g = number(words[0][1:], 1, S_MAX)
        if g not in self.lists:
            raise Breach("list", f"list {g} is not in use")
        self.count["L*"] += 1
        for s in self.lists[g]:
            self.streams[s].give(text)      # nothing if it has ended: 6.3

    def whole(self, verb, key, words):
        """Return all words of a list when its last line has come: 3.3."""
        if self.saying not in (None, (verb, key)):
            raise Breach("state", f"{verb} {key} in {self.saying}")
        more = words[:1] == [b"*"]
        self.said += words[1:] if more else words
        if more and not words[1:]:
            raise Breach("form", "nothing but *")
        self.saying = (verb, key) if more else None
        if more:
            return None
        said, self.said = self.said, []
        return said

    def on_list(self, words, _):
        g = number(words[0], 1, S_MAX)
        said = self.whole(b"LIST", g, words[1:])
        if said is None:
            return
        if g in self.lists:
            raise Breach("list", f"list {g} is in use")
        members = set()
        like = said[:1] and said[0].startswith(b"=")
        if like:
            members |= self.base(g, said.pop(0))
        for word in said:
            self.change(g, members, word, like)
        self.members += len(members)
        self.lists[g] = members
        if len(self.lists) > LISTS_MAX or self.members > MEMBERS_MAX:
            raise Breach("bounds", f"{len(self.lists)} lists, {self.members}")

    def base(self, g, word):
        h = number(word[1:], 1, S_MAX)
        if h not in self.lists or h == g:
            raise Breach("list", f"list {g} is like {h}, which is not in use")
        return self.lists[h]

    def change(self, g, members, word, is_like):
        """One word of a list: 6.2."""
        sign = word[:1] if word[:1] in (b"+", b"-") else b""
        if is_like != bool(sign):
            raise Breach("list", f"list {g} has {word!r}")
        s = number(word[len(sign):], 1, S_MAX)
        if s not in self.streams:
            raise Breach("stream", f"list {g} has {s}, which never was")
        if (s in members) != (sign == b"-"):
            raise Breach("list", f"list {g} has {word!r} and "
                                 f"{'' if s in members else 'not '}{s}")
        (members.remove if sign == b"-" else members.add)(s)

    def on_unlist(self, words, _):
        g = number(words[0], 1, S_MAX)
        if g not in self.lists:
            raise Breach("list", f"UNLIST of {g}, which is not in use")
        self.members -= len(self.lists.pop(g))

    def on_read(self, words, _):
        n = number(words[0])
        for x in [self.stream(w) for w in words[1:]]:
            if not x.has_ended:
                x.granted += n
                x.grants += n
                x.granted_at.append(len(x.lines))
                x.is_excess = False     # the server can judge it anew
                x.pass_on()

    def on_queues(self, words, _):
        sendq, recvq = number(words[0]), number(words[1])
        for x in [self.stream(w) for w in words[2:]]:
            x.sendq, x.recvq = sendq, recvq

    def on_drain(self, words, _):
        x = self.stream(words[0])
        x.drain = number(words[1])
        x.look_at_drain()

    def on_gone(self, words, text):
        x = self.stream(words[0])
        x.end(text.decode("utf-8", "replace"))

    def on_pos(self, words, _):
        """5.11"""
        said = self.whole(b"POS", None, words)
        if said is None:
            return
        named = set()
        for word in said:
            o, equals, n = word.partition(b"=")
            o, n = origin(o), number(n)
            if not equals or o in named or n <= self.position.get(o, 0):
                raise Breach("form", f"POS {word!r} after "
                                     f"{self.position.get(o, 0)}")
            named.add(o)
            self.position[o] = n
        if not self.has_position and "load" in self.own_caps & set(self.caps):
            if self.load is None:
                raise Breach("state", "no LOAD before the first POS")
        if not self.has_position and self.o not in named:
            raise Breach("state", f"the first POS does not name {self.o}")
        self.has_position = True
        self.step = 0
        self.steps += 1

    # -- for tests

    def wait(self, what, condition, timeout=WAIT_S):
        """Wait until condition() is true, and return its value. A breach ends
        the test."""
        deadline = time.monotonic() + timeout
        with self.lock:
            while not (got := condition()):
                if self.breach:
                    raise self.breach
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(
                        f"not within {timeout:.0f} s: {what}; the server has "
                        f"said {list(self.seen)[-20:]}, ERROR {self.error}")
                self.changed.wait(min(left, 1))
            return got

    def await_open(self):
        self.wait("SERVER and POS", lambda: self.has_position)
        return self

    def await_error(self):
        """Wait until the server has closed the trunk. Return the code."""
        self.wait("the trunk is closed", lambda: self.is_closed)
        return self.error and self.error[0]

    def settle(self):
        """Wait for the POS behind all that came."""
        self.wait("POS ends the step", lambda: self.step == 0 or
                  self.is_closed)
        if self.breach:
            raise self.breach

    def new(self, addr="192.0.2.1", port=6667, **tags):
        """A client has come: 5.1, 5.2."""
        with self.lock:
            x = self.know(self.last_s + 1)
            tags = {"addr": addr, "port": str(port), **tags}
            self.say("@" + ";".join(
                k if v is True else f"{k}={tag_value(v)}"
                for k, v in tags.items() if v is not None) +
                f" NEW {x.s}")
            return x

    def ask(self, account="*", nick="*", address="*"):
        """Ask where somebody should be, and return the answer: 12.1."""
        with self.lock:
            self.asked += 1
            q = self.asked
            self.say(f"PLACE {q} :{account} {nick} {address}")
        self.wait("COST", lambda: len(self.costs) >= q)
        return self.costs[q - 1]

    def know(self, s):
        """Take part in a stream whose NEW is sent by raw()."""
        with self.lock:
            self.last_s = s
            return self.streams.setdefault(s, Stream(self, s))

    def pause(self, is_paused=True):
        """Read nothing more, or go on."""
        self.reads = not is_paused
        self.heard = time.monotonic()
        self.nudge()

    def hang_up(self):
        """End without a word, as a gate that was killed."""
        if not self.hangs_up:
            self.hangs_up = True
            self.nudge()
            self.thread.join()
            self.wake.close()
            self.woken.close()

    def close(self):
        """End in peace. A breach that no test has seen yet ends it here."""
        self.hang_up()
        if self.breach:
            raise self.breach
