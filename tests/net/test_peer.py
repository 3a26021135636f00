"""banyand beside peer.py, which knows the protocol from its text only.

Servers, ports and IRC clients come from tests/e2e/harness.py. Nothing sleeps
to prove something: a thing that is to happen is polled for until it has
happened.
"""
import os
import shutil
import socket
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]
import harness  # noqa: E402
from harness import Server, until  # noqa: E402
from facts import encode, fold_ch, run_digit  # noqa: E402
from peer import Keys, LINE_MAX, Peer, wall_ms  # noqa: E402

DAY_MS = 24 * 3600 * 1000
ONE, PY, PZ, FOUR = "1AA", "2PY", "3PZ", "4DD"
NAMES = {ONE: "one.test", PY: "py.test", PZ: "pz.test", FOUR: "four.test"}


def block(sid, **more):
    return {"name": NAMES[sid], "sid": sid, "plaintext": True, **more}


class World:
    """Servers and clients of a test; they end when it ends."""

    def __init__(self, folder):
        self.folder, self.made = folder, []

    def server(self, *blocks, sid=ONE, tls=False, start=True, **sync):
        s = Server(os.path.join(self.folder, sid), NAMES[sid], sid, tls=tls)
        s.link = harness.free_port()
        s.config["listen"].append({"address": "127.0.0.1", "port": s.link,
                                   "tls": tls, "for": "links"})
        s.config["links"] = list(blocks)
        s.config["sync"] = {"alone_ms": 0, "silence_s": 60, **sync}
        self.made.append(s.kill)
        return s.start() if start else s

    def peer(self, sid=PY, others=((ONE, None),), **kwargs):
        p = Peer(sid, NAMES[sid], {s: (NAMES[s], pin) for s, pin in others},
                 **kwargs)
        self.made.append(p.stop)
        return p

    def client(self, server, nick):
        c = server.client(nick)
        self.made.append(c.close)
        return c

    def keys(self, server, name="peer"):
        """Return (Keys, pin) of a new peer of a server with TLS."""
        folder = os.path.join(self.folder, name)
        os.makedirs(folder)
        pin = harness.make_certificate(folder, NAMES[PY])
        return Keys(os.path.join(folder, "cert.pem"),
                    os.path.join(folder, "key.pem"), [server.cafile]), pin


@pytest.fixture
def world():
    folder = tempfile.mkdtemp(prefix="banyan-", dir="/tmp")
    w = World(folder)
    yield w
    for end in reversed(w.made):
        end()
    shutil.rmtree(folder, ignore_errors=True)


def linked(world, server, sid=PY, ready=True, **kwargs):
    p = world.peer(sid, **kwargs)
    p.dial(server.link)
    p.await_up()
    if ready:
        p.ready()
    return p


def origin_of(peer, sid=ONE):
    """Return the origin of the newest run of a server."""
    return peer.map[sid].o


def in_order(peer):
    """Return the last number that arrived of each origin; there is no gap."""
    last = {}
    for o, n in peer.arrived:
        assert o not in last or n == last[o] + 1, (o, n, last[o])
        last[o] = n
    return last


def lines_with(peer, what):
    return [ln.decode() for e in peer.log for ln in e.lines[1:]
            if what.encode() in ln]


def talk(world, server, peer):
    """A user of each side on one channel; each hears the other."""
    ann = world.client(server, "ann")
    ann.join("#Talk")
    pat = peer.user("pat")
    peer.wait("the channel", lambda: peer.facts.channel("#talk"))
    peer.join(pat, "#talk")
    ann.expect(r"^:pat!pat@192\.0\.2\.9 JOIN #[Tt]alk$")
    peer.say(pat, "#talk", "good morning", ONE)
    ann.expect(r"^:pat!pat@192\.0\.2\.9 PRIVMSG #[Tt]alk :good morning$")
    ann.send("PRIVMSG #talk :and to you", "PRIVMSG pat :in private")
    peer.wait("two messages", lambda: len(peer.messages) >= 2)
    (e, said), (_, private) = peer.messages[:2]
    ann_uid = peer.facts.holder("ann")
    assert e.dest == PY
    assert said.words == ["PRIVMSG", ann_uid, "#talk", "*"] or \
        said.words == ["PRIVMSG", ann_uid, "#Talk", "*"]
    assert said.text == "and to you"
    assert private.words == ["PRIVMSG", ann_uid, pat, run_digit(peer.o[1])]
    assert peer.facts.members("#TALK") == {ann_uid, pat}
    assert in_order(peer)[origin_of(peer)] == peer.have[origin_of(peer)]
    assert peer.duplicates == []
    peer.wait("all is acknowledged",
              lambda: peer.links[0].acked == peer.n)
    return ann, pat


