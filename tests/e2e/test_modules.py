"""Modules that banyand loads from files: those of the tree, and small ones that
the tests compile. A module that cannot be used is refused with file, line and
reason, by --check, at the start and at a reload, and a running server goes on with
what it has."""
import os
import re
import shutil
import subprocess
import threading
import time

import pytest

from harness import BUILD, TIMEOUT, TOP
from test_check import check, needs_root

MODULES = os.path.join(BUILD, "modules")

SOURCE = """
#include "core/module.h"
#include "core/cmd/cmd.h"

static const struct numeric_row said = { NUMBER, "RPL_SAID", ":$" };

static void
run(struct cmd *c)
{
	CODE
	reply_row(c->st, c->s, &said, SPAN("TEXT"));
}

static const struct command_row command = { SPAN_INIT("VERB"), run, 0,
	COMMAND_USERS, "", "Says it." };
static const struct rows rows = { .of = "NAME", .command = &command,
	.ncommand = 1, .numeric = &said, .nnumeric = 1 };

MODULE(NAME) = { INTERFACE, LAYOUT, "NAME", "1", "for a test", &rows };
"""


def build(folder, file, name=None, text="one", verb="SAYIT", number=901,
          interface="MODULE_INTERFACE", layout="MODULE_LAYOUT", code="",
          source=SOURCE):
    """Compile a module, and put it in the place of the one before as install
    does. Return the path."""
    values = {"NUMBER": str(number), "CODE": code, "TEXT": text, "VERB": verb,
              "NAME": name or file, "INTERFACE": interface, "LAYOUT": layout}
    source = re.sub(r"\b(" + "|".join(values) + r")\b",
                    lambda m: values[m.group()], source)
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, file + ".so")
    new = path + ".new"
    done = subprocess.run(
        ["cc", "-std=c17", "-D_GNU_SOURCE", "-DBANYAN_MODULE", "-fPIC",
         "-shared", "-I", os.path.join(TOP, "src"), "-x", "c", "-o", new, "-"],
        input=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    os.rename(new, path)
    return path


@pytest.fixture
def server(make):
    """A server whose modules are in a folder of its own; help is there, too."""
    s = make.server()
    s.modules = os.path.join(s.folder, "modules")
    os.makedirs(s.modules)
    shutil.copy(os.path.join(MODULES, "help.so"), s.modules)
    s.config["module_dir"] = s.modules
    s.config["modules"] = ["help"]
    return s


def reload(server):
    server.write()
    done = server.ctl("reload")
    assert done.returncode == 0, done.stderr


def knows(client, verb):
    """Whether the server knows the command of the client."""
    lines = client.ask(verb)
    return not any(re.search(rf" 421 \S+ {verb} ", x) for x in lines)


# ---- loading and unloading -----------------------------------------------------

def test_a_build_finds_its_modules(make):
    s = make.server()
    s.config["modules"] = sorted(
        f[:-3] for f in os.listdir(MODULES) if f.endswith(".so"))
    assert "help" in s.config["modules"]
    assert check(s) == (0, "")
    assert knows(s.start().client("alice"), "HELP")


def test_a_reload_loads_and_unloads(server):
    server.config["modules"] = []
    server.start()
    c = server.client("alice")
    for _ in range(3):
        assert not knows(c, "HELP")
        server.config["modules"] = ["help"]
        reload(server)
        assert knows(c, "HELP")
        server.config["modules"] = []
        reload(server)


def test_a_replaced_file_is_loaded_by_a_reload(server):
    build(server.modules, "say", text="one")
    server.config["modules"] = ["say"]
    server.start()
    c = server.client("alice")
    for text in ("two", "three", "four"):
        build(server.modules, "say", text=text)
        assert not any(x.endswith(":" + text) for x in c.ask("SAYIT"))
        reload(server)
        assert any(x.endswith(":" + text) for x in c.ask("SAYIT"))
    # the same file again
    reload(server)
    assert any(x.endswith(":four") for x in c.ask("SAYIT"))
    with open(f"/proc/{server.process.pid}/maps", encoding="utf-8") as f:
        files = {line.split()[4] for line in f if "say.so" in line}
    assert len(files) == 1      # inodes: nothing of the old ones is left


def test_a_removed_file_stays_loaded(server):
    """A file that is gone cannot be loaded again, so a reload says so, and what is
    loaded goes on."""
    server.start()
    os.unlink(os.path.join(server.modules, "help.so"))
    done = server.ctl("reload")
    assert done.returncode != 0 and "help.so: No such file" in done.stderr
    assert knows(server.client("alice"), "HELP")


def test_they_are_listed(server):
    build(server.modules, "say")
    server.config["modules"] = ["help", "say"]
    server.start()
    assert server.ask("modules") == [
        {"name": "help", "version": "1",
         "adds": "commands HELP HELPOP, numerics 704 705 706 524",
         "purpose": "HELP and HELPOP, from the texts of the rows"},
        {"name": "say", "version": "1", "adds": "commands SAYIT, numerics 901",
         "purpose": "for a test"}]
    assert server.ctl("modules").stdout.splitlines()[1] == (
        "name=say version=1 adds=commands SAYIT, numerics 901 "
        "purpose=for a test")
    server.config["modules"] = []
    reload(server)
    assert server.ctl("modules").stdout == ""


# ---- what is refused ------------------------------------------------------------

def text_file(folder):
    with open(os.path.join(folder, "bad.so"), "w", encoding="utf-8") as f:
        f.write("this is no module\n" * 100)


def cut_off(folder):
    path = build(folder, "bad")
    os.truncate(path, os.path.getsize(path) * 2 // 3)


def a_library(folder):
    build(folder, "bad", source="int x(void) { return 0; }")


def a_program(folder):
    shutil.copy(os.path.join(BUILD, "banyanctl"),
                os.path.join(folder, "bad.so"))


def for_all_to_write(folder):
    os.chmod(build(folder, "bad"), 0o666)


def a_folder(folder):
    os.mkdir(os.path.join(folder, "bad.so"))


def nothing(folder):
    pass


BAD = {
    "missing": (nothing, "No such file"),
    "folder": (a_folder, "not a plain file"),
    "text": (text_file, "it is no module"),
    "cut off": (cut_off, "cut off"),
    "library": (a_library, "banyan_module is missing"),
    "program": (a_program, "cannot"),
    "writable": (for_all_to_write, "every user can write it"),
    "interface": (lambda f: build(f, "bad", interface="77"),
                  "it is made for version 77 of the interface"),
    "layout": (lambda f: build(f, "bad", layout="5"),
               "headers of another version"),
    "name": (lambda f: build(f, "bad", name="good"), "it calls itself good"),
    "symbol": (lambda f: build(
        f, "bad", code="void absent(void); absent();"), "undefined symbol"),
    "doubles core": (lambda f: build(f, "bad", verb="JOIN"),
                     "command JOIN of bad: its name is that of command JOIN of "
                     "core"),
    "doubles module": (lambda f: build(f, "bad", number=704),
                       "its number is that of numeric RPL_HELPSTART of help"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_module_is_refused(server, what):
    """By --check and at a start with the line of its name, and by a reload, after
    which everything is as it was."""
    server.start()
    c = server.client("alice")
    make_it, text = BAD[what]
    make_it(server.modules)
    server.write('# more\n')
    with open(server.path, "r+", encoding="utf-8") as f:
        conf = f.read().replace('modules = ( "help" );',
                                'modules = (\n"help",\n"bad" );')
        line = conf[:conf.index('"bad"')].count("\n") + 1
        f.seek(0)
        f.write(conf)
    where = rf"banyand\.conf:{line}: modules: bad: .*{re.escape(text)}"
    done = server.ctl("reload")
    assert done.returncode != 0
    assert re.search(where, done.stderr), done.stderr
    assert knows(c, "HELP") and not knows(c, "SAYIT")
    done = subprocess.run([os.path.join(BUILD, "banyand"), "-f", server.path,
                           "--check"], capture_output=True, text=True,
                          timeout=TIMEOUT)
    assert done.returncode == 1 and re.search(where, done.stderr), done.stderr
    server.kill()
    assert re.search(where, server.refused(write=False))


@pytest.mark.parametrize("names, text", [
    (["help", "help"], '"help" is named twice'),
    (["../help"], '"../help" is no name of a module'),
    (["Help"], '"Help" is no name of a module'),
    ([""], '"" is no name of a module'),
    (["x" * 33], "is no name of a module"),
    ([1], "modules: expected a list of at most 60 names"),
    ("help", "modules: expected a list of at most 60 names"),
])
def test_a_bad_list_is_refused(server, names, text):
    server.config["modules"] = names
    status, said = check(server)
    assert status == 1 and text in said and said.count("\n") == 1, said


def test_options_of_a_module(make):
    """Its group in the configuration: --check and a reload name file and line, and
    --print has each option."""
    s = make.server()
    s.config["modules"] = ["knock"]
    s.config["knock"] = {"user_s": 86401}
    status, said = check(s)
    assert status == 1 and re.search(
        r"banyand\.conf:\d+: knock\.user_s: expected a whole number from 0 to "
        r"86400, not the number 86401\n$", said), said
    s.config["knock"] = {"user_s": 0, "channel_s": 0}
    s.start()
    done = subprocess.run([os.path.join(BUILD, "banyand"), "-f", s.path,
                           "--check", "--print"], capture_output=True, text=True,
                          timeout=TIMEOUT)
    assert ("knock = {\n\tuser_s = 0;\n\tchannel_s = 0;\n\tprivate = false;\n"
            "};\n") in done.stdout, done.stdout
    op, guest = s.client("op"), s.client("guest")
    op.ask("JOIN #c")
    op.ask("MODE #c +i")
    for _ in range(2):
        assert any(" 711 " in x for x in guest.ask("KNOCK #c"))
    s.config["knock"]["user_s"] = 1000
    reload(s)
    assert any(" 712 " in x for x in guest.ask("KNOCK #c"))
    s.config["knock"]["user"] = 1
    s.write()
    done = s.ctl("reload")
    assert done.returncode != 0
    assert "knock.user: the module has no such option" in done.stderr
    assert any(" 712 " in x for x in guest.ask("KNOCK #c"))


def test_a_file_that_is_written_to_is_refused(server):
    """It is loaded, so its code may have changed under the server; a copy of the
    same bytes does no harm here."""
    path = os.path.join(server.modules, "help.so")
    server.start()
    c = server.client("alice")
    with open(path, "rb") as f:
        data = f.read()
    with open(path, "r+b") as f:
        f.write(data)
    done = server.ctl("reload")
    assert done.returncode != 0
    assert "it was written to while it was loaded" in done.stderr
    assert knows(c, "HELP")
    shutil.copy(path, path + ".new")
    os.rename(path + ".new", path)
    reload(server)
    assert knows(c, "HELP")


# ---- outside of the tree ----------------------------------------------------------

def test_the_example_is_built_outside(server):
    """Banyan is installed into a folder. There a copy of the example is built with
    what is installed, and the installed program loads it."""
    top = os.path.join(server.folder, "root")
    subprocess.run(["make", "-s", "-C", BUILD, "install", f"DESTDIR={top}"],
                   check=True, stdout=subprocess.DEVNULL)
    pc = [os.path.join(d, "banyan.pc") for d, _, files in os.walk(top)
          if "banyan.pc" in files]
    assert len(pc) == 1
    with open(pc[0], encoding="utf-8") as f:
        prefix = re.search("^prefix=(.*)$", f.read(), re.M).group(1)
    pkg_config = ("pkg-config --define-variable=prefix=" + top + prefix)
    env = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(pc[0]))
    copy = os.path.join(server.folder, "copy")
    shutil.copytree(os.path.join(TOP, "modules", "skeleton"), copy)
    subprocess.run(["make", "-s", "-C", copy, "CFLAGS=-Wall -Wextra -Werror",
                    "PKG_CONFIG=" + pkg_config], check=True, env=env)
    folder = subprocess.run(
        [*pkg_config.split(), "--variable=moduledir", "banyan"], env=env,
        check=True, capture_output=True, text=True).stdout.strip()
    assert os.path.exists(os.path.join(folder, "help.so"))
    shutil.copy(os.path.join(copy, "skeleton.so"), folder)
    server.config["module_dir"] = folder
    server.config["modules"] = ["help", "skeleton"]
    server.write()
    program, = [os.path.join(d, "banyand") for d, _, files in os.walk(top)
                if "banyand" in files and d.endswith("sbin")]
    done = subprocess.run([program, "-f", server.path, "--check"],
                          capture_output=True, text=True, timeout=TIMEOUT)
    assert (done.returncode, done.stderr) == (0, "")
    c = server.start().client("alice")
    assert any(x.endswith(" 998 alice alice :says hello to you, alice")
               for x in c.ask("SKELETON alice"))
    # without module_dir, the program looks where it was configured to be
    del server.config["module_dir"]
    server.write()
    done = subprocess.run([program, "-f", server.path, "--check"],
                          capture_output=True, text=True, timeout=TIMEOUT)
    assert f"{prefix}/" in done.stderr or done.returncode == 0


# ---- under load -------------------------------------------------------------------

def test_reloads_under_load(server):
    """Clients use the commands of modules that come, go and are replaced; many
    reloads are asked for at once. Nobody loses the connection, and each line has
    an answer."""
    build(server.modules, "say", text="x")
    server.config["modules"] = ["help", "say"]
    server.start()
    end, wrong = threading.Event(), []

    def use(nick):
        c = server.client(nick)
        while not end.is_set():
            lines = c.ask("HELP", "SAYIT", "HELP CMODES", "SAYIT")
            if len([x for x in lines if re.search(
                    r" (706|421|901) ", x)]) != 4:
                wrong.append(lines)
        c.close()

    users = [threading.Thread(target=use, args=(f"user{i}",))
             for i in range(3)]
    for u in users:
        u.start()
    try:
        for i in range(20):
            server.config["modules"] = [["help", "say"], ["say"], ["help"],
                                        []][i % 4]
            if i % 5 == 0:
                build(server.modules, "say", text=f"x{i}")
            reload(server)
        waiting = [server_ctl_reload(server) for _ in range(6)]
        for w in waiting:
            assert w.wait(timeout=TIMEOUT) == 0
    finally:
        end.set()
        for u in users:
            u.join(TIMEOUT)
    assert not wrong
    assert server.process.poll() is None


def server_ctl_reload(server):
    return subprocess.Popen([os.path.join(BUILD, "banyanctl"), "-s",
                             server.control, "reload"],
                            stdout=subprocess.DEVNULL)


# Loading it takes a second.
SLOW = SOURCE + """
#include <unistd.h>

__attribute__((constructor)) static void
load_slowly(void)
{
	(void)sleep(1);
}
"""


def test_a_request_during_a_reading(server):
    """A second request comes while the files are read for the first one, and they
    have changed since that reading began. So its answer comes when a later reading
    is done."""
    for name in ("first", "second"):
        build(server.modules, name, source=SLOW)
    server.start()
    server.config["modules"] = ["first"]
    server.write()
    first = server_ctl_reload(server)
    time.sleep(0.4)
    server.config["modules"] = ["second"]
    reload(server)
    assert first.wait(timeout=TIMEOUT) == 0
    assert [m["name"] for m in server.ask("modules")] == ["second"]


@needs_root
def test_a_module_that_user_cannot_read(server):
    """Root loads it at the start; the check warns that no reload can."""
    server.config["user"] = "nobody"
    os.chmod(server.modules, 0o700)
    _, said = check(server)
    assert re.search(r"warning: modules: .*help\.so: Permission denied, so that "
                     "no reload can read it", said), said
