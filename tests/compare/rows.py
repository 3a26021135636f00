"""The rows of the table: how people are placed on servers, and what is between.

A row is a function with @row. It is given the Network and what is random in the
row. It starts the servers (Network.start), and before or after them what else it
needs (Network.add). It may change configurations before: they are written anew for
each row, and all programs are stopped at its end. It returns a function that says
for each Visit to which port the client connects. Visits are placed in the order in
which they begin. Nothing else has to know of a new row.
"""
import hashlib
import heapq
from collections import Counter, namedtuple

# A connection of a person: the region of servers that is near, its first channel
# (or None), and when it begins and ends, in milliseconds of the schedule.
Visit = namedtuple("Visit", "person region channel begin end")

ROOM = 1.10     # users of a server, at most, for each in the mean

Row = namedtuple("Row", "title place remembers")

ROWS = {}


def row(name, title, remembers=False):
    """Add a row. If it remembers people from before --again, it is given the time
    before that, too."""
    def add(fn):
        ROWS[name] = Row(title, fn, remembers)
        return fn
    return add


class Room:
    """How many visits each server has, in the order of time."""

    def __init__(self, n):
        self.n, self.users, self.ends = n, Counter(), []

    def expire(self, now):
        while self.ends and self.ends[0][0] <= now:
            self.users[heapq.heappop(self.ends)[1]] -= 1

    def has(self, server):
        most = max(ROOM * (len(self.ends) + 1) / self.n,
                   len(self.ends) / self.n + 1)
        return self.users[server] + 1 <= most

    def take(self, server, until):
        self.users[server] += 1
        heapq.heappush(self.ends, (until, server))


@row("random", "spread at random, servers relay")
def at_random(net, chance):
    net.start()
    return lambda v: net.door(v.region, chance.randrange(len(net.servers)))


@row("nearest", "nearest server with room, servers relay")
def nearest(net, chance):
    net.start()
    room = Room(len(net.servers))

    def choose(visit):
        room.expire(visit.begin)
        servers = [i for i in range(len(net.servers)) if room.has(i)]
        best = min(servers, key=lambda i: (
            net.distance_ms(visit.region, i), room.users[i], i))
        room.take(best, visit.end)
        return net.door(visit.region, best)
    return choose


@row("haproxy-leastconn", "haproxy in each region, least connections")
def haproxy_leastconn(net, chance):
    net.start()
    ports = net.haproxy("leastconn")
    return lambda v: ports[v.region]


@row("haproxy-source", "haproxy in each region, hash of the address")
def haproxy_source(net, chance):
    net.start()
    ports = net.haproxy("source")
    return lambda v: ports[v.region]


@row("sharding", "hash of the first channel, servers relay")
def sharding(net, chance):
    net.start()

    def choose(visit):
        key = visit.channel or visit.person
        number = int(hashlib.sha256(key.encode()).hexdigest(), 16)
        return net.door(visit.region, number % len(net.servers))
    return choose


def through_broker(kind):
    @row(kind, f"spread at random, servers relay through {kind}")
    def relayed(net, chance):
        net.broker(kind)
        return at_random(net, chance)
    return relayed


through_broker("nats")
through_broker("redis")


def behind_gates(strategy):
    @row("gate-" + strategy, f"a gate in each region, {strategy}",
         remembers=strategy == "together")
    def gated(net, chance):
        net.start()
        ports = net.start_gates(strategy)
        return lambda v: ports[v.region]
    return gated


for word in ("random", "round-robin", "least-load", "hash", "nearest", "together"):
    behind_gates(word)
