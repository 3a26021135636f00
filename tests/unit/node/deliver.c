/* Messages of another server to users here (core/deliver.def). */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "lib/modules.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

/* Let the played peer begin its next entry. The stamp is later than that of
 * ann. */
static void
begin(struct world *w, unsigned p, unsigned n, const char *dest, size_t parts)
{
	char line[128];

	snprintf(line, sizeof(line), "ENTRY 002.50 %u %jd %s - %zu", n,
	    INTMAX_C(1700000003000) + n, dest, parts);
	world_say(w, p, line);
}

static void
entry(struct world *w, unsigned p, unsigned n, const char *part)
{
	begin(w, p, n, "*", 1);
	world_say(w, p, part);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

/* A message whose verb has no row reaches nobody, and the link stays. */
START_TEST(a_verb_without_a_row_is_shown_to_nobody)
{
	static const char *const unknown[] = { "ERROR", "FOO", "001", "JOIN" };
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann"), p, n = 1;
	const struct user *u;
	char part[128];

	world_say(w, ann, "JOIN #c");
	u = facts_find_nick(&node_core(world_node(w, 1))->facts, SPAN("ann"));
	ck_assert_ptr_nonnull(u);
	p = played_sync(w);
	entry(w, p, n++, "+READY 002 50 002.example.org :played");
	entry(w, p, n++,
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	entry(w, p, n++, "+NICK 002AAAAAA bob 1 1700000001000");
	world_forget(w, ann);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		snprintf(part, sizeof(part), "+SAY %s 002AAAAAA #c * :text",
		    unknown[i]);
		entry(w, p, n++, part);
		snprintf(part, sizeof(part), "+SAY %s 002AAAAAA %s * :text",
		    unknown[i], u->uid.s);
		entry(w, p, n++, part);
	}
	entry(w, p, n++, "+SAY KILL 002AAAAAA #c * :text");
	ck_assert_str_eq(world_heard(w, ann), "");
	snprintf(part, sizeof(part), "+SAY NOTICE 002AAAAAA %s * :text",
	    u->uid.s);
	entry(w, p, n++, part);
	ck_assert_str_eq(world_heard(w, ann),
	    ":bob!bob@1.2.3.4 NOTICE ann :text\r\n");
	world_free(w);
}
END_TEST

/* Server 002 with the user bob, and ann here on #c. */
struct scene {
	struct world *w;
	unsigned ann, peer, n;
	char uid[10];
};

static void
scene_init(struct scene *s)
{
	const struct user *u;

	*s = (struct scene){ .w = played_node(), .n = 1 };
	s->ann = world_user(s->w, 1, "ann");
	world_say(s->w, s->ann, "CAP REQ message-tags");
	world_say(s->w, s->ann, "JOIN #c");
	u = facts_find_nick(&node_core(world_node(s->w, 1))->facts,
	    SPAN("ann"));
	ck_assert_ptr_nonnull(u);
	memcpy(s->uid, u->uid.s, sizeof(s->uid));
	s->peer = played_sync(s->w);
	entry(s->w, s->peer, s->n++, "+READY 002 50 002.example.org :played");
	entry(s->w, s->peer, s->n++,
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	entry(s->w, s->peer, s->n++, "+NICK 002AAAAAA bob 1 1700000001000");
	world_forget(s->w, s->ann);
}

/* Let bob's server send a part, in which ann's uid stands for ~. Return what
 * ann is sent, without the msgid. */
static const char *
shown(struct scene *s, const char *form)
{
	static char part[12000];
	const char *out, *id;
	int n;

	n = (int)strcspn(form, "~");
	snprintf(part, sizeof(part), "%.*s%s%s", n, form,
	    form[n] == '~' ? s->uid : "", form[n] == '~' ? form + n + 1 : "");
	world_forget(s->w, s->ann);
	entry(s->w, s->peer, s->n++, part);
	out = world_heard(s->w, s->ann);
	id = strstr(out, "msgid=");
	if (id == out + 1 && id[28] == ' ')
		return id + 29;
	return out;
}

/* A message whose D does not name this server is shown to nobody here, whatever
 * its target. */
START_TEST(a_message_for_others_is_shown_to_nobody)
{
	struct scene s;
	char part[128];

	scene_init(&s);
	for (unsigned i = 0; i < 3; i++) {
		begin(s.w, s.peer, s.n++, i < 2 ? "003" : "001", 1);
		snprintf(part, sizeof(part),
		    "+SAY PRIVMSG 002AAAAAA %s * :text", i == 0 ? "#c" : s.uid);
		world_say(s.w, s.peer, part);
		ck_assert_int_eq(world_hears(s.w, s.ann, "PRIVMSG"), i == 2);
	}
	world_free(s.w);
}
END_TEST

/* A message to several targets is one entry with the parts that have receivers
 * elsewhere. Targets that refuse it or do not exist are in no entry. */
START_TEST(an_entry_has_the_targets_on_other_servers)
{
	struct scene s;
	unsigned dan;

	scene_init(&s);
	dan = world_user(s.w, 1, "dan");
	world_say(s.w, dan, "JOIN #m");
	world_say(s.w, dan, "MODE #m +m-n");
	world_forget(s.w, dan);
	world_forget(s.w, s.ann);
	world_forget(s.w, s.peer);
	world_say(s.w, s.ann, "PRIVMSG dan,#m,bob,none :hi");
	ck_assert(world_hears(s.w, dan, ":ann!ann@127.0.0.1 PRIVMSG dan :hi"));
	ck_assert_int_eq(world_hears(s.w, dan, "#m"), 0);
	ck_assert(world_hears(s.w, s.ann, " 404 ann #m "));
	ck_assert(world_hears(s.w, s.ann, " 401 ann none "));
	played_hears(s.w, s.peer, " 1\r\n+SAY PRIVMSG ");
	played_hears(s.w, s.peer, " 002AAAAAA o :hi\r\n");
	ck_assert_int_eq(world_hears(s.w, s.peer, "#m"), 0);
	world_forget(s.w, s.peer);
	world_say(s.w, s.ann, "PRIVMSG dan,#m,none :hi");
	ck_assert_int_eq(world_hears(s.w, s.peer, "ENTRY"), 0);
	world_free(s.w);
}
END_TEST

START_TEST(a_message_is_shown_with_what_clients_can_read)
{
	static const struct {
		const char *part, *line;
	} rows[] = {
		/* a client never sends an empty text (412) */
		{ "+SAY PRIVMSG 002AAAAAA ~ *", "" },
		{ "+SAY PRIVMSG 002AAAAAA ~ * :", "" },
		{ "+SAY NOTICE 002AAAAAA #c *", "" },
		{ "+SAY TAGMSG 002AAAAAA #c * :text",
		    ":bob!bob@1.2.3.4 TAGMSG #c\r\n" },
		{ "+SAY PRIVMSG 002AAAAAA #c * :a\xff"
		  "b",
		    ":bob!bob@1.2.3.4 PRIVMSG #c :a?b\r\n" },
		{ "+SAY INVITE 002AAAAAA ~ * :#d",
		    ":bob!bob@1.2.3.4 INVITE ann #d\r\n" },
		{ "+SAY INVITE 002AAAAAA ~ * :no channel", "" },
		{ "+SAY INVITE 002AAAAAA ~ *", "" },
		/* a status of a later version */
		{ "+SAY PRIVMSG 002AAAAAA #c owner :text", "" },
		{ "+SAY PRIVMSG 002AAAAAA #c op :text", "" },
		{ "+NOTE ~ 401 x :No such nick",
		    ":002.example.org 401 ann x :No such nick\r\n" },
		{ "+NOTE ~ 401 * 0:y :text",
		    ":002.example.org 401 ann * * :text\r\n" },
		{ "+NOTE ~ 000 x :text", "" },
		{ "+NOTE ~ 1000 x :text", "" },
		{ "+NOTE ~ ERROR x :text", "" },
		{ "+NOTE ~ * x :text", "" },
	};
	struct scene s;

	scene_init(&s);
	world_say(s.w, s.ann, "CAP REQ -message-tags");
	world_say(s.w, s.ann, "MODE #c -o ann");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *out = shown(&s, rows[i].part);
		bool tagmsg = strstr(rows[i].part, "TAGMSG") != NULL;

		if (tagmsg)
			ck_assert_str_eq(out, "");
		else
			ck_assert_msg(strcmp(out, rows[i].line) == 0, "%s: %s",
			    rows[i].part, out);
		if (!tagmsg)
			continue;
		world_say(s.w, s.ann, "CAP REQ message-tags");
		ck_assert_str_eq(shown(&s, rows[i].part), rows[i].line);
		world_say(s.w, s.ann, "CAP REQ -message-tags");
	}
	world_free(s.w);
}
END_TEST

/* The home of a receiver tells the home of the sender alone, in one entry, why
 * the message is shown to nobody (link-protocol.md, 11.32). */
START_TEST(a_refused_message_is_answered_by_a_note)
{
	const struct rows *rows[] = { modules_find(SPAN("callerid"))->rows };
	struct settings set;
	struct scene s;

	scene_init(&s);
	set = *world_settings(s.w, 1);
	set.rows = rows;
	set.nrows = 1;
	world_reload(s.w, 1, &set);
	world_say(s.w, s.ann, "MODE ann +g");
	world_forget(s.w, s.peer);
	ck_assert_str_eq(shown(&s, "+SAY PRIVMSG 002AAAAAA ~ * :hi"),
	    ":001.example.org 718 ann bob bob@1.2.3.4 :is messaging you, and "
	    "you have "
	    "+g\r\n");
	played_hears(s.w, s.peer,
	    " 002 - 2\r\n"
	    "@inc=50 +NOTE 002AAAAAA 716 ann :is in +g mode (server-side "
	    "ignore)\r\n"
	    "@inc=50 +NOTE 002AAAAAA 717 ann :has been informed that you "
	    "messaged "
	    "them\r\n");
	world_forget(s.w, s.peer);
	ck_assert_str_eq(shown(&s, "+SAY PRIVMSG 002AAAAAA ~ * :hi"), "");
	played_hears(s.w, s.peer,
	    " 002 - 1\r\n"
	    "@inc=50 +NOTE 002AAAAAA 716 ann :is in +g mode (server-side "
	    "ignore)\r\n");
	world_forget(s.w, s.peer);
	ck_assert_str_eq(shown(&s, "+SAY NOTICE 002AAAAAA ~ * :hi"), "");
	ck_assert_int_eq(world_hears(s.w, s.peer, "+NOTE"), 0);
	/* an act of a server is not refused */
	ck_assert_str_eq(shown(&s, "+SAY NOTICE 002 ~ * :hi"),
	    ":002.example.org NOTICE ann :hi\r\n");
	world_free(s.w);
}
END_TEST

START_TEST(client_tags_alone_are_passed_on)
{
	struct scene s;
	const char *out;

	scene_init(&s);
	shown(&s, "@time=2099-01-01T00:00:00.000Z;msgid=x;+a=b;batch=1;"
		  "account=root;+c/d=e;+\x80=1;=;+x/=1 "
		  "+SAY PRIVMSG 002AAAAAA #c * :text");
	out = world_heard(s.w, s.ann);
	ck_assert_msg(strstr(out, ";+a=b;+c/d=e :bob!") != NULL, "%s", out);
	ck_assert_ptr_null(strstr(out, "msgid=x"));
	ck_assert_ptr_null(strstr(out, "time="));
	ck_assert_str_eq(shown(&s, "@time=1;batch=2 +SAY NOTICE 002AAAAAA #c "
				   "* :text"),
	    ":bob!bob@1.2.3.4 NOTICE #c :text\r\n");
	world_free(s.w);
}
END_TEST

/* ---- messages of several lines (link-protocol.md, 11.44) ----------------- */

#define SAY "+SAY PRIVMSG 002AAAAAA #c * :"
#define PLAIN ":bob!bob@1.2.3.4 PRIVMSG #c :"
#define MOST 128

/* Let bob's server make an entry of these parts, each with a newline behind it,
 * and return what ann is sent. */
static const char *
shown_all(struct scene *s, const char *parts)
{
	char line[16384];
	size_t n = 0, k;

	for (const char *p = parts; *p != '\0'; p++)
		n += *p == '\n';
	world_forget(s->w, s->ann);
	begin(s->w, s->peer, s->n++, "001", n);
	for (; *parts != '\0'; parts += k + 1) {
		k = strcspn(parts, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)k, parts);
		world_say(s->w, s->peer, line);
	}
	return world_heard(s->w, s->ann);
}

