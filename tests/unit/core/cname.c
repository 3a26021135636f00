/*
 * Channels with another name (doc/decisions/0055). Server 002 has a user on
 * each of its channels, and client 1, ann, is on some of them.
 */
#include <stdio.h>
#include <string.h>

#include "core/facts/chan_name.h"
#include "core/facts/cname.h"
#include "core/facts/founding.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

struct scene {
	struct rig rig;
	unsigned n; /* the last entry of server 002 */
};

static void
foreign(struct scene *x, const char *parts)
{
	rig_apply_parts(&x->rig, "002.5", ++x->n, "-", parts);
}

/* Let 002 found a channel with that cinc, and ann join it. */
static void
found(struct scene *x, const char *name, unsigned ms)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "+CHAN %s,%u.002\r\n+JOIN %s,%u.002 002AAAAAA\r\n", name, ms, name,
	    ms);
	foreign(x, text);
	snprintf(text, sizeof(text), "JOIN %s", name);
	rig_say(&x->rig, 1, text);
	(void)rig_heard(&x->rig, 1);
}

/* Write a +CNAME. */
static const char *
given(const char *chan, unsigned ms, const char *rest)
{
	static char text[512];

	snprintf(text, sizeof(text),
	    "@kind=register,1,c1 +CNAME %s,%u.002 002AAAAAA %s\r\n", chan, ms,
	    rest);
	return text;
}

static void
give(struct scene *x, const char *chan, unsigned ms, const char *rest)
{
	foreign(x, given(chan, ms, rest));
}

static void
begin(struct scene *x)
{
	*x = (struct scene){ 0 };
	rig_init(&x->rig);
	x->rig.class.flood_burst = 0;
	foreign(x, "+READY 002 5 two.test :two\r\n"
		   "+USER 002AAAAAA o o two.test h h :O\r\n"
		   "+NICK 002AAAAAA other 1 1500\r\n");
	rig_overlay(&x->rig, &(struct origin){ { "002" }, 5 }, 1);
	rig_register(&x->rig, 1, "ann");
	rig_say(&x->rig, 1, "CAP REQ :draft/channel-rename");
	(void)rig_heard(&x->rig, 1);
}

static void
hears(struct scene *x, const char *want)
{
	ck_assert_str_eq(rig_heard(&x->rig, 1), want);
}

/* Check what clients find under the name: the channel of that fact name. */
static void
finds(const struct scene *x, const char *name, const char *fact)
{
	const struct chan *c =
	    chan_name_find(&x->rig.core->facts, span_of(name));

	if (fact == NULL)
		ck_assert_ptr_null(c);
	else {
		ck_assert_ptr_nonnull(c);
		ck_assert(span_eq(rcbuf_span(c->fold), span_of(fact)));
	}
}

START_TEST(the_oldest_of_two_has_the_name)
{
	struct scene x;

	begin(&x);
	found(&x, "#young", 2000);
	found(&x, "#old", 1000);
	give(&x, "#young", 2000, "#Name :why");
	hears(&x, ":other!o@h RENAME #young #Name :why\r\n");
	finds(&x, "#name", "#young");
	finds(&x, "#young", NULL);
	give(&x, "#old", 1000, "#name :because");
	hears(&x, ":irc.test RENAME #Name #young "
		  ":The name is taken by another channel\r\n"
		  ":other!o@h RENAME #old #name :because\r\n");
	finds(&x, "#name", "#old");
	finds(&x, "#young", "#young");
	/* it goes to the other one, with the reason of that */
	give(&x, "#old", 1000, "#old");
	hears(&x, ":other!o@h RENAME #name #old :\r\n"
		  ":irc.test RENAME #young #Name :why\r\n");
	rig_fini(&x.rig);
}
END_TEST

START_TEST(a_fact_name_wins)
{
	struct scene x;

	begin(&x);
	found(&x, "#a", 1000);
	give(&x, "#a", 1000, "#b :why");
	hears(&x, ":other!o@h RENAME #a #b :why\r\n");
	foreign(&x, "+CHAN #b,3000.002\r\n"
		    "+JOIN #b,3000.002 002AAAAAA\r\n");
	hears(&x, ":irc.test RENAME #b #a "
		  ":The name is taken by another channel\r\n");
	finds(&x, "#a", "#a");
	finds(&x, "#b", "#b");
	/* a channel keeps its fact name for itself while it has another one */
	give(&x, "#b", 3000, "#c");
	finds(&x, "#c", "#b");
	finds(&x, "#b", NULL);
	finds(&x, "#a", "#a");
	hears(&x, "");
	rig_fini(&x.rig);
}
END_TEST

