/*
 * A port that stays keeps its socket, and the connections that wait there, even
 * if its use or its TLS changes. A connection is treated as the port is
 * configured when the connection is accepted.
 */
#include "daemon/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/endpoint.h"
#include "daemon/http.h"
#include "host/listening.h"
#include "host/sockaddr.h"

struct span
port_for(const struct port *p)
{
	static const struct span name[] = {
		[CONF_FOR_CLIENTS] = SPAN_INIT("clients"),
		[CONF_FOR_LINKS] = SPAN_INIT("links"),
		[CONF_FOR_GATES] = SPAN_INIT("gates"),
		[CONF_FOR_HTTP] = SPAN_INIT("http"),
	};

	return name[p->conf.purpose];
}

static void
port_starved(void *ctx, int err)
{
	struct port *p = ctx;

	logger_with(&p->banyand->log, LOG_OUT_OF_FDS,
	    { "why", span_of(strerror(err)) }, { "for", port_for(p) });
}

static void
log_refused(const struct port *p, const struct addr *a, struct span why)
{
	char text[ADDR_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	addr_build(&w, a);
	logger_with(&p->banyand->log, LOG_ACCEPT_REFUSED,
	    { "address", writer_done(&w) }, { "why", why });
}

static void
begin_proxied(struct port *p, int fd, const struct addr *addr)
{
	if (net_list_has(&p->conf.proxies, addr)) {
		proxied_begin(&p->banyand->proxied, p, fd, addr);
		return;
	}
	log_refused(p, addr, SPAN("only proxies may connect to this port"));
	(void)close(fd);
}

/*
 * The system gives the lowest descriptor that is free, so its number tells how
 * many are in use. Clients get none of the highest descriptors. Connections to
 * a port for links or gates get some of these, but not all, because their peers
 * are not authenticated yet. So a flood of strangers leaves descriptors for the
 * links that are dialled, for the operator and for files.
 */
static void
port_accepted(void *ctx, int fd, const struct sockaddr_storage *peer)
{
	struct port *p = ctx;
	struct banyand *bd = p->banyand;
	struct mono now = loop_now(bd->loop);
	const struct accepted a = { .fd = fd, .addr = sockaddr_addr(peer) };
	bool for_links = p->conf.purpose == CONF_FOR_LINKS ||
			 p->conf.purpose == CONF_FOR_GATES;

	if (p->conf.purpose == CONF_FOR_HTTP && fd < bd->client_fds) {
		http_accept(bd, fd);
		return;
	}
	if (fd < (for_links ? bd->link_fds : bd->client_fds)) {
		if (p->conf.proxies.n > 0)
			begin_proxied(p, fd, &a.addr);
		else
			endpoint_accept(p, &a);
		return;
	}
	close(fd);
	if (p->told && mono_sub_ms(now, p->told_at) < LISTEN_TELL_MS)
		return;
	p->told = true;
	p->told_at = now;
	port_starved(p, EMFILE);
}

static void
proxied_arrived(void *owner, const struct accepted *a)
{
	endpoint_accept(owner, a);
}

static void
proxied_refused(void *owner, const struct addr *addr, struct span why)
{
	log_refused(owner, addr, why);
}

static const struct proxied_ops proxied_ops = { proxied_arrived,
	proxied_refused };

void
ports_init(struct banyand *bd)
{
	bd->proxied.loop = bd->loop;
	bd->proxied.ops = &proxied_ops;
}

static const struct listen_ops port_ops = {
	.accepted = port_accepted,
	.starved = port_starved,
};

static bool
same_place(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->port == b->port && addr_eq(&a->address, &b->address);
}

static const struct conf_listen *
wanted(const struct conf *conf, const struct conf_listen *place)
{
	for (size_t i = 0; i < conf->nlisten; i++)
		if (same_place(&conf->listen[i], place))
			return &conf->listen[i];
	return NULL;
}

static bool
is_open(const struct banyand *bd, const struct conf_listen *place)
{
	const struct port *p;

	LIST_FOREACH(p, &bd->ports, link)
		if (same_place(&p->conf, place))
			return true;
	return false;
}

static struct span
port_name(const struct port *p, char name[LISTEN_NAME_LEN])
{
	return span_of(listening_name(&p->conf, name));
}

static void
port_log(const struct port *p)
{
	char name[LISTEN_NAME_LEN];

	logger_with(&p->banyand->log, LOG_LISTEN,
	    { "address", port_name(p, name) },
	    { "tls", p->conf.tls ? SPAN("yes") : SPAN("no") },
	    { "websocket", p->conf.websocket ? SPAN("yes") : SPAN("no") },
	    { "for", port_for(p) });
}

static void
port_free(struct port *p)
{
	proxied_drop(&p->banyand->proxied, p);
	LIST_REMOVE(p, link);
	listen_free(p->listener);
	free(p);
}

static bool
port_open(struct banyand *bd, const struct conf_listen *cl,
    char why[LISTEN_WHY_LEN])
{
	struct sockaddr_storage ss;
	socklen_t len = listening_sockaddr(cl, &ss);
	struct port *p = mem_zalloc(sizeof(*p));
	int fd = inherit_take(&bd->inherited, (const void *)&ss, len);

	p->banyand = bd;
	p->serial = ++bd->port_serials;
	p->conf = *cl;
	if (fd >= 0)
		p->listener = listen_fd(bd->loop, fd, NULL, &port_ops, p);
	if (p->listener == NULL)
		p->listener = listen_tcp(bd->loop, (const void *)&ss, len,
		    &port_ops, p, why);
	if (p->listener == NULL) {
		free(p);
		return false;
	}
	LIST_INSERT_HEAD(&bd->new_ports, p, link);
	return true;
}

static void
abandon(struct banyand *bd)
{
	while (!LIST_EMPTY(&bd->new_ports))
		port_free(LIST_FIRST(&bd->new_ports));
}

bool
ports_prepare(struct banyand *bd, const struct conf *next,
    struct conf_report *report)
{
	char why[LISTEN_WHY_LEN];

	for (size_t i = 0; i < next->nlisten; i++) {
		if (is_open(bd, &next->listen[i]) ||
		    port_open(bd, &next->listen[i], why))
			continue;
		listening_problem(report, next->listen, i, why);
		abandon(bd);
		return false;
	}
	return true;
}

void
ports_commit(struct banyand *bd, const struct conf *next)
{
	const struct conf_listen *cl;
	struct port *p, *after;

	for (p = LIST_FIRST(&bd->ports); p != NULL; p = after) {
		after = LIST_NEXT(p, link);
		cl = wanted(next, &p->conf);
		if (cl == NULL)
			port_free(p);
		else
			p->conf = *cl;
	}
	while ((p = LIST_FIRST(&bd->new_ports)) != NULL) {
		LIST_REMOVE(p, link);
		LIST_INSERT_HEAD(&bd->ports, p, link);
		port_log(p);
	}
}

void
port_warn_proxy(struct banyand *bd, uint32_t serial)
{
	char name[LISTEN_NAME_LEN];
	struct port *p;

	LIST_FOREACH(p, &bd->ports, link)
		if (p->serial == serial && !p->proxy_told) {
			p->proxy_told = true;
			logger_with(&bd->log, LOG_PROXY_UNEXPECTED,
			    { "address", port_name(p, name) },
			    { "for", port_for(p) });
		}
}

void
port_count(struct banyand *bd, uint32_t serial, int more)
{
	struct port *p;

	LIST_FOREACH(p, &bd->ports, link)
		if (p->serial == serial)
			p->nclients += (uint32_t)more;
}

static uint16_t
own_address(int fd, struct addr *addr)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0)
		return 0;
	*addr = sockaddr_addr(&ss);
	return sockaddr_port(&ss);
}

/* A listener for all addresses has those of its own family. */
static bool
is_at(const struct port *p, const struct addr *addr, uint16_t port)
{
	const struct addr *own = &p->conf.address;

	if (p->conf.port != port)
		return false;
	return addr_eq(own, addr) ||
	       (addr_is_any(own) && addr_is_v4(own) == addr_is_v4(addr));
}

uint32_t
port_find(const struct banyand *bd, int fd, uint16_t *port)
{
	struct addr addr = ADDR_NONE;
	const struct port *p;

	*port = own_address(fd, &addr);
	LIST_FOREACH(p, &bd->ports, link)
		if (is_at(p, &addr, *port))
			return p->serial;
	return 0;
}

void
ports_close(struct banyand *bd)
{
	while (!LIST_EMPTY(&bd->ports))
		port_free(LIST_FIRST(&bd->ports));
}
