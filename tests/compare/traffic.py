#!/usr/bin/env python3
"""traffic.py [OPTION...] >FILE: a day of an IRC network, made from a seed.

A trace says who connects, joins, talks and leaves, and when. README.md has its
form and the model behind it. The same options make the same bytes.
"""
import argparse
import bisect
import itertools
import math
import random
import sys
from collections import namedtuple

HOUR = 3600.0
DAY = 24 * HOUR

# The regions of people, and what a clock there shows beyond UTC, in hours.
ZONES = {"eu-west": 1, "eu-east": 3, "na-east": -5, "na-west": -8, "sa": -3,
         "asia": 8}
REGIONS = list(ZONES)

# Each community speaks a language: how many of the communities, in percent, and
# how its speakers spread over REGIONS.
LANGUAGES = {
    "en": (46, (34, 6, 30, 20, 2, 8)),
    "de": (10, (97, 1, 1, 1, 0, 0)),
    "fr": (7, (90, 0, 8, 2, 0, 0)),
    "ru": (7, (4, 94, 1, 1, 0, 0)),
    "es": (6, (45, 0, 10, 5, 40, 0)),
    "pt": (5, (20, 0, 2, 1, 77, 0)),
    "it": (4, (99, 0, 1, 0, 0, 0)),
    "pl": (4, (15, 85, 0, 0, 0, 0)),
    "fi": (3, (30, 70, 0, 0, 0, 0)),
    "zh": (4, (2, 0, 3, 5, 0, 90)),
    "ja": (4, (1, 0, 1, 2, 0, 96)),
}

# Where the channels of people are, in percent: in their own community, in one of
# the others that they belong to, global. The rest are anywhere.
MIXES = {"tight": (85, 8, 5), "base": (65, 20, 10), "loose": (45, 30, 15)}

START_S = 240           # within which all come who are there at the beginning
SHORTEST_S = 20         # of a visit
AGAIN_S = 5             # from the end of a connection at --again to the next one
MEMBERSHIPS_MAX = 200   # of one person
BYTES_MAX = 400         # of one message
BEFORE_TALK_S = 5       # from a connect, or from a join, to the first word
TRIES = 50              # to draw a time of the day; then any will do

OPTIONS = [
    ("users", int, 20000, "people who are seen at least once"),
    ("hours", float, 24.0, "how long the trace is"),
    ("start", float, 6.0, "the hour of its beginning, UTC"),
    ("seed", int, 1, "equal seeds make equal traces"),
    ("again", float, 0.0, "the hour at which all who are there lose their "
     "connections, and come again; 0: never"),
    ("mix", str, "base", "how much people keep to their community: "
     + ", ".join(MIXES)),
    ("bigchan", float, 12.0, "the hour at which a new channel draws 15 %% of "
     "all people; 0: never"),
    ("users_per_channel", float, 1.8, "people for each channel"),
    ("per_community", int, 45, "people for each community"),
    ("says_per_user", float, 12.0, "messages to channels, per person and day"),
    ("chan_cap", float, 6000.0, "most messages of a channel in a day"),
    ("pms_per_user", float, 4.0, "private messages, per person and day"),
]

Event = namedtuple("Event", "ms order verb args")


def add_options(parser, **defaults):
    """Let an argparse parser know the options of a trace."""
    for name, kind, default, text in OPTIONS:
        parser.add_argument(
            "--" + name.replace("_", "-"), type=kind,
            default=defaults.get(name, default),
            help=text + " (%(default)s)",
            choices=sorted(MIXES) if name == "mix" else None)


def day_of(options):
    """Return the Day of parsed options."""
    return Day(**{name: getattr(options, name) for name, *_ in OPTIONS})


# ---- chance -----------------------------------------------------------------

def sums(weights):
    return list(itertools.accumulate(weights))


def zipf(n, exponent, shift=1):
    return [1 / (i + shift) ** exponent for i in range(n)]


class Chance(random.Random):
    """Random numbers of the distributions that people follow."""

    def pick(self, cumulated):
        """Return an index. `cumulated` has the sums of the weights."""
        x = self.random() * cumulated[-1]
        return min(len(cumulated) - 1, bisect.bisect(cumulated, x))

    def percent(self, p):
        return self.random() * 100 < p

    def lognormal(self, median, sigma):
        return self.lognormvariate(math.log(median), sigma)

    def geometric(self, p):
        """Return how often something of chance p fails before it succeeds."""
        return int(math.log(1 - self.random()) / math.log(1 - p))

    def poisson(self, mean):
        if mean > 50:
            return max(0, round(self.gauss(mean, math.sqrt(mean))))
        n, left, end = 0, self.random(), math.exp(-mean)
        while left > end:
            n += 1
            left *= self.random()
        return n

    def message_bytes(self):
        return max(2, min(BYTES_MAX, int(self.lognormal(55, 0.8))))


