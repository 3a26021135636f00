/*
 * All entries of the log are processed when it is handed over, so done is
 * have. Dead entries are left out: nobody needs them.
 */
#include "link/handover.h"

#include "link/forgetting/retire.h"
#include "link/state.h"
#include "link/words.h"

#define WORDS_MAX 256 /* edges or heads in a line, each some 40 bytes */

const char *
link_net_awaits(const struct link_net *net)
{
	if (!log_is_drained(&net->log))
		return "an entry is not processed";
	if (net->taking != NULL || net->judges)
		return "a snapshot is taken";
	return NULL;
}

/* ---- the map ------------------------------------------------------------- */

static void
give_edges(const struct lsa *lsa, struct handtext *h)
{
	for (size_t i = 0; i < lsa->nedge; i++) {
		const struct edge *e = &lsa->edge[i];

		if (i % WORDS_MAX == 0)
			handtext_begin(h, "edges");
		handtext_word(h, sid_span(&e->peer));
		writer_char(&h->w, ',');
		writer_u64(&h->w, e->instance);
		writer_char(&h->w, ',');
		writer_u64(&h->w, e->cost);
		if (i % WORDS_MAX == WORDS_MAX - 1 || i == lsa->nedge - 1)
			handtext_end(h);
	}
}

static void
give_vector(const char *verb, const struct vector *x, struct handtext *h)
{
	for (size_t i = 0; i < x->n; i++) {
		if (i % WORDS_MAX == 0)
			handtext_begin(h, verb);
		writer_char(&h->w, ' ');
		write_vector_item(&h->w, &x->v[i]);
		if (i % WORDS_MAX == WORDS_MAX - 1 || i == x->n - 1)
			handtext_end(h);
	}
}

static void
give_server(const struct map_server *s, struct mono awake, struct handtext *h)
{
	handtext_begin(h, "server");
	handtext_origin(h, s->lsa.o);
	handtext_u64(h, s->lsa.lseq);
	handtext_i64(h, s->lsa.hlc.ms);
	handtext_u64(h, s->visible);
	handtext_u64(h, s->was_reachable);
	handtext_u64(h, s->seen_by_other);
	handtext_word(h, sid_span(&s->by));
	handtext_u64(h, s->behind);
	handtext_ago(h, s->gone, awake);
	handtext_ago(h, s->lost, awake);
	handtext_ago(h, s->back, awake);
	handtext_u64(h, s->caught_up);
	handtext_u64(h, s->stopped);
	handtext_u64(h, s->cut_off);
	handtext_end(h);
	give_edges(&s->lsa, h);
	give_vector("heads", &s->lsa.heads, h);
}

/* Its own link state is made anew, with the next number. */
static void
give_map(const struct link_net *net, struct mono awake, struct handtext *h)
{
	handtext_begin(h, "lseq");
	handtext_u64(h, mutated(net, MUT_HANDED_LSEQ) ? 0 : net->lseq);
	handtext_u64(h, net->dials);
	handtext_u64(h, net->questions);
	handtext_i64(h, net->outside_ms);
	handtext_end(h);
	give_vector("own-heads", &net->heads, h);
	for (size_t i = 0; i < net->map.n; i++)
		if (sid_cmp(net->map.v[i].lsa.o.sid, net->self.sid) != 0)
			give_server(&net->map.v[i], awake, h);
}

/* ---- the log ------------------------------------------------------------- */

static void
give_vectors(const struct link_net *net, struct handtext *h)
{
	const struct log *log = &net->log;
	bool cut = mutated(net, MUT_HANDED_LOG);

	for (size_t i = 0; i < log->have.n; i++) {
		struct origin o = log->have.v[i].o;

		handtext_begin(h, "origin");
		handtext_origin(h, o);
		handtext_u64(h, log->have.v[i].n);
		handtext_u64(h, vector_get(&log->merged, o));
		handtext_u64(h,
		    cut ? log->have.v[i].n : vector_get(&log->floor, o));
		handtext_end(h);
	}
}

