#include "conf/broker.h"

#include <string.h>

#include "base/ascii.h"
#include "conf/conf.h"
#include "wire/name.h"

#define HOST_MAX 253 /* bytes */
#define NATS_PORT 4222
#define REDIS_PORT 6379

static const struct scheme {
	const char *name;
	enum conf_broker_kind kind;
	bool tls;
	uint16_t port;
} schemes[] = {
	{ "nats://", CONF_NATS, false, NATS_PORT },
	{ "tls://", CONF_NATS, true, NATS_PORT },
	{ "redis://", CONF_REDIS, false, REDIS_PORT },
	{ "rediss://", CONF_REDIS, true, REDIS_PORT },
};

#define NSCHEMES (sizeof(schemes) / sizeof(schemes[0]))

static const struct scheme *
scheme_of(struct span text)
{
	for (size_t i = 0; i < NSCHEMES; i++)
		if (span_starts(text, span_of(schemes[i].name)))
			return &schemes[i];
	return NULL;
}

/* Cut ":4222" from the end of the host. Return false if what is there is no
 * port. */
static bool
cut_port(struct span *host, uint16_t *port)
{
	size_t colon = host->n;
	uint64_t v;

	while (colon > 0 && host->p[colon - 1] != ':' &&
	       host->p[colon - 1] != ']')
		colon--;
	if (colon == 0 || host->p[colon - 1] == ']')
		return colon == host->n || colon == 0;
	if (!span_u64(span_tail(*host, colon), &v) || v == 0 || v > UINT16_MAX)
		return false;
	*port = (uint16_t)v;
	*host = span_head(*host, colon - 1);
	return true;
}

static bool
host_read(struct span host, struct conf_broker_url *out)
{
	bool v6 = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';

	out->host = v6 ? span_make(host.p + 1, host.n - 2) : host;
	out->addr = ADDR_NONE;
	if (addr_parse(out->host, &out->addr))
		return v6 != addr_is_v4(&out->addr) && !addr_is_any(&out->addr);
	return !v6 && host.n > 0 && host.p[0] != '_' &&
	       name_server_valid(host, HOST_MAX);
}

bool
broker_url_read(struct span text, struct conf_broker_url *out)
{
	const struct scheme *s = scheme_of(text);
	struct span host;

	if (s == NULL)
		return false;
	host = span_tail(text, strlen(s->name));
	if (host.n > 0 && host.p[host.n - 1] == '/')
		host.n--;
	*out = (struct conf_broker_url){
		.kind = s->kind, .tls = s->tls, .port = s->port
	};
	return cut_port(&host, &out->port) && host_read(host, out);
}

static char
lower(char c)
{
	return ascii_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

void
broker_url_build(struct writer *w, const struct conf_broker_url *u)
{
	bool v6 = !addr_is_any(&u->addr) && !addr_is_v4(&u->addr);

	for (size_t i = 0; i < NSCHEMES; i++)
		if (schemes[i].kind == u->kind && schemes[i].tls == u->tls)
			writer_str(w, schemes[i].name);
	writer_str(w, v6 ? "[" : "");
	if (addr_is_any(&u->addr))
		for (size_t i = 0; i < u->host.n; i++)
			writer_char(w, lower(u->host.p[i]));
	else
		addr_build(w, &u->addr);
	writer_str(w, v6 ? "]:" : ":");
	writer_u64(w, u->port);
}

static struct conf_broker *
find(struct conf_broker *v, size_t n, struct span url)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(v[i].url, url))
			return &v[i];
	return NULL;
}

void
conf_find_brokers(struct conf *c)
{
	const struct settings *s = &c->settings;
	const struct conf_broker *known;
	struct span url;

	c->used = arena_alloc(c->head.arena, (s->npeer + 1) * sizeof(*c->used));
	c->nused = 0;
	for (size_t i = 0; i < s->npeer; i++) {
		url = s->peer[i].broker;
		if (url.n == 0 || find(c->used, c->nused, url) != NULL)
			continue;
		known = find(c->broker, c->nbroker, url);
		c->used[c->nused++] =
		    known != NULL ? *known : (struct conf_broker){ .url = url };
	}
}