def busy(hour):
    """Return how much goes on at an hour of the local clock, from 0.18 to 1.2:
    people talk at work before and after noon, and at home in the evening."""
    def peak(at, width, height):
        away = (hour - at + 12) % 24 - 12
        return height * math.exp(-(away / width) ** 2 / 2)
    return .18 + peak(11, 1.8, .7) + peak(14.5, 2.0, .7) + peak(21, 2.2, 1.0)


# ---- the day ----------------------------------------------------------------

class Person:
    def __init__(self, community, others, region):
        self.community = community
        self.others = others        # communities
        self.region = region        # an index of REGIONS
        self.activity = 0.0
        self.has_account = False
        self.visits = []            # (from, to), in seconds, in their order
        self.channels = {}          # channel: (from, to)
        self.visit_begins = []

    def settle(self, visits):
        self.visits = visits
        self.visit_begins = [begin for begin, _ in visits]

    def is_here(self, t):
        """Return whether the person is connected, and has been for a while."""
        i = bisect.bisect_right(self.visit_begins, t) - 1
        return i >= 0 and (self.visit_begins[i] + BEFORE_TALK_S <= t
                           < self.visits[i][1])

    def is_on(self, channel, t):
        begin, end = self.channels[channel]
        return begin + BEFORE_TALK_S <= t < end


