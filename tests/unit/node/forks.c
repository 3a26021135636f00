/*
 * A linked server, 004, makes entries in the name of server 003 or 001 at the
 * moment at which that server makes one itself, so that servers have different
 * entries of one number (link-protocol.md, 6.22 and 6.23). Nodes 1, 2 and 3 are
 * a line, and 004 is linked with node 1. Afterwards all facts must be equal,
 * and no link of an honest server may have been cut.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/state.h"
#include "link/state.h"
#include "unit/node/check_node.h"
#include "unit/node/liars.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define USERS 6
#define TEXT_MAX 2048

struct net3 {
	struct world *w;
	unsigned user[USERS]; /* two on each node, in turn */
	unsigned liar;
	struct rng rng;
	char text[TEXT_MAX]; /* of a forged entry, without its head */
	unsigned parts;
};

static const char *const nick[USERS] = { "ann", "bob", "cat", "dan", "eve",
	"fay" };
static const char *const chan[] = { "#a", "#b", "#c" };

static void
open_with(struct net3 *t, uint64_t seed, bool homes_move)
{
	char line[80];

	t->w = played_line();
	rng_seed(&t->rng, seed);
	for (unsigned i = 1; i <= 3; i++)
		world_settings(t->w, i)->homes_move = homes_move;
	for (unsigned i = 0; i < USERS; i++)
		t->user[i] = world_user(t->w, i % 3 + 1, nick[i]);
	for (unsigned i = 0; i < 9; i++) {
		snprintf(line, sizeof(line), "JOIN %s", chan[i / 3]);
		world_say(t->w, t->user[i % 4], line);
		world_run(t->w, 20);
	}
	world_run(t->w, 500);
	t->liar = played_liar(t->w, 0);
	t->parts = 0;
}

static void
net3_open(struct net3 *t, uint64_t seed)
{
	open_with(t, seed, false);
}

static const struct facts *
facts_of(struct net3 *t, unsigned i)
{
	return &node_core(world_node(t->w, i))->facts;
}

static struct origin
origin_of(struct net3 *t, unsigned i)
{
	return core_self(node_core(world_node(t->w, i)));
}

static uint64_t
have(struct net3 *t, unsigned at, unsigned i)
{
	return vector_get(&world_links(t->w, at)->log.have, origin_of(t, i));
}

static void __attribute__((format(printf, 2, 3)))
part(struct net3 *t, const char *fmt, ...)
{
	size_t n = t->parts == 0 ? 0 : strlen(t->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->text + n, sizeof(t->text) - n - 2, fmt, ap);
	va_end(ap);
	strcat(t->text, "\n");
	t->parts++;
}

/* Let the liar say the parts as entry n of node i, at node 1. */
static void
forge_as(struct net3 *t, unsigned i, uint64_t n)
{
	char line[128], *p = t->text, *end;

	snprintf(line, sizeof(line),
	    "ENTRY 00%u.%u %" PRIu64 " %" PRId64 " * - %u", i,
	    origin_of(t, i).inc, n,
	    core_clock(node_core(world_node(t->w, 1))).ms + 1, t->parts);
	world_say(t->w, t->liar, line);
	for (; (end = strchr(p, '\n')) != NULL; p = end + 1) {
		*end = '\0';
		world_say(t->w, t->liar, p);
	}
	t->parts = 0;
	ck_assert_msg(!world_is_closed(t->w, t->liar), "%s",
	    world_heard(t->w, t->liar));
}

static void
forge(struct net3 *t, unsigned i)
{
	forge_as(t, i, have(t, 1, i) + 1);
}

static void
say(struct net3 *t, unsigned i, const char *line)
{
	if (!world_is_closed(t->w, t->user[i]))
		world_say(t->w, t->user[i], line);
}

static void
run(struct net3 *t, unsigned ms)
{
	char line[80];

	for (; ms > 0; ms -= ms < 1000 ? ms : 1000) {
		world_run(t->w, ms < 1000 ? ms : 1000);
		snprintf(line, sizeof(line), "BEAT 0 %" PRId64,
		    core_clock(node_core(world_node(t->w, 1))).ms);
		world_say(t->w, t->liar, line);
	}
}

static void
all_is_equal(struct net3 *t)
{
	run(t, 3000);
	played_kept_links(t->w, 1);
	ck_assert(world_agrees(t->w, 1, 2));
	ck_assert(world_agrees(t->w, 2, 3));
}

/* ---- random parts -------------------------------------------------------- */

static unsigned
below(struct net3 *t, unsigned n)
{
	return (unsigned)rng_below(&t->rng, n);
}

