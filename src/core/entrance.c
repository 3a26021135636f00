/*
 * One entry has the new element and removes those before, so that other servers
 * see one change. Between its making and its application nothing is compared.
 */
#include "core/entrance.h"

#include "core/facts/entrances.h"
#include "core/part/later.h"

#define GONE_MAX 60 /* elements that one entry removes */

void
entrance_stir(struct core *c)
{
	c->entrance_stale = true;
}

static bool
may_make(const struct core *c)
{
	return c->ready && c->applied_n == c->last_n;
}

struct mono
entrance_due(const struct step *st)
{
	const struct core *c = st->core;

	if (!may_make(c) ||
	    (!c->entrance_stale &&
		c->entrance_serial == entrances_serial(&c->facts)))
		return MONO_NEVER;
	return st->now;
}

/* Make the part that says what the settings say. Return false if the server
 * takes no gates, or does not know where. */
static bool
wanted(const struct step *st, struct part *p)
{
	const struct settings *set = st->core->settings;
	const struct gates_at *at = &set->gates_at;
	struct entrance_text e = { .port = at->at.port,
		.region = set->region.n > 0 ? set->region : SPAN("*"),
		.weight = (uint16_t)set->weight,
		.draining = st->core->draining,
		.pin = SPAN("-") };
	struct writer w;

	if (set->ngate == 0 || at->at.port == 0)
		return false;
	writer_init_arena(&w, st->arena, ADDR_TEXT);
	addr_build_word(&w, &at->at.addr);
	e.host = at->at.host.n > 0 ? at->at.host : writer_done(&w);
	if (at->has_pin) {
		writer_init_arena(&w, st->arena, ENTRANCE_PIN);
		writer_hex(&w, span_make(at->pin, sizeof(at->pin)));
		e.pin = writer_done(&w);
	}
	entrance_part(p, &e, st->arena);
	return entrance_parse(p->line, &e);
}

/* Write the dots of the elements of this run. Return how many it has. */
static size_t
write_dots(const struct step *st, struct writer *w)
{
	const struct core *c = st->core;
	const struct entrance *e = entrances_of(&c->facts, c->self);
	size_t n = 0;

	while (e != NULL && n < GONE_MAX &&
	       origin_cmp(entrance_run(e), c->self) == 0) {
		writer_str(w, n++ > 0 ? " " : "");
		write_dot(w, entrance_dot(e));
		e = entrances_next(e);
	}
	return n;
}

void
entrance_tick(struct step *st)
{
	struct core *c = st->core;
	const struct entrance *e;
	struct part part[2];
	struct writer dots;
	size_t n = 0, old;
	bool wants;

	if (mono_cmp(entrance_due(st), st->now) > 0)
		return;
	c->entrance_stale = false;
	c->entrance_serial = entrances_serial(&c->facts);
	writer_init_arena(&dots, st->arena, PART_LINE_MAX);
	old = write_dots(st, &dots);
	e = entrances_of(&c->facts, c->self);
	wants = wanted(st, &part[0]);
	if (wants && old == 1 && span_eq(part[0].line, unknown_line(e->fact)))
		return;
	n += wants;
	if (old > 0)
		later_part(&part[n++], &later_builtin[LATER_UNTRUNK],
		    writer_done(&dots), text_off(), st->arena);
	if (n > 0)
		core_make(st, (struct stamp){ 0 }, part, n,
		    &(struct dest){ .all = true }, NULL);
}
