"""The rule for the interface of modules: its headers change only together with
MODULE_INTERFACE (src/core/module.h).

The list file `interface` names these headers, and has the number and a hash of
what they say. The code of a .h file counts, without comments and spaces. The
names of the rows of a .def file count, since they become numbers.
"""
import hashlib
import re

MODULE = "src/core/module.h"
NUMBER = re.compile(r"^#define MODULE_INTERFACE (\d+)$", re.M)


def code(path, text):
    if path.endswith(".def"):
        return " ".join(re.findall(r"^([A-Z_]+\(\w+)", text, re.M))
    return " ".join(re.findall(r"\w+|[^\w\s]", NUMBER.sub("", text)))


def check(tree, without_comments):
    if not tree.exists("tests/lint/interface"):
        return
    digest, recorded = hashlib.sha256(), None
    for path, line, words in tree.list_file("interface"):
        if words[0] == "version" and len(words) == 3:
            recorded = line, int(words[1]), words[2]
        elif not tree.exists(words[0]):
            yield "tests/lint/interface", line, f"{words[0]} does not exist"
            return
        else:
            digest.update(code(words[0], without_comments(
                tree.read(words[0]))).encode())
    number = int(NUMBER.search(tree.read(MODULE)).group(1))
    if recorded is None:
        yield "tests/lint/interface", 1, "expected: version NUMBER HASH"
        return
    line, known, known_digest = recorded
    same = digest.hexdigest()[:16] == known_digest
    if number == known and same:
        return
    if number == known:
        number += 1
        yield MODULE, 1, ("the headers of modules have changed: raise "
                          f"MODULE_INTERFACE to {number}")
    yield "tests/lint/interface", line, (
        f"expected: version {number} {digest.hexdigest()[:16]}")
