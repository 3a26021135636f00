"""Servers that are gone, and former runs, are forgotten: part 11 of the text.

banyand makes a FORGET half a minute after it was asked, so only one test lets
it make one. In all others the peer makes it, which may do so at any time.
"""
import re

from facts import encode, show_dot, show_origin
from peer import wall_ms
from test_links import facts
from test_peer import (FOUR, ONE, PY, PZ, await_digests, block, linked,
                       origin_of, overwrite, until, world)

assert world      # a fixture
EVERYBODY = tuple((s, None) for s in (ONE, PY, PZ, FOUR))


def founded(peer, name):
    """Make a channel of a new user of the peer, and facts that outlive their
    maker: the channel, a topic, two bans. Return the dots of the bans."""
    with peer.lock:
        uid = peer.user("u" + name[1:])
        ch = f"{name},{peer.next_stamp()}.{peer.sid}"
        e = peer.do(uid, encode("+CHAN", ch), encode("+JOIN", ch, uid))
        peer.do(uid, encode("+STAT", ch, show_dot((e.o, e.n, 1)), "op", "on",
                            uid))
        peer.do(uid, encode("+CSET", ch, "topic", uid,
                            text="u!u@192.0.2.9 of " + name))
        e = peer.do(uid, *[encode("+LADD", ch, "ban", uid, 0,
                                  text=f"*!*@{i}.test u!u@192.0.2.9")
                           for i in range(2)])
        return [show_dot((e.o, e.n, part)) for part in range(2)]


def taken(peer, link=None):
    """Wait until the other has everything that the peer made."""
    link = link or peer.links[0]
    peer.wait("all is taken", lambda: link.acked == peer.n or
              f"{show_origin(peer.o)}={peer.n}" in says(link))


def gone(peer):
    """End the peer. Return its origin, and its last number."""
    taken(peer)
    peer.stop()
    return peer.o, peer.n


def unseen(peer, sid):
    peer.wait("it is out of sight", lambda: sid not in peer.steps())
    return peer


def says(link):
    """Return the words of the other's vectors."""
    return {w for ln in link.seen if ln.startswith((b"SYNC", b"DIGEST"))
            for w in ln.decode().split()[1:]}


def named(link):
    """Return the origins in them, and in the heads of its own link states."""
    own = encode("LSA", show_origin(link.other))
    heads = {w for ln in link.seen if ln.startswith(own)
             for w in ln.decode().partition(" :")[2].split()}
    assert heads
    return {w.split("=")[0] for w in says(link) | heads}


def relinked(peer, server):
    """Make another link, with no snapshot and no WANT from either side, and
    return it."""
    peer.cut(peer.links[0])
    link = peer.dial(server.link)
    peer.await_up()
    await_digests(peer, link)
    assert (link.snapshots, link.given, link.wants) == (0, 0, 0)
    assert not any(ln.startswith(b"WANT") for ln in link.seen)
    return link


def same(*peers):
    """Wait for equal vectors and facts."""
    first = peers[0]
    for p in peers[1:]:
        p.wait("equal vectors", lambda p=p: p.have == first.have)
        assert p.facts.lines() == first.facts.lines()


def forgot(peer, *runs):
    for o in runs:
        peer.wait("it is forgotten", lambda o=o: peer.facts.forgotten(o))
        for v in (peer.have, peer.done, peer.merged, peer.floor):
            assert o not in v
        assert not any(e.o == o for e in peer.log)


# ---- banyand makes it -------------------------------------------------------

