/*
 * Facts of verbs that a server does not know: whatever order the entries come
 * in, and whatever part of them comes in a snapshot, the same facts stay.
 *
 * Most unknown parts here are twins: each follows a part of a known verb, and
 * its kind says of it what the rules say of that verb. Both of a pair stay, or
 * neither. So the kinds are compared with code that was written without
 * them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/facts/founding.h"
#include "core/facts/invites.h"
#include "core/facts/masks.h"
#include "core/facts/unknown.h"
#include "core/types/cost.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define ENTRIES 8
#define STATES (1u << ENTRIES)

#define CH "#c,10.2BB"
#define MEMBER "2BB.7.1.4"

static const struct {
	unsigned after; /* bits of the entries that its maker had seen */
	const char *text;
} entry[ENTRIES] = {
	{ 0, "ENTRY 2BB.7 1 1000 * - 8\r\n"
	     "+READY 2BB 7 b.test :b\r\n"
	     "+USER 2BBAAAAAA ann ann b.test 192.0.2.1 192.0.2.1 :Ann\r\n"
	     "+NICK 2BBAAAAAA ann 1 1000\r\n"
	     "+CHAN " CH "\r\n"
	     "+JOIN " CH " 2BBAAAAAA\r\n"
	     "+USER 2BBAAAAAB bob bob b.test 192.0.2.1 192.0.2.1 :Bob\r\n"
	     "+NICK 2BBAAAAAB bob 1 1000\r\n"
	     "+HOME 2BBAAAAAB 1 2BB.7 * 0\r\n" },
	/* 1: writes and elements of 3CC */
	{ 1u << 0,
	    "ENTRY 3CC.9 1 2000 * - 18\r\n"
	    "+READY 3CC 9 c.test :c\r\n"
	    "@tenure=1 +SET 2BBAAAAAA f 3CC :first\r\n"
	    "@kind=register,2,u1;tenure=1 +XSET 2BBAAAAAA f 3CC :first\r\n"
	    "+CSET " CH " f 3CC :first\r\n"
	    "@kind=register,2,c1 +XCSET " CH " f 3CC :first\r\n"
	    "+STAT " CH " " MEMBER " op on 3CC\r\n"
	    "@kind=register,3,m2 +XSTAT " CH " " MEMBER " op on 3CC\r\n"
	    "+LADD " CH " ban 3CC 0 :*!*@x c\r\n"
	    "@kind=element,c1 +XLADD " CH " ban 3CC 0 :*!*@x c\r\n"
	    "+INVITE " CH " 2BBAAAAAB 3CC 0\r\n"
	    "@kind=element,c1,u2,run +XINVITE " CH " 2BBAAAAAB 3CC 0\r\n"
	    "@kind=register,0 +NET :first\r\n"
	    "@kind=register,1 +NETKEY k :first\r\n"
	    "@kind=element +NETWIDE :for good\r\n"
	    "@kind=element,run +NETRUN :of a run\r\n"
	    "@kind=message +SAID :once\r\n"
	    "+INVITE " CH " 2BBAAAAAA 3CC 0\r\n"
	    "@kind=element,c1,u2,run +XINVITE " CH " 2BBAAAAAA 3CC 0\r\n" },
	/* 2: the channel goes */
	{ 1u << 1, "ENTRY 3CC.9 2 2600 * - 1\r\n+UNCHAN " CH " 2BB.7.1.3\r\n" },
	/* 3: writes and elements of 4DD at the same time */
	{ 1u << 0, "ENTRY 4DD.5 1 2100 * - 17\r\n"
		   "+READY 4DD 5 d.test :d\r\n"
		   "+SET 2BBAAAAAA f 4DD :second\r\n"
		   "@kind=register,2,u1 +XSET 2BBAAAAAA f 4DD :second\r\n"
		   "+SET 2BBAAAAAB f 4DD :second\r\n"
		   "@kind=register,2,u1 +XSET 2BBAAAAAB f 4DD :second\r\n"
		   "+CSET " CH " f 4DD\r\n"
		   "@kind=register,2,c1 +XCSET " CH " f 4DD\r\n"
		   "+STAT " CH " " MEMBER " op off 4DD\r\n"
		   "@kind=register,3,m2 +XSTAT " CH " " MEMBER " op off 4DD\r\n"
		   "+LADD " CH " ban 4DD 0 :*!*@x c\r\n"
		   "@kind=element,c1 +XLADD " CH " ban 4DD 0 :*!*@x c\r\n"
		   "+INVITE " CH " 2BBAAAAAA 4DD 0\r\n"
		   "@kind=element,c1,u2,run +XINVITE " CH " 2BBAAAAAA 4DD 0\r\n"
		   "@kind=register,0 +NET :second\r\n"
		   "@kind=register,1 +NETKEY k\r\n"
		   "@kind=element,u1 +NETUSER 2BBAAAAAB\r\n"
		   "@kind=element,m1 +NETMEMBER " MEMBER "\r\n" },
	/* 4: what 3CC added is removed, if a READY has not done so */
	{ 1u << 1 | 1u << 3,
	    "ENTRY 4DD.5 2 2700 * - 2\r\n"
	    "+LDEL " CH " 4DD 3CC.9.1.7 3CC.9.1.9\r\n"
	    "@kind=removal,3 +XLDEL " CH " 4DD 3CC.9.1.8 3CC.9.1.10 "
	    "3CC.9.1.13\r\n" },
	/* 5, 6: the member goes, then the user */
	{ 1u << 0, "ENTRY 2BB.7 2 2200 * - 1\r\n+PART " CH " " MEMBER "\r\n" },
	{ 1u << 5, "ENTRY 2BB.7 3 2300 * - 1\r\n+QUIT 2BBAAAAAA :bye\r\n" },
	/* 7: what the first run of 3CC made becomes void */
	{ 1u << 0, "ENTRY 3CC.11 1 2400 * - 1\r\n+READY 3CC 11 c.test :c\r\n" },
};

