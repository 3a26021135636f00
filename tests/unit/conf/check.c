#include <stdio.h>
#include <string.h>

#include "core/types/effect.h"
#include "unit/conf/check_conf.h"
#include "wire/utf8.h"

#define PIN64 "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define HASH                                              \
	"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21l" \
	"$RdescudvJCsgt3ub+b4dWRWJTmaaJObG3q1zHh2Xd2s"
#define LINK(rest) \
	"links = ( { name = \"two.example\"; sid = \"2BB\"; " rest " } );"
#define BROKER(rest)                                             \
	TLS_FILES                                                \
	LINK("pin = \"" PIN64 "\"; broker = \"nats://A.test\";") \
	"brokers = (\n{ url = "                                  \
	"\"nats://a.test\"; " rest " } );"
#define GATE(rest) "gates = ( { " rest " } );"
#define OPER(rest) "opers = ( { name = \"o\"; " rest " } );"
#define TLS_FILES "tls = { certificate = \"c\"; key = \"k\"; };"

/*
 * A text behind `minimal`, from line 5 on, and the report about it; NULL: no
 * report.
 */
static const struct {
	const char *text;
	const char *report;
} cases[] = {
	{ "", NULL },

	/* names of options */
	{ "stat = 1;",
	    "f:5: unknown option \"stat\", did you mean \"state\"?" },
	{ "sever = {};",
	    "f:5: unknown option \"sever\", did you mean \"server\"?" },
	{ "nick_len = 9;",
	    "f:5: unknown option \"nick_len\": it belongs in limits" },
	{ "limits = { pidfile = \"x\"; };",
	    "f:5: unknown option \"pidfile\": it belongs at the top of the "
	    "file, outside all groups" },
	{ "limits = { zebra = 9; };", "f:5: unknown option \"zebra\"" },
	{ "limits = { nick_eln = 9; };",
	    "f:5: unknown option \"nick_eln\", did you mean \"nick_len\"?" },

	/* modules */
	{ "modules = ( );", NULL },
	{ "modules = ( \"help\", \"no-such_one\" );", NULL },
	{ "modules = [ \"help\" ];", NULL },
	{ "modules = \"help\";",
	    "f:5: modules: expected a list of at most 60 names of a-z, 0-9, - "
	    "and _, such as ( \"help\" ), not the text \"help\"" },
	{ "modules = (\n\"a\",\n\"../b\" );",
	    "f:7: modules: \"../b\" is no name of a module: expected 1 to 32 "
	    "characters of a-z, 0-9, - and _" },
	{ "modules = (\n\"a\", \"b\",\n\"a\" );",
	    "f:7: modules: \"a\" is named twice" },

	/* groups of modules; module_option.c has their options */
	{ "modules = ( \"knock\" ); knock = { any = 1; thing = ( ); };", NULL },
	{ "knock = { any = 1; };",
	    "f:5: unknown option \"knock\": it is no group of the server, and "
	    "modules names no such module" },
	{ "knock = 1;", "f:5: unknown option \"knock\"" },
	{ "modules = ( \"knock\" );\nknock = 5;",
	    "f:6: knock: expected a group, { ... }, not the number 5" },
	{ "modules = ( \"log\" ); log = { level = \"error\"; };", NULL },

	/* types and ranges */
	{ "limits = { nick_len = 1; };", NULL },
	{ "limits = { nick_len = 64; };", NULL },
	{ "limits = { nick_len = 0; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the number 0" },
	{ "limits = { nick_len = 65; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the number 65" },
	{ "limits = { nick_len = 4294967297L; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the number 4294967297" },
	/* libconfig 1.5 keeps only the lower 32 bits of these */
	{ "limits = { nick_len = 4294967297; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the number 4294967297" },
	{ "limits = { nick_len = -4294967287; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the number -4294967287" },
	{ "limits = { nick_len = 0x100000001; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the number 4294967297" },
	{ "limits = { nick_len = 0x80000000; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the number 2147483648" },
	{ "limits = { nick_len = 0x10000000000000001L; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the number 9223372036854775807 or a larger one" },
	{ "limits = { nick_len = -18446744073709551607; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the number -9223372036854775808 or a smaller one" },
	{ "limits = { nick_len = 0x10; topic_len = 100L; };", NULL },
	{ "log = { level = ( 1, 4294967296 ); };\nuser = 4294967296;",
	    "f:5: log.level: expected \"debug\" or \"info\" or \"notice\" or "
	    "\"warn\" or \"error\", not a list\n"
	    "f:6: user: expected a text without spaces of at most 32 bytes of "
	    "UTF-8, not the number 4294967296" },
	{ "limits = { nick_len = \"9\"; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "the text \"9\"" },
	{ "limits = { nick_len = 9.5; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "a number with a fraction" },
	{ "limits = { nick_len = { a = 1; }; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "a group" },
	{ "limits = { nick_len = [ 1 ]; };",
	    "f:5: limits.nick_len: expected a whole number from 1 to 64, not "
	    "a list" },
	{ "limits = 1;",
	    "f:5: limits: expected a group, { ... }, not the number 1" },
	{ "log = { level = \"loud\"; };",
	    "f:5: log.level: expected \"debug\" or \"info\" or \"notice\" or "
	    "\"warn\" or \"error\", not the text \"loud\"" },
	{ "user = \"a b\";",
	    "f:5: user: expected a text without spaces of at most 32 bytes of "
	    "UTF-8, not the text \"a b\"" },
	{ "pidfile = \"a\\nb\";",
	    "f:5: pidfile: expected a path of at most 4000 bytes of UTF-8, not "
	    "the text \"a\\x0ab\"" },
	{ "pidfile = \"\\xff\";",
	    "f:5: pidfile: expected a path of at most 4000 bytes of UTF-8, not "
	    "the text \"\xff\"" },
	{ "user = true;",
	    "f:5: user: expected a text without spaces of at most 32 bytes of "
	    "UTF-8, not true" },

	/* gateways */
	{ "webirc = ( { name = \"a\"; net = \"::1\"; pin = \"" PIN64 "\"; } );",
	    NULL },
	{ "webirc = ( { name = \"a\"; net = \"::1\"; } );",
	    "f:5: webirc[1]: expected a password, a pin, or both" },

	/* DNS */
	{ "dns = { servers = \"192.0.2.53\"; };", NULL },
	{ "dns = { servers = ( \"192.0.2.53:5353\", \"2001:db8::53\", "
	  "\"[::1]:53\" ); };",
	    NULL },
	{ "dns = { servers = \"0.0.0.0\"; };",
	    "f:5: dns.servers: expected an address such as \"192.0.2.53\", "
	    "with "
	    "a port if it is not 53, or a list of at most 8 of them, not the "
	    "text "
	    "\"0.0.0.0\"" },
	{ "dns = { servers = \"ns.example\"; };",
	    "f:5: dns.servers: expected an address such as \"192.0.2.53\", "
	    "with "
	    "a port if it is not 53, or a list of at most 8 of them, not the "
	    "text "
	    "\"ns.example\"" },
	{ "dns = { timeout_ms = 2001; };", "f:5: dns.timeout_ms: expected a "
					   "whole number from 100 to 2000, not "
					   "the number 2001" },

	/* links */
	{ LINK("plaintext = true; address = \"127.0.0.1:7000\";"), NULL },
	{ LINK("plaintext = true; address = \"[::1]:7000\";"), NULL },
	{ LINK("plaintext = true; address = (\"127.0.0.1:1\", \"[::1]:2\");"),
	    NULL },
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; address = \"192.0.2.1:7000\";"),
	    NULL },
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; address = (\"hub.test:7000\", "
			 "\"other.test:7000\");"),
	    NULL },
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; address = "
			 "(\"_banyan._tcp.hub.test\", \"hub.test:7000\");"),
	    NULL },
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; address = "
			 "\"_banyan._tcp.hub.test:7000\";"),
	    "f:5: links[1].address: a name that begins with _ has no port "
	    "here, "
	    "because its SRV records in DNS have the ports" },
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; address = \"_hub.test:7000\";"),
	    "f:5: links[1].address: a name that begins with _ has no port "
	    "here, "
	    "because its SRV records in DNS have the ports" },
	{ LINK("plaintext = true; address = \"_banyan._tcp.hub.test\";"),
	    "f:5: links[1].address: a link without TLS can only use loopback "
	    "addresses" },
	{ LINK("plaintext = true; address = \"_banyan.tcp.hub.test\";"),
	    "f:5: links[1].address: expected \"192.0.2.1:7000\", "
	    "\"[2001:db8::1]:7000\", \"hub.example.org:7000\", "
	    "\"_banyan._tcp.example.org\" or a list of at most 16 of them, not "
	    "the text \"_banyan.tcp.hub.test\"" },
	{ LINK("plaintext = true; address = \"_banyan._tcp\";"),
	    "f:5: links[1].address: expected \"192.0.2.1:7000\", "
	    "\"[2001:db8::1]:7000\", \"hub.example.org:7000\", "
	    "\"_banyan._tcp.example.org\" or a list of at most 16 of them, not "
	    "the text \"_banyan._tcp\"" },
	{ LINK("plaintext = true; address = \"hub.test:7000\";"),
	    "f:5: links[1].address: a link without TLS can only use loopback "
	    "addresses" },
	{ LINK("plaintext = true; pin = \"" PIN64
	       "\"; address = \"127.0.0.1:7000\";"),
	    "f:5: links[1].plaintext: a link without TLS has no key to compare "
	    "with the pin" },
	{ TLS_FILES LINK("address = \"192.0.2.1:7000\";"),
	    "f:5: links[1].pin: expected 64 hex digits, which `banyanctl "
	    "linkblock` prints on the other side" },
	{ TLS_FILES LINK("pin = \"abc\"; address = \"192.0.2.1:7000\";"),
	    "f:5: links[1].pin: expected 64 hex digits, not the text "
	    "\"abc\"" },
	{ LINK("plaintext = true; address = \"192.0.2.1:7000\";"),
	    "f:5: links[1].address: a link without TLS can only use loopback "
	    "addresses" },
	{ LINK("plaintext = true; address = \"127.0.0.1\";"),
	    "f:5: links[1].address: expected \"192.0.2.1:7000\", "
	    "\"[2001:db8::1]:7000\", \"hub.example.org:7000\", "
	    "\"_banyan._tcp.example.org\" or a list of at most 16 of them, not "
	    "the text \"127.0.0.1\"" },
	{ LINK("plaintext = true; address = \"127.0.0.1:0\";"),
	    "f:5: links[1].address: expected \"192.0.2.1:7000\", "
	    "\"[2001:db8::1]:7000\", \"hub.example.org:7000\", "
	    "\"_banyan._tcp.example.org\" or a list of at most 16 of them, not "
	    "the text \"127.0.0.1:0\"" },
	{ LINK("plaintext = true; address = \"::1:7000\";"),
	    "f:5: links[1].address: expected \"192.0.2.1:7000\", "
	    "\"[2001:db8::1]:7000\", \"hub.example.org:7000\", "
	    "\"_banyan._tcp.example.org\" or a list of at most 16 of them, not "
	    "the text \"::1:7000\"" },
	{ LINK("plaintext = true; address = \"example:7000\";"),
	    "f:5: links[1].address: expected \"192.0.2.1:7000\", "
	    "\"[2001:db8::1]:7000\", \"hub.example.org:7000\", "
	    "\"_banyan._tcp.example.org\" or a list of at most 16 of them, not "
	    "the text \"example:7000\"" },
	{ LINK("pin = \"" PIN64 "\"; address = \"192.0.2.1:7000\";"),
	    "f: tls.certificate is missing: a listener or a link uses TLS\n"
	    "f: tls.key is missing: expected the private key of "
	    "tls.certificate" },
	{ "links = ( { name = \"one.example\"; sid = \"1AA\";\n"
	  " plaintext = true; address = \"127.0.0.1:7000\"; } );",
	    "f:5: links[1].name: this is the name of this server itself\n"
	    "f:5: links[1].sid: this is the sid of this server itself" },
	{ "links = (\n"
	  "{ name = \"two.example\"; sid = \"2BB\"; plaintext = true;"
	  "  address = \"127.0.0.1:1\"; },\n"
	  "{ name = \"two.example\";\n sid = \"2BB\"; plaintext = true;"
	  "  address = \"127.0.0.1:2\"; } );",
	    "f:7: links[2].name: links[1].name is \"two.example\", too\n"
	    "f:8: links[2].sid: links[1].sid is \"2BB\", too" },
	{ "links = { name = \"two.example\"; };",
	    "f:5: links: expected a list of groups, ( { ... }, ... ), not a "
	    "group" },
	{ "links = (\n 1 );",
	    "f:6: links[1]: expected a group, { ... }, not the number 1" },
	{ "links = ( { sid = \"2BB\"; plaintext = true; address = "
	  "\"127.0.0.1:1\"; } );",
	    "f:5: links[1].name is missing: expected a host name with a dot" },
	{ "links = ( { name = \"two\"; sid = \"BB\"; plaintext = true; "
	  "address = \"127.0.0.1:1\"; } );",
	    "f:5: links[1].name: expected a host name with a dot, not the text "
	    "\"two\"\n"
	    "f:5: links[1].sid: expected a digit and two digits or capital "
	    "letters, not the text \"BB\"" },

	/* addresses that cannot be dialled */
	{ LINK("plaintext = true; address = \"0.0.0.0:7000\";"),
	    "f:5: links[1].address: expected \"192.0.2.1:7000\", "
	    "\"[2001:db8::1]:7000\", \"hub.example.org:7000\", "
	    "\"_banyan._tcp.example.org\" or a list of at most 16 of them, not "
	    "the text \"0.0.0.0:7000\"" },
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; address = \"[fe80::1]:7000\";"),
	    "f:5: links[1].address: fe80::1 is a link-local address, which "
	    "needs a network interface that cannot be set here" },
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; address = (\"192.0.2.1:1\", "
			 "\"224.0.0.1:7000\");"),
	    "f:5: links[1].address: 224.0.0.1 is a multicast or broadcast "
	    "address" },
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; address = \"[ff02::1]:7000\";"),
	    "f:5: links[1].address: ff02::1 is a multicast or broadcast "
	    "address" },
	{ TLS_FILES LINK("pin = \"" PIN64
			 "\"; address = \"255.255.255.255:7000\";"),
	    "f:5: links[1].address: 255.255.255.255 is a multicast or "
	    "broadcast address" },
	{ LINK("plaintext = true; address = \"127.0.0.1:6667\";"),
	    "f:5: links[1].address: listen[1] of this server itself has this "
	    "address and port" },
	{ TLS_FILES "links = ( { name = \"two.example\"; sid = \"2BB\";\n"
		    "  pin = \"" PIN64 "\"; address = \"192.0.2.1:7000\"; },\n"
		    "{ name = \"three.example\"; sid = \"3BB\"; pin = \"" PIN64
		    "\";\n"
		    "  address = [ \"192.0.2.2:7\", \"192.0.2.1:7000\" ]; } );",
	    "f:7: links[2].pin: links[1] has this pin, too, and each server "
	    "needs a key of its own\n"
	    "f:8: warning: links[2].address: links[1] has this address and "
	    "port, too, and only one server can answer there" },

	/* links that go through brokers */
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; broker = \"nats://[::1]\";"),
	    NULL },
	{ TLS_FILES LINK("pin = \"" PIN64 "\";\n"
			 "address = \"192.0.2.1:7000\";\n"
			 "broker = \"redis://192.0.2.1\";"),
	    "f:6: links[1].address: a link that goes through a broker has no "
	    "address" },
	{ TLS_FILES LINK("plaintext = true;\n"
			 "broker = \"redis://192.0.2.1\";"),
	    "f:5: links[1].plaintext: a link that goes through a broker needs "
	    "a pin" },
	{ TLS_FILES LINK("pin = \"" PIN64 "\"; broker = \"http://a.test\";"),
	    "f:5: links[1].broker: expected \"nats://192.0.2.1:4222\", "
	    "\"tls://nats.example.org\", \"redis://192.0.2.1:6379\" or "
	    "\"rediss://redis.example.org\", not the text "
	    "\"http://a.test\"" },
	{ TLS_FILES LINK("pin = \"" PIN64
			 "\"; broker = \"nats://u:p@a.test\";"),
	    "f:5: links[1].broker: expected \"nats://192.0.2.1:4222\", "
	    "\"tls://nats.example.org\", \"redis://192.0.2.1:6379\" or "
	    "\"rediss://redis.example.org\", not the text "
	    "\"nats://u:p@a.test\"" },
	{ BROKER("user = \"u\";"),
	    "f:6: brokers[1].user: a user needs a password_file" },
	{ BROKER("ca = \"ca.pem\";"),
	    "f:6: brokers[1].ca: only tls:// and rediss:// have "
	    "certificates" },
	{ BROKER("password_file = \"p\";"),
	    "f:6: warning: brokers[1].password_file: without TLS, everybody on "
	    "the way to the broker can read the password" },
	{ BROKER("}, { url = \"NATS\";"),
	    "f:6: brokers[2].url: expected \"nats://192.0.2.1:4222\", "
	    "\"tls://nats.example.org\", \"redis://192.0.2.1:6379\" or "
	    "\"rediss://redis.example.org\", not the text \"NATS\"" },
	{ BROKER("}, { url = \"nats://a.test/\";"),
	    "f:6: brokers[2].url: brokers[1].url is \"nats://a.test:4222\", "
	    "too" },
	{ "brokers = ( { url = \"redis://192.0.2.1\"; } );",
	    "f:5: warning: brokers[1].url: no link goes through this broker" },

	/* links that no side can dial */
	{ TLS_FILES LINK("pin = \"" PIN64 "\";"),
	    "f:5: warning: links[1]: neither side can dial: the block has no "
	    "address, and there is no listener for links with TLS" },
	{ LINK("plaintext = true;"),
	    "f:5: warning: links[1]: neither side can dial: the block has no "
	    "address, and there is no listener for links without TLS" },

	/* gates */
	{ GATE("name = \"g-1.A_\"; pin = \"" PIN64 "\"; streams = 1;"),
	    "f:5: warning: gates[1]: the gate cannot connect, because there is "
	    "no listener for gates that it may use" },
	{ GATE("name = \"g 1\"; plaintext = true;"),
	    "f:5: gates[1].name: expected a text without spaces of 1 to 63 "
	    "bytes of UTF-8, not the text \"g 1\"" },
	{ GATE("name = \"g:1\"; plaintext = true;"),
	    "f:5: gates[1].name: expected letters, digits, and - . _\n"
	    "f:5: warning: gates[1]: the gate cannot connect, because there is "
	    "no listener for gates that it may use" },
	{ GATE("name = \"g\";"),
	    "f:5: gates[1].pin: expected 64 hex digits, which the gate "
	    "tells" },
	{ GATE("name = \"g\"; pin = \"12\";"),
	    "f:5: gates[1].pin: expected 64 hex digits, not the text \"12\"" },
	{ GATE("plaintext = true;"),
	    "f:5: gates[1].name is missing: expected a text without spaces of "
	    "1 to 63 bytes of UTF-8" },
	{ GATE("name = \"g\"; plaintext = true; streams = 0;"),
	    "f:5: gates[1].streams: expected a whole number from 1 to 1000000, "
	    "not the number 0\n"
	    "f:5: warning: gates[1]: the gate cannot connect, because there is "
	    "no listener for gates that it may use" },
	{ GATE("name = \"g\"; pin = \"" PIN64
	       "\"; }, { name = \"g\"; pin = \"" PIN64 "\";"),
	    "f:5: gates[2].name: gates[1].name is \"g\", too\n"
	    "f:5: warning: gates[1]: the gate cannot connect, because there is "
	    "no listener for gates that it may use\n"
	    "f:5: gates[2].pin: another gate has this pin" },

	/* certificates */
	{ "tls = { certificate = \"c\"; };",
	    "f:5: tls.key is missing: expected the private key of "
	    "tls.certificate" },
	{ "tls = { certificate = \"c\"; key = \"k\"; link_key = \"l\"; };",
	    "f:5: tls: set both link_certificate and link_key, or neither" },

	/* operators */
	{ OPER("password = \"" HASH "\";"), NULL },
	{ OPER("password = \"" HASH "\"; mask = \"*@127.0.0.0/8\";"), NULL },
	{ OPER("password = \"" HASH "\"; mask = \"127.0.0.0/8\";"),
	    "f:5: opers[1].mask: expected user@host, such as \"*@192.0.2.*\" "
	    "or \"*@192.0.2.0/24\"" },
	{ OPER("password = \"" HASH "\"; mask = \"root@\";"),
	    "f:5: opers[1].mask: expected user@host, such as \"*@192.0.2.*\" "
	    "or \"*@192.0.2.0/24\"" },
	{ OPER("password = \"" HASH "\"; mask = \"@192.0.2.1\";"),
	    "f:5: opers[1].mask: expected user@host, such as \"*@192.0.2.*\" "
	    "or \"*@192.0.2.0/24\"" },
	{ OPER("password = \"" HASH "\"; mask = \"n!u@2001:db8::/32\";"),
	    NULL },
	{ OPER("password = \"" HASH "\"; mask = \"*@10.0.0.0/33\";"),
	    "f:5: opers[1].mask: 10.0.0.0/33 is not a network: expected an "
	    "IP address, \"/\" and at most 32 bits (IPv6: 128)" },
	{ OPER("password = \"" HASH "\"; mask = \"*@2001:db8::/129\";"),
	    "f:5: opers[1].mask: 2001:db8::/129 is not a network: expected an "
	    "IP address, \"/\" and at most 32 bits (IPv6: 128)" },
	{ OPER("password = \"" HASH "\"; mask = \"*@10.0.0.*/24\";"),
	    "f:5: opers[1].mask: 10.0.0.*/24 is not a network: expected an "
	    "IP address, \"/\" and at most 32 bits (IPv6: 128)" },
	/* a password without its end */
	{ OPER("password = \"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21l"
	       "$RdescudvJCsgt3ub+b4dWRWJTmaaJObG3q1zHh2Xd2\";"),
	    "f:5: opers[1].password: expected what `banyanctl hash` prints, "
	    "\"$argon2id$...\", not a text of 90 bytes" },
	{ OPER("password = \"secret\";"),
	    "f:5: opers[1].password: expected what `banyanctl hash` prints, "
	    "\"$argon2id$...\", not a text of 6 bytes" },
	{ OPER("password = 12345;"),
	    "f:5: opers[1].password: expected what `banyanctl hash` prints, "
	    "\"$argon2id$...\", not a number" },
	{ "opers = \"secret\";",
	    "f:5: opers: expected a list of groups, ( { ... }, ... ), not a "
	    "text of 6 bytes" },
	{ "opers = ( { name = \"o\"; password = \"" HASH "\"; },\n"
	  "{ name = \"o\"; password = \"" HASH "\"; } );",
	    "f:6: opers[2].name: opers[1].name is \"o\", too" },

	{ OPER("pin = \"" PIN64 "\";"), NULL },
	{ OPER("pin = \"" PIN64 "\"; password = \"" HASH "\";"), NULL },
	{ OPER("mask = \"*@127.0.0.1\";"),
	    "f:5: opers[1]: expected a password, a pin, or both" },
	{ OPER("pin = \"00\";"),
	    "f:5: opers[1].pin: expected 64 hex digits, not the text \"00\"" },
	{ "oper_classes = ( { name = \"a\"; privileges = ( \"kill\" ); } );\n"
	  "opers = ( { name = \"o\"; password = \"" HASH "\";\n"
	  "class = \"a\"; } );",
	    NULL },
	{ OPER("password = \"" HASH "\"; class = \"b\";"),
	    "f:5: opers[1].class: oper_classes has no class \"b\"" },
	{ "oper_classes = ( { privileges = ( ); } );",
	    "f:5: oper_classes[1].name is missing: expected a text without "
	    "spaces of 1 to 30 bytes of UTF-8" },
	{ "oper_classes = ( { name = \"a\"; },\n{ name = \"a\"; } );",
	    "f:6: oper_classes[2].name: oper_classes[1].name is \"a\", too" },
	{ "oper_classes = ( { name = \"a\"; privileges = \"kill\"; } );",
	    "f:5: oper_classes[1].privileges: expected a list of privileges, "
	    "such as ( \"kill\", \"see-address\" ), not the text \"kill\"" },
	{ "oper_classes = ( { name = \"a\"; privileges = ( 1 ); } );",
	    "f:5: oper_classes[1].privileges: expected a list of privileges, "
	    "such as ( \"kill\", \"see-address\" ), not a list" },
	{ "oper_classes = ( { name = \"a\"; privileges = (\n\"kill\",\n"
	  "\"Kill\" ); } );",
	    "f:7: oper_classes[1].privileges: \"Kill\" is no privilege; "
	    "banyand.conf(5) lists the privileges" },
	{ "oper_classes = ( { name = \"a\";\ninherits = \"b\"; } );",
	    "f:6: oper_classes[1].inherits: oper_classes has no class \"b\"" },
	{ "oper_classes = ( { name = \"a\";\ninherits = \"a\"; } );",
	    "f:6: oper_classes[1].inherits: the class inherits from itself" },
	{ "oper_classes = ( { name = \"a\"; inherits = \"b\"; },\n"
	  "{ name = \"b\"; inherits = \"c\"; }, { name = \"c\"; } );",
	    NULL },
	{ "oper_classes = ( { name = \"a\"; inherits = \"b\"; },\n"
	  "{ name = \"b\"; }, { name = \"c\";\ninherits = \"c\"; } );",
	    "f:7: oper_classes[3].inherits: the class inherits from itself" },

	/* classes */
	{ "classes = ( { name = \"a\"; net = \"10.0.0.0/8\"; },\n"
	  "{ name = \"a\"; net = \"::/0\"; } );",
	    "f:6: classes[2].name: classes[1].name is \"a\", too" },
	{ "classes = ( { name = \"a\"; },\n"
	  "{ name = \"b\"; net = \"10.0.0.0/8\"; } );",
	    "f:6: warning: classes[2]: no client will be in it, because "
	    "classes[1] comes first and contains its net" },
	{ "classes = ( { name = \"a\"; net = \"10.0.0.0/33\"; } );",
	    "f:5: classes[1].net: expected an IP address or a network such as "
	    "\"10.0.0.0/8\", not the text \"10.0.0.0/33\"" },

	/* lines that are too long */
	{ "limits = { channel_len = 112; };", NULL },
	{ "limits = { channel_len = 113; };",
	    "f:5: warning: limits.topic_len: a client cannot set a topic of "
	    "390 "
	    "bytes in a channel with a name of 113 bytes, because a line has "
	    "at "
	    "most 510 bytes" },
	{ "limits = { channel_len = 200;\n topic_len = 300;\n nick_len = 64; "
	  "};",
	    "f:5: warning: limits.kick_len: a client cannot give a reason of "
	    "300 bytes for a kick of a nick of 64 bytes in a channel with a "
	    "name of 200 bytes, because a line has at most 510 bytes" },

	/* times */
	{ "sync = { keep_s = 10; silence_s = 10; grace_s = 0; };",
	    "f:5: warning: sync.silence_s: a link that breaks is noticed when "
	    "keep_s has passed already, so that the servers may need a "
	    "snapshot each time" },
	{ "sync = { keep_s = 41; grace_s = 30; };", NULL },
	{ "sync = { keep_s = 10; grace_s = 0; };", NULL },
	{ "sync = { keep_s = 41;\n grace_s = 31; };",
	    "f:6: warning: sync.grace_s: users of a server that is back after "
	    "31 s may miss what was said to them, since it is kept for keep_s "
	    "= 41 s only" },
	{ "sync = { keep_s = 40; };",
	    "f:5: warning: sync.grace_s: users of a server that is back after "
	    "30 s may miss what was said to them, since it is kept for keep_s "
	    "= 40 s only" },
	{ "control = \"/s\";", "f:5: control: state has this path, too" },
	{ "pidfile = \"/s/state\";",
	    "f:5: pidfile: the server keeps its state in this file" },
	{ "pidfile = \"/s/control\";",
	    "f:5: pidfile: control has this path, too" },
	{ "tls = { certificate = \"/c\"; key = \"/c\"; };\n"
	  "log = { file = \"/c\"; };",
	    "f:6: log.file: tls.certificate has this path, too" },
	{ "pidfile = \"f\";", "f:5: pidfile: this is the configuration file" },
};