def test_banyand_forgets(world):
    """A server behind the peer, and a former run of the peer, are forgotten at
    once."""
    one = world.server(block(PY), block(PZ), keep_s=10)
    old = linked(world, one, others=EVERYBODY)
    founded(old, "#old")
    former, _ = gone(old)
    peer = linked(world, one, others=EVERYBODY, inc=former[1] + 1)
    port = peer.listen()
    behind = world.peer(PZ, others=EVERYBODY)
    behind.dial(port)
    behind.await_up().ready()
    founded(behind, "#behind")
    lost, _ = gone(behind)
    until("one lost sight of it", lambda: one.status()["servers"] == 2)
    for sid in (PY, PZ):
        done = one.ctl("forget", sid)
        assert done.returncode == 0, done.stderr
    forgot(peer, former, lost)
    assert peer.facts.forgotten(peer.o) is None
    assert PZ not in peer.map
    assert {s["sid"] for s in one.ask("servers")} == {ONE, PY}
    for ban in ("#old", "#behind"):
        assert [f for f in peer.facts.all("+LADD")
                if f.words[0].startswith(ban + ",")]
    assert {f.dot[0] for f in peer.facts.all("+USER")} == set()

    # both have it: nothing has to be sent
    link = relinked(peer, one)
    assert not named(link) & {show_origin(former), show_origin(lost)}

    # A newcomer has less than there was, and gets a snapshot: from banyand
    new = linked(world, one, sid=PZ, ready=False, inc=lost[1] + 1)
    new.wait("a snapshot", lambda: new.links[0].snapshots)
    same(peer, new)
    # ... and from the peer
    four = world.server(
        block(PY, address=f"127.0.0.1:{port}"), sid=FOUR)
    peer.await_up(2)
    new.stop()
    until("equal facts", lambda: len({
        (f["digest"], f["entries"], f["origins"])
        for f in map(facts, (one, four))}) == 1)
    assert four.status()["snapshots_in"] == 1

    # forgotten runs cannot come back
    for sid, inc in ((PY, former[1]), (PZ, lost[1])):
        late = world.peer(sid, inc=inc)
        link = late.dial(one.link)
        late.wait("refused", lambda: link.state == "closed")
        assert (link.error or link.fault)[0] in ("copy", "inc")


# ---- the peer makes it ------------------------------------------------------

def test_peer_forgets(world):
    """banyand drops the run; the peer has less than there was of it, or
    enough."""
    one = world.server(block(PY), block(PZ), block(FOUR))
    ann = world.client(one, "ann")
    peer = linked(world, one)
    lost = linked(world, one, sid=PZ)
    founded(lost, "#lost")
    ann.join("#lost")
    lost, n = gone(lost)
    peer.wait("all is here", lambda: peer.have.get(lost) == n)
    ann.expect(r":u?lost!\S+ QUIT ")
    origins = facts(one)["origins"]
    unseen(peer, PZ).forget(PZ)
    forgot(peer, lost)
    until("it is forgotten", lambda: facts(one)["origins"] == origins - 1)
    assert PZ not in {s["sid"] for s in one.ask("servers")}
    one.await_log("forgotten.*3PZ")
    link = relinked(peer, one)
    assert show_origin(lost) not in named(link)

    # the run that made it is forgotten, too
    maker, n = gone(peer)
    peer = linked(world, one, inc=maker[1] + 1)
    peer.forget(PY)
    forgot(peer, maker)
    assert peer.facts.forgotten(lost).dot[0] == maker
    until("it is forgotten", lambda: facts(one)["origins"] == origins - 1)
    relinked(peer, one)
    new = linked(world, one, sid=FOUR, ready=False)
    new.wait("a snapshot", lambda: new.links[0].snapshots)
    same(peer, new)
    assert new.links[0].snapshots == 1
    relinked(new, one)
    relinked(peer, one)

    # a banyand without any facts learns it from the peer
    peer.cut(peer.links[0])
    new.stop()
    one.kill()
    one.config["sync"]["alone_ms"] = 60000
    one.start(wait=False)
    until("it listens", lambda: one.status())
    link = peer.dial(one.link)
    peer.await_up()
    until("it is ready", one.is_ready)
    assert (link.given, link.wants) == (1, 0)
    new = linked(world, one, sid=FOUR, ready=False, inc=new.o[1] + 1)
    same(peer, new)
    for verb, n in (("+CHAN", 1), ("+CSET", 1), ("+LADD", 2),
                    ("+FORGET", 2)):
        assert len(new.facts.all(verb)) == n, verb


