"""Three servers, linked in each way: every user sees what the others do, and
servers that are killed come back to the same state."""
import re
import signal

import pytest

from harness import await_same, until, words

GRAPHS = ["line", "ring", "full"]


@pytest.fixture(params=GRAPHS)
def net(request, make):
    return make.network(3, request.param).start()


def people(net, channel="#trunk"):
    """Connect one client to each server, all in the channel; the first is its
    operator."""
    out = []
    for i, nick in enumerate(("alice", "bob", "carol")):
        out.append(net[i % len(net)].client(nick))
        out[-1].join(channel)
        net.await_same_facts()      # or else the next one founds it, too
        for earlier in out[:-1]:
            earlier.expect(rf":{nick}!\S+ JOIN :?{channel}")
        until(f"{nick} is seen to be joined by all", lambda: all(
            f" {n}" in f" {w[-1]}".replace("@", "")
            for n in ("alice", "bob", "carol")[:len(out)]
            for w in words(out[-1].ask(f"NAMES {channel}"), "353", 5)))
    return out


def test_messages_of_several_lines(net):
    """A batch as large as it may be, with long tags, is sent at once: it is no
    flood, and is one message at the last server."""
    a, b, c = people(net)
    for each in (a, c):
        each.ask("CAP REQ :batch draft/multiline message-tags echo-message")
    size = 4096 // 24
    lines = [f"{i:02} ".ljust(size - 1, "x") for i in range(24)]
    begin = "@+draft/reply=" + "y" * 4000 + " BATCH +{0} draft/multiline #trunk"
    part = "@batch={0}{1} PRIVMSG #trunk :{2}"
    ref = "r" * 64
    a.raw("\r\n".join(
        [begin.format(ref)] +
        [part.format(ref, "", x) for x in lines] +
        ["BATCH -" + ref, ""]).encode())
    for each in (a, c):
        m = each.expect(r"^@\S*msgid=(\w+);\+draft/reply=y{4000} "
                        r":alice!\S+ BATCH \+(\w+) draft/multiline #trunk$")
        for x in lines:
            each.expect(rf"^@batch={m.group(2)} :alice!\S+ "
                        rf"PRIVMSG #trunk :{x}$")
        each.expect(rf" BATCH -{m.group(2)}$")
    for x in lines:
        b.expect(rf"^:alice!\S+ PRIVMSG #trunk :{x}$")
    a.send(begin.format("1"),
           *[part.format("1", "", "x") for _ in range(25)], "BATCH -1")
    a.expect(r" FAIL BATCH MULTILINE_MAX_LINES 24 ")


def test_conversation(net):
    a, b, c = people(net)
    a.send("PRIVMSG #trunk :from the first")
    for other in (b, c):
        other.expect(r":alice!\S+ PRIVMSG #trunk :from the first$")
    c.send("PRIVMSG #trunk :from the last")
    for other in (a, b):
        other.expect(r":carol!\S+ PRIVMSG #trunk :from the last$")
    a.send("PRIVMSG carol :in private", "NOTICE carol :a notice")
    c.expect(r":alice!\S+ PRIVMSG carol :in private$")
    c.expect(r":alice!\S+ NOTICE carol :a notice$")
    c.send("PRIVMSG alice :and back")
    a.expect(r":carol!\S+ PRIVMSG alice :and back$")
    assert not [x for x in b.lines if "in private" in x or "and back" in x]

    a.send("MODE #trunk +o carol")
    for each in (a, b, c):
        each.expect(r":alice!\S+ MODE #trunk \+o :?carol$")
    c.send("TOPIC #trunk :a topic")
    for each in (a, b, c):
        each.expect(r":carol!\S+ TOPIC #trunk :a topic$")
    b.send("NICK robert")
    for each in (a, b, c):
        each.expect(r":bob!\S+ NICK :?robert$")
    c.send("AWAY :gone fishing")
    c.expect(r" 306 ")
    until("alice is told that carol is away", lambda: any(
        "301" in x and "gone fishing" in x for x in a.ask("WHOIS carol")))
    c.send("AWAY")
    c.expect(r" 305 ")
    c.send("KICK #trunk robert :enough")
    for each in (a, b, c):
        each.expect(r":carol!\S+ KICK #trunk robert :enough$")
    b.join("#trunk")
    b.send("QUIT :good night")
    b.until_closed()
    for each in (a, c):
        each.expect(r":robert!\S+ QUIT :.*good night")
    until("he is gone at both", lambda: all(
        any("401" in x for x in each.ask("WHOIS robert")) for each in (a, c)))


