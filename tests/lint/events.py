"""The rule for events: each call that logs gives the fields of its row.

The rows are src/core/types/log.def, log_field.def and log_mask.def. A call
names its row as LOG_ID, or by a variable or function of the same file; then the
LOG_IDs of the callers, or of that function, are meant.
"""
import re

FOLDER = "src/core/types/"
CALL = re.compile(r"\b(effects_logf?|logger_with|logger_row|"
                  r"audit_log)\(")
# Each line of the log in JSON has these, besides its fields.
OWN_KEYS = {"time", "level", "event", "text"}
# All calls of audit_log() are looked at; it passes their rows on.
AUDIT = "src/core/sessions/audit.c"
# Calls whose fields are those of an effect, which has its own call.
PASSED_ON = re.compile(r"^e->u\.log\.row$")


def closing(text, at):
    """Return the offset behind the bracket that closes the one at `at`."""
    depth, quoted = 0, False
    while at < len(text):
        c = text[at]
        if quoted:
            at += c == "\\"
            quoted = c != '"'
        elif c == '"':
            quoted = True
        else:
            depth += (c in "({[") - (c in ")}]")
            if depth == 0:
                return at + 1
        at += 1
    return at


def arguments(text):
    """Return the arguments of a call, without the brackets around them."""
    out, at, begin = [], 0, 0
    while at < len(text):
        if text[at] in "({[\"":
            at = (re.compile(r'"(?:\\.|[^"\\])*"').match(text, at).end()
                  if text[at] == '"' else closing(text, at))
            continue
        if text[at] == ",":
            out.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return out + [text[begin:].strip()]


def table(text):
    """Return ID -> list of fields, and the set of masks, of log.def."""
    short = dict(re.findall(r'^#define (\w+) "([^"]*)"', text, re.M))
    rows, masks = {}, {}
    for m in re.finditer(r"^LOGROW(?:_OF_STRANGERS)?\(", text, re.M):
        a = arguments(text[m.end():closing(text, m.end() - 1) - 1])
        fields = short.get(a[4], a[4].strip('"'))
        rows[a[0]] = fields.split()
        masks[a[0]] = a[2]
    return rows, masks


def functions(text):
    """Yield (name, first offset, last offset) of each function of a file."""
    for m in re.finditer(r"^(\w+)\([^;{}]*\)\n\{", text, re.M):
        end = text.find("\n}", m.end())
        yield m.group(1), m.start(), len(text) if end < 0 else end


def rows_of(text, expression, at):
    """Return the IDs that the expression of a call at this offset can be."""
    ids = re.findall(r"\bLOG_([A-Z_]+)\b", expression)
    if ids:
        return ids
    named = dict((name, (a, b)) for name, a, b in functions(text))
    call = re.match(r"(\w+)\(", expression)
    if call and call.group(1) in named:
        a, b = named[call.group(1)]
        return re.findall(r"\bLOG_([A-Z_]+)\b", text[a:b])
    out = []
    for name, (a, b) in named.items():
        if not a <= at <= b:
            continue
        for m in re.finditer(rf"\b{name}\(", text):
            out += re.findall(r"\bLOG_([A-Z_]+)\b",
                              text[m.end():closing(text, m.end() - 1)])
    return out


def given(name, args):
    """Return the fields that a call gives, or None if it passes them on."""
    if name == "audit_log":
        return "by oper from what why result".split()
    if name in ("effects_log", "logger_row"):
        return [] if args[2:] == ["NULL", "0"] else None
    return [re.match(r'\{\s*"([^"]*)"', x).group(1) for x in args[2:]]


def check_calls(path, text, rows):
    """Yield (offset, what) for each call of a file that is wrong."""
    for m in CALL.finditer(text):
        args = arguments(text[m.end():closing(text, m.end() - 1) - 1])
        if len(args) < 2 or PASSED_ON.match(args[1]):
            continue
        fields = given(m.group(1), args)
        if fields is None:
            continue
        ids = rows_of(text, args[1], m.start())
        if not ids:
            yield m.start(), f"cannot see which row {args[1]} is"
        for ident in sorted(set(ids)):
            if ident in rows and rows[ident] != fields:
                yield (m.start(), f"LOG_{ident} has the fields "
                       f"`{' '.join(rows[ident])}`, not `{' '.join(fields)}`")


def check_rows(tree, rows, masks, without_comments):
    """Yield (path, what) for fields and masks without a row, or unused."""
    for name, pattern, used in (
            ("log_field.def", r'^LOGFIELD\("(\w+)"',
             {f for fields in rows.values() for f in fields}),
            ("log_mask.def", r"^LOGMASK\((\w+)", set(masks.values()))):
        text = tree.read(FOLDER + name) if tree.exists(FOLDER + name) else ""
        known = set(re.findall(pattern, without_comments(text), re.M))
        for x in sorted(used - known):
            yield FOLDER + name, f"{x} has no row"
        if name == "log_field.def":
            for x in sorted(OWN_KEYS & known):
                yield FOLDER + name, f"{x} would be twice in a line of JSON"
        for x in sorted(known - used):
            yield FOLDER + name, f"{x} is in no row of log.def"


def check(tree, without_comments, line_of):
    if not tree.exists(FOLDER + "log.def"):
        return
    rows, masks = table(without_comments(tree.read(FOLDER + "log.def")))
    for path, what in check_rows(tree, rows, masks, without_comments):
        yield path, 1, what
    for path in tree.files("src", ".c") + tree.files("modules", ".c"):
        text = without_comments(tree.read(path))
        if path == AUDIT:
            continue
        for at, what in check_calls(path, text, rows):
            yield path, line_of(text, at), what
