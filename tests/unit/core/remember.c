/*
 * The memory of modules (core/facts/memory.h): a block comes when it is asked
 * for, stays with its owner and its row, and goes with either; the blocks of a
 * row that goes are freed in slices.
 */
#include <stdio.h>

#include "core/cmd/cmd.h"
#include "core/facts/memory.h"
#include "core/types/cost.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct numeric_row told = { 901, "RPL_LOGBOOK", "$ $" };

static const struct memory_row books[] = {
	{ "log/user", MEMORY_USER, sizeof(uint64_t), 0 },
	{ "log/channel", MEMORY_CHAN, sizeof(uint32_t), 0 },
	{ "log/server", MEMORY_SERVER, sizeof(uint64_t), 0 },
	{ "log/nick", MEMORY_NICK, sizeof(uint64_t), 3 },
};

static void
log_all(struct cmd *c)
{
	const struct chan *ch;

	for (size_t i = 0; (ch = map_next(&c->facts->chans, &i)) != NULL;)
		(void)memory_get_chan(c->facts, &books[1], ch);
}

static uint64_t
nick_count(struct cmd *c, struct span nick)
{
	const uint64_t *n = memory_find_nick(c->facts, &books[3], nick);

	return n == NULL ? 0 : *n;
}

/* LOG nick or channel: how often it was named. LOG *: all channels. LOG $: the
 * server. LOG .nick: a nick, whoever has it. LOG ?nick: the same, but it is not
 * counted. */
static void
cmd_log(struct cmd *c)
{
	const struct memory_row *const row = books;
	const struct user *u = facts_find_nick(c->facts, cmd_arg(c, 0));
	const struct chan *ch = facts_find_chan(c->facts, cmd_arg(c, 0));
	uint64_t n = 0;

	if (span_eq(cmd_arg(c, 0), SPAN("*")))
		log_all(c);
	if (span_eq(cmd_arg(c, 0), SPAN("$")))
		n = ++*(uint64_t *)memory_get_server(c->facts, &row[2]);
	if (cmd_arg(c, 0).p[0] == '.')
		n = ++*(uint64_t *)memory_get_nick(c->facts, &row[3],
		    span_tail(cmd_arg(c, 0), 1));
	if (cmd_arg(c, 0).p[0] == '?')
		n = nick_count(c, span_tail(cmd_arg(c, 0), 1));
	if (u != NULL)
		n = ++*(uint64_t *)memory_get_user(c->facts, &row[0], u);
	if (ch != NULL)
		n = ++*(uint32_t *)memory_get_chan(c->facts, &row[1], ch);
	reply_row(c->st, c->s, &told, cmd_arg(c, 0), num(c->st, n));
}

static const struct command_row command = { SPAN_INIT("LOG"), cmd_log, 1,
	COMMAND_USERS, "name", "Counts." };
static const struct rows logbook = { .of = "log",
	.command = &command,
	.ncommand = 1,
	.numeric = &told,
	.nnumeric = 1,
	.memory = books,
	.nmemory = N(books) };

/* The same module, in another version with another first row. */
static const struct memory_row next_books[] = {
	{ "log/ship", MEMORY_USER, 8, 0 },
	{ "log/user", MEMORY_USER, sizeof(uint64_t), 0 },
	{ "log/channel", MEMORY_CHAN, sizeof(uint64_t), 0 },
};

static void
cmd_read(struct cmd *c)
{
	const struct user *u = facts_find_nick(c->facts, cmd_arg(c, 0));
	const struct chan *ch = facts_find_chan(c->facts, cmd_arg(c, 0));
	const uint64_t *n = NULL;

	if (u != NULL) {
		ck_assert_ptr_null(memory_find_user(c->facts, &next_books[0],
		    u));
		n = memory_find_user(c->facts, &next_books[1], u);
	}
	if (ch != NULL)
		n = memory_find_chan(c->facts, &next_books[2], ch);
	reply_row(c->st, c->s, &told, cmd_arg(c, 0),
	    n == NULL ? SPAN("none") : num(c->st, *n));
}

static const struct command_row next_command = { SPAN_INIT("LOG"), cmd_read, 1,
	COMMAND_USERS, "name", "Reads." };
