"""Libraries that bots are made of, and the bouncer ZNC, on the first of three
servers, or behind a gate to it; a person is on the third.

When they connect, python3-irc asks for nothing. POE::Component::IRC asks
for the capabilities identify-msg, which there is not, and multi-prefix.
irc-framework and ZNC ask for those of their own lists that the server has. So
does the bot Limnoria, which has draft/multiline in its list."""
import os
import queue
import re
import shutil
import subprocess
import threading

import pytest

import npm
from gates import Gate
from harness import TIMEOUT, Client, free_port, until
from test_trunk import gated

DRIVERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "drivers")
LIBRARIES = {
    "python3-irc": ("/usr/bin/python3", "python_irc.py"),
    "POE::Component::IRC": ("perl", "poe.pl"),
    "irc-framework": ("node", "framework.js"),
}
# How the libraries name what they tell.
SAME = {"privnotice": "notice", "pubnotice": "notice"}


class Bot:
    """A client made of a library: do() tells it what to do, and next() waits for
    the next line that the library has told it, or returns None in the end."""

    def __init__(self):
        self.told = []

    def expect(self, pattern):
        """Wait for a line that matches."""
        first = len(self.told)
        while True:
            line = self.next()
            if line is None:
                raise AssertionError(f"nothing like {pattern!r}; told: "
                                     f"{self.told[first:]}")
            name, _, rest = line.partition(" ")
            line = f"{SAME.get(name, name)} {rest}"
            self.told.append(line)
            if m := re.match(pattern, line):
                return m

    def is_told(self, do, pattern):
        """Ask again until the answer matches: libraries learn of things later
        than the lines that tell of them were sent."""
        name = do.split()[0]

        def asked():
            self.do(do)
            return re.match(pattern, self.expect(name + " ").string)
        try:
            until(f"{do}: {pattern}", asked)
        except AssertionError as e:
            raise AssertionError(f"{e}; told: {self.told[-5:]}")


class Driver(Bot):
    """A program that uses a library: it takes what to do from stdin, and tells
    what the library told it, a line each. irc-framework is not in Debian: NODE_PATH
    says where it is, or else it comes by npm."""

    def __init__(self, library, port, nick):
        super().__init__()
        program, name = LIBRARIES[library]
        self.lines = queue.Queue()
        env = None
        if program == "node" and "NODE_PATH" not in os.environ:
            env = {**os.environ, "NODE_PATH": npm.modules()}
        self.process = subprocess.Popen(
            [program, os.path.join(DRIVERS, name), str(port), nick],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, bufsize=1, env=env)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.expect("welcome " + nick)

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def do(self, *lines):
        for line in lines:
            self.process.stdin.write(line + "\n")

    def next(self):
        try:
            return self.lines.get(timeout=TIMEOUT)
        except queue.Empty:
            return None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # what it has not read
        self.process.stdout.close()


@pytest.fixture(params=["server", "gate"])
def three(request, make):
    """Three servers, and the port by which bots come to the first one."""
    net = make.network(3)
    if request.param == "server":
        return net.start(), net[0].plain
    gated(net[0])
    net.start()
    tls = request.param == "gate, TLS"
    gate = make.keep(Gate(os.path.join(net[0].folder, "gate"),
                          [net[0].gates], tls=tls)).start()
    gate.await_trunks()
    return net, f"+{gate.tls}" if tls else gate.plain


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_bot(three, make, library):
    net, port = three
    act_out(make, net, lambda: Driver(library, port, "bot"))