START_TEST(reports)
{
	struct given g;
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", minimal, cases[_i].text);
	given_init(&g, text);
	assert_report(&g.report, cases[_i].report);
	given_fini(&g);
}
END_TEST

START_TEST(nothing_given_tells_all_that_is_missing)
{
	struct given g;

	given_init(&g, "");
	assert_report(&g.report,
	    "f: state is missing: expected a path of 1 to 4000 bytes of "
	    "UTF-8\n"
	    "f: server.name is missing: expected a host name with a dot\n"
	    "f: server.sid is missing: expected a digit and two digits or "
	    "capital letters\n"
	    "f: server.network is missing: expected a text without spaces of "
	    "1 to 30 bytes of UTF-8\n"
	    "f: listen is missing: expected at least one listener");
	ck_assert_uint_eq(g.report.errors, 5);
	given_fini(&g);
}
END_TEST

#define SERVER                                              \
	"state = \"/s\"; server = { name = \"a.b\"; sid = " \
	"\"1AA\"; network = \"N\"; };\n"
#define AT(address, port, rest) \
	"{ address = \"" address "\"; port = " #port "; " rest " }"

static const struct {
	const char *text;
	const char *report;
} listens[] = {
	{ AT("0.0.0.0", 1, "") ", " AT("::", 1, ""), NULL },
	{ AT("127.0.0.1", 1, "") ", " AT("127.0.0.1", 2, ""), NULL },
	{ AT("127.0.0.1", 1, "") ",\n" AT("127.0.0.1", 1, ""),
	    "f:3: listen[2].port: another listener uses this address and "
	    "port" },
	{ AT("127.0.0.1", 1, "") ",\n" AT("0.0.0.0", 1, ""),
	    "f:3: listen[2].port: another listener uses this address and "
	    "port" },
	{ AT("::", 1, "") ",\n" AT("::1", 1, ""),
	    "f:3: listen[2].port: another listener uses this address and "
	    "port" },
	{ AT("::1", 1, "") ", " AT("::1", 2, "for = \"links\";"), NULL },
	{ AT("::1", 1, "") ", " AT("::", 2, "for = \"links\";"),
	    "f:2: listen[2].address: a listener for links without tls can only "
	    "use a loopback address" },
	{ AT("::1", 1, "for = \"links\";"),
	    "f:2: warning: listen: no listener accepts clients" },
	{ AT("::1", 1, "for = \"gates\";"), NULL },
	{ AT("::", 1, "for = \"gates\"; proxy = \"::1\";"),
	    "f:2: listen[1].address: a listener for gates without tls can only "
	    "use a loopback address\n"
	    "f:2: listen[1].proxy: only a listener for clients can have "
	    "proxies" },
	{ AT("::1", 1, "proxy = \"192.0.2.1\";"), NULL },
	{ AT("::1", 1, "proxy = (\"192.0.2.0/24\", \"::1\");"), NULL },
	{ AT("::1", 1, "proxy = \"192.0.2.0/33\";"),
	    "f:2: listen[1].proxy: expected an IP address or a network, or a "
	    "list of at most 16 of them, not the text \"192.0.2.0/33\"" },
	{ AT("::1", 1, "for = \"links\"; proxy = \"::1\";"),
	    "f:2: listen[1].proxy: only a listener for clients can have "
	    "proxies\n"
	    "f:2: warning: listen: no listener accepts clients" },
	{ AT("::1", 1, "websocket = true;"), NULL },
	{ AT("::", 1, "websocket = true; origins = \"*\";"), NULL },
	{ AT("::", 1,
	      "websocket = true; origins = (\"https://a.b\", "
	      "\"http://[::1]:8\");"),
	    NULL },
	{ AT("::", 1, "websocket = true;"),
	    "f:2: warning: listen[1].origins are missing: any web page can let "
	    "its visitors connect here; name those of your web clients, or "
	    "\"*\" if this is what you want" },
	{ AT("::1", 1, "websocket = true; origins = \"https://a.b/c\";"),
	    "f:2: listen[1].origins: expected an origin such as "
	    "\"https://chat.example.org\", \"*\" for any, or a list of at most "
	    "16 of them, not the text \"https://a.b/c\"" },
	{ AT("::1", 1, "websocket = true; origins = ();"),
	    "f:2: listen[1].origins: expected an origin such as "
	    "\"https://chat.example.org\", \"*\" for any, or a list of at most "
	    "16 of them, not a list" },
	{ AT("::1", 1, "origins = \"*\";"),
	    "f:2: listen[1].origins: only a listener with websocket has "
	    "origins" },
	{ AT("::1", 1, "for = \"links\"; websocket = true;"),
	    "f:2: listen[1].websocket: only a listener for clients can speak "
	    "WebSocket\n"
	    "f:2: warning: listen: no listener accepts clients" },
	{ AT("::1", 0, ""),
	    "f:2: listen[1].port: expected a whole number from 1 to 65535, "
	    "not the number 0" },
	{ AT("::1", 65536, ""),
	    "f:2: listen[1].port: expected a whole number from 1 to 65535, "
	    "not the number 65536" },
	{ AT("localhost", 1, ""),
	    "f:2: listen[1].address: expected an IP address, not the text "
	    "\"localhost\"" },
	{ AT("::1", 1, "tls = true;"),
	    "f: tls.certificate is missing: a listener or a link uses TLS\n"
	    "f: tls.key is missing: expected the private key of "
	    "tls.certificate" },
	{ "", "f:2: warning: listen: no listener accepts clients" },
};