# ---- links ------------------------------------------------------------------

def test_renamed_channel_for_a_server_without_the_verb(world):
    """peer.py does not know +CNAME: it holds equal facts, and goes on to know
    the channel by its fact name (11.48 to 11.50)."""
    server = world.server(block(PY), block(PZ))
    py = linked(world, server)
    ann = world.client(server, "ann")
    ann.join("#Old")
    assert any(ln.endswith(" JOIN #New")
               for ln in ann.ask("RENAME #old #New :why"))
    py.wait("the name", lambda: lines_with(py, "+CNAME #old,"))
    assert py.facts.channel("#old") and not py.facts.channel("#new")
    # a user of the peer is there under the fact name
    pat = py.user("pat")
    py.join(pat, "#old")
    ann.expect(r"^:pat!\S+ JOIN #New$")
    py.say(pat, "#old", "good morning", ONE)
    ann.expect(r"^:pat!\S+ PRIVMSG #New :good morning$")
    ann.send("PRIVMSG #new :and to you")
    py.wait("the message", lambda: py.messages)
    assert py.messages[0][1].words[2] == "#Old"  # as it was founded
    # facts are equal, also those that come by a snapshot
    pz = linked(world, server, sid=PZ)
    py.wait("all of it", lambda: py.have == pz.have)
    assert py.facts.lines() == pz.facts.lines()
    assert any("+CNAME #old," in ln for ln in map(str, pz.facts.lines()))


def test_dials(world):
    server = world.server(block(PY))
    peer = linked(world, server)
    talk(world, server, peer)
    assert peer.visible() == {ONE, PY}
    peer.wait("a round trip was measured",
              lambda: peer.links[0].round_trip is not None)


def test_listens(world):
    peer = world.peer()
    port = peer.listen()
    server = world.server(block(PY, address=f"127.0.0.1:{port}"))
    peer.await_up()
    peer.ready()
    talk(world, server, peer)


@pytest.mark.parametrize("dials", [True, False], ids=["dials", "listens"])
def test_tls_and_pins(world, dials):
    server = world.server(tls=True, start=False)
    keys, pin = world.keys(server)
    peer = world.peer(others=[(ONE, server.pin)], keys=keys)
    it = {"name": NAMES[PY], "sid": PY, "pin": pin}
    if not dials:
        it["address"] = f"127.0.0.1:{peer.listen()}"
    server.config["links"] = [it]
    server.start()
    if dials:
        peer.dial(server.link)
    peer.await_up()
    peer.ready()
    talk(world, server, peer)


def test_second_link_takes_over(world):
    """The server has the lesser sid and closes the older link; nothing is
    lost."""
    server = world.server(block(PY))
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    older = peer.links[0]
    newer = peer.dial(server.link)
    peer.wait("the older is closed", lambda: older.error)
    assert older.error[0] == "duplicate"
    assert newer.state == "up"
    peer.say(pat, "#talk", "still here", ONE)
    ann.expect(r"PRIVMSG #[Tt]alk :still here$")
    ann.send("TOPIC #talk :still here too")
    peer.wait("the topic", lambda: lines_with(peer, "still here too"))
    assert not any(" QUIT " in ln for ln in ann.lines)
    in_order(peer)


# ---- cut and resume ---------------------------------------------------------

