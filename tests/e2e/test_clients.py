"""irssi on the first server and WeeChat on the third, in a network of run.sh,
started by the lines that run.sh prints. Each sees what the other does."""
import errno
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile

import pytest

from harness import BANYANCTL, Client, free_base, until
from test_libraries import Znc
from test_run import await_same_facts, run, start


# Both clients hold lines back after the first few, which would take most of the
# time of a test. The settings count from the next connection on.
IRSSI_AT_ONCE = "/set cmd_queue_speed 10msec"
WEECHAT_AT_ONCE = ("/set irc.server_default.anti_flood_prio_high 0",
                   "/set irc.server_default.anti_flood_prio_low 0")


@pytest.fixture(scope="module")
def network():
    """Start a network by run.sh. Return its output and its network.json."""
    folder = tempfile.mkdtemp(prefix="banyan-e2e-", dir="/tmp")
    path = os.path.join(folder, "the net")  # the printed line is quoted
    try:
        said, net = start(path, free_base(), "--servers", "3")
        yield said, net
    finally:
        run("--dir", path, "--stop")
        shutil.rmtree(folder, ignore_errors=True)


def printed(said, client):
    """Return the indented lines under the line that names the client."""
    after = said.split(client + ", on the ", 1)[1].split("\n")[1:]
    lines = []
    for line in after:
        if not line.startswith("    "):
            break
        lines.append(line.strip())
    return lines


@pytest.fixture
def pair(network, make):
    said, net = network
    command, *lines = printed(said, "irssi")
    irssi = make.terminal(command)
    irssi.see(r"\[\(status\)\]|\[\d\d:\d\d\] \[")
    irssi.type(IRSSI_AT_ONCE)
    for line in lines:
        irssi.type(line)
    irssi.see(r"alice.*mode|Mode|End of .*MOTD|Welcome")

    command, *lines = printed(said, "WeeChat")
    assert command.split()[0] == "weechat"
    weechat = WeeChat(make, command)
    for line in lines:
        weechat.type(line)
    weechat.see(r"Welcome")
    await_same_facts(net["servers"])
    return irssi, weechat


class WeeChat:
    """weechat-headless, which has no screen. A test types into its FIFO (of
    the Debian package weechat-plugins) and reads its logs."""

    def __init__(self, make, command):
        words = shlex.split(command)
        self.home = words[words.index("-d") + 1]
        self.terminal = make.terminal("weechat-headless -d " +
                                      shlex.quote(self.home))
        self.pipe = os.path.join(self.home, "pipe")
        self.buffer = "core.weechat"
        try:
            until("WeeChat has a FIFO", self.find_pipe)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.terminal.screen()}")
        self.type("/set logger.file.flush_delay 0")
        self.type("/set logger.level.core.weechat 9")
        for line in WEECHAT_AT_ONCE:
            self.type(line)

    def find_pipe(self):
        for folder, _, names in os.walk(self.home):
            for name in names:
                self.pipe = os.path.join(folder, name)
                if name.startswith("weechat_fifo_") and self.is_read():
                    return True
        return False

    def is_read(self):
        """Whether a WeeChat reads the pipe: one that was killed leaves its
        pipe behind."""
        try:
            os.close(os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as e:
            assert e.errno == errno.ENXIO
            return False
        return True

    def type(self, text, buffer=None):
        pipe = os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK)
        with os.fdopen(pipe, "w", encoding="utf-8") as f:
            f.write(f"{buffer or self.buffer} *{text}\n")

    def screen(self):
        out = []
        for folder, _, names in os.walk(self.home):
            for name in sorted(names):
                if name.endswith(".weechatlog"):
                    with open(os.path.join(folder, name), encoding="utf-8",
                              errors="replace") as f:
                        out.append(f"== {name}\n{f.read()}")
        return "\n".join(out)

    def see(self, pattern):
        try:
            return until(f"WeeChat shows {pattern!r}",
                         lambda: re.search(pattern, self.screen()))
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.screen()[-3000:]}\n"
                                 f"{self.terminal.screen()}")