def test_order_and_no_doubles(net):
    """Each line comes once, in its sender's order, whatever way it took."""
    a, b, c = people(net)
    n = 300
    for i in range(n):
        a.send(f"PRIVMSG #trunk :a {i}")
        c.send(f"PRIVMSG #trunk :c {i}")
    for each, senders in ((a, "c"), (b, "ac"), (c, "a")):
        got = {s: [] for s in senders}
        while any(len(v) < n for v in got.values()):
            m = each.expect(r":\S+ PRIVMSG #trunk :([ac]) (\d+)$")
            got[m.group(1)].append(int(m.group(2)))
        extra = [x for x in each.ask() if "PRIVMSG" in x]
        assert not extra
        assert all(v == list(range(n)) for v in got.values())


@pytest.mark.parametrize("victim", [0, 1, 2])
def test_killed_and_back(net, victim):
    """kill -9 of one server: the others go on; it returns, and all agree."""
    a, b, c = people(net)
    a.send("MODE #trunk +nt", "TOPIC #trunk :before", "MODE #trunk +b *!*@x")
    everybody = [a, b, c]
    await_same(everybody, "#trunk", check=lambda s:
               s["#trunk"]["topic"] and s["#trunk"]["bans"])
    lost, left = everybody[victim], [x for x in everybody
                                     if x is not everybody[victim]]
    net[victim].kill()
    lost.until_closed()
    for each in left:
        each.expect(rf":{lost.nick}!\S+ QUIT :")
    # The clients that are left speak, even where they have lost sight of each
    # other.
    for each in left:
        each.send("NICK " + each.nick + "x", "JOIN #while", "PART #trunk :x",
                  "JOIN #trunk")
        each.expect(r" JOIN :?#trunk$")
        each.nick += "x"
    net[victim].start()
    net.await_whole()
    again = net[victim].client(lost.nick + "2")
    for channel in ("#trunk", "#while"):
        again.join(channel)
    everybody = left + [again]
    nicks = {x.nick for x in everybody}

    def complete(seen):
        names = {n.lstrip("@+%&~") for n in seen["#trunk"]["names"]}
        return names == nicks and len(seen["#while"]["names"]) == 3
    await_same(everybody, "#trunk", "#while", check=complete)
    until("all count alike", lambda: len({
        (s.status()["users"], s.status()["channels"], s.status()["servers"])
        for s in net}) == 1)
    assert net[0].status()["users"] == 3
    again.send("PRIVMSG #trunk :back again")
    for each in left:
        each.expect(r" PRIVMSG #trunk :back again$")


def test_cut_in_two_and_whole_again(make):
    """The middle server of a line is killed. Both ends use the same nick and
    the same channel. When the network is whole again, there is one holder and
    one state."""
    net = make.network(3, "line").start()
    a, c = net[0].client("alice"), net[2].client("carol")
    for each in (a, c):
        each.join("#trunk")
    await_same([a, c], "#trunk", check=lambda s:
               len(s["#trunk"]["names"]) == 2)
    net[1].kill()
    a.expect(r":carol!\S+ QUIT :")
    c.expect(r":alice!\S+ QUIT :")
    for each in (a, c):
        each.join("#new")
    a.send("NICK same")
    a.expect(r" NICK :?same$")
    a.send("TOPIC #new :by the older", "PING done")
    a.expect(r" PONG .*done")
    c.send("NICK same")
    c.expect(r" NICK :?same$")
    net[1].start()
    net.await_whole()
    seen = await_same([a, c], "#trunk", "#new", check=lambda s: all(
        len(s[ch]["names"]) == 2 for ch in s))
    names = {n.lstrip("@") for n in seen["#new"]["names"]}
    assert "same" in names and len(names) == 2
    assert (names - {"same"}).pop().startswith("3AA")  # the later claim


def test_all_killed_at_once_and_back(make):
    net = make.network(3, "ring").start()
    for s in net:
        s.signal(signal.SIGKILL)
    for s in net:
        s.kill()
    net.start()
    a, b, c = people(net)
    await_same([a, b, c], "#trunk", check=lambda s:
               len(s["#trunk"]["names"]) == 3)


def test_killed_again_and_again(make):
    """Five times, each time with a user on it: no ghost stays."""
    net = make.network(3, "ring").start()
    watcher = net[0].client("watcher")
    watcher.join("#trunk")
    for i in range(5):
        guest = net[1].client(f"guest{i}")
        guest.join("#trunk")
        watcher.expect(rf":guest{i}!\S+ JOIN :?#trunk")
        net[1].kill()
        watcher.expect(rf":guest{i}!\S+ QUIT :")
        net[1].start()
        net.await_whole()
        other = net[2].client(f"other{i}")
        other.join("#trunk")
        await_same([watcher, other], "#trunk", check=lambda s:
                   s["#trunk"]["names"] == ["@watcher", f"other{i}"])
        other.send("QUIT")
        watcher.expect(rf":other{i}!\S+ QUIT :")
    until("nobody else is counted", lambda: all(
        s.status()["users"] == 1 for s in net))