def act_out(make, net, start):
    """Each act of the bot is seen at the other end of the network, and each act
    there is told to the bot, as its library tells such things."""
    dan = make.keep(net[2].client("dan"))
    dan.join("#talk")
    net.await_same_facts()      # or else the bot founds a channel, too
    bot = make.keep(start())

    bot.is_told("isupport", r"isupport # (.*,)?o@,(.*,)?v\+ 30$")
    bot.do("join #talk")
    dan.expect(r"^:bot!\S+ JOIN #talk")
    bot.is_told("members #talk", "members @dan bot$")
    bot.do("privmsg #talk good  morning")
    dan.expect(r"^:bot!\S+ PRIVMSG #talk :good  morning$")
    dan.send("PRIVMSG #talk ::) hello", "PRIVMSG bot :psst",
             "NOTICE bot :a note", "PRIVMSG #talk :\1ACTION waves\1")
    bot.expect(r"pubmsg dan #talk :\) hello$")
    bot.expect("privmsg dan bot psst$")
    bot.expect("notice dan bot a note$")
    bot.expect("action dan #talk waves$")

    bot.do("topic #talk mine")
    bot.expect("chanoprivsneeded .*#talk")
    dan.send("MODE #talk +v bot")
    bot.is_told("members #talk", r"members \+bot @dan$")
    dan.send("MODE #talk +o bot")
    bot.is_told("members #talk", "members @bot @dan$")
    bot.do("topic #talk a new one")
    dan.expect(r"^:bot!\S+ TOPIC #talk :a new one$")
    dan.send("TOPIC #talk :no, this")
    bot.expect("topic dan #talk no, this$")

    bot.do("nick robot")
    dan.expect(r"^:bot!\S+ NICK :?robot$")
    dan.send("NICK daniel")
    bot.expect("nick dan daniel$")
    bot.is_told("members #talk", "members @daniel @robot$")
    dan.nick = "daniel"
    bot.do("whois daniel")
    bot.expect(r"whois(user)? .*daniel.*\bdan\b")
    bot.do("whois nobody")
    bot.expect(r"nosuchnick .*\bnobody")
    bot.do("away gone fishing")
    until("it is away", lambda: [ln for ln in dan.ask("WHOIS robot") if
                                 " 301 daniel robot :gone fishing" in ln])

    bot.do("mode #talk +k sesame")
    dan.expect(r"^:robot!\S+ MODE #talk \+k sesame$")
    dan.send("KICK #talk robot :that is enough")
    bot.expect("kick daniel #talk robot that is enough$")
    bot.do("join #talk sesame")
    dan.expect(r"^:robot!\S+ JOIN #talk")
    bot.is_told("members #talk", "members @daniel robot$")

    # The network falls apart, and heals: the library has the same members.
    net[1].signal(19)
    bot.expect(r"quit daniel( \S+)* s\d\.test s\d\.test$")
    bot.is_told("members #talk", "members @?robot$")
    net[1].signal(18)
    bot.expect("join daniel #talk")
    net.await_whole()       # net[1] may have lost the other link, too
    bot.is_told("members #talk", "members @daniel robot$")

    dan.send("QUIT :bye")
    bot.expect(r"quit daniel .*Quit: bye$")
    eve = make.keep(net[1].client("eve"))
    eve.send("JOIN #talk sesame")
    eve.expect(" 366 ")
    bot.do("quit good night")
    eve.expect(r"^:robot!\S+ QUIT :Quit: good night$")


LIMNORIA_CONF = """supybot.nick: bot
supybot.ident: bot
supybot.user: bot
supybot.networks: net
supybot.networks.net.servers: 127.0.0.1:{port}
supybot.networks.net.ssl: False
supybot.networks.net.channels: #talk
supybot.plugins: Misc Owner Utilities
supybot.plugins.Misc: True
supybot.plugins.Owner: True
supybot.plugins.Utilities: True
supybot.protocols.irc.experimentalExtensions: True
supybot.protocols.irc.throttleTime: 0.0
supybot.defaultIgnore: False
supybot.reply.whenAddressedBy.chars: !
supybot.reply.mores.instant: 6
supybot.reply.mores.maximum: 20
supybot.directories.conf: {folder}/conf
supybot.directories.data: {folder}/data
supybot.directories.log: {folder}/log
supybot.log.stdout: False
"""


class Limnoria:
    """The bot of the Debian package limnoria. It is the only program there that
    sends messages of several lines (draft/multiline). It labels each of the
    lines, although clients may not do so."""

    def __init__(self, folder, port):
        conf = os.path.join(folder, "bot.conf")
        os.makedirs(folder)
        with open(conf, "w", encoding="ascii") as f:
            f.write(LIMNORIA_CONF.format(folder=folder, port=port))
        self.output = open(os.path.join(folder, "output"), "w",
                           encoding="utf-8")
        root = ["--allow-root"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            ["supybot", *root, conf], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=self.output)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.output.close()


