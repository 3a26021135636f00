"""A server with links runs out of descriptors, or of disk: it refuses new
work, keeps what it has, says so, and does not spin."""
import os
import re
import resource
import signal
import socket
import subprocess
import time

import pytest

from test_peer import PY, PZ, block, harness, linked, until, world

assert world      # a fixture
FDS = 64


def fds(server):
    return [int(n) for n in os.listdir(f"/proc/{server.process.pid}/fd")]


def processor_s(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as f:
        words = f.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def does_not_spin(server):
    """In two seconds of this machine it uses less than one."""
    used, until_ = processor_s(server), time.monotonic() + 2
    while time.monotonic() < until_:
        time.sleep(0.1)
    assert processor_s(server) - used < 1


@pytest.fixture
def short(world):
    """A server with few descriptors, a linked peer, a client, and another peer
    that it dials and that does not listen yet."""
    world.later = harness.free_port()
    s = world.one = world.server(
        block(PY), block(PZ, address=f"127.0.0.1:{world.later}"), start=False)
    s.start(fds=FDS)
    world.peer_there = linked(world, s)
    world.ann = world.client(s, "ann")
    world.ann.join("#calm")
    return world


def strangers(world, port, n):
    out = []
    for _ in range(n):
        c = socket.create_connection(("127.0.0.1", port), harness.TIMEOUT)
        world.made.append(c.close)
        out.append(c)
    return out


def links_up(server):
    return {ln["sid"] for ln in server.ask("links") if ln["state"] == "up"}


def talk_goes_on(world):
    """The client is answered, and so is a question across the old link."""
    assert world.ann.ask("LUSERS")
    p = world.peer_there
    was = len(p.arrived)
    world.ann.send("AWAY :x", "AWAY")
    p.wait("it comes across", lambda: len(p.arrived) > was)


def test_strangers_leave_some(short):
    """However many strangers come, at the client port or the link port: links
    are dialled, the operator is heard, files are read."""
    s = short.one
    crowd = strangers(short, s.plain, 2 * FDS) + \
        strangers(short, s.link, FDS)
    for what in ("clients", "links"):
        until(f"too many {what} are told of", lambda what=what: re.search(
            f"out-of-fds .*for={what}", s.log()))
    does_not_spin(s)
    assert s.status()["ready"]
    done = s.ctl("reload")
    assert done.returncode == 0, done.stderr
    later = short.peer(PZ)
    later.listener = socket.create_server(("127.0.0.1", short.later))
    later.await_up()
    assert links_up(s) == {PY, PZ}
    talk_goes_on(short)
    for c in crowd:
        c.close()
    until("new ones are taken again", lambda: takes_clients(s))


def takes_clients(server):
    try:
        c = server.client("late")
    except (AssertionError, OSError):
        return False
    c.close()
    return True


def test_none_at_all(short):
    """There is none even for the operator, whose command is refused with the
    reason."""
    s = short.one
    pid = s.process.pid
    none = max(fds(s)) + 1
    strangers(short, s.plain, none - len(fds(s)))   # any free number below
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (none, FDS))
    until("none is free", lambda: len(fds(s)) == none)
    done = s.ctl("status")
    assert done.returncode == 3
    assert re.search("closed the connection.*descriptors", done.stderr), \
        done.stderr
    until("it is told", lambda: re.search(
        "out-of-fds .*Too many open files.*for=control", s.log()))
    s.signal(signal.SIGHUP)
    until("no file can be read", lambda: re.search(
        rf'reload-failed why="{s.path}: Too many open files"', s.log()))
    until("no link can be dialled", lambda: re.search(
        r'link-dial-failed .*reason="Too many open files"', s.log()))
    [c] = strangers(short, s.link, 1)
    assert c.recv(1) == b""
    does_not_spin(s)
    talk_goes_on(short)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (FDS, FDS))
    assert s.ctl("reload").returncode == 0
    assert s.status()["ready"] and links_up(s) == {PY}


