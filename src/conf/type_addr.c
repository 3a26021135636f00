/*
 * The types of addresses, networks, and lists of addresses with ports.
 */
#include "conf/type.h"

#include <string.h>

#include "wire/name.h"

#define ADDRESSES_MAX 16
#define DNS_PORT 53
#define NETS_MAX 16
#define HOST_MAX 253 /* bytes */

bool
type_load_ip(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	(void)a;
	return g->kind == GIVEN_TEXT && addr_parse(g->text, value_at(obj, row));
}

bool
type_build_ip(struct writer *w, const struct value_row *row, const void *obj)
{
	writer_char(w, '"');
	addr_build(w, value_at_const(obj, row));
	writer_char(w, '"');
	return true;
}

bool
type_load_net(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct class_settings *class = obj;

	(void)row;
	(void)a;
	if (g->kind != GIVEN_TEXT ||
	    !addr_cidr_parse(g->text, &class->net, &class->prefix))
		return false;
	class->net = addr_head(&class->net, class->prefix);
	return true;
}

static void
build_net(struct writer *w, const struct addr *a, unsigned int prefix)
{
	unsigned int v4 = addr_is_v4(a) ? 96 : 0;

	writer_char(w, '"');
	addr_build(w, a);
	writer_char(w, '/');
	writer_u64(w, prefix - v4);
	writer_char(w, '"');
}

bool
type_build_net(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct class_settings *class = obj;

	(void)row;
	build_net(w, &class->net, class->prefix);
	return true;
}

static bool
net_load(const struct given *g, struct net_settings *out)
{
	if (g->kind != GIVEN_TEXT ||
	    !addr_cidr_parse(g->text, &out->addr, &out->prefix))
		return false;
	out->addr = addr_head(&out->addr, out->prefix);
	return true;
}

bool
type_load_nets(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct net_settings v[NETS_MAX], *copy;
	struct net_list *l = value_at(obj, row);
	struct given one = *g;
	int n = g->kind == GIVEN_LIST ? config_setting_length(g->list) : 1;

	if (n > NETS_MAX)
		return false;
	for (int i = 0; i < n; i++) {
		if (g->kind == GIVEN_LIST)
			one = given_setting(config_setting_get_elem(g->list,
			    (unsigned int)i));
		if (!net_load(&one, &v[i]))
			return false;
	}
	copy = arena_alloc(a, (size_t)n * sizeof(*copy));
	if (n > 0)
		memcpy(copy, v, (size_t)n * sizeof(*copy));
	l->v = copy;
	l->n = (size_t)n;
	return true;
}

bool
type_build_nets(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct net_list *l = value_at_const(obj, row);

	if (l->n == 0)
		return false;
	writer_char(w, '(');
	for (size_t i = 0; i < l->n; i++) {
		writer_str(w, i > 0 ? ", " : "");
		build_net(w, &l->v[i].addr, l->v[i].prefix);
	}
	writer_char(w, ')');
	return true;
}

/* Parse "192.0.2.1:7000" or "[2001:db8::1]:7000", or "HOST:7000", whose host is
 * handed on as a text. Return false if it is neither. */