def test_cut_in_a_line_and_resume(world):
    server = world.server(block(PY))
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    one = origin_of(peer)
    link = peer.links[0]

    # banyand writes; the link ends in the middle of a line, most of it unread
    with peer.lock:
        link.hold_reading = True
        had = peer.have[one]
    topics = [f"topic {i} {'x' * 200}" for i in range(60)]
    ann.ask(*["TOPIC #talk :" + t for t in topics])

    def some():
        try:
            data = link.sock.recv(1500)
        except BlockingIOError:
            return False
        link.rx += data
        link.lines()
        return peer.have[one] > had and link.rx
    peer.wait("a part of it", some)
    with peer.lock:
        # ... and some of this side's entries never leave
        link.hold_entries = True
        for i in range(10):
            peer.say(pat, "#talk", f"unsent {i}", ONE)
        unsent = peer.n
        peer.cut(link)
        got = peer.have[one]
        mark = len(peer.arrived)
    assert got < had + len(topics)
    ann.expect(r"^:pat!\S+ QUIT ")
    ann.ask("MODE #talk +m", "MODE #talk -m")

    link = peer.dial(server.link)
    peer.await_up()
    ann.expect(r"^:pat!\S+ JOIN #[Tt]alk$")
    last = had + len(topics) + 2
    peer.wait("the rest", lambda: peer.have[one] >= last)
    assert peer.arrived[mark:] == [(one, n) for n in range(got + 1, last + 1)]
    # nothing comes again but the last entry of each of two origins (6.22)
    assert sorted(peer.duplicates) == sorted([(one, got),
                                              (peer.o, unsent - 10)])
    assert link.snapshots == 0
    said = [ln.rsplit(" topic ", 1)[1].split()[0]
            for ln in lines_with(peer, " topic 1AA")]
    assert said == [str(i) for i in range(len(topics))]

    def heard():
        ann.ask()
        return [ln for ln in ann.lines if ":unsent" in ln]
    until("what was said in between is heard", lambda: len(heard()) >= 10)
    assert [ln.split()[-1] for ln in heard()] == [str(i) for i in range(10)]
    # exactly what had not been sent, this time
    assert link.gone == [(peer.o, n) for n in range(unsent - 9, unsent + 1)]


def test_want_repairs(world):
    """A digest promises entries that did not come: they are asked for, and
    come."""
    server = world.server(block(PY))
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    link = peer.links[0]
    asked = []
    on_want = link.on_want
    link.on_want = lambda words: (asked.append(words), on_want(words))
    with peer.lock:
        link.ph[peer.o] = peer.n + 1      # as if it had been sent
        peer.say(pat, "#talk", "lost on the way", ONE)
    ann.expect("lost on the way$")
    assert len(asked) == 1
    assert f"{PY}.{peer.o[1]}={peer.n - 1}" in asked[0]


# ---- snapshots --------------------------------------------------------------

def history(world, server, peer):
    """Make facts of many kinds, and remove some of them."""
    ann, pat = talk(world, server, peer)
    bob = world.client(server, "bob")
    bob.join("#Talk")
    ann.expect(r":bob!\S+ JOIN ")
    ann.ask("TOPIC #talk :first", "TOPIC #talk :second", "MODE #talk +k key",
            "MODE #talk +b *!*@bad.test", "MODE #talk +b *!*@gone.test",
            "MODE #talk -b *!*@gone.test", "MODE #talk +v bob",
            "MODE #talk +o pat", "AWAY :out", "INVITE pat #talk",
            "KICK #talk bob :out", "MODE #talk -k key", "NICK Anna")
    bob.send("JOIN #Other", "AWAY :x", "AWAY", "INVITE pat #other", "QUIT :x")
    bob.until_closed()
    peer.wait("bob is gone", lambda: not peer.facts.holder("bob"))
    with peer.lock:
        ch, stay = peer.facts.channel("#talk"), peer.facts.stay("#talk", pat)
        peer.do(pat, encode("+CSET", ch, "topic", pat,
                            text="pat!pat@192.0.2.9 by pat"))
        peer.do(pat, encode("+STAT", ch, stay, "voice", "on", pat))
        later_verbs(peer, pat, ch, stay)
        gone = peer.user("gone")
        peer.join(gone, "#talk")
        peer.do(gone, later("element,u1", "+FUTURE", gone, text="gone, too"))
        peer.do(gone, encode("+QUIT", gone, text="bye"))
    ann.expect(r"^:pat!\S+ MODE #[Tt]alk \+v pat")
    ann.expect(r"^:gone!\S+ QUIT ")
    return ann, pat


def later(kind, verb, *words, text=None):
    """A part whose verb a later version may have."""
    return f"@kind={kind} ".encode() + encode(verb, *words, text=text)


