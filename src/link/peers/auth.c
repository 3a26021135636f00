/*
 * The key of a connection says which peer it is. Over TLS the pin names the
 * peer, and a HELLO that names another one is refused (link-protocol.md, 2.2
 * and 2.5). Without TLS, which only loopback may use, the HELLO alone names it
 * (2.3).
 *
 * So on loopback anybody can open links and say nothing. Their number is
 * bounded. If one more comes, the link that has been silent longest makes room
 * for it: a server says HELLO at once, and is read before so many others are
 * accepted.
 */
#include "link/peers/auth.h"

#include "base/mem.h"
#include "link/msg/msg.h"
#include "link/peers/order.h"
#include "link/state.h"

/* Links beyond two for each configured peer. A turn of the loop accepts 64 of a
 * port, and in the next one a server's HELLO is read: fewer than these come
 * between. */
#define LINKS_SPARE 128
#define INSTANCE_BITS 20 /* random bits below the ms of the wall clock */

static uint64_t
new_instance(const struct link_step *st)
{
	const uint64_t one = 1;
	uint64_t ms = st->ev->wall.ms > 0 ? (uint64_t)st->ev->wall.ms : 1;

	return (ms << INSTANCE_BITS |
		   rng_below(&st->net->rng, one << INSTANCE_BITS)) &
	       INT64_MAX;
}

/* Say which key was shown, in the form of the configuration. Operators of both
 * sides can compare it, and paste it if it is the right one. A key is
 * public. */
static void
refuse_key(const struct link_step *st, struct link *l)
{
	struct writer w;

	if (!l->proof.has_pin) {
		link_refuse(st, l, "pin", "the peer showed no key");
		return;
	}
	writer_init_arena(&w, st->fx->arena, LINK_REASON_MAX);
	writer_str(&w, "the key of the peer, ");
	writer_hex(&w, span_make(l->proof.pin, sizeof(l->proof.pin)));
	if (l->peer == NULL)
		writer_str(&w, ", is not configured");
	else {
		writer_str(&w, ", is not the one configured for ");
		writer_span(&w, l->peer->set->name);
	}
	link_refuse_for(st, l, "pin", writer_done(&w));
}

/* Set the peer of the link, or refuse the link. A peer that this server dialled
 * is the peer of the link even if it is refused, so that it is dialled again
 * only after a pause. */
static void
judge_proof(const struct link_step *st, struct link *l, struct peer *dialled)
{
	struct peer *of_key = NULL;

	l->peer = dialled;
	if (l->proof.tls) {
		if (l->proof.has_pin)
			of_key = peer_of_pin(st, l->proof.pin);
		if (of_key == NULL || (dialled != NULL && of_key != dialled))
			refuse_key(st, l);
		else
			l->peer = of_key;
	} else if (!l->proof.loopback ||
		   (dialled != NULL && !dialled->set->plaintext))
		link_refuse(st, l, "plaintext", "the link must use TLS");
}

/* Refuse the link that was accepted first of those that have said nothing yet;
 * the new one, if all others said something. */
static void
make_room(const struct link_step *st, struct link *newest)
{
	struct link_net *net = st->net;

	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i];

		if (l != newest && l->state == LINK_HELLO && !l->dialled) {
			link_refuse(st, l, "bounds",
			    "too many links, and no HELLO came on this one");
			return;
		}
	}
	link_refuse(st, newest, "bounds", "too many links");
}

void
auth_open(const struct link_step *st)
{
	struct link_net *net = st->net;
	const struct event *ev = st->ev;
	struct link *l = link_new(ev->conn);
	struct peer *dialled = NULL;

	l->proof = ev->u.link_open.proof;
	l->addr = ev->u.link_open.addr;
	l->dialled = ev->u.link_open.dialled;
	l->opened = ev->now;
	l->heard = event_awake(ev);
	if (net->nlink == net->caplink)
		net->link = mem_grow(net->link, &net->caplink, 8,
		    sizeof(struct link *));
	net->link[net->nlink++] = l;
	if (l->dialled) {
		dialled = peer_of_dial(st, ev->u.link_open.dial);
		if (dialled == NULL) {
			link_refuse(st, l, "removed",
			    "the peer is not configured any more");
			return;
		}
		dialled->dial = 0;
	}
	if (dialled != NULL && dialled->held) {
		l->peer = dialled;
		link_refuse(st, l, "squit", ORDER_HELD);
		return;
	}
	if (net->nlink > 2 * net->npeer + LINKS_SPARE)
		make_room(st, l);
	if (l->state != LINK_DEAD)
		judge_proof(st, l, dialled);
	if (l->state == LINK_DEAD || !l->dialled)
		return;
	l->instance = new_instance(st);
	hello_send(st, l);
}
