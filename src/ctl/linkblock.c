/*
 * Everything comes from the configuration, so that two operators can exchange
 * blocks before either server runs.
 *
 * The block says plaintext only if there are listeners for links and all of
 * them are plaintext; otherwise it has a pin for TLS.
 */
#include "ctl/linkblock.h"

#include <sys/socket.h>

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/print.h"
#include "net/tls.h"

#define PLACES_MAX 64

struct places {
	struct {
		struct addr addr;
		unsigned int port;
	} v[PLACES_MAX];
	size_t n;
	bool listens; /* a listener is for such links */
};

static void
place_add(struct places *p, struct addr a, unsigned int port)
{
	if (p->n == PLACES_MAX)
		return;
	p->v[p->n].addr = a;
	p->v[p->n].port = port;
	p->n++;
}

static bool
is_link_local(const struct addr *a)
{
	return (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80) ||
	       (addr_is_v4(a) && a->b[12] == 169 && a->b[13] == 254);
}

static bool
addr_of(const struct sockaddr *sa, struct addr *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (sa != NULL && sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		*a = addr_v4((const unsigned char *)&v4.sin_addr);
		return true;
	}
	if (sa != NULL && sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof(v6));
		memcpy(a->b, &v6.sin6_addr, sizeof(a->b));
		return true;
	}
	return false;
}

/* Add the addresses of this machine that "0.0.0.0" or "::" listens on. */
static void
places_of_machine(struct places *p, bool v4, unsigned int port)
{
	struct ifaddrs *list, *i;
	struct addr a;

	if (getifaddrs(&list) != 0)
		return;
	for (i = list; i != NULL; i = i->ifa_next)
		if ((i->ifa_flags & IFF_UP) != 0 && addr_of(i->ifa_addr, &a) &&
		    addr_is_v4(&a) == v4 && !addr_is_loopback(&a) &&
		    !is_link_local(&a))
			place_add(p, a, port);
	freeifaddrs(list);
}

static void
places_find(struct places *p, const struct conf *conf,
    enum conf_purpose purpose, bool tls)
{
	for (size_t i = 0; i < conf->nlisten; i++) {
		const struct conf_listen *l = &conf->listen[i];

		if (l->purpose != purpose || l->tls != tls)
			continue;
		p->listens = true;
		if (addr_is_any(&l->address))
			places_of_machine(p, addr_is_v4(&l->address), l->port);
		else
			place_add(p, l->address, l->port);
	}
}

static void
place_build(struct writer *w, const struct addr *a, unsigned int port)
{
	bool v4 = addr_is_v4(a);

	if (!v4)
		writer_char(w, '[');
	addr_build(w, a);
	writer_str(w, v4 ? ":" : "]:");
	writer_u64(w, port);
}

static void
places_print(const struct places *p)
{
	char text[ADDR_TEXT + 16];
	struct writer w;

	for (size_t i = 0; i < p->n; i++) {
		writer_init(&w, text, sizeof(text));
		place_build(&w, &p->v[i].addr, p->v[i].port);
		(void)printf("%s\"%.*s\"", i > 0 ? ", " : "",
		    SPAN_ARG(writer_done(&w)));
	}
}

/* Get the pin of the certificate that other servers and gates see. */
static bool
pin_find(struct span file, char hex[TLS_PIN_LEN * 2 + 1])
{
	unsigned char pin[TLS_PIN_LEN];
	char why[TLS_WHY_LEN], *path;
	struct writer w;
	bool ok;

	if (file.n == 0) {
		print_error("the configuration sets no tls.certificate", NULL);
		return false;
	}
	path = span_dup(file);
	ok = tls_file_pin(path, pin, why);
	free(path);
	if (!ok) {
		print_error(why, NULL);
		return false;
	}
	writer_init(&w, hex, TLS_PIN_LEN * 2);
	writer_hex(&w, span_make(pin, sizeof(pin)));
	hex[w.n] = '\0';
	return true;
}

static struct span
certificate_of(const struct conf *conf)
{
	return conf->link_certificate.n > 0 ? conf->link_certificate
					    : conf->certificate;
}

static void
block_print_json(const struct settings *s, const char *pin,
    const struct places *p)
{
	(void)printf("{\"name\":");
	print_json(stdout, s->name);
	(void)printf(",\"sid\":");
	print_json(stdout, sid_span(&s->sid));
	if (pin[0] == '\0')
		(void)printf(",\"pin\":null,\"plaintext\":true");
	else
		(void)printf(",\"pin\":\"%s\",\"plaintext\":false", pin);
	(void)printf(",\"address\":[");
	places_print(p);
	(void)printf("]}\n");
}

