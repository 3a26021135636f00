#!/usr/bin/env python3
"""The rules of the tree that a compiler does not know: `make lint`.

    lint.py [--src DIR] [--build DIR] [--dist DIR] [RULE...]

--src is the top of the tree, --build where the archives are, --dist what a
release contains; without them the rules of these are left out. Each refusal is
one line, `file:line: rule: what`. The exit status is 1 if there was any. The
tables below, and the list files beside this script (symbols, decoders, rows,
hooks, interface), hold what the rules know about this tree. The rules for comments and
pages are in prose.py, those for events in events.py.

To add a rule: a function decorated with @rule that yields (path, line, text),
and a case in selftest that sees it refuse something.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys

import events
import interface
import prose

# The folders that each folder may include. Sub-folders belong to their folder.
ARROWS = {
    "base": {"base"},
    "wire": {"wire", "base"},
    "core": {"core", "wire", "base"},
    "link": {"link", "core", "wire", "base"},
    "trunk": {"trunk", "core", "place", "wire", "base"},
    "conf": {"conf", "core", "wire", "base"},
    "node": {"node", "link", "trunk", "place", "conf", "core", "wire", "base"},
    "net": {"net", "wire", "base"},
    "place": {"place", "wire", "base"},
    "broker": {"broker", "wire", "base"},
    "store": {"store", "base"},
    "host": {"host", "net", "conf", "core", "wire", "base"},
    "pubsub": {"pubsub", "host", "net", "wire", "base"},
    "daemon": {"daemon", "node", "link", "trunk", "conf", "core", "wire",
               "base", "net", "host", "store", "broker", "pubsub"},
    "gate": {"gate", "host", "conf", "net", "place", "wire", "base"},
    "ctl": {"ctl", "conf", "wire", "base", "net"},
    # at the top of the tree
    "modules": {"core", "wire", "base"},
}
PURE = ["base", "wire", "core", "link", "trunk", "conf", "node", "place",
        "broker"]
# The rules of the pure folders hold for modules, too.
STRICT = PURE + ["modules"]
# Headers that lie open to modules, though only their own folder may include
# them.
FOR_MODULES = {"core/cmd/cmd.h"}
# Folders that may include one room of another folder only.
ONE_ROOM = {("host", "core"): "core/types"}
# Sub-folders and headers that only their own folder may include.
PRIVATE = ["core/cmd", "core/state.h", "link/msg", "link/state.h",
           "trunk/state.h"]
# The rooms of core and link, and the rooms that each of them may include. The
# files of core and link themselves may include all. ROOM_HEADERS lie outside
# the rooms that may include them.
ROOMS = {
    "core/types": {"core/types"},
    "core/part": {"core/types", "core/part", "core/facts"},
    "core/facts": {"core/types", "core/part", "core/facts"},
    "core/sessions": {"core/types", "core/part", "core/facts",
                      "core/sessions"},
    "core/answers": {"core/types", "core/part", "core/facts",
                     "core/sessions", "core/answers"},
    "core/show": {"core/types", "core/part", "core/facts", "core/sessions",
                  "core/answers", "core/show"},
    "core/cmd": {"core", "core/types", "core/part", "core/facts",
                 "core/sessions", "core/answers", "core/cmd"},
    "link/peers": {"link/peers"},
    "link/map": {"link/map"},
    "link/trust": {"link/map", "link/trust"},
    "link/forgetting": {"link/map", "link/forgetting"},
    "link/snapshots": {"link/trust", "link/forgetting", "link/snapshots"},
    "link/msg": {"link", "link/peers", "link/map", "link/trust",
                 "link/forgetting", "link/snapshots", "link/msg"},
}
WITH_ROOMS = ("core/", "link/")
LINK_ROOMS = {room for room in ROOMS if room.startswith("link/")}
ROOM_HEADERS = {
    "core/part/part.h": {"core/types"},
    "core/state.h": {"core/sessions", "core/answers", "core/show"},
    "link/state.h": LINK_ROOMS,
    "link/link.h": LINK_ROOMS,
    "link/words.h": LINK_ROOMS,
    "link/msg/msg.h": LINK_ROOMS,
    "link/pump.h": {"link/snapshots"},
}

# Headers of the system that do no harm in a pure folder, and headers that a
# certain pure folder may have in addition.
PURE_HEADERS = {"inttypes.h", "limits.h", "stdalign.h", "stdarg.h",
                "stdbool.h", "stddef.h", "stdint.h", "stdlib.h",
                "stdnoreturn.h", "string.h"}
PURE_HEADERS_OF = {
    "base": {"assert.h", "sanitizer/asan_interface.h",
             "sodium/crypto_generichash_blake2b.h",
             "sodium/crypto_shorthash_siphash24.h", "zstd.h"},
    "conf": {"libconfig.h"},
    "link": {"sodium/utils.h"},
    "core": {"bsd/sys/queue.h", "bsd/sys/tree.h"},
    "trunk": {"bsd/sys/queue.h"},
    "place": {"bsd/sys/queue.h"},
    "broker": {"sodium/crypto_aead_chacha20poly1305.h",
               "sodium/crypto_scalarmult_curve25519.h", "sodium/utils.h"},
    "wire": {"bsd/sys/queue.h"},
}

# The programs, with the folders whose objects are theirs alone.
PROGRAMS = {"banyand": "daemon", "banyan_gate": "gate", "banyanctl": "ctl"}

# Facts: replicated state. Commands see them as const.
FACTS = ["facts", "user", "chan", "member"]

SCENARIOS = "tests/scenario"
NOT_SCENARIOS = (".md", ".mk", ".c", ".h", ".py", ".sh")

# Folders whose files their README (or the nearest one above) must explain.
EXPLAINED = ["src", "contrib", "doc", "tests/lib", "tests/lint", "tests/sim",
             "tests/net", "tests/e2e", "tests/bench", "tests/compare",
             "tests/fuzz"]
NOT_EXPLAINED = {"README.md", "module.mk"}
DATA_FOLDERS = {"tests/fuzz/corpus"}

# The version of clang-format that formed the sources: that of Debian 12.
CLANG_FORMAT = 14

# Folders whose files a release should contain.
RELEASED = ["src", "modules", "tests", "doc", "contrib"]
SOURCE_SUFFIXES = (".c", ".h", ".def", ".mk", ".md", ".py", ".sh", ".txt",
                   ".in")

RULES = {}


def rule(fn):
    RULES[fn.__name__] = fn
    return fn


class Tree:
    def __init__(self, src, build, dist):
        self.src, self.build, self.dist = src, build, dist

    def path(self, name):
        return os.path.join(self.src, name)

    def exists(self, name):
        return os.path.exists(self.path(name))

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def files(self, folder, suffixes=("",)):
        """Return the paths under folder, relative to the top, in order."""
        out = []
        for here, dirs, names in os.walk(self.path(folder)):
            dirs[:] = sorted(d for d in dirs
                             if d[0] not in "._" and d != "__pycache__")
            rel = os.path.relpath(here, self.src)
            out += [os.path.join(rel, n) for n in sorted(names)
                    if n[0] != "." and n.endswith(suffixes)
                    and not n.endswith((".o", ".a", ".log", ".trs", ".pyc"))]
        return out

    def list_file(self, name):
        """Yield the rows of a list file: (path, line number, words)."""
        path = "tests/lint/" + name
        for number, line in enumerate(self.read(path).splitlines(), 1):
            words = line.split("#")[0].split()
            if words:
                yield path, number, words


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text):
    """Return the text with comments blanked; strings and line numbers stay."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|("(?:\\.|[^"\\\n])*")',
                  lambda m: m.group() if m.group(1) else blank(m),
                  text, flags=re.S)


