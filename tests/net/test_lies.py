"""A linked server that lies: what it costs is its own link. Clients are shown
only lines that they can read, and facts stay equal."""
from facts import encode
from test_peer import (ONE, PY, PZ, block, in_order, linked, talk, world)

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
