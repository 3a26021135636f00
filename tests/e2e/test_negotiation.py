"""The tables of doc/clients.md: what clients ask for and say by themselves when
they connect and join, and which of their commands the server does not have.

Clients are on the first of three servers, and a tap keeps what is sent."""
import fnmatch
import os
import re

import pytest

from harness import BUILD, TIMEOUT, TOP, Terminal, until
from tap import Tap
from test_clients import IRSSI_AT_ONCE, WeeChat
from test_libraries import Driver, Znc

PAGE = os.path.join(TOP, "doc", "clients.md")
HELP = "/usr/share/irssi/help"

# Commands that end the connection or the client, that start programs or ask for
# a password, and those that only change the client.
NOT_TYPED = {
    "irssi": "alias beep bind cat cd channel clear completion connect cycle dcc "
             "dehilight disconnect echo eval exec flushbuffer format help "
             "hilight ignore irssiproxy join lastlog layout levels load log "
             "mircdcc netsplit network notify oper part query quit quote "
             "rawlog recode reconnect reload rmreconns rmrejoins save sconnect "
             "script scrollback server set statusbar toggle ts unalias "
             "unignore unload unnotify unquery upgrade wait window",
    "WeeChat": "connect cycle dcc disconnect part quit quote reconnect server",
}


def rows(heading):
    """Return the rows of the table below a heading of the page, by client."""
    with open(PAGE, encoding="utf-8") as f:
        text = f.read().split("## " + heading + "\n", 1)[1].split("\n## ")[0]
    cells = [[c.strip() for c in ln.strip("|").split("|")]
             for ln in text.splitlines() if ln.startswith("| ")]
    return {r[0].split()[0]: r for r in cells[2:]}


def quoted(cell):
    """Return what stands between backquotes."""
    return re.findall(r"`([^`]+)`", cell)


class Irssi:
    def __init__(self, make, port):
        self.terminal = make.keep(Terminal(make.folder, "irssi --home=" +
                                           make.folder + "/irssi -n alice"))
        self.terminal.see(r"\[\(status\)\]|\[\d\d:\d\d\] \[")
        self.do(IRSSI_AT_ONCE)
        self.do("/set paste_verify_line_count 0")
        self.do(f"/connect 127.0.0.1 {port}")
        self.terminal.see(r"Welcome")
        self.do("/join #talk")

    def do(self, line):
        self.terminal.type(line)


class Wee:
    def __init__(self, make, port):
        self.weechat = WeeChat(make, f"weechat -d {make.folder}/weechat")
        self.weechat.type("/help -listfull irc")
        self.weechat.type(f"/server add banyan 127.0.0.1/{port} -nicks=bob")
        self.weechat.type("/connect banyan")
        self.weechat.see("Welcome")
        self.weechat.type("/join #talk", "irc.server.banyan")
        self.weechat.see(r"joined #talk")

    def do(self, line):
        self.weechat.type(line, "irc.banyan.#talk")


class Bot:
    def __init__(self, make, port, library):
        self.driver = make.keep(Driver(library, port, "bot"))
        self.driver.do("join #talk")

    def do(self, line):
        self.driver.do("privmsg #talk " + line)


class Bouncer:
    """ZNC, and a client of it that asks for nothing."""

    def __init__(self, make, port):
        self.client = make.keep(make.keep(Znc(
            os.path.join(make.folder, "znc"), port)).attach())

    def do(self, line):
        self.client.send("PRIVMSG #talk :" + line)


CLIENTS = {
    "irssi": Irssi,
    "WeeChat": Wee,
    "ZNC": Bouncer,
    "python3-irc": lambda make, port: Bot(make, port, "python3-irc"),
    "POE::Component::IRC": lambda make, port: Bot(make, port,
                                                  "POE::Component::IRC"),
    "irc-framework": lambda make, port: Bot(make, port, "irc-framework"),
}


@pytest.fixture
def tap(make):
    net = make.network(3)
    for s in net:
        s.config["modules"] = sorted(
            name[:-3] for name in os.listdir(os.path.join(BUILD, "modules"))
            if name.endswith(".so") and name != "skeleton.so")
    net.start()
    return make.keep(Tap(net[0].plain))


def asked(sent):
    """Return the capabilities of all CAP REQ."""
    return sorted(w for ln in sent if ln.startswith("CAP REQ ")
                  for w in ln.split(":", 1)[-1].split() if w != "CAP")


def own(sent):
    """Return the other lines that tell of the client's habits, each once."""
    skip = ("CAP ", "NICK ", "USER ", "PASS ", "PRIVMSG ", "PING ", "PONG ",
            "JOIN #talk")
    return list(dict.fromkeys(ln.strip() for ln in sent
                              if not ln.startswith(skip)))


@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_asked_for(make, tap, client):
    """A client sends what the page says when it connects and joins, and
    nothing else."""
    _, _, caps, lines = rows("What they ask for")[client]
    started = CLIENTS[client](make, tap.port)
    said = quoted(lines)
    until(f"{client} sends {said}", lambda: len(own(tap.sent)) >= len(said))
    started.do("that is all")
    until(f"{client} says it", lambda: any(
        "that is all" in ln for ln in tap.sent))
    assert asked(tap.sent) == quoted(caps)
    assert len(own(tap.sent)) == len(said), own(tap.sent)
    for ln in own(tap.sent):
        assert any(fnmatch.fnmatchcase(ln, p) for p in said), (ln, said)


def commands(client, started):
    """Return what the client's own help lists, without what is not typed."""
    if client == "irssi":
        names = os.listdir(HELP)
    else:
        pattern = re.compile(r"\t +([a-z]+) - ")
        until("WeeChat lists its commands", lambda: "whowas" in
              pattern.findall(started.weechat.screen()))
        names = pattern.findall(started.weechat.screen())
    assert {"whois", "kick", "stats"} <= set(names)
    return sorted(set(names) - set(NOT_TYPED[client].split()))


@pytest.mark.parametrize("client", NOT_TYPED)
def test_commands_that_people_type(make, tap, client):
    """Each command that the client's help lists is typed without and with
    parameters. The server knows all that this sends, but for those that the
    page names."""
    started = CLIENTS[client](make, tap.port)
    for name in commands(client, started):
        started.do(f"/{name}")
        started.do(f"/{name} #talk someone")
        started.do(f"/{name} someone #talk")
    started.do("/quote PRIVMSG #talk :that is all")
    until(f"{client} says it", lambda: any(
        "that is all" in ln for ln in tap.sent), 4 * TIMEOUT)
    started.do("/quote PING done")
    until("the server answers", lambda: any(
        re.search(r" PONG \S+ :?done$", ln) for ln in tap.told))
    unknown = sorted({ln.split()[3 if ln[0] == ":" else 4].upper()
                      for ln in tap.told if " 421 " in ln})
    assert unknown == quoted(rows("Commands that are unknown")[client][1])