def without_strings(text):
    return re.sub(r'"(?:\\.|[^"\\\n])*"', blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def folder_of(path):
    """Return the folder of a path: src/core/cmd/join.c -> core"""
    words = path.split("/")
    return words[0] if words[0] == "modules" else words[1]


# ---- the sources ----------------------------------------------------------
# Facts change in merges and in the show code, never in these rooms.
READERS = {"core/sessions", "core/answers", "core/cmd"}


def room_may_include(path, name):
    if path.startswith("modules/"):
        return name != "core/facts/facts_write.h"
    if (name == "core/facts/facts_write.h" and
            os.path.dirname(path)[len("src/"):] in READERS):
        return False
    room, other = os.path.dirname(path)[len("src/"):], os.path.dirname(name)
    return (room not in ROOMS or folder_of(path) != name.split("/")[0] or
            other in ROOMS[room] or room in ROOM_HEADERS.get(name, ()))


@rule
def arrows(tree):
    """Includes point inward only."""
    for path in tree.files("src", (".c", ".h", ".def")) + tree.files(
            "modules", (".c", ".h")):
        own = folder_of(path)
        text = without_comments(tree.read(path))
        if own not in ARROWS:
            yield path, 1, f"folder {own} has no arrows in lint.py"
            continue
        room = os.path.dirname(path)[len("src/"):]
        if room.startswith(WITH_ROOMS) and room not in ROOMS:
            yield path, 1, f"room {room} has no arrows in lint.py"
        for m in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]',
                             text, re.M):
            line, name = line_of(text, m.start()), m.group(2)
            if m.group(1) == "<":
                if own in STRICT and name not in (
                        PURE_HEADERS | PURE_HEADERS_OF.get(own, set())):
                    yield path, line, f"<{name}> in a pure folder"
            elif name == "config.h" and own not in STRICT:
                continue
            elif own == "modules" and "/" not in name and tree.exists(
                    os.path.dirname(path) + "/" + name):
                continue    # a header of the same module
            elif "/" not in name or not tree.exists("src/" + name):
                yield path, line, f'"{name}" is not a path from src/'
            elif name.split("/")[0] not in ARROWS[own]:
                yield path, line, f'{own} may not include "{name}"'
            elif not os.path.dirname(name).startswith(
                    ONE_ROOM.get((own, name.split("/")[0]), "")):
                yield path, line, f'{own} may not include "{name}"'
            elif (name.split("/")[0] != own and
                  not (own == "modules" and name in FOR_MODULES) and
                  (os.path.dirname(name) in PRIVATE or name in PRIVATE)):
                yield path, line, f'"{name}" is private to its folder'
            elif not room_may_include(path, name):
                yield path, line, (f'{os.path.dirname(path)[4:]} may not '
                                   f'include "{name}"')


