/*
 * The rights of each rank over each other rank. No command makes an owner or an
 * admin here, since the first joiner is op. Another server, or a later version,
 * may do so; therefore the ranks are given by an entry of another server.
 */
#include <string.h>

#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define RANKS 6 /* ST_BUILTIN statuses, highest first, and no status */

static const char letters[] = "qaohv-";

static void
apply(struct rig *r, uint64_t n, struct part *p, size_t nparts)
{
	struct dest all = { .all = true };
	struct cause none = { .t0 = 0 };
	struct origin o = { .inc = 1 };
	struct entry *e;

	ck_assert(sid_parse(SPAN("002"), &o.sid));
	e = entry_new(o, n, (struct stamp){ r->ev.wall.ms + 1000 + (int64_t)n },
	    &all, &none, p, nparts);
	core_apply_whole(r->core, &r->ev, e, false, &r->fx);
	entry_unref(e);
	rig_drain(r);
}

/* Give a member that status and no other. */
static void
set_rank(struct rig *r, uint64_t n, const char *nick, unsigned rank)
{
	const struct facts *f = &r->core->facts;
	const struct chan *c = facts_find_chan(f, SPAN("#c"));
	const struct member *m =
	    facts_find_member(c, facts_find_nick(f, span_of(nick)));
	struct part p[ST_BUILTIN];

	for (unsigned s = 0; s < ST_BUILTIN; s++)
		p[s] = (struct part){ .id = PART_STAT,
			.u.stat = { .ch = { rcbuf_span(c->current->name),
					c->current->cinc },
			    .dot = m->dot,
			    .name =
				span_of(status_row(&r->core->tables, s)->name),
			    .on = s == rank,
			    .by = { .sid = r->settings.sid } } };
	apply(r, n, p, ST_BUILTIN);
}

/* Put actor and target on #c with these ranks. */
static void
meet(struct rig *r, unsigned actor, unsigned target)
{
	rig_init(r);
	rig_register(r, 1, "actor");
	rig_register(r, 2, "target");
	rig_say(r, 1, "JOIN #c");
	rig_say(r, 2, "JOIN #c");
	set_rank(r, 1, "actor", actor);
	set_rank(r, 2, "target", target);
	rig_heard(r, 1);
}

/*
 * Return true if the command of the actor is carried out, false if it is
 * answered with 482.
 */
static bool
is_done(struct rig *r, const char *line, const char *verb)
{
	const char *heard;

	rig_say(r, 1, line);
	heard = rig_heard(r, 1);
	if (strstr(heard, ":irc.test 482 actor #c :") != NULL) {
		ck_assert_ptr_null(strstr(heard, verb));
		return false;
	}
	ck_assert_msg(strstr(heard, verb) != NULL, "%s: %s", line, heard);
	return true;
}

static char
answer(struct rig *r, const char *line, const char *verb)
{
	char done = is_done(r, line, verb) ? 'y' : 'n';

	rig_fini(r);
	return done;
}

/*
 * The row is the rank of the actor. The column is the rank of the target, or
 * the letter that is given. In a line, ? stands for the letter of the column.
 */
static const struct power {
	const char *does, *line, *verb;
	/* the target has the rank of the column; else it has no status */
	bool held;
	const char *want[RANKS];
} powers[] = {
	{ "kicks", "KICK #c target", ":actor!u@127.0.0.1 KICK ", true,
	    {
		"yyyyyy", /* owner */
		"nnyyyy", /* admin: not another one */
		"nnyyyy", /* op */
		"nnnnyy", /* halfop */
		"nnnnnn",
		"nnnnnn",
	    } },
	{ "gives", "MODE #c +? target", ":actor!u@127.0.0.1 MODE ", false,
	    {
		"yyyyy",
		"nyyyy",
		"nnyyy",
		"nnnny",
		"nnnnn",
		"nnnnn",
	    } },
	{ "takes", "MODE #c -? target", ":actor!u@127.0.0.1 MODE ", true,
	    {
		"yyyyy",
		"nnyyy", /* "cannot have this mode removed by other
			    protected users" */
		"nnyyy",
		"nnnny",
		"nnnnn",
		"nnnnn",
	    } },
};

START_TEST(who_may_do_what)
{
	const struct power *p = &powers[_i];
	char line[32], *letter;
	struct rig r;

	for (unsigned i = 0; i < RANKS; i++)
		for (unsigned k = 0; p->want[i][k] != '\0'; k++) {
			strcpy(line, p->line);
			if ((letter = strchr(line, '?')) != NULL)
				*letter = letters[k];
			meet(&r, i, p->held ? k : RANKS - 1);
			ck_assert_msg(answer(&r, line, p->verb) ==
					  p->want[i][k],
			    "%c %s %c", letters[i], p->does, letters[k]);
		}
}
END_TEST

START_TEST(anybody_may_drop_his_own)
{
	char line[] = "MODE #c -? actor";
	struct rig r;

	for (unsigned k = 0; k < ST_BUILTIN; k++) {
		meet(&r, k, RANKS - 1);
		line[9] = letters[k];
		ck_assert_int_eq(answer(&r, line, ":actor!u@127.0.0.1 MODE "),
		    'y');
	}
}
END_TEST

/* Prefixes have that order wherever they are shown. */
START_TEST(prefixes)
{
	static const char *const want[RANKS] = { ":~actor", ":&actor",
		":@actor", ":%actor", ":+actor", ":actor" };
	struct rig r;

	for (unsigned k = 0; k < RANKS; k++) {
		meet(&r, k, RANKS - 1);
		rig_say(&r, 1, "NAMES #c");
		ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1), want[k]));
		rig_fini(&r);
	}
}
END_TEST

Suite *
ranks_suite(void)
{
	Suite *s = suite_create("ranks");
	TCase *t = unit_case("all");

	tcase_add_loop_test(t, who_may_do_what, 0,
	    (int)(sizeof(powers) / sizeof(powers[0])));
	tcase_add_test(t, anybody_may_drop_his_own);
	tcase_add_test(t, prefixes);
	suite_add_tcase(s, t);
	return s;
}