START_TEST(listeners)
{
	struct given g;
	char text[1024];

	snprintf(text, sizeof(text), SERVER "listen = ( %s );",
	    listens[_i].text);
	given_init(&g, text);
	assert_report(&g.report, listens[_i].report);
	given_fini(&g);
}
END_TEST

#define GATES(address, port, rest) AT(address, port, "for = \"gates\"; " rest)

/* Options of the server, the listeners, and where gates find it then; or the
 * report. */
static const struct {
	const char *server, *listen, *at, *report;
} gates_at[] = {
	{ "", AT("::1", 1, ""), "", NULL },
	{ "", GATES("127.0.0.1", 7, ""), "127.0.0.1:7", NULL },
	{ "", GATES("::1", 7, "") ", " GATES("127.0.0.1", 8, ""), "[::1]:7",
	    NULL },
	{ "", GATES("::1", 7, "") ", " GATES("192.0.2.1", 8, "tls = true;"),
	    "192.0.2.1:8", NULL },
	{ "", GATES("::", 8, "tls = true;"), "", NULL },
	{ "", GATES("::", 8, "tls = true;") ", " GATES("::1", 7, ""), "[::1]:7",
	    NULL },
	{ "gates_at = \"irc.example.org:9\";", GATES("::", 8, "tls = true;"),
	    "irc.example.org:9", NULL },
	{ "gates_at = \"[2001:db8::1]:9\";", GATES("::", 8, "tls = true;"),
	    "[2001:db8::1]:9", NULL },
	{ "gates_at = \"127.0.0.1:9\";", GATES("::", 8, "tls = true;"),
	    "127.0.0.1:9", NULL },
	{ "gates_at = \"127.0.0.1:9\";", GATES("192.0.2.1", 8, "tls = true;"),
	    NULL,
	    "f:1: server.gates_at: no listener for gates can be reached at a "
	    "loopback address" },
	{ "gates_at = \"a.example:9\";", AT("::1", 1, ""), NULL,
	    "f:1: server.gates_at: there is no listener for gates" },
#define EXPECTED                                              \
	"f:1: server.gates_at: expected \"192.0.2.1:7001\", " \
	"\"[2001:db8::1]:7001\" or \"irc1.example.org:7001\", not the text "
	{ "gates_at = \"192.0.2.1\";", GATES("::1", 1, ""), NULL,
	    EXPECTED "\"192.0.2.1\"" },
	{ "gates_at = \"0.0.0.0:7\";", GATES("::1", 1, ""), NULL,
	    EXPECTED "\"0.0.0.0:7\"" },
	{ "gates_at = \"_banyan._tcp.a.example\";", GATES("::1", 1, ""), NULL,
	    EXPECTED "\"_banyan._tcp.a.example\"" },
	{ "weight = 1000;", AT("::1", 1, ""), "", NULL },
	{ "weight = 0;", AT("::1", 1, ""), NULL,
	    "f:1: server.weight: expected a whole number from 1 to 1000, not "
	    "the number 0" },
	{ "weight = 1001;", AT("::1", 1, ""), NULL,
	    "f:1: server.weight: expected a whole number from 1 to 1000, not "
	    "the number 1001" },
};

