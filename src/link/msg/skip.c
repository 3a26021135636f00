/*
 * SKIP ["*"] vector
 *
 * Says which entries the sender has not sent on this link, because the server
 * that they came from has sent them to the receiver, too, in the same datagram
 * of a broker (link-protocol.md, 7.9 to 7.13). So an entry crosses a broker
 * once, and not once for each pair of servers.
 *
 * The receiver may lack such an entry: what one server said may come before
 * what another one said, or a link has ended. It must not take what the sender
 * made later. So it reads nothing more of this link before it has the entry. It
 * need not wait for long: what was published before SKIP comes soon, and no two
 * servers wait for each other, since a SKIP only names what was published
 * before it. If the entry does not come, it is lost: the receiver asks for it
 * by WANT, and drops the entries that were sent on this link before the sender
 * began anew, which a SKIP without words says.
 *
 * Rejected: to compare ENTRY lines with what the sender said that it skipped,
 * and keep those that come too early. That would be a second log.
 */
#include "link/forgetting/forget.h"
#include "link/msg/msg.h"
#include "link/recv.h"
#include "link/state.h"

#define SKIP_WAIT_MS 1000

static bool
is_at_rest(const struct link *l)
{
	return l->state == LINK_UP && l->out == NULL && !l->offered &&
	       !l->wanted && !l->awaits && link_knows(l, VERB_SKIP) &&
	       link_knows(l, VERB_OFFER);
}

/* A snapshot must find that the peer has all that ph says. So nothing is
 * skipped from the offer of a snapshot to its end. */
static bool
may_skip(const struct link_net *net, const struct link *l, struct origin o,
    uint64_t n)
{
	if (!is_at_rest(l))
		return false;
	return vector_get(&l->ph, o) + 1 == n ||
	       (mutated(net, MUT_SKIP_GAP) && vector_get(&l->ph, o) < n);
}

void
skip_note(const struct link_step *st, const struct link *from, struct origin o,
    uint64_t n)
{
	struct link_net *net = st->net;

	for (size_t i = 0; i < from->entry.nalso; i++) {
		struct link *l = net_link(net, from->entry.also[i]);

		if (l == NULL || l == from || !may_skip(net, l, o, n))
			continue;
		vector_set(&l->ph, o, n);
		vector_set(&l->skip, o, n);
		net->counts.skips++;
	}
}

void
skip_tell(const struct link_step *st, struct link *l)
{
	if (l->skip.n == 0)
		return;
	if (!mutated(st->net, MUT_SKIP_SILENT))
		link_send_vector(st, l, VERB_SKIP, &l->skip);
	l->skipped = true;
	vector_clear(&l->skip);
}

void
skip_begin_anew(const struct link_step *st, struct link *l)
{
	const struct vector none = { 0 };

	vector_clear(&l->skip);
	if (l->skipped)
		link_send_vector(st, l, VERB_SKIP, &none);
}

const char *
skip_recv(const struct link_step *st, struct link *l, struct span rest)
{
	const char *why;

	if (!recv_vector(st, l, VERB_SKIP, rest, &why))
		return why;
	if (l->words.n == 0)
		l->lost = false;
	if (l->words.n == 0 || l->lost)
		return NULL;
	if (!recv_more(st, l))
		return NULL;
	if (forget_covers(st->net, &l->words))
		return NULL;
	vector_copy(&l->lacks, &l->words);
	l->skip_until = mono_add_ms(event_awake(st->ev), SKIP_WAIT_MS);
	return NULL;
}

static void
update(const struct link_step *st, struct link *l)
{
	if (forget_covers(st->net, &l->lacks)) {
		vector_clear(&l->lacks);
		return;
	}
	if (mono_cmp(l->skip_until, event_awake(st->ev)) > 0)
		return;
	vector_clear(&l->lacks);
	l->lost = !mutated(st->net, MUT_SKIP_NOT_LOST);
	want_send(st, l);
	st->net->counts.skips_lost++;
}

void
skip_update(const struct link_step *st)
{
	for (size_t i = 0; i < st->net->nlink; i++)
		if (st->net->link[i]->state == LINK_UP &&
		    st->net->link[i]->lacks.n > 0)
			update(st, st->net->link[i]);
}

struct mono
skip_deadline(const struct link_net *net)
{
	struct mono at = MONO_NEVER;

	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->lacks.n > 0)
			at = mono_min(at, net->link[i]->skip_until);
	return at;
}
