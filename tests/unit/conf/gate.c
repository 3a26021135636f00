/*
 * The configuration of banyan-gate: the rows of gate.def, and the options that
 * depend on each other. The tests of what any rows have in common use those of
 * banyand.
 */
#include "conf/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/schema.h"
#include "unit/conf/check_conf.h"

#define PIN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define PIN2 "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define LISTEN "listen = ( { address = \"127.0.0.1\"; port = 6667; } );\n"
#define SERVERS                                               \
	"servers = ( { address = \"127.0.0.1\"; port = 7000;" \
	" plaintext = true; } );\n"
#define NAME "name = \"g1\"; control = \"/c\";\n"

struct gate_given {
	struct conf_report report;
	struct gate_conf *conf;
};

static void
gate_init(struct gate_given *g, const char *text)
{
	const struct given_file file[] = { { "f", text }, { NULL, NULL } };
	const struct conf_files files = given_reader(file);

	conf_report_init(&g->report);
	g->conf = gate_conf_of(conf_read(&gate_schema, SPAN("f"), &files,
	    &g->report));
}

static void
gate_fini(struct gate_given *g)
{
	gate_conf_free(g->conf);
	conf_report_fini(&g->report);
}

/* Each text stands behind the name, the listener and the server. */
static const struct {
	const char *text, *report;
} options[] = {
	{ "", NULL },
	{ "region = \"eu\"; pidfile = \"/p\"; user = \"u\";", NULL },
	{ "region = \"a b\";",
	    "f:4: region: expected a text without spaces of at most 30 bytes "
	    "of UTF-8, not the text \"a b\"" },
	{ "region = \"eu=1\";",
	    "f:4: region: expected letters, digits, and - . _" },
	{ "network = \"ExampleNet\";", NULL },
	{ "network = \"Example Net\";",
	    "f:4: network: expected a text without spaces of at most 30 bytes "
	    "of UTF-8, not the text \"Example Net\"" },
	{ "odd_one = 1;", "f:4: unknown option \"odd_one\"" },
	{ "server = { };",
	    "f:4: unknown option \"server\", did you mean \"servers\"?" },
	{ "classes = { };",
	    "f:4: unknown option \"classes\": it is no group of the gate" },
	{ "handshake_s = 5;",
	    "f:4: unknown option \"handshake_s\": it belongs in limits" },
	{ "limits = { handshake_s = 0; };",
	    "f:4: limits.handshake_s: expected a whole number from 1 to 600, "
	    "not the number 0" },
	{ "limits = { clients = -1; };",
	    "f:4: limits.clients: expected a whole number from 0 to 10000000, "
	    "not the number -1" },
	{ "limits = { gateways = ( \"192.0.2.0/24\", \"::1\" ); };", NULL },
	{ "limits = { gateways = \"web.example.org\"; };",
	    "f:4: limits.gateways: expected an IP address or a network, or a "
	    "list of at most 16 of them, not the text \"web.example.org\"" },
	{ "log = { level = \"loud\"; };",
	    "f:4: log.level: expected \"debug\" or \"info\" or \"notice\" or "
	    "\"warn\" or \"error\", not the text \"loud\"" },
	{ "tls = { certificate = \"/a\"; };",
	    "f:4: tls.key is missing: expected the private key of "
	    "tls.certificate" },
	{ "trunk = { certificate = \"/a\"; };",
	    "f:4: trunk: set both certificate and key, or neither" },
	{ "trunk = {\n key = \"/a\"; };",
	    "f:5: trunk: set both certificate and key, or neither" },
	{ "trunk = {\n key = 1; certificate = \"/a\"; };",
	    "f:5: trunk.key: expected a path of at most 4000 bytes of UTF-8, "
	    "not a number" },
	{ "pidfile = \"/c\";", "f:4: pidfile: control has this path, too" },
	{ "log = { file = \"f\"; };",
	    "f:4: log.file: this is the configuration file" },
	{ "tls = { certificate = \"/a\"; key = \"/a\"; };\n"
	  "log = { file = \"/a\"; };",
	    "f:5: log.file: tls.certificate has this path, too" },
	{ "dns = { servers = ( \"127.0.0.1:5353\" ); timeout_ms = 100; };",
	    NULL },
	{ "dns = { servers = ( \"ns.example.org\" ); };",
	    "f:4: dns.servers: expected an address such as \"192.0.2.53\", "
	    "with a port if it is not 53, or a list of at most 8 of them, not "
	    "a list" },
};

START_TEST(reports_options)
{
	struct gate_given g;
	char text[4096];

	snprintf(text, sizeof(text), "%s%s%s%s", NAME, LISTEN, SERVERS,
	    options[_i].text);
	gate_init(&g, text);
	assert_report(&g.report, options[_i].report);
	gate_fini(&g);
}
END_TEST

