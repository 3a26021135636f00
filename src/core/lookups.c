/*
 * A row may go while its question is under way, and its code with it. So a
 * request remembers the name of the row, and the answer goes to the row that
 * has this name then.
 *
 * Answers come in any order. Findings are kept in that of the questions, so
 * that the text of a refusal does not depend on which list is faster.
 *
 * A finding is judged when the client registers, not when it comes: EXCEPT bans
 * may have the name of the user in their mask, and operators should be told of
 * a user, not of a connection that may be gone in a moment.
 */
#include "core/lookups.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "core/answers/reply.h"
#include "core/banned.h"
#include "core/client.h"
#include "core/part/clean.h"
#include "core/registration.h"
#include "core/sessions/line.h"
#include "core/sessions/request.h"
#include "core/types/cost.h"
#include "wire/utf8.h"

#define QUESTION_MAX 400 /* bytes */
#define TEXT_MAX 300	 /* bytes of what is kept of each text */

/* A finding that is kept; each text may be NULL. */
struct kept {
	unsigned order; /* of its question */
	struct rcbuf *list, *refusal, *field, *value;
};

struct findings {
	size_t n;
	bool lifted; /* an exception lifts those with a list */
	bool told;   /* operators have been told */
	struct kept v[LOOKUPS_MAX];
};

/* ---- what is kept -------------------------------------------------------- */

void
lookups_drop(struct registration *r)
{
	struct findings *f = r->findings;

	for (size_t i = 0; f != NULL && i < f->n; i++) {
		rcbuf_unref(f->v[i].list);
		rcbuf_unref(f->v[i].refusal);
		rcbuf_unref(f->v[i].field);
		rcbuf_unref(f->v[i].value);
	}
	free(f);
	r->findings = NULL;
}

/* Keep a text, which may go into lines for clients and other servers. */
static struct rcbuf *
text_kept(struct step *st, struct span text)
{
	struct rcbuf *b;

	if (text.n == 0)
		return NULL;
	b = rcbuf_new(utf8_cut(clean_text(st->arena, text), TEXT_MAX));
	for (size_t i = 0; i < b->n; i++)
		if (ascii_is_control(b->p[i]))
			b->p[i] = '?';
	return b;
}

static void
keep(struct step *st, struct registration *r, unsigned order,
    const struct finding *x)
{
	struct findings *f = r->findings;
	size_t i;

	if (x->list.n == 0 && x->field.n == 0)
		return;
	if (f == NULL)
		f = r->findings = mem_zalloc(sizeof(*f));
	for (i = f->n++; i > 0 && f->v[i - 1].order > order; i--)
		f->v[i] = f->v[i - 1];
	f->v[i] = (struct kept){ .order = order,
		.list = text_kept(st, x->list),
		.refusal = text_kept(st, x->refusal),
		.field = text_kept(st, x->field),
		.value = text_kept(st, x->value) };
}

/* ---- questions and answers ----------------------------------------------- */

static void answered(struct step *, struct session *, const struct request *,
    enum answer_status, struct span bytes);

static const struct request_use uses[] = {
	{ .kind = REQUEST_LISTED, .hold = HOLD_ENTRY, .answered = answered },
	{ .kind = REQUEST_COUNTRY, .hold = HOLD_ENTRY, .answered = answered },
};

static const struct request_use *
use_of(enum request_kind kind)
{
	return &uses[kind == REQUEST_COUNTRY];
}

static const struct lookup_row *
find_row(const struct tables *t, struct span name)
{
	for (unsigned i = 0; i < t->nlookup; i++)
		if (span_eq(span_of(t->lookup[i]->name), name))
			return t->lookup[i];
	return NULL;
}

/* Write what the request is about: the name of the row, the number of the
 * question among those of the row, and among all, and the question. */
static struct span
about(struct step *st, const struct lookup_row *row, unsigned number,
    unsigned order, struct span question)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 100 + QUESTION_MAX);
	writer_str(&w, row->name);
	writer_char(&w, ' ');
	writer_u64(&w, number);
	writer_char(&w, ' ');
	writer_u64(&w, order);
	writer_char(&w, ' ');
	writer_span(&w, question);
	return writer_done(&w);
}