static const char *
uid_text(struct net3 *t, char buf[UID_LEN + 1])
{
	const struct user *u =
	    facts_find_nick(facts_of(t, 1), span_of(nick[below(t, USERS)]));
	struct span s = u == NULL ? SPAN("003ZZZZZZ") : uid_span(&u->uid);

	snprintf(buf, UID_LEN + 1, "%.*s", (int)s.n, s.p);
	return buf;
}

static const struct chan *
any_chan(struct net3 *t)
{
	return facts_find_chan(facts_of(t, 1), span_of(chan[below(t, 3)]));
}

/* Write the name and incarnation of a channel, or of one that is not there. */
static const char *
ch_text(const struct chan *c, char buf[80])
{
	const struct founding *g = c == NULL ? NULL : founding_first(c);

	if (g == NULL)
		snprintf(buf, 80, "#d,17.003");
	else
		snprintf(buf, 80, "%.*s,%" PRId64 ".%s", (int)c->fold->n,
		    c->fold->p, g->cinc.stamp.ms, g->cinc.sid.s);
	return buf;
}

static const char *
dot_text(struct dot dot, char buf[64])
{
	struct writer w;

	writer_init(&w, buf, 63);
	write_dot(&w, dot);
	buf[writer_done(&w).n] = '\0';
	return buf;
}

static void
part_of_member(struct net3 *t, const struct chan *c, const struct member *m)
{
	char ch[80], dot[64];

	ch_text(c, ch);
	dot_text(m->dot, dot);
	switch (below(t, 4)) {
	case 0:
		part(t, "+PART %s %s :forged", ch, dot);
		break;
	case 1:
		part(t, "+KICK %s %s 003 :forged", ch, dot);
		break;
	case 2:
		part(t, "+STAT %s %s voice on 003", ch, dot);
		break;
	default:
		part(t, "+MOVE #a,5.003 %s", dot);
		break;
	}
}

static void
part_of_chan(struct net3 *t)
{
	const struct chan *c = any_chan(t);
	const struct member *m = c == NULL ? NULL : TAILQ_FIRST(&c->members);
	char ch[80], uid[UID_LEN + 1];

	ch_text(c, ch);
	switch (below(t, 6)) {
	case 0:
		part(t, "+CSET %s topic 003 :003 forged", ch);
		if (below(t, 2) == 0)
			part(t, "+CSET %s topic-since 003 :5", ch);
		break;
	case 1:
		part(t, "+CSET %s mode/key 003 :forged", ch);
		break;
	case 2:
		part(t, "+LADD %s ban 003 0 :*!*@forged 003", ch);
		break;
	case 3:
		part(t, "+INVITE %s %s 003 0", ch, uid_text(t, uid));
		break;
	case 4:
		part(t, "+JOIN %s %s", ch, uid_text(t, uid));
		break;
	default:
		if (m != NULL)
			part_of_member(t, c, m);
		break;
	}
}

static void
part_of_user(struct net3 *t)
{
	char uid[UID_LEN + 1];

	uid_text(t, uid);
	switch (below(t, 5)) {
	case 0:
		part(t, "+SET %s away 003 :forged", uid);
		break;
	case 1:
		part(t, "@tenure=9 +SET %s mode/invisible 003 :1", uid);
		break;
	case 2:
		part(t, "+NICK %s forged%u 1 17", uid, below(t, 3));
		break;
	case 3:
		part(t, "+USER 003AAZZZ%c x x x.test 1.2.3.4 1.2.3.4 :X",
		    (char)('A' + below(t, 26)));
		break;
	default:
		part(t, "+QUIT %s :forged", uid);
		break;
	}
}

static void
part_of_later_verb(struct net3 *t)
{
	char uid[UID_LEN + 1];

	if (below(t, 2) == 0)
		part(t, "@kind=element +ODD 003");
	else
		part(t, "@kind=register,1,u1 +ODDER %s :x", uid_text(t, uid));
}

static void
random_parts(struct net3 *t)
{
	for (unsigned n = 1 + below(t, 4); t->parts < n;) {
		unsigned what = below(t, 8);

		if (what < 4)
			part_of_chan(t);
		else if (what < 7)
			part_of_user(t);
		else
			part_of_later_verb(t);
	}
}

static void
random_line(struct net3 *t)
{
	static const char *const form[] = {
		"JOIN %s",
		"PART %s",
		"TOPIC %s :true",
		"MODE %s +b *!*@true",
		"MODE %s +k true",
		"MODE %s +v cat",
		"AWAY :true %s",
		"KICK %s bob",
		"INVITE dan %s",
		"MODE %s -o ann",
		"JOIN %snew",
		"PRIVMSG %s :true",
	};
	char line[80];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(line, sizeof(line),
	    form[below(t, sizeof(form) / sizeof(form[0]))], chan[below(t, 3)]);
#pragma GCC diagnostic pop
	say(t, below(t, USERS), line);
}