#define SERVER(rest) NAME LISTEN "servers = ( { " rest " } );"
#define TRUNK "trunk = { certificate = \"/a\"; key = \"/b\"; };\n"

static const struct {
	const char *text, *report;
} wholes[] = {
	{ "", "f: name is missing: expected a text without spaces of 1 to 63 "
	      "bytes of UTF-8\n"
	      "f: control is missing: expected a path of 1 to 100 bytes of "
	      "UTF-8\n"
	      "f: listen is missing: expected at least one listener\n"
	      "f: servers is missing: expected at least one server" },
	{ NAME LISTEN "servers = ( );",
	    "f:3: servers is missing: expected at least one server" },
	{ "name = \"gate:1\"; control = \"/c\";\n" LISTEN SERVERS,
	    "f:1: name: expected letters, digits, and - . _" },
	{ NAME SERVERS "listen = ( );",
	    "f:3: listen is missing: expected at least one listener" },
	{ NAME SERVERS "listen = 5;",
	    "f:3: listen: expected a list of groups, ( { ... }, ... ), not "
	    "the number 5" },
	{ NAME SERVERS "listen = ( { address = \"::\"; port = 1; },\n"
		       " { address = \"::1\"; port = 1; } );",
	    "f:4: listen[2].port: another listener uses this address and "
	    "port" },
	{ NAME SERVERS "listen = ( { address = \"fe80::1\"; port = 1; } );",
	    "f:3: listen[1].address: fe80::1 is a link-local address, which "
	    "needs a network interface that cannot be set here" },
	{ NAME SERVERS "listen = ( { address = \"::\"; port = 1; tls = true; "
		       "} );",
	    "f: tls.certificate is missing: a listener uses TLS\n"
	    "f: tls.key is missing: expected the private key of "
	    "tls.certificate" },
	{ NAME SERVERS "listen = ( { address = \"::\"; port = 1; tls = true; "
		       "} ); tls = { certificate = \"/a\"; key = \"/b\"; };",
	    NULL },
	{ NAME SERVERS "listen = ( { address = \"::\"; port = 1; "
		       "proxy = \"x\"; } );",
	    "f:3: listen[1].proxy: expected an IP address or a network, or a "
	    "list of at most 16 of them, not the text \"x\"" },
	{ NAME SERVERS "listen = ( { address = \"::1\"; port = 1; "
		       "for = \"http\"; } );",
	    NULL },
	{ NAME SERVERS "listen = ( { address = \"::\"; port = 1; tls = true; "
		       "for = \"http\"; } ); tls = { certificate = \"/a\"; "
		       "key = \"/b\"; };",
	    "f:3: listen[1].tls: a listener for http has no TLS; put a proxy "
	    "in "
	    "front of it\n"
	    "f:3: warning: listen[1].address: everybody who can reach this "
	    "address can read the figures" },
	{ NAME SERVERS "listen = ( { address = \"::1\"; port = 1; "
		       "websocket = true; for = \"http\"; } );",
	    "f:3: listen[1].websocket: only a listener for clients can speak "
	    "WebSocket" },
	{ NAME SERVERS "listen = ( { address = \"::1\"; port = 1; "
		       "for = \"links\"; } );",
	    "f:3: listen[1].for: expected \"clients\" or \"http\", not the "
	    "text \"links\"" },
	/* servers */
	{ SERVER("address = \"192.0.2.1\"; port = 7000; pin = \"" PIN "\";")
		TRUNK,
	    NULL },
	{ SERVER("address = \"irc.example.org\"; port = 7000;"
		 " pin = \"" PIN "\";") TRUNK,
	    NULL },
	{ SERVER("address = \"_banyan-gate._tcp.example.org\";"
		 " pin = \"" PIN "\";") TRUNK,
	    NULL },
	{ SERVER("address = \"irc.example.org\"; pin = \"" PIN "\";") TRUNK,
	    "f:3: servers[1].port: expected a whole number from 1 to 65535" },
	{ SERVER("address = \"irc.example.org\"; port = 65536;"
		 " pin = \"" PIN "\";") TRUNK,
	    "f:3: servers[1].port: expected a whole number from 1 to 65535, "
	    "not the number 65536" },
	{ SERVER("address = \"_banyan-gate._tcp.example.org\"; port = 1;"
		 " pin = \"" PIN "\";") TRUNK,
	    "f:3: servers[1].port: a name that begins with _ has no port "
	    "here, because its SRV records in DNS have the ports" },
	{ SERVER("address = \"_gate.example.org\"; port = 1; pin = \"" PIN
		 "\";") TRUNK,
	    "f:3: servers[1].address: expected an IP address, a host name "
	    "with a dot, or a name such as \"_banyan-gate._tcp.example.org\", "
	    "not the text \"_gate.example.org\"" },
	{ SERVER("address = \"0.0.0.0\"; port = 1; pin = \"" PIN "\";") TRUNK,
	    "f:3: servers[1].address: expected an IP address, a host name "
	    "with a dot, or a name such as \"_banyan-gate._tcp.example.org\", "
	    "not the text \"0.0.0.0\"" },
	{ SERVER("address = \"224.0.0.1\"; port = 1; pin = \"" PIN "\";") TRUNK,
	    "f:3: servers[1].address: 224.0.0.1 is a multicast or broadcast "
	    "address" },
	{ SERVER("port = 1; pin = \"" PIN "\";") TRUNK,
	    "f:3: servers[1].address is missing: expected an IP address, a "
	    "host name with a dot, or a name such as "
	    "\"_banyan-gate._tcp.example.org\"" },
	{ SERVER("address = \"192.0.2.1\"; port = 1; pin = \"" PIN "\"; },\n"
		 "{ address = \"127.0.0.1\"; port = 1; plaintext = true; },\n"
		 "{ address = \"192.0.2.2\"; port = 1; pin = \"" PIN "\";")
		TRUNK,
	    "f:5: warning: servers[3].pin: servers[1] has this pin, too: it is "
	    "the same server, or one of the pins is wrong" },
	{ SERVER("address = \"192.0.2.1\"; port = 7000;") TRUNK,
	    "f:3: servers[1].pin: expected 64 hex digits: the SHA-256 of the "
	    "server's public key" },
	{ SERVER("address = \"192.0.2.1\"; port = 7000; pin = \"00\";") TRUNK,
	    "f:3: servers[1].pin: expected 64 hex digits, not the text "
	    "\"00\"" },
	{ SERVER("address = \"192.0.2.1\"; port = 7000; plaintext = true;"),
	    "f:3: servers[1].address: a trunk without TLS can only use "
	    "loopback addresses" },
	{ SERVER("address = \"irc.example.org\"; port = 7000;"
		 " plaintext = true;"),
	    "f:3: servers[1].address: a trunk without TLS can only use "
	    "loopback addresses" },
	{ SERVER("address = \"127.0.0.1\"; port = 7000; plaintext = true;"
		 " pin = \"" PIN "\";"),
	    "f:3: servers[1].plaintext: a trunk without TLS has no key to "
	    "compare with the pin" },
	{ SERVER("address = \"127.0.0.1\"; port = 6667; plaintext = true;"),
	    "f:3: servers[1].address: listen[1] of this gate itself has this "
	    "address and port" },
	{ SERVER("address = \"127.0.0.1\"; port = 1; plaintext = true; },\n"
		 " { address = \"127.0.0.1\"; port = 1; plaintext = true;"),
	    "f:4: servers[2].address: servers[1] has this address and port, "
	    "too" },
	{ SERVER("address = \"192.0.2.1\"; port = 7000; pin = \"" PIN "\";"),
	    "f: trunk.certificate is missing: a trunk uses TLS, and tls has "
	    "no certificate either" },
	{ SERVER("address = \"192.0.2.1\"; port = 7000; pin = \"" PIN
		 "\";") "trunk = { };",
	    "f:3: trunk.certificate is missing: a trunk uses TLS, and tls has "
	    "no certificate either" },
	{ NAME "listen = ( );\n" NAME, "f:3:1: name is already set in line 1" },
	{ NAME SERVERS SERVERS,
	    "f:3:1: servers is already set in line 2: put both into one list, "
	    "servers = ( { ... }, { ... } );" },
};

