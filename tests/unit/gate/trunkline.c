#include "gate/trunkline.h"

#include "unit/gate/check_gate.h"
#include "wire/words.h"

/* Lines that have their form, with what is read of them. */
static const struct {
	const char *line;
	enum trunk_verb verb;
	uint32_t to;
	uint64_t n0, n1, n2;
	const char *words, *text;
	bool of_list, more;
} good[] = {
	{ "SERVER 1 001.1700000000 irc1.example.org eu :streams=20000",
	    TRUNK_SERVER, 0, 1, 0, 0, "", "streams=20000", false, false },
	{ "SERVER 1 1AA.1 a * :", TRUNK_SERVER, 0, 1, 0, 0, "", "", false,
	    false },
	{ "SERVER 2 something else", TRUNK_SERVER, 0, 2, 0, 0, "", "", false,
	    false },
	{ "L 1 ::a!b@c PRIVMSG #x :y", TRUNK_L, 1, 0, 0, 0, "",
	    ":a!b@c PRIVMSG #x :y", false, false },
	{ "L *4294967295 :", TRUNK_L, 4294967295, 0, 0, 0, "", "", true,
	    false },
	{ "L  7   :  x", TRUNK_L, 7, 0, 0, 0, "", "  x", false, false },
	{ "@a=b;c L 7 :x", TRUNK_L, 7, 0, 0, 0, "", "x", false, false },
	{ "LIST 1 1 4 9", TRUNK_LIST, 1, 0, 0, 0, " 1 4 9", "", false, false },
	{ "LIST 1 * =2 +3", TRUNK_LIST, 1, 0, 0, 0, " =2 +3", "", false, true },
	{ "LIST 1", TRUNK_LIST, 1, 0, 0, 0, "", "", false, false },
	{ "UNLIST 12", TRUNK_UNLIST, 12, 0, 0, 0, "", "", false, false },
	{ "READ 0", TRUNK_READ, 0, 0, 0, 0, "", "", false, false },
	{ "READ 9223372036854775807 1 2", TRUNK_READ, 0, INT64_MAX, 0, 0,
	    " 1 2", "", false, false },
	{ "QUEUES 1048576 16384 1", TRUNK_QUEUES, 0, 1048576, 16384, 0, " 1",
	    "", false, false },
	{ "DRAIN 3 0", TRUNK_DRAIN, 3, 0, 0, 0, "", "", false, false },
	{ "GONE 5 :K-lined", TRUNK_GONE, 5, 0, 0, 0, "", "K-lined", false,
	    false },
	{ "POS", TRUNK_POS, 0, 0, 0, 0, "", "", false, false },
	{ "POS * 001.1=12 002.5=0", TRUNK_POS, 0, 0, 0, 0, " 001.1=12 002.5=0",
	    "", false, true },
	{ "PEER 1AA", TRUNK_PEER, 0, 0, 0, 0, "", "", false, false },
	{ "PEER 1AA a.b * 0::1 7000 -", TRUNK_PEER, 0, 7000, 0, 0, "", "",
	    false, false },
	{ "LOAD 7 1099511627776 1000 draining,full 4294967295", TRUNK_LOAD,
	    4294967295, 7, UINT64_C(1) << 40, 1000, "draining,full", "", false,
	    false },
	{ "LOAD 0 0 1 - 0", TRUNK_LOAD, 0, 0, 0, 1, "-", "", false, false },
	{ "COST 3 :7 * 0 1AA=5", TRUNK_COST, 0, 3, 0, 0, "", "7 * 0 1AA=5",
	    false, false },
	{ "FULL 9", TRUNK_FULL, 9, 0, 0, 0, "", "", false, false },
	{ "BEAT 5", TRUNK_BEAT, 0, 5, 0, 0, "", "", false, false },
	{ "BEAT 5 4 0", TRUNK_BEAT, 0, 5, 4, 0, "", "", false, false },
	{ "ERROR restart :soon back", TRUNK_ERROR, 0, 0, 0, 0, "", "soon back",
	    false, false },
};

START_TEST(reads_lines_of_the_server)
{
	struct trunkline x;

	ck_assert(trunkline_parse(span_of(good[_i].line), &x));
	ck_assert_int_eq(x.verb, good[_i].verb);
	ck_assert_uint_eq(x.to, good[_i].to);
	ck_assert_uint_eq(x.n[0], good[_i].n0);
	ck_assert_uint_eq(x.n[1], good[_i].n1);
	ck_assert_uint_eq(x.n[2], good[_i].n2);
	ck_assert(span_eq(x.words, span_of(good[_i].words)));
	ck_assert(span_eq(x.text, span_of(good[_i].text)));
	ck_assert(x.of_list == good[_i].of_list);
	ck_assert(x.more == good[_i].more);
}
END_TEST

