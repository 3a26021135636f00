"""Real servers are killed in the middle of a snapshot, at either end of it:
the half that arrived is dropped, and all servers end with the same facts."""
import os
import random
import re
import shutil
import tempfile

import pytest

from cable import Cable
from test_peer import World, harness, until

CHANNELS, BANS = 700, 100
HALF = 400 << 10          # bytes of a snapshot that get through
UNREAD_MAX = 5 << 20      # more than sockets and the pump take unread


class Three:
    """A and C hold many facts and are linked; B dials either of them through a
    cable."""

    def __init__(self, folder):
        self.world = World(folder)
        self.a, self.b, self.c = (self.server(x) for x in "abc")
        self.cable_a, self.cable_c = Cable(self.a.link), Cable(self.c.link)
        self.links(self.a, (self.b, None), (self.c, self.c.link))
        self.links(self.c, (self.b, None), (self.a, None))
        self.links(self.b, (self.a, self.cable_a.port),
                   (self.c, self.cable_c.port))
        self.a.start()
        self.c.start()
        self.await_same(self.a, self.c)
        self.ann = self.a.client("ann")
        self.fill(self.ann)

    def server(self, letter):
        s = harness.Server(os.path.join(self.world.folder, letter),
                           letter + ".test", "1A" + letter.upper(), tls=True)
        s.add_links()
        s.config["sync"] = {"keep_mib": 1, "silence_s": 60,
                            "alone_ms": 500}
        s.config["classes"][0].update(channels=0, sendq=64 << 20)
        s.config["log"]["level"] = "info"
        self.world.made.append(s.kill)
        return s

    @staticmethod
    def links(server, *others):
        server.config["links"] = [
            {"name": s.name, "sid": s.sid, "pin": s.pin,
             **({"address": f"127.0.0.1:{port}"} if port else {})}
            for s, port in others]

    @staticmethod
    def fill(client):
        """Make enough bans for a snapshot that no socket takes at once. It is
        packed, so they are of random letters."""
        chance = random.Random(1)

        def word(n):
            return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=n))
        for i in range(CHANNELS):
            ch = f"#channel{i}"
            client.ask(f"JOIN {ch}", f"TOPIC {ch} :{'t' * 390}", *[
                f"MODE {ch} +bbbb " + " ".join(
                    f"{j:04}{word(20)}!{word(9)}@{word(55)}.net"
                    for j in range(k, k + 4)) for k in range(0, BANS, 4)])
            client.lines.clear()

    def said(self, server, what):
        return re.search(what, server.log()[self.logged[server]:])

    def saw(self, server, what):
        return until(f"{server.name} tells {what}",
                     lambda: self.said(server, what))

    @staticmethod
    def facts(server):
        f = server.ask("facts")[0]
        return f["entries"], f["digest"]

    def await_same(self, *servers):
        until("all servers are seen", lambda: all(
            s.status()["servers"] == len(servers) for s in servers))
        until("equal facts", lambda: len({*map(self.facts, servers)}) == 1)

    def close(self):
        self.cable_a.close()
        self.cable_c.close()
        for end in reversed(self.world.made):
            end()


@pytest.fixture(scope="module")
def three():
    folder = tempfile.mkdtemp(prefix="banyan-", dir="/tmp")
    t = Three(folder)
    yield t
    t.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def half(three):
    """B has a part of the snapshot of A, and no more comes. B cannot reach C.
    The log beyond `half.logged` says what happened since."""
    three.b.kill()
    three.cable_a.let_go()
    three.cable_c.let_go()
    three.cable_c.pull()
    three.cable_a.hold("back", HALF)
    three.logged = {s: len(s.log()) for s in (three.a, three.b, three.c)}
    three.b.start(wait=False)
    until("a part has come", lambda: three.cable_a.is_held("back"))
    sent = three.saw(three.a, r"snapshot-sent server=b\.test .*bytes=(\d+)")
    assert int(sent.group(1)) > HALF + UNREAD_MAX
    until("it runs", lambda: three.b.status())
    assert three.b.ask("facts")[0]["facts"] < 5     # B knows nothing of it
    return three


def test_receiver_is_killed(half):
    half.b.kill()
    half.saw(half.a, r"snapshot-lost server=b\.test way=out facts=[1-9]")
    assert not half.said(half.a, "link-down server=c")
    assert half.ann.ask("LUSERS")
    half.cable_a.let_go()
    half.b.start()
    half.saw(half.b, "snapshot-taken server=a")
    half.await_same(half.a, half.b, half.c)


def test_half_of_one_and_the_whole_of_another(half):
    """The rest of the half comes late, and does no harm."""
    half.cable_c.plug()
    half.saw(half.b, "snapshot-taken server=c")
    half.ann.ask("TOPIC #channel7 :meanwhile", "MODE #channel8 -b *!*@none")
    half.await_same(half.a, half.b, half.c)
    assert half.cable_a.is_held("back")
    bob = half.b.client("bob")
    seen = bob.ask("JOIN #channel7", "MODE #channel7 b")
    assert harness.words(seen, "332", 4) == [["meanwhile"]]
    assert len(harness.words(seen, "367", 4)) == BANS
    half.cable_a.let_go()
    half.saw(half.b, "snapshot-taken server=a")
    half.await_same(half.a, half.b, half.c)
    assert not half.said(half.b, "jumped|link-down|snapshot-lost")
    half.ann.expect(r":bob!\S+ JOIN #channel7")
    assert sum(":bob!" in ln for ln in half.ann.lines) == 1
    bob.close()


def test_sender_is_killed(half):
    """In the middle of two snapshots: one half is dropped, the other is
    completed. A comes back to the same facts."""
    half.cable_c.hold("back", HALF)
    half.cable_c.plug()
    until("a part of C's has come", lambda: half.cable_c.is_held("back"))
    half.a.kill()
    half.saw(half.b, r"snapshot-lost server=a\.test way=in facts=[1-9]")
    assert half.b.ask("facts")[0]["facts"] < 5
    half.cable_c.let_go()
    half.saw(half.b, "snapshot-taken server=c")
    half.await_same(half.b, half.c)
    half.cable_a.let_go()
    half.a.start()
    half.await_same(half.a, half.b, half.c)
    assert half.a.ask("facts")[0]["facts"] > CHANNELS * BANS
    people = [s.client(n) for s, n in zip((half.a, half.b, half.c),
                                          ("ada", "bob", "cat"))]
    for p in people:
        p.join("#after")
    harness.await_same(people, "#after", check=lambda seen: len(
        seen["#after"]["names"]) == 3)
    half.await_same(half.a, half.b, half.c)