START_TEST(reports_wholes)
{
	struct gate_given g;

	gate_init(&g, wholes[_i].text);
	assert_report(&g.report, wholes[_i].report);
	gate_fini(&g);
}
END_TEST

static const char full[] =
    "name = \"g1\"; region = \"eu\"; control = \"c\"; pidfile = \"/p\";\n"
    "user = \"u\";\n"
    "listen = ( { address = \"::\"; port = 6697; tls = true;\n"
    "  proxy = \"10.0.0.0/8\"; } );\n"
    "tls = { certificate = \"/a\"; key = \"/b\"; };\n"
    "servers = ( { address = \"_banyan-gate._tcp.example.org\";\n"
    "  pin = \"" PIN "\"; },\n"
    "  { address = \"::1\"; port = 7000; plaintext = true; },\n"
    "  { address = \"irc.example.org\"; port = 7001; pin = \"" PIN2 "\"; } );\n"
    "limits = { clients = 9; per_address = 8; connect_rate = 7;\n"
    "  queues_mib = 6; handshake_s = 5; };\n"
    "log = { file = \"/l\"; format = \"json\"; level = \"warn\"; };\n";

START_TEST(values_are_filled_in)
{
	struct gate_given g;
	const struct gate_conf *c;

	gate_init(&g, full);
	assert_report(&g.report, NULL);
	c = g.conf;
	ck_assert(span_eq(c->name, SPAN("g1")));
	ck_assert(span_eq(c->region, SPAN("eu")));
	ck_assert_uint_eq(c->nlisten, 1);
	ck_assert(c->listen[0].tls);
	ck_assert_uint_eq(c->listen[0].purpose, CONF_FOR_CLIENTS);
	ck_assert_uint_eq(c->listen[0].proxies.n, 1);
	ck_assert_uint_eq(c->listen[0].at.line, 3);
	ck_assert(span_eq(c->trunk_certificate, SPAN("/a")));
	ck_assert(span_eq(c->trunk_key, SPAN("/b")));
	ck_assert_uint_eq(c->nserver, 3);
	ck_assert(peer_address_is_service(&c->server[0].address));
	ck_assert_uint_eq(c->server[0].pin.v[31], 0xff);
	ck_assert_uint_eq(c->server[0].at.line, 6);
	ck_assert_uint_eq(c->server[1].address.port, 7000);
	ck_assert(addr_is_loopback(&c->server[1].address.addr));
	ck_assert(c->server[1].plaintext && !c->server[1].pin.given);
	ck_assert(span_eq(c->server[2].address.host, SPAN("irc.example.org")));
	ck_assert_uint_eq(c->server[2].address.port, 7001);
	ck_assert_uint_eq(c->clients, 9);
	ck_assert_uint_eq(c->per_address, 8);
	ck_assert_uint_eq(c->connect_rate, 7);
	ck_assert_uint_eq(c->queues_bytes, 6 << 20);
	ck_assert_uint_eq(c->handshake_s, 5);
	ck_assert_uint_eq(c->dns.timeout_ms, 2000);
	ck_assert_uint_eq(c->log_per_minute, 60);
	ck_assert_uint_eq(conf_head_place(&c->head, "tls.key").line, 5);
	ck_assert_uint_eq(conf_head_place(&c->head, "trunk.key").line, 0);
	gate_fini(&g);
}
END_TEST

