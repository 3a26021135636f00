#!/usr/bin/env python3
"""The tests of what needs no server: the traffic is the same for the same seed and
has the shape that README.md states; rows keep their bound; the plot is SVG."""
import os
import random
import statistics
import sys
import unittest
import xml.etree.ElementTree
from collections import Counter, namedtuple

sys.dont_write_bytecode = True
HERE = os.path.join(os.environ.get("top_srcdir", "."), "tests", "compare")
sys.path.insert(0, HERE)
import network  # noqa: E402
import plot  # noqa: E402
import rows  # noqa: E402
import traffic  # noqa: E402

DAY = traffic.Day(users=3000)


def text(**options):
    return "\n".join(traffic.Day(**options).lines())


class Seeds(unittest.TestCase):
    def test_same_seed_same_bytes(self):
        for options in ({"users": 200}, {"users": 60, "hours": 2.0,
                                         "bigchan": 1.0, "mix": "tight"}):
            self.assertEqual(text(seed=7, **options), text(seed=7, **options))

    def test_other_seed_other_bytes(self):
        self.assertNotEqual(text(users=200, seed=1).splitlines()[3:],
                            text(users=200, seed=2).splitlines()[3:])

    def test_small_networks(self):
        for seed in range(30):
            for users in (1, 2, 5, 20):
                traffic.Day(users=users, hours=.5, bigchan=.2, seed=seed)


class Order(unittest.TestCase):
    """The promises to a program that replays the lines."""

    def test_order(self):
        here, on, last, talks = {}, {}, 0, 0
        for e in DAY.events:
            self.assertGreaterEqual(e.ms, last)
            last = e.ms
            user = e.args[0]
            if e.verb == "mark":
                continue
            if e.verb == "connect":
                self.assertNotIn(user, here)
                here[user], on[user] = e.ms, {}
                continue
            self.assertIn(user, here)
            if e.verb == "quit":
                del here[user]
            elif e.verb == "join":
                self.assertGreaterEqual(e.ms, here[user] + 499)
                on[user][e.args[1]] = e.ms
            elif e.verb == "part":
                on[user].pop(e.args[1], None)
            elif e.verb == "say":
                talks += 1
                self.assertGreaterEqual(e.ms, on[user][e.args[1]] + 3000 -
                                        20 * len(on[user]))
            elif e.verb == "pm":
                self.assertIn(e.args[1], here)
                self.assertNotEqual(user, e.args[1])
        self.assertLess(last, 24 * 3600 * 1000)
        self.assertGreater(talks, 1000)