@rule
def const_facts(tree):
    """Commands hold no pointer through which a fact could be changed."""
    names = "|".join(FACTS)
    for path in tree.files("src/core/cmd", (".c", ".h")) + tree.files(
            "modules", (".c", ".h")):
        text = without_strings(without_comments(tree.read(path)))
        for m in re.finditer(
                rf"(\bconst\s+)?\bstruct\s+({names})\b\s*(const\b\s*)?\*",
                text):
            if not m.group(1) and not m.group(3):
                yield (path, line_of(text, m.start()),
                       f"non-const pointer to struct {m.group(2)}")


def def_rows(text):
    """Yield the rows of an X-macro file: (line, macro, id, last string or
    None).

    A row is MACRO(ID, ...) with its macro at the start of a line. Adjacent
    literals count as one.
    """
    text = without_comments(text)
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)
    for m in re.finditer(r"^([A-Z][A-Z0-9_]*)\(", text, re.M):
        depth, i, quoted = 1, m.end(), False
        while depth and i < len(text):
            c = text[i]
            if quoted:
                i += c == "\\"
                quoted = c != '"'
            elif c == '"':
                quoted = True
            else:
                depth += (c == "(") - (c == ")")
            i += 1
        body = text[m.end():i - 1]
        ident = re.match(r"\s*([^,\s]*)", body).group(1)
        last = re.search(r'((?:"(?:\\.|[^"\\])*"\s*)+)$', body)
        value = None
        if last:
            value = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', last.group(1)))
        yield line_of(text, m.start()), m.group(1), ident, value


def scenarios(tree):
    """Return stem -> path, for each transcript under tests/scenario."""
    out = {}
    for path in tree.files(SCENARIOS):
        if not path.endswith(NOT_SCENARIOS):
            stem = os.path.relpath(path, SCENARIOS)
            out[os.path.splitext(stem)[0]] = path
    return out