@pytest.mark.skipif(shutil.which("supybot") is None, reason="no limnoria")
def test_a_message_of_several_lines(make, folder):
    """The bot sends one long answer as a batch, and the person on the third
    server reads it as one message; another one reads it line by line."""
    net = make.network(3)
    net.start()
    dan = make.keep(net[2].client("dan", caps=("batch", "draft/multiline")))
    eve = make.keep(net[1].client("eve"))
    for person in (dan, eve):
        person.join("#talk")
    make.keep(Limnoria(os.path.join(folder, "bot"), net[0].plain))
    for person in (dan, eve):
        person.expect(r"^:bot!\S+ JOIN #talk")
    dan.send("PRIVMSG #talk :!echo " + " ".join(["[apropos o]"] * 4))
    ref = dan.expect(r"^:bot!\S+ BATCH \+(\S+) draft/multiline #talk$").group(1)
    lines = [dan.expect(rf"^@batch={ref}(;draft/multiline-concat)? "
                        r":bot!\S+ PRIVMSG #talk :(.*)$") for _ in range(2)]
    assert [bool(m.group(1)) for m in lines] == [False, True]
    dan.expect(rf" BATCH -{ref}$")
    for m in lines:
        eve.expect(r"^:bot!\S+ PRIVMSG #talk :" + re.escape(m.group(2)) + "$")


# ZNC would wait half a minute before it connects again, and hold lines back.
ZNC_CONF = """Version = 1.8.2
ServerThrottle = 1
ConnectDelay = 1
<Listener l>
	Host = 127.0.0.1
	Port = {port}
	IPv4 = true
	IPv6 = false
	SSL = false
</Listener>
<User ann>
	Admin = true
	Nick = ann
	AltNick = ann_
	Ident = ann
	RealName = Ann of ZNC
	AutoClearChanBuffer = true
	LoadModule = route_replies
	<Network net>
		Server = 127.0.0.1 {server}
		TrustAllCerts = true
		FloodRate = 0.1
		FloodBurst = 100
		<Chan #talk>
		</Chan>
	</Network>
	<Pass password>
		Method = plain
		Hash = secret
	</Pass>
</User>
"""


class Znc:
    def __init__(self, folder, server):
        """server is a port; with a + before it, TLS is spoken there."""
        self.port = free_port()
        conf = os.path.join(folder, "configs")
        os.makedirs(conf)
        with open(os.path.join(conf, "znc.conf"), "w", encoding="ascii") as f:
            f.write(ZNC_CONF.format(port=self.port, server=server))
        root = ["--allow-root"] if os.geteuid() == 0 else []
        self.output = open(os.path.join(folder, "output"), "w",
                           encoding="utf-8")
        self.process = subprocess.Popen(
            ["znc", "-f", "-d", folder, *root], stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=self.output)

    def attach(self, caps=()):
        """Return a client of the bouncer, which is then on the network."""
        client = []

        def connected():
            try:
                client.append(Client(self.port))
            except ConnectionError:
                return False
            return True
        until("ZNC listens", connected)
        c = client[0]
        c.nick = "ann"
        c.send("PASS ann/net:secret")
        c.register(caps)
        return c

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.output.close()


@pytest.mark.parametrize("three", ["server", "gate", "gate, TLS"], indirect=True)
def test_a_bouncer(three, make, folder):
    """ZNC keeps ann on the network while she is away, plays what she has missed
    with the times of the server, and passes answers to the client that asked."""
    net, port = three
    dan = make.keep(net[2].client("dan"))
    dan.join("#talk")
    znc = make.keep(Znc(os.path.join(folder, "znc"), port))
    dan.expect(r"^:ann!\S+ JOIN #talk")
    dan.send("PRIVMSG #talk :while you were out")

    ann = make.keep(znc.attach(("server-time", "echo-message")))
    ann.expect(r"^@time=\S+ :ann!\S+ JOIN :?#talk")
    ann.expect(r"^@\S*time=\S+ :dan!\S+ PRIVMSG #talk :while you were out$")
    ann.send("PRIVMSG #talk :here I am")
    dan.expect(r"^:ann!\S+ PRIVMSG #talk :here I am$")
    dan.send("PRIVMSG #talk :welcome back")
    ann.expect(r"^@\S*time=\S+ :dan!\S+ PRIVMSG #talk :welcome back$")

    second = make.keep(znc.attach())
    second.send("WHOIS dan")
    second.expect(r" 318 ann dan ")
    second.send("NAMES #talk")
    second.expect(r" 366 ann #talk ")
    second.send("MODE #talk")
    second.expect(r" 324 ann #talk ")
    assert not [ln for ln in ann.ask("MODE ann") if " 318 " in ln]

    for c in (ann, second):     # ZNC keeps lines only when all are gone
        c.send("QUIT")
        c.until_closed()
    dan.send("PRIVMSG #talk :gone again?")
    third = make.keep(znc.attach(("server-time",)))
    third.expect(r" PRIVMSG #talk :gone again\?$")
    net[0].kill()
    dan.expect(r"^:ann!\S+ QUIT ")
    net[0].start()
    dan.expect(r"^:ann!\S+ JOIN #talk", timeout=4 * TIMEOUT)