/* ---- cases --------------------------------------------------------------- */

/* Mix each kind of command with each kind of forged part. */
static void
mix(uint64_t seed, bool homes_move)
{
	struct net3 t;

	open_with(&t, seed, homes_move);
	for (unsigned k = 0; k < 12; k++) {
		unsigned of = below(&t, 3) == 0 ? 1 : 3;

		world_hold(t.w, true);
		for (unsigned n = below(&t, 4); n > 0; n--)
			random_line(&t);
		random_parts(&t);
		forge(&t, of);
		world_hold(t.w, false);
		run(&t, below(&t, 300));
	}
	all_is_equal(&t);
	world_free(t.w);
}

START_TEST(any_parts_are_mended)
{
	mix((uint64_t)_i, false);
}
END_TEST

START_TEST(any_parts_of_users_with_a_home_are_mended)
{
	mix((uint64_t)_i, true);
}
END_TEST

void
liars_fork(void)
{
	const struct user *u;
	struct net3 t;

	net3_open(&t, 1);
	u = facts_find_nick(facts_of(&t, 1), SPAN("cat"));
	world_hold(t.w, true);
	say(&t, 2, "AWAY :true");
	part(&t, "+SET %s away 003 :forged", u->uid.s);
	forge(&t, 3);
	world_hold(t.w, false);
	all_is_equal(&t);
	world_free(t.w);
}

START_TEST(a_fork_is_mended)
{
	liars_fork();
}
END_TEST

static unsigned
count(const char *text, const char *piece)
{
	unsigned n = 0;

	while ((text = strstr(text, piece)) != NULL) {
		text += strlen(piece);
		n++;
	}
	return n;
}

/* An invitation is made again, and members who ask for invite-notify are not
 * told again. */
START_TEST(an_invitation_is_told_once)
{
	struct net3 t;

	net3_open(&t, 1);
	say(&t, 5, "CAP REQ invite-notify");
	say(&t, 5, "JOIN #a");
	run(&t, 500);
	world_hold(t.w, true);
	say(&t, 2, "INVITE dan #a");
	part(&t, "+READY 009 1 x.test :nothing");
	forge(&t, 3);
	world_hold(t.w, false);
	all_is_equal(&t);
	ck_assert_uint_eq(map_count(&facts_of(&t, 1)->invites), 1);
	ck_assert_uint_eq(count(world_heard(t.w, t.user[5]), " INVITE dan #a"),
	    1);
	world_free(t.w);
}
END_TEST

/* The forged entry writes with a later tenure than the home of the user. */
START_TEST(a_forged_tenure_is_mended)
{
	const struct user *u;
	struct net3 t;
	char ch[80];

	open_with(&t, 1, true);
	u = facts_find_nick(facts_of(&t, 1), SPAN("cat"));
	world_hold(t.w, true);
	say(&t, 2, "AWAY :true");
	part(&t, "@tenure=9 +SET %s away 003 :forged", u->uid.s);
	part(&t, "@tenure=9 +NICK %s forged 1 17", u->uid.s);
	ch_text(facts_find_chan(facts_of(&t, 1), SPAN("#a")), ch);
	part(&t, "@cause=9,1 +JOIN %s %s", ch, u->uid.s);
	forge(&t, 3);
	world_hold(t.w, false);
	all_is_equal(&t);
	world_free(t.w);
}
END_TEST

/* Check that the channel of that fact name is shown under the other one. */
static void
is_called(struct net3 *t, const char *fact, const char *name)
{
	const struct chan *c;

	for (unsigned i = 1; i <= 3; i++) {
		c = facts_find_chan(facts_of(t, i), span_of(fact));
		ck_assert_ptr_nonnull(c);
		ck_assert_msg(span_eq(rcbuf_span(c->name), span_of(name)),
		    "node %u: %.*s", i, SPAN_ARG(rcbuf_span(c->name)));
	}
}

/* The channel is founded again, and has its other name also then. */
START_TEST(the_name_of_a_channel_is_kept)
{
	struct net3 t;

	net3_open(&t, 1);
	world_hold(t.w, true);
	say(&t, 2, "JOIN #new");
	say(&t, 2, "RENAME #new #other :why");
	part(&t, "+READY 009 1 x.test :nothing");
	forge_as(&t, 3, have(&t, 1, 3) + 1);
	world_hold(t.w, false);
	all_is_equal(&t);
	is_called(&t, "#new", "#other");
	world_free(t.w);
}
END_TEST

/* The fork is about a name that the channel does not have any more: the liar
 * has given it another one, by an entry of its own. */
