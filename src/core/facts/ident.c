#include "core/facts/ident.h"

#include <string.h>

#include "base/invariant.h"

static size_t
put(struct ident *i, size_t at, struct span s)
{
	if (s.n > 0)
		memcpy(i->text + at, s.p, s.n);
	return at + s.n;
}

struct ident *
ident_new(struct blocks *mem, const struct part_user *p, struct span host)
{
	struct span real = p->realname.s;
	bool ip_is_host = span_eq(p->ip, host);
	size_t n = p->username.n + host.n + real.n;
	struct ident *i;

	if (!ip_is_host)
		n += p->ip.n;
	invariant(n <= PART_LINE_MAX + host.n); /* and so below 65536 */
	invariant(p->ip.n < 1u << 15);
	i = blocks_take(mem, sizeof(*i) + n);
	i->username = (uint16_t)p->username.n;
	i->host = (uint16_t)host.n;
	i->ip = p->ip.n & 0x7fff;
	i->ip_is_host = ip_is_host;
	i->realname = (uint16_t)real.n;
	n = put(i, put(i, put(i, 0, p->username), host), real);
	if (!ip_is_host)
		put(i, n, p->ip);
	return i;
}

void
ident_free(struct blocks *mem, struct ident *i)
{
	size_t n;

	if (i == NULL)
		return;
	n = (size_t)i->username + i->host + i->realname;
	if (!i->ip_is_host)
		n += i->ip;
	blocks_give(mem, i, sizeof(*i) + n);
}

bool
ident_is_ip(const struct ident *i, struct span host)
{
	struct span ip = ident_ip(i);

	if (ip.n > 0 && ip.p[0] == ':' && span_starts(host, SPAN("0")))
		host = span_tail(host, 1);
	return span_eq(host, ip);
}

struct mask_who
ident_mask_who(const struct ident *i, struct span nick)
{
	struct mask_who who = { .nick = nick,
		.user = ident_username(i),
		.host = ident_host(i),
		.ip = ident_ip(i),
		.addr = ADDR_NONE };

	if (!addr_parse(who.ip, &who.addr))
		who.addr = ADDR_NONE;
	return who;
}
