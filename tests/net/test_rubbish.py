"""A linked server that sends rubbish: each line costs its link, with an ERROR
that says why and a row in the log; nobody else notices."""
import pytest

from facts import encode
from test_peer import (NAMES, ONE, PY, await_digests, block, ground, harness,
                       linked, until, wall_ms, world)

assert ground and world     # fixtures

UID = f"{PY}AAAAAA"
MANY = " ".join(f"9{a}{b}.{i}=1" for i in range(1, 14)
                for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def chunks(verb, words, last, n=300):
    words = words.split()
    lines = [f"{verb} * " + " ".join(words[i:i + n])
             for i in range(0, len(words), n)]
    return "\n".join([*lines, last])


# Lines, and the code of the ERROR. {me} and {one} are the two origins, {n} is
# my next number, {now} the time.
REFUSED = [
    # unknown verbs
    ("NOSUCH", "syntax"), ("digest", "syntax"), ("", "syntax"),
    ("@tag", "syntax"), ("+", "syntax"), ("x" * 16383, "too-long"),
    # HELLO, SYNC
    ("HELLO 1 {me} {now} py.test 5 :", "state"), ("SYNC", "state"),
    ("SYNC {me}=1", "state"),
    # LSA
    ("LSA", "syntax"), ("LSA {me}", "syntax"), ("LSA {me} x {now} :", "syntax"),
    ("LSA {me} 99 x :", "syntax"), ("LSA {me} 99 {now}", "syntax"),
    ("LSA {me} 99 {now} 1AA,1 :", "syntax"),
    ("LSA {me} 99 {now} 1AA,1,4294967296 :", "syntax"),
    ("LSA {me} 99 {now} what,1,1 :", "syntax"),
    ("LSA {me} 99 {now} :1AA", "syntax"),
    ("LSA {me} 99 {now} " + "1AA,1,1 " * 513 + ":", "bounds"),
    ("LSA * {me} 99 {now} :\nLSA {me} 98 {now} :", "syntax"),
    ("LSA * {me} 99 {now} :\nLSA 9ZZ.1 99 {now} :", "syntax"),
    ("LSA 1AA.4294967295 1 {now} :", "own-inc"),
    ("LSA {me} 99 {now} :{one}=99999", "own-inc"),
    # vectors
    *[(f"{verb} {words}", code) for verb in ("DIGEST", "WANT")
      for words, code in [
          ("x", "syntax"), ("{me}", "syntax"), ("{me}=", "syntax"),
          ("{me}=x", "syntax"), ("{me}=-1", "syntax"), ("{me}=01", "syntax"),
          ("{me}=18446744073709551616", "syntax"), ("2PY.0=1", "syntax"),
          ("2PY=1", "syntax"), ("2PY.4294967296=1", "syntax"),
          ("{me}=1 :text", "syntax"), ("{one}=99999", "own-inc"),
          ("1AA.4294967295=1", "own-inc")]],
    ("DIGEST *\nWANT", "syntax"),
    (chunks("DIGEST", MANY, "DIGEST"), "bounds"),
    (chunks("DIGEST", MANY, "").replace("*", ""), "bounds"),
    # ACK, BEAT
    ("ACK", "syntax"), ("ACK x", "syntax"), ("ACK 1 1", "syntax"),
    ("ACK 99999", "own-inc"), ("ACK 18446744073709551616", "syntax"),
    ("BEAT", "syntax"), ("BEAT 1", "syntax"), ("BEAT x {now}", "syntax"),
    ("BEAT 1 -5", "syntax"), ("BEAT 1 {now} 5", "syntax"),
    ("BEAT 1 {now} 1 1 1", "syntax"), ("BEAT 1 {later}", "clock"),
    # ENTRY
    *[(" ".join("ENTRY {me} {n} {now} * - 1".split()[:k]), "syntax")
      for k in range(1, 7)],
    ("ENTRY {me} 0 {now} * - 1", "syntax"),
    ("ENTRY {me} {n} {now} * - 0", "syntax"),
    ("ENTRY {me} {n} {now} * - 1025", "bounds"),
    ("ENTRY {me} {n} {now} * - 1 more", "syntax"),
    ("ENTRY {me} {n} 140737488355329 * - 1", "syntax"),
    ("ENTRY {me} {n} -1 * - 1", "syntax"),
    ("ENTRY {me} {n} {now} 1AA,x - 1", "syntax"),
    ("ENTRY {me} {n} {now} * what 1", "syntax"),
    ("ENTRY 2PY {n} {now} * - 1", "syntax"),
    ("ENTRY {me} {n} {now} * - 2\n+FORGET 9ZZ 1\nBEAT 1 {now}", "syntax"),
    ("ENTRY {me} {n} {now} * - 2\nENTRY {me} {n} {now} * - 1", "syntax"),
    ("ENTRY {me} {n} {now} 1AA - 1\n+FORGET 9ZZ 1", "syntax"),
    ("ENTRY {me} {n1} {now} * - 1\n+FORGET 9ZZ 1", "gap"),
    ("ENTRY 9ZZ.5 2 {now} * - 1\n+FORGET 9ZZ 1", "gap"),
    ("ENTRY {me} {n} {later} * - 1\n+FORGET 9ZZ 1", "clock"),
    ("ENTRY {one} 99999 {now} * - 1\n+FORGET 9ZZ 1", "own-inc"),
    ("ENTRY 1AA.4294967295 1 {now} * - 1\n+FORGET 9ZZ 1", "own-inc"),
    ("ENTRY {me} {n} {now} * - 1024" + ("\n+X " + "x" * 15000) * 100,
     "bounds"),
    ("+FORGET 9ZZ 1", "syntax"),
    # parts
    *[("ENTRY {me} {n} {now} * - 1\n" + part, "syntax") for part in [
        "+USER", "+USER nobody a a a a a :", f"+USER {UID} a a a a",
        f"+NICK {UID} nick x 1", f"+NICK {UID} nick 1 1 1",
        "+NICK " + UID + " " + "n" * 513 + " 1 1", f"+SET {UID} away",
        "+CHAN", "+CHAN #c", "+CHAN c,1.1AA", "+CHAN #c,x.1AA",
        "+CHAN #" + "c" * 512 + ",1.1AA", f"+JOIN #c,1.1AA {UID} more",
        "+PART #c,1.1AA", "+KICK #c,1.1AA 1AA.1.1 1AA", "+MOVE #c,1.1AA x",
        "+STAT #c,1.1AA 1AA.1.1.0 op maybe 1AA", "+UNCHAN #c,1.1AA",
        "+LADD #c,1.1AA ban 1AA x :m", "+LDEL #c,1.1AA 1AA",
        "+CSET #c,1.1AA topic", "+READY 1A 1 x :", "+FORGET 9ZZ",
        "+INVITE #c,1.1AA x 1AA 0", "+HOME x 1 1AA.1 * 0",
        f"+HOME {UID} 0 1AA.1 * 0", f"+HOME {UID} 1 1AA * 0",
        f"+HOME {UID} 1 - *", f"+HOME {UID} 4294967296 - * 0",
        "+SAY PRIVMSG 1AA #c",
        "+NOTE x 1", "+FUTURE " + "x" * 15700, "FUTURE", "+",
        # later verbs without a kind, or not of it
        "+FUTURE x", "@kind=what +FUTURE x", "@kind=element +FUTURE  x",
        "@kind=element,u1 +FUTURE x", "@kind=register,2 +FUTURE x :y",
        "@kind=removal,1 +FUTURE x", "@kind=element,c1 +FUTURE #C,1.1AA"]],
    ("ENTRY {me} {n} {now} 1AA - 1\n@kind=element +FUTURE x", "syntax"),
    # a snapshot
    ("SNAP", "syntax"), ("SNAP x", "syntax"), ("SNAP {me} x", "syntax"),
    ("SNAP {one}", "syntax"), ("SNAP 9ZZ.1", "syntax"),
    ("SNAP {me}\nSNAP {me}", "syntax"), ("END", "syntax"),
    ("END {me}=1/0", "syntax"), ("SNAP {me}\n+FORGET 9ZZ 1", "syntax"),
    ("SNAP {me}\n@dot=x;stamp=1 +FORGET 9ZZ 1", "syntax"),
    ("SNAP {me}\n@dot=9ZZ.1.1.0 +FORGET 9ZZ 1", "syntax"),
    ("SNAP {me}\n@dot=9ZZ.1.1.0;stamp=x +FORGET 9ZZ 1", "syntax"),
    ("SNAP {me}\n@dot=9ZZ.1.1.0;stamp=1;tenure=x +FORGET 9ZZ 1", "syntax"),
    ("SNAP {me}\nEND {me}=x/0", "syntax"), ("SNAP {me}\nEND {me}=5", "syntax"),
    ("SNAP {me}\nEND {me}=5/6", "syntax"),
    ("SNAP {me}\nEND *\n@dot=9ZZ.1.1.0;stamp=1 +FORGET 9ZZ 1", "syntax"),
    ("SNAP {me}\nEND {me}=9999/3", "snapshot"),
    ("SNAP {me}\nEND {one}=99999/99999", "snapshot"),
    ("SNAP {me}\nENTRY 9ZZ.1 5 1 * - 1\n+FORGET 9ZZ 1\nEND 9ZZ.1=5/3",
     "snapshot"),
    ("SNAP {me}\n" + chunks("END", MANY.replace("=1", "=1/1"), "END"),
     "bounds"),
    # questions
    ("QUERY", "syntax"), ("QUERY x " + UID + " 1AA 5 :V", "syntax"),
    ("QUERY 2PY.1 x 1AA 5 :V", "syntax"),
    (f"QUERY 2PY.1 {UID} 1 5 :V", "syntax"),
    (f"QUERY 2PY.1 {UID} 1AA 33 :V", "syntax"),
    (f"QUERY 2PY.1 {UID} 1AA x :V", "syntax"),
    (f"QUERY 2PY.1 {UID} 1AA 5", "syntax"),
    ("ANSWER", "syntax"), ("ANSWER 1AA.1 1AA 5", "syntax"),
    ("ANSWER 1AA.x 1AA 5 :V", "syntax"), ("DONE", "syntax"),
    ("DONE 1AA.1 1AA 5 :V", "syntax"), ("DONE 1AA.1 1AA -1", "syntax"),
    # a line of a capability that was not announced
    ("LIMITS", "state"), ("LIMITS nick_len=30", "state"),
]


def filled(p, text):
    now = wall_ms()
    for name, value in [
            ("{me}", f"{PY}.{p.o[1]}"), ("{n}", p.n + 1), ("{n1}", p.n + 2),
            ("{one}", f"{ONE}.{p.map[ONE].o[1]}"), ("{now}", now),
            ("{later}", now + 60000)]:
        text = text.replace(name, str(value))
    return text.encode().replace(b"\n", b"\r\n") + b"\r\n"


def is_calm(world):
    """Check that no client saw anything."""
    seen = world.ann.ask("NAMES #calm")
    assert harness.words(seen, "353", 5) == [["@ann"]]
    assert not any(" QUIT " in ln or " NICK " in ln for ln in world.ann.lines)


def name_of(row):
    return row[0].replace("\n", "|")[:40] or "empty"


@pytest.fixture(scope="module")
def clock():
    """Each peer of this module is a newer run of the same server."""
    return {"inc": wall_ms() // 1000 - 3000}


@pytest.mark.parametrize("row", REFUSED, ids=name_of)
def test_costs_the_link(ground, clock, row):
    text, code = row
    clock["inc"] += 1
    logged = len(ground.one.log())
    p = ground.peer(inc=clock["inc"])
    link = p.dial(ground.one.link)
    p.await_up()
    with p.lock:
        link.raw(filled(p, text))
    p.wait("it is closed", lambda: link.state == "closed")
    p.stop()
    assert link.error and link.error[0] == code, (link.error, link.fault)
    assert link.error[1]
    # a thread writes it
    until("the log says why", lambda: all(
        x in ground.one.log()[logged:] for x in (f"code={code} ",
                                                 link.error[1])))
    is_calm(ground)


def test_cannot_be_told_from_sense(ground, clock):
    """Lines that cost nothing: a trusted server may send them, and they have
    no effect."""
    clock["inc"] += 1
    p = ground.peer(inc=clock["inc"])
    link = p.dial(ground.one.link)
    p.await_up().ready()
    pat = p.user("pat")
    ch = "#odd,5.2PY"
    e = p.do(pat, encode("+CHAN", ch), encode("+JOIN", ch, pat))
    stay = f"{PY}.{p.o[1]}.{e.n}.1"
    p.do(pat, encode("+CSET", ch, "mode/nosuch", pat, text="1"),
         encode("+CSET", ch, "nosuch", pat),
         encode("+CSET", ch, "mode/limit", pat, text="-7"),
         encode("+CSET", ch, "mode/key", pat, text="a b"),
         encode("+SET", pat, "mode/nosuch", pat, text="1"),
         encode("+STAT", ch, stay, "nosuch", "on", pat),
         encode("+STAT", "#else,7.1AA", stay, "op", "on", pat),
         encode("+LADD", ch, "nosuch", pat, 0, text="mask"),
         encode("+LADD", ch, "ban", pat, 1, text=""),
         encode("+LDEL", ch, pat, stay),
         encode("+PART", ch, "9ZZ.1.1.0", text="who"),
         encode("+QUIT", "9ZZAAAAAA", text="who"),
         encode("+MOVE", "#x,9.9ZZ", "9ZZ.1.1.0"),
         encode("+NICK", "9ZZAAAAAA", "ghost", 1, 1),
         encode("+JOIN", ch, "9ZZAAAAAA"), encode("+UNCHAN", ch, stay),
         encode("+HOME", pat, 5, f"{ONE}.1", "gate", 3),
         encode("+HOME", "9ZZAAAAAA", 5, "-", "*", 3))
    p.do(pat, encode("+SAY", "NOSUCH", pat, "#calm", "*", text="x"),
         encode("+SAY", "PRIVMSG", pat, "9ZZAAAAAA", "*", text="x"),
         encode("+SAY", "PRIVMSG", pat, "#none", "nosuch", text="x"),
         encode("+NOTE", "9ZZAAAAAA", "999", text="x"), dest=ONE)
    with p.lock:
        again = b"\r\n".join(e.lines) + b"\r\n"
        link.raw(again * 3)                              # duplicates
        link.raw(filled(p, "DIGEST 9ZZ.1=5 8ZZ.7=18446744073709551615"))
        link.raw(filled(p, f"QUERY 2PY.1 {pat} 9ZZ 0 :VERSION"))
        link.raw(filled(p, f"QUERY 2PY.2 {pat} 9ZZ 9 :VERSION"))
        link.raw(filled(p, f"QUERY 2PY.3 9ZZAAAAAA 1AA 9 :WHOIS {pat}"))
        link.raw(filled(p, "ANSWER 1AA.77 1AA 5 :311 x x"))
        link.raw(filled(p, "DONE 1AA.77 1AA 5"))
        link.raw(filled(p, "LSA * {me} 999 1 :"))        # and no more of it
        link.raw(filled(p, "SNAP {me}"))                 # nor of this
        for i in range(2000):
            link.raw(filled(p, "@dot=9ZZ.1.1.%d;stamp=1 +FORGET 9ZZ 1" % i))
    p.wait("all is acknowledged", lambda: link.acked == p.n)
    await_digests(p, link)
    assert link.state == "up", (link.error, link.fault)
    seen = ground.ann.ask("WHOIS pat", "MODE #odd", "NAMES #odd")
    assert any(" 311 " in ln for ln in seen)
    p.cut(link)
    p.stop()
    ground.ann.ask("NAMES #calm")


def test_too_many_servers(world):
    server = world.server(block(PY))
    ann = world.client(server, "ann")
    peer = linked(world, server)
    link = peer.links[0]
    for i in range(900):
        with peer.lock:
            link.send("LSA", f"{9 - i // 676}{chr(65 + i // 26 % 26)}"
                      f"{chr(65 + i % 26)}.1", 1, 1, text="")
    peer.wait("it is closed", lambda: link.state == "closed")
    assert link.error and link.error[0] == "bounds"
    assert "too many link states" in link.error[1]
    # A server that is known already is linked again.
    peer.dial(server.link)
    peer.await_up()
    assert ann.ask("LUSERS")


def test_other_clocks(world):
    """A clock that claims to be 4 s ahead is linked; a clock beyond the limit
    is not, in either direction."""
    server = world.server(block(PY))
    ann = world.client(server, "ann")
    for skew, well in [(4000, True), (-4000, True), (6000, False),
                       (-6000, False), (86400000, False)]:
        p = world.peer(inc=wall_ms() // 1000 + abs(skew) // 1000)
        p.skew_ms = skew
        link = p.dial(server.link)
        if well:
            p.await_up()
            p.cut(link)
        else:
            p.wait("refused", lambda: link.state == "closed")
            assert link.error[0] == "clock", skew
            until("the log says why", lambda: "5 seconds" in server.log())
        p.stop()
    assert ann.ask("LUSERS")
    until("it is named", lambda: NAMES[PY] in server.log())