static const char *
gates_at_text(const struct conf *conf)
{
	static char text[256];
	const struct peer_address *at = &conf->settings.gates_at.at;
	bool bare = at->host.n > 0 || addr_is_v4(&at->addr);
	struct writer w;

	memset(text, 0, sizeof(text));
	if (at->port == 0)
		return text;
	writer_init(&w, text, sizeof(text) - 1);
	writer_str(&w, bare ? "" : "[");
	if (at->host.n > 0)
		writer_span(&w, at->host);
	else
		addr_build(&w, &at->addr);
	writer_str(&w, bare ? ":" : "]:");
	writer_u64(&w, at->port);
	return text;
}

START_TEST(where_gates_find_the_server)
{
	struct given g;
	char text[1024];

	snprintf(text, sizeof(text),
	    "state = \"/s\"; server = { name = \"a.b\"; sid = \"1AA\"; network "
	    "= \"N\"; %s };\nlisten = ( %s ); " TLS_FILES,
	    gates_at[_i].server, gates_at[_i].listen);
	given_init(&g, text);
	assert_report(&g.report, gates_at[_i].report);
	if (gates_at[_i].at != NULL)
		ck_assert_str_eq(gates_at_text(g.conf), gates_at[_i].at);
	given_fini(&g);
}
END_TEST