/* The facts as text, until the caller frees it. */
static char *
facts_of(struct rig *r)
{
	return span_dup(core_canon(r->core, r->arena));
}

/* ---- twins --------------------------------------------------------------- */

/* Fail unless the fact of a known verb is there that this line is a twin of. */
static void
twin_is_there(const char *facts, const char *line, const char *verb)
{
	char known[256];
	int head, part;
	const char *words = strchr(verb, ' ');

	ck_assert_int_eq(sscanf(line, "@dot=%*[^;]%n;stamp=%*d%*[^+]", &head),
	    0);
	while (line[head - 1] != '.')
		head--;
	part = atoi(line + head);
	snprintf(known, sizeof(known), "%.*s%d;", head, line, part - 1);
	line = strstr(facts, known);
	ck_assert_msg(line != NULL, "no %s in:\n%s", known, facts);
	snprintf(known, sizeof(known), " +%.*s\n", (int)strcspn(verb, "\n"),
	    verb);
	line = strchr(line, ' ');
	ck_assert_msg(strncmp(line, known, strlen(known)) == 0,
	    "not a twin of %s: %s", known, facts);
	ck_assert_ptr_nonnull(words);
}

/* Fail unless both of each pair are among the facts, or neither. */
static void
twins_agree(const char *facts)
{
	static const char *const pair[] = { "SET", "CSET", "STAT", "LADD",
		"INVITE" };
	char known[16], twin[16];

	for (unsigned i = 0; i < sizeof(pair) / sizeof(pair[0]); i++) {
		snprintf(known, sizeof(known), " +%s ", pair[i]);
		snprintf(twin, sizeof(twin), " +X%s ", pair[i]);
		ck_assert_msg(text_count(facts, known) ==
				  text_count(facts, twin),
		    "%s and its twin differ:\n%s", known, facts);
		for (const char *at = facts, *line;
		     (at = strstr(at, twin)) != NULL; at++) {
			for (line = at; line > facts && line[-1] != '\n';)
				line--;
			twin_is_there(facts, line, at + 3);
		}
	}
}

/* ---- twins, as a server that knows their verbs reads them ---------------- */