START_TEST(the_last_name_of_a_channel_is_kept)
{
	struct net3 t;
	char ch[80], line[160];

	net3_open(&t, 1);
	played_entry(t.w, t.liar, "004.50", 1,
	    "+READY 004 50 004.example.org :four");
	ch_text(facts_find_chan(facts_of(&t, 1), SPAN("#c")), ch);
	world_hold(t.w, true);
	say(&t, 2, "RENAME #c #one");
	snprintf(line, sizeof(line), "ENTRY 004.50 2 %" PRId64 " * - 1",
	    core_clock(node_core(world_node(t.w, 1))).ms + 2000);
	world_say(t.w, t.liar, line);
	snprintf(line, sizeof(line), "@kind=register,1,c1 +CNAME %s 004 #two",
	    ch);
	world_say(t.w, t.liar, line);
	part(&t, "@kind=register,1,c1 +CNAME %s 003 #forged", ch);
	forge(&t, 3);
	world_hold(t.w, false);
	all_is_equal(&t);
	is_called(&t, "#c", "#two");
	world_free(t.w);
}
END_TEST

/* Let cat of node 3 do something, and node 1 be told of other entries of those
 * numbers, while the link between nodes 2 and 3 is cut. */
static void
fork_apart(struct net3 *t, unsigned n)
{
	char line[80];

	world_allow(t->w, 2, 3, false);
	run(t, 100);
	for (unsigned i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "MODE #c +b true%u!*@*", i);
		say(t, 2, line);
		random_parts(t);
		forge(t, 3);
		run(t, 20);
	}
}

/* Check equal facts after the link is back, which was cut by the test. */
static void
heals(struct net3 *t)
{
	world_allow(t->w, 2, 3, true);
	run(t, 8000);
	ck_assert(world_agrees(t->w, 1, 2));
	ck_assert(world_agrees(t->w, 2, 3));
	ck_assert_uint_eq(world_logged(t->w, 1, LOG_LINK_REFUSED), 0);
	ck_assert_uint_eq(world_logged(t->w, 2, LOG_LINK_REFUSED), 0);
}

void
liars_fork_apart(void)
{
	struct net3 t;

	net3_open(&t, 2);
	fork_apart(&t, 10);
	heals(&t);
	world_free(t.w);
}

START_TEST(forks_from_a_split_are_mended)
{
	liars_fork_apart();
}
END_TEST

/* A server takes a snapshot with the forged entries in it. */
START_TEST(forks_in_a_snapshot_are_mended)
{
	struct net3 t;

	net3_open(&t, 3);
	fork_apart(&t, 5);
	world_hang_up(t.w, t.liar);
	world_kill(t.w, 1);
	world_run(t.w, 100);
	world_start(t.w, 1, 11);
	world_run(t.w, 3000);
	ck_assert_uint_eq(world_visible(t.w, 2, 1), 11);
	world_allow(t.w, 2, 3, true);
	world_run(t.w, 8000);
	ck_assert(world_agrees(t.w, 1, 2));
	ck_assert(world_agrees(t.w, 2, 3));
	world_free(t.w);
}
END_TEST

/* A liar says other entries of one number again and again: the same one, or
 * others. The origin makes few entries. */
START_TEST(forks_without_end)
{
	struct net3 t;
	uint64_t before, n;

	net3_open(&t, 4);
	n = have(&t, 1, 3);
	before = have(&t, 3, 3);
	for (unsigned i = 0; i < 1000; i++) {
		part(&t, "+CSET #a,17.003 topic 003 :forged %u",
		    _i == 0 ? 0 : i);
		forge_as(&t, 3, n);
	}
	run(&t, 30000);
	all_is_equal(&t);
	ck_assert_uint_le(have(&t, 3, 3), before + (_i == 0 ? 2 : 64));
	world_free(t.w);
}
END_TEST

Suite *
forks_suite(void)
{
	Suite *s = suite_create("forks");
	TCase *t = unit_case("forks");

	tcase_add_test(t, a_fork_is_mended);
	tcase_add_test(t, an_invitation_is_told_once);
	tcase_add_test(t, a_forged_tenure_is_mended);
	tcase_add_test(t, the_name_of_a_channel_is_kept);
	tcase_add_test(t, the_last_name_of_a_channel_is_kept);
	tcase_add_loop_test(t, any_parts_are_mended, 0, 25);
	tcase_add_loop_test(t, any_parts_of_users_with_a_home_are_mended, 0,
	    13);
	tcase_add_test(t, forks_from_a_split_are_mended);
	tcase_add_test(t, forks_in_a_snapshot_are_mended);
	tcase_add_loop_test(t, forks_without_end, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