class Shape(unittest.TestCase):
    def between(self, least, value, most):
        self.assertTrue(least <= value <= most, f"{least} {value} {most}")

    def test_people(self):
        people = DAY.people
        self.between(3, statistics.median(
            len(p.channels) for p in people), 6)
        self.between(.65, sum(p.has_account for p in people) / 3000, .75)
        europe = sum(p.region < 2 for p in people) / 3000
        self.between(.4, europe, .75)

    def test_channels(self):
        sizes = sorted((len(m) for m in DAY.members), reverse=True)
        self.between(1, statistics.median(n for n in sizes if n), 8)
        self.between(.05, sizes[0] / 3000, .4)
        self.between(1500, len(sizes), 1900)

    def test_half_of_the_people_are_there(self):
        for hour in range(1, 24):
            here = sum(p.is_here(hour * 3600) for p in DAY.people) / 3000
            self.between(.4, here, .65)

    def test_all_come_at_the_beginning(self):
        early = Counter(e.verb for e in DAY.events if e.ms <= 240000)
        self.between(.35 * 3000, early["connect"], .65 * 3000)
        minutes = Counter(e.ms // 60000 for e in DAY.events
                          if e.verb == "connect" and e.ms > 240000)
        self.between(1, max(minutes.values()), 30)

    def test_messages(self):
        said = Counter(e.args[0] for e in DAY.events if e.verb == "say")
        self.between(.6 * 12 * 3000, sum(said.values()), 1.1 * 12 * 3000)
        top = sum(n for _, n in said.most_common(30)) / sum(said.values())
        self.between(.12, top, .5)
        self.between(.3, len(said) / 3000, .75)
        sizes = [int(e.args[2]) for e in DAY.events if e.verb == "say"]
        self.between(45, statistics.median(sizes), 65)
        self.between(2, min(sizes), 10)
        self.between(300, max(sizes), 400)

    def test_private_messages(self):
        pms = sum(e.verb == "pm" for e in DAY.events)
        self.between(.25 * 4 * 3000, pms, 1.0 * 4 * 3000)

    def test_evenings_are_busier_than_nights(self):
        day = traffic.Day(users=3000, bigchan=0.0, start=0.0)
        local = Counter()
        for e in day.events:
            if e.verb == "say" and day.people[int(e.args[0][1:])].region == 0:
                local[(e.ms // 3600000 + 1) % 24] += 1
        self.assertGreater(local[20] + local[21] + local[22],
                           2 * (local[3] + local[4] + local[5]))

    def test_the_big_channel(self):
        mark = next(e for e in DAY.events if e.verb == "mark")
        self.assertEqual(mark.ms, 12 * 3600 * 1000)
        channel = mark.args[0].split()[1]
        first = {}
        for e in DAY.events:
            if e.verb == "join" and e.args[1] == channel:
                first.setdefault(e.args[0], e.ms - mark.ms)
        self.between(.05 * 3000, len(first), .15 * 3000)
        self.between(0, min(first.values()), 60000)
        soon = sum(t < 20 * 60 * 1000 for t in first.values())
        self.assertEqual(soon, len(first))
        self.assertFalse(any(e.verb == "mark" for e in
                             traffic.Day(users=50, bigchan=0.0).events))


class Again(unittest.TestCase):
    def test_all_come_again(self):
        day = traffic.Day(users=1000, hours=2.0, again=1.0, bigchan=0.0)
        here = set()
        for e in day.events:
            if e.ms > 3600000:
                break
            if e.verb == "connect":
                here.add(e.args[0])
            elif e.verb == "quit":
                here.remove(e.args[0])
        self.assertEqual(here, set())
        come = {e.args[0] for e in day.events if e.verb == "connect" and
                3600000 < e.ms <= 3600000 + 245000}
        self.assertGreater(len(come), 350)
        before = {e.args[0]: set() for e in day.events}
        after = {u: set() for u in before}
        for e in day.events:
            if e.verb == "join":
                (before if e.ms < 3600000 else after)[e.args[0]].add(e.args[1])
        both = [u for u in come if before[u]]
        same = sum(len(before[u] & after[u]) for u in both)
        self.assertGreater(same / sum(len(after[u]) for u in both), .9)


class Trunks(unittest.TestCase):
    """The counts at the trunks of a network of two servers and two gates."""

    def counted(self, before, after):
        net = network.Network.__new__(network.Network)
        Place = namedtuple("Place", "name region")
        net.servers = [Place("s1", "eu"), Place("s2", "am")]
        net.gates = [Place("g1", "eu"), Place("g2", "am")]
        return net.trunked(before, after)

    def test_only_the_growth_counts(self):
        total, far = self.counted(
            [{"g1": Counter(lines=5, bytes=50)}, {}],
            [{"g1": Counter(lines=7, bytes=90), "g2": Counter(lines=1, bytes=3)},
             {"g1": Counter(lines=10, bytes=20, up=4)}])
        self.assertEqual(total, Counter(lines=13, bytes=63, up=4))
        self.assertEqual(far, Counter(lines=11, bytes=23, up=4))

    def test_the_distance_is_in_the_trunks(self):
        net = network.Network.__new__(network.Network)
        Place = namedtuple("Place", "sid region text trunk")
        net.servers = [
            Place("1AA", "eu", '{ sid = "2AA"; pin = "beef"; }', 4001),
            Place("2AA", "am", '{ sid = "1AA"; pin = "cafe"; }', 4002)]
        net.rules, net.ports, net.base = [], {}, 10
        net.free_port = lambda: 5000 + len(net.rules)
        gate = Place("", "eu", 'name = "g";\nservers = ( { port = 4001; } );\n', 0)
        self.assertEqual(
            net.gate_text(gate, "hash"), 'name = "g";\nservers = ( '
            '{ address = "127.0.0.1"; port = 4001; pin = "cafe"; }, '
            '{ address = "127.0.0.1"; port = 5000; pin = "beef"; } );\n'
            'region = "eu";\nlearn = false;\nstrategy = "hash";\n')
        self.assertEqual(net.rules, [(5000, 4002, 45)])


class Brokers(unittest.TestCase):
    def test_links(self):
        text = network.links_by_broker("nats://127.0.0.1:1", {
            "1AA": ("a.test", "beef"), "0AA": ("b.test", "cafe")})
        self.assertEqual(
            text, 'links = (\n\t{ name = "b.test"; sid = "0AA"; pin = "cafe"; '
            'broker = "nats://127.0.0.1:1"; },\n\t{ name = "a.test"; sid = "1AA"; '
            'pin = "beef"; broker = "nats://127.0.0.1:1"; }\n);')
        self.assertEqual(network.LINK.findall(text), [
            ("b.test", "0AA", "cafe"), ("a.test", "1AA", "beef")])

    def test_what_was_published(self):
        """The server 1AA, near the broker, made four entries, and 2AA one."""
        net = network.Network.__new__(network.Network)
        Place = namedtuple("Place", "sid region")
        net.servers = [Place("1AA", "eu"), Place("2AA", "am")]
        net.regions, net.by_broker = ["eu", "am"], True

        def counted(*numbers):
            entries, sent, heard = numbers[:2], numbers[2], numbers[3]
            return {**{f'banyan_origin_entries_total{{sid="{sid}"}}': n
                       for sid, n in zip(("1AA", "2AA"), entries)},
                    'banyan_broker_sent_bytes_total{broker="x"}': sent,
                    'banyan_broker_received_bytes_total{broker="x"}': heard}
        before = network.Counted([counted(1, 1, 10, 20), counted(1, 1, 5, 5)],
                                 None, None)
        after = network.Counted([counted(5, 2, 40, 30), counted(5, 2, 15, 45)],
                                None, None)
        total, far = net.relayed(before, after)
        self.assertEqual(total, Counter(entries=5, bytes=90))
        self.assertEqual(far, Counter(entries=5, bytes=50))


class Net:
    """As much of a network as rows without programs need."""
    servers = ["s1", "s2", "s3", "s4", "s5"]
    near = {"eu": (0, 1), "am": (2, 3), "asia": (4,)}

    def distance_ms(self, region, server):
        return 0 if server in self.near[region] else 50

    def start(self):
        pass

    def door(self, region, server):
        return server


class Rows(unittest.TestCase):
    def place(self, name, people=2000):
        visits = [rows.Visit(f"u{i}", "eu", f"#c{i % 50}", i, i + 1000)
                  for i in range(people)]
        choose = rows.ROWS[name].place(Net(), random.Random(1))
        return [choose(v) for v in visits]

    def test_nearest_keeps_the_bound(self):
        doors = self.place("nearest")
        for now in range(100, 2000, 100):
            here = Counter(doors[max(0, now - 999):now + 1])
            n = sum(here.values())
            self.assertLessEqual(max(here.values()), max(
                1.1 * n / 5, n / 5 + 1) + 1)
        self.assertGreater(Counter(doors)[0], Counter(doors)[4])

    def test_sharding_goes_by_the_channel(self):
        doors = self.place("sharding")
        self.assertEqual(doors[:50] * 40, doors)
        self.assertEqual(len(set(doors)), 5)

    def test_random_spreads(self):
        self.assertEqual(self.place("random"), self.place("random"))
        self.assertLess(max(Counter(self.place("random")).values()), 500)


class Regions(unittest.TestCase):
    def test_each_region_has_a_server(self):
        regions = list(network.REGIONS)
        self.assertEqual(network.spread(3, regions), regions)
        self.assertEqual(network.spread(5, regions),
                         ["eu", "eu", "eu", "am", "asia"])
        self.assertEqual(network.spread(2, regions[:1]), ["eu", "eu"])

    def test_everybody_has_a_home(self):
        homes = sorted(r for of in network.REGIONS.values() for r in of)
        self.assertEqual(homes, sorted(traffic.REGIONS))
        for a in network.REGIONS:
            for b in network.REGIONS:
                self.assertEqual(network.distance(a, b) == 0, a == b)
                self.assertEqual(network.distance(a, b),
                                 network.distance(b, a))


class Plots(unittest.TestCase):
    def test_it_is_svg(self):
        samples = [{"sample": 300 + 60 * i, "users": [i, 5], "lines": [i, i],
                    "copies": i * i, "relayed": {"entries": 3 * i}}
                   for i in range(20)]
        drawn = plot.draw({"a<b": {"samples": samples},
                           "none": {"samples": []}})
        root = xml.etree.ElementTree.fromstring(drawn)
        kinds = Counter(x.tag.split("}")[1] for x in root)
        self.assertEqual(kinds["polyline"], 2 * len(plot.PANELS))
        self.assertIn("a<b", [x.text for x in root])

    def test_axes(self):
        for value, top in ((1, 1), (7, 8), (.03, .03), (99, 100), (101, 200)):
            self.assertAlmostEqual(plot.round_up(value), top)


if __name__ == "__main__":
    unittest.main()