static const struct later_row xset = { "XSET", "register,2,u1" },
			      xcset = { "XCSET", "register,2,c1" },
			      xstat = { "XSTAT", "register,3,m2" },
			      xladd = { "XLADD", "element,c1" },
			      xinvite = { "XINVITE", "element,c1,u2,run" };

/* Count the facts of a verb that an owner has. */
static unsigned
count_of(const struct facts *f, const void *owner, const struct later_row *row)
{
	const struct unknown *x = NULL;
	unsigned n = 0;

	while ((x = unknown_of(f, owner, row, x)) != NULL)
		n++;
	return n;
}

static void
same_number(unsigned known, unsigned twins, const char *verb)
{
	ck_assert_msg(known == twins, "%u of %s, and %u twins", known, verb,
	    twins);
}

/* Return how many registers are those of the field f, which entries write. */
static unsigned
count_regs(struct reg_walk w)
{
	const struct reg *r;
	unsigned n = 0;

	while ((r = regs_next(&w)) != NULL)
		n += span_eq(rcbuf_span(r->name->text), SPAN("f"));
	return n;
}

static void
user_agrees(const struct facts *f, const struct user *u)
{
	unsigned nregs = count_regs(user_regs(u));
	const struct unknown *x;
	const struct invite *i;
	unsigned n = 0;
	char key[32];

	same_number(nregs, count_of(f, u, &xset), "SET");
	snprintf(key, sizeof(key), "%s f", u->uid.s);
	x = unknown_register(f, &xset, span_of(key));
	ck_assert((x != NULL) == (nregs > 0));
	if (x != NULL) {
		ck_assert_ptr_eq(x, unknown_of(f, u, &xset, NULL));
		ck_assert(span_eq(unknown_text(x).s,
		    rcbuf_span(user_value(f, u, SPAN("f")))));
		ck_assert(span_eq(kind_word(unknown_line(x), 2), SPAN("f")));
	}
	for (i = user_first_invite(u); i != NULL; i = invite_next(i))
		n++;
	same_number(n, count_of(f, u, &xinvite), "INVITE");
}

static void
founding_agrees(const struct facts *f, const struct founding *g)
{
	const struct mask *m;
	const struct invite *i;
	unsigned masks = 0, invites = 0;

	for (m = mask_first(g); m != NULL; m = mask_next(m))
		masks++;
	for (i = founding_first_invite(g); i != NULL; i = TAILQ_NEXT(i, link))
		invites++;
	same_number(count_regs(founding_regs(g)), count_of(f, g, &xcset),
	    "CSET");
	same_number(masks, count_of(f, g, &xladd), "LADD");
	same_number(invites, count_of(f, g, &xinvite), "INVITE");
}

/* Fail unless each owner has the twins of what it has. */
static void
owners_agree(const struct facts *f)
{
	const struct founding *g;
	struct member_walk w = { 0 };
	const struct user *u;
	struct member *m;
	struct chan *c;

	for (size_t i = 0; (u = map_next(&f->users, &i)) != NULL;)
		user_agrees(f, u);
	for (size_t i = 0; (c = map_next(&f->chans, &i)) != NULL;)
		for (g = founding_first(c); g != NULL; g = founding_next(g))
			founding_agrees(f, g);
	while (facts_next_member(f, &w, &m))
		if (m != NULL)
			same_number(m->more == NULL ? 0 : m->more->nstat,
			    count_of(f, m, &xstat), "STAT");
}

/* ---- orders -------------------------------------------------------------- */

static char *want[STATES]; /* the facts, by the entries that were processed */

static void
compare(struct rig *r, unsigned state, const char *how)
{
	char *facts = facts_of(r);

	twins_agree(facts);
	owners_agree(&r->core->facts);
	if (want[state] == NULL) {
		want[state] = facts;
		return;
	}
	ck_assert_msg(strcmp(want[state], facts) == 0,
	    "state %x, %s, has\n%s\nnot\n%s", state, how, facts, want[state]);
	free(facts);
}

static bool
may_come(unsigned state, unsigned i)
{
	return (state >> i & 1) == 0 && (entry[i].after & ~state) == 0;
}