def later_verbs(peer, pat, ch, stay):
    """Make facts of verbs that banyand does not know."""
    ch = fold_ch(ch)
    for text in "one", "two", None:
        peer.do(pat, later("register,0", "+NET", text=text),
                later("register,2,u1", "+PATS", pat, "x", text=text),
                later("register,1,c1", "+CHANNELS", ch, pat, text=text))
    peer.do(pat, later("register,2,u1;tenure=3", "+PATS", pat, "y", text="a"))
    peer.do(pat, later("register,2,u1;tenure=2", "+PATS", pat, "y", text="b"))
    e = peer.do(pat, later("element", "+FUTURE", "what", "is", text="this"),
                later("element,c1,u2,run", "+FUTURE", ch, pat),
                later("element,m2", "+FUTURE", "x", stay),
                later("element", "+FUTURE", text="to be removed"),
                later("element,m1", "+FUTURE", "9ZZ.1.1.1", text="of nobody"),
                later("message", "+SAID", text="once"))
    peer.do(pat, later("removal,2", "+GONE", "x", f"{word_of(e.o)}.{e.n}.3"))


def test_runs_of_users(world):
    """Parts about a user say the run of the user. The server passes over those
    of a user of another run, who had the same uid (11.51, 11.52)."""
    server = world.server(block(PY), block(PZ), keep_mib=1)
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    with peer.lock:
        uid = peer.facts.holder("ann")
        run = peer.facts.user(uid).dot[0][1]
        ch = peer.facts.channel("#talk")
    for inc in run - 1, run, run + 61:
        tag = f"@inc={inc} ".encode()
        peer.do(pat, tag + encode("+INVITE", fold_ch(ch), uid, PY, 0),
                later(f"element,u1;inc={inc}", "+FUTURE", uid, inc),
                later(f"element,u1,u2;inc={peer.o[1]},{inc}", "+FUTURE", pat,
                      uid, inc),
                tag + encode("+NOTE", uid, "999", text=f"note {inc}"))
    peer.do(pat, encode("+SAY", "PRIVMSG", pat, uid, run_digit(run - 1),
                        text="to another"), dest=ONE)
    peer.do(pat, encode("+SAY", "PRIVMSG", pat, uid, run_digit(run),
                        text="to ann"), dest=ONE)
    ann.expect(r"^:pat!\S+ PRIVMSG ann :to ann$")
    heard = ann.lines
    assert [ln.split(":")[-1] for ln in heard if " 999 " in ln] == [
        f"note {run}"]
    assert not any("to another" in ln for ln in heard)
    ann.ask("INVITE pat #talk")      # is a member: no entry
    ann.ask("JOIN #more", "INVITE pat #more")

    overwrite(peer, pat)
    new = linked(world, server, sid=PZ, ready=False)
    new.wait("a snapshot", lambda: new.links[0].snapshots)
    new.wait("all of it", lambda: new.have == peer.have)
    assert new.facts.lines() == peer.facts.lines()
    assert sorted(f.line.inc for f in new.facts.all("+INVITE")) == sorted(
        [(run,), (peer.o[1],)])
    assert sorted(f.line.inc for f in new.facts.all("+FUTURE")) == sorted(
        [(run,), (peer.o[1], run)])


def word_of(o):
    return f"{o[0]}.{o[1]}"


def overwrite(peer, uid):
    """Write until a log of 1 MiB has dropped its beginning."""
    for _ in range(100):
        peer.do(uid, encode("+NOTE", uid, "999", text="x" * 15000), dest=PY)
    peer.wait("all is taken", lambda: peer.links[0].acked == peer.n)