def test_less_than_there_was(world):
    """A server that lacks the FORGET and entries of the run gets a snapshot,
    in both directions."""
    one = world.server(block(PY), block(PZ), block(FOUR))
    peer = linked(world, one, others=EVERYBODY)
    link = peer.links[0]
    lost = world.peer(PZ, others=EVERYBODY)
    lost.dial(peer.listen())
    lost.await_up().ready()
    until("one sees it", lambda: one.status()["servers"] == 3)
    taken(peer)
    with peer.lock:                  # one has the READY, and no more
        link.hold_entries = True
    founded(lost, "#lost")
    lost, n = gone(lost)
    with peer.lock:
        assert peer.have[lost] == n > 1
    unseen(peer, PZ)
    other = linked(world, one, sid=FOUR)
    with peer.lock:
        peer.forget(PZ)
        link.hold_entries = False
    forgot(other, lost)
    await_digests(peer, link)
    await_digests(other, other.links[0])
    same(peer, other)
    assert (link.given, link.snapshots, other.links[0].snapshots) == (1, 0, 1)

    # ... and it may be banyand that has more
    lost = linked(world, one, sid=PZ, inc=lost[1] + 1)
    peer.wait("it is known", lambda: lost.o in peer.have)
    peer.cut(link)
    less = dict(peer.have)
    founded(lost, "#more")
    lost, n = gone(lost)
    other.wait("all is here", lambda: other.have[lost] == n)
    unseen(other, PZ).forget(PZ)
    taken(other)
    link = peer.dial(one.link)
    forgot(peer, lost)
    await_digests(peer, link)
    same(peer, other)
    assert (link.given, link.snapshots) == (0, 1)
    assert peer.jumped == [(lost, less[lost], n)]


def test_snapshot_of_one_who_has_not_heard(world):
    """A snapshot of the other adds nothing of a forgotten run; what it lacks
    of the run goes."""
    one = world.server(block(PY), block(PZ), block(FOUR), keep_mib=1)
    peer = linked(world, one)
    lost = linked(world, one, sid=PZ)
    bans = founded(lost, "#lost")
    lost, n = gone(lost)
    other = linked(world, one, sid=FOUR)
    peer.wait("all is here", lambda: peer.have.get(lost) == n)
    other.wait("all is here", lambda: other.have.get(lost) == n)
    peer.cut(peer.links[0])
    unseen(other, PZ)
    with other.lock:
        ch = other.facts.all("+CHAN")[0].words[0]
        other.make(encode("+LDEL", ch, FOUR, bans[0]))
        other.forget(PZ)
    taken(other)
    with peer.lock:
        peer.make(encode("+LDEL", ch, PY, bans[1]))
        peer.trim()
    link = peer.dial(one.link)
    forgot(peer, lost)
    other.wait("the same", lambda: other.have == peer.have)
    assert link.given == 1
    assert not peer.facts.all("+LADD")
    lost = linked(world, one, sid=PZ, inc=lost[1] + 1)
    same(lost, peer, other)

    # ... and the other may be banyand
    bans = founded(lost, "#more")
    lost, n = gone(lost)
    for p in (peer, other):
        p.wait("all is here", lambda p=p: p.have.get(lost) == n)
    peer.cut(link)
    unseen(peer, PZ).forget(PZ)
    with other.lock, peer.lock:
        ch = next(f.words[0] for f in other.facts.all("+CHAN")
                  if f.words[0].startswith("#more,"))
        other.make(encode("+LDEL", ch, FOUR, bans[0]))
        peer.make(encode("+LDEL", ch, PY, bans[1]))
    overwrite(other, FOUR + "AAAAAA")
    link = peer.dial(one.link)
    forgot(other, lost)
    same(other, peer)
    # banyand has the first of the two FORGETs, which the second repeats
    assert (link.given, link.snapshots) == (1, 1)
    assert not peer.facts.all("+LADD")


