"""Links of real servers: addresses, pins, plaintext, dialling, and ends that
come at the worst moment."""
import re
import socket

from facts import encode
from test_peer import (PY, await_digests, block, harness, linked, talk,
                       until, world)

assert world      # a fixture
FOUR = "4DD"


def pair(world):
    """Two servers that may link, not started. No server dials them."""
    one = world.server(tls=True, start=False)
    four = world.server(sid=FOUR, tls=True, start=False)
    for a, b in ((one, four), (four, one)):
        a.config["links"] = [{"name": b.name, "sid": b.sid, "pin": b.pin}]
        a.config["sync"]["alone_ms"] = 500
    return one, four


def links_up(server):
    return [ln for ln in server.ask("links") if ln["state"] == "up"]


def facts(server):
    return server.ask("facts")[0]


def await_linked(*servers):
    until("linked", lambda: all(len(links_up(s)) == 1 for s in servers))
    until("the same is known", lambda: len(
        {(f["entries"], f["digest"]) for f in map(facts, servers)}) == 1)


def test_each_address_is_tried(world):
    one, four = pair(world)
    dead = [f"127.0.0.1:{harness.free_port()}", f"[::1]:{harness.free_port()}"]
    one.config["links"][0]["address"] = dead + [f"127.0.0.1:{four.link}"]
    four.start()
    one.start()
    await_linked(one, four)
    until("the others were tried", lambda: len(re.findall(
        "link-dial-failed", one.log())) >= 2)


def test_both_dial_at_once(world):
    """One link is left, whichever it is, and no client notices."""
    one, four = pair(world)
    one.config["links"][0]["address"] = f"127.0.0.1:{four.link}"
    four.config["links"][0]["address"] = f"127.0.0.1:{one.link}"
    one.start()
    four.start()
    await_linked(one, four)
    ann = world.client(one, "ann")
    ann.join("#both")
    assert "QUIT" not in " ".join(ann.ask("NAMES #both"))
    assert len(links_up(one)) == len(links_up(four)) == 1


def test_wrong_pin_is_told_on_both_sides(world):
    one, four = pair(world)
    pin = four.pin
    one.config["links"][0].update(
        address=f"127.0.0.1:{four.link}",
        pin=("0" if pin[0] != "0" else "1") + pin[1:])
    four.start()
    one.start()
    # the key that was shown, to be compared or pasted
    shown = (rf"the key of the peer, {pin}, is not the one configured for "
             rf"{four.name}")
    until("one refuses", lambda: re.search(
        rf"link-refused.* server={four.name} .*address=127.0.0.1 code=pin "
        rf'by=us reason="?{shown}', one.log()))
    until("four is told why", lambda: re.search(
        rf'link-refused.* address=127.0.0.1 code=pin by=peer '
        rf'reason="?{shown}',
        four.log()))
    assert links_up(one) == links_up(four) == []
    for server, by in (one, "this server"), (four, "the peer"):
        until("banyanctl tells it", lambda: any(
            re.fullmatch(f"closed by {by}: {shown}", row["why"])
            for row in server.ask("links")))
    # and a pause before the next try
    assert len(re.findall("link-refused", one.log())) < 10
    assert world.client(one, "ann").ask("LUSERS")


def test_other_side_does_not_know_the_key(world):
    one, four = pair(world)
    one.config["links"][0]["address"] = f"127.0.0.1:{four.link}"
    four.config["links"][0]["pin"] = "0" * 64
    four.start()
    one.start()
    until("four refuses", lambda: re.search(
        r"link-refused.* code=pin ", four.log()))
    until("one is told why", lambda: re.search(
        r"link-refused.* code=pin by=peer ", one.log()))
    assert links_up(one) == []


def test_plaintext_is_for_loopback_alone(world):
    """Such an address is neither listened on nor dialled: the configuration is
    refused."""
    server = world.server(block(PY), start=False)
    server.config["listen"][-1]["address"] = "0.0.0.0"
    assert "can only use a loopback address" in server.refused()
    server = world.server(block(PY, address="192.0.2.1:7000"), sid=FOUR,
                          start=False)
    assert "loopback" in server.refused()


def test_dialling_backs_off(world):
    """A pause that doubles, a quarter more or less. A late dial is no fault
    here."""
    one, _ = pair(world)
    one.config["links"][0]["address"] = f"127.0.0.1:{harness.free_port()}"
    one.config["log"]["format"] = "json"
    one.start()

    def dials():
        return [ln for ln in one.log().splitlines() if '"link-dial"' in ln]
    until("four dials", lambda: len(dials()) >= 4)
    at = [seconds(ln) for ln in dials()[:4]]
    gaps = [b - a for a, b in zip(at, at[1:])]
    for gap, least in zip(gaps, (0.75, 1.5, 3.0)):
        assert gap >= least - 0.05, gaps


def seconds(line):
    h, m, s = re.search(r"T(\d+):(\d+):([\d.]+)", line).groups()
    return int(h) * 3600 + int(m) * 60 + float(s)


def test_half_a_snapshot_is_none(world):
    """The sender goes in the middle of it: nothing of it was taken in."""
    server = world.server(block(PY))
    peer = linked(world, server)
    ann, pat = talk(world, server, peer)
    link = peer.links[0]
    before = facts(server)
    with peer.lock:
        link.hold_entries = True
        peer.do(pat, encode("+SET", pat, "away", pat, text="asleep"))
        peer.trim()
        link.send("SNAP", f"{PY}.{peer.o[1]}")
        for f in peer.facts.in_order()[:-1]:
            link.send_line(peer.facts.shown(f).raw())
        link.flush()
    await_digests(peer, link)
    peer.cut(link)
    ann.expect(r"^:pat!\S+ QUIT ")
    until("it is told", lambda: re.search(r"snapshot-lost.* way=in ",
                                          server.log()))
    assert (facts(server)["digest"], facts(server)["entries"]) == \
        (before["digest"], before["entries"])
    peer.dial(server.link)
    peer.await_up()
    ann.expect(r"^:pat!\S+ JOIN ")
    until("the whole of it", lambda: "asleep" in " ".join(ann.ask("WHOIS pat")))
    until("it is told", lambda: "snapshot-taken" in server.log())


def test_silent_connections_do_not_keep_a_link_out(world):
    """Those who say nothing make room for those who do."""
    one = world.server(block(PY))
    silent = [socket.create_connection(("127.0.0.1", one.link))
              for _ in range(450)]
    py = world.peer()
    py.dial(one.link)
    py.await_up().ready()
    until("it is seen", lambda: one.status()["servers"] == 2)
    assert len(py.links) == 1
    for c in silent:
        c.close()