def test_newcomer_takes_a_snapshot(world):
    server = world.server(block(PY), block(PZ), keep_mib=1)
    peer = linked(world, server)
    ann, pat = history(world, server, peer)
    overwrite(peer, pat)

    new = linked(world, server, sid=PZ, ready=False)
    new.wait("a snapshot", lambda: new.links[0].snapshots)
    assert new.floor[peer.o] > 0 and new.jumped == []
    new.wait("all of it", lambda: new.have == peer.have)
    assert new.facts.lines() == peer.facts.lines()
    for verb in ("+READY", "+USER", "+NICK", "+SET", "+CHAN", "+JOIN",
                 "+STAT", "+CSET", "+LADD", "+INVITE", "+NET", "+CHANNELS"):
        assert new.facts.all(verb), verb
    assert len(new.facts.all("+FUTURE")) == 3
    assert [f.line.text for f in new.facts.all("+PATS")] == [None, "a"]

    # it lives on: the same entries have the same effect, and users see it
    new.ready()
    zoe = new.user("zoe")
    new.join(zoe, "#talk")
    ann.expect(r"^:zoe!\S+ JOIN ")
    ann.ask("TOPIC #talk :for all", "MODE #talk -o pat")

    def same():
        return new.have == peer.have and lines_with(new, " op off ")
    new.wait("the last of it", same)
    assert new.facts.lines() == peer.facts.lines()

    # away for too long: another snapshot, and the server knows what was jumped
    new.cut(new.links[0])
    before = dict(new.have)
    ann.send("TOPIC #talk :while you were away", "MODE #talk -b *!*@bad.test")
    peer.wait("the topic", lambda: lines_with(peer, "while you were away"))
    overwrite(peer, pat)
    link = new.dial(server.link)
    new.await_up()
    new.wait("all of it", lambda: new.have == peer.have)
    await_digests(new, link)         # no other snapshot comes
    assert link.snapshots == 1
    assert (peer.o, before[peer.o]) in [j[:2] for j in new.jumped]
    assert new.facts.lines() == peer.facts.lines()


def await_digests(peer, link, n=4):
    """Everything that the other side has still to send has come before
    these."""
    def count():
        return sum(ln.startswith(b"DIGEST") for ln in link.seen)
    was = count()
    peer.wait("digests", lambda: count() >= was + n)


def test_snapshot_is_not_answered_by_another(world):
    """The receiver knows by it what the sender has."""
    server = world.server(block(PY))
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    link = peer.links[0]
    with peer.lock:
        # entries that the log forgets before they are sent
        link.hold_entries = True
        for i in range(5):
            peer.do(pat, encode("+SET", pat, "away", pat, text=f"away {i}"))
        peer.trim()
        assert peer.n == peer.floor[peer.o] > link.ph[peer.o]
        link.hold_entries = False
    peer.wait("it has come", lambda: "away 4" in " ".join(
        ann.ask("WHOIS pat")))
    ann.ask("TOPIC #talk :one more")
    peer.wait("the topic", lambda: lines_with(peer, "one more"))
    await_digests(peer, link)
    assert link.snapshots == 0 and link.wants == 0


def test_gives_a_snapshot(world):
    """A banyand without a past learns everything from the peer's facts."""
    peer = world.peer()
    port = peer.listen()
    peer.make(encode("+READY", PY, peer.o[1], NAMES[PY], text="Python"))
    pat = peer.user("pat")
    with peer.lock:
        ch = f"#old,{peer.next_stamp()}.{PY}"
        e = peer.do(pat, encode("+CHAN", ch), encode("+JOIN", ch, pat))
        dot = f"{PY}.{peer.o[1]}.{e.n}.1"
        peer.do(pat, encode("+STAT", ch, dot, "op", "on", pat))
        peer.do(pat, encode("+CSET", ch, "topic", pat,
                            text="pat!pat@192.0.2.9 long ago"))
        peer.do(pat, encode("+CSET", ch, "mode/topic-protect", pat, text="1"))
        peer.do(pat, encode("+LADD", ch, "ban", pat, 0,
                            text="*!*@bad.test pat!pat@192.0.2.9"))
        peer.trim(keep=2)
        # one more entry, which only the log has
        peer.do(pat, encode("+SET", pat, "away", pat, text="asleep"))
    assert peer.floor[peer.o] == 5
    server = world.server(block(PY, address=f"127.0.0.1:{port}"),
                          alone_ms=30000)
    peer.await_up()
    ann = world.client(server, "ann")
    seen = ann.ask("JOIN #old", "NAMES #old", "MODE #old b", "WHOIS pat")
    assert [w[-1] for w in harness.words(seen, "332", 4)] == ["long ago"]
    assert harness.words(seen, "353", 5)[-1] in (["@pat ann"], ["ann @pat"])
    assert [w[0] for w in harness.words(seen, "367", 4)] == ["*!*@bad.test"]
    assert [w[-1] for w in harness.words(seen, "301", 4)] == ["asleep"]
    ann.send("TOPIC #old :denied")
    ann.expect(" 482 ")
    in_order(peer)