# ---- disk -------------------------------------------------------------------

UIDS = 65536        # of a mark; the next is asked for at half of it


class Disk:
    """Mount a small disk; root can."""
    full, worse = "No space left on device", "Read-only file system"

    def __init__(self, world):
        self.path = os.path.join(world.folder, "disk")
        os.makedirs(self.path)
        self.fill = os.path.join(self.path, "fill")

    def mount(self, *args):
        return subprocess.run(["mount", *args, self.path]).returncode == 0

    def use_up(self):
        with pytest.raises(OSError), open(self.fill, "wb") as f:
            f.write(bytes(1 << 20))

    def make_worse(self):
        """Mount another one over it: the server has a file of it open, so that
        it cannot become read-only itself."""
        assert self.mount("-t", "tmpfs", "-o", "ro", "banyan")

    def mend(self):
        assert subprocess.run(["umount", self.path]).returncode == 0
        os.unlink(self.fill)

    def mark(self):
        with open(os.path.join(self.path, "state"), encoding="ascii") as f:
            return int(re.search(r"uids (\d+)", f.read()).group(1))


class Folder(Disk):
    """Without root: a directory that is moved away."""
    full = worse = "No such file or directory"

    def use_up(self):
        os.rename(self.path, self.path + ".away")

    def make_worse(self):
        pass

    def mend(self):
        os.rename(self.path + ".away", self.path)


@pytest.fixture
def disk(world):
    d = Disk(world)
    if os.geteuid() != 0 or not d.mount("-t", "tmpfs", "-o", "size=64k",
                                        "tmpfs"):
        d.__class__ = Folder
    else:
        world.made.append(lambda: subprocess.run(["umount", d.path],
                                                 check=True))
    return d


def register(server, n, first):
    """Let n clients come and go. Return False as soon as one is not
    accepted."""
    ones = []
    for i in range(first, first + n):
        c = socket.create_connection(("127.0.0.1", server.plain))
        c.sendall(b"NICK n%d\r\nUSER n 0 * :n\r\nQUIT\r\n" % i)
        ones.append(c)
    let_in = True
    for c in ones:
        got = b""
        while data := c.recv(65536):
            got += data
        c.close()
        let_in &= b" 001 " in got
    return let_in


def test_disk_is_full(world, disk):
    """No client gets a uid that the next run might use again: a new client
    waits, and is told; the others do not notice."""
    s = world.server(block(PY), start=False)
    s.config["state"] = disk.path
    s.config["control"] = os.path.join(s.folder, "ctl")
    s.config["classes"] = [{"name": "tests", "flood_burst": 0,
                            "registration_s": 300}]
    s.config["log"]["level"] = "warn"
    s.start()
    peer = world.peer_there = linked(world, s)
    ann = world.ann = world.client(s, "ann")
    before = disk.mark()
    disk.use_up()
    given = 0
    while register(s, 250, given):
        given += 250
        assert given < 2 * UIDS
    assert given >= before - 250 - 10
    until("what to mend is told", lambda: re.search(
        r"warning .*state\.new: " + disk.full, s.log()))
    until("what follows is told", lambda: re.search(
        "warning .*nobody new is let in", s.log()))
    late = harness.Client(s.plain)
    world.made.append(late.close)
    late.send("NICK late", "USER late 0 * :late")
    late.expect(r" NOTICE late :.*wait")
    disk.make_worse()
    until("that it is another fault now", lambda: re.search(
        r"warning .*state\.new: " + disk.worse, s.log()))
    does_not_spin(s)
    talk_goes_on(world)
    assert len(re.findall("nobody new is let in", s.log())) == 1
    disk.mend()
    until("the next mark", lambda: disk.mark() > before)
    late.expect(" 001 late ")
    assert sum(" NOTICE " in ln for ln in late.lines) == 1
    peer.wait("he is seen across", lambda: peer.facts.holder("late"))
    assert ann.ask("WHOIS late")
