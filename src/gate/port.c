/*
 * A port that stays keeps its socket, and the connections that wait there. A
 * connection is treated as the port is configured when it is accepted.
 */
#include "gate/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "gate/client.h"
#include "host/listening.h"
#include "host/sockaddr.h"

static struct span
port_for(const struct gate_port *p)
{
	return p->conf.purpose == CONF_FOR_HTTP ? SPAN("http")
						: SPAN("clients");
}

static void
port_starved(void *ctx, int err)
{
	struct gate_port *p = ctx;

	logger_with(&p->gate->log, LOG_OUT_OF_FDS,
	    { "why", span_of(strerror(err)) }, { "for", port_for(p) });
}

static void
log_refused(const struct gate_port *p, const struct addr *a, struct span why)
{
	char text[ADDR_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	addr_build(&w, a);
	logger_with(&p->gate->log, LOG_ACCEPT_REFUSED,
	    { "address", writer_done(&w) }, { "why", why });
}

static void
begin_proxied(struct gate_port *p, int fd, const struct addr *addr)
{
	if (net_list_has(&p->conf.proxies, addr)) {
		proxied_begin(&p->gate->proxied, p, fd, addr);
		return;
	}
	log_refused(p, addr, SPAN("only proxies may connect to this port"));
	(void)close(fd);
}

/*
 * The system gives the lowest descriptor that is free, so its number tells how
 * many are in use. Clients get none of the highest descriptors: a flood of
 * strangers leaves some for trunks, for the operator and for files.
 */
static void
port_accepted(void *ctx, int fd, const struct sockaddr_storage *peer)
{
	struct gate_port *p = ctx;
	struct mono now = loop_now(p->gate->loop);
	const struct accepted a = { .fd = fd, .addr = sockaddr_addr(peer) };

	if (fd < p->gate->client_fds) {
		if (p->conf.purpose == CONF_FOR_HTTP)
			pages_accept(&p->gate->pages, fd);
		else if (p->conf.proxies.n > 0)
			begin_proxied(p, fd, &a.addr);
		else
			client_accept(p, &a);
		return;
	}
	(void)close(fd);
	if (p->told && mono_sub_ms(now, p->told_at) < LISTEN_TELL_MS)
		return;
	p->told = true;
	p->told_at = now;
	port_starved(p, EMFILE);
}

static const struct listen_ops port_ops = {
	.accepted = port_accepted,
	.starved = port_starved,
};

static void
proxied_arrived(void *owner, const struct accepted *a)
{
	client_accept(owner, a);
}

static void
proxied_refused(void *owner, const struct addr *addr, struct span why)
{
	log_refused(owner, addr, why);
}

static const struct proxied_ops proxied_ops = { proxied_arrived,
	proxied_refused };

void
ports_init(struct gate *g)
{
	g->proxied.loop = g->loop;
	g->proxied.ops = &proxied_ops;
}

/* ---- opening and closing ------------------------------------------------- */

static bool
same_place(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->port == b->port && addr_eq(&a->address, &b->address);
}

static const struct conf_listen *
wanted(const struct gate_conf *conf, const struct conf_listen *place)
{
	for (size_t i = 0; i < conf->nlisten; i++)
		if (same_place(&conf->listen[i], place))
			return &conf->listen[i];
	return NULL;
}

static bool
is_open(const struct gate *g, const struct conf_listen *place)
{
	const struct gate_port *p;

	LIST_FOREACH(p, &g->ports, link)
		if (same_place(&p->conf, place))
			return true;
	return false;
}

static struct span
port_name(const struct gate_port *p, char name[LISTEN_NAME_LEN])
{
	return span_of(listening_name(&p->conf, name));
}

static void
port_log(const struct gate_port *p)
{
	char name[LISTEN_NAME_LEN];

	logger_with(&p->gate->log, LOG_LISTEN,
	    { "address", port_name(p, name) },
	    { "tls", p->conf.tls ? SPAN("yes") : SPAN("no") },
	    { "websocket", p->conf.websocket ? SPAN("yes") : SPAN("no") },
	    { "for", port_for(p) });
}

static void
port_free(struct gate_port *p)
{
	proxied_drop(&p->gate->proxied, p);
	LIST_REMOVE(p, link);
	listen_free(p->listener);
	free(p);
}

static bool
port_open(struct gate *g, const struct conf_listen *cl,
    char why[LISTEN_WHY_LEN])
{
	struct sockaddr_storage ss;
	socklen_t len = listening_sockaddr(cl, &ss);
	struct gate_port *p = mem_zalloc(sizeof(*p));
	int fd = inherit_take(&g->inherited, (const void *)&ss, len);

	p->gate = g;
	p->serial = ++g->port_serials;
	p->conf = *cl;
	if (fd >= 0)
		p->listener = listen_fd(g->loop, fd, NULL, &port_ops, p);
	if (p->listener == NULL)
		p->listener = listen_tcp(g->loop, (const void *)&ss, len,
		    &port_ops, p, why);
	if (p->listener == NULL) {
		free(p);
		return false;
	}
	LIST_INSERT_HEAD(&g->new_ports, p, link);
	return true;
}

static void
abandon(struct gate *g)
{
	while (!LIST_EMPTY(&g->new_ports))
		port_free(LIST_FIRST(&g->new_ports));
}

bool
ports_prepare(struct gate *g, const struct gate_conf *next,
    struct conf_report *report)
{
	char why[LISTEN_WHY_LEN];

	for (size_t i = 0; i < next->nlisten; i++) {
		if (is_open(g, &next->listen[i]) ||
		    port_open(g, &next->listen[i], why))
			continue;
		listening_problem(report, next->listen, i, why);
		abandon(g);
		return false;
	}
	return true;
}

void
ports_commit(struct gate *g, const struct gate_conf *next)
{
	const struct conf_listen *cl;
	struct gate_port *p, *after;

	LIST_FOREACH_SAFE(p, &g->ports, link, after) {
		cl = wanted(next, &p->conf);
		if (cl == NULL)
			port_free(p);
		else
			p->conf = *cl;
	}
	while ((p = LIST_FIRST(&g->new_ports)) != NULL) {
		LIST_REMOVE(p, link);
		LIST_INSERT_HEAD(&g->ports, p, link);
		port_log(p);
	}
}

void
port_warn_proxy(struct gate *g, uint32_t serial)
{
	char name[LISTEN_NAME_LEN];
	struct gate_port *p;

	LIST_FOREACH(p, &g->ports, link)
		if (p->serial == serial && !p->proxy_told) {
			p->proxy_told = true;
			logger_with(&g->log, LOG_PROXY_UNEXPECTED,
			    { "address", port_name(p, name) },
			    { "for", port_for(p) });
		}
}

void
port_count(struct gate *g, uint32_t serial, int more)
{
	struct gate_port *p;

	LIST_FOREACH(p, &g->ports, link)
		if (p->serial == serial)
			p->nclients += (uint32_t)more;
}

void
ports_close(struct gate *g)
{
	abandon(g);
	while (!LIST_EMPTY(&g->ports))
		port_free(LIST_FIRST(&g->ports));
}
