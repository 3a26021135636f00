/*
 * A node is handed over when it is calm, and its text is taken as a whole or
 * not at all (src/node/handover.h). The simulator and the transcripts show what
 * goes on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/handed.h"
#include "node/handover.h"
#include "unit/node/check_node.h"
#include "unit/node/world.h"

#define NOW_NS INT64_C(1000000000000000)

static struct event
event_now(void)
{
	return (struct event){ .kind = EV_TICK,
		.now.ns = NOW_NS,
		.wall.ms = INT64_C(1700000100000) };
}

/* Return a lone server with a user. */
static struct world *
lone(void)
{
	struct world *w = world_new(1);

	world_start(w, 1, 100);
	world_run(w, 100);
	(void)world_user(w, 1, "ann");
	world_run(w, 100);
	return w;
}

static struct handed
what_it_says(struct world *w)
{
	struct event ev = event_now();

	return handed_of(world_node(w, 1), &ev);
}

/* Try to take the text, and expect a fault, or none if that is NULL. */
static void
expect_at(const struct settings *set, struct span text, int64_t now_ns,
    const char *why)
{
	struct handover h = { .text = text,
		.settings = set,
		.now.ns = now_ns,
		.wall.ms = INT64_C(1700000100000) };
	struct handover_fault fault;
	struct node *node = node_new();
	struct effects fx;
	bool taken;

	effects_init(&fx);
	taken = handover_take(node, &h, &fx, &fault);
	ck_assert_msg(taken == (why == NULL), "%zu: %s", fault.line,
	    taken ? "taken" : fault.why);
	if (why != NULL)
		ck_assert_str_eq(fault.why, why);
	effects_fini(&fx);
	node_free(node);
}

static void
expect(struct world *w, struct span text, const char *why)
{
	expect_at(world_settings(w, 1), text, NOW_NS, why);
}

START_TEST(a_text_is_whole)
{
	struct world *w = lone();
	struct handed t = what_it_says(w);

	expect(w, handed_text(&t), NULL);
	/* cut anywhere */
	for (size_t n = 0; n < t.n; n += 7)
		expect(w, span_head(handed_text(&t), n),
		    n < sizeof("BANYAN-HANDOVER") - 1
			? "this is no text of a hand-over"
		    : n < sizeof("BANYAN-HANDOVER 1") - 1
			? "the text has another format than this version reads"
			: "the text is cut");
	/* a byte of a nick is another one */
	((char *)memmem(t.p, t.n, " ann ", 5))[1] = 'b';
	expect(w, handed_text(&t), "the text is damaged");
	handed_free(&t);
	world_free(w);
}
END_TEST

START_TEST(a_text_is_of_this_server_and_boot)
{
	struct world *w = lone();
	struct handed t = what_it_says(w);
	struct settings other = *world_settings(w, 1);

	other.name = SPAN("other.example.org");
	expect_at(&other, handed_text(&t), NOW_NS,
	    "the text is that of another server");
	other = *world_settings(w, 1);
	ck_assert(sid_parse(SPAN("009"), &other.sid));
	expect_at(&other, handed_text(&t), NOW_NS,
	    "the text is that of another server");
	expect_at(world_settings(w, 1), handed_text(&t), NOW_NS - 1,
	    "the machine has been started since");
	handed_free(&t);
	world_free(w);
}
END_TEST

/* Return the text with another line in the place of the first line that begins
 * so. */
static struct handed
with(const struct handed *t, const char *begin, const char *line)
{
	struct handed other = { 0 };
	struct span rest = handed_text(t), at;
	char *lines = calloc(1, t->n + strlen(line) + 2);
	bool done = false;
	size_t n = 0;

	while (rest.n > 0) {
		at = span_cut(&rest, '\n');
		if (span_starts(at, SPAN("end ")))
			break;
		if (!done && span_starts(at, span_of(begin))) {
			done = true;
			at = span_of(line);
		}
		memcpy(lines + n, at.p, at.n);
		lines[n + at.n] = '\n';
		n += at.n + 1;
	}
	ck_assert(done);
	handed_add_text(&other, span_make(lines, n));
	free(lines);
	return other;
}