/* Each finds the name of the other one given away first. */
START_TEST(two_channels_exchange_names)
{
	struct scene x;
	char text[1024];

	begin(&x);
	found(&x, "#a", 1000);
	found(&x, "#b", 2000);
	give(&x, "#a", 1000, "#x");
	give(&x, "#b", 2000, "#y");
	(void)rig_heard(&x.rig, 1);
	snprintf(text, sizeof(text), "%s", given("#a", 1000, "#y"));
	strcat(text, given("#b", 2000, "#x"));
	foreign(&x, text);
	hears(&x,
	    ":irc.test RENAME #x #a :The name is taken by another channel\r\n"
	    ":irc.test RENAME #y #b :The name is taken by another channel\r\n"
	    ":other!o@h RENAME #a #y :\r\n"
	    ":other!o@h RENAME #b #x :\r\n");
	finds(&x, "#x", "#b");
	finds(&x, "#y", "#a");
	rig_fini(&x.rig);
}
END_TEST

/* Names that no client could read count as the fact name. */
START_TEST(only_names_are_names)
{
	static const char *const odd[] = { "b", "&b", "#b,c", "#b\x01", "#\xff",
		":b" };
	struct scene x;
	char text[300];

	begin(&x);
	found(&x, "#a", 1000);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		give(&x, "#a", 1000, "#b");
		hears(&x, ":other!o@h RENAME #a #b :\r\n");
		give(&x, "#a", 1000, odd[i]);
		hears(&x, ":irc.test RENAME #b #a :\r\n");
	}
	memset(text, 'b', sizeof(text));
	text[0] = '#';
	text[200] = '\0';
	give(&x, "#a", 1000, text);
	ck_assert_uint_gt(strlen(rig_heard(&x.rig, 1)), 200);
	text[200] = 'b';
	text[201] = '\0';
	give(&x, "#a", 1000, text);
	ck_assert_uint_gt(strlen(rig_heard(&x.rig, 1)), 200);
	finds(&x, "#a", "#a");
	rig_fini(&x.rig);
}
END_TEST

/* The later write stays, whichever comes first, and goes with its founding. */
START_TEST(a_register_of_the_incarnation)
{
	struct scene x;
	const struct facts *f;

	begin(&x);
	f = &x.rig.core->facts;
	found(&x, "#a", 1000);
	give(&x, "#nowhere", 1000, "#b");
	give(&x, "#a", 1001, "#b");
	hears(&x, "");
	ck_assert_ptr_null(cname_place(f, SPAN("#b")));
	give(&x, "#a", 1000, "#b");
	give(&x, "#a", 1000, "#c");
	ck_assert_ptr_null(cname_place(f, SPAN("#b")));
	ck_assert_ptr_nonnull(cname_place(f, SPAN("#C")));
	(void)rig_heard(&x.rig, 1);
	foreign(&x, "+UNCHAN #a,1000.002 002.5.2.0\r\n");
	rig_hears(&x.rig, 1, "RENAME #c #a :\r\n");
	ck_assert_ptr_null(cname_place(f, SPAN("#c")));
	rig_fini(&x.rig);
}
END_TEST

#define MANY 2000

/* A linked server gives one name to very many incarnations. */
START_TEST(one_name_for_very_many)
{
	struct scene x;
	char text[256];
	uint64_t visits;

	begin(&x);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text),
		    "+CHAN #c%u,%u.002\r\n+JOIN #c%u,%u.002 002AAAAAA\r\n", i,
		    5000 + i, i, 5000 + i);
		foreign(&x, text);
		snprintf(text, sizeof(text), "#c%u", i);
		give(&x, text, 5000 + i, "#name");
	}
	finds(&x, "#name", "#c0");
	visits = x.rig.core->facts.visits;
	foreign(&x, "+PART #c0,5000.002 002.5.2.1\r\n");
	finds(&x, "#name", "#c1");
	ck_assert_uint_lt(x.rig.core->facts.visits - visits, 50);
	rig_fini(&x.rig);
}
END_TEST

Suite *
cname_suite(void)
{
	Suite *s = suite_create("cname");
	TCase *t = unit_case("all");

	tcase_add_test(t, the_oldest_of_two_has_the_name);
	tcase_add_test(t, a_fact_name_wins);
	tcase_add_test(t, two_channels_exchange_names);
	tcase_add_test(t, only_names_are_names);
	tcase_add_test(t, a_register_of_the_incarnation);
	tcase_add_test(t, one_name_for_very_many);
	suite_add_tcase(s, t);
	return s;
}