/* Return how often the piece is in the text. */
static size_t
count_of(const char *text, const char *piece)
{
	size_t n = 0;

	for (; (text = strstr(text, piece)) != NULL; text += strlen(piece))
		n++;
	return n;
}

static void
scene_with_batches(struct scene *s)
{
	scene_init(s);
	world_say(s->w, s->ann, "CAP REQ :batch draft/multiline -message-tags");
	world_forget(s->w, s->ann);
}

/* Parts that are one message, or several, whatever a server says of them. */
static const struct {
	const char *parts;
	size_t batches; /* messages that clients read as a batch */
	size_t lines;	/* of text, all together */
} several[] = {
	{ "@lines=2 " SAY "a\n" SAY "b\n", 1, 2 },
	{ "@lines=1 " SAY "a\n", 1, 1 },
	{ "@lines=2;+x=y " SAY "a\n@joined " SAY "b\n", 1, 2 },
	{ "@lines=2 " SAY "a\n" SAY "b\n" SAY "c\n", 1, 3 },
	{ "@lines=1 " SAY "a\n@lines=2 " SAY "b\n" SAY "c\n", 2, 3 },
	{ "@lines=2 " SAY "a\n+SAY PRIVMSG 002AAAAAA #c *\n", 1, 2 },
	/* no tag, or not of that form */
	{ SAY "a\n@joined " SAY "b\n", 0, 2 },
	{ "@lines=0 " SAY "a\n", 0, 1 },
	{ "@lines " SAY "a\n", 0, 1 },
	{ "@lines=-1 " SAY "a\n", 0, 1 },
	{ "@lines=01 " SAY "a\n", 0, 1 },
	{ "@lines=18446744073709551617 " SAY "a\n", 0, 1 },
	{ "@+lines=1 " SAY "a\n", 0, 1 },
	/* fewer parts, or others */
	{ "@lines=3 " SAY "a\n" SAY "b\n", 0, 2 },
	{ "@lines=2 " SAY "a\n@lines=1 " SAY "b\n", 1, 2 },
	{ "@lines=2 " SAY "a\n+SAY NOTICE 002AAAAAA #c * :b\n", 0, 1 },
	{ "@lines=2 " SAY "a\n+SAY PRIVMSG 002 #c * :b\n", 0, 2 },
	{ "@lines=2 " SAY "a\n+SAY PRIVMSG 002AAAAAA #c op :b\n", 0, 1 },
	{ "@lines=2 " SAY "a\n+SAY PRIVMSG 002AAAAAA #C * :b\n", 0, 2 },
	{ "@lines=2 " SAY "a\n+NOTE 001AAAAAA 401 :b\n", 0, 1 },
	/* without any text */
	{ "@lines=2 " SAY "\n" SAY "\n", 0, 0 },
	{ "@lines=2 " SAY "\n" SAY "b\n", 1, 2 },
	/* a verb that has no text */
	{ "@lines=2 +SAY TAGMSG 002AAAAAA #c *\n" SAY "a\n", 0, 1 },
};

