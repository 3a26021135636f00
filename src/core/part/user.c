/*
 * USER, QUIT, SET: an identity on the network.
 *
 * +USER is an element. Only the user's home writes it, so the +QUIT of that
 * home has seen it and needs no dot. But a server that has lost its mark of
 * uids may give a uid again: entries of its former run must not meet the second
 * user (link-protocol.md, 11.34). The word `nick` tells the first nick to
 * somebody who reads a capture; the claim is +NICK. Fields (+SET) are
 * registers.
 */
#include "core/facts/facts_write.h"
#include "core/part/merge.h"

#include <string.h>

#define HOST_MAX 256 /* bytes of a host that may need another beginning */

/* To clients a host is a word, so "::1" is shown as "0::1" (modern-irc,
 * RPL_WHOISUSER). */
static struct span
host_shown(struct span host, char buf[HOST_MAX])
{
	if (host.n == 0 || host.p[0] != ':' || host.n >= HOST_MAX)
		return host;
	buf[0] = '0';
	memcpy(buf + 1, host.p, host.n);
	return span_make(buf, host.n + 1);
}

void
merge_user(struct merge *m, const struct part_user *p)
{
	char host[HOST_MAX];
	struct user *u;

	if ((facts_is_void(m->facts, m->dot.o) && !m->has_home) ||
	    facts_find_uid(m->facts, p->uid) != NULL)
		return;
	u = facts_add_user(m->facts, p->uid, m->dot);
	if (m->has_home)
		facts_add_home(m->facts, u);
	facts_set_user_stamp(u, m->stamp);
	u->ident = ident_new(&m->facts->blocks, p, host_shown(p->host, host));
	u->server = facts_intern(m->facts, p->server)->number;
}

void
merge_quit(struct merge *m, const struct part_quit *p)
{
	struct user *u = merge_user_meant(m, p->uid);

	if (u == NULL)
		return;
	m->hint->by = by_user(p->uid);
	m->hint->text = p->reason.s;
	facts_drop_user(m->facts, u);
}

void
merge_set(struct merge *m, const struct part_set *p)
{
	struct user *u = merge_user_meant(m, p->uid);
	struct reg r = { .write = { m->dot, m->tenure, m->stamp },
		.by = p->by };

	if (u == NULL)
		return;
	m->hint->by = p->by;
	r.name = facts_intern(m->facts, p->field);
	if (facts_set_user(m->facts, u, &r, p->value))
		facts_dirty_user(m->facts, u);
}
