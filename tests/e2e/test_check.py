"""`banyand --check` looks beyond the text of the configuration: it finds users,
folders and files that a start or a reload could not use, certificates, and
addresses that this machine does not have. A server that starts with one of
these mistakes is refused with the same message, where it would fail."""
import os
import pwd
import re
import socket
import subprocess

import pytest

from harness import BANYAND, TIMEOUT, make_certificate
from test_ctl import hash_of

ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="needs root")


def check(server, user=None):
    server.write()
    done = subprocess.run([BANYAND, "-f", server.path, "--check"],
                          capture_output=True, text=True, timeout=TIMEOUT,
                          user=user, group=user and "nogroup",
                          extra_groups=user and [])
    return done.returncode, done.stderr


def assert_refused(server, option, text, user=None):
    """By the check with status 1, at the line of the option."""
    status, said = check(server, user)
    m = re.search(rf"banyand\.conf:(\d+): {re.escape(option)}: (.*)", said)
    assert m and text in m.group(2), said
    assert status == 1 and "warning" not in m.group(0)
    with open(server.path, encoding="utf-8") as f:
        line = f.readlines()[int(m.group(1)) - 1]
    assert re.split(r"[.\[]", option)[0] in line


def assert_warned(server, option, text, user=None):
    status, said = check(server, user)
    assert re.search(rf"banyand\.conf:\d+: warning: {re.escape(option)}: .*"
                     + re.escape(text), said), said
    assert status == 0


def assert_good(server, user=None):
    assert check(server, user) == (0, "")


@pytest.fixture
def open_folder(folder):
    """Others than root may look into it."""
    os.chmod(folder, 0o755)
    return folder


# ---- user, folders, files ---------------------------------------------------

def test_an_unknown_user(make):
    s = make.server()
    s.config["user"] = "nosuchuser"
    assert_refused(s, "user", "no such user")
    assert "no such user" in s.refused()


@pytest.mark.parametrize("option, path", [
    ("state", "none/state"), ("control", "none/ctl"), ("pidfile", "none/pid"),
    ("log.file", "none/log")])
def test_a_folder_that_is_missing(make, folder, option, path):
    s = make.server()
    section, _, key = option.rpartition(".")
    at = s.config[section] if section else s.config
    at[key] = os.path.join(folder, path)
    assert_refused(s, option, f"{folder}/none: No such file or directory")
    assert check(s)[1].count("\n") == 1
    assert f"{folder}/none" in s.refused()


def test_what_stands_in_the_place(make, folder):
    """A file stands in the place of a folder, or the other way round."""
    s = make.server()
    path = os.path.join(s.folder, "thing")
    open(path, "w").close()
    good = dict(s.config)
    s.config["state"] = path
    assert_refused(s, "state", f"{path} is not a folder")
    s.config = {**good, "control": path}
    assert_refused(s, "control", f"{path} exists and is not a socket")
    s.config = {**good, "control": os.path.join(path, "ctl")}
    assert_refused(s, "control", f"{path} is not a folder")
    os.unlink(path)
    os.mkdir(path)
    s.config = {**good, "pidfile": path}
    assert_refused(s, "pidfile", f"{path} is a folder")
    s.config = {**good, "log": {"file": path}}
    assert_refused(s, "log.file", f"{path} is a folder")
    os.rmdir(path)
    os.symlink("/dev/null", path)
    assert_refused(s, "log.file", f"{path} is a symbolic link")


def test_a_damaged_state(make):
    s = make.server()
    os.mkdir(s.config["state"])
    with open(os.path.join(s.config["state"], "state"), "w") as f:
        f.write("banyan-state 1\ninc many\n")
    assert_refused(s, "state", "/state/state is damaged")


def test_the_state_of_a_running_server_is_good(server):
    assert_good(server)


@needs_root
def test_folders_that_may_not_be_written(make, open_folder):
    s = make.server()
    for option in ("state", "control", "pidfile", "log.file"):
        assert_refused(s, option, "Permission denied", user="nobody")
    os.mkdir(s.config["state"])
    assert_refused(s, "state", "Permission denied", user="nobody")