static const struct {
	const char *text;
	const char *report;
} policies[] = {
	{ "sts = { port = 2; duration_s = 0; hosts = \"a.b,*.c\"; };", NULL },
	{ "sts = { port = 2; duration_s = 9; preload = true; };", NULL },
	{ "sts = { port = 3; proxied = true; };", NULL },
	{ "sts = { port = 0; };", NULL },
	{ "sts = { };", "f:3: sts.port is missing: without a port there is no "
			"policy" },
	{ "sts = { duration_s = 9; };",
	    "f:3: sts.port is missing: without a port there is no policy" },
	{ "sts = { port = \"x\"; };",
	    "f:3: sts.port: expected a whole number from 0 to 65535, not the "
	    "text \"x\"" },
	/* a listener without TLS, one for links, one of a proxy, one with
	 * WebSocket, and none */
	{ "sts = { port = 1; };",
	    "f:3: sts.port: no listener for clients with tls has this port; "
	    "set sts.proxied if a proxy takes TLS there" },
	{ "sts = { port = 4; };",
	    "f:3: sts.port: no listener for clients with tls has this port; "
	    "set sts.proxied if a proxy takes TLS there" },
	{ "sts = { port = 5; };",
	    "f:3: sts.port: no listener for clients with tls has this port; "
	    "set sts.proxied if a proxy takes TLS there" },
	{ "sts = { port = 6; };",
	    "f:3: sts.port: no listener for clients with tls has this port; "
	    "set sts.proxied if a proxy takes TLS there" },
	{ "sts = {\nport = 6697; };",
	    "f:4: sts.port: no listener for clients with tls has this port; "
	    "set sts.proxied if a proxy takes TLS there" },
	{ "sts = { port = 2; preload = true; };",
	    "f:3: sts.preload: a policy for lists needs a duration_s" },
};