static const struct rows next_logbook = { .of = "log",
	.command = &next_command,
	.ncommand = 1,
	.numeric = &told,
	.nnumeric = 1,
	.memory = next_books,
	.nmemory = N(next_books) };

static const struct rows *const with_log[] = { &logbook };
static const struct rows *const with_next[] = { &next_logbook };

/* Put alice and bob on #c. */
static void
begin(struct rig *r)
{
	rig_init_rows(r, "1AA", with_log, 1);
	r->class.flood_burst = r->class.channels = 0;
	r->class.ping_s = 100000;
	rig_register(r, 1, "alice");
	rig_register(r, 2, "bob");
	rig_say(r, 1, "JOIN #c");
	rig_say(r, 2, "JOIN #c");
}

/* Let the core read settings with these rows. */
static void
give_rows(struct rig *r, struct settings *s, const struct rows *const *rows,
    size_t n)
{
	*s = r->settings;
	s->rows = rows;
	s->nrows = n;
	rig_conf(r, s);
}

static void
remembered(const struct rig *r, size_t users, size_t chans)
{
	ck_assert_uint_eq(memory_count(&r->core->facts, 0), users);
	ck_assert_uint_eq(memory_count(&r->core->facts, 1), chans);
}

START_TEST(a_block_is_of_its_owner)
{
	struct rig r;

	begin(&r);
	remembered(&r, 0, 0);
	rig_says(&r, 1, "LOG bob", " 901 alice bob 1\r\n");
	rig_says(&r, 2, "LOG bob", " 901 bob bob 2\r\n");
	rig_says(&r, 1, "LOG alice", " 901 alice alice 1\r\n");
	rig_says(&r, 1, "LOG #c", " 901 alice #c 1\r\n");
	rig_says(&r, 1, "LOG $", " 901 alice $ 1\r\n");
	rig_says(&r, 2, "LOG $", " 901 bob $ 2\r\n");
	rig_says(&r, 1, "NICK carol", " NICK :carol\r\n");
	rig_says(&r, 1, "LOG carol", " 901 carol carol 2\r\n");
	rig_says(&r, 1, "LOG #C", " 901 carol #C 2\r\n");
	remembered(&r, 2, 1);
	rig_fini(&r);
}
END_TEST

START_TEST(a_block_goes_with_its_owner)
{
	struct rig r;

	begin(&r);
	rig_say(&r, 1, "LOG bob");
	rig_say(&r, 1, "LOG alice");
	rig_say(&r, 1, "LOG #c");
	rig_say(&r, 2, "QUIT");
	remembered(&r, 1, 1);
	rig_register(&r, 3, "bob");
	rig_says(&r, 3, "LOG bob", " 901 bob bob 1\r\n");
	/* a channel goes some time after its last member */
	rig_overlay(&r, NULL, 0);
	rig_say(&r, 1, "PART #c");
	remembered(&r, 2, 1);
	for (unsigned i = 0; i < 20; i++)
		rig_advance(&r, 300 * MS_PER_S);
	ck_assert_ptr_null(facts_find_chan(&r.core->facts, SPAN("#c")));
	remembered(&r, 2, 0);
	rig_say(&r, 1, "JOIN #c");
	rig_says(&r, 1, "LOG #c", " 901 alice #c 1\r\n");
	rig_fini(&r);
}
END_TEST

