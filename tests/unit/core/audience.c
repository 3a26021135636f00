/*
 * The receivers of one line, as the effects name them. ann, bob and eve are
 * clients 1 to 3; bob has away-notify, and eve has server-time.
 */
#include "core/sessions/audience.h"

#include <stdio.h>

#include "unit/core/check_core.h"
#include "unit/core/rig.h"

enum { ANN = 1, BOB, EVE };

struct scene {
	struct rig rig;
	struct step st;
};

static void
up(struct scene *x)
{
	rig_init(&x->rig);
	rig_register(&x->rig, ANN, "ann");
	rig_register(&x->rig, BOB, "bob");
	rig_register(&x->rig, EVE, "eve");
	rig_says(&x->rig, BOB, "CAP REQ :away-notify", "ACK");
	rig_says(&x->rig, EVE, "CAP REQ :server-time", "ACK");
	step_begin(&x->st, x->rig.core, &x->rig.ev, &x->rig.fx);
}

static void
down(struct scene *x)
{
	effects_clear(&x->rig.fx);
	rig_fini(&x->rig);
}

static void
add(struct scene *x, unsigned client)
{
	audience_add(&x->st, rig_session(&x->rig, client));
}

/* Return the receivers of the i-th effect, as digits: 12 is ann and bob. */
static unsigned
receivers(const struct scene *x, size_t i)
{
	const struct effects *fx = &x->rig.fx;
	unsigned to = 0;

	ck_assert_uint_lt(i, fx->n);
	ck_assert_int_eq(fx->v[i].kind, EFF_SEND);
	for (size_t k = 0; k < fx->v[i].u.send.nto; k++)
		to = 10 * to + fx->v[i].u.send.to[k].slot;
	return to;
}

static void
say(struct scene *x)
{
	audience_send(&x->st, &(struct line){ .body = SPAN("a line") });
}

START_TEST(one_view_is_one_effect)
{
	struct scene x;

	up(&x);
	audience_begin(&x.st);
	add(&x, BOB);
	add(&x, ANN);
	add(&x, BOB);
	say(&x);
	ck_assert_uint_eq(x.rig.fx.n, 1);
	ck_assert_uint_eq(receivers(&x, 0), 21);
	down(&x);
}
END_TEST

START_TEST(each_view_has_its_receivers)
{
	struct scene x;

	up(&x);
	audience_begin(&x.st);
	add(&x, ANN);
	add(&x, EVE);
	add(&x, BOB);
	say(&x);
	ck_assert_uint_eq(x.rig.fx.n, 2);
	ck_assert_uint_eq(receivers(&x, 0), 12);
	ck_assert_uint_eq(receivers(&x, 1), 3);
	down(&x);
}
END_TEST

/* Readers of another kind are one view more, for lines with a text alone. */
START_TEST(readers_have_a_view_of_a_text)
{
	const struct line l = { .body = SPAN(":x PRIVMSG #c :a text"),
		.text = 15 };
	struct scene x;

	up(&x);
	rig_session(&x.rig, BOB)->caps |= UINT64_C(1) << CAP_NONE;
	audience_begin(&x.st);
	add(&x, ANN);
	add(&x, BOB);
	add(&x, EVE);
	say(&x);
	ck_assert_uint_eq(x.rig.fx.n, 2);
	ck_assert_uint_eq(receivers(&x, 0), 12);
	ck_assert_uint_eq(receivers(&x, 1), 3);
	audience_send(&x.st, &l);
	ck_assert_uint_eq(x.rig.fx.n, 5);
	ck_assert_uint_eq(receivers(&x, 2), 1);
	ck_assert_uint_eq(receivers(&x, 3), 2);
	ck_assert_uint_eq(receivers(&x, 4), 3);
	down(&x);
}
END_TEST

START_TEST(those_without_the_capability_get_nothing)
{
	struct scene x;

	up(&x);
	audience_begin(&x.st);
	add(&x, ANN);
	add(&x, BOB);
	audience_keep_cap(&x.st, CAPB(AWAY_NOTIFY));
	say(&x);
	ck_assert_uint_eq(x.rig.fx.n, 1);
	ck_assert_uint_eq(receivers(&x, 0), 2);
	down(&x);
}
END_TEST

static void
say_lines(struct scene *x)
{
	struct line_part part[] = { { .body = SPAN(":one") },
		{ .body = SPAN(":") },
		{ .body = SPAN(":two"), .joined = true } };
	struct line_batch b = { .ref = SPAN("r"),
		.open = SPAN("open"),
		.close = SPAN("close"),
		.line = part,
		.n = 3 };

	audience_begin(&x->st);
	add(x, ANN);
	add(x, BOB);
	add(x, EVE);
	audience_send(&x->st, &(struct line){ .batch = &b, .text = 1 });
}

static const char *
sent(const struct scene *x, size_t i)
{
	static char text[512];
	struct span s = rcbuf_span(x->rig.fx.v[i].u.send.buf);

	snprintf(text, sizeof(text), "%.*s", SPAN_ARG(s));
	return text;
}

/* Lines of one message are one buffer for each view: a batch, or those lines
 * that have text. */
START_TEST(lines_of_a_message_are_one_effect)
{
	struct scene x;

	up(&x);
	rig_says(&x.rig, EVE, "CAP REQ :-server-time", "ACK");
	say_lines(&x);
	ck_assert_uint_eq(x.rig.fx.n, 1);
	ck_assert_uint_eq(receivers(&x, 0), 123);
	ck_assert_str_eq(sent(&x, 0), ":one\r\n:two\r\n");
	down(&x);
}
END_TEST

START_TEST(a_batch_is_for_those_who_know_it)
{
	struct scene x;

	up(&x);
	rig_says(&x.rig, EVE, "CAP REQ :-server-time", "ACK");
	rig_says(&x.rig, ANN, "CAP REQ :batch draft/multiline", "ACK");
	rig_says(&x.rig, BOB, "CAP REQ :batch", "ACK");
	rig_says(&x.rig, EVE, "CAP REQ :draft/multiline batch", "ACK");
	say_lines(&x);
	ck_assert_uint_eq(x.rig.fx.n, 2);
	ck_assert_uint_eq(receivers(&x, 1), 2);
	ck_assert_str_eq(sent(&x, 1), ":one\r\n:two\r\n");
	ck_assert_uint_eq(receivers(&x, 0), 13);
	ck_assert_str_eq(sent(&x, 0),
	    "open\r\n@batch=r :one\r\n@batch=r :\r\n"
	    "@batch=r;draft/multiline-concat :two\r\nclose\r\n");
	down(&x);
}
END_TEST

START_TEST(an_audience_may_be_empty)
{
	struct scene x;

	up(&x);
	audience_begin(&x.st);
	add(&x, ANN);
	audience_keep_cap(&x.st, CAPB(AWAY_NOTIFY));
	ck_assert(audience_is_empty(&x.st));
	say(&x);
	ck_assert_uint_eq(x.rig.fx.n, 0);
	down(&x);
}
END_TEST

Suite *
audience_suite(void)
{
	Suite *s = suite_create("core/audience");
	TCase *t = unit_case("audience");

	tcase_add_test(t, one_view_is_one_effect);
	tcase_add_test(t, each_view_has_its_receivers);
	tcase_add_test(t, readers_have_a_view_of_a_text);
	tcase_add_test(t, those_without_the_capability_get_nothing);
	tcase_add_test(t, lines_of_a_message_are_one_effect);
	tcase_add_test(t, a_batch_is_for_those_who_know_it);
	tcase_add_test(t, an_audience_may_be_empty);
	suite_add_tcase(s, t);
	return s;
}
