"""Operators act on users, channels and servers, over real servers: forced modes
and joins, links that are ended and made, servers that stop and start
again."""
import os
import re
import signal
import socket
import sys
import threading

import pytest

from harness import Client, TIMEOUT, free_port, until
from test_clients import IRSSI_AT_ONCE, WeeChat
from test_ctl import hash_of


def with_opers(net):
    verifier = hash_of("secret")
    for s in net:
        s.config["opers"] = [{"name": "root", "password": verifier}]
    return net


@pytest.fixture
def net(make):
    return with_opers(make.network(3)).start()


def oper(server, nick="root"):
    c = server.client(nick)
    c.send("OPER root secret")
    c.expect(r" 381 ")
    return c


def is_linked(server, sid):
    return any(ln["sid"] == sid and ln["state"] == "up"
               for ln in server.ask("links"))


# ---- channels and users ------------------------------------------------------

def test_forced_modes_and_joins_across_servers(net):
    root, bob, carol = oper(net[0]), net[1].client("bob"), net[2].client("carol")
    net.await_nicks("root", "bob", "carol")
    bob.join("#c")
    bob.send("MODE #c +ik-o secret bob")
    bob.expect(r" MODE #c .*-o")
    until("the first server knows", lambda: any(
        " 324 " in ln and "k" in ln for ln in root.ask("MODE #c")) or None)
    # a channel without op: a way back, from outside
    root.send("SAMODE #c +o bob")
    bob.expect(r"^:s0\.test MODE #c \+o bob$")
    root.send("SAJOIN carol #c")
    carol.expect(r"^:s0\.test NOTICE carol :An operator has made you join #c$")
    carol.expect(r"^:carol!\S+ JOIN :?#c$")
    bob.expect(r"^:carol!\S+ JOIN :?#c$")
    root.send("OJOIN #c")
    root.expect(r" 366 root #c ")
    bob.expect(r"^:s0\.test MODE #c \+o root$")
    root.send("SAPART carol #c :go elsewhere")
    carol.expect(r"^:carol!\S+ PART #c :SAPart: go elsewhere$")
    net[0].await_log(r' override by=root .*what="SAPART carol!.*result=sent')
    net[2].await_log(r' override by=root .*what="SAPART carol!.*result=ok')
    done = net[1].ctl("samode", "#c", "-k", "*")
    assert (done.returncode, done.stdout) == (
        0, "SAMODE #c -k *: done\n"), done.stderr
    bob.expect(r"^:s1\.test MODE #c -k")
    done = net[1].ctl("sajoin", "nobody", "#c")
    assert done.returncode == 1 and "401 nobody" in done.stderr
    done = net[1].ctl("globops", "the", "disk", "is", "full")
    assert done.returncode == 0, done.stderr
    root.expect(r"^:s1\.test WALLOPS :GLOBOPS - the disk is full$")


def test_clients_type_them(make):
    """irssi and WeeChat pass these commands on, and show what comes back."""
    net = with_opers(make.network(2)).start()
    bob = net[1].client("bob")
    bob.join("#c")
    net.await_same_facts()
    irssi = make.terminal(f"irssi --home={net[0].folder}/irssi -n alice")
    irssi.see(r"\[\(status\)\]|\[\d\d:\d\d\] \[")
    irssi.type(IRSSI_AT_ONCE)
    irssi.type(f"/connect 127.0.0.1 {net[0].plain}")
    irssi.see(r"End of .*MOTD|MOTD|Welcome")
    irssi.type("/oper root secret")
    irssi.see(r"You are now an IRC operator")
    irssi.type("/quote SAMODE #c +m")
    bob.expect(r"^:s0\.test MODE #c \+m$")
    irssi.type("/quote OJOIN #c")
    bob.expect(r"^:alice!\S+ JOIN :?#c$")
    bob.expect(r"^:s0\.test MODE #c \+o alice$")
    irssi.type("/window 1")
    irssi.type("/squit s1.test too slow")
    irssi.see(r"s1\.test: the link is closed, and held down until CONNECT")
    until("the link is down", lambda: not is_linked(net[0], "2AA"))
    irssi.type("/quote CONNECT s1.test")
    irssi.see(r"dialling s1\.test at 127\.0\.0\.1, port")
    net.await_whole()

    home = os.path.join(net[0].folder, "weechat")
    weechat = WeeChat(make, f"weechat -d {home}")
    weechat.type(f"/server add t 127.0.0.1/{net[0].plain} -nicks=dave -notls"
                 .replace("-notls", "-nossl"))
    weechat.type("/connect t")
    weechat.see(r"Welcome")
    weechat.type("/oper root secret", "irc.server.t")
    weechat.see(r"You are now an IRC operator")
    weechat.type("/quote SAJOIN dave #c", "irc.server.t")
    weechat.see(r"An operator has made you join #c")
    weechat.type("/squit s1.test", "irc.server.t")
    weechat.see(r"s1\.test: the link is closed")
    weechat.type("/quote CONNECT s1.test", "irc.server.t")
    weechat.see(r"dialling s1\.test")
    net.await_whole()
    weechat.type("/quote GLOBOPS hello opers", "irc.server.t")
    irssi.see(r"GLOBOPS - hello|hello")
    weechat.type("/die s0.test", "irc.server.t")
    assert net[0].wait() == 0


# ---- links -------------------------------------------------------------------