# ---- who is who -------------------------------------------------------------

def test_collision_of_nicks(world):
    """The older claim holds; the other user is shown by the uid, on both
    sides."""
    server = world.server(block(PY))
    ann = world.client(server, "ann")
    bob = world.client(server, "bob")
    bob.join("#c")
    ann.join("#c")
    peer = linked(world, server)
    ann_uid, bob_uid = peer.facts.holder("ann"), peer.facts.holder("bob")

    older = peer.user("ANN", stamp=wall_ms() - 3600000)
    ann.expect(rf"^:ann!\S+ NICK :?{ann_uid}$")
    bob.expect(rf"^:ann!\S+ NICK :?{ann_uid}$")
    assert peer.facts.holder("ann") == older
    peer.wait("its home gives the claim up",
              lambda: peer.facts.claim(ann_uid) == ann_uid)

    younger = peer.user("Bob", stamp=wall_ms() + 1000)
    with peer.lock:
        assert peer.facts.holder("BOB") == bob_uid
        assert peer.facts.nick(younger) == younger
    peer.settle_nicks()
    peer.join(younger, "#c")
    bob.expect(rf"^:{younger}!bob@|^:{younger}!Bob@")
    who = bob.ask("WHOIS bob", f"WHOIS {younger}", "WHOIS ann")
    assert [w[:1] for w in harness.words(who, "311", 3)] == \
        [["bob"], [younger], ["ANN"]]


def test_later_register_wins(world):
    """Two topics are set at once, in both orders: the later stamp wins on both
    sides."""
    server = world.server(block(PY))
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    link = peer.links[0]

    def set_topic(text):
        with peer.lock:
            peer.do(pat, encode("+CSET", peer.facts.channel("#talk"), "topic",
                                pat, text="pat!pat@192.0.2.9 " + text))

    def topics():
        with peer.lock:
            text = peer.facts.register(
                "+CSET", peer.facts.channel("#talk"), "topic")[1]
        seen = harness.words(ann.ask("TOPIC #talk"), "332", 4)
        return [w[-1] for w in seen] + [text.split(" ", 1)[1]]

    with peer.lock:
        link.hold_entries = True
    set_topic("older here")
    ann.ask("TOPIC #talk :newer there")
    peer.wait("it has come", lambda: lines_with(peer, "newer there"))
    with peer.lock:
        link.hold_entries = False
    peer.wait("it has gone", lambda: link.acked == peer.n)
    assert topics() == ["newer there"] * 2
    assert not any("older here" in ln for ln in ann.lines)

    with peer.lock:
        link.hold_reading = True
    ann.ask("TOPIC #talk :older there")
    set_topic("newer here")
    with peer.lock:
        link.hold_reading = False
    peer.wait("it has come", lambda: lines_with(peer, "older there"))
    peer.wait("it has gone", lambda: link.acked == peer.n)
    assert topics() == ["newer here"] * 2


def test_deop_beats_tenure(world):
    """A tenure decides between writes about users, not about channels."""
    server = world.server(block(PY))
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    with peer.lock:
        ch, stay = peer.facts.channel("#talk"), peer.facts.stay("#talk", pat)
        peer.do(pat, encode("+STAT", ch, stay, "op", "on", pat))
    ann.expect(r"MODE #[Tt]alk \+o pat$")
    ann.send("MODE #talk -o pat")
    ann.expect(r"MODE #[Tt]alk -o pat$")
    peer.wait("the deop", lambda: "off" in peer.facts.register(
        "+STAT", stay, ch, "op")[0])
    assert any("353" in ln and "@pat" not in ln and "pat" in ln
               for ln in ann.ask("NAMES #talk"))