#define LDEL_ENTRY 4 /* what it removes may have gone before */

/* Fail unless the entry changes the facts; only LDEL_ENTRY need not. */
static void
apply(struct rig *r, unsigned i)
{
	char *before = facts_of(r), *after;

	rig_apply(r, entry[i].text);
	after = facts_of(r);
	ck_assert_msg(strcmp(before, after) != 0 || i == LDEL_ENTRY,
	    "entry %u changes nothing in\n%s", i, after);
	free(before);
	free(after);
}

/* Process the entries in this order, and compare after each of them. */
static void
run(const unsigned order[ENTRIES])
{
	struct rig r;
	unsigned state = 0;

	rig_init(&r);
	for (unsigned i = 0; i < ENTRIES; i++) {
		apply(&r, order[i]);
		state |= 1u << order[i];
		compare(&r, state, "in another order");
	}
	rig_fini(&r);
}

/* Call run for all orders that begin with the n that are chosen. */
static unsigned
all_orders(unsigned order[ENTRIES], unsigned n, unsigned state)
{
	unsigned runs = 0;

	if (n == ENTRIES) {
		run(order);
		return 1;
	}
	for (unsigned i = 0; i < ENTRIES; i++)
		if (may_come(state, i)) {
			order[n] = i;
			runs += all_orders(order, n + 1, state | 1u << i);
		}
	return runs;
}

static void
forget_wanted(void)
{
	for (unsigned s = 0; s < STATES; s++) {
		free(want[s]);
		want[s] = NULL;
	}
}

START_TEST(no_order_matters)
{
	unsigned order[ENTRIES];

	ck_assert_uint_gt(all_orders(order, 0, 0), 100);
	forget_wanted();
}
END_TEST

/* ---- snapshots ----------------------------------------------------------- */

/* Process the entries of a state that are not in done; from the last if that
 * is asked for, as far as their order allows. */
static void
process(struct rig *r, unsigned state, unsigned done, bool last_first)
{
	unsigned i = 0, k;

	while (done != (done | state) && i < ENTRIES) {
		k = last_first ? ENTRIES - 1 - i : i;
		i++;
		if ((state >> k & 1) != 0 && may_come(done, k)) {
			rig_apply(r, entry[k].text);
			done |= 1u << k;
			i = 0;
		}
	}
}

static bool
is_state(unsigned state)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		if ((state >> i & 1) != 0 && (entry[i].after & ~state) != 0)
			return false;
	return true;
}

static void
vector_of(struct vector *v, unsigned state)
{
	unsigned inc;
	unsigned long long n;
	char sid[4];
	struct origin o;

	vector_init(v);
	vector_set(v, (struct origin){ { "1AA" }, 5 }, 1);
	for (unsigned i = 0; i < ENTRIES; i++) {
		if ((state >> i & 1) == 0)
			continue;
		ck_assert_int_eq(sscanf(entry[i].text, "ENTRY %3s.%u %llu", sid,
				     &inc, &n),
		    3);
		o = (struct origin){ .inc = inc };
		ck_assert(sid_parse(span_of(sid), &o.sid));
		vector_raise(v, o, n);
	}
}

/* A server in one state takes a snapshot of a server in another one, then
 * processes the rest. */
static void
take(unsigned here, unsigned there, bool last_first)
{
	struct rig to, from;
	struct vector v, cov;

	rig_init(&to);
	rig_init(&from);
	process(&to, here, 0, last_first);
	process(&from, there, 0, !last_first);
	vector_of(&v, there);
	vector_of(&cov, here);
	core_install_whole(to.core, &to.ev, rig_snapshot(&from, &to), &v, &cov,
	    &to.fx);
	rig_drain(&to);
	compare(&to, here | there, "by snapshot");
	process(&to, STATES - 1, here | there, last_first);
	compare(&to, STATES - 1, "half by snapshot");
	vector_fini(&v);
	vector_fini(&cov);
	rig_fini(&from);
	rig_fini(&to);
}

