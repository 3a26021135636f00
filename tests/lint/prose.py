"""The prose of the tree: comments, docstrings and pages, and two rules for it.

`plain` refuses sentences that a reader has to decode, `names` refuses a
reference to something that does not exist. lint.py runs both.
"""
import io
import os
import re
import tokenize

# Where prose is looked for: these folders, and the pages beside them.
PLACES = ["src", "modules", "tests", "doc", "contrib", "m4"]
NO_PROSE = ("tests/fuzz/corpus/", "tests/lint/selftest")

C_SUFFIXES = (".c", ".h", ".def")
PAGE_SUFFIXES = (".md", ".1", ".5", ".8", ".in")
HASH_SUFFIXES = (".sh", ".mk", ".am", ".ac", ".m4", ".txt")

# A sentence starts with its subject or with an imperative. A reader who meets
# one of these words first has to keep it in mind until the verb comes.
OPENING = re.compile(
    r"(?:^|[.!?:;)] )[\"'(]?"
    r"(Who|What|Whom|Whoever|Whatever|Whose|Of|Nor|Only so)\b")
# A server, a peer and a link are it; a user is the user, or they.
MAN = re.compile(r"\b(he|his|him|himself)\b", re.I)

# Pages in which N.N alone is a rule of doc/link-protocol.md.
NUMBERED = {"doc/link-protocol.md", "doc/glossary.md"}

# Files of other projects that comments cite by name.
FOREIGN = {
    "batch.md", "capability-negotiation.md", "labeled-response.md",
    "message-tags.md", "utf8-only.md",          # specifications of IRCv3
    "ts6.md",                                   # of Solanum
}


def top_pages(tree):
    return sorted(n for n in os.listdir(tree.src)
                  if n.endswith((".md", ".am", ".ac")))


def prose_files(tree):
    for path in top_pages(tree) + [
            p for folder in PLACES for p in tree.files(folder)]:
        if not path.startswith(NO_PROSE):
            yield path


def c_comments(text):
    for m in re.finditer(
            r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*',
            text, re.S):
        if m.group().startswith(("/*", "//")):
            yield m.start(), m.group()


def hash_comments(text):
    for m in re.finditer(r"(?:^[ \t]*#(?!!)[^\n]*(?:\n|\Z))+|[ \t]# [^\n]*",
                         text, re.M):
        yield m.start(), m.group()


def python_comments(text):
    starts = [0]
    for line in text.splitlines(True):
        starts.append(starts[-1] + len(line))
    after = None
    for t in tokenize.generate_tokens(io.StringIO(text).readline):
        at = starts[t.start[0] - 1] + t.start[1]
        if t.type == tokenize.COMMENT and not t.string.startswith("#!"):
            yield at, t.string
        elif t.type == tokenize.STRING and after in (
                None, tokenize.INDENT, tokenize.NEWLINE):
            yield at, t.string          # a docstring
        if t.type not in (tokenize.NL, tokenize.COMMENT):
            after = t.type


def page_text(text):
    """A page without its headings, block macros and examples."""
    yield 0, re.sub(
        r"^(?:#|\.(?:Sh|Ss|It|Pp|Bl|El|Bd|Ed)\b).*$"
        r"|(?<=\n\n)(?:    .*\n)+(?:\n+(?:    .*\n)+)*",
        lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.M)


def prose(path, text):
    """(offset, text) of each comment, or of the whole page."""
    if path.endswith(C_SUFFIXES):
        return c_comments(text)
    if path.endswith(PAGE_SUFFIXES):
        return page_text(text)
    if path.endswith(".py") or text.startswith("#!/usr/bin/env python3"):
        return python_comments(text)
    if (path.endswith(HASH_SUFFIXES) or text.startswith("#!") or
            os.path.dirname(path) == "tests/lint"):
        return hash_comments(text)
    return ()


def flat(piece):
    """A paragraph as one line without marks, and where each character was."""
    text, places, at = "", [], 0
    for m in re.finditer(r"\s*\n[ \t]*(?:[*#]+(?!\*))?[ \t]*|\Z", piece):
        text += piece[at:m.start()] + " "
        places += range(at, m.start() + 1)
        at = m.end()
    mark = re.match(r"(?:[\s/*#\"-]|\d+\. |\.[A-Z]\w )+", text)
    skip = mark.end() if mark else 0
    return text[skip:], places[skip:]


def paragraphs(comment):
    """Each paragraph or item: (its text, a function from place to offset)."""
    begin = 0
    for m in re.finditer(
            r"\n[ \t]*[*#]*[ \t]*(?=\n)|\n(?=[ \t]*[*#]*[ \t]*(?:-|\d+\.) )"
            r"|\n(?=[ \t]*[*#]+\t)|\n(?=\.)|\Z", comment):
        text, places = flat(comment[begin:m.start()])
        if text.strip():
            yield text, lambda i, p=places, b=begin: b + p[i]
        begin = m.start()


def all_prose(tree):
    """(path, text of the file, offset, comment) of the whole tree."""
    for path in prose_files(tree):
        try:
            text = tree.read(path)
        except UnicodeDecodeError:
            continue
        for at, comment in prose(path, text):
            yield path, text, at, comment


