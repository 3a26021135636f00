"""A linked server that lies: what it costs is its own link. Clients are shown
only lines that they can read, and facts stay equal."""
import re

from facts import encode, show_origin, show_vector
from peer import Entry
from test_links import facts
from test_peer import (FOUR, ONE, PY, PZ, block, in_order, linked, origin_of,
                       talk, until, wall_ms, world)

assert world     # a fixture

X64 = "x" * 64
BYTES = b"\xff\xc3\xa4\xed\xa0\x80".decode("utf-8", "surrogateescape")


def test_values_that_no_client_could_read(world):
    """link-protocol.md, 11.20 and 11.21: both sides and a newcomer read the
    same values in their place."""
    server = world.server(block(PY), block(PZ), keep_mib=1)
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    ch = peer.facts.channel("#talk")
    users = [("a!b@c", "u@h", "h!i"), ("@op,", "*", "*"), ("*", "~u", "0::1"),
             ("9x", X64, X64), ("n" * 129, "u", "a/b:c"),
             (pat, "u", BYTES), (f"{ONE}AAAAAA", "u", "1.2.3.4")]
    for i, (nick, name, host) in enumerate(users):
        uid = f"{PY}BAAAA{i}"
        peer.make(encode("+USER", uid, "n", name, "*", host, host,
                         text=f"r{BYTES}" + "y" * 5000),
                  encode("+NICK", uid, nick, 1, peer.next_stamp()),
                  encode("+SET", uid, "away", uid, text=BYTES))
        peer.join(uid, "#talk")
        peer.say(uid, "#talk", f"I am {i}", ONE)
        ann.expect(rf"^:{uid}!\S+@\S+ PRIVMSG #[Tt]alk :I am {i}$")
    stamp = peer.next_stamp()
    odd = encode("+CHAN", f"#Od\x02d{BYTES}{'z' * 195},{stamp}.{PY}")
    peer.make(odd)
    peer.make(encode("+JOIN", odd.split()[1].decode(
        "utf-8", "surrogateescape"), pat))
    peer.make(encode("+CSET", ch, "topic", pat, text=BYTES + "y" * 5000),
              encode("+CSET", ch, "mode/key", pat, text="a b"),
              encode("+LADD", ch, "ban", pat, 0, text="::x y"),
              encode("+LADD", ch, "ban", pat, 0, text=""),
              encode("+READY", "9ZZ", 5, "zz.test", text="not said by 9ZZ"))
    for raw in ["+SAY ERROR {p} #talk * :x", "+SAY FOO {p} #talk * :x",
                "+SAY PRIVMSG {p} #talk *", "+NOTE {a} 000 x :x",
                "+NOTE {a} ERROR x :x", "+SAY PRIVMSG {p} #talk owner :x",
                "@time=1;+a=b;msgid=x +SAY PRIVMSG {p} #talk * :last"]:
        peer.make(raw.format(p=pat, a=peer.facts.holder("ann")).encode(),
                  dest=ONE)
    ann.expect(r"^:pat!\S+ PRIVMSG #[Tt]alk :last$")
    seen = ann.ask("WHO #talk", "NAMES #talk", "MODE #talk", "WHOIS pat",
                   "MAP", "LINKS")
    assert not any("a!b@c" in ln or "time=1" in ln or "\udcff" in ln
                   for ln in ann.lines + seen)
    assert all(len(ln) <= 510 for ln in ann.lines + seen)
    peer.wait("all is acknowledged", lambda: peer.links[0].acked == peer.n)

    # Much is said, so a newcomer takes a snapshot.
    for i in range(200):
        peer.make(*[encode("+SET", pat, "away", pat, text="z" * 300)] * 30)
    new = linked(world, server, sid=PZ, ready=False)
    new.wait("a snapshot", lambda: new.links[0].snapshots)
    new.wait("all of it", lambda: new.have == peer.have)
    assert new.facts.lines() == peer.facts.lines()
    assert in_order(peer)


def test_a_line_without_cr(world):
    server = world.server(block(PY))
    ann = world.client(server, "ann")
    peer = linked(world, server)
    link = peer.links[0]
    with peer.lock:
        link.raw(b"BEAT 1 1\n")
    peer.wait("it is closed", lambda: link.state == "closed")
    assert link.error[0] == "syntax"
    assert ann.ask("LUSERS")


class Line:
    """Two real servers, 1AA and 4DD, in a line with an honest peer at 4DD, and
    a liar at 1AA. ann and dan talk across the link of the two."""

    def __init__(self, world):
        self.world = world
        self.one = world.server(block(PY), block(FOUR))
        self.four = world.server(
            block(ONE, address=f"127.0.0.1:{self.one.link}"), block(PZ),
            sid=FOUR)
        self.ann = world.client(self.one, "ann")
        self.dan = world.client(self.four, "dan")
        until("the servers are linked", lambda: any(
            "303" in ln and "dan" in ln for ln in self.ann.ask("ISON dan")))
        self.far = world.peer(PZ, [(FOUR, None)])
        self.far.dial(self.four.link)
        self.far.await_up().ready()
        self.pat = self.far.user("pat")
        self.liar = linked(world, self.one)

    def tell(self, line):
        """Say a line on the liar's link."""
        with self.liar.lock:
            for k in self.liar.links:
                k.send_line(line.encode())

    def all_is_well(self):
        """A message crosses all links in both ways, and no link was cut."""
        word = f"well{wall_ms()}"
        self.ann.send(f"PRIVMSG dan :{word}")
        self.dan.expect(f"^:ann!.* PRIVMSG dan :{word}")
        self.dan.send(f"PRIVMSG ann :{word}")
        self.ann.expect(f"^:dan!.* PRIVMSG ann :{word}")
        until("pat is seen from everywhere", lambda: all(
            any("303" in ln and "pat" in ln for ln in c.ask("ISON pat"))
            for c in (self.ann, self.dan)))
        for s in (self.one, self.four):
            assert not re.search(rf"link-(down|refused).* server=("
                                 rf"{self.one.name}|{self.four.name})",
                                 s.log()), s.log()
        assert self.far.links and not self.far.links[0].fault
        until("facts are equal", lambda: len(
            {facts(s)["digest"] for s in (self.one, self.four)}) == 1)

    def restarts(self):
        """Restart the honest peer: it links again."""
        self.far.stop()
        self.far = self.world.peer(PZ, [(FOUR, None)],
                                   inc=self.far.o[1] + 1)
        self.far.dial(self.four.link)
        self.far.await_up().ready()
        self.pat = self.far.user("pat")


