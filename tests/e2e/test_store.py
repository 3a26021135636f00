"""The store: channels that survive the restart of one server or of all, kill -9,
and a database that cannot be written, is damaged, newer, or gone."""
import errno
import glob
import itertools
import os
import sqlite3
import subprocess
import time

import pytest

from harness import BANYANCTL, Client, until, words
from test_check import needs_root

OPER = "secret"


def verifier():
    return subprocess.run([BANYANCTL, "hash"], input=OPER + "\n",
                          capture_output=True, text=True,
                          check=True).stdout.strip()


def with_oper(*servers):
    hashed = verifier()
    for s in servers:
        s.config["opers"] = [{"name": "root", "password": hashed}]


def found(s, channel="#kept"):
    """Make a permanent channel with a topic and a ban, and leave."""
    c = s.client("root")
    c.send("OPER root " + OPER)
    c.expect(r" 381 ")
    c.join(channel)
    c.send(f"TOPIC {channel} :it stays", f"MODE {channel} +b *!*@192.0.2.1",
           f"MODE {channel} +P")
    c.expect(rf" MODE {channel} \+\w*P")
    c.close()


def test_a_ban_of_one_server_survives_a_restart(make):
    s = make.server()
    s.start()
    assert s.ctl("ban", "kline", "*@127.0.0.9", "ON", s.name, "no").returncode == 0
    await_kept(s)
    s.kill()
    s.start()
    banned = Client(s.plain, source="127.0.0.9")
    banned.send("NICK alice", "USER a 0 * :a")
    assert any(" 465 alice " in x for x in banned.until_closed())
    assert s.ctl("unban", "kline", "*@127.0.0.9").returncode == 0
    await_kept(s, 0)


def database(s):
    return os.path.join(s.config["state"], "store.db")


def rows(s):
    """Return the keys in the store that have a text, and those that do not."""
    try:
        with sqlite3.connect(f"file:{database(s)}?mode=ro", uri=True) as db:
            got = db.execute("SELECT key, text FROM kept").fetchall()
    except sqlite3.OperationalError:    # it is being written
        return None
    return ({k for k, text in got if text is not None},
            {k for k, text in got if text is None})


def await_kept(s, n=1):
    until("the store has the channel", lambda: len((rows(s) or ((), ()))[0])
          == n)


def channels(c):
    return {w[3]: (w[4], w[5] if len(w) > 5 else "")
            for w in words(c.ask("LIST"), "322", 0)}


looks = itertools.count()


def is_there(s, channel="#kept"):
    # somebody new each time: other servers may not know yet that the last left
    nick = f"look{next(looks)}"
    c = s.client(nick)
    try:
        lines = c.ask("LIST") + c.ask(f"MODE {channel} b")
        return (any(f" 322 {nick} {channel} 0 :it stays" in l for l in lines)
                and any(f" 367 {nick} {channel} *!*@192.0.2.1" in l
                        for l in lines))
    finally:
        c.close()


def test_one_server(make):
    s = make.server()
    with_oper(s)
    s.start()
    found(s)
    s.ctl("stop")
    assert s.wait() == 0
    assert len(rows(s)[0]) == 1
    s.start()
    until("the channel is there again", lambda: is_there(s))
    s.await_log("restored")


def test_killed(make):
    s = make.server()
    with_oper(s)
    s.start()
    found(s)
    await_kept(s)
    s.kill()
    s.start()
    until("the channel is there again", lambda: is_there(s))


def topic_of(s):
    """Return what a client is told of the topic and when it was set."""
    c = s.client("reader" + s.sid)   # the last one may still be known elsewhere
    lines = c.ask("TOPIC #kept")
    c.close()
    return words(lines, "332", 4) + words(lines, "333", 4)


def test_three_at_once(make):
    net = make.network(3, "line")
    with_oper(*net)
    net.start()
    found(net[0])
    for s in net:
        await_kept(s)
    topic = topic_of(net[0])
    assert len(topic) == 2
    until("it is another second", lambda: time.time() > int(topic[1][1]) + 2)
    net.kill()
    net.start()
    for s in net:
        until("the channel is there again", lambda s=s: is_there(s))
        assert topic_of(s) == topic
    until("facts are equal", lambda: len(
        {s.ask("facts")[0]["digest"] for s in net}) == 1)


def test_removed_while_a_server_was_down(make):
    net = make.network(2)
    with_oper(*net)
    net.start()
    found(net[0])
    for s in net:
        await_kept(s)
    net[1].kill()
    c = net[0].client("root")
    c.send("OPER root " + OPER, "MODE #kept -P")
    until("it is gone", lambda: not any("#kept" in l for l in c.ask("LIST")))
    c.close()
    until("the store knows it", lambda: rows(net[0]) == (
        set(), (rows(net[0]) or ((), ()))[1]))
    net[0].kill()
    net.start()
    until("both have removed it", lambda: all(
        (rows(s) or (1, 1))[0] == set() for s in net))
    assert not is_there(net[0]) and not is_there(net[1])