def literals(text):
    """(offset, value) of string literals of C; adjacent ones count as one."""
    code = re.sub(r"/\*.*?\*/|^[ \t]*#[ \t]*include[^\n]*",
                  lambda m: re.sub(r"[^\n]", " ", m.group()), text,
                  flags=re.S | re.M)
    for m in re.finditer(r'(?:"(?:\\.|[^"\\\n])*"\s*)+', code):
        yield m.start(), "".join(
            re.findall(r'"((?:\\.|[^"\\\n])*)"', m.group()))


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def plain_places(tree):
    """Yield (path, line, what) of each sentence that must be rewritten."""
    for path, text, at, comment in all_prose(tree):
        for one, offset in paragraphs(comment):
            for m in OPENING.finditer(one):
                said = one[m.start(1):m.start(1) + 40]
                yield (path, line_of(text, at + offset(m.start(1))),
                       f'a sentence opens with {m.group(1)}: "{said}"')
        for m in MAN.finditer(comment):
            yield path, line_of(text, at + m.start()), f'"{m.group()}"'
    for path in tree.files("src", C_SUFFIXES):
        text = tree.read(path)
        for at, value in literals(text):
            for m in OPENING.finditer(value):
                if " " in value:
                    yield (path, line_of(text, at),
                           f"a text opens with {m.group(1)}")
            for m in MAN.finditer(value):
                yield path, line_of(text, at), f'"{m.group()}" in a text'


def plain(tree):
    """Sentences start with their subject; no user or server has a gender.

    This holds for comments, docstrings and pages everywhere, and for the texts
    in src.
    """
    yield from plain_places(tree)


class Index:
    """The files and the numbers of the link protocol that prose may name."""

    def __init__(self, tree):
        page = "doc/link-protocol.md"
        text = tree.read(page) if tree.exists(page) else ""
        self.tree = tree
        self.numbers = set(re.findall(r"^## (\d+)\. ", text, re.M))
        self.numbers |= set(re.findall(r"^\*\*(\d+\.\d+)\*\* ", text, re.M))
        self.files = set(top_pages(tree))
        for folder in PLACES:
            self.files.update(tree.files(folder))
        self.bare = {os.path.basename(p) for p in self.files} | FOREIGN

    def has(self, name, path):
        if "/" not in name:
            return name in self.bare
        here = os.path.dirname(path)
        return any(
            os.path.exists(self.tree.path(p)) or
            any(f.startswith(os.path.normpath(p) + ".") for f in self.files)
            for p in (name, "src/" + name, "tests/" + name, "doc/" + name,
                      f"{here}/{name}", f"{os.path.dirname(here)}/{name}"))

    def has_decision(self, number):
        return any(f.startswith(f"doc/decisions/{number}-")
                   for f in self.files)


FILE = re.compile(
    r"(?<![\w./<-])((?:[\w-]+/)*[\w.-]*\w\.(?:c|h|def|py|sh|md|mk))\b(?![\w/(])"
    r"|\b((?:src|tests|doc|contrib)/(?!decisions/\d+\b(?!-))[\w./-]*\w)")
DECISION = re.compile(r"\bdecisions/(\d+)\b")
CITED = re.compile(
    r"link-protocol\.md`?\)?,?;? (?:parts? )?((?:, |and |to |\d+(?:\.\d+)?\b ?)+)"
    r"|\bparts? (\d+(?:(?:, | and | to )\d+)*)")
NUMBER = re.compile(r"(?<![\w.:])(\d{1,2}\.\d{1,2})(?![\w.:]*\d)")
FOREIGN_RULE = re.compile(r"\b[Rr]ules? \d+\b(?!\.\d)")


def missing(index, path, one):
    """(place, what) of each reference in a paragraph that leads nowhere."""
    for m in FILE.finditer(one):
        name = m.group(1) or m.group(2)
        # a word in capitals, as in NAME.c, stands for many
        if not index.has(name, path) and not re.search(r"[A-Z]{3}", name):
            yield m.start(), f"{name} does not exist"
    for m in DECISION.finditer(one):
        if not index.has_decision(m.group(1)):
            yield m.start(), f"no decision {m.group(1)}"
    numbers = [(m.start(), n) for m in CITED.finditer(one)
               for n in re.findall(r"\d+(?:\.\d+)?", m.group(1) or m.group(2))]
    if path in NUMBERED:
        numbers += [(m.start(), m.group(1)) for m in NUMBER.finditer(one)]
    for place, number in numbers:
        if number not in index.numbers:
            yield place, f"doc/link-protocol.md has no {number}"
    for m in FOREIGN_RULE.finditer(one):
        yield (m.start(), "a rule of a page that is not here; cite "
               "link-protocol.md, N.N")


def names(tree):
    """A file, a decision, a part or a rule that prose speaks of exists."""
    index = Index(tree)
    for path, text, at, comment in all_prose(tree):
        for one, offset in paragraphs(comment):
            for place, what in missing(index, path, one):
                yield path, line_of(text, at + offset(place)), what