/* Fill in what each state should be, from entries alone. */
static unsigned
want_all(void)
{
	struct rig r;
	unsigned n = 0;

	for (unsigned s = 1; s < STATES; s++)
		if (is_state(s)) {
			rig_init(&r);
			process(&r, s, 0, false);
			compare(&r, s, "in order");
			rig_fini(&r);
			n++;
		}
	return n;
}

START_TEST(no_snapshot_matters)
{
	ck_assert_uint_gt(want_all(), 20);
	for (unsigned here = 1; here < STATES; here++)
		for (unsigned there = 1; there < STATES; there++)
			if (is_state(here) && is_state(there))
				take(here, there, (here + there) % 2 != 0);
	forget_wanted();
}
END_TEST

/* ---- what stays ---------------------------------------------------------- */

/* Begin a server that has processed the entries of a state. */
static char *
facts_in(struct rig *r, unsigned state)
{
	rig_init(r);
	process(r, state, 0, false);
	return facts_of(r);
}

/* The line of a fact has its dot, its stamp, its tenure and its kind. */
START_TEST(kinds_say_what_stays)
{
	struct rig r;
	char *facts = facts_in(&r, 1u << 0 | 1u << 1 | 1u << 3);

	ck_assert_ptr_nonnull(strstr(facts,
	    "@dot=3CC.9.1.2;stamp=2000;tenure=1;kind=register,2,u1;inc=7 "
	    "+XSET 2BBAAAAAA f 3CC :first\n"));
	ck_assert_ptr_nonnull(strstr(facts,
	    "@dot=4DD.5.1.13;stamp=2100;kind=register,0 +NET :second\n"));
	ck_assert_ptr_nonnull(strstr(facts, " +NETKEY k\n"));
	ck_assert_ptr_nonnull(strstr(facts, " +NETWIDE :for good\n"));
	ck_assert_ptr_nonnull(strstr(facts, " +NETRUN "));
	ck_assert_ptr_nonnull(strstr(facts, " +NETUSER "));
	ck_assert_ptr_nonnull(strstr(facts, " +NETMEMBER "));
	ck_assert_ptr_null(strstr(facts, "+SAID"));
	ck_assert_uint_eq(text_count(facts, " +XINVITE "), 3);
	ck_assert_uint_eq(text_count(facts, " +XLADD "), 2);
	free(facts);
	rig_fini(&r);
}
END_TEST

START_TEST(owners_take_what_is_theirs)
{
	struct rig r;
	char *facts = facts_in(&r, STATES - 1);

	ck_assert_uint_eq(text_count(facts, "+X"), 1);
	ck_assert_ptr_nonnull(strstr(facts, " +XSET 2BBAAAAAB f 4DD "));
	ck_assert_ptr_nonnull(strstr(facts, " +NETUSER 2BBAAAAAB\n"));
	ck_assert_ptr_null(strstr(facts, " +NETMEMBER "));
	ck_assert_ptr_null(strstr(facts, " +NETRUN "));
	ck_assert_ptr_null(strstr(facts, " +NETWIDE "));
	ck_assert_ptr_nonnull(strstr(facts, " +NET :second\n"));
	free(facts);
	rig_fini(&r);
}
END_TEST

/* A register has one line, however often it is written. */
START_TEST(registers_do_not_grow)
{
	char text[160];
	struct rig r;
	size_t foreign = 0;

	rig_init(&r);
	rig_apply(&r, entry[0].text);
	for (unsigned n = 0; n < 1000; n++) {
		snprintf(text, sizeof(text),
		    "ENTRY 4DD.5 %u %u * - 2\r\n"
		    "@kind=register,1 +NETKEY k :%04u\r\n"
		    "@kind=register,1,u1 +OF 2BBAAAAAA :%04u\r\n",
		    n + 1, 3000 + n, n, n);
		rig_apply(&r, text);
		if (n == 0)
			foreign = r.core->facts.foreign;
	}
	ck_assert_uint_eq(map_count(&r.core->facts.unknown_registers), 2);
	ck_assert_uint_eq(r.core->facts.foreign, foreign);
	rig_fini(&r);
}
END_TEST

