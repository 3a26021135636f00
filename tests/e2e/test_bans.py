"""Bans of the network, on three real servers."""
import socket
import ssl

from harness import until
from test_ctl import hash_of


def closed_with(client):
    return " ".join(client.until_closed())


def refused(server, nick):
    """Try to register; return what the client was told."""
    c = server.client(None)
    c.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
    return closed_with(c)


def test_a_ban_is_one_of_the_network(make):
    """It hits users of all servers, and is there again after one of them has
    restarted."""
    net = make.network(3)
    net[0].config["opers"] = [{"name": "admin", "password": hash_of("right")}]
    net.start()
    root = net[0].client("root")
    root.send("OPER admin right")
    root.expect(" 381 ")
    bad = [s.client(f"bad{i}") for i, s in enumerate(net)]
    good = [s.client(f"good{i}") for i, s in enumerate(net)]
    assert any("Added temporary K-Line" in x
               for x in root.ask("KLINE 1h !bad*@* :spam|ticket 7"))
    for c in bad:
        told = closed_with(c)
        assert " 465 " in told and "(K-Line: spam)" in told, told
        assert "ticket" not in told
    net[1].kill()
    net[1].start()
    net.await_whole()
    for i, s in enumerate(net):
        assert "(K-Line: spam)" in refused(s, f"bad{i}")
        ban, = s.ask("bans")
        assert (ban["mask"], ban["private"]) == ("bad*@*", "ticket 7")
    # any server may remove it, also one that has it from a snapshot
    done = net[1].ctl("unban", "kline", "bad*@*")
    assert (done.returncode, done.stdout) == (0, "removed\n")
    until("no server has the ban", lambda: not any(s.ask("bans") for s in net))
    for i, s in enumerate(net):
        s.client(f"bad{i}").close()
    for i in (0, 2):
        assert any("PONG" in x for x in good[i].ask("PING x"))


def test_a_dline_is_before_tls(make):
    """A client without TLS is told why. One with TLS is closed without a
    handshake."""
    s = make.server(tls=True).start()
    assert s.ctl("ban", "dline", "127.0.0.0/8", "go", "away").returncode == 0
    c = s.client(None)
    assert "(D-Line: go away)" in closed_with(c)
    context = ssl.create_default_context(cafile=s.cafile)
    with socket.create_connection(("127.0.0.1", s.tls)) as raw:
        try:
            context.wrap_socket(raw, server_hostname="localhost")
        except (ssl.SSLError, ConnectionError):
            pass
        else:
            raise AssertionError("the handshake was made")
    s.await_log("accept-refused.*a ban refuses this address")
    assert s.ask("bans")[0]["hits"] == 2
    assert s.ctl("unban", "dline", "127.0.0.0/8").returncode == 0
    s.client("alice").close()


def test_what_banyanctl_refuses(make):
    s = make.server().start()
    for args, code, text in (
            (["ban", "kline"], 2, "needs two arguments"),
            (["ban", "kline", "*@h"], 1, "a mask and a reason"),
            (["ban", "gline", "*@h", "why"], 1, "the kinds are"),
            (["ban", "dline", "x", "why"], 1, "neither an address"),
            (["ban", "kline", "*@h", "a\x01b"], 1, "control characters"),
            (["unban", "kline", "*@h"], 1, "no such ban"),
            (["bans", "x"], 2, "takes no argument")):
        done = s.ctl(*args)
        assert done.returncode == code and text in done.stderr, args
    assert s.ask("bans") == []
