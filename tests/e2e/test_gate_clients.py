"""irssi and WeeChat behind gates of a network of run.sh, with TLS and without: people
notice nothing of it."""
import os
import re
import shlex
import signal
import subprocess

import pytest

from harness import Client, free_base, until
from test_clients import IRSSI_AT_ONCE, WeeChat
from test_run import await_same_facts, run, start


@pytest.fixture
def network(folder):
    path = os.path.join(folder, "net")
    try:
        yield path, start(path, free_base(), "--servers", "2", "--gates",
                          "2")[1]
    finally:
        if os.path.exists(os.path.join(path, "network.json")):
            run("--dir", path, "--stop")


@pytest.fixture(params=["tls", "plain"])
def way(request):
    return request.param


@pytest.fixture
def pair(network, make, folder, way):
    """irssi at the first gate, and WeeChat at the second."""
    path, net = network
    tls = way == "tls"
    ca, (one, two) = os.path.join(path, "ca.pem"), net["gates"]
    irssi = make.terminal("irssi")
    irssi.see(r"\[\(status\)\]|\[\d\d:\d\d\] \[")
    irssi.type(IRSSI_AT_ONCE)
    irssi.type("/connect " +
               (f"-tls -tls_cafile {ca} -tls_verify " if tls else "-notls ") +
               f"localhost {one[way]} '' alice")
    irssi.see("Welcome")
    weechat = WeeChat(make, "weechat -d " +
                      shlex.quote(os.path.join(folder, "weechat")))
    weechat.type(f'/set weechat.network.gnutls_ca_user "{ca}"')
    weechat.type(f"/server add it localhost/{two[way]} "
                 f"{'-ssl' if tls else '-nossl'} -nicks=bob")
    weechat.type("/connect it")
    weechat.see("Welcome")
    await_same_facts(net["servers"])
    return irssi, weechat


def meet(net, irssi, weechat):
    irssi.type("/join #c")
    irssi.see(r"Irssi: .*#c.*1 nicks|Total of 1")
    await_same_facts(net["servers"])
    weechat.type("/join #c", "irc.server.it")
    irssi.see(r"bob \[.*\] has joined #c")


def test_two_people_talk(network, pair, way):
    net, (irssi, weechat) = network[1], pair
    channel, server = "irc.it.#c", "irc.server.it"
    meet(net, irssi, weechat)
    irssi.type("hello from irssi")
    weechat.see(r"alice\thello from irssi")
    weechat.type("hello from weechat", channel)
    irssi.see(r"<.?bob> hello from weechat")
    weechat.type("/nick robert", server)
    irssi.see(r"bob is now known as robert")
    weechat.type("/away out for lunch", server)
    irssi.type("/msg robert a secret")
    weechat.see(r"alice\ta secret")
    irssi.type("/window goto 3")    # of the query: answers go there
    irssi.type("/whois robert")
    irssi.see(r"robert \[\S+@127\.0\.0\.1\](.|\n)*out for lunch(.|\n)*" +
              (r"secure connection(.|\n)*" if way == "tls" else "") +
              "End of WHOIS")
    irssi.type("/window goto 2")
    irssi.type("/kick robert that is enough")
    weechat.see(r"alice has kicked.*that is enough")
    irssi.type("/quit good night")
    weechat.type("/quit", server)


@pytest.mark.parametrize("way", ["tls"])
def test_a_server_that_is_killed(network, pair, make):
    """Its users are told, and come back by themselves: to the other server."""
    net, (irssi, weechat) = network[1], pair
    meet(net, irssi, weechat)
    witness = make.keep(Client(net["servers"][1]["plain"], "witness"))
    witness.join("#c")
    irssi.type("/set server_reconnect_time 10sec")
    weechat.type("/set irc.server_default.autoreconnect_delay 1")
    os.kill(net["servers"][0]["pid"], signal.SIGKILL)
    until("both are there again", lambda: re.search(
        "303 witness :alice bob *$", witness.ask("ISON alice bob")[0]))
    again = subprocess.Popen(net["servers"][0]["argv"], cwd="/",
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    weechat.type("/quit", "irc.server.it")
    irssi.type("/quit")
    witness.expect(r"^:(alice|bob)!\S+ QUIT :")
    run("--dir", network[0], "--stop")
    again.wait()


@pytest.mark.parametrize("client", ["plain", "tls"])
def test_many_at_once(network, client):
    """Two hundred come at the same time, by both gates, and hear each other."""
    path, net = network
    ca = os.path.join(path, "ca.pem") if client == "tls" else None
    made = [Client(net["gates"][i % 2][client], tls=ca) for i in range(200)]
    for i, c in enumerate(made):
        c.nick = f"n{i}"
        c.send(f"NICK {c.nick}", f"USER {c.nick} 0 * :x")
    for c in made:
        c.expect(" 001 ")
    await_same_facts(net["servers"])
    for c in made:
        c.send("JOIN #many")
    for c in made:
        c.expect(" 366 ")
    await_same_facts(net["servers"])
    made[0].send("PRIVMSG #many :from one")
    made[1].send("PRIVMSG #many :from the other")
    for c in made[2:]:
        for _ in range(2):
            c.expect(" PRIVMSG #many :from (one|the other)$")
    for c in made:
        c.close()