def test_two_people_talk(network, pair):
    irssi, weechat = pair
    channel, server = "irc.banyan.#banyan", "irc.server.banyan"
    irssi.type("/join #banyan")
    irssi.see(r"Irssi: .*#banyan.*1 nicks|Total of 1")
    await_same_facts(network[1]["servers"])
    weechat.type("/join #banyan", server)
    weechat.see(r"(bob|You).*(has|have) joined #banyan")
    irssi.see(r"bob \[.*\] has joined #banyan")

    irssi.type("hello from irssi")
    weechat.see(r"alice\thello from irssi")
    weechat.type("hello from weechat", channel)
    irssi.see(r"<.?bob> hello from weechat")

    irssi.type("/msg bob a secret")
    weechat.see(r"alice\ta secret")
    weechat.type("/msg alice another secret", server)
    irssi.type("/query bob")  # the window may not be there yet
    irssi.see(r"bob> another secret")
    irssi.type("/window goto 2")

    irssi.type("/op bob")
    weechat.see(r"#banyan \[\+o bob\] by alice")
    weechat.type("/topic people talk here", channel)
    irssi.see(r"bob changed the topic of #banyan to: people talk here")

    weechat.type("/nick robert", server)
    irssi.see(r"bob is now known as robert")
    irssi.type("/nick alicia")
    weechat.see(r"alice is now known as alicia")

    weechat.type("/away out for lunch", server)
    irssi.type("/window goto 3")  # of the query: answers go there
    irssi.type("/whois robert")
    irssi.see(r"away.*out for lunch")
    irssi.type("/window goto 2")
    weechat.type("/away", server)

    weechat.type("/kick alicia that is enough", channel)
    irssi.see(r"You have been kicked|kicked from #banyan by robert "
              r"\[that is enough\]")
    weechat.see(r"robert has kicked alicia.*that is enough")
    irssi.type("/join #banyan")
    weechat.see(r"alicia .*has joined #banyan(.|\n)*has kicked(.|\n)*"
                r"alicia .*has joined #banyan|"
                r"has kicked alicia(.|\n)*alicia .*has joined #banyan")
    irssi.type("/kick robert no")
    irssi.see(r"not channel operator")

    irssi.type("/quit good night")
    weechat.see(r"alicia .*has quit .*good night")
    last = Client(network[1]["servers"][1]["plain"], nick="carol")
    last.join("#banyan")
    weechat.type("/quit", server)
    last.expect(r":robert!\S+ QUIT :")


def test_modules_and_operators(network, pair):
    """People use what modules add, and an operator speaks to all, each with the
    commands of the client where it has them."""
    irssi, weechat = pair
    server = "irc.server.banyan"
    irssi.type("/join #door")
    irssi.see(r"Irssi: .*#door.*1 nicks|Total of 1")
    irssi.type("/mode #door +i")
    irssi.see(r"mode/#door \[\+i\] by alice")
    await_same_facts(network[1]["servers"])
    weechat.type("/quote KNOCK #door :let me in", server)
    weechat.see(r"#door Your KNOCK has been delivered")
    irssi.type("/window goto 1")  # it shows 710 there
    irssi.see(r"#door bob!\S+@127.0.0.1 has asked for an invite")
    irssi.type("/window goto 2")
    irssi.type("/mode #door -i+j 1:60")
    irssi.see(r"mode/#door \[-i\+j 1:60\] by alice")
    await_same_facts(network[1]["servers"])
    weechat.type("/join #door", server)
    irssi.see(r"bob \[.*\] has joined #door")
    weechat.type("/part #door", server)
    irssi.see(r"bob \[.*\] has left #door")
    weechat.type("/join #door", server)
    weechat.see(r"#door Cannot join channel \(\+j\)")

    irssi.type("/window goto 1")
    irssi.type("/mode alice +g")
    irssi.see(r"alice\(\+g\)")
    await_same_facts(network[1]["servers"])
    weechat.type("/msg alice are you there", server)
    weechat.see(r"alice is in \+g mode(.|\n)*alice has been informed")
    irssi.see(r"bob \S+ is messaging you, and you have \+g")
    irssi.type("/accept bob")
    irssi.type("/accept *")
    irssi.see(r"Accepted users: bob")
    await_same_facts(network[1]["servers"])
    weechat.type("/msg alice now you hear me", server)
    irssi.type("/query bob")  # the window may not be there yet
    irssi.see(r"bob> now you hear me")
    irssi.type("/window goto 1")

    weechat.type("/mode bob +w", server)
    weechat.see(r"User mode \[\+w\]")
    irssi.type("/oper admin " + network[1]["servers"][0]["oper"]["password"])
    irssi.see(r"You are now an IRC operator")
    irssi.type("/wallops the server goes down")
    weechat.see(r"Wallops from alice .*: the server goes down")
    irssi.type("/rehash")
    irssi.see(r"REHASH: the configuration was read again")
    irssi.type("/quit good night")
    weechat.type("/quit", server)