def test_channels_that_are_nobodys(world):
    """The founder is forgotten: the least visible sid removes its channels."""
    four = world.server(block(PY), block(PZ), sid=FOUR)
    peer = linked(world, four, others=EVERYBODY)
    lost = linked(world, four, sid=PZ, others=EVERYBODY)
    founded(lost, "#lost")
    lost, n = gone(lost)
    peer.wait("all is here", lambda: peer.have.get(lost) == n)
    unseen(peer, PZ)
    assert peer.unchan() == []
    peer.forget(PZ)
    taken(peer)
    assert four.status()["channels"] == 0        # facts, but not shown
    many = facts(four)["facts"]
    assert len(peer.unchan()) == 1 and peer.unchan() == []
    taken(peer)
    new = linked(world, four, sid=PZ, ready=False, inc=lost[1] + 1,
                 others=EVERYBODY)
    same(peer, new)
    # the channel, its topic, two bans
    assert not new.facts.all("+CHAN") and facts(four)["facts"] == many - 4


# ---- refusals ---------------------------------------------------------------

class Ground:
    """A banyand that has forgotten a run of 3PZ, by a FORGET of 4DD, which is
    linked. It knows another server that could be forgotten."""

    def __init__(self, world):
        self.one = one = world.server(block(PY), block(PZ), block(FOUR))
        self.world = world
        self.four = four = linked(world, one, sid=FOUR)
        for i, ch in enumerate(("#gone", "#lost")):
            lost = linked(world, one, sid=PZ,
                          inc=four.o[1] + i)
            founded(lost, ch)
            run, n = gone(lost)
            four.wait("all is here",
                      lambda run=run, n=n: four.have.get(run) == n)
            unseen(four, PZ)
            if ch == "#gone":
                self.gone, self.had = run, n
                four.forget(PZ)
                taken(four)
        self.lost, self.n = run, n
        self.next = four.o[1] + 100

    def refused(self, why, data=None, lie=None, sid=PY):
        """A line of 2PY is answered with an ERROR and logged, and nothing of
        it is taken in."""
        before, log = facts(self.one), len(self.one.log())
        self.next += 1
        p = self.world.peer(sid, inc=self.next)
        if lie:
            lie(p)
        link = p.dial(self.one.link)
        if data:
            p.await_up()
            with p.lock:
                link.raw(data(p))
        p.wait("it is closed", lambda: link.state == "closed")
        p.stop()
        assert link.error and link.error[0] == "forgotten", (
            link.error, link.fault)
        assert why in link.error[1]
        until("it is told", lambda: re.search(
            f"code=forgotten by=us reason=.*{why}", self.one.log()[log:]))
        assert facts(self.one) == before

    def passed_over(self, *lines):
        """A line of 2PY is no fault, and has no effect."""
        before = facts(self.one)
        self.next += 1
        p = self.world.peer(inc=self.next)
        link = p.dial(self.one.link)
        p.await_up()
        with p.lock:
            for line in lines:
                link.send_line(line)
        await_digests(p, link)
        assert link.state == "up"
        p.stop()
        assert facts(self.one) == before


def word(o, n):
    return f"{show_origin(o)}={n}"


def entry(o, n, *parts):
    return [encode("ENTRY", show_origin(o), n, wall_ms(), "*", "-",
                   len(parts)), *parts]


def snapshot(p, *lines, end):
    return [encode("SNAP", show_origin(p.o)), *lines, encode("END", *end)]


def raw(lines):
    return b"".join(ln + b"\r\n" for ln in lines)


LATER = b"@kind=element +FUTURE x"      # a verb that nobody knows


