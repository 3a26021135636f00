"""The rows of differences.txt, and what they explain.

A row is a paragraph:

    in       mode/channel kick/*
    on       MODE
    banyan   461 $me MODE $text
    inspircd 696 $me <target> ...
    why      modern-irc, "ERR_INVALIDMODEPARAM (696)": ...

`in` names the transcripts, `on` the verb that was sent (or OPEN, CONNECT, DROP).
The lines are those of one client in one step, as lines.py shows them; a row may
have several of each, or none of one server. In a line, ? is any one word, <NAME>
is any one word and the same one wherever the row has <NAME>, and ... at the end
is any words. A line without tags stands for one with any tags, which are then
those of all lines of the row. `then ends` says that the two servers have different states from
then on, so the rest of the step and of the transcript is not compared. `then moves` says that
one server says the same lines at another place among those of the step.
"""
import dataclasses
import fnmatch
import re

KEYS = ("in", "on", "banyan", "inspircd", "then", "why")
# Sources of a reason. "free" stands where a specification leaves it open.
SOURCES = re.compile(r'(modern-irc|RFC 1459|RFC 2812|ircv3 [a-z-]+|free|'
                     r'isupport|decision \d{4}|setting)(, [^:]+)?: \S')


class Bad(Exception):
    pass


@dataclasses.dataclass
class Row:
    line: int
    where: list = dataclasses.field(default_factory=list)
    on: list = dataclasses.field(default_factory=list)
    banyan: list = dataclasses.field(default_factory=list)
    inspircd: list = dataclasses.field(default_factory=list)
    then: str = ""
    why: str = ""
    used: int = 0

    def fits(self, transcript, on):
        return on in self.on and any(fnmatch.fnmatchcase(transcript, p)
                                     for p in self.where)


def check(row):
    """Raise Bad if a row says too little, or could hide other faults."""
    def bad(what):
        raise Bad(f"differences.txt:{row.line}: {what}")
    if not row.where or not row.on:
        bad("a row needs `in` and `on`")
    if not row.banyan and not row.inspircd:
        bad("a row needs a line of a server")
    if not SOURCES.match(row.why):
        bad("`why` begins with its source and a colon")
    if row.then not in ("", "ends", "moves"):
        bad("`then` is `ends` or `moves`")
    if row.then == "moves" and (row.inspircd or len(row.banyan) != 1):
        bad("a row that moves has one line, of banyan")
    if "*" in row.on or '?' in row.on:
        bad("`on` names verbs")
    for pattern in row.banyan + row.inspircd:
        words = pattern.split()
        verb = next((w for w in words if w[:1] not in (":", "@")), "?")
        if re.search(r"[?<]|\.\.\.", verb):
            bad("a line names its verb or numeric")


def read(path):
    rows, row, key = [], None, ""
    with open(path, encoding="utf-8") as f:
        for number, text in enumerate(f, 1):
            text = text.rstrip("\n")
            if text.startswith("#"):
                continue
            if not text.strip():
                row = None
                continue
            if row is None:
                row = Row(number)
                rows.append(row)
            if not text[0].isspace():
                key, _, text = text.partition(" ")
            elif key != "why":
                raise Bad(f"differences.txt:{number}: begins with a space")
            put(row, key, text.strip(), number)
    for row in rows:
        check(row)
    return rows


def put(row, key, text, number):
    if key not in KEYS:
        raise Bad(f"differences.txt:{number}: no such key: {key}")
    if key in ("in", "on"):
        getattr(row, {"in": "where"}.get(key, key)).extend(text.split())
    elif key in ("banyan", "inspircd"):
        getattr(row, key).append(text)
    elif key == "then":
        row.then = text
    else:
        row.why = (row.why + " " + text).strip()


def fit(pattern, text, bound):
    """Return what the names of a pattern are bound to if it fits, else
    None."""
    want, got = pattern.split(), text.split()
    bound = dict(bound)
    if not want[0].startswith("@"):
        tags = got.pop(0) if got[0].startswith("@") else ""
        if bound.setdefault("@", tags) != tags:
            return None
    if want[-1] == "...":
        want.pop()
        got = got[:len(want)]
    if len(want) != len(got):
        return None
    for w, g in zip(want, got):
        if w.startswith(":") and g.startswith(":"):
            w, g = w[1:], g[1:]
        if re.fullmatch(r"<\w+>", w):
            w = bound.setdefault(w, g)
        if w not in ("?", g):
            return None
    return bound


def find(patterns, texts, bound):
    """Return the places of texts that fit all patterns, or None."""
    if not patterns:
        return []
    (side, pattern), rest = patterns[0], patterns[1:]
    for k, text in enumerate(texts[side]):
        if text is None or (b := fit(pattern, text, bound)) is None:
            continue
        texts[side][k] = None
        others = find(rest, texts, b)
        texts[side][k] = text
        if others is not None:
            return [(side, k)] + others
    return None


def explain(rows, transcript, step_on, ours, theirs):
    """Remove what rows explain from two lists of lines that differ. Return the
    two rests and the rows that were used."""
    texts = {"banyan": list(ours), "inspircd": list(theirs)}
    used = []
    # first what both servers do in different ways
    for row in sorted(rows, key=lambda r: not (r.banyan and r.inspircd)):
        if not row.fits(transcript, step_on) or row.then == "moves":
            continue
        patterns = [("banyan", p) for p in row.banyan] + \
            [("inspircd", p) for p in row.inspircd]
        while (places := find(patterns, texts, {})) is not None:
            for side, k in places:
                texts[side][k] = None
            used.append(row)
    return ([t for t in texts["banyan"] if t is not None],
            [t for t in texts["inspircd"] if t is not None], used)