@rule
def rows(tree):
    """Each row names scenarios that exist, and each scenario is named.

    The last argument of a row is a string: scenario stems (or folders of
    them), separated by spaces. If no scenario can reach a row, such as a link
    message that nothing here sends yet, it names a unit test instead:
    unit/core/part.
    """
    listed = {}
    for path, number, words in tree.list_file("rows"):
        if len(words) < 2 or words[1] not in ("scenario", "none"):
            yield path, number, "expected: FILE scenario|none [REASON]"
        else:
            listed[words[0]] = words[1]
            if not tree.exists(words[0]):
                yield path, number, f"{words[0]} does not exist"
    known, named = scenarios(tree), set()
    for path in tree.files("src", (".def",)):
        if path not in listed:
            yield path, 1, "not in tests/lint/rows"
        if listed.get(path) != "scenario":
            continue
        for line, macro, ident, stems in def_rows(tree.read(path)):
            if not stems or not stems.split():
                yield path, line, f"{macro}({ident}) names no scenario"
                continue
            for stem in stems.split():
                if stem.startswith("unit/"):
                    if not tree.exists(f"tests/{stem}.c"):
                        yield (path, line, f"{macro}({ident}): no unit test "
                               f"tests/{stem}.c")
                    continue
                hits = [s for s in known
                        if s == stem or s.startswith(stem + "/")]
                named.update(hits)
                if not hits:
                    yield (path, line, f"{macro}({ident}): no scenario "
                           f"{SCENARIOS}/{stem}.*")
    for stem, path in known.items():
        if stem not in named:
            yield path, 1, "no row names this scenario"


@rule
def used(tree):
    """Each log row is written by some code or module, each effect is made and carried
    out, each event is made and taken, and each option is read by code outside
    conf/. A row that nothing uses is a promise."""
    text = {path: without_strings(without_comments(tree.read(path)))
            for path in tree.files("src", (".c", ".def")) +
            tree.files("modules", ".c")}

    def by(pattern, *folders):
        return any(re.search(pattern, t) for path, t in text.items()
                   if folder_of(path) in folders)

    pure = [f for f in PURE if f != "conf"]
    sides = {
        "src/core/types/log.def": [
            ("LOG", pure + ["host", "daemon", "gate", "modules"],
             "written by nothing")],
        "src/core/types/effect.def": [("EFF", pure, "made by nothing"),
                                ("EFF", ["daemon"], "carried out by nothing")],
        "src/core/types/event.def": [("EV", pure, "taken by nothing"),
                               ("EV", ["daemon"], "made by nothing")],
    }
    for path, wanted in sides.items():
        if not tree.exists(path):
            continue
        for line, macro, ident, _ in def_rows(tree.read(path)):
            for prefix, folders, what in wanted:
                if not by(rf"\b{prefix}_{ident}\b", *folders):
                    yield path, line, f"{macro}({ident}) is {what}"
    readers = {"src/conf/option.def": [*pure, "daemon", "ctl"],
               "src/conf/gate.def": ["gate", "host"]}
    for path, folders in readers.items():
        rows = tree.read(path) if tree.exists(path) else ""
        for m in re.finditer(r'^OPTION\(\w+, "(\w+)",.*?\bAT\(\w+, '
                             r"(?:\w+\.)*(\w+)\)", rows, re.M | re.S):
            if not by(rf"(->|\.|\bNUMBER\(){m.group(2)}\b", *folders):
                yield (path, line_of(rows, m.start()),
                       f"OPTION({m.group(1)}) is read by nothing")


@rule
def log_fields(tree):
    """Each call that logs gives the fields of its row, and each field and mask
    of a row has a row of its own."""
    yield from events.check(tree, without_comments, line_of)


@rule
def module_interface(tree):
    """The headers of modules change only with MODULE_INTERFACE."""
    yield from interface.check(tree, without_comments)