@needs_root
def test_what_the_user_may_not_do(make, open_folder):
    """Root opens and writes everything at the start; the user that it becomes
    must be able to go on."""
    s = make.server(tls=True)
    s.config["user"] = "nobody"
    nobody = pwd.getpwnam("nobody")
    state = s.config["state"]
    assert_refused(s, "control", f"user nobody: {s.folder}: Permission denied")
    s.config["control"] = os.path.join(state, "ctl")
    os.chown(s.config["tls"]["key"], nobody.pw_uid, -1)
    # rotating the log would need the folder
    assert_warned(s, "log.file", f"user nobody: {s.folder}: Permission denied")
    os.mkdir(os.path.join(s.folder, "logs"))
    os.chown(os.path.join(s.folder, "logs"), nobody.pw_uid, -1)
    s.config["log"]["file"] = os.path.join(s.folder, "logs", "log")
    assert_good(s)
    # the state directory is given to the user, whoever has it now
    os.mkdir(state)
    assert_good(s)
    os.chmod(state, 0o500)
    assert_refused(s, "state", f"{state} has mode 0500")
    os.chmod(state, 0o700)
    os.chmod(s.config["tls"]["key"], 0o600)
    os.chown(s.config["tls"]["key"], 0, 0)
    assert_warned(s, "tls.key", f"user nobody: {s.config['tls']['key']}: Permission denied")
    os.chmod(os.path.dirname(s.folder), 0o700)
    assert_refused(s, "state", "user nobody: ")


@needs_root
def test_whose_files_the_state_has(make, open_folder):
    """A start as root gives `user` what the state directory has, whoever has it
    now. A start as another user cannot."""
    s = make.server()
    state, store = s.config["state"], os.path.join(s.config["state"], "store.db")
    nobody = pwd.getpwnam("nobody")
    s.start()                               # as root, without `user`
    s.ctl("stop")
    s.wait()
    os.chown(s.folder, nobody.pw_uid, -1)
    s.config["user"] = "nobody"
    os.chmod(store, 0o400)
    assert_refused(s, "state", f"{store} has mode 0400")
    os.chmod(store, 0o644)
    other = os.path.join(s.folder, "other.db")
    os.rename(store, other)
    os.symlink(other, store)                # whatever it is, it is not given away
    os.chmod(other, 0o600)
    assert_refused(s, "state", f"user nobody: {store}: Permission denied")
    os.chown(other, nobody.pw_uid, -1)
    assert_good(s)
    os.replace(other, store)
    os.chown(store, 0, 0)
    assert_good(s)
    s.start()
    for path in (state, state + "/state", store):
        assert os.stat(path).st_uid == nobody.pw_uid
    s.ctl("stop")
    s.wait()
    del s.config["user"]
    assert_good(s)
    assert_good(s, user="nobody")
    os.chown(store, 0, 0)
    os.chmod(store, 0o644)
    assert_warned(s, "state", f"{store} belongs to another user than its folder")
    assert_refused(s, "state", f"{store}: Permission denied", user="nobody")


def test_a_log_in_a_state_that_does_not_exist_yet(make):
    s = make.server()
    s.config["log"]["file"] = s.log_path = os.path.join(s.config["state"], "log")
    assert_good(s)
    assert not os.path.exists(s.config["state"])
    s.start()
    assert os.stat(s.config["state"]).st_mode & 0o777 == 0o700
    s.await_log("ready")


@needs_root
def test_a_missing_file_is_reported_once(make, open_folder):
    """As an error, and not as one that no reload can read, too."""
    s = make.server(tls=True)
    s.config["user"] = "nobody"
    s.config["server"]["motd"] = os.path.join(s.folder, "none.motd")
    s.config["tls"]["certificate"] = os.path.join(s.folder, "none.pem")
    for option, file in (("server.motd", "none.motd"),
                         ("tls.certificate", "none.pem")):
        assert_refused(s, option, f"cannot read {s.folder}/{file}: No such file")
        assert check(s)[1].count(file) == 1


# ---- certificates -----------------------------------------------------------

