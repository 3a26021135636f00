#include "trunk/trunk.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trunk/state.h"

struct trunk *
trunk_new(struct conn_id conn, const unsigned char *key)
{
	struct trunk *t = mem_zalloc(sizeof(*t));

	t->conn = conn;
	t->rtt_ms = -1;
	LIST_INIT(&t->streams);
	TAILQ_INIT(&t->owed);
	TAILQ_INIT(&t->ready);
	chains_init(&t->by_number, &trunk_stream_by_number,
	    offsetof(struct trunk_stream, chain), key);
	lists_init(&t->lists);
	return t;
}

void
trunk_free(struct trunk *t)
{
	chains_fini(&t->by_number);
	lists_fini(&t->lists);
	vector_fini(&t->told);
	free(t->read);
	free(t->share.v);
	free(t->why);
	rcbuf_unref(t->by);
	free(t);
}

struct span
trunk_name(const struct trunk *t)
{
	return span_of(t->name);
}

const char *
trunk_state_name(enum trunk_state state)
{
	switch (state) {
	case TRUNK_OPEN:
		return "open";
	case TRUNK_WAITS:
		return "waits";
	case TRUNK_UP:
		return "up";
	case TRUNK_DEAD:
		return "dead";
	}
	return "";
}

/* ---- lines out ----------------------------------------------------------- */

#define OUT_ROOM 1024 /* bytes, at first */
#define OUT_MAX \
	(4 * TRUNK_UNSENT_MAX) /* of one step; more is a fault of ours */

struct writer *
trunk_out(const struct trunk_step *st, struct trunk *t)
{
	if (!t->writes)
		writer_init_room(&t->out, st->fx->arena, OUT_ROOM, OUT_MAX);
	t->writes = true;
	return &t->out;
}

struct writer *
trunk_line(const struct trunk_step *st, struct trunk *t, const char *verb)
{
	struct writer *w = trunk_out(st, t);

	t->lines_out++;
	st->net->counts.lines_out++;
	writer_str(w, verb);
	return w;
}

void
trunk_line_end(struct writer *w)
{
	writer_str(w, "\r\n");
}

/* ---- the end ------------------------------------------------------------- */

/* If a connection ended before either side said what is wrong, the row has a
 * low level: it is no news to an operator. */
static enum log_row
row_of_end(const struct trunk *t, enum trunk_by by)
{
	if (t->was_up)
		return LOG_TRUNK_DOWN;
	return by == TRUNK_BY_CONNECTION ? LOG_TRUNK_ACCEPT_FAILED
					 : LOG_TRUNK_REFUSED;
}

static void
log_end(const struct trunk_step *st, const struct trunk *t, enum trunk_by by,
    const struct span why[2])
{
	static const struct span name_of[] = {
		[TRUNK_BY_US] = SPAN_INIT("us"),
		[TRUNK_BY_GATE] = SPAN_INIT("gate"),
		[TRUNK_BY_CONNECTION] = SPAN_INIT("connection"),
	};
	struct writer addr, n;

	writer_init_arena(&addr, st->fx->arena, ADDR_TEXT);
	addr_build(&addr, &t->addr);
	writer_init_arena(&n, st->fx->arena, 20);
	writer_u64(&n, t->nstreams);
	effects_logf(st->fx, row_of_end(t, by), { "gate", trunk_name(t) },
	    { "address", writer_done(&addr) }, { "streams", writer_done(&n) },
	    { "code", why[0] }, { "by", name_of[by] }, { "reason", why[1] });
}

static void
end(const struct trunk_step *st, struct trunk *t, enum trunk_by by,
    const struct span why[2])
{
	log_end(st, t, by, why);
	if (t->state == TRUNK_WAITS)
		st->net->nwaits--;
	t->state = TRUNK_DEAD;
	trunk_ahead_end(st->net, t);
	t->why = span_dup(why[1].n > 0 ? why[1] : SPAN("Connection closed"));
	st->net->nends++;
}

void
trunk_refuse_for(const struct trunk_step *st, struct trunk *t, const char *code,
    struct span reason)
{
	const struct span why[2] = { span_of(code), reason };
	struct writer *w;

	if (t->state == TRUNK_DEAD)
		return;
	w = trunk_line(st, t, "ERROR ");
	writer_span(w, why[0]);
	writer_str(w, " :");
	writer_span(w, reason);
	trunk_line_end(w);
	st->net->counts.refused++;
	end(st, t, TRUNK_BY_US, why);
}

void
trunk_refuse(const struct trunk_step *st, struct trunk *t, const char *code,
    const char *reason)
{
	trunk_refuse_for(st, t, code, span_of(reason));
}

void
trunk_end_by_gate(const struct trunk_step *st, struct trunk *t,
    struct span code, struct span reason)
{
	const struct span why[2] = { code, reason };

	effects_close(st->fx, t->conn, reason);
	end(st, t, TRUNK_BY_GATE, why);
}

void
trunk_end_by_conn(const struct trunk_step *st, struct trunk *t,
    struct span reason)
{
	const struct span why[2] = { SPAN("closed"), reason };

	end(st, t, TRUNK_BY_CONNECTION, why);
}