static const char *const wrong[] = {
	"",
	" L 1 :x",
	":src L 1 :x",
	"l 1 :x",
	"NEW 1",
	"CMD 1 1 :x",
	"L",
	"L 1",
	"L 1 x",
	"L 0 :x",
	"L 01 :x",
	"L +1 :x",
	"L ** :x",
	"L 4294967296 :x",
	"LIST",
	"LIST x",
	"LIST 1 :2",
	"LIST * 1",
	"UNLIST",
	"UNLIST 1 2",
	"READ",
	"READ x 1",
	"READ 9223372036854775808 1",
	"READ 1 :2",
	"QUEUES 1",
	"QUEUES 1 :2",
	"DRAIN 1",
	"DRAIN 1 2 3",
	"GONE 1",
	"GONE 1 x",
	"POS :x",
	"BEAT",
	"BEAT 0",
	"BEAT 5 4",
	"BEAT 5 4 0 1",
	"BEAT 5 0 0",
	"ERROR",
	"ERROR x",
	"ERROR :x",
	"PEER",
	"PEER 1A",
	"PEER 1AAA",
	"PEER AAA",
	"PEER 1aa",
	"PEER 1AA a.b * host 7000",
	"PEER 1AA a/b * host 7000 -",
	"PEER 1AA a.b / host 7000 -",
	"PEER 1AA a.b * host 0 -",
	"PEER 1AA a.b * host 65536 -",
	"PEER 1AA a.b * host x -",
	"PEER 1AA a.b * host 7000 ab",
	("PEER 1AA a.b * host 7000 "
	 "gbababababababababababababababababababababababababababababababab"),
	"PEER 1AA a.b * host 7000 - more",
	"LOAD 1 1 1 -",
	"LOAD 1 1 0 - 1",
	"LOAD 1 1 1001 - 1",
	"LOAD 1 1099511627777 1 - 1",
	"LOAD 1 1 1 - 4294967296",
	"LOAD x 1 1 - 1",
	"LOAD 1 1 1 - 1 more",
	"COST 0 :x",
	"COST 1",
	"COST 1 x",
	"FULL",
	"FULL 0",
	"FULL 1 2",
	"SERVER",
	"SERVER 1 001.1 name eu",
	"SERVER 1 001.1 na/me eu :",
	"SERVER 1 001.1 name e/u :",
	"SERVER 1 0011 name eu :",
	"SERVER 1 001.1 name eu more :",
};

START_TEST(refuses_lines_without_their_form)
{
	struct trunkline x;

	ck_assert_msg(!trunkline_parse(span_of(wrong[_i]), &x), "%s",
	    wrong[_i]);
}
END_TEST

static const struct {
	const char *words;
	bool good;
} positions[] = {
	{ "", true },
	{ " 001.1=0", true },
	{ " 1AA.1700000000=9223372036854775807 2BB.1=1", true },
	{ " 001.1", false },
	{ " 001.1=", false },
	{ " 001=1", false },
	{ " 0001.1=1", false },
	{ " 001.01=1", false },
	{ " 001.1=x", false },
	{ " *", false },
	{ " 00/.1=1", false },
};

START_TEST(checks_words_of_positions)
{
	ck_assert(trunkline_is_position(span_of(positions[_i].words)) ==
		  positions[_i].good);
}
END_TEST

START_TEST(reads_where_a_server_is)
{
	struct trunkline x;

	ck_assert(trunkline_parse(SPAN("PEER 2BB irc2.example.org eu "
				       "2001:db8::1 7000 "
				       "abababababababababababababababab"
				       "ABABABABABABABABABABABABABABABAB"),
	    &x));
	ck_assert(!x.is_gone);
	ck_assert(span_eq(x.sid, SPAN("2BB")));
	ck_assert(span_eq(x.name, SPAN("irc2.example.org")));
	ck_assert(span_eq(x.region, SPAN("eu")));
	ck_assert(span_eq(x.host, SPAN("2001:db8::1")));
	ck_assert_uint_eq(x.pin.n, 64);
	ck_assert(trunkline_parse(SPAN("PEER 2BB a.b * host 7 -"), &x));
	ck_assert_uint_eq(x.pin.n, 0);
	ck_assert(trunkline_parse(SPAN("PEER 2BB "), &x));
	ck_assert(x.is_gone);
}
END_TEST

START_TEST(finds_flags)
{
	ck_assert(word_has(SPAN("full"), SPAN("full")));
	ck_assert(word_has(SPAN("later,draining,full"), SPAN("full")));
	ck_assert(!word_has(SPAN("fuller,ful"), SPAN("full")));
	ck_assert(!word_has(SPAN("-"), SPAN("full")));
}
END_TEST

START_TEST(finds_capabilities)
{
	struct span caps = SPAN("a network=X=Y  streams=5 b"), v = SPAN("?");

	ck_assert(trunkline_cap(caps, SPAN("network"), &v));
	ck_assert(span_eq(v, SPAN("X=Y")));
	ck_assert(trunkline_cap(caps, SPAN("b"), &v));
	ck_assert_uint_eq(v.n, 0);
	ck_assert(!trunkline_cap(caps, SPAN("net"), &v));
	ck_assert(!trunkline_cap(SPAN(""), SPAN("net"), &v));
}
END_TEST

static char buf[8192];