def test_damaged(make):
    s = make.server()
    with_oper(s)
    s.start()
    found(s)
    await_kept(s)
    s.ctl("stop")
    s.wait()
    with open(database(s), "r+b") as f:
        f.write(b"\xa5" * 200)
    s.start()
    s.await_log(r"store-lost.*store\.db\.damaged\.1")
    assert glob.glob(database(s) + ".damaged.1")
    found(s, "#new")
    await_kept(s)


def test_newer(make):
    s = make.server()
    s.start()
    s.ctl("stop")
    s.wait()
    db = sqlite3.connect(database(s))
    db.execute("PRAGMA user_version = 99")
    db.close()
    assert "it is of version 99" in s.refused()


def test_vanishes_while_the_server_runs(make):
    s = make.server()
    with_oper(s)
    s.start()
    found(s)
    await_kept(s)
    os.unlink(database(s))
    found(s, "#more")
    s.await_log("store-lost")
    until("both are in the new store", lambda: os.path.exists(database(s))
          and len((rows(s) or ((), ()))[0]) == 2)
    s.kill()
    s.start()
    until("both are there again", lambda: is_there(s) and
          is_there(s, "#more"))


def test_full(make):
    """The disk is full for a while: chat goes on, and nothing is lost."""
    s = make.server()
    with_oper(s)
    s.start()
    os.rename(database(s), database(s) + ".away")
    os.mkdir(database(s))   # it cannot be written, also by root
    found(s)
    s.await_log("store-failed|store-lost")
    assert is_there(s)
    os.rmdir(database(s))
    until("it is written after all", lambda: os.path.exists(database(s))
          and len((rows(s) or ((), ()))[0]) == 1)
    s.await_log("store-works|store-lost")


def fill(path):
    """Write until the disk has no byte left."""
    with open(path, "wb", buffering=0) as f:
        for size in (4096, 1):
            try:
                while True:
                    f.write(b"x" * size)
            except OSError as e:
                assert e.errno == errno.ENOSPC


# Mount a tmpfs in the folder $0, and run the rest of the words.
ON_A_DISK = ["sh", "-c", 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"']


def own_mounts(folder):
    """Return the command that gives a process mounts of its own, or skip the
    test. The root of a chroot is no mount, so nothing can be said of it there."""
    for words in (["unshare", "-m"],
                  ["unshare", "-m", "--propagation", "unchanged"]):
        if subprocess.run([*words, *ON_A_DISK, folder, "true"], check=False,
                          capture_output=True).returncode == 0:
            return words
    pytest.skip("no mounts may be made here")


@needs_root
def test_a_full_disk(make):
    """The state is on a small disk of its own, which fills up and has room again.
    Meanwhile people talk, connect, and set modes; then all of it is kept."""
    s = make.server()
    with_oper(s)
    state = s.config["state"]
    os.mkdir(state)
    s.prefix = [*own_mounts(state), *ON_A_DISK, state]
    s.start()
    inside = f"/proc/{s.process.pid}/root{state}"
    found(s)
    s.await_log("ready")
    fill(inside + "/fill")
    found(s, "#more")
    # the file that SQLite writes first may have room left from an earlier write
    for i in range(20):
        if "store-failed" in s.log():
            break
        found(s, f"#more{i}")
    s.await_log("store-failed")
    assert s.ctl("ban", "kline", "*@192.0.2.9", "spam").returncode == 0
    for i in range(40):
        c = s.client(f"n{i}")
        assert not [ln for ln in c.ask("JOIN #talk", "PRIVMSG #talk :hello")
                    if ln.startswith("ERROR")]
        c.close()
    assert is_there(s) and is_there(s, "#more")
    assert s.log().count("store-failed") == 1   # it is told once
    os.unlink(inside + "/fill")
    s.await_log("store-works")
    # the disk is that of the process
    s.again(lambda: s.ctl("restart", check=True))
    until("all is there again", lambda: is_there(s) and is_there(s, "#more"))
    assert "192.0.2.9" in s.ctl("bans").stdout


def test_backup(make, folder):
    s = make.server()
    with_oper(s)
    s.start()
    found(s)
    await_kept(s)
    copy = os.path.join(folder, "a copy.db")
    done = s.ctl("backup", copy)
    assert (done.returncode, done.stderr) == (0, ""), done
    again = s.ctl("backup", copy)
    assert again.returncode == 1 and "File exists" in again.stderr
    s.ctl("stop")
    s.wait()
    os.replace(copy, database(s))
    s.start()
    until("the channel is there again", lambda: is_there(s))