static void
answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	struct finding x = { .st = st,
		.settings = st->core->settings,
		.addr = s->conn->addr,
		.status = status,
		.bytes = bytes };
	struct span what = rcbuf_span(r->what), name = span_cut(&what, ' ');
	const struct lookup_row *row = find_row(st->tables, name);
	uint64_t number = 0, order = 0;

	(void)span_u64(span_cut(&what, ' '), &number);
	(void)span_u64(span_cut(&what, ' '), &order);
	x.number = (unsigned)number;
	x.question = what;
	if (row != NULL && row->kind == r->use->kind) {
		row->found(&x);
		keep(st, s->registration, (unsigned)order, &x);
	}
	registration_try(st, s);
}

/* Ask the questions of a row, behind `order` questions. Return how many all are
 * then. A question that cannot be asked is left out. */
static unsigned
ask_row(struct step *st, struct session *s, const struct lookup_row *row,
    unsigned order)
{
	const struct arrival x = { .st = st,
		.settings = st->core->settings,
		.addr = s->conn->addr,
		.class = s->conn->class };
	struct writer w;

	for (unsigned i = 0; i < LOOKUPS_MAX && order < LOOKUPS_MAX; i++) {
		writer_init_arena(&w, st->arena, QUESTION_MAX);
		step_spend(st, COST_VISIT);
		if (!row->ask(&w, &x, i))
			break;
		if (w.n > 0 && !w.over &&
		    request_ask(st, s, use_of(row->kind), writer_done(&w),
			about(st, row, i, order, writer_done(&w))))
			order++;
	}
	return order;
}

void
lookups_ask(struct step *st, struct session *s)
{
	unsigned order = 0;

	for (unsigned i = 0; i < st->tables->nlookup; i++)
		order = ask_row(st, s, st->tables->lookup[i], order);
}

/* ---- when the client registers ------------------------------------------- */

static struct span
text_of_kept(const struct rcbuf *b)
{
	return b == NULL ? SPAN_NONE : rcbuf_span(b);
}

static void
tell(struct step *st, const struct part_user *words, const struct kept *x)
{
	effects_logf(st->fx, LOG_CLIENT_LISTED, { "nick", words->nick },
	    { "host", words->host }, { "address", words->ip },
	    { "list", rcbuf_span(x->list) },
	    { "result", x->refusal == NULL ? SPAN("ok") : SPAN("refused") });
}

bool
lookups_refuse(struct step *st, struct session *s,
    const struct part_user *words)
{
	struct findings *f = s->registration->findings;
	const struct kept *refusing = NULL;

	if (f == NULL)
		return false;
	f->lifted = banned_is_excepted(st, s, words);
	for (size_t i = 0; i < f->n && !f->lifted; i++) {
		if (f->v[i].list == NULL)
			continue;
		if (!f->told)
			tell(st, words, &f->v[i]);
		if (refusing == NULL && f->v[i].refusal != NULL)
			refusing = &f->v[i];
	}
	f->told = true;
	if (refusing == NULL)
		return false;
	/* modern-irc, ERR_YOUREBANNEDCREEP */
	reply(st, s, ERR_YOUREBANNEDCREEP, rcbuf_span(refusing->refusal));
	client_end(st, s, rcbuf_span(refusing->refusal));
	return true;
}

/* Return true if the finding is a register, and the first one of its field. */
static bool
is_register(const struct findings *f, size_t i)
{
	const struct kept *x = &f->v[i];

	if (x->field == NULL || (f->lifted && x->list != NULL))
		return false;
	for (size_t k = 0; k < i; k++)
		if (span_eq(text_of_kept(f->v[k].field), rcbuf_span(x->field)))
			return false;
	return true;
}

bool
lookups_register(const struct session *s, size_t i, struct span *field,
    struct span *value)
{
	const struct findings *f = s->registration->findings;

	for (size_t k = 0; f != NULL && k < f->n; k++)
		if (is_register(f, k) && i-- == 0) {
			*field = rcbuf_span(f->v[k].field);
			*value = text_of_kept(f->v[k].value);
			return true;
		}
	return false;
}