def test_link_states_of_others(world):
    """link-protocol.md, 5.8 to 5.11."""
    line = Line(world)
    for sid in (FOUR, PZ):
        with line.liar.lock:
            inc = origin_of(line.liar, sid)[1]
        for lie in (f"{sid}.4294967295 1", f"{sid}.{inc + 9} 1",
                    f"{sid}.{inc} 18446744073709551615",
                    f"{sid}.{inc} {wall_ms() - 1000}"):
            line.tell(f"LSA {lie} {wall_ms()} :")
            line.all_is_well()
    for i in range(397):
        line.tell(f"LSA 7{chr(65 + i // 26)}{chr(65 + i % 26)}.1 1 "
                  f"{wall_ms()} :")
    line.all_is_well()
    line.restarts()
    line.all_is_well()
    line.tell(f"LSA {ONE}.4294967295 1 {wall_ms()} :")
    line.liar.wait("the liar's link is closed", lambda: not line.liar.links)
    line.all_is_well()


def test_entries_of_others(world):
    """link-protocol.md, 6.16 to 6.19, 8.18 and 8.19."""
    line = Line(world)
    far = 70368744177663        # year 4199
    for said in (
            # a third origin, weeks ahead
            [f"LSA 7ZZ.7 1 {wall_ms()} :", f"ENTRY 7ZZ.7 1 {far} * - 1",
             "+READY 7ZZ 7 zz.test :zz"],
            # origins that nobody knows
            [x for k in range(1, 9) for x in (
                f"ENTRY 7ZZ.{k} 1 {wall_ms()} * - 1",
                "+SET 7ZZAAAAAA away 7ZZAAAAAA :x")],
            [x for k in range(1, 600) for x in (
                f"LSA 7YY.{k} 1 {wall_ms()} :",
                f"ENTRY 7YY.{k} 1 {wall_ms()} * - 1",
                f"+READY 7YY {k} yy.test :yy")],
            # a snapshot with a run to come, and with a fact weeks ahead
            ["SNAP {o}", "@dot=3PZ.4294967295.1.0;stamp=5 "
             "+READY 3PZ 4294967295 pz.test :x", "END {o}=9/9"],
            ["SNAP {o}", f"@dot={{o}}.1.0;stamp={far};kind=element +ODD"],
            # all origins and no facts, and more of its own
            ["SNAP {o}", "END {have}"], ["SNAP {o}", "END {have} {o}=99/99"]):
        link = line.liar.links[0]
        o = f"{line.liar.o[0]}.{line.liar.o[1]}"
        have = " ".join(f"{w}/{w.split('=')[1]}" for w in show_vector(
            {k: n for k, n in line.liar.have.items() if k != line.liar.o}))
        for ln in said:
            line.tell(ln.replace("{o}", o).replace("{have}", have))
        line.liar.wait("it is closed", lambda: link.state == "closed")
        assert link.error[0] in ("bounds", "clock", "doubt",
                                 "snapshot"), link.error
        line.all_is_well()
        line.restarts()
        line.all_is_well()
        line.liar.dial(line.one.link)
        line.liar.await_up()


def test_next_entries(world):
    """link-protocol.md, 6.20: the next entry of another server, or of the one
    that is told."""
    line = Line(world)
    for sid in (ONE, FOUR, PZ):
        for _ in range(3):
            uid = f"{sid}ZZZZZZ"
            with line.liar.lock:
                o = origin_of(line.liar, sid)
                n, stamp = line.liar.have[o] + 1, line.liar.next_stamp()
                line.liar.accept_entry(Entry(o, n, stamp, "*", "-", [
                    encode("ENTRY", show_origin(o), n, stamp, "*", "-", 2),
                    encode("+USER", uid, "eve", "eve", "x.test", "192.0.2.1",
                           "192.0.2.1", text="Eve"),
                    encode("+NICK", uid, "eve", 1, stamp)]))
            line.liar.wait("the server lets the user quit", lambda: [
                e for e in line.liar.log if e.o == o and e.n > n
                and e.lines[1].startswith(f"+QUIT {uid}".encode())])
            line.all_is_well()
    assert line.far.adopted == 3
    for s in (line.one, line.four):
        s.await_log("forged-entry server=")
    assert line.liar.links and not line.liar.links[0].fault


def test_two_entries_of_one_number(world):
    """link-protocol.md, 6.22: the operator is told, and nobody is cut."""
    line = Line(world)
    with line.liar.lock:
        e = [e for e in line.liar.log if e.o == line.far.o][-1]
    for ln in (*e.lines, *e.lines[:-1], e.lines[-1] + b"x"):
        line.tell(ln.decode())
    line.one.await_log("fork server=py.test "
                       f"origin={show_origin(e.o)} n={e.n}")
    assert len(re.findall("different entries", line.one.log())) == 1
    line.all_is_well()
