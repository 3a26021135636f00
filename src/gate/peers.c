/*
 * A PEER that cannot be used is as if it had not come: a server without TLS
 * that is not on this machine, or is told of by one that is not (11.3); a host
 * that is no name; a server beyond the bound on servers. The trunk stays,
 * because its server says here what others have told it.
 */
#include "gate/peers.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/server.h"
#include "gate/trunk.h"

static struct place_sid
sid_of(struct span s)
{
	struct place_sid sid = { "" };

	memcpy(sid.s, s.p, PLACE_SID_LEN);
	return sid;
}

static void
copy(char *to, struct span s)
{
	memcpy(to, s.p, s.n);
	to[s.n] = '\0';
}

/* ---- tellings ------------------------------------------------------------ */

/* Read what a line says. Return false if it cannot be used. The host of
 * to->conf borrows from the line. */
static bool
read_telling(const struct trunk *t, const struct trunkline *x,
    struct telling *to)
{
	struct peer_address *a = &to->conf.address;
	struct dns_question q;

	*to = (struct telling){ .next = NULL };
	copy(to->name, x->name);
	copy(to->region, x->region);
	to->conf.pin.given =
	    span_hex(x->pin, to->conf.pin.v, sizeof(to->conf.pin.v));
	to->conf.plaintext = !to->conf.pin.given;
	to->conf.port = (uint32_t)x->n[0];
	a->port = (uint16_t)x->n[0];
	if (!addr_parse(x->host, &a->addr)) {
		a->host = x->host;
		return to->conf.pin.given &&
		       dns_question_set(&q, DNS_A, x->host);
	}
	if (addr_is_any(&a->addr))
		return false;
	return to->conf.pin.given ||
	       (t->plaintext && addr_is_loopback(&a->addr));
}

static bool
is_same_telling(const struct telling *a, const struct telling *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       strcmp(a->region, b->region) == 0 &&
	       gate_server_is_same(&a->conf, &b->conf);
}

/* Return the telling of a server that says the same, or NULL if the server has
 * too many. If there was none, it is made. */
static struct telling *
telling_of(struct server *s, const struct telling *said, bool *is_new)
{
	struct telling *v, **end = &s->tellings;
	size_t n = 0;

	*is_new = false;
	for (; (v = *end) != NULL; end = &v->next, n++)
		if (is_same_telling(v, said))
			return v;
	if (n == TELLINGS_MAX)
		return NULL;
	v = mem_zalloc(sizeof(*v));
	*v = *said;
	copy(v->host, said->conf.address.host);
	v->conf.address.host = span_of(v->host);
	*end = v;
	*is_new = true;
	return v;
}

/* Drop tellings that no list says any more. One stays: a server that nobody
 * names is still dialled for a time. */
static void
sweep(struct server *s)
{
	struct telling *v, **at = &s->tellings;

	while ((v = *at) != NULL) {
		if (v->refs > 0 || (at == &s->tellings && v->next == NULL)) {
			at = &v->next;
			continue;
		}
		*at = v->next;
		server_leaves_telling(s, v);
		free(v);
	}
}

static void
unref(struct peer p)
{
	p.server->namers--;
	p.telling->refs--;
	sweep(p.server);
	server_review(p.server);
}

/* ---- lists of trunks ----------------------------------------------------- */

static struct peer *
find(const struct trunk *t, const struct place_sid *sid)
{
	for (size_t i = 0; i < t->npeers; i++)
		if (place_sid_eq(&t->peer[i].server->sid, sid))
			return &t->peer[i];
	return NULL;
}

static void
add(struct trunk *t, const struct place_sid *sid, const struct telling *said)
{
	struct server *s = server_get(t->gate, sid);
	struct telling *v;
	bool is_new;

	if (s == NULL || (v = telling_of(s, said, &is_new)) == NULL)
		return;
	t->peer = mem_array(t->peer, t->npeers + 1, sizeof(*t->peer));
	t->peer[t->npeers++] = (struct peer){ s, v };
	v->refs++;
	s->namers++;
	sweep(s);
	if (is_new)
		server_is_told(s);
	server_review(s);
}

/* Take what the list says of a server from it. */
static void
forget(struct trunk *t, struct peer *p)
{
	*p = t->peer[--t->npeers];
}

void
peers_take(struct trunk *t, const struct trunkline *x)
{
	const struct place_sid sid = sid_of(x->sid);
	struct peer *p = find(t, &sid), was = { NULL, NULL };
	struct telling said;
	bool usable = !x->is_gone && read_telling(t, x, &said);

	if (p != NULL) {
		if (usable && is_same_telling(p->telling, &said))
			return;
		was = *p;
		forget(t, p);
	}
	if (usable)
		add(t, &sid, &said);
	/* only now, so that the server has a telling all the time */
	if (was.server != NULL)
		unref(was);
}

void
peers_drop(struct trunk *t)
{
	struct peer was;

	while (t->npeers > 0) {
		was = t->peer[0];
		forget(t, &t->peer[0]);
		unref(was);
	}
	free(t->peer);
	t->peer = NULL;
}