static bool
address_split(struct span s, struct peer_address *out)
{
	size_t colon = s.n;
	struct span host;
	uint64_t port;

	while (colon > 0 && s.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || !span_u64(span_tail(s, colon), &port) || port == 0 ||
	    port > UINT16_MAX)
		return false;
	host = span_head(s, colon - 1);
	if (host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = span_make(host.p + 1, host.n - 2);
	else if (span_find(host, ':') < host.n)
		return false;
	out->port = (uint16_t)port;
	out->addr = ADDR_NONE;
	out->host = addr_parse(host, &out->addr) ? SPAN_NONE : host;
	return out->host.n > 0 || !addr_is_any(&out->addr);
}

/* Return true for a name of SRV records, "_SERVICE._PROTOCOL.HOST" (RFC 2782).
 */
static bool
is_service(struct span s)
{
	struct span rest = s;

	(void)span_cut(&rest, '.');
	return s.n > 0 && s.p[0] == '_' && rest.n > 0 && rest.p[0] == '_' &&
	       span_find(rest, '.') < rest.n && name_server_valid(s, HOST_MAX);
}

static bool
address_load(struct span s, struct peer_address *out)
{
	*out = (struct peer_address){ .host = s };
	if (is_service(s))
		return true;
	return address_split(s, out) &&
	       (out->host.n == 0 || name_server_valid(out->host, HOST_MAX));
}

typedef bool load_one(struct span, struct peer_address *);

/* Load a text, or a list of at most `most` texts. Return false if one of them
 * is wrong. */
static bool
load_list(const struct given *g, load_one *load, struct peer_address *v,
    size_t most, size_t *n)
{
	struct given one;

	*n = 1;
	if (g->kind == GIVEN_TEXT)
		return load(g->text, &v[0]);
	if (g->kind != GIVEN_LIST)
		return false;
	*n = (size_t)config_setting_length(g->list);
	if (*n > most)
		return false;
	for (size_t i = 0; i < *n; i++) {
		one = given_setting(config_setting_get_elem(g->list,
		    (unsigned)i));
		if (one.kind != GIVEN_TEXT || !load(one.text, &v[i]))
			return false;
	}
	return true;
}

static const struct peer_address *
copy_list(struct arena *a, const struct peer_address *v, size_t n)
{
	struct peer_address *copy = arena_alloc(a, n * sizeof(*copy));

	for (size_t i = 0; i < n; i++) {
		copy[i] = v[i];
		copy[i].host = arena_span_dup(a, v[i].host);
	}
	return copy;
}

static void
build_address(struct writer *w, const struct peer_address *a)
{
	bool bare = a->host.n > 0 || addr_is_v4(&a->addr);

	writer_str(w, bare ? "\"" : "\"[");
	if (a->host.n > 0)
		writer_span(w, a->host);
	else
		addr_build(w, &a->addr);
	if (!peer_address_is_service(a)) {
		writer_str(w, bare ? ":" : "]:");
		writer_u64(w, a->port);
	}
	writer_char(w, '"');
}

static bool
build_list(struct writer *w, const struct peer_address *v, size_t n)
{
	if (n == 0)
		return false;
	writer_char(w, '(');
	for (size_t i = 0; i < n; i++) {
		writer_str(w, i > 0 ? ", " : "");
		build_address(w, &v[i]);
	}
	writer_char(w, ')');
	return true;
}

bool
type_load_addresses(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct peer_address v[ADDRESSES_MAX];
	struct peer_settings *peer = obj;
	size_t n;

	(void)row;
	if (!load_list(g, address_load, v, ADDRESSES_MAX, &n))
		return false;
	peer->address = copy_list(a, v, n);
	peer->naddress = n;
	return true;
}

bool
type_build_addresses(struct writer *w, const struct value_row *row,
    const void *obj)
{
	const struct peer_settings *peer = obj;

	(void)row;
	if (peer->broker.n > 0)
		return false; /* the address is derived from it */
	return build_list(w, peer->address, peer->naddress);
}

static bool
dns_server_load(struct span s, struct peer_address *out)
{
	*out = (struct peer_address){ .port = DNS_PORT };
	if (addr_parse(s, &out->addr))
		return !addr_is_any(&out->addr);
	return address_split(s, out) && out->host.n == 0;
}

bool
type_load_dns_servers(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct peer_address v[CONF_DNS_SERVERS_MAX];
	struct conf_addresses *list = value_at(obj, row);
	size_t n;

	if (!load_list(g, dns_server_load, v, CONF_DNS_SERVERS_MAX, &n))
		return false;
	list->v = copy_list(a, v, n);
	list->n = n;
	return true;
}

bool
type_build_dns_servers(struct writer *w, const struct value_row *row,
    const void *obj)
{
	const struct conf_addresses *list = value_at_const(obj, row);

	return build_list(w, list->v, list->n);
}

bool
type_load_host(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct peer_address *out = value_at(obj, row);
	struct span s = g->text;
	struct addr addr;

	if (g->kind != GIVEN_TEXT)
		return false;
	if (addr_parse(s, &addr)) {
		if (addr_is_any(&addr))
			return false;
		out->addr = addr;
		return true;
	}
	if (!is_service(s) &&
	    (s.n == 0 || s.p[0] == '_' || !name_server_valid(s, HOST_MAX)))
		return false;
	out->host = arena_span_dup(a, s);
	return true;
}

bool
type_build_host(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct peer_address *address = value_at_const(obj, row);

	writer_char(w, '"');
	if (address->host.n > 0)
		writer_span(w, address->host);
	else
		addr_build(w, &address->addr);
	writer_char(w, '"');
	return true;
}

bool
type_load_endpoint(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct peer_address *out = value_at(obj, row), v;

	if (g->kind != GIVEN_TEXT || !address_load(g->text, &v) ||
	    peer_address_is_service(&v))
		return false;
	*out = v;
	out->host = arena_span_dup(a, v.host);
	return true;
}

bool
type_build_endpoint(struct writer *w, const struct value_row *row,
    const void *obj)
{
	const struct peer_address *address = value_at_const(obj, row);

	if (address->port != 0)
		build_address(w, address);
	return address->port != 0;
}