static struct writer
begin(void)
{
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	return w;
}

static void
is(const struct writer *w, const char *text)
{
	ck_assert(!w->over);
	ck_assert_msg(span_eq(writer_done(w), span_of(text)), "%.*s",
	    SPAN_ARG(writer_done(w)));
}

START_TEST(describes_clients)
{
	struct trunk_client x = { .port = 6667 };
	unsigned char pin[32];
	struct writer w = begin();

	memset(pin, 0xab, sizeof(pin));
	ck_assert(addr_parse(SPAN("192.0.2.7"), &x.addr));
	trunkline_new(&w, 1, &x);
	is(&w, "@addr=192.0.2.7;port=6667 NEW 1\r\n");
	x.web = true;
	w = begin();
	trunkline_new(&w, 1, &x);
	is(&w, "@addr=192.0.2.7;port=6667;web NEW 1\r\n");
	x.web = false;
	ck_assert(addr_parse(SPAN("::2"), &x.addr));
	x.tls = true;
	w = begin();
	trunkline_new(&w, 4294967295, &x);
	is(&w, "@addr=::2;port=6667;tls=TLS NEW 4294967295\r\n");
	x.over = true;
	x.rate = 1234;
	w = begin();
	trunkline_new(&w, 3, &x);
	is(&w, "@addr=::2;port=6667;tls=TLS;over;rate=1234 NEW 3\r\n");
	x.over = false;
	x.rate = 0;
	x.version = SPAN("TLSv1.3");
	x.cipher = SPAN("TLS_AES_256_GCM_SHA384");
	x.asked = SPAN("irc;x \\y\r\n");
	x.pin = span_make(pin, sizeof(pin));
	w = begin();
	trunkline_new(&w, 2, &x);
	is(&w, "@addr=::2;port=6667;tls=TLSv1.3-TLS_AES_256_GCM_SHA384;"
	       "sni=irc\\:x\\s\\\\y\\r\\n;pin="
	       "abababababababababababababababab"
	       "abababababababababababababababab NEW 2\r\n");
}
END_TEST

START_TEST(writes_lines_of_the_gate)
{
	struct trunk_gate gate = { .name = SPAN("gate1") };
	struct writer w = begin();

	trunkline_gate(&w, &gate);
	gate.network = SPAN("Net");
	trunkline_gate(&w, &gate);
	gate.region = SPAN("eu");
	gate.caps = SPAN("load place");
	trunkline_gate(&w, &gate);
	trunkline_place(&w, 7, SPAN("* alice 192.0.2.7"));
	trunkline_beat(&w, 5, 0, 0);
	trunkline_beat(&w, 6, 4, 0);
	trunkline_of(&w, "EOF", 3);
	trunkline_closed(&w, 3, SPAN("a\r\nb"));
	trunkline_error(&w, "list", SPAN("x"));
	is(&w, "GATE 1 gate1 * :\r\n"
	       "GATE 1 gate1 * :network=Net\r\n"
	       "GATE 1 gate1 eu :load place network=Net\r\n"
	       "PLACE 7 :* alice 192.0.2.7\r\n"
	       "BEAT 5\r\n"
	       "BEAT 6 4 0\r\n"
	       "EOF 3\r\n"
	       "CLOSED 3 :ab\r\n"
	       "ERROR list :x\r\n");
}
END_TEST

START_TEST(writes_lines_of_clients)
{
	struct writer w = begin();

	trunkline_cmd(&w, 3, 1, SPAN("@a=b NICK :x"), 0);
	trunkline_cmd(&w, 3, 2, SPAN(""), 0);
	trunkline_cmd(&w, 3, 3, SPAN("x"), TRUNK_CMD_LONG);
	trunkline_cmd(&w, 3, 4, SPAN("x"), TRUNK_CMD_BAD);
	trunkline_cmd(&w, 3, 5, SPAN("x"), TRUNK_CMD_LONG | TRUNK_CMD_BAD);
	is(&w, "CMD 3 1 :@a=b NICK :x\r\n"
	       "CMD 3 2 :\r\n"
	       "@long CMD 3 3 :x\r\n"
	       "@bad CMD 3 4 :\r\n"
	       "@long;bad CMD 3 5 :\r\n");
}
END_TEST

Suite *
trunkline_suite(void)
{
	Suite *s = suite_create("gate/trunkline");
	TCase *t = unit_case("trunkline");

	tcase_add_loop_test(t, reads_lines_of_the_server, 0, ROWS(good));
	tcase_add_loop_test(t, refuses_lines_without_their_form, 0,
	    ROWS(wrong));
	tcase_add_loop_test(t, checks_words_of_positions, 0, ROWS(positions));
	tcase_add_test(t, reads_where_a_server_is);
	tcase_add_test(t, finds_flags);
	tcase_add_test(t, finds_capabilities);
	tcase_add_test(t, describes_clients);
	tcase_add_test(t, writes_lines_of_the_gate);
	tcase_add_test(t, writes_lines_of_clients);
	suite_add_tcase(s, t);
	return s;
}
