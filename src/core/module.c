/*
 * Descriptors come from files that another compiler may have made, so the
 * version is looked at before anything else is read.
 */
#include "core/module.h"

#include "base/ascii.h"
#include "core/cmd/cmd.h"

bool
module_name_valid(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_lower(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= MODULE_NAME_MAX;
}

static bool
refuse(struct writer *why, const char *reason)
{
	writer_str(why, reason);
	return false;
}

bool
module_fits(const struct module *m, struct span name, struct writer *why)
{
	if (m->interface != MODULE_INTERFACE) {
		writer_str(why, "it is made for version ");
		writer_u64(why, m->interface);
		writer_str(why, " of the interface; this server has ");
		writer_u64(why, MODULE_INTERFACE);
		return false;
	}
	if (m->layout != MODULE_LAYOUT)
		return refuse(why,
		    "it is made with the headers of another version of Banyan");
	if (m->name == NULL || m->version == NULL || m->purpose == NULL ||
	    m->rows == NULL || m->rows->of == NULL)
		return refuse(why, "its descriptor is not complete");
	if (!span_eq(span_of(m->name), name) ||
	    !span_eq(span_of(m->rows->of), name)) {
		writer_str(why, "it calls itself ");
		writer_str(why,
		    span_eq(span_of(m->name), name) ? m->rows->of : m->name);
		return false;
	}
	return true;
}

/* ---- in words ---------------------------------------------------------- */

/* Write the name of a kind before its first row. */
static void
begin_kind(struct writer *w, const char *kind, size_t i)
{
	if (i > 0)
		return;
	writer_str(w, w->n > 0 ? ", " : "");
	writer_str(w, kind);
}

static void
add_letter(struct writer *w, const char *kind, size_t i, char letter)
{
	begin_kind(w, kind, i);
	writer_str(w, " +");
	writer_char(w, letter);
}

static void
add_name(struct writer *w, const char *kind, size_t i, struct span name)
{
	begin_kind(w, kind, i);
	writer_char(w, ' ');
	writer_span(w, name);
}

static void
add_modes(struct writer *w, const struct rows *r)
{
	for (size_t i = 0; i < r->nchan_mode; i++)
		add_letter(w, "channel modes", i, r->chan_mode[i].letter);
	for (size_t i = 0; i < r->nstatus; i++)
		add_letter(w, "statuses", i, r->status[i].letter);
	for (size_t i = 0; i < r->nuser_mode; i++)
		add_letter(w, "user modes", i, r->user_mode[i].letter);
}

void
module_adds(struct writer *w, const struct module *m)
{
	const struct rows *r = m->rows;

	for (size_t i = 0; i < r->ncommand; i++)
		add_name(w, "commands", i, r->command[i].name);
	add_modes(w, r);
	for (size_t i = 0; i < r->ncap; i++)
		add_name(w, "capabilities", i, span_of(r->cap[i].name));
	for (size_t i = 0; i < r->nisupport; i++)
		add_name(w, "tokens", i, span_of(r->isupport[i].name));
	for (size_t i = 0; i < r->nextban; i++)
		add_name(w, "extended bans", i, span_of(r->extban[i].name));
	for (size_t i = 0; i < r->noption; i++)
		add_name(w, "options", i, span_of(r->option[i].key));
	for (size_t i = 0; i < r->nsaid; i++)
		add_name(w, "messages", i, r->said[i].verb);
	for (size_t i = 0; i < r->nquery; i++)
		add_name(w, "questions", i, r->query[i].name);
	for (size_t i = 0; i < r->nlater; i++)
		add_name(w, "verbs", i, span_of(r->later[i].name));
	for (size_t i = 0; i < r->nnumeric; i++) {
		begin_kind(w, "numerics", i);
		writer_char(w, ' ');
		writer_u64(w, r->numeric[i].number);
	}
}