def limbo(net, at, sid):
    """Return whether a server shows another one that it cannot reach."""
    control = net["servers"][at]["control"]
    said = subprocess.run([BANYANCTL, "-s", control, "servers"], check=True,
                          capture_output=True, text=True).stdout
    return any(f"sid={sid} " in line and "limbo_ms=" in line
               for line in said.splitlines())


def test_a_link_that_breaks(network, pair):
    """The server of WeeChat stands still for so long that the others give it
    up. irssi shows nothing of it, and WeeChat is sent what was said."""
    irssi, weechat = pair
    net, server = network[1], "irc.server.banyan"
    victim = net["servers"][2]

    def quits():
        return [len(re.findall(r"(?i)netsplit|has quit", client.screen()))
                for client in (irssi, weechat)]
    irssi.type("/join #still")
    irssi.see(r"Irssi: .*#still.*1 nicks|Total of 1")
    weechat.type("/join #still", server)
    irssi.see(r"bob \[.*\] has joined #still")
    before = quits()
    os.kill(victim["pid"], signal.SIGSTOP)
    try:
        until("it is out of reach", lambda: limbo(net, 0, victim["sid"]))
        irssi.type("are you there")
    finally:
        os.kill(victim["pid"], signal.SIGCONT)
    weechat.see(r"alice\tare you there")
    weechat.type("all the time", "irc.banyan.#still")
    irssi.see(r"bob> all the time")
    assert quits() == before
    irssi.type("/quit good night")
    weechat.type("/quit", server)


def test_nicks_that_are_gone(network, pair):
    """irssi asks for WHOWAS by itself when a nick of /whois is not there, and
    shows what it is told; else it says that there is no such nick."""
    irssi, weechat = pair
    server = "irc.server.banyan"
    irssi.type("/whois nosuchnick")
    irssi.see(r"There is no such nick nosuchnick")
    weechat.type("/nick robert", server)
    weechat.see(r"now known as robert")
    await_same_facts(network[1]["servers"])
    irssi.type("/whois bob")
    irssi.see(r"bob \[\S+@127\.0\.0\.1\](.|\n)*was +: (.|\n)*End of WHOWAS")
    weechat.type("/whowas bob", server)
    weechat.see(r"\[bob\] \(\S+@127\.0\.0\.1\) was")
    irssi.type("/quit good night")
    weechat.type("/quit", server)