START_TEST(policies_that_can_work)
{
	struct given g;
	char text[1024];

	snprintf(text, sizeof(text),
	    SERVER
	    "tls = { certificate = \"/a\"; key = \"/b\"; }; listen = "
	    "( " AT("::1", 1, "") ", " AT("::", 2, "tls = true;") ", " AT("::1",
		4, "tls = true; for = \"links\";") ", " AT("::1", 5,
		"tls = true; proxy = \"::1\";") ", " AT("::1", 6,
		"tls = true; websocket = true;") " );\n%s",
	    policies[_i].text);
	given_init(&g, text);
	assert_report(&g.report, policies[_i].report);
	given_fini(&g);
}
END_TEST

START_TEST(values_arrive)
{
	static const unsigned char pin[32] = { 0x00, 0x11, 0x22, 0x33, 0x44,
		0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
		0xff, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
		0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	const struct settings *s;
	struct given g;
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", minimal,
	    TLS_FILES LINK("pin = \"" PIN64 "\";"
			   "address = [\"192.0.2.1:7000\", \"[::1]:7001\"];")
		OPER("password = \"" HASH
		     "\"; mask = \"*@h\";") "classes = ( { name = \"c\"; net = "
					    "\"10.1.2.3/8\"; "
					    "sendq = 16777216; flood_burst = "
					    "0; } );"
					    "log = { format = \"json\"; level "
					    "= \"debug\"; };"
					    "sync = { keep_mib = 2; };");
	given_init(&g, text);
	assert_report(&g.report, NULL);
	s = &g.conf->settings;
	ck_assert(span_eq(s->name, SPAN("one.example")));
	ck_assert_str_eq(s->sid.s, "1AA");
	ck_assert_uint_eq(s->nick_len, 30);
	ck_assert(s->utf8only);
	ck_assert_uint_eq(s->keep_bytes, 2 << 20);
	ck_assert_uint_eq(s->npeer, 1);
	ck_assert(s->peer[0].has_pin && !s->peer[0].plaintext);
	ck_assert_mem_eq(s->peer[0].pin, pin, 32);
	ck_assert_uint_eq(s->peer[0].naddress, 2);
	ck_assert_uint_eq(s->peer[0].address[0].port, 7000);
	ck_assert(addr_is_v4(&s->peer[0].address[0].addr));
	ck_assert_uint_eq(s->peer[0].address[1].port, 7001);
	ck_assert(addr_is_loopback(&s->peer[0].address[1].addr));
	ck_assert_uint_eq(s->noper, 1);
	ck_assert(span_eq(s->oper[0].verifier, SPAN(HASH)));
	ck_assert_uint_eq(s->nclass, 2);
	ck_assert_uint_eq(s->class[0].prefix, 104);
	ck_assert_uint_eq(s->class[0].net.b[13], 0);
	ck_assert_uint_eq(s->class[0].sendq, 16 << 20);
	ck_assert_uint_eq(s->class[0].flood_burst, 0);
	ck_assert_uint_eq(s->class[0].flood_rate, 5);
	ck_assert(span_eq(s->class[1].name, SPAN("default")));
	ck_assert_uint_eq(s->class[1].prefix, 0);
	ck_assert_uint_eq(s->class[1].per_address, 32);
	ck_assert_uint_eq(g.conf->log_format, CONF_LOG_JSON);
	ck_assert_uint_eq(g.conf->log_level, LOGL_DEBUG);
	ck_assert_uint_eq(g.conf->log_per_minute, 60);
	ck_assert(span_eq(g.conf->control, SPAN("/s/control")));
	ck_assert(span_eq(g.conf->link_certificate, g.conf->certificate));
	ck_assert_uint_eq(g.conf->nlisten, 1);
	ck_assert_uint_eq(g.conf->listen[0].port, 6667);
	given_fini(&g);
}
END_TEST

