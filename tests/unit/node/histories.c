/*
 * Random histories of one user whose home moves: four servers and a gate that
 * keep the rules (doc/decisions/0023), as far as they make entries. Servers
 * learn of entries in any order that can be; whoever takes the user over has
 * what the gate was told of, and does the commands above its base again. Each
 * history is then merged in every order (orders.h).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "core/state.h"
#include "unit/node/check_node.h"
#include "unit/node/orders.h"

#define HISTORIES 100
#define SERVERS 4
#define U "002AAAAAA"

struct maker { /* a server */
	unsigned inc;
	uint32_t has; /* bits of entries */
	struct taker *taker;
};

struct history {
	struct rng rng;
	struct order_entry v[ORDERS_MAX];
	char origin[ORDERS_MAX][16], cause[ORDERS_MAX][64];
	char parts[ORDERS_MAX][512];
	uint32_t before[ORDERS_MAX]; /* with all that those had */
	uint32_t tenure[ORDERS_MAX]; /* of the command of an entry; 0: none */
	unsigned c[ORDERS_MAX];
	size_t n;
	struct maker maker[SERVERS];
	unsigned stamp;
	/* the gate */
	unsigned home, now;	   /* its tenure */
	unsigned last, did;	   /* commands: given, and told to be done */
	uint32_t told;		   /* entries that it was told of */
	char what[ORDERS_MAX * 4]; /* of each command */
};

static unsigned
below(struct history *h, unsigned n)
{
	return (unsigned)rng_below(&h->rng, n);
}

static const struct user *
user_at(const struct history *h, unsigned k)
{
	struct uid uid;

	(void)uid_parse(SPAN(U), &uid);
	return facts_find_uid(taker_facts(h->maker[k].taker), uid);
}

static void
learn(struct history *h, unsigned k, uint32_t set)
{
	struct maker *m = &h->maker[k];
	struct entry *e;

	for (size_t i = 0; i < h->n; i++)
		if ((set & ~m->has) >> i & 1) {
			e = orders_entry(h->v, i);
			taker_apply(m->taker, e);
			entry_unref(e);
			m->has |= 1u << i;
		}
}

/* Let server k make an entry. tenure 0: by no command. */
static void
make(struct history *h, unsigned k, unsigned tenure, unsigned c,
    const char *parts)
{
	size_t i = h->n;

	if (i == ORDERS_MAX)
		return;
	snprintf(h->origin[i], sizeof(h->origin[i]), "00%u.%u", k + 2,
	    h->maker[k].inc);
	snprintf(h->cause[i], sizeof(h->cause[i]), U ".1,%u,%u,5", tenure, c);
	snprintf(h->parts[i], sizeof(h->parts[i]), "%s", parts);
	h->tenure[i] = tenure;
	h->c[i] = c;
	h->before[i] = h->maker[k].has;
	/* the clock of each server is another one */
	h->stamp += 1 + below(h, 5);
	h->v[i] = (struct order_entry){ h->origin[i], h->stamp + 30 * k,
		tenure == 0 ? "-" : h->cause[i], h->before[i], h->parts[i] };
	h->n++;
	learn(h, k, 1u << i);
}

/* ---- what homes do ------------------------------------------------------- */

static void
command(struct history *h, unsigned k, unsigned tenure, unsigned c)
{
	const struct facts *f = taker_facts(h->maker[k].taker);
	const struct user *u = user_at(h, k);
	char text[128], name[] = { '#', h->what[c], '\0' };
	const struct chan *ch = facts_find_chan(f, span_of(name));
	const struct member *m;
	struct writer w;

	if (u == NULL)
		return;
	if (h->what[c] == 'n') {
		snprintf(text, sizeof(text),
		    "@tenure=%u +NICK " U " n%ut%u 1 %u\r\n", tenure, c, tenure,
		    h->stamp);
		make(h, k, tenure, c, text);
		return;
	}
	m = ch == NULL ? NULL : facts_find_member(ch, u);
	writer_init(&w, text, sizeof(text));
	if (m == NULL) {
		snprintf(text, sizeof(text), "+JOIN %s,10.002 " U "\r\n", name);
	} else {
		writer_str(&w, "+PART ");
		writer_str(&w, name);
		writer_str(&w, ",10.002 ");
		write_dot(&w, m->dot);
		writer_str(&w, " :x\r\n");
		text[writer_done(&w).n] = '\0';
	}
	make(h, k, tenure, c, text);
}