def test_squit_holds_a_link_down_and_connect_makes_it(net):
    root, carol = oper(net[0]), net[2].client("carol")
    root.send("SQUIT s2.test :too slow")  # s1 has that link
    root.expect(r"^:s1\.test NOTICE root :s2\.test: the link is closed, and "
                r"held down until CONNECT or REHASH at this server$")
    net[1].await_log(r' routing by=root .*what="SQUIT s2\.test" .*result=ok')
    # the peer dials again and again, and is refused
    net[2].await_log(r"link-(refused|dial-failed) .*code=squit")
    assert not is_linked(net[1], "3AA")
    root.send("CONNECT s2.test 0 s1.test")
    root.expect(r"^:s1\.test NOTICE root :dialling s2\.test at 127\.0\.0\.1, "
                r"port \d+$")
    net.await_whole()
    done = net[1].ctl("squit", "s2.test")
    assert done.returncode == 0 and "held down" in done.stdout
    until("it is down", lambda: not is_linked(net[1], "3AA"))
    assert net[1].ctl("reload").returncode == 0  # which ends it
    net.await_whole()
    assert net[1].ctl("connect", "s2.test").returncode == 1  # it is linked
    net.await_nicks("root", "carol")
    carol.send("PRIVMSG root :still here")
    root.expect(r"PRIVMSG root :still here$")


# ---- servers -----------------------------------------------------------------

class Knocker(threading.Thread):
    """Connects to a port again and again. `refused` counts the times that the
    system refused it."""

    def __init__(self, port):
        super().__init__()
        self.port, self.refused, self.tries = port, 0, 0
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.is_set():
            self.tries += 1
            try:
                socket.create_connection(("127.0.0.1", self.port),
                                         timeout=TIMEOUT).close()
            except ConnectionRefusedError:
                self.refused += 1
            except OSError:
                pass

    def stop(self):
        self.stopped.set()
        self.join()


def again(server, act):
    """Let it start again by act(), as the same run. Nobody who connects is
    refused, and the process stays."""
    inc = server.status()["inc"]
    knock = Knocker(server.plain)
    knock.start()
    try:
        server.again(act)
    finally:
        knock.stop()
    assert knock.refused == 0 and knock.tries > 0
    assert server.status()["inc"] == inc
    with open(server.pidfile, encoding="utf-8") as f:
        assert int(f.read()) == server.process.pid


def test_restart_refuses_nobody(net):
    root = oper(net[2])
    bob = Client(net[0].tls, "bob", tls=net[0].cafile)
    again(net[0], lambda: root.send("RESTART s0.test :new version"))
    root.expect(r"^:s0\.test NOTICE root :this server starts again$")
    assert any(re.search(r"^ERROR :Server is starting again, please come back "
                         r"\(root: new version\)$", ln)
               for ln in bob.until_closed())
    net.await_whole()
    net[0].await_log(r' die by=root .*what="RESTART s0\.test" '
                     r'why="new version" result=ok')
    again(net[0], lambda: net[0].signal(signal.SIGUSR2))
    net.await_whole()

    def by_ctl():
        done = net[0].ctl("restart")
        assert (done.returncode, done.stdout) == (
            0, "starting again; clients that stay connected: 0, "
            "that are told to come back: 0\n")
    again(net[0], by_ctl)
    net.await_whole()
    # bob is held, and comes back with TLS only
    net[0].client("dora").ask("LUSERS")
    bob = Client(net[0].tls, "bob", tls=net[0].cafile)
    bob.ask("LUSERS")


def test_restart_is_refused_for_a_bad_configuration(make):
    s = make.server().start()
    c = s.client("alice")
    s.write("nonsense = 1;\n")
    done = s.ctl("restart")
    assert done.returncode == 1
    assert "nonsense" in done.stderr
    assert "the server does not start again" in done.stderr
    s.await_log(r"restart-refused .*nonsense")
    c.ask("LUSERS")
    s.write()
    s.again(lambda: s.ctl("restart", check=True))
    c.ask("LUSERS")


def test_die_of_another_server(net):
    root, carol = oper(net[0]), net[2].client("carol")
    net[1].config["server"]["remote_die"] = False
    net[1].write()
    assert net[1].ctl("reload").returncode == 0
    root.send("DIE s1.test")
    root.expect(r"^:s1\.test 400 root DIE :this server can be stopped by its "
                r"own operators only")
    root.send("DIE s2.test :old")
    root.expect(r"^:s2\.test NOTICE root :this server stops$")
    assert any(ln == "ERROR :Server is going down (root: old)"
               for ln in carol.until_closed())
    assert net[2].wait() == 0


def test_sockets_of_systemd(make):
    """A listening socket that the server is given is used, and the others are
    closed and told."""
    s = make.server()
    given, other = socket.socket(), socket.socket()
    for sock, port in ((given, s.plain), (other, free_port())):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        sock.listen()
    waits = socket.create_connection(("127.0.0.1", s.plain), TIMEOUT)
    s.prefix = [sys.executable, "-c", f"""if True:
        import fcntl, os, sys
        a, b = (fcntl.fcntl(fd, fcntl.F_DUPFD, 50)
                for fd in ({given.fileno()}, {other.fileno()}))
        os.dup2(a, 3)
        os.dup2(b, 4)
        os.environ.update(LISTEN_FDS="2", LISTEN_PID=str(os.getpid()))
        os.closerange(5, 100)
        os.execv(sys.argv[1], sys.argv[1:])"""]
    spawn = s.spawn
    s.spawn = lambda *a, **k: spawn(
        *a, pass_fds=(given.fileno(), other.fileno()), **k)
    s.start()
    s.await_log(r"socket-unused")
    given.close()
    other.close()
    waits.sendall(b"NICK early\r\nUSER e 0 * :e\r\n")
    assert b" 001 early " in waits.recv(65536)
    again(s, lambda: s.signal(signal.SIGUSR2))
    s.client("late")
