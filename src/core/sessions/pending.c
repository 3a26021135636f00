/*
 * All questions wait equally long, so the first of the list expires
 * next.
 */
#include "core/sessions/pending.h"

struct pending *
pending_add(struct step *st, struct session *s, struct span what,
    struct mono expires)
{
	struct pending *p = pool_take(&st->core->pending_pool);

	p->id = ++st->core->next_token;
	p->conn = s->conn->id;
	p->expires = expires;
	p->response = s->response;
	s->response = NULL;
	s->npending++;
	p->what = rcbuf_new(what);
	TAILQ_INSERT_TAIL(&st->core->pending, p, link);
	map_put(&st->core->pending_ids, p);
	return p;
}

struct pending *
pending_find(const struct core *c, uint64_t id)
{
	return map_find(&c->pending_ids, span_make(&id, sizeof(id)));
}

struct session *
pending_take(struct step *st, struct pending *p, struct response **r)
{
	struct conn *x = core_find_conn(st->core, p->conn);

	if (x != NULL)
		x->session->answers -= p->bytes;
	TAILQ_REMOVE(&st->core->pending, p, link);
	map_del(&st->core->pending_ids, span_make(&p->id, sizeof(p->id)));
	*r = p->response;
	rcbuf_unref(p->what);
	pool_give(&st->core->pending_pool, p);
	if (x == NULL || x->closing || x->session->user == NULL) {
		response_free(*r);
		*r = NULL;
		return NULL;
	}
	x->session->npending--;
	return x->session;
}

void
pending_fini(struct core *c)
{
	struct pending *p;

	while ((p = TAILQ_FIRST(&c->pending)) != NULL) {
		TAILQ_REMOVE(&c->pending, p, link);
		map_del(&c->pending_ids, span_make(&p->id, sizeof(p->id)));
		response_free(p->response);
		rcbuf_unref(p->what);
		pool_give(&c->pending_pool, p);
	}
}