/* The greatest command of that tenure that the server has. */
static unsigned
mark(const struct history *h, unsigned k, uint32_t tenure)
{
	unsigned most = (unsigned)user_home_reg(user_at(h, k))->base;

	for (size_t i = 0; i < h->n; i++)
		if ((h->maker[k].has >> i & 1) != 0 && h->tenure[i] == tenure &&
		    h->c[i] > most)
			most = h->c[i];
	return most;
}

static bool
knows_later(const struct history *h, unsigned k, unsigned c, bool itself)
{
	for (size_t i = 0; i < h->n; i++)
		if ((h->maker[k].has >> i & 1) != 0 && h->tenure[i] != 0 &&
		    h->tenure[i] < h->now &&
		    (itself ? h->c[i] == c : h->c[i] >= c))
			return true;
	return false;
}

static void
take_over(struct history *h, unsigned k)
{
	unsigned tenure = h->now + 1 + (below(h, 5) == 0), base;
	const struct user *u;
	char text[128];

	learn(h, k, h->told);
	if ((u = user_at(h, k)) == NULL)
		return;
	base = user_tenure(u) + 1 == tenure ? mark(h, k, tenure - 1) : 0;
	if (base < h->did)
		base = h->did;
	snprintf(text, sizeof(text), "+HOME " U " %u 00%u.%u g %u\r\n", tenure,
	    k + 2, h->maker[k].inc, base);
	make(h, k, 0, 0, text);
	h->now = tenure;
	h->home = k;
	for (unsigned c = base + 1; c <= h->last; c++)
		if (!knows_later(h, k, c, false) || knows_later(h, k, c, true))
			command(h, k, tenure, c);
}

/* ---- a history ----------------------------------------------------------- */

static void
say_command(struct history *h)
{
	h->what[++h->last] = "aabn"[below(h, 4)];
	command(h, h->home, h->now, h->last);
	if (below(h, 2) == 0)
		return;
	h->did = h->last;
	h->told |= h->maker[h->home].has;
}

/* Let a server learn some of what another one has. */
static void
pass_on(struct history *h)
{
	uint32_t has = h->maker[below(h, SERVERS)].has, set = 0;
	size_t upto = below(h, ORDERS_MAX + 1);

	for (size_t i = 0; i < upto; i++)
		if ((has >> i & 1) != 0)
			set |= 1u << i | h->before[i];
	learn(h, below(h, SERVERS), set);
}

/* Begin a new run, which has lost what it did not pass on. */
static void
restart(struct history *h, unsigned k)
{
	struct maker *m = &h->maker[k];
	char text[64];

	taker_free(m->taker);
	*m = (struct maker){ .inc = m->inc + 1, .taker = taker_new() };
	pass_on(h);
	snprintf(text, sizeof(text), "+READY 00%u %u s.test :s\r\n", k + 2,
	    m->inc);
	make(h, k, 0, 0, text);
}

static void
go_on(struct history *h)
{
	unsigned k = below(h, SERVERS), x = below(h, 20);

	if (x < 8)
		say_command(h);
	else if (x < 14)
		pass_on(h);
	else if (x < 18 && k != h->home)
		take_over(h, k);
	else if (x == 19 && k != h->home)
		restart(h, k);
}

static void
one_history(uint64_t seed)
{
	struct history *h = mem_zalloc(sizeof(*h));

	rng_seed(&h->rng, seed);
	h->stamp = 100;
	for (unsigned k = 0; k < SERVERS; k++)
		h->maker[k] = (struct maker){ .inc = 5, .taker = taker_new() };
	h->now = h->last = h->did = 1;
	make(h, 0, 1, 1,
	    "+USER " U " ann u x.test h h :U\r\n"
	    "@tenure=1 +NICK " U " ann 1 10\r\n+HOME " U " 1 002.5 g 0\r\n"
	    "+CHAN #a,10.002\r\n+CHAN #b,10.002\r\n");
	h->told = 1;
	for (unsigned i = 0; i < 200 && h->n < ORDERS_MAX - 1; i++)
		go_on(h);
	free(orders_check(h->v, h->n));
	for (unsigned k = 0; k < SERVERS; k++)
		taker_free(h->maker[k].taker);
	free(h);
}

START_TEST(random_histories)
{
	one_history((uint64_t)_i);
}
END_TEST

Suite *
histories_suite(void)
{
	Suite *s = suite_create("histories");
	TCase *t = unit_case("histories");

	tcase_add_loop_test(t, random_histories, 0, HISTORIES);
	suite_add_tcase(s, t);
	return s;
}