/* The block can be pasted as it is printed, unless there are links already. */
static void
block_print(const struct settings *s, const char *pin, const struct places *p)
{
	(void)printf(
	    "# A link with %.*s. Put this into banyand.conf of the other "
	    "server.\n"
	    "# If links = ( ... ) is there already, put only the lines from { "
	    "to } into their list,\n# with a comma between the blocks.\n"
	    "links = (\n\t{\n\t\tname = \"%.*s\";\n\t\tsid = \"%.*s\";\n",
	    SPAN_ARG(s->name), SPAN_ARG(s->name), SPAN_ARG(sid_span(&s->sid)));
	if (pin[0] == '\0')
		(void)printf("\t\tplaintext = true;\n");
	else
		(void)printf("\t\tpin = \"%s\";\n", pin);
	if (p->n > 0) {
		(void)printf("\t\taddress = %s", p->n > 1 ? "( " : "");
		places_print(p);
		(void)printf("%s;\n", p->n > 1 ? " )" : "");
	} else
		(void)printf(p->listens
				 ? "\t\t# this machine shows no address: "
				   "add address = \"IP:PORT\";\n"
				 : "\t\t# no address: this server "
				   "dials\n");
	(void)printf("\t}\n);\n");
}

enum ctl_exit
linkblock_run(const struct ctl_args *args)
{
	const struct conf *conf = args->conf;
	char pin[TLS_PIN_LEN * 2 + 1] = "";
	struct places tls = { .n = 0 }, plain = { .n = 0 };
	bool plaintext;

	places_find(&tls, conf, CONF_FOR_LINKS, true);
	places_find(&plain, conf, CONF_FOR_LINKS, false);
	plaintext = plain.n > 0 && tls.n == 0;
	if (!plaintext && !pin_find(certificate_of(conf), pin))
		return CTL_FAILED;
	(args->json ? block_print_json : block_print)(&conf->settings, pin,
	    plaintext ? &plain : &tls);
	return CTL_OK;
}

/* ---- trunks ---------------------------------------------------------- */

static enum ctl_exit
print_gate(const struct gate_conf *gate, bool json)
{
	char pin[TLS_PIN_LEN * 2 + 1];

	if (!pin_find(gate->trunk_certificate, pin))
		return CTL_FAILED;
	if (json) {
		(void)printf("{\"name\":");
		print_json(stdout, gate->name);
		(void)printf(",\"pin\":\"%s\"}\n", pin);
	} else
		(void)printf(
		    "# The gate %.*s. Put this into banyand.conf of each "
		    "server.\n"
		    "gates = (\n\t{ name = \"%.*s\"; pin = \"%s\"; }\n);\n",
		    SPAN_ARG(gate->name), SPAN_ARG(gate->name), pin);
	return CTL_OK;
}

static void
server_print_json(const struct conf *conf, const char *pin,
    const struct places *p)
{
	(void)printf("{\"name\":");
	print_json(stdout, conf->settings.name);
	(void)printf(",\"pin\":\"%s\",\"address\":[", pin);
	places_print(p);
	(void)printf("]}\n");
}

/* A gate makes one trunk for each entry, so the server has one, with the first
 * of its places; the others are comments. */
static void
server_print(const struct conf *conf, const char *pin, const struct places *p)
{
	char text[ADDR_TEXT];
	struct writer w;

	(void)
	    printf("# The server %.*s. Put this into banyan-gate.conf of each "
		   "gate.\nservers = (\n",
		SPAN_ARG(conf->settings.name));
	for (size_t i = 0; i < p->n; i++) {
		writer_init(&w, text, sizeof(text));
		addr_build(&w, &p->v[i].addr);
		(void)printf(i == 0
				 ? "\t{ address = \"%.*s\"; port = %u;\n"
				 : "\t  # Or address = \"%.*s\"; port = %u;\n",
		    SPAN_ARG(writer_done(&w)), p->v[i].port);
	}
	if (p->n > 0)
		(void)printf("\t  pin = \"%s\"; }\n", pin);
	(void)printf(");\n");
}

enum ctl_exit
gateblock_run(const struct ctl_args *args)
{
	char pin[TLS_PIN_LEN * 2 + 1];
	struct places p = { .n = 0 };

	if (args->gate != NULL)
		return print_gate(args->gate, args->json);
	places_find(&p, args->conf, CONF_FOR_GATES, true);
	if (p.n == 0) {
		print_error("the configuration has no listener for gates with "
			    "TLS",
		    NULL);
		return CTL_FAILED;
	}
	if (!pin_find(certificate_of(args->conf), pin))
		return CTL_FAILED;
	(args->json ? server_print_json : server_print)(args->conf, pin, &p);
	return CTL_OK;
}
