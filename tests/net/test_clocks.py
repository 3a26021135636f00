"""A real server whose clock is wrong, from its start or from some moment on.
The server itself and its neighbour say why they are not linked, and link again
when the clock is right."""
import os
import re
import shutil
import subprocess

import pytest

from test_links import await_linked, pair
from test_peer import harness, until, world

assert world      # a fixture
SOURCE = os.path.join(os.path.dirname(__file__), "wrongclock.c")


@pytest.fixture
def clock(world):
    """Sets the clock of the servers that have its `env`, in seconds."""
    cc = shutil.which(os.environ.get("CC", "cc"))
    if cc is None:
        pytest.skip("no C compiler")
    library, path = (os.path.join(world.folder, n) for n in ("clock.so",
                                                             "clock"))
    subprocess.run([cc, "-shared", "-fPIC", "-o", library, SOURCE],
                   check=True)

    def off_by(seconds):
        with open(path + ".new", "w", encoding="ascii") as f:
            f.write(str(seconds))
        os.rename(path + ".new", path)
    off_by(0)
    off_by.env = dict(os.environ, LD_PRELOAD=library, WRONG_CLOCK=path)
    return off_by


def test_wrong_clock(world, clock):
    one, four = pair(world)
    four.env = clock.env
    one.config["links"][0]["address"] = f"127.0.0.1:{four.link}"
    for s in (one, four):
        s.config["log"]["format"] = "json"
    clock(7)
    four.start()
    one.start()
    both_refuse(one, four)
    ann, dan = world.client(one, "ann"), world.client(four, "dan")
    clock(0)
    one.ctl("reload")       # it dials at once
    await_linked(one, four)
    ann.join("#talk")
    until("he sees her", lambda: "ann" in dan.ask("ISON ann")[-1])
    dan.join("#talk")
    ann.expect(":dan!.* JOIN ")
    for seconds in (8, -8):
        logged = [len(s.log()) for s in (one, four)]
        clock(seconds)
        both_refuse(one, four, *logged)
        ann.expect(":dan!.* QUIT ")
        dan.expect(":ann!.* QUIT ")
        ann.send(f"TOPIC #talk :while it is {seconds} s off")
        clock(0)
        one.ctl("reload")
        await_linked(one, four)
        harness.await_same([ann, dan], "#talk", check=lambda seen: len(
            seen["#talk"]["names"]) == 2)
        ann.send("PRIVMSG dan :hello")
        dan.expect(":ann!.* PRIVMSG dan :hello")


def both_refuse(one, four, *since):
    for s, at in zip((one, four), since or (0, 0)):
        until("it tells why", lambda s=s, at=at: re.search(
            r'"link-(down|refused|error)".*"code":"clock"', s.log()[at:]))


def test_clock_that_was_behind(world, clock):
    """A server starts in 1983, has users, and then its clock is set. It takes
    no name of the network with the stamps that it made before."""
    one, four = pair(world)
    four.env = clock.env
    one.config["links"][0]["address"] = f"127.0.0.1:{four.link}"
    clock(-43 * 365 * 24 * 3600)
    four.start()
    one.start()
    thief, ann = world.client(four, "ann"), world.client(one, "ann")
    for c in (thief, ann):
        c.join("#talk")
    ann.ask("MODE #talk +s")
    clock(0)
    one.ctl("reload")       # it dials at once
    thief.expect("ERROR :This server begins anew: its clock was wrong")
    four.await_log("renew .*its clock was wrong")
    await_linked(one, four)
    assert ann.ask("ISON ann")[-1].endswith(":ann")
    dan = world.client(four, "dan")
    dan.join("#talk")
    ann.expect(":dan!.* JOIN ")
    assert ":@ann dan" in " ".join(dan.ask("NAMES #talk"))
    assert "s" in ann.ask("MODE #talk")[0].split(" ")[-1]
    clash = world.client(four, "anna")
    assert " 433 " in " ".join(clash.ask("NICK ann"))