@rule
def decoders(tree):
    """Each decoder of foreign bytes has a fuzz target with a corpus."""
    listed = {}
    for path, number, words in tree.list_file("decoders"):
        if len(words) < 2:
            yield path, number, "expected: FUNCTION TARGET | FUNCTION - REASON"
            continue
        listed[words[0]] = (path, number)
        if words[1] == "-":
            if len(words) < 3:
                yield path, number, f"{words[0]}: no reason given"
            continue
        corpus = "tests/fuzz/corpus/" + words[1]
        if not tree.exists(f"tests/fuzz/{words[1]}.c"):
            yield path, number, f"no fuzz target tests/fuzz/{words[1]}.c"
        elif not tree.files(corpus):
            yield path, number, f"no corpus {corpus}"
    found = set()
    for path in tree.files("src", (".h",)) + tree.files("modules", (".h",)):
        text = without_strings(without_comments(tree.read(path)))
        for m in re.finditer(r"\b(\w+_(?:parse|decode)\w*)\s*\(", text):
            found.add(m.group(1))
            if m.group(1) not in listed:
                yield (path, line_of(text, m.start()),
                       f"{m.group(1)} is not in tests/lint/decoders")
        found.update(re.findall(r"\b(\w+)\s*\(", text))
    for name, (path, number) in listed.items():
        if name not in found:
            yield path, number, f"{name} is declared nowhere"


@rule
def readme(tree):
    """The README of a folder explains each of its files, and each file that a
    README speaks of exists. A file is named as `STEM`, `STEM.c` or
    `FOLDER/STEM.c`, in backquotes; `STEM` explains both STEM.c and STEM.h."""
    told = {}

    def nearest(folder):
        while folder and not tree.exists(folder + "/README.md"):
            folder = os.path.dirname(folder)
        path = folder + "/README.md" if folder else None
        if path and path not in told:
            told[path] = set(re.findall(r"`([^`\s]+)`", tree.read(path)))
        return path

    for top in EXPLAINED:
        for path in tree.files(top):
            folder, name = os.path.split(path)
            if name in NOT_EXPLAINED or any(
                    path.startswith(d + "/") for d in DATA_FOLDERS):
                continue
            page = nearest(folder)
            if page is None:
                yield path, 1, "no README.md in or above its folder"
                continue
            rel = os.path.relpath(path, os.path.dirname(page))
            names = {rel, os.path.splitext(rel)[0]}
            if not names & told[page]:
                yield path, 1, f"{page} does not explain `{rel}`"
    for top in EXPLAINED:
        for page in tree.files(top, ("README.md",)):
            text = tree.read(page)
            for m in re.finditer(r"`([\w./-]+\.(?:c|h|def|py|sh))`", text):
                here = os.path.dirname(page)
                if not any(tree.exists(p) for p in (
                        f"{here}/{m.group(1)}", "src/" + m.group(1),
                        m.group(1))):
                    yield (page, line_of(text, m.start()),
                           f"`{m.group(1)}` does not exist")


@rule
def modules(tree):
    """The folder of a module has its source, its page, its module.mk and a
    transcript; the list and the README have a row for it."""
    if not tree.exists("modules"):
        return
    told = tree.read("modules/README.md") + tree.read("modules/list.def")
    for name in sorted(os.listdir(tree.path("modules"))):
        folder = f"modules/{name}"
        if not os.path.isdir(tree.path(folder)):
            continue
        for file in (f"{name}.c", f"{name}.md", "module.mk"):
            if not tree.exists(f"{folder}/{file}"):
                yield folder, 1, f"{file} is missing"
        if not tree.files(folder, (".txt",)):
            yield folder, 1, "no transcript"
        if f"`{name}`" not in told:
            yield folder, 1, "modules/README.md has no row for it"
        if f"({name.replace('-', '_')})" not in told:
            yield folder, 1, "modules/list.def has no row for it"


@rule
def headers(tree):
    """A header can be included alone and twice."""
    cc = os.environ.get("CC", "cc").split()
    for path in tree.files("src", (".h",)):
        text = tree.read(path)
        if os.path.basename(path) == "config.h":
            continue
        name = os.path.relpath(path, "src")
        flags = os.environ.get("LINT_CPPFLAGS", "").split()
        run = subprocess.run(
            cc + flags + ["-std=c17", "-D_GNU_SOURCE", "-fsyntax-only",
                          "-I", tree.path("src"), "-x", "c", "-"],
            input=f'#include "{name}"\n#include "{name}"\n',
            capture_output=True, text=True)
        if run.returncode != 0:
            error = next((line for line in run.stderr.splitlines()
                          if "error" in line), "does not compile")
            yield path, 1, f"cannot be included alone: {error}"
        elif not re.search(r"^#ifndef (\w+_H)\n#define \1\n", text, re.M):
            yield path, 1, "no include guard"


