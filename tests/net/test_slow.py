"""A link that is truly slow: entries wait behind it for longer than a FORGET
waits for servers that are missing. The network stays one. Needs root, and ip of
iproute2."""
import random
import re

import pytest

from cable import Cable
from test_hosts import Host, folder, harness  # noqa: F401 (a fixture)
from test_links import facts, links_up
from test_peer import FOUR, ONE, PY, World, block, until

CHANNELS, BANS = 200, 100       # 2 MB of entries
RATE = 40 << 10                 # bytes in a second
KEEP_S = 10                     # a FORGET waits for 3 times that


class Line:
    """1AA =slow= 2PY - 4DD, on one host whose sockets take little."""

    def __init__(self, folder):  # noqa: F811
        self.world = World(folder)
        try:
            self.host = Host(folder, 1)
            self.host.limit_sockets()
        except OSError as e:
            pytest.skip(f"no network namespaces here: {e}")
        self.world.made.append(self.host.close)
        self.two = self.server(PY, block(ONE), block(FOUR))
        self.cable = self.host.inside(lambda: Cable(self.two.link))
        self.world.made.append(self.cable.close)
        self.one = self.server(
            ONE, block(PY, address=f"127.0.0.1:{self.cable.port}"))
        self.four = self.server(
            FOUR, block(PY, address=f"127.0.0.1:{self.two.link}"))
        until("linked", lambda: all(
            s.status()["servers"] == 3
            for s in (self.one, self.two, self.four)))

    def server(self, sid, *blocks):
        s = self.world.server(*blocks, sid=sid, start=False, keep_s=KEEP_S)
        s.prefix = self.host.enter
        s.config["classes"] = [{**harness.NO_FLOOD, "channels": 0,
                                "sendq": 64 << 20}]
        return s.start()

    def fill(self):
        """Let a client of 4DD make bans of random letters."""
        chance = random.Random(1)

        def word(n):
            return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=n))
        ann = self.host.inside(lambda: self.four.client("ann"))
        for i in range(CHANNELS):
            ann.ask(f"JOIN #c{i}", *[
                f"MODE #c{i} +bbbb " + " ".join(
                    f"{j:04}{word(20)}!{word(9)}@{word(55)}.net"
                    for j in range(k, k + 4)) for k in range(0, BANS, 4)])
            ann.lines.clear()
        ann.close()

    def close(self):
        for end in reversed(self.world.made):
            end()


@pytest.fixture
def line(folder):  # noqa: F811
    t = Line(folder)
    yield t
    t.close()


def test_forget_behind_a_slow_link(line):
    """link-protocol.md, 11.11: 1AA lacks what 2PY has of 4DD, and is asked to
    have 4DD forgotten."""
    line.cable.rate["back"] = RATE
    line.fill()
    until("two has all", lambda: facts(line.two)["digest"] ==
          facts(line.four)["digest"])
    line.four.kill()
    until("one lost sight of it", lambda: line.one.status()["servers"] == 2)
    done = line.one.ctl("forget", FOUR)
    assert done.returncode == 0, done.stderr
    assert facts(line.one)["facts"] < facts(line.two)["facts"]
    until("it is forgotten", lambda: all(
        {s["sid"] for s in x.ask("servers")} == {ONE, PY}
        for x in (line.one, line.two)))
    until("equal facts", lambda: len({
        (f["digest"], f["entries"], f["origins"])
        for f in map(facts, (line.one, line.two))}) == 1)
    for s in (line.one, line.two):
        assert len(links_up(s)) == 1
        assert not re.search("code=forgotten", s.log()), s.log()
