"""Lines of a server in a form that can be compared.

All that must differ between two servers, or at two times, is replaced: times, the
ids of messages and batches, and the texts for people that a specification
leaves open. The rest is the verb or numeric, its parameters, and the tags.
"""
import re

SERVER = "s1.test"

# Numerics whose last parameter is data, not a text for people.
DATA = {"005", "221", "301", "302", "303", "311", "314", "319", "321", "322",
        "324", "332", "352", "353", "367", "346", "348", "372", "354"}
# Tags of one server's own.
VENDOR = {"inspircd.org/echo", "inspircd.org/bot"}
# A run of lines of these numerics has no order.
UNORDERED = {"005", "322", "346", "348", "352", "353", "367", "319"}
# Modes of a channel by when they have a parameter: always, when set.
WITH = "beIkqaohv"
WITH_SET = "lfj"


class Line:
    """The parts of a line of IRC."""

    def __init__(self, raw):
        text = raw.decode("utf-8", "backslashreplace")
        self.tags, self.source = {}, ""
        if text.startswith("@"):
            tags, _, text = text[1:].partition(" ")
            for tag in tags.split(";"):
                key, _, value = tag.partition("=")
                self.tags[key] = value
        if text.startswith(":"):
            self.source, _, text = text[1:].partition(" ")
        head, colon, last = text.partition(" :")
        self.params = head.split()
        self.verb = self.params.pop(0) if self.params else ""
        if colon:
            self.params.append(last)

    def is_numeric(self):
        return self.verb.isdigit()


def modes(letters, params):
    """Return changes of modes of a channel, sorted: no order is fixed."""
    sign, out = "+", []
    params = list(params)
    for letter in letters:
        if letter in "+-":
            sign = letter
            continue
        takes = letter in WITH or (letter in WITH_SET and sign == "+")
        param = "=" + params.pop(0) if takes and params else ""
        out.append(sign + letter + param)
    return sorted(out) + params


def word(text):
    """Return a parameter with spaces at its ends as \\s."""
    bare = text.strip(" ")
    if not bare:
        return '""' if not text else "\\s" * len(text)
    before, _, after = text.partition(bare)
    return "\\s" * len(before) + bare + "\\s" * len(after)


def token(text):
    """Return a token of 005. Letters of one kind have no order."""
    key, _, value = text.partition("=")
    if key == "CHANMODES":
        return key + "=" + ",".join("".join(sorted(group))
                                    for group in value.split(","))
    if key == "MAXLIST":
        return key + "=" + ",".join(sorted(
            f"{letter}:{count}" for letters, count in
            (group.split(":") for group in value.split(","))
            for letter in letters))
    return text


class View:
    """The lines that one client is sent. It knows the nick of the client, and which
    batches it was told of in this step."""

    def __init__(self):
        self.nick = "*"
        self.batches = {}

    def show(self, raw):
        """Return the line as texts to compare: mostly one, and one for each
        token of 005 and each capability."""
        line = Line(raw)
        self.follow(line)
        params = self.params(line)
        head = self.tags(line) + self.source(line) + line.verb
        if line.verb == "005":
            return [f"{head} $me {token(p)}" for p in sorted(params[1:-1])]
        if line.verb == "CAP" and len(params) > 2:
            return [f"{head} {' '.join(params[:-1])} {cap}"
                    for cap in sorted(params[-1].split()) or ["-"]]
        return [" ".join([head] + [word(p) for p in params])]

    def follow(self, line):
        nick = line.source.partition("!")[0]
        if line.verb == "001":
            self.nick = line.params[0]
        if line.verb == "NICK" and nick == self.nick:
            self.was, self.nick = self.nick, line.params[0]

    def batch(self, ref):
        return self.batches.setdefault(ref, f"${len(self.batches) + 1}")

    def tags(self, line):
        out = []
        for key, value in sorted(line.tags.items()):
            if key in VENDOR:
                continue
            if key in ("time", "msgid"):
                value = "$"
            elif key == "batch":
                value = self.batch(value)
            out.append(key + ("=" + value if value else ""))
        return "@" + ";".join(out) + " " if out else ""

    def source(self, line):
        return f":{line.source} " if line.source != SERVER else ""

    def params(self, line):
        p = list(line.params)
        if line.is_numeric():
            return self.numeric(line.verb, p)
        if line.verb == "MODE" and len(p) > 1 and p[0].startswith("#"):
            return p[:1] + modes(p[1], p[2:])
        if line.verb == "MODE" and len(p) > 1:
            return p[:1] + modes(p[1], [])
        if line.verb in ("ERROR", "FAIL", "WARN", "NOTE") or (
                line.verb == "NOTICE" and "!" not in line.source):
            p[-1:] = ["$text"]
        if line.verb == "BATCH" and p:
            p[0] = p[0][0] + self.batch(p[0][1:])
        return p

    def numeric(self, verb, p):
        if p and p[0] == self.nick:
            p[0] = "$me"
        if verb == "353":
            p[-1:] = sorted(p[-1].split())
        elif verb == "319":
            p[-1:] = sorted(p[-1].split())
        elif verb == "324":
            p[2:] = modes(p[2], p[3:])
        elif verb in ("001", "002", "003", "004", "371", "381", "351"):
            p[1:] = ["$text"]
        elif verb in ("265", "266", "321"):     # their parameters are optional
            p[1:] = ["$text"]
        elif verb == "372":
            p[-1] = p[-1].removeprefix("- ")
        elif verb == "302":     # inspircd ends the list with a space
            p[-1] = p[-1].rstrip(" ")
        elif verb == "221":
            p[-1] = "".join(sorted(p[-1]))
        elif verb not in DATA and len(p) > 1:
            p[-1] = "$text"
        if verb == "317":
            p[2] = "$idle"
        return [re.sub(r"^1\d{9}$", "$time", x) for x in p]


def ordered(shown):
    """Return the lines with each run of an unordered numeric sorted."""
    out, run, last = [], [], None
    for text in shown + [""]:
        verb = text.split()[0] if text else ""
        if verb not in UNORDERED or verb != last:
            out += sorted(run)
            run = []
        run.append(text)
        last = verb
    return out + sorted(run[:-1]) if run[:-1] else out


def merged_names(shown):
    """Join the lines of 353 of one channel, since their length is free."""
    out = []
    for text in shown:
        words = text.split()
        if words[:1] == ["353"] and out and \
                out[-1].split()[:4] == words[:4]:
            both = out[-1].split()[4:] + words[4:]
            out[-1] = " ".join(words[:4] + sorted(both))
        else:
            out.append(text)
    return out


def merged_modes(shown):
    """Join the changes of modes of one channel by one user that follow each
    other, since their number in a line is free."""
    out = []
    for text in shown:
        words, last = text.split(), out[-1].split() if out else []
        if words[1:2] == ["MODE"] and words[2].startswith("#") and \
                words[:3] == last[:3]:
            out[-1] = " ".join(last[:3] + sorted(last[3:] + words[3:]))
        else:
            out.append(text)
    return out


def subject(text):
    """Return the channel that a line is about, or "". No specification orders
    lines about different channels."""
    return next((w for w in text.split() if w.startswith("#")), "")


def compared(view, raws):
    """Return what a client was sent in one step, as texts to compare."""
    view.batches = {}
    shown = [text for raw in raws for text in view.show(raw)]
    return ordered(merged_modes(merged_names(shown)))
