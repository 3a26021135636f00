/*
 * Each peer has a time at which it is dialled. The two servers do not agree
 * which of them dials: each dials if it has an address of the other, and often
 * only one of them has. If both dial at once, there are two links, and
 * duplicate.c closes one. The random part of the pauses makes that rare.
 *
 * A peer that is in limbo is dialled more often: users see it as long as its
 * grace time lasts, and a longer pause would often end behind that.
 */
#include "link/peers/peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/peers/jupe.h"
#include "link/state.h"
#include "wire/utf8.h"

#define DIAL_FIRST_MS 250 /* the longest pause after EV_CONF */
#define DIAL_MIN_MS 1000
#define DIAL_RESTARTED_MS 100
#define DIAL_MAX_MS 60000
#define DIAL_LIMBO_MS 4000 /* the longest pause while the peer is in limbo */

/* Return ms, up to 25 % more or less. */
static int64_t
jitter(const struct link_step *st, int64_t ms)
{
	return ms - ms / 4 +
	       (int64_t)rng_below(&st->net->rng, (uint64_t)ms / 2 + 1);
}

static bool
is_in_limbo(const struct link_net *net, const struct peer *peer)
{
	const struct map_server *s = netmap_find(&net->map, peer->sid);

	return s != NULL && map_server_is_in_limbo(s);
}

/* Return when the peer is to be dialled after one more try. */
static struct mono
backoff(const struct link_step *st, struct peer *peer)
{
	int64_t max = is_in_limbo(st->net, peer) ? DIAL_LIMBO_MS : DIAL_MAX_MS;
	int64_t ms = DIAL_MIN_MS;

	for (unsigned i = 0; i < peer->tries && ms < max; i++)
		ms *= 2;
	peer->tries++;
	return mono_add_ms(st->ev->now, jitter(st, ms < max ? ms : max));
}

static const struct link *
link_of(const struct link_net *net, const struct peer *peer)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->peer == peer)
			return net->link[i];
	return NULL;
}

static struct peer *
find(struct peer *v, size_t n, struct sid sid)
{
	for (size_t i = 0; i < n; i++)
		if (sid_cmp(v[i].sid, sid) == 0)
			return &v[i];
	return NULL;
}

/* Return true if the key that the peer has shown, and the name that it had, fit
 * its new settings. */
static bool
still_fits(const struct link *l, const struct peer *peer, struct span name)
{
	if (!span_eq(peer->set->name, name))
		return false;
	if (!l->proof.tls)
		return peer->set->plaintext;
	return peer->set->has_pin &&
	       memcmp(peer->set->pin, l->proof.pin, sizeof(l->proof.pin)) == 0;
}

void
peers_conf(const struct link_step *st)
{
	struct link_net *net = st->net;
	const struct settings *set = st->ev->u.conf.settings;
	struct peer *fresh, *old;

	fresh = mem_array(NULL, set->npeer + 1, sizeof(*fresh));
	for (size_t i = 0; i < set->npeer; i++) {
		old = find(net->peer, net->npeer, set->peer[i].sid);
		fresh[i] = old != NULL
			       ? *old
			       : (struct peer){ .sid = set->peer[i].sid };
		fresh[i].set = &set->peer[i];
		fresh[i].address = 0;
		/* the reload may have mended what failed so far */
		fresh[i].tries = 0;
		fresh[i].held = false;
		fresh[i].next = st->ev->now;
		if (!net->again)
			fresh[i].next = mono_add_ms(st->ev->now,
			    (int64_t)rng_below(&net->rng, DIAL_FIRST_MS));
	}
	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i];
		struct span name;

		if (l->peer == NULL)
			continue;
		name = l->peer->set->name; /* in the old settings */
		l->peer = find(fresh, set->npeer, l->peer->sid);
		if (l->peer == NULL || !still_fits(l, l->peer, name))
			link_refuse(st, l, "removed",
			    "the peer is not configured any more");
	}
	free(net->peer);
	net->peer = fresh;
	net->npeer = set->npeer;
}

static struct span
address_text(const struct link_step *st, const struct peer_address *a)
{
	struct writer w;

	if (a->host.n > 0)
		return a->host;
	writer_init_arena(&w, st->fx->arena, ADDR_TEXT);
	addr_build(&w, &a->addr);
	return writer_done(&w);
}