START_TEST(parts_are_lines_of_one_message)
{
	struct scene s;
	const char *out;

	scene_with_batches(&s);
	out = shown_all(&s, several[_i].parts);
	ck_assert_msg(count_of(out, "BATCH +") == several[_i].batches, "%s",
	    out);
	ck_assert_msg(count_of(out, "BATCH -") == several[_i].batches, "%s",
	    out);
	ck_assert_msg(count_of(out, " PRIVMSG #c :") == several[_i].lines, "%s",
	    out);
	world_free(s.w);
}
END_TEST

/* A message is delivered in one step, so its lines are bounded. */
START_TEST(a_message_has_128_lines_at_most)
{
	static char parts[MOST * 64];
	struct scene s;
	const char *out;
	size_t n;

	scene_with_batches(&s);
	for (unsigned more = 0; more < 2; more++) {
		n = (size_t)snprintf(parts, sizeof(parts), "@lines=%u ",
		    MOST + more);
		for (unsigned i = 0; i < MOST + more; i++)
			n += (size_t)snprintf(parts + n, sizeof(parts) - n,
			    "%s%u\n", SAY, i);
		out = shown_all(&s, parts);
		ck_assert_uint_eq(count_of(out, "BATCH +"), 1 - more);
		ck_assert_uint_eq(count_of(out, " PRIVMSG #c :"), MOST + more);
		/* each line once, in order */
		for (unsigned i = 0; i < MOST + more; i++) {
			snprintf(parts, sizeof(parts), " PRIVMSG #c :%u\r\n",
			    i);
			out = strstr(out, parts);
			ck_assert_ptr_nonnull(out);
		}
	}
	world_free(s.w);
}
END_TEST

