"""A client made of python3-irc, driven by lines on stdin: see test_libraries.py.
python_irc.py PORT NICK"""
import select
import sys

import irc.bot
import irc.client

EVENTS = ("join", "part", "kick", "nick", "quit", "mode", "topic", "invite",
          "pubmsg", "privmsg", "pubnotice", "privnotice", "action", "error",
          "whoisuser", "whoisserver", "endofwhois", "away", "nosuchnick",
          "chanoprivsneeded", "umodeis")


class Bot(irc.bot.SingleServerIRCBot):
    def __init__(self, port, nick):
        super().__init__([("127.0.0.1", port)], nick, "python-irc")

    def on_welcome(self, connection, event):
        tell("welcome", event.target)

    def obey(self, line):
        name, *words = line.split(" ")
        c = self.connection
        if name == "members":
            channel = self.channels.get(words[0], irc.bot.Channel())
            tell("members", *sorted(("@" if channel.is_oper(u) else
                                     "+" if channel.is_voiced(u) else "") + u
                                    for u in channel.users()))
        elif name == "isupport":
            tell("isupport", c.features.chantypes, ",".join(sorted(
                mode + sign for sign, mode in c.features.prefix.items())),
                c.features.nicklen)
        elif name == "away":
            c.send_raw("AWAY :" + " ".join(words))
        elif name == "quit":
            c.quit(" ".join(words))
        elif name == "whois":
            c.whois(words)
        elif name in ("mode", "privmsg", "notice", "topic", "part"):
            getattr(c, name)(words[0], " ".join(words[1:]))
        else:
            getattr(c, name)(*words)


def tell(*words):
    print(*words, flush=True)


def seen(connection, event):
    if event.type in EVENTS:  # the source of "action" is a plain string
        source = irc.client.NickMask(event.source or "-")
        tell(event.type, source.nick, event.target, *event.arguments)


def main():
    bot = Bot(int(sys.argv[1]), sys.argv[2])
    bot.ircobj.add_global_handler("all_events", seen, 10)
    bot._connect()
    stdin = open(0, "rb", buffering=0)  # select() knows of no buffer
    while bot.connection.is_connected():
        bot.ircobj.process_once(0.02)
        while select.select([stdin], [], [], 0)[0]:
            line = stdin.readline()
            if not line:
                return
            bot.obey(line.decode().rstrip("\n"))


main()