def raw(path):
    """Return what irssi has written to its raw log."""
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def test_people_are_watched(network, pair):
    """irssi asks for the fields of WHOX when it joins. WeeChat watches a nick
    with MONITOR, asks for fields, and changes its real name."""
    irssi, weechat = pair
    channel, server = "irc.banyan.#banyan", "irc.server.banyan"
    path = os.path.join(weechat.home, "irssi.raw")
    irssi.type("/rawlog open " + path)
    irssi.type("/join #banyan")
    irssi.see(r"Irssi: .*#banyan.*1 nicks|Total of 1")
    until("irssi asks by WHOX", lambda: re.search(r"WHO #banyan %", raw(path)))
    until("irssi is told", lambda: re.search(r" 354 alice .*alice", raw(path)))

    weechat.type("/notify add alice", server)
    weechat.see(r"notify: alice \(\S+\) is connected")
    irssi.type("/nick alicia")
    irssi.see(r"known as alicia")
    weechat.see(r"notify: alice( \(\S+\))? has quit")
    irssi.type("/nick alice")
    weechat.see(r"has quit(.|\n)*notify: alice \(\S+\) has connected")

    weechat.type("/join #banyan", server)
    irssi.see(r"bob \[.*\] has joined #banyan")
    weechat.type("/who #banyan %cuhn", server)
    weechat.see(r"\[#banyan\].*alice")
    weechat.type("/setname A new name", server)
    weechat.see(r"real name.*A new name")
    await_same_facts(network[1]["servers"])
    irssi.type("/window goto 1")  # it shows answers there
    irssi.type("/whois bob")
    irssi.see(r"A new name")
    irssi.type("/quit good night")
    weechat.type("/quit", server)


def test_a_policy_that_clients_do_not_know(make):
    """irssi, WeeChat and ZNC do not know sts: they ask for other capabilities,
    and stay where they are."""
    s = make.server(tls=True)
    s.config["sts"] = {"port": s.tls, "duration_s": 60}
    s.start()
    irssi = make.terminal("irssi")
    irssi.see(r"\[\(status\)\]|\[\d\d:\d\d\] \[")
    irssi.type(f"/connect localhost {s.plain} '' alice")
    irssi.see(r"sts=port=%d" % s.tls)
    irssi.see(r"Welcome")
    weechat = WeeChat(make, "weechat -d " +
                      shlex.quote(os.path.join(s.folder, "w")))
    weechat.type(f"/server add it localhost/{s.plain} -notls")
    weechat.type("/connect it")
    weechat.see(r"sts=port=%d" % s.tls)
    weechat.see(r"Welcome")
    make.keep(Znc(os.path.join(s.folder, "znc"), s.plain))
    until("ZNC has registered", lambda: "nick=ann" in s.log())
    assert "tls" not in "".join(x for x in s.log().split("\n")
                                if "client-registered" in x)


def test_a_join_is_seen_late(network, pair):
    """On a channel with +D irssi sees WeeChat come when it speaks, or is kicked."""
    irssi, weechat = pair
    channel, server = "irc.banyan.#quiet", "irc.server.banyan"
    irssi.type("/join #quiet")
    irssi.see(r"Irssi: .*#quiet.*1 nicks|Total of 1")
    irssi.type("/mode #quiet +D")
    irssi.see(r"mode/#quiet \[\+D\] by alice")
    await_same_facts(network[1]["servers"])
    weechat.type("/join #quiet", server)
    weechat.see(r"(bob|You).*(has|have) joined #quiet")
    irssi.type("is anybody here")
    weechat.see(r"alice\tis anybody here")
    irssi.type("/names")
    irssi.see(r"is anybody here(.|\n)*Total of 1 nicks")
    assert "has joined #quiet" not in irssi.screen().split("[+D]")[1]
    weechat.type("yes", channel)
    irssi.see(r"bob \[.*\] has joined #quiet(.|\n)*<.?bob> yes")
    irssi.type("/names")
    irssi.see(r"<.?bob> yes(.|\n)*Total of 2 nicks")

    weechat.type("/part #quiet", server)
    irssi.see(r"bob \[.*\] has left #quiet")
    weechat.type("/join #quiet", server)
    weechat.see(r"left #quiet(.|\n)*joined #quiet")
    await_same_facts(network[1]["servers"])
    irssi.type("second call")
    weechat.see(r"alice\tsecond call")
    irssi.type("/kick bob out")
    weechat.see(r"alice has kicked bob.*out")
    irssi.see(r"second call(.|\n)*bob \[.*\] has joined #quiet(.|\n)*"
              r"bob was kicked from #quiet by alice \[out\]")
    irssi.type("/quit good night")
    weechat.type("/quit", server)