static void
dial(const struct link_step *st, struct peer *peer)
{
	const struct peer_address *a = &peer->set->address[peer->address];

	peer->dial = ++st->net->dials;
	effects_dial(st->fx, peer->dial, a,
	    !(peer->set->plaintext && addr_is_loopback(&a->addr)),
	    peer->set->name);
	effects_logf(st->fx, LOG_LINK_DIAL, { "server", peer->set->name },
	    { "address", address_text(st, a) });
}

static bool
wants_dial(const struct link_net *net, const struct peer *peer)
{
	return peer->set->naddress > 0 && peer->dial == 0 && !peer->held &&
	       jupe_may_link(net, peer) && link_of(net, peer) == NULL;
}

void
peers_tick(const struct link_step *st)
{
	for (size_t i = 0; i < st->net->npeer; i++) {
		struct peer *peer = &st->net->peer[i];

		if (wants_dial(st->net, peer) &&
		    mono_cmp(peer->next, st->ev->now) <= 0)
			dial(st, peer);
	}
}

/* A pause that began before the limbo may be longer, also that after a link
 * whose end has begun it. */
void
peers_hasten(const struct link_step *st)
{
	struct mono now = st->ev->now;

	for (size_t i = 0; i < st->net->npeer; i++) {
		struct peer *peer = &st->net->peer[i];

		if (mono_sub_ms(peer->next, now) > DIAL_LIMBO_MS &&
		    is_in_limbo(st->net, peer))
			peer->next =
			    mono_add_ms(now, jitter(st, DIAL_LIMBO_MS));
	}
}

struct mono
peers_deadline(const struct link_step *st)
{
	struct mono at = MONO_NEVER;

	for (size_t i = 0; i < st->net->npeer; i++)
		if (wants_dial(st->net, &st->net->peer[i]))
			at = mono_min(at, st->net->peer[i].next);
	return at;
}

struct peer *
peer_of_dial(const struct link_step *st, uint64_t number)
{
	for (size_t i = 0; i < st->net->npeer; i++)
		if (st->net->peer[i].dial == number)
			return &st->net->peer[i];
	return NULL;
}

void
peer_set_why(struct peer *peer, struct span why)
{
	why =
	    utf8_valid(why) ? utf8_cut(why, PEER_WHY_MAX) : SPAN("(not UTF-8)");
	if (why.n > 0)
		memcpy(peer->why, why.p, why.n);
	peer->nwhy = why.n;
}

void
peer_dial_failed(const struct link_step *st, struct peer *peer,
    struct span reason)
{
	const struct peer_settings *set = peer->set;

	effects_logf(st->fx, LOG_LINK_DIAL_FAILED, { "server", set->name },
	    { "sid", sid_span(&peer->sid) },
	    { "address", address_text(st, &set->address[peer->address]) },
	    { "code", SPAN_NONE }, { "by", SPAN("connection") },
	    { "reason", reason });
	peer->dial = 0;
	peer_set_why(peer, reason);
	peer->next = st->ev->now;
	if (++peer->address >= peer->set->naddress) {
		peer->address = 0;
		peer->next = backoff(st, peer);
	}
}

void
peer_lost(const struct link_step *st, struct peer *peer, bool lasted)
{
	if (lasted)
		peer->tries = 0;
	peer->next = backoff(st, peer);
}

void
peer_restarts(const struct link_step *st, struct peer *peer)
{
	peer->tries = 0;
	peer->next = mono_add_ms(st->ev->now, jitter(st, DIAL_RESTARTED_MS));
}

struct peer *
peer_of_pin(const struct link_step *st, const unsigned char pin[32])
{
	for (size_t i = 0; i < st->net->npeer; i++)
		if (st->net->peer[i].set->has_pin &&
		    memcmp(st->net->peer[i].set->pin, pin, 32) == 0)
			return &st->net->peer[i];
	return NULL;
}

struct peer *
peer_of_name(const struct link_step *st, struct span name)
{
	for (size_t i = 0; i < st->net->npeer; i++)
		if (span_eq(st->net->peer[i].set->name, name))
			return &st->net->peer[i];
	return NULL;
}
