"""Starts the two servers, each in a folder of its own, with settings that are
as equal as they can be."""
import grp
import os
import pwd
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from harness import BANYANCTL, NO_FLOOD, Server, free_port, until  # noqa: E402
from transcript import PEERS  # noqa: E402

INSPIRCD = "/usr/sbin/inspircd"
NAME = "s1.test"

# The modules of a usual network that do what banyand does, too.
MODULES = ("cap", "ircv3", "ircv3_batch", "ircv3_capnotify", "ircv3_ctctags",
           "ircv3_chghost", "ircv3_echomessage", "ircv3_invitenotify",
           "ircv3_labeledresponse", "ircv3_msgid",
           "ircv3_servertime", "namesx", "uhnames", "customprefix",
           "conn_umodes", "banexception", "inviteexception", "setname")

# The limits of banyand's transcripts, and their names in inspircd.
LIMITS = {"nick_len": ("maxnick", 30), "channel_len": ("maxchan", 64),
          "topic_len": ("maxtopic", 390), "kick_len": ("maxkick", 300),
          "away_len": ("maxaway", 300), "user_len": ("maxident", 10), "host_len": ("maxhost", 63),
          "real_len": ("maxreal", 150), "modes": ("maxmodes", 20)}

CONF = """\
<server name="{name}" description="test server 1" network="Test" id="001">
<admin name="a" nick="a" email="a@s1.test">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="all" allow="*" timeout="60" pingfreq="9000" hardsendq="4194304"
 softsendq="4194304" recvq="16384" localmax="999" globalmax="999"
 resolvehostnames="no" useident="no" usednsbl="no" fakelag="no"
 commandrate="9999999" threshold="9999" maxchans="100"
 modes="+i"
 maxconnwarn="no">
<channels users="100" opers="100">
<options prefixquit="Quit: " defaultmodes="not" casemapping="ascii"
 hostintopic="yes" splitwhois="no" modesinlist="no" invitebypassmodes="yes" syntaxhints="no">
<security announceinvites="none" maxtargets="4" hidesplits="no" hidebans="no"
 userstats="Pu">
<performance clonesonconnect="yes" softlimit="12800">
<limits {limits}>
<maxlist chan="*" limit="{list_max}">
<whowas groupsize="10" maxgroups="1000" maxkeep="1d">
<log method="file" type="*" level="default" target="{folder}/log">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}"
 moduledir="/usr/lib/inspircd/modules" runtimedir="{folder}">
<pid file="{folder}/pid">
<customprefix name="founder" letter="q" prefix="~" rank="50000"
 ranktoset="50000">
<customprefix name="admin" letter="a" prefix="&amp;" rank="40000"
 ranktoset="50000">
<customprefix name="halfop" letter="h" prefix="%" rank="20000"
 ranktoset="30000">
<class name="all" commands="*" privs="*" usermodes="*" chanmodes="*"
 snomasks="*">
<type name="all" classes="all">
"""


def settings_of(transcript):
    """Return the limits, lines of the MOTD, operators and modules that a
    transcript sets."""
    limits = {key: value for key, (_, value) in LIMITS.items()}
    limits["list_max"] = 100
    motd, opers, modules = [], [], []
    for key, value in transcript.settings:
        if key == "motd":
            motd.append(value)
        elif key == "oper":
            opers.append(value.split())
        elif key == "modules":
            modules = value.split()
        else:
            limits[key] = int(value)
    return limits, motd, opers, modules


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


class Inspircd:
    """An inspircd of a user without rights."""
    early = b"COMMANDS"     # see Client of play.py

    def __init__(self, folder, transcript):
        os.makedirs(folder)
        self.folder, self.port = folder, free_port()
        limits, motd, opers, modules = settings_of(transcript)
        text = CONF.format(
            name=NAME, port=self.port, folder=folder,
            list_max=limits["list_max"], limits=" ".join(
                f'{name}="{limits[key]}"'
                for key, (name, _) in LIMITS.items()))
        if motd:
            text += f'<files motd="{folder}/motd">\n'
        names = list(MODULES)
        for module in modules:
            names += PEERS[module].split()
        text += "".join(f'<module name="{m}">\n' for m in names)
        text += "".join(f'<oper name="{name}" password="{password}" '
                        'host="*@*" type="all">\n' for name, password in opers)
        write(os.path.join(folder, "inspircd.conf"), text)
        if motd:
            write(os.path.join(folder, "motd"),
                  "".join(m + "\n" for m in motd))

    def start(self):
        who = {}
        if os.geteuid() == 0:
            who = {"user": pwd.getpwnam("nobody").pw_uid,
                   "group": grp.getgrnam("nogroup").gr_gid,
                   "extra_groups": []}
            for name in ["."] + os.listdir(self.folder):
                os.chown(os.path.join(self.folder, name), who["user"],
                         who["group"])
        with open(os.path.join(self.folder, "output"), "wb") as out:
            self.process = subprocess.Popen(
                [INSPIRCD, "--config",
                 os.path.join(self.folder, "inspircd.conf"), "--nofork"],
                stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, cwd="/", **who)
        until("inspircd takes clients", self.is_ready)
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.folder, "output"),
                      encoding="utf-8") as f:
                raise AssertionError("inspircd ended: " + f.read())
        import socket
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()


def hash_of(password):
    return subprocess.run([BANYANCTL, "hash"], input=password + "\n",
                          capture_output=True, text=True,
                          check=True).stdout.strip()


def banyand(folder, transcript):
    """Return a banyand that is not started yet."""
    limits, motd, opers, modules = settings_of(transcript)
    s = Server(folder, NAME, "001")
    s.config["server"] |= {"network": "Test", "description": "test server 1",
                           "motd": os.path.join(folder, "motd")}
    write(os.path.join(folder, "motd"), "".join(m + "\n" for m in motd))
    s.config["limits"] = limits
    s.config["classes"] = [dict(NO_FLOOD, registration_s=0, ping_s=86400)]
    if opers:
        s.config["opers"] = [{"name": name, "password": hash_of(password)}
                             for name, password in opers]
    if modules:
        s.config["modules"] = modules
    s.port, s.early = s.plain, b""
    return s