/* The batch of a client is one entry, whose parts are plain messages to a
 * server that does not know the tags. */
START_TEST(a_batch_is_one_entry)
{
	static const char *const said[] = { "@+a=b BATCH +1 draft/multiline #c",
		"@batch=1 PRIVMSG #c :one", "@batch=1 PRIVMSG #c :",
		"@batch=1;draft/multiline-concat PRIVMSG #c :two", "BATCH -1" };
	struct scene s;
	char parts[256];

	scene_with_batches(&s);
	world_say(s.w, s.ann, "CAP REQ message-tags");
	entry(s.w, s.peer, s.n++, "+JOIN #c,1700000000001.001 002AAAAAA");
	world_forget(s.w, s.peer);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		ck_assert_int_eq(world_hears(s.w, s.peer, "+SAY"), 0);
		world_say(s.w, s.ann, said[i]);
	}
	snprintf(parts, sizeof(parts),
	    " 3\r\n@lines=3;+a=b +SAY PRIVMSG %s #c * :one\r\n"
	    "+SAY PRIVMSG %s #c * :\r\n"
	    "@joined +SAY PRIVMSG %s #c * :two\r\n",
	    s.uid, s.uid, s.uid);
	played_hears(s.w, s.peer, parts);
	world_free(s.w);
}
END_TEST

