/*
 * The memory that one client can make every server keep: two nodes in one
 * process, on a virtual clock, with the default limits. A client of one of them
 * sends the same kind of line for ten minutes, as fast as flood control lets
 * it.
 *
 *	growth [KIND ...]
 *
 * It prints for each kind the lines that were read, the entries that they made,
 * and by how much the memory of one server grew: its facts, its log, and what
 * the allocator rounds up. 5 minutes of the log are in that (KEEP). The goal is
 * 1 MB for each kind. No figure makes a test fail.
 */
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "lib/net.h"
#include "link/info.h"
#include "link/net.h"

#define MINUTES 10
#define TURN_MS 100
#define AHEAD 5000 /* bytes that the client sends before they are read */
#define LINE 512   /* bytes of a line without its tags */
#define LINE_MOST 8192
#define FULL 100    /* channels that a user may be on */
#define AT_ONCE 20  /* channels of one JOIN, when the test begins */
#define VICTIMS 100 /* users of the other server */
#define MASKS 20    /* changes with a parameter in one MODE */

struct abuse {
	struct net *net;
	struct net_client *client;
	char line[LINE_MOST];
	size_t n;
	unsigned turn; /* counts lines */
};

static void add(struct abuse *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(struct abuse *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	a->n +=
	    (size_t)vsnprintf(a->line + a->n, sizeof(a->line) - a->n, fmt, ap);
	va_end(ap);
}

static void
add_many(struct abuse *a, char ch, size_t n)
{
	memset(a->line + a->n, ch, n);
	a->n += n;
	a->line[a->n] = '\0';
}

/* Add channels from the number `from` on until the line has that many bytes.
 * Return the number behind the last. */
static unsigned
add_chans(struct abuse *a, const char *prefix, unsigned from, size_t bytes)
{
	add(a, "#%s%u", prefix, from++);
	while (a->n + strlen(prefix) + 10 < bytes)
		add(a, ",#%s%u", prefix, from++);
	return from;
}

/* ---- the lines, turn by turn -------------------------------------------- */

static void
say_fresh(struct abuse *a)
{
	if (a->turn % 2 == 0)
		add(a, "JOIN 0");
	else {
		add(a, "JOIN ");
		(void)add_chans(a, "", a->turn * 100, LINE - 8);
	}
}

static void
say_fresh_one(struct abuse *a)
{
	add(a, "%s #f%u", a->turn % 2 == 0 ? "JOIN" : "PART", a->turn / 2);
}

static void
say_fresh_long(struct abuse *a)
{
	if (a->turn % 2 == 0)
		add(a, "JOIN 0");
	else {
		add(a, "JOIN ");
		(void)add_chans(a,
		    "long-long-long-long-long-long-long-long-long-long-long",
		    a->turn * 100, LINE - 8);
	}
}

static void
say_same(struct abuse *a)
{
	if (a->turn % 2 == 0)
		add(a, "JOIN 0");
	else {
		add(a, "JOIN ");
		(void)add_chans(a, "s", 100, LINE - 8);
	}
}

static void
say_part(struct abuse *a)
{
	add(a, a->turn % 2 == 0 ? "JOIN " : "PART ");
	(void)add_chans(a, "s", 100, 200);
	if (a->turn % 2 == 1) {
		add(a, " :");
		add_many(a, 'r', 300);
	}
}

/* Sets MASKS short masks and removes them. */
static void
say_masks(struct abuse *a)
{
	add(a, "MODE #c0 %c", a->turn % 2 == 0 ? '+' : '-');
	add_many(a, 'b', MASKS);
	for (unsigned i = 0; i < MASKS; i++)
		add(a, " m%u!*@*", i);
}

/* Fills the lists of all channels with short masks. */
static void
say_lists(struct abuse *a)
{
	add(a, "MODE #c%u +", a->turn % FULL);
	add_many(a, 'b', MASKS);
	for (unsigned i = 0; i < MASKS; i++)
		add(a, " m%u!*@*", a->turn / FULL * MASKS + i);
}

static void
say_long_masks(struct abuse *a)
{
	add(a, "MODE #c%u +bb", a->turn % FULL);
	for (unsigned i = 0; i < 2; i++) {
		add(a, " ");
		add_many(a, 'm', 190);
		add(a, "%u!*@*", (a->turn / FULL * 2 + i) % 10000);
	}
}

static void
say_flags(struct abuse *a)
{
	add(a, "MODE #c0 %s", a->turn % 2 == 0 ? "+imst" : "-imst");
}

static void
say_voice(struct abuse *a)
{
	add(a, "MODE #c0 %cv mallory", a->turn % 2 == 0 ? '+' : '-');
}

static void
say_topic(struct abuse *a)
{
	add(a, "TOPIC #c0 :");
	add_many(a, (char)('a' + a->turn % 26), 390);
}

static void
say_topics(struct abuse *a)
{
	add(a, "TOPIC #c%u :", a->turn % FULL);
	add_many(a, (char)('a' + a->turn % 26), 390);
}

static void
say_away(struct abuse *a)
{
	add(a, "AWAY :");
	add_many(a, (char)('a' + a->turn % 26), 300);
}

static void
say_umode(struct abuse *a)
{
	add(a, "MODE mallory %ci", a->turn % 2 == 0 ? '+' : '-');
}

static void
say_nick(struct abuse *a)
{
	add(a, "NICK m%u", a->turn);
}

static void
say_invite(struct abuse *a)
{
	add(a, "INVITE v%u #c%u", a->turn / FULL % VICTIMS, a->turn % FULL);
}

static void
say_invite_same(struct abuse *a)
{
	add(a, "INVITE v0 #c0");
}

static void
say_message(struct abuse *a)
{
	add(a, "PRIVMSG v0 :");
	add_many(a, 'x', 480);
}

static void
say_short(struct abuse *a)
{
	add(a, "PRIVMSG v0 :hello");
}

static void
say_tags(struct abuse *a)
{
	add(a, "@+t=");
	add_many(a, 't', 4000);
	add(a, " TAGMSG v0");
}

static void
say_targets(struct abuse *a)
{
	add(a, "@+t=");
	add_many(a, 't', 4000);
	add(a, " PRIVMSG v0,v1,v2,v3 :x");
}

/* A batch of so many lines, each of so many bytes. */
static void
say_batch(struct abuse *a, unsigned lines, size_t bytes)
{
	unsigned i = a->turn % (lines + 2);

	if (i == 0) {
		add(a, "@+t=");
		add_many(a, 't', 4000);
		add(a, " BATCH +1 draft/multiline v0");
	} else if (i <= lines) {
		add(a, "@batch=1 PRIVMSG v0 :");
		add_many(a, 'x', bytes);
	} else
		add(a, "BATCH -1");
}

static void
say_lines(struct abuse *a)
{
	say_batch(a, 24, 1);
}

static void
say_long_lines(struct abuse *a)
{
	say_batch(a, 8, 480);
}

static const struct abuse_kind {
	const char *name;
	void (*say)(struct abuse *);
} kinds[] = {
	{ "join-fresh", say_fresh },
	{ "join-fresh-one", say_fresh_one },
	{ "join-fresh-long", say_fresh_long },
	{ "join-same", say_same },
	{ "part-reason", say_part },
	{ "mode-masks", say_masks },
	{ "mode-lists", say_lists },
	{ "mode-long-masks", say_long_masks },
	{ "mode-flags", say_flags },
	{ "mode-voice", say_voice },
	{ "topic", say_topic },
	{ "topics", say_topics },
	{ "away", say_away },
	{ "user-mode", say_umode },
	{ "nick", say_nick },
	{ "invite", say_invite },
	{ "invite-same", say_invite_same },
	{ "message", say_message },
	{ "message-short", say_short },
	{ "message-tags", say_tags },
	{ "message-targets", say_targets },
	{ "batch", say_lines },
	{ "batch-long", say_long_lines },
};

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

/* ---- the network -------------------------------------------------------- */

/* The default limits of src/conf/option.def, which setup.h leaves out. */
static void
set_limits(struct setup *s, bool flood)
{
	(void)setup_set(s, "flood_burst", flood ? "20" : "0");
	(void)setup_set(s, "flood_rate", "5");
	(void)setup_set(s, "nick_changes", "10");
	(void)setup_set(s, "channels", "100");
}

static struct net *
new_net(void)
{
	struct net *net = net_new(1, 2);
	struct setup *s;

	for (unsigned i = 0; i < 2; i++) {
		s = setup_new(i, 2, 1u << !i);
		set_limits(s, false);
		net_setup(net, i, s);
		net_start(net, i);
	}
	net_run(net, 5000);
	return net;
}

static struct net_client *
new_user(struct net *net, unsigned node, const char *nick)
{
	struct net_client *c;
	char line[64];

	c = net_connect(net, node, addr_v4((unsigned char[4]){ 127, 0, 0, 1 }),
	    6667, false, NULL);
	net_client_say(c, "CAP REQ :message-tags batch draft/multiline");
	snprintf(line, sizeof(line), "NICK %s", nick);
	net_client_say(c, line);
	net_client_say(c, "USER u 0 * :u");
	net_client_say(c, "CAP END");
	net_run(net, 10);
	return c;
}

/* Open the client, which is on FULL channels if the kind is about these, and
 * the users of the other server. Wait until the log has forgotten it. */
static void
prepare(struct abuse *a, const struct abuse_kind *k)
{
	char nick[16];

	a->net = new_net();
	for (unsigned i = 0; i < VICTIMS; i++) {
		snprintf(nick, sizeof(nick), "v%u", i);
		(void)new_user(a->net, 1, nick);
	}
	a->client = new_user(a->net, 0, "mallory");
	if (strncmp(k->name, "join", 4) != 0 && k->say != say_part)
		for (unsigned i = 0; i < FULL; i++) {
			a->n = 0;
			add(a, "JOIN #c%u", i);
			net_client_say(a->client, a->line);
		}
	net_run(a->net, 400000);
	for (unsigned i = 0; i < 2; i++) {
		struct setup *s = setup_copy(a->net->node[i].setup);

		set_limits(s, true);
		net_reload(a->net, i, s);
	}
	net_run(a->net, 1000);
}

static size_t
in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static uint64_t
made(const struct net *net)
{
	const struct node *n = net->node[0].node;

	return vector_get(&link_net_log(node_links(n))->have,
	    core_self(node_core(n)));
}

static uint64_t
log_bytes(const struct net *net)
{
	return link_net_log(node_links(net->node[1].node))->bytes;
}

static void
run(const struct abuse_kind *k)
{
	static struct abuse a;
	uint64_t entries;
	size_t before, after;
	int64_t end;

	a = (struct abuse){ 0 };
	prepare(&a, k);
	entries = made(a.net);
	before = in_use();
	end = a.net->now + INT64_C(60000) * MINUTES * NS_PER_MS;
	while (a.net->now < end && a.client->open && !a.net->failed) {
		while (a.client->in.n < AHEAD) {
			a.n = 0;
			k->say(&a);
			net_client_say(a.client, a.line);
			a.turn++;
		}
		net_run(a.net, TURN_MS);
	}
	after = in_use();
	printf("%-16s %7u %8ju %9.2f %9.2f%s\n", k->name, a.turn,
	    (uintmax_t)(made(a.net) - entries),
	    after > before ? (double)(after - before) / 2e6 : 0.0,
	    (double)log_bytes(a.net) / 1e6,
	    a.net->failed     ? a.net->why
	    : !a.client->open ? "; the client was closed"
			      : "");
	fflush(stdout);
	net_free(a.net);
}

static bool
is_asked(const struct abuse_kind *k, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], k->name) == 0)
			return true;
	return argc == 1;
}

int
main(int argc, char **argv)
{
	printf("%-16s %7s %8s %9s %9s\n", "kind", "lines", "entries", "MB",
	    "log MB");
	for (size_t i = 0; i < NKINDS; i++)
		if (is_asked(&kinds[i], argc, argv))
			run(&kinds[i]);
	return EXIT_SUCCESS;
}