static void
print(const struct gate_conf *conf, char text[8192])
{
	struct writer w;

	writer_init(&w, text, 8192);
	conf_head_print(&w, &conf->head);
	writer_char(&w, '\0');
	ck_assert(!w.over);
}

START_TEST(print_reads_back_as_the_same)
{
	char first[8192], second[8192];
	struct gate_given g;

	gate_init(&g, full);
	print(g.conf, first);
	gate_fini(&g);
	gate_init(&g, first);
	assert_report(&g.report, NULL);
	print(g.conf, second);
	gate_fini(&g);
	ck_assert_str_eq(first, second);
	ck_assert_ptr_nonnull(strstr(first,
	    " {\n\taddress = \"::1\";\n\tport = 7000;\n"
	    "\tplaintext = true;\n}"));
	ck_assert_ptr_nonnull(strstr(first,
	    " {\n\taddress = \"_banyan-gate._tcp.example.org\";\n\tpin = \""));
}
END_TEST

START_TEST(keep_holds_what_needs_a_restart)
{
	char text[8192];
	struct gate_given old, next;

	gate_init(&old, full);
	print(old.conf, text);
	memcpy(strstr(text, "\"g1\""), "\"g2\"", 4);
	memcpy(strstr(text, "clients = 9"), "clients = 3", 11);
	gate_init(&next, text);
	conf_head_keep(&old.conf->head, &next.conf->head, &next.report);
	assert_report(&next.report,
	    "f:1: warning: name only changes at a restart: the old value stays "
	    "in use");
	gate_fini(&old);
	ck_assert(span_eq(next.conf->name, SPAN("g1")));
	ck_assert_uint_eq(next.conf->clients, 3);
	gate_fini(&next);
}
END_TEST

Suite *
gate_suite(void)
{
	Suite *s = suite_create("conf/gate");
	TCase *t = unit_case("gate");

	tcase_add_loop_test(t, reports_options, 0, ROWS(options));
	tcase_add_loop_test(t, reports_wholes, 0, ROWS(wholes));
	tcase_add_test(t, values_are_filled_in);
	tcase_add_test(t, print_reads_back_as_the_same);
	tcase_add_test(t, keep_holds_what_needs_a_restart);
	suite_add_tcase(s, t);
	return s;
}