/* A text beyond all that a rendered line can hold arrives, cut. */
START_TEST(a_huge_text_is_cut)
{
	static char part[12000];
	struct scene s;
	const char *out;
	int n;

	scene_init(&s);
	world_say(s.w, s.ann, "CAP REQ -message-tags");
	n = snprintf(part, sizeof(part), "+SAY PRIVMSG 002AAAAAA #c * :");
	memset(part + n, 'x', 9000);
	out = shown(&s, part);
	ck_assert_uint_eq(strlen(out), 512);
	ck_assert_ptr_nonnull(strstr(out, " PRIVMSG #c :xxx"));
	world_free(s.w);
}
END_TEST

/* A nick that no client could read is the uid, and a server without a valid
 * name is its sid. */
START_TEST(names_of_other_servers_are_fit_to_be_shown)
{
	struct scene s;

	scene_init(&s);
	world_say(s.w, s.ann, "CAP REQ -message-tags");
	entry(s.w, s.peer, s.n++,
	    "+USER 002AAAAAB x a!b@c 002.example.org 1.2.3.4 h!i@j :X");
	entry(s.w, s.peer, s.n++, "+NICK 002AAAAAB a!b@c 1 1700000001000");
	ck_assert_str_eq(shown(&s, "+SAY PRIVMSG 002AAAAAB #c * :hi"),
	    ":002AAAAAB!a_b_c@h_i_j PRIVMSG #c :hi\r\n");
	/* the uid of another user */
	entry(s.w, s.peer, s.n++, "+NICK 002AAAAAB 001AAAAAA 1 1700000001000");
	ck_assert_str_eq(shown(&s, "+SAY PRIVMSG 002AAAAAB #c * :hi"),
	    ":002AAAAAB!a_b_c@h_i_j PRIVMSG #c :hi\r\n");
	entry(s.w, s.peer, s.n++, "+CHAN #k,1700000001000.002");
	entry(s.w, s.peer, s.n++, "+JOIN #k,1700000001000.002 002AAAAAB");
	world_say(s.w, s.ann, "JOIN #k");
	ck_assert_str_eq(shown(&s,
			     "+CSET #k,1700000001000.002 mode/key 002 :a b"),
	    "");
	ck_assert_str_eq(shown(&s,
			     "+LADD #k,1700000001000.002 ban 002 0 ::x y"),
	    "");
	ck_assert_str_eq(shown(&s,
			     "+LADD #k,1700000001000.002 ban 002 0 :*!*@x y"),
	    ":002.example.org MODE #k +b *!*@x\r\n");
	world_say(s.w, s.peer, "LSA 003.60 1 1 :");
	world_say(s.w, s.peer, "ENTRY 003.60 1 1700000001000 * - 1");
	world_say(s.w, s.peer, "+READY 003 60 a!b@c :liar");
	ck_assert_str_eq(shown(&s, "+SAY NOTICE 003 ~ * :hi"),
	    ":003 NOTICE ann :hi\r\n");
	world_free(s.w);
}
END_TEST

Suite *
deliver_suite(void)
{
	Suite *s = suite_create("deliver");
	TCase *t = unit_case("deliver");

	tcase_add_test(t, a_verb_without_a_row_is_shown_to_nobody);
	tcase_add_test(t, a_message_for_others_is_shown_to_nobody);
	tcase_add_test(t, an_entry_has_the_targets_on_other_servers);
	tcase_add_test(t, a_message_is_shown_with_what_clients_can_read);
	tcase_add_test(t, a_refused_message_is_answered_by_a_note);
	tcase_add_test(t, client_tags_alone_are_passed_on);
	tcase_add_loop_test(t, parts_are_lines_of_one_message, 0,
	    sizeof(several) / sizeof(several[0]));
	tcase_add_test(t, a_message_has_128_lines_at_most);
	tcase_add_test(t, a_batch_is_one_entry);
	tcase_add_test(t, a_huge_text_is_cut);
	tcase_add_test(t, names_of_other_servers_are_fit_to_be_shown);
	suite_add_tcase(s, t);
	return s;
}
