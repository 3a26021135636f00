"""Reads a transcript of tests/scenario as actions for a real server.

A transcript also says what a real server cannot be made to do: time that passes
at once, links that break, a reload. Users of several servers are all users of
the one server here, since they cannot be told apart. It is played up to the first such line, and
the reason is kept. The expectations of a transcript are not read: the two servers are
compared with each other.
"""
import dataclasses
import re

# Options of `set` that both servers have, before anybody connects.
LIMITS = ("nick_len", "channel_len", "topic_len", "kick_len", "away_len",
          "user_len", "real_len", "modes", "list_max")
SETTINGS = LIMITS + ("motd", "oper", "modules")
# Modules of banyand, and those of inspircd that do the same.
PEERS = {"knock": "knock", "callerid": "callerid", "noctcp": "noctcp",
         "nocolour": "blockcolor stripcolor", "jointhrottle": "joinflood",
         "bot": "botmode", "nonick": "nonicks"}
# Lines that ask the test program only, and change nothing.
ASKS = ("equal", "log", "unlogged")


@dataclasses.dataclass
class Action:
    """One line of a transcript. `what` is open, connect, send or drop. Lines
    to be sent together are one action: `sent` has (client, bytes)."""
    line: int
    what: str
    name: str
    options: dict = dataclasses.field(default_factory=dict)
    sent: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Transcript:
    name: str
    settings: list = dataclasses.field(default_factory=list)
    actions: list = dataclasses.field(default_factory=list)
    ends: str = ""      # why the rest is not played
    ends_line: int = 0


class Unplayable(Exception):
    pass


def expand(text):
    """Return the bytes of a line that is sent."""
    def one(match):
        inner = match.group(1)
        if inner.startswith("\\x"):
            return bytes.fromhex(inner.replace("\\x", ""))
        body, star, count = inner.rpartition("*")
        if not star or not count.isdigit():
            raise Unplayable(f"sends a variable, {inner}")
        return body.encode() * int(count)
    out, at = b"", 0
    for match in re.finditer(r"\$\{([^}]*)\}", text):
        out += text[at:match.start()].encode() + one(match)
        at = match.end()
    return out + text[at:].encode()


def read_options(name, text):
    head, real, rest = text.partition("real=")
    options = {"nick": name, "user": name, "caps": "", "ip": "127.0.0.1",
               "pass": "", "real": rest if real else "Real " + name}
    for word in head.split():
        key, eq, value = word.partition("=")
        if not eq and key != "ignore":
            raise Unplayable(f"a client with {key}")
        options[key] = value
    if "cert" in options or "port" in options:
        raise Unplayable("a client with a certificate or a port")
    if ":" in options["ip"]:
        raise Unplayable("a client with an IPv6 address")
    return options


def read_setting(t, rest):
    """Keep a setting, which both servers must have."""
    if t.actions:
        raise Unplayable("a reload")
    words = rest.split(None, 1)
    if words and words[0].isdigit():
        words = words[1].split(None, 1)
    if words[0] not in SETTINGS:
        raise Unplayable(f"sets {words[0]}")
    if words[0] == "oper" and len(words[1].split()) != 2:
        raise Unplayable("an operator with a mask")
    if words[0] == "modules" and set(words[1].split()) - set(PEERS):
        raise Unplayable("a module that inspircd has not")
    t.settings.append((words[0], words[1] if len(words) > 1 else ""))


def read_line(t, number, text):
    """Add the action of a line. Raise Unplayable."""
    word, _, rest = text.partition(" ")
    if word == "servers":
        if rest.split()[1:] == ["apart"]:
            raise Unplayable("servers that are not linked")
    elif word == "set":
        read_setting(t, rest)
    elif word in ASKS or word.endswith("-") or word.endswith("~"):
        return
    elif re.fullmatch(r"\w+<[~*]?", word) or rest == "CLOSED":
        return
    elif m := re.fullmatch(r"(\w+)>(\+?)", word):
        if re.search(r"\bs[2-9]\.test", rest):
            raise Unplayable("names a second server")
        say(t, number, m.group(1), expand(rest), m.group(2) == "+")
    elif m := re.fullmatch(r"(\w+)@\d+", word):
        what, _, options = rest.partition(" ")
        t.actions.append(Action(number, what.lower(), m.group(1),
                                read_options(m.group(1), options)))
    elif rest.split()[:1] == ["DROP"]:
        t.actions.append(Action(number, "drop", word))
    else:
        raise Unplayable(f"needs what a real server has not: {text}")


def say(t, number, name, data, more):
    last = t.actions[-1] if t.actions else None
    if last is None or not last.options.get("open"):
        last = Action(number, "send", name)
        t.actions.append(last)
    last.sent.append((name, data))
    last.options["open"] = more


def read(path, name):
    """Return the transcript in that file."""
    t = Transcript(name)
    with open(path, encoding="utf-8") as f:
        for number, text in enumerate(f, 1):
            text = text.rstrip("\n")
            if not text or text.startswith("#"):
                continue
            try:
                read_line(t, number, text)
            except Unplayable as e:
                t.ends, t.ends_line = str(e), number
                break
    return t