def test_restart_voids_old_users(world):
    """A newer run: its HELLO ends the old link, its READY the old users."""
    server = world.server(block(PY))
    old = linked(world, server)
    ann, pat = talk(world, server, old)
    link = old.links[0]
    new = linked(world, server, inc=old.o[1] + 1, ready=False)
    old.wait("the old link is closed", lambda: link.state == "closed")
    assert link.error[0] in ("duplicate", "copy", "own-inc")
    ann.expect(r"^:pat!\S+ QUIT ")
    new.wait("pat is known from the old log", lambda: new.facts.user(pat))
    new.ready()
    assert not new.facts.user(pat) and pat not in new.facts.members("#talk")
    again = new.user("pat")
    new.join(again, "#talk")
    ann.expect(r"^:pat!\S+ JOIN ")
    names = harness.words(ann.ask("NAMES #talk"), "353", 5)[0][0]
    assert sorted(names.split()) == ["@ann", "pat"]

    # the old run cannot come back
    late = old.dial(server.link)
    old.wait("refused", lambda: late.state == "closed")
    assert (late.error or late.fault)[0] in ("copy", "inc", "own-inc")


def test_questions(world):
    server = world.server(block(PY))
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    ann_uid = peer.facts.holder("ann")
    lines = peer.ask(pat, ONE, f"WHOIS {ann_uid}")
    assert any(ln.startswith("311 ann ann ") for ln in lines), lines
    assert any(ln.startswith("317 ann ") for ln in lines), lines
    assert peer.ask(pat, ONE, "NEVERHEARD of this") == []
    assert peer.ask(pat, ONE, "VERSION")[0].startswith("351 ")

    peer.answering = lambda who, command: [
        "311 pat pat 192.0.2.9 * :Pat of Python",
        "317 pat 77 1700000000 :seconds idle, signon time"]
    ann.send("WHOIS pat pat")
    ann.expect(r"^:py\.test 311 ann pat pat 192\.0\.2\.9 \* :Pat of Python$")
    ann.expect(r"^:py\.test 317 ann pat 77 1700000000 ")
    ann.expect(r" 318 ann pat ")
    assert peer.questions == [(ann_uid, f"WHOIS {pat}")]


def test_between_two_servers(world):
    """The peer in the middle passes on entries, link states and questions."""
    one = world.server(block(PY))
    four = world.server(block(PY), sid=FOUR)
    ann = world.client(one, "ann")
    ann.join("#mid")
    peer = world.peer(others=[(ONE, None), (FOUR, None)])
    peer.dial(one.link)
    peer.await_up().ready()
    peer.dial(four.link)
    peer.await_up(2)
    dan = world.client(four, "dan")
    until("dan sees ann", lambda: "ann" in dan.ask("ISON ann")[-1])
    dan.join("#mid")
    ann.expect(r"^:dan!\S+ JOIN #mid$")
    dan.send("PRIVMSG #mid :from afar")
    ann.expect(r"^:dan!\S+ PRIVMSG #mid :from afar$")
    ann.send("WHOIS dan dan")
    ann.expect(r"^:four\.test 317 ann dan ")
    harness.await_same([ann, dan], "#mid")
    in_order(peer)


# ---- refusals ---------------------------------------------------------------

@pytest.fixture(scope="module")
def ground():
    """One banyand for all refusals; a client stays connected through all of
    them."""
    folder = tempfile.mkdtemp(prefix="banyan-", dir="/tmp")
    w = World(folder)
    w.one = w.server(block(PY), block(PZ))
    w.ann = w.client(w.one, "ann")
    w.ann.join("#calm")
    yield w
    for end in reversed(w.made):
        end()
    shutil.rmtree(folder, ignore_errors=True)


def refused(world, code, lie=lambda p: None, then=None, **kwargs):
    """The peer lies, or does `then` when the link is up: ERROR with the code,
    and nothing else happens."""
    p = world.peer(**kwargs)
    lie(p)
    link = p.dial(world.one.link)
    if then:
        p.await_up()
        with p.lock:
            then(p, link)
    p.wait("it is closed", lambda: link.state == "closed")
    p.stop()
    assert link.error and link.error[0] == code, (link.error, link.fault)
    assert link.error[1]
    seen = world.ann.ask("NAMES #calm")
    assert harness.words(seen, "353", 5) == [["@ann"]]
    assert not any(" QUIT " in ln for ln in world.ann.lines)