@rule
def width(tree):
    """A comment ends before column 81: clang-format leaves comments alone."""
    for top in ("src", "modules", "tests"):
        for path in tree.files(top, (".c", ".h", ".def")):
            text = tree.read(path)
            for at, comment in prose.c_comments(text):
                first = line_of(text, at)
                begin = text.rfind("\n", 0, at) + 1
                lines = (text[begin:at] + comment).splitlines()
                for n, line in enumerate(lines):
                    if len(line.expandtabs(8)) > 80:
                        yield path, first + n, "a comment beyond column 80"


def has_clang_format():
    return (shutil.which("clang-format") is not None and
            f" {CLANG_FORMAT}." in tool("clang-format", "--version"))


@rule
def form(tree):
    """clang-format decides the form; `make format` applies it. Each version of
    it has another form, so only the version that formed the tree is asked,
    where it is installed."""
    if not has_clang_format():
        return
    for path in (tree.files("src", (".c", ".h")) +
                 tree.files("modules", (".c", ".h")) +
                 tree.files("tests", (".c", ".h"))):
        text = tree.read(path)
        formed = subprocess.run(
            ["clang-format", "--style=file:" + tree.path(".clang-format")],
            input=text, capture_output=True, text=True).stdout
        if formed != text:
            pairs = zip(text.splitlines() + [None], formed.splitlines())
            line = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), 1)
            yield path, line, "clang-format would change this"


# ---- comments and pages ---------------------------------------------------

@rule
def plain(tree):
    """Sentences start with their subject; no user or server has a gender."""
    yield from prose.plain(tree)


@rule
def names(tree):
    """Files, decisions, parts and rules that prose names exist."""
    yield from prose.names(tree)


# ---- a release ------------------------------------------------------------

@rule
def released(tree):
    """A release contains every source, test and page."""
    for top in RELEASED:
        for path in tree.files(top, SOURCE_SUFFIXES):
            if not os.path.exists(os.path.join(tree.dist, path)):
                yield path, 1, "no _SOURCES and no EXTRA_DIST has this"


# ---- the archives ---------------------------------------------------------

def archives(tree):
    for folder in STRICT:
        path = os.path.join(tree.build, f"lib{folder}.a")
        if os.path.exists(path):
            yield folder, path


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True,
                          text=True).stdout


@rule
def symbols(tree):
    """Pure archives use only those symbols of the system that the list has."""
    allowed = {}
    for path, number, words in tree.list_file("symbols"):
        allowed.setdefault(words[0], set()).update(words[1:] or STRICT)
    defined, wanted = {}, []
    for folder, path in archives(tree):
        for line in tool("nm", "-A", path).splitlines():
            where, _, symbol = line.rpartition(" ")
            where, _, kind = where.rpartition(" ")
            member = where.split(":")[1]
            if kind == "U":
                wanted.append((folder, member, symbol))
            elif kind in "TDBRCVWiS":
                defined[symbol] = folder
    for folder, member, symbol in wanted:
        owner = defined.get(symbol)
        if owner is None:
            if folder not in allowed.get(symbol, ()):
                yield (f"lib{folder}.a({member})", 1,
                       f"{symbol} is not in tests/lint/symbols")
        elif owner != folder and owner not in ARROWS[folder]:
            yield (f"lib{folder}.a({member})", 1,
                   f"{symbol} belongs to {owner}, against the arrows")


@rule
def sections(tree):
    """Pure archives have no writable object: no globals, no static locals.
    Tables with pointers (.data.rel.ro) are written by the loader only."""
    for folder, path in archives(tree):
        member = "?"
        for line in tool("readelf", "-SW", path).splitlines():
            m = re.match(r"File: .*\((.*)\)$", line)
            if m:
                member = m.group(1)
            m = re.match(r"\s*\[\s*\d+\]\s+(\S+)\s+\S+\s+[0-9a-f]+\s+"
                         r"[0-9a-f]+\s+([0-9a-f]+)\s+[0-9a-f]+\s+(\w*)\s",
                         line)
            if not m or "W" not in m.group(3) or "A" not in m.group(3):
                continue
            name, size = m.group(1), int(m.group(2), 16)
            if size and not re.match(r"\.data\.rel\.ro(\.|$)", name):
                yield (f"lib{folder}.a({member})", 1,
                       f"{size} writable bytes in {name}")