class Day:
    """The people of a network, and what they do. `events` is in the order of
    time."""

    def __init__(self, **options):
        for name, _, default, _ in OPTIONS:
            setattr(self, name, options.pop(name, default))
        assert not options, options
        self.chance = Chance(self.seed)
        self.end = self.hours * HOUR
        self.events = []
        self.make_communities()
        self.make_people()
        self.open_big_channel()
        self.come_and_go()
        self.talk()
        self.whisper()
        self.events.sort()

    def happens(self, t, verb, *args):
        if 0 <= t < self.end:
            self.events.append(Event(int(t * 1000), len(self.events), verb,
                                     args))

    # ---- the world ----

    def make_communities(self):
        chance = self.chance
        n = max(8, self.users // self.per_community)
        weights = zipf(n, 0.9, shift=3)
        self.communities = sums(weights)
        self.languages = sums(share for share, _ in LANGUAGES.values())
        self.spread = [sums(where) for _, where in LANGUAGES.values()]
        self.speaks = [chance.pick(self.languages) for _ in range(n)]
        self.speakers = {}          # language: communities, and their sums
        for language in set(self.speaks):
            of = [c for c in range(n) if self.speaks[c] == language]
            self.speakers[language] = of, sums(weights[c] for c in of)
        self.make_channels(weights)

    def make_channels(self, weights):
        """The first channels are global; then come those of each community."""
        nglobal = max(5, self.users // 400)
        left = self.users / self.users_per_channel - nglobal - len(weights)
        self.global_channels = sums(zipf(nglobal, 0.7))
        self.channels_of = []       # community: the first one, and the sums
        self.nchannels = nglobal
        for w in weights:
            share = max(0, left) * w / self.communities[-1]
            n = 1 + int(share + self.chance.random())
            self.channels_of.append((self.nchannels, sums(zipf(n, 1.1))))
            self.nchannels += n
        self.big_channel = None
        if self.bigchan > 0:
            self.big_channel = self.nchannels
            self.nchannels += 1
        self.members = [[] for _ in range(self.nchannels)]

    def make_people(self):
        self.people = []
        for number in range(self.users):
            person = self.make_person()
            self.people.append(person)
            for channel in person.channels:
                self.members[channel].append(number)

    def make_person(self):
        chance = self.chance
        community = chance.pick(self.communities)
        language = self.speaks[community]
        person = Person(community, self.other_communities(language),
                        chance.pick(self.spread[language]))
        # few talk much, most hardly ever
        person.activity = chance.lognormvariate(0, 1.6)
        person.has_account = chance.percent(70)
        wanted = max(1, min(MEMBERSHIPS_MAX, round(chance.lognormal(4, 1.0))))
        for _ in range(3 * wanted):
            if len(person.channels) == wanted:
                break
            person.channels.setdefault(self.choose_channel(person),
                                       (0.0, self.end))
        person.settle(list(self.divided(self.visits(
            ZONES[REGIONS[person.region]]))))
        if person.visits:
            self.change_channels(person)
        return person

    def other_communities(self, language):
        chance, others = self.chance, []
        while len(others) < 5 and chance.percent(55):
            if chance.percent(70):
                of, weights = self.speakers[language]
                others.append(of[chance.pick(weights)])
            else:
                others.append(chance.pick(self.communities))
        return others

    def choose_channel(self, person):
        chance = self.chance
        own, other, everybody = MIXES[self.mix]
        x = chance.random() * 100
        if x < own:
            community = person.community
        elif x < own + other and person.others:
            community = chance.choice(person.others)
        elif x < own + other + everybody:
            return chance.pick(self.global_channels)
        else:
            community = chance.pick(self.communities)
        first, weights = self.channels_of[community]
        return first + chance.pick(weights)

    def change_channels(self, person):
        """Half a join for each person and day, and half of these people leave
        again after 1.5 hours. A few leave one of their channels for good."""
        chance = self.chance
        here = sum(end - begin for begin, end in person.visits)
        for _ in range(chance.poisson(.5 * here / DAY)):
            t = self.time_of_visit(person)
            stay = self.end
            if chance.percent(50):
                stay = min(self.end, t + chance.expovariate(1 / (1.5 * HOUR)))
            person.channels.setdefault(self.choose_channel(person), (t, stay))
        for channel, (begin, end) in person.channels.items():
            if (begin, end) == (0.0, self.end) and chance.percent(2):
                person.channels[channel] = begin, self.time_of_visit(person)

    def time_of_visit(self, person):
        begin, end = self.chance.choice(person.visits)
        return begin + self.chance.random() * (end - begin)

    # ---- visits ----

    def visits(self, zone):
        """Return when a person is connected: 40 of 100 always are, but for a
        drop now and then, 40 sit at a desk for hours, 20 look in for minutes."""
        x = self.chance.random() * 100
        if x < 40:
            return list(self.always())
        if x < 80:
            return self.now_and_then(zone, 1.4, (3 * HOUR, 1.0))
        return self.now_and_then(zone, 5, (12 * 60, 1.2))

    def always(self):
        chance = self.chance
        t = chance.random() * START_S
        while t < self.end:
            end = t + chance.expovariate(1 / (3.5 * DAY))
            yield t, min(self.end, end)
            t = end + chance.choice((8, 20, 60, 300)) * (.5 + chance.random())

    def now_and_then(self, zone, a_day, length):
        chance, drawn = self.chance, []
        for day in range(-1, int(self.end // DAY) + 2):
            for _ in range(chance.poisson(a_day)):
                t = day * DAY + (self.busy_hour() - zone - self.start) * HOUR
                drawn.append((t, t + chance.lognormal(*length)))
        return list(self.apart(sorted(drawn)))

    def busy_hour(self):
        for _ in range(TRIES):
            hour = self.chance.random() * 24
            if self.chance.random() * 2 < busy(hour):
                break
        return hour

    def apart(self, visits):
        """Yield visits that do not overlap and are in the trace. Those who are
        there already when it begins come one by one then."""
        last = -math.inf
        for begin, end in visits:
            begin = max(begin, last + 30)
            if begin < 0 < end:
                begin = self.chance.random() * START_S
            if begin < 0 or begin >= self.end or end <= begin + SHORTEST_S:
                continue
            last = min(end, self.end)
            yield begin, last

    def divided(self, visits):
        """Yield visits that are divided at --again."""
        ends = self.again * HOUR
        for begin, end in visits:
            if not begin < ends < end:
                yield begin, end
                continue
            if begin + SHORTEST_S < ends:
                yield begin, ends
            again = ends + AGAIN_S + self.chance.random() * START_S
            if again + SHORTEST_S < end:
                yield again, end

    def open_big_channel(self):
        if self.big_channel is None:
            return
        chance, opens = self.chance, self.bigchan * HOUR
        for number in chance.sample(range(self.users), self.users * 15 // 100):
            t = opens + chance.random() * 20 * 60
            if self.people[number].is_here(t):
                self.people[number].channels[self.big_channel] = t, self.end
                self.members[self.big_channel].append(number)
        self.happens(opens, "mark", f"bigchan #c{self.big_channel}")

    def come_and_go(self):
        for number, person in enumerate(self.people):
            for begin, end in person.visits:
                self.visit(number, person, begin, end)

    def visit(self, number, person, begin, end):
        user = f"u{number}"
        self.happens(begin, "connect", user, REGIONS[person.region],
                     "account" if person.has_account else "guest")
        t = begin + .5 + self.chance.random()
        for channel, (joins, parts) in person.channels.items():
            if joins <= begin < parts:
                self.happens(t, "join", user, f"#c{channel}")
                t += .02
            elif begin < joins < end:
                self.happens(max(joins, begin + BEFORE_TALK_S - .5), "join",
                             user, f"#c{channel}")
            if begin + BEFORE_TALK_S < parts < end:
                self.happens(parts, "part", user, f"#c{channel}")
        if end < self.end:
            self.happens(end, "quit", user)

    # ---- talk ----

    def rates(self):
        """Return how many messages each channel has in a day. The big channel
        has as many as the busiest of the others."""
        chance, rate = self.chance, [0.0] * self.nchannels
        for channel, members in enumerate(self.members):
            n = len(members)
            if n > 1 and channel != self.big_channel and \
               chance.random() < min(.95, .3 + .1 * math.log(n)):
                rate[channel] = n ** .8 * chance.lognormvariate(0, 1.5)
        if self.big_channel is not None and self.members[self.big_channel]:
            rate[self.big_channel] = max(rate)
        for _ in range(8):      # the cap takes some, which others then have
            total = sum(rate)
            if total == 0:
                break
            scale = self.says_per_user * self.users / total
            rate = [min(self.chan_cap, x * scale) for x in rate]
        return rate

    def talk(self):
        for channel, rate in enumerate(self.rates()):
            if rate > 0:
                self.talk_on(channel, rate)

    def talk_on(self, channel, rate):
        """People talk in conversations of 12 messages, in the mean."""
        chance, members = self.chance, self.members[channel]
        activity = sums(self.people[u].activity for u in members)
        often = self.people[members[chance.pick(activity)]].region
        zone = ZONES[REGIONS[often]]
        opens = self.bigchan * HOUR if channel == self.big_channel else 0.0
        for _ in range(chance.poisson(rate * (self.end - opens) / DAY / 12)):
            for _ in range(TRIES):
                t = opens + chance.random() * (self.end - opens)
                if chance.random() * 2 < busy(self.start + zone + t / HOUR):
                    break
            self.converse(channel, members, activity, t)

    def converse(self, channel, members, activity, t):
        chance = self.chance

        def somebody():
            return members[chance.pick(activity)]
        circle = [somebody() for _ in range(2 + chance.geometric(.5))]
        for _ in range(1 + chance.geometric(1 / 12)):
            u = chance.choice(circle) if chance.percent(90) else somebody()
            for _ in range(6):      # others talk in the place of the absent
                if self.people[u].is_here(t):
                    break
                u = somebody()
            if self.people[u].is_here(t) and self.people[u].is_on(channel, t):
                self.happens(t, "say", f"u{u}", f"#c{channel}",
                             str(chance.message_bytes()))
            t += chance.lognormal(12, 1.1)

    def whisper(self):
        """Private messages are for people with whom one shares a small channel,
        mostly."""
        neighbours = {}
        for number, person in enumerate(self.people):
            neighbours.setdefault(person.community, []).append(number)
        for number, person in enumerate(self.people):
            mean = self.pms_per_user * self.hours / 24 / 6 * min(
                20, person.activity / 3.6)
            n = self.chance.poisson(mean)
            if n > 0 and person.visits:
                self.whisper_to(number, n, self.friends(
                    person, neighbours[person.community]))

    def friends(self, person, neighbours):
        chance = self.chance
        small = [c for c in person.channels if len(self.members[c]) <= 40]
        friends = []
        for _ in range(1 + chance.geometric(.3)):
            x = chance.random() * 100
            if x < 75 and small:
                of = self.members[chance.choice(small)]
            elif x < 90:
                of = neighbours
            else:
                of = range(self.users)
            friends.append(chance.choice(of))
        return friends

    def whisper_to(self, number, n, friends):
        chance = self.chance
        for _ in range(n):
            t = self.time_of_visit(self.people[number])
            a, b = number, chance.choice(friends[:1 + chance.geometric(.5)])
            for _ in range(1 + chance.geometric(1 / 6)):
                if a != b and self.people[a].is_here(t) and \
                   self.people[b].is_here(t):
                    self.happens(t, "pm", f"u{a}", f"u{b}",
                                 str(chance.message_bytes()))
                t += chance.lognormal(15, 1.0)
                if chance.percent(60):
                    a, b = b, a

    # ---- the text ----

    def lines(self):
        yield "# banyan-trace 1"
        yield "# " + " ".join(f"{name}={getattr(self, name)}"
                              for name, *_ in OPTIONS) + \
            f" channels={self.nchannels}"
        yield "# regions=" + ",".join(REGIONS)
        for e in self.events:
            yield " ".join((str(e.ms), e.verb, *e.args))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(p)
    for line in day_of(p.parse_args()).lines():
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