static const struct {
	const char *verifier;
	bool good;
} verifiers[] = {
	{ HASH, true },
	{ "$argon2id$v=19$m=1048576,t=64,p=1$AAAAAAAAAAA"
	  "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    true },
	{ "$argon2id$v=19$m=1048577,t=2,p=1$AAAAAAAAAAA"
	  "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    false },
	{ "$argon2id$v=19$m=65536,t=65,p=1$AAAAAAAAAAA"
	  "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    false },
	{ "$argon2id$v=19$m=65536,t=2,p=2$AAAAAAAAAAA"
	  "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    false },
	{ "$argon2i$v=19$m=65536,t=2,p=1$AAAAAAAAAAA$"
	  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    false },
	/* the hash or the salt lacks a byte */
	{ "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAA"
	  "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    false },
	{ "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAA"
	  "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    false },
	{ "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAA", false },
	{ "$argon2id$v=19$m=65536,t=2,p=1$AAAA AAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	    false },
	{ "$argon2id$v=19$", false },
	{ "", false },
};

START_TEST(verifiers_are_looked_at)
{
	struct given g;
	char text[1024];

	snprintf(text, sizeof(text),
	    "%sopers = ( { name = \"o\"; password = "
	    "\"%s\"; } );",
	    minimal, verifiers[_i].verifier);
	given_init(&g, text);
	ck_assert_int_eq(g.report.errors == 0, verifiers[_i].good);
	given_fini(&g);
}
END_TEST

/* A relative path starts at the folder of the file that names it. */
START_TEST(included_paths_are_meant_from_their_file)
{
	static const struct {
		const char *include, *file; /* the full path */
		const char *pidfile;
	} rows[] = {
		{ "more.conf", "/etc/b/more.conf", "/etc/b/x" },
		{ "sub/more.conf", "/etc/b/sub/more.conf", "/etc/b/sub/x" },
		{ "/srv/more.conf", "/srv/more.conf", "/srv/x" },
	};
	char main_text[256], problem[256];
	struct given g;

	for (int i = 0; i < ROWS(rows); i++) {
		const struct given_file file[] = { { "/etc/b/main.conf",
						       main_text },
			{ rows[i].file, "\npidfile = \"x\"; zz = 1;" },
			{ NULL, NULL } };

		snprintf(main_text, sizeof(main_text),
		    "%s  @include \"%s\" zzz = 1;\nzzzz = 2;\n", minimal,
		    rows[i].include);
		snprintf(problem, sizeof(problem),
		    "%s:2: unknown option \"zz\"\n"
		    "/etc/b/main.conf:5: unknown option \"zzz\"\n"
		    "/etc/b/main.conf:6: unknown option \"zzzz\"",
		    rows[i].file);
		given_init_files(&g, file);
		assert_report(&g.report, problem);
		ck_assert(span_eq(g.conf->pidfile, span_of(rows[i].pidfile)));
		given_fini(&g);
	}
}
END_TEST

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *text;
	const char *report;
} controls[] = {
	{ "/" X50 "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL },
	{ "/" X50 "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    "f:1: control: the path of the socket has 101 bytes, more than "
	    "100" },
	{ "/" X50 X50 "\"; control = \"/s", NULL },
};

START_TEST(the_socket_has_a_short_path)
{
	struct given g;
	char text[1024];

	snprintf(text, sizeof(text),
	    "state = \"%s\";\n"
	    "server = { name = \"a.b\"; sid = \"1AA\"; network = \"N\"; };\n"
	    "listen = ( " AT("::1", 1, "") " );",
	    controls[_i].text);
	given_init(&g, text);
	assert_report(&g.report, controls[_i].report);
	given_fini(&g);
}
END_TEST

START_TEST(resolv_conf_names_the_servers)
{
	static const unsigned char local[4] = { 127, 0, 0, 1 };
	struct given g;
	struct addr one = addr_v4((unsigned char[4]){ 192, 0, 2, 1 });
	struct addr self = addr_v4(local);

	given_init(&g, minimal);
	conf_set_resolv(&g.conf->dns, g.conf->head.arena,
	    SPAN("# nameserver 192.0.2.9\nsearch example\n"
		 "\tnameserver\t192.0.2.1 \nnameserver fe80::1%eth0\n"
		 "nameserver 0.0.0.0\nnameserver\nnameservers 192.0.2.8\n"
		 "nameserver 2001:db8::53"));
	ck_assert_uint_eq(g.conf->dns.system.n, 2);
	ck_assert(addr_eq(&g.conf->dns.system.v[0].addr, &one));
	ck_assert_uint_eq(g.conf->dns.system.v[1].port, 53);
	conf_set_resolv(&g.conf->dns, g.conf->head.arena, SPAN_NONE);
	ck_assert_uint_eq(g.conf->dns.system.n, 1);
	ck_assert(addr_eq(&g.conf->dns.system.v[0].addr, &self));
	conf_set_resolv(&g.conf->dns, g.conf->head.arena,
	    SPAN("nameserver 192.0.2.1\nnameserver 192.0.2.1\n"
		 "nameserver 192.0.2.1\nnameserver 192.0.2.1\n"
		 "nameserver 192.0.2.1\nnameserver 192.0.2.1\n"
		 "nameserver 192.0.2.1\nnameserver 192.0.2.1\n"
		 "nameserver 192.0.2.1"));
	ck_assert_uint_eq(g.conf->dns.system.n, CONF_DNS_SERVERS_MAX);
	given_fini(&g);
}
END_TEST

START_TEST(motd_is_cut_into_lines)
{
	struct given g;

	given_init(&g, minimal);
	conf_set_motd(g.conf, SPAN("one\r\n\nth\rr\0e\nlast"), &g.report);
	ck_assert_uint_eq(g.conf->settings.nmotd, 4);
	ck_assert(span_eq(g.conf->settings.motd[0], SPAN("one")));
	ck_assert_uint_eq(g.conf->settings.motd[1].n, 0);
	ck_assert(span_eq(g.conf->settings.motd[2], SPAN("th r e")));
	ck_assert(span_eq(g.conf->settings.motd[3], SPAN("last")));
	conf_set_motd(g.conf, SPAN(""), &g.report);
	ck_assert_uint_eq(g.conf->settings.nmotd, 0);
	ck_assert_uint_eq(g.report.n, 0);
	given_fini(&g);
}
END_TEST

/* Every line of the MOTD fits into 512 bytes, even with the longest names. */
START_TEST(motd_is_wrapped_at_characters)
{
	static const char *const unit[] = { "x", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x8c\xb3", "word ", "a\xc3\xa9 " };
	char text[4096], joined[4096];
	struct given g;
	size_t n = 0, nunit = strlen(unit[_i]);
	struct span line;

	given_init(&g, minimal);
	for (size_t i = 0; i + nunit < 3000; i += nunit)
		memcpy(text + i, unit[_i], nunit), n = i + nunit;
	conf_set_motd(g.conf, span_make(text, n), &g.report);
	ck_assert_uint_eq(g.report.n, 0);
	ck_assert_uint_gt(g.conf->settings.nmotd, 7);
	for (size_t i = 0, at = 0; i < g.conf->settings.nmotd; i++) {
		line = g.conf->settings.motd[i];
		/* ":one.example 372 NICK :- LINE" and CR LF */
		ck_assert_uint_le(1 + 11 + 5 + 64 + 4 + line.n + 2, 512);
		ck_assert(utf8_valid(line));
		memcpy(joined + at, line.p, line.n);
		at += line.n;
		/* A blank at which a line is cut is not shown. */
		if (at < n && text[at] == ' ' && i + 1 < g.conf->settings.nmotd)
			joined[at++] = ' ';
		if (i + 1 == g.conf->settings.nmotd)
			ck_assert(span_eq(span_make(joined, at),
			    span_make(text, n)));
		else if (unit[_i][nunit - 1] == ' ')
			ck_assert_int_eq(text[at - 1], ' ');
	}
	given_fini(&g);
}
END_TEST

START_TEST(motd_beside_utf8only)
{
	struct given g;
	char text[256];

	for (int utf8only = 0; utf8only < 2; utf8only++) {
		snprintf(text, sizeof(text),
		    "state = \"/s\"; server = { name = \"a.b\"; sid = "
		    "\"1AA\"; network = \"N\"; motd = \"m.txt\"; utf8only = "
		    "%s; }; listen = ( " AT("::1", 1, "") " );",
		    utf8only ? "true" : "false");
		given_init(&g, text);
		conf_set_motd(g.conf, SPAN("one\ntw\xe9\n\xc3\xa9\n\xff"),
		    &g.report);
		assert_report(&g.report,
		    utf8only ? "m.txt:2: the line is not UTF-8, and "
			       "server.utf8only is true\n"
			       "m.txt:4: the line is not UTF-8, and "
			       "server.utf8only is true"
			     : NULL);
		ck_assert(utf8only || g.conf->settings.nmotd == 4);
		given_fini(&g);
	}
}
END_TEST

START_TEST(motd_has_an_end)
{
	char text[1002];
	struct given g;

	memset(text, '\n', sizeof(text));
	given_init(&g, minimal);
	conf_set_motd(g.conf, span_make(text, 1000), &g.report);
	ck_assert_uint_eq(g.report.n, 0);
	ck_assert_uint_eq(g.conf->settings.nmotd, 1000);
	conf_set_motd(g.conf, span_make(text, 1001), &g.report);
	ck_assert_uint_eq(g.report.errors, 1);
	given_fini(&g);
}
END_TEST

Suite *
check_suite(void)
{
	Suite *s = suite_create("conf/check");
	TCase *t = unit_case("check");

	tcase_add_loop_test(t, reports, 0, ROWS(cases));
	tcase_add_loop_test(t, where_gates_find_the_server, 0, ROWS(gates_at));
	tcase_add_loop_test(t, listeners, 0, ROWS(listens));
	tcase_add_loop_test(t, policies_that_can_work, 0, ROWS(policies));
	tcase_add_test(t, nothing_given_tells_all_that_is_missing);
	tcase_add_test(t, values_arrive);
	tcase_add_loop_test(t, verifiers_are_looked_at, 0, ROWS(verifiers));
	tcase_add_test(t, included_paths_are_meant_from_their_file);
	tcase_add_loop_test(t, the_socket_has_a_short_path, 0, ROWS(controls));
	tcase_add_test(t, resolv_conf_names_the_servers);
	tcase_add_test(t, motd_is_cut_into_lines);
	tcase_add_loop_test(t, motd_is_wrapped_at_characters, 0, 6);
	tcase_add_test(t, motd_beside_utf8only);
	tcase_add_test(t, motd_has_an_end);
	suite_add_tcase(s, t);
	return s;
}