def product_objects(tree):
    """Yield the objects that nm is asked about: the archives, and the
    objects of programs. An object without a source is left over from an
    older build. A source whose name ends in _none stands for the one without
    that ending in a build without a library, so one of the two is built."""
    for folder in ARROWS:
        path = os.path.join(tree.build, f"lib{folder}.a")
        if os.path.exists(path):
            yield path
    for program, folder in PROGRAMS.items():
        for source in tree.files("src/" + folder, (".c",)):
            stem = os.path.splitext(os.path.basename(source))[0]
            begin = os.path.join(tree.build, os.path.dirname(source),
                                 f"{program}-{stem.removesuffix('_none')}")
            pair = {begin + ".o", begin + "_none.o"}
            own = f"{begin}_none.o" if stem.endswith("_none") else begin + ".o"
            if os.path.exists(own) or not any(map(os.path.exists, pair)):
                yield own


def whole_words(tree):
    """Return how often each word stands in the sources, comments left out."""
    count = {}
    for path in tree.files("src", (".c", ".h", ".def")) + tree.files(
            "modules", (".c",)):
        for word in re.findall(r"\w+", without_strings(
                without_comments(tree.read(path)))):
            count[word] = count.get(word, 0) + 1
    return count


@rule
def reached(tree):
    """An external function or object is used outside of its file by a program,
    not only by tests. An inline function of a header is used at all. The list
    has the exceptions for tests, with the reason."""
    listed = {}
    for path, number, words in tree.list_file("hooks"):
        listed[words[0]] = (path, number)
        if len(words) < 2:
            yield path, number, f"{words[0]}: no reason given"
    defined, users = {}, {}
    for path in product_objects(tree):
        if not os.path.exists(path):
            yield os.path.relpath(path, tree.build), 1, "is not built"
            continue
        for line in tool("nm", "-A", path).splitlines():
            where, kind, symbol = re.match(
                r"(\S+):\s*[0-9a-f]*\s+(\w) (\S+)$", line).groups()
            if kind == "U":
                users.setdefault(symbol, set()).add(where)
            elif kind in "TDBRCVW":
                defined.setdefault(symbol, set()).add(
                    os.path.relpath(where, tree.build))
    alone = {symbol: min(places) for symbol, places in defined.items()
             if symbol not in users and symbol != "main" and
             not min(places).startswith("libmodules.a:")}
    words = whole_words(tree)
    for path in tree.files("src", (".h",)):
        for m in re.finditer(r"^static inline [^;{}=]*?\b(\w+)\(",
                             without_comments(tree.read(path)), re.M):
            defined[m.group(1)] = {path}
            if words[m.group(1)] == 1:
                alone[m.group(1)] = path
    for symbol, place in alone.items():
        if symbol not in listed:
            used = words.get(symbol, 0) > 2 and not place.startswith("src/")
            yield place, 1, (f"{symbol} is used in its own file only: static"
                             if used else f"no program uses {symbol}")
    for symbol, (path, number) in listed.items():
        if symbol not in defined:
            yield path, number, f"{symbol} is defined nowhere"
        elif symbol not in alone:
            yield path, number, f"{symbol} needs no row: a program uses it"


# The options without which a rule is left out.
NEEDS = {"symbols": "build", "sections": "build", "reached": "build",
         "released": "dist"}


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser()
    parser.add_argument("--src", default=os.path.dirname(
        os.path.dirname(here)))
    parser.add_argument("--build")
    parser.add_argument("--dist")
    parser.add_argument("rules", nargs="*", metavar="RULE",
                        help=" ".join(RULES))
    args = parser.parse_args()
    tree = Tree(args.src, args.build, args.dist)
    refused = 0
    for name in args.rules or RULES:
        if name in NEEDS and not getattr(args, NEEDS[name]):
            continue
        for path, line, text in RULES[name](tree):
            print(f"{path}:{line}: {name}: {text}")
            refused += 1
    print(f"lint: {refused} refused" if refused else "lint: clean")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