/* To drop what goes with a run costs as much as to merge it. */
START_TEST(elements_of_a_run_are_spent_for)
{
	enum { ELEMENTS = 100 };
	char text[8192];
	size_t n;
	struct rig r;
	int64_t left;

	rig_init(&r);
	n = (size_t)snprintf(text, sizeof(text),
	    "ENTRY 3CC.9 1 2000 * - %d\r\n+READY 3CC 9 c.test :c\r\n",
	    ELEMENTS + 1);
	for (unsigned i = 0; i < ELEMENTS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "@kind=element,run +NETRUN :of a run\r\n");
	rig_apply(&r, text);
	ck_assert_uint_eq(map_count(&r.core->facts.unknown_elements), ELEMENTS);
	r.no_ticks = true;
	rig_advance(&r, 1);
	(void)rig_tick(&r);
	left = r.core->work.left;
	rig_apply(&r, "ENTRY 3CC.10 1 3000 * - 1\r\n"
		      "+READY 3CC 10 c.test :c\r\n");
	ck_assert_uint_eq(map_count(&r.core->facts.unknown_elements), 0);
	ck_assert_int_ge(left - r.core->work.left, ELEMENTS * COST_PART);
	rig_fini(&r);
}
END_TEST

/* ---- the bound ----------------------------------------------------------- */

static bool
has_room(struct rig *r, const char *line)
{
	char text[512];
	const char *why;
	struct entry *e;
	bool room;

	snprintf(text, sizeof(text), "ENTRY 4DD.5 1 9000 * - 1\r\n%s\r\n",
	    line);
	e = entry_from_text(span_of(text), &why);
	ck_assert_msg(e != NULL, "%s", why);
	room = core_has_room(r->core, e, false);
	entry_unref(e);
	return room;
}

/* Only what nothing can end counts for the bound. */
START_TEST(only_the_endless_is_bounded)
{
	static char text[16384];
	char fill[12001];
	struct rig r;
	unsigned n = 0;

	memset(fill, 'x', sizeof(fill) - 1);
	fill[sizeof(fill) - 1] = '\0';
	rig_init(&r);
	rig_apply(&r, entry[0].text);
	for (n = 1; n <= 1500; n++) {
		snprintf(text, sizeof(text),
		    "ENTRY 3CC.9 %u %u * - 1\r\n"
		    "@kind=element,u1 +OF 2BBAAAAAA :%s\r\n",
		    n, 3000 + n, fill);
		rig_apply(&r, text);
	}
	ck_assert(!core_is_full(r.core));
	for (; !core_is_full(r.core); n++) {
		snprintf(text, sizeof(text),
		    "ENTRY 3CC.9 %u %u * - 1\r\n"
		    "@kind=register,1 +NETKEY %u :%s\r\n",
		    n, 3000 + n, n, fill);
		rig_apply(&r, text);
	}
	ck_assert_uint_gt(n, 2500);
	ck_assert(!has_room(&r, "@kind=register,1 +NETKEY new"));
	ck_assert(has_room(&r, "@kind=register,1 +NETKEY 1501 :short"));
	ck_assert(has_room(&r, "@kind=register,1,u1 +OF 2BBAAAAAA :x"));
	ck_assert(has_room(&r, "@kind=element +NETWIDE :x"));
	ck_assert(has_room(&r, "@kind=removal,1 +GONE 3CC.9.1.0"));
	ck_assert(has_room(&r, "@kind=message +SAID :x"));
	rig_fini(&r);
}
END_TEST

Suite *
unknown_suite(void)
{
	Suite *s = suite_create("unknown");
	TCase *t = unit_case("all");

	tcase_add_test(t, no_order_matters);
	tcase_add_test(t, no_snapshot_matters);
	tcase_add_test(t, kinds_say_what_stays);
	tcase_add_test(t, owners_take_what_is_theirs);
	tcase_add_test(t, registers_do_not_grow);
	tcase_add_test(t, elements_of_a_run_are_spent_for);
	tcase_add_test(t, only_the_endless_is_bounded);
	suite_add_tcase(s, t);
	return s;
}