/* Give the lines of an entry, which say themselves how many there are. */
static void
give_entry(const struct entry *e, struct handtext *h)
{
	struct span text = rcbuf_span(e->text), line;

	while (text.n > 0) {
		line = span_cut(&text, '\n');
		h->line(h->ctx, span_head(line, line.n - 1));
	}
}

static void
give_log(const struct link_net *net, struct mono now, struct handtext *h)
{
	const struct log *log = &net->log;

	for (uint64_t p = log_begin(log); p < log_end(log); p++) {
		const struct log_item *item = log_at(log, p);

		if (!log_has(log, item->entry) || mutated(net, MUT_HANDED_LOG))
			continue;
		handtext_begin(h, "accepted");
		handtext_ago(h, item->at, now);
		handtext_end(h);
		give_entry(item->entry, h);
	}
}

/* ---- the rest ------------------------------------------------------------ */

static void
give_noticed(const struct forks *k, struct handtext *h)
{
	if (!k->keyed)
		return;
	handtext_begin(h, "noticed");
	handtext_hex(h, span_make(k->key, sizeof(k->key)));
	handtext_u64(h, k->own.n);
	for (size_t i = 0; i < k->own.n && i < FORKS_KNOWN; i++)
		handtext_u64(h, k->own.v[i]);
	handtext_end(h);
}

static void
give_forks(const struct forks *k, struct handtext *h)
{
	give_noticed(k, h);
	for (size_t i = 0; i < k->n; i++) {
		if (k->v[i].own != NULL) {
			handtext_begin(h, "fork-own");
			handtext_end(h);
			give_entry(k->v[i].own, h);
		}
		handtext_begin(h, "fork");
		handtext_end(h);
		give_entry(k->v[i].other, h);
	}
}

/* The offset between the two clocks is given less the present one, so that the
 * new node need not have the same zero of its monotonic clock. */
static void
give_early(const struct early *e, const struct event *ev, struct handtext *h)
{
	int64_t offset = ev->wall.ms - ev->now.ns / NS_PER_MS;

	handtext_begin(h, "early");
	handtext_i64(h, e->offset_ms - offset);
	handtext_i64(h, e->before_ms - offset);
	handtext_i64(h, e->proved.ms);
	handtext_i64(h, e->from.ms);
	handtext_i64(h, e->to.ms);
	handtext_end(h);
}

static void
give_peers(const struct link_net *net, struct handtext *h)
{
	for (size_t i = 0; i < net->npeer; i++) {
		const struct peer *p = &net->peer[i];

		handtext_begin(h, "peer");
		handtext_word(h, sid_span(&p->sid));
		handtext_u64(h, p->held);
		handtext_u64(h, p->own_inc);
		handtext_u64(h, p->own_n);
		handtext_i64(h, p->own_stamp.ms);
		handtext_end(h);
	}
}

static void
give_retiring(const struct link_net *net, struct handtext *h)
{
	struct sid sid;
	uint32_t inc;

	for (size_t i = 0; retire_asked_next(net, &i, &sid, &inc);) {
		handtext_begin(h, "retire");
		handtext_word(h, sid_span(&sid));
		handtext_u64(h, inc);
		handtext_end(h);
	}
}

static void
give_counts(const struct link_counts *n, struct handtext *h)
{
	handtext_begin(h, "counts");
	handtext_u64(h, n->jumped);
	handtext_u64(h, n->snaps_in);
	handtext_u64(h, n->snaps_out);
	handtext_u64(h, n->cuts);
	handtext_u64(h, n->wants);
	handtext_u64(h, n->asks);
	handtext_u64(h, n->duplicates);
	handtext_u64(h, n->searches);
	handtext_u64(h, n->refused);
	handtext_end(h);
}

void
link_net_give(const struct link_net *net, const struct event *ev,
    struct handtext *h)
{
	give_map(net, event_awake(ev), h);
	give_vectors(net, h);
	give_log(net, ev->now, h);
	give_forks(&net->forks, h);
	give_early(&net->early, ev, h);
	give_peers(net, h);
	give_retiring(net, h);
	give_counts(&net->counts, h);
}