static void
refuses(struct world *w, const struct handed *t, const char *begin,
    const char *line, const char *why)
{
	struct handed other = with(t, begin, line);

	expect(w, handed_text(&other), why);
	handed_free(&other);
}

START_TEST(each_line_is_checked)
{
	struct world *w = lone();
	struct handed t = what_it_says(w);

	refuses(w, &t, "BANYAN", "BANYAN-HANDOVER 2",
	    "the text has another format than this version reads");
	refuses(w, &t, "tokens", "tidings 5", "a verb that is not known here");
	refuses(w, &t, "tokens", "tokens x",
	    "a word is missing, or has another form");
	refuses(w, &t, "facts", "facts 1", "facts are missing");
	refuses(w, &t, "tokens", "hits 1.001 1", "a line out of its order");
	refuses(w, &t, "client", "client 1 1 001ZZZZZZ.1 0::1 * 1 1 1 1 1",
	    "a client without a user of this server");
	refuses(w, &t, "lseq", "counts 0 0 0 0 0 0 0 0 0", "lines are missing");
	refuses(w, &t, "ENTRY 001.100 2", "ENTRY 001.100 3 1 * - 1",
	    "an entry that is not the next one of its origin");
	refuses(w, &t, "origin", "origin 001.100 9 0 0", "entries are missing");
	handed_free(&t);
	world_free(w);
}
END_TEST

/* Return how many such rows the effects have. */
static unsigned
logged(const struct effects *fx, enum log_row row)
{
	unsigned n = 0;

	for (size_t i = 0; i < fx->n; i++)
		n += fx->v[i].kind == EFF_LOG && fx->v[i].u.log.row == row;
	return n;
}

/* A module and a capability that are not here any more cost nobody more than
 * what they were. */
START_TEST(what_is_gone_is_dropped)
{
	struct world *w = lone();
	struct handed t = what_it_says(w);
	struct handed other = with(&t, "use ",
	    "memory gone/block 0 2 001AAAAAA 0102\ncaps gone server-time");
	struct handover h = { .text = handed_text(&other),
		.settings = world_settings(w, 1),
		.now.ns = NOW_NS,
		.wall.ms = INT64_C(1700000100000) };
	struct handover_fault fault;
	struct node *node = node_new();
	struct effects fx;
	struct conn_id id;
	uint32_t at = 0;

	effects_init(&fx);
	ck_assert(handover_take(node, &h, &fx, &fault));
	ck_assert_uint_eq(logged(&fx, LOG_MEMORY_LOST), 1);
	ck_assert(handover_next_client(node, &at, &id));
	ck_assert(!handover_next_client(node, &at, &id));
	effects_fini(&fx);
	node_free(node);
	handed_free(&other);
	handed_free(&t);
	world_free(w);
}
END_TEST

START_TEST(it_waits_for_clients)
{
	struct world *w = lone();
	const struct node *node = world_node(w, 1);
	unsigned c;

	ck_assert_ptr_null(handover_awaits(node));
	c = world_client(w, 1);
	ck_assert_str_eq(handover_awaits(node), "a client has not registered");
	world_hang_up(w, c);
	ck_assert_ptr_null(handover_awaits(node));
	world_free(w);
}
END_TEST

START_TEST(it_waits_for_ready)
{
	struct world *w = world_new(2);

	world_start(w, 1, 100);
	ck_assert_str_eq(handover_awaits(world_node(w, 1)),
	    "the server has not joined the network");
	world_free(w);
}
END_TEST

Suite *
handover_suite(void)
{
	Suite *s = suite_create("handover");
	TCase *t = unit_case("handover");

	tcase_add_test(t, a_text_is_whole);
	tcase_add_test(t, a_text_is_of_this_server_and_boot);
	tcase_add_test(t, each_line_is_checked);
	tcase_add_test(t, what_is_gone_is_dropped);
	tcase_add_test(t, it_waits_for_clients);
	tcase_add_test(t, it_waits_for_ready);
	suite_add_tcase(s, t);
	return s;
}