/* A row of the same name, kind and size has the blocks of the one before. */
START_TEST(another_version_has_the_blocks)
{
	struct settings s[2];
	struct rig r;

	begin(&r);
	rig_say(&r, 1, "LOG bob");
	rig_say(&r, 1, "LOG #c");
	give_rows(&r, &s[0], with_next, 1);
	rig_says(&r, 1, "LOG bob", " 901 alice bob 1\r\n");
	rig_says(&r, 1, "LOG #c", " 901 alice #c none\r\n");
	give_rows(&r, &s[1], with_log, 1);
	rig_says(&r, 1, "LOG bob", " 901 alice bob 2\r\n");
	rig_says(&r, 1, "LOG #c", " 901 alice #c 1\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(a_block_goes_with_its_row)
{
	struct settings s[2];
	struct rig r;

	begin(&r);
	rig_say(&r, 1, "LOG bob");
	rig_say(&r, 1, "LOG #c");
	give_rows(&r, &s[0], NULL, 0);
	remembered(&r, 0, 0);
	rig_says(&r, 1, "LOG bob", " 421 alice LOG ");
	give_rows(&r, &s[1], with_log, 1);
	rig_says(&r, 1, "LOG bob", " 901 alice bob 1\r\n");
	rig_fini(&r);
}
END_TEST

/* A nick needs no user. The row has three at most: the nick that was asked for
 * least lately goes. */
START_TEST(nicks_are_bounded)
{
	struct settings s[2];
	struct rig r;

	begin(&r);
	rig_says(&r, 1, "LOG .nobody", " 901 alice .nobody 1\r\n");
	rig_says(&r, 1, "LOG .bob", " 901 alice .bob 1\r\n");
	rig_says(&r, 1, "LOG .x", " 901 alice .x 1\r\n");
	rig_says(&r, 2, "QUIT", "ERROR");
	rig_says(&r, 1, "LOG .NoBody", " 901 alice .NoBody 2\r\n");
	ck_assert_uint_eq(memory_count(&r.core->facts, 3), 3);
	rig_says(&r, 1, "LOG .y", " 901 alice .y 1\r\n");
	ck_assert_uint_eq(memory_count(&r.core->facts, 3), 3);
	rig_says(&r, 1, "LOG ?bob", " 901 alice ?bob 0\r\n");
	rig_says(&r, 1, "LOG ?nobody", " 901 alice ?nobody 2\r\n");
	rig_says(&r, 1, "LOG ?x", " 901 alice ?x 1\r\n");
	give_rows(&r, &s[0], NULL, 0);
	ck_assert_uint_eq(memory_count(&r.core->facts, 3), 0);
	give_rows(&r, &s[1], with_log, 1);
	rig_says(&r, 1, "LOG .nobody", " 901 alice .nobody 1\r\n");
	rig_fini(&r);
}
END_TEST

#define CHANS 4000
#define IN_ENTRY 200
#define TURN 65536

/* Let server 002 found channels that nobody is on. */
static void
found_channels(struct rig *r)
{
	static char parts[IN_ENTRY * 32];
	struct writer w;

	for (unsigned n = 0; n < CHANS / IN_ENTRY; n++) {
		writer_init(&w, parts, sizeof(parts) - 1);
		for (unsigned i = 0; i < IN_ENTRY; i++) {
			writer_str(&w, "+CHAN #x");
			writer_u64(&w, n * IN_ENTRY + i);
			writer_str(&w, ",7.002\r\n");
		}
		parts[w.n] = '\0';
		rig_apply_parts(r, "002.5", n + 1, "-", parts);
	}
}

/* Nothing finds them from the step on in which the row goes, but no step frees
 * more than it may spend. */
START_TEST(very_many_blocks_go_in_slices)
{
	unsigned turns = 0;
	struct settings s;
	struct rig r;

	begin(&r);
	found_channels(&r);
	rig_say(&r, 1, "LOG *");
	remembered(&r, 0, CHANS + 1);
	r.no_ticks = true;
	r.settings.turn_work = TURN;
	give_rows(&r, &s, NULL, 0);
	remembered(&r, 0, 0);
	for (; rig_tick(&r); turns++)
		ck_assert_int_ge(r.core->work.left, 0);
	ck_assert_uint_ge(turns, CHANS * COST_VISIT / (TURN / 2));
	rig_fini(&r);
}
END_TEST

Suite *
remember_suite(void)
{
	Suite *s = suite_create("remember");
	TCase *t = unit_case("all");

	tcase_add_test(t, a_block_is_of_its_owner);
	tcase_add_test(t, a_block_goes_with_its_owner);
	tcase_add_test(t, another_version_has_the_blocks);
	tcase_add_test(t, a_block_goes_with_its_row);
	tcase_add_test(t, nicks_are_bounded);
	tcase_add_test(t, very_many_blocks_go_in_slices);
	suite_add_tcase(s, t);
	return s;
}