def test_a_silent_server_is_given_up_and_taken_back(make):
    """The server is stopped, not dead: SIGSTOP, then SIGCONT."""
    net = make.network(3, "ring").start()
    a, c = net[0].client("alice"), net[2].client("carol")
    for each in (a, c):
        each.join("#trunk")
    await_same([a, c], "#trunk", check=lambda s:
               len(s["#trunk"]["names"]) == 2)
    net[2].signal(signal.SIGSTOP)
    try:
        a.expect(r":carol!\S+ QUIT :")
    finally:
        net[2].signal(signal.SIGCONT)
    a.expect(r":carol!\S+ JOIN :?#trunk")
    net.await_whole()
    seen = await_same([a, c], "#trunk", check=lambda s:
                      len(s["#trunk"]["names"]) == 2)
    assert {n.lstrip("@") for n in seen["#trunk"]["names"]} == {"alice",
                                                                "carol"}
    c.send("PRIVMSG #trunk :I was here all the time")
    a.expect(r" PRIVMSG #trunk :I was here all the time$")


def in_limbo(server, sid):
    return any(s["sid"] == sid and "limbo_ms" in s
               for s in server.ask("servers"))


def with_grace(make, n, graph, seconds):
    net = make.network(n, graph)
    for s in net:
        s.config["sync"] = {"grace_s": seconds}
    return net.start()


def test_nobody_sees_a_break_that_is_short(make):
    """The link of two servers is given up while one stands still. Clients of
    both go on, and see nothing but what is said and done."""
    net = with_grace(make, 2, "line", 60)
    a, b = net[0].client("alice"), net[1].client("bob")
    for each in (a, b):
        each.join("#trunk")
    await_same([a, b], "#trunk", check=lambda s:
               len(s["#trunk"]["names"]) == 2)
    first = len(a.lines), len(b.lines)
    net[1].signal(signal.SIGSTOP)
    try:
        until("it is out of reach", lambda: in_limbo(net[0], "2AA"))
        a.send("PRIVMSG #trunk :to the channel", "PRIVMSG bob :to bob",
               "NICK anna")
        a.expect(r" NICK :?anna$")
        assert any("not reachable" in x for x in a.ask("MAP"))
    finally:
        net[1].signal(signal.SIGCONT)
    b.send("PRIVMSG #trunk :back")
    b.expect(r":alice!\S+ PRIVMSG #trunk :to the channel$")
    b.expect(r":alice!\S+ PRIVMSG bob :to bob$")
    b.expect(r":alice!\S+ NICK :?anna$")
    a.expect(r":bob!\S+ PRIVMSG #trunk :back$")
    net.await_whole()
    for each, n in zip((a, b), first):
        each.ask()
        assert not [x for x in each.lines[n:]
                    if re.search(r" (QUIT|JOIN) ", x)]
    for s in net:
        s.await_log(" server-limbo ")
        s.await_log(" server-back ")


def test_a_server_that_is_stopped_goes_at_once(make):
    """All others know that it was stopped, and that one was killed they do
    not."""
    net = with_grace(make, 4, "line", 600)
    a = net[0].client("alice")
    a.join("#trunk")
    guests = [net[i].client(f"guest{i}") for i in (2, 3)]
    for i, guest in zip((2, 3), guests):
        guest.join("#trunk")
        a.expect(rf":guest{i}!\S+ JOIN :?#trunk")
    net[3].signal(signal.SIGTERM)
    assert net[3].wait() == 0
    a.expect(r":guest3!\S+ QUIT :s2.test s3.test$")
    net[2].kill()
    until("it is out of reach", lambda: in_limbo(net[0], "3AA"))
    assert not [x for x in a.ask() if " QUIT " in x]
    net[2].start()
    a.expect(r":guest2!\S+ QUIT :")


def test_what_a_link_port_is_told_by_strangers(make):
    """Rubbish at the link port costs that connection only."""
    from harness import Client
    net = make.network(2).start()
    for garbage in (b"HELLO\r\n", b"\x16\x03\x01" + b"x" * 4000,
                    b"NICK a\r\nUSER a 0 * :a\r\n", bytes(range(256)) * 64):
        c = Client(net[0].link)
        c.raw(garbage)
        try:
            c.until_closed()
        finally:
            c.close()
    assert net.is_whole()
    # at the start both ends dial, and one of two links is closed
    assert not re.search(r"link-down .*code=(?!duplicate)", net[0].log())