def make_dated(folder, name, start, end):
    """A certificate that is valid from start to end, YYYYMMDD."""
    def run(*args):
        subprocess.run(["openssl", *args], check=True, capture_output=True,
                       cwd=folder)
    for name_, text in (("db", ""), ("ca.conf", "[ca]\ndefault_ca=d\n[d]\n"
                        "database=db\nserial=serial\nnew_certs_dir=.\n"
                        "default_md=sha256\npolicy=p\n[p]\n"
                        "commonName=supplied\n")):
        with open(os.path.join(folder, name_), "w") as f:
            f.write(text)
    run("req", "-new", "-key", "key.pem", "-subj", "/CN=" + name, "-out",
        "request")
    run("ca", "-batch", "-selfsign", "-config", "ca.conf", "-keyfile",
        "key.pem", "-in", "request", "-out", "cert.pem", "-create_serial",
        "-startdate", start + "000000Z", "-enddate", end + "000000Z",
        "-notext")


@pytest.mark.parametrize("start, end, text", [
    ("20200101", "20210101", "expired on 2021-01-01"),
    ("20990101", "20990201", "is not valid before 2099-01-01")])
def test_a_certificate_that_is_not_valid_now(make, start, end, text):
    """The check refuses it. A server starts and reloads with it all the same:
    links only need the key, and clients may accept it."""
    s = make.server(tls=True)
    make_dated(s.folder, s.name, start, end)
    assert_refused(s, "tls.certificate", text)
    s.start()
    s.await_log(f"warning .*tls.certificate: .*{text}")
    done = s.ctl("reload")
    assert done.returncode == 0
    assert re.search(rf"banyand\.conf:\d+: warning: tls.certificate: .*{text}",
                     done.stderr)
    # nobody but linked servers sees it, and they pin the key
    s.config["listen"] = s.config["listen"][:1]
    s.add_links()
    assert_good(s)


@pytest.mark.parametrize("tls", [True, False])
def test_a_key_of_another_certificate(make, folder, tls):
    """Also where nothing uses it yet."""
    s = make.server(tls=True)
    if not tls:
        s.config["listen"].pop()
    other = os.path.join(folder, "other")
    os.mkdir(other)
    make_certificate(other, "other.test")
    s.config["tls"]["key"] = os.path.join(other, "key.pem")
    assert_refused(s, "tls.key", "key values mismatch")
    assert "key values mismatch" in s.refused()
    s.config["tls"]["key"] = os.path.join(s.folder, "key.pem")
    s.config["tls"]["link_certificate"] = os.path.join(s.folder, "cert.pem")
    s.config["tls"]["link_key"] = os.path.join(other, "key.pem")
    assert_refused(s, "tls.link_key", "key values mismatch")


# ---- listeners --------------------------------------------------------------

def test_an_address_of_another_machine(make):
    s = make.server()
    s.config["listen"].append({"address": "192.0.2.77", "port": 6667})
    assert_refused(s, "listen[2].address",
                   "192.0.2.77:6667: Cannot assign requested address")
    s.start_good = s.config["listen"].pop()
    s.start()
    s.config["listen"].append(s.start_good)
    s.write()
    done = s.ctl("reload")
    assert done.returncode == 1
    assert re.search(r"banyand\.conf:\d+: listen\[2\]\.address: 192\.0\.2\.77",
                     done.stderr), done.stderr


def test_a_port_of_another_program(make):
    """It may be this server itself that runs: the check is silent."""
    s = make.server()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", s.plain))
        taken.listen()
        assert_good(s)
        assert re.search(r"banyand\.conf:\d+: listen\[1\]\.address: "
                         rf"127\.0\.0\.1:{s.plain}: Address already in use",
                         s.refused())


@needs_root
def test_a_port_below_1024(make, open_folder):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as f:
        if int(f.read()) <= 80:
            pytest.skip("everybody may open it")
    s = make.server()
    os.chmod(s.folder, 0o777)
    s.config["listen"][0]["port"] = 80
    assert_good(s)
    assert_refused(s, "listen[1].address", "127.0.0.1:80: Permission denied",
                   user="nobody")


# ---- masks ------------------------------------------------------------------

def test_a_mask_of_too_many_bits(make):
    s = make.server()
    s.config["classes"] = [{"name": "c", "net": "10.0.0.0/33"}]
    s.config["opers"] = [{"name": "o", "password": hash_of("x"),
                          "mask": "*@10.0.0.0/33"}]
    assert_refused(s, "classes[1].net", 'not the text "10.0.0.0/33"')
    assert_refused(s, "opers[1].mask", "10.0.0.0/33 is not a network")