def test_refuses_what_hello_says(ground):
    def says(**what):
        return lambda p: vars(p).update(what)
    refused(ground, "version", says(version="2"))
    refused(ground, "network", says(network="Another"))
    refused(ground, "name", says(name="wrong.test"))
    refused(ground, "sid", says(o=("9ZZ", 5)))
    refused(ground, "own-sid", says(o=(ONE, 5)))
    refused(ground, "clock", says(skew_ms=6000))
    refused(ground, "clock", says(skew_ms=-6000))
    # a right clock, and an hlc that no number of entries explains
    refused(ground, "clock", says(last_stamp=wall_ms() + 31 * DAY_MS))


def test_refuses_wrong_pin(world):
    server = world.server(tls=True, start=False)
    keys, _ = world.keys(server)
    _, other_pin = world.keys(server, "other")
    server.config["links"] = [{"name": NAMES[PY], "sid": PY,
                               "pin": other_pin}]
    server.start()
    ann = world.client(server, "ann")
    peer = world.peer(others=[(ONE, server.pin)], keys=keys)
    link = peer.dial(server.link)
    peer.wait("refused", lambda: link.state == "closed")
    assert link.error and link.error[0] == "pin", (link.error, link.fault)
    assert ann.ask("LUSERS")


def test_refuses_what_does_not_fit(ground):
    def entry(p, n, *parts, stamp=None):
        return encode("ENTRY", f"{PY}.{p.o[1]}", n, stamp or wall_ms(), "*",
                      "-", len(parts)) + b"\r\n" + b"".join(
                          x + b"\r\n" for x in parts)

    def sends(data):
        return lambda p, link: link.raw(
            data(p) if callable(data) else data)
    ready = encode("+READY", PY, 1, "py.test", text="x")
    refused(ground, "gap", then=sends(lambda p: entry(p, 2, ready)))
    refused(ground, "syntax", then=sends(b"\xff\xfe\x01rubbish \x02\r\n"))
    refused(ground, "syntax", then=sends(b"GET / HTTP/1.1\r\n"))
    refused(ground, "syntax", then=sends(b"+QUIT 1AAAAAAAA :out\r\n"))
    refused(ground, "syntax", then=sends(b"ENTRY what is this\r\n"))
    refused(ground, "syntax", then=sends(
        lambda p: entry(p, 1, ready, ready)[:-len(ready) - 2] +
        b"BEAT 1 1\r\n"))
    refused(ground, "syntax", then=sends(lambda p: entry(
        p, 1, b"+STAT not a stat")))
    refused(ground, "too-long", then=sends(b"x" * (LINE_MAX + 1) + b"\r\n"))
    refused(ground, "state", then=sends(
        b"HELLO 1 2PY.1 1 py.test 1 :\r\n"))
    refused(ground, "state", then=sends(b"SYNC\r\n"))
    refused(ground, "syntax", then=sends(b"END\r\n"))
    refused(ground, "own-inc", then=sends(f"DIGEST {ONE}.4294967295=1\r\n"
                                          .encode()))
    refused(ground, "own-inc", then=sends(
        lambda p: f"DIGEST {ONE}.{p.map[ONE].o[1]}=99999\r\n".encode()))
    refused(ground, "snapshot", then=sends(
        lambda p: f"SNAP {PY}.{p.o[1]}\r\nEND {PY}.{p.o[1]}=5/3\r\n"
        .encode()))
    # the last one, since it takes in an entry of this run of the peer
    refused(ground, "clock", then=sends(
        lambda p: entry(p, 1, encode("+READY", PY, p.o[1], "py.test", text="x"),
                        stamp=2) + entry(p, 2, ready, stamp=2)))


def test_refuses_before_hello(ground):
    with socket.create_connection(("127.0.0.1", ground.one.link),
                                  harness.TIMEOUT) as s:
        s.sendall(b"SYNC\r\n")
        got = b""
        while data := s.recv(4096):
            got += data
    assert got.startswith(b"ERROR state :") and got.count(b"\r\n") == 1
    assert ground.ann.ask("LUSERS")


def test_refuses_an_older_incarnation(world):
    server = world.server(block(PY))
    peer = linked(world, server)
    peer.cut(peer.links[0])
    older = world.peer(inc=peer.o[1] - 1)
    link = older.dial(server.link)
    older.wait("refused", lambda: link.state == "closed")
    assert (link.error or link.fault)[0] in ("copy", "inc"), (link.error, link.fault)