def test_banyand_refuses(world):
    g = Ground(world)
    one, four = origin_of(g.four, ONE), g.four.o
    earlier = PZ, g.gone[1] - 1

    # a server that has more than there was
    more = "more entries of a forgotten run than its FORGET counts"
    g.refused(more, lie=lambda p: p.have.update({g.gone: g.had + 1}))
    for verb in "DIGEST", "WANT":
        g.refused(more, lambda p, verb=verb: raw(
            [encode(verb, word(g.gone, g.had + 1))]))
    g.refused(more, lambda p: raw([encode("DIGEST", word(earlier, 1))]))
    g.refused(more, lambda p: raw(entry(g.gone, g.had + 1, LATER)))
    g.refused(more, lambda p: raw(snapshot(
        p, end=[f"{word(g.gone, g.had + 1)}/{g.had + 1}"])))
    g.passed_over(encode("DIGEST", word(g.gone, g.had)))
    g.passed_over(*entry(g.gone, g.had, LATER))

    # FORGETs that do not fit, in an entry and in a snapshot
    def forget(why, o, had):
        part = encode("+FORGET", o[0], o[1], text=had)
        g.refused(why, lambda p: raw(entry(p.o, 1, part)))
        g.refused(why, lambda p: raw(snapshot(
            p, f"@dot={show_origin(p.o)}.1.0;stamp={wall_ms()} ".encode() +
            part, end=[word(p.o, 1) + "/1"])))
    forget("is on the network", one, word(one, 99999))
    forget("is on the network", four, word(four, 99999))
    forget("fewer entries than there are", g.lost, word(g.lost, g.n - 1))
    forget("fewer entries than there are", g.lost, "")

    # a FORGET without a vector is not compared
    p = linked(world, g.one, inc=g.next + 1)
    p.make(encode("+FORGET", PZ, g.lost[1]))
    forgot(p, g.lost)
    link = relinked(p, g.one)
    assert show_origin(g.lost) not in named(link)
    with p.lock:
        link.send("DIGEST", word(g.lost, g.n + 1))
        link.send_lines(entry(g.lost, g.n + 1, LATER))
    await_digests(p, link)
    assert link.state == "up"

    # a server that is forgotten itself
    g.refused("run of the peer is forgotten", sid=PZ,
              lie=lambda p: setattr(p, "o", g.lost))
    g.passed_over(encode("LSA", show_origin(g.lost), 99, wall_ms(), text=""))
    assert PZ not in {s["sid"] for s in g.one.ask("servers")}


def test_two_parts_forgot_each_other(world):
    """The peer refuses; a server that starts anew is accepted."""
    one = world.server(block(PY), block(PZ))
    peer = world.peer(others=EVERYBODY)
    port = peer.listen()
    peer.dial(one.link)
    peer.await_up().ready()
    behind = world.peer(FOUR, others=EVERYBODY)
    behind.dial(port)
    behind.await_up().ready()
    taken(behind)
    other = linked(world, one, sid=PZ)

    # it lives behind the peer, and the others have forgotten it
    peer.cut(next(k for k in peer.links if k.other[0] == ONE))
    unseen(other, FOUR).forget(FOUR)
    taken(other)
    link = peer.dial(one.link)
    peer.wait("refused", lambda: link.state == "closed")
    assert link.fault == ("forgotten", FOUR + " is alive"), link.error
    until("it is told", lambda: re.search(
        f"code=forgotten by=peer reason=.*{FOUR} is alive", one.log()))
    assert not peer.facts.forgotten(behind.o)
    assert behind.o in peer.have and FOUR in peer.visible()

    # it is gone, but the others had less of it
    founded(behind, "#behind")
    run, n = gone(behind)
    unseen(peer, FOUR)
    link = peer.dial(one.link)
    peer.wait("refused", lambda: link.state == "closed")
    assert (link.fault or link.error)[0] == "forgotten"
    assert peer.have[run] == n and len(peer.facts.all("+LADD")) == 2

    # it starts anew
    peer.stop()
    peer = linked(world, one, inc=peer.o[1] + 1, others=EVERYBODY)
    same(peer, other)
    assert not peer.facts.all("+LADD")
