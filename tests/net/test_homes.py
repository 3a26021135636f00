"""Users whose home moves (11.24, 11.25), made by two peers. The server itself
gives nobody a HOME yet."""
from test_peer import (PY, PZ, await_digests, block, encode, lines_with,
                       linked, overwrite, world)

from facts import show_origin

__all__ = ["world"]


def take(peer, uid, tenure, base, home=None):
    """Take a user over."""
    peer.make(encode("+HOME", uid, tenure, home or show_origin(peer.o),
                     "gate", base))


def two(world, **kwargs):
    """A server with two peers, ann, and pat of the first peer in a channel."""
    server = world.server(block(PY), block(PZ), **kwargs)
    py, pz = linked(world, server), linked(world, server, sid=PZ)
    ann = world.client(server, "ann")
    ann.ask("JOIN #talk", "JOIN #more")
    pat = py.user("pat", gate="gate")
    py.wait("the channels", lambda: py.facts.channel("#more"))
    py.join(pat, "#talk")
    ann.expect(r"^:pat!\S+ JOIN ")
    pz.wait("pat is there", lambda: pat in pz.facts.members("#talk"))
    return server, py, pz, ann, pat


def at(ann, nick):
    """Return the server that WHOIS names."""
    return next(ln.split()[4] for ln in ann.ask(f"WHOIS {nick}")
                if ln.split()[1] == "312")


def test_user_is_taken_over(world):
    server, py, pz, ann, pat = two(world)
    assert at(ann, "pat") == "py.test"
    with py.lock:                      # it does not know, and goes on
        py.links[0].hold_reading = True
    take(pz, pat, 2, py.commands)
    pz.wait("it is acknowledged", lambda: pz.links[0].acked == pz.n)
    assert at(ann, "pat") == "pz.test"
    with py.lock:
        py.join(pat, "#more")
        py.make(b"@tenure=1 " + encode("+NICK", pat, "late", 1,
                                       py.next_stamp()), cause=py.cause(pat))
    pz.wait("it has come", lambda: lines_with(pz, " late "))
    pz.make(b"@tenure=2 " + encode("+NICK", pat, "new", 1, pz.next_stamp()))
    ann.expect(r"^:late!\S+ NICK :new$")
    with py.lock:
        py.links[0].hold_reading = False
    py.wait("all of it", lambda: py.have == pz.have)
    assert py.facts.lines() == pz.facts.lines()
    assert py.facts.nick(pat) == "new"
    assert pat not in py.facts.members("#more")
    assert not any(" new" in ln for ln in ann.ask("NAMES #more"))

    # the former home is cut off: nobody sees that
    py.cut(py.links[0])
    ann.ask("PING :x")
    assert any("353" in ln and "new" in ln for ln in ann.ask("NAMES #talk"))
    assert not any(" QUIT" in ln or " PART" in ln for ln in ann.lines)
    py.stop()

    # its next run makes nothing void that the user has
    again = linked(world, server, inc=py.o[1] + 1)
    again.wait("all of it", lambda: again.have == pz.have)
    assert again.facts.lines() == pz.facts.lines()
    assert again.facts.members("#talk") >= {pat}
    take(pz, pat, 2, 100, home="-")
    ann.expect(r"^:new!\S+ QUIT ")
    take(again, pat, 3, 100)
    ann.expect(r"^:new!\S+ JOIN ")


def test_snapshot_with_homes(world):
    server, py, pz, ann, pat = two(world, keep_mib=1)
    zoe = pz.user("zoe", gate="gate")
    # while it is away, pat is taken over twice
    link = py.links[0]
    py.cut(link)
    with py.lock:
        before = py.commands
        py.join(pat, "#more")
    take(pz, pat, 2, before)
    pz.commands = before
    with pz.lock:
        pz.do(pat, b"@tenure=2 " + encode("+SET", pat, "away", pat,
                                          text="back soon"))
    take(pz, pat, 3, before + 1)
    overwrite(pz, zoe)
    back = py.dial(server.link)
    py.await_up()
    py.wait("all of it", lambda: py.have == pz.have)
    await_digests(py, back)
    assert back.snapshots
    assert py.facts.lines() == pz.facts.lines()
    assert pat not in pz.facts.members("#more")
    assert pz.facts.home(pat)[1] == "3"
    assert at(ann, "pat") == "pz.test"
    assert not any("pat" in ln for ln in ann.ask("NAMES #more"))
