#include "core/types/cap.h"

#include "core/types/settings.h"
#include "core/types/tables.h"

/* IRCv3 sts: the port is for clients without TLS, the duration for those with
 * TLS ("Server Name Indication": and a name that has the policy). A page in a
 * browser is told nothing: the port takes no WebSocket, and the browser decides
 * about TLS by the address of the page. */
static void
tell_sts(struct writer *w, const struct cap_from *from)
{
	const struct sts_settings *sts = &from->settings->sts;

	if (sts->port == 0 || from->class->sts_exempt || from->web)
		return;
	if (!from->tls) {
		writer_str(w, "port=");
		writer_u64(w, sts->port);
	} else if (from->named) {
		writer_str(w, "duration=");
		writer_u64(w, sts->duration_s);
		writer_str(w, sts->preload ? ",preload" : "");
	}
}

/* draft/multiline: "max-bytes" is required, "max-lines" recommended (ircv3
 * multiline, "Capabilities"). */
static bool
cap_multiline(struct writer *w, const struct settings *s)
{
	if (s->multiline_lines == 0)
		return false;
	writer_str(w, "max-bytes=");
	writer_u64(w, s->multiline_bytes);
	writer_str(w, ",max-lines=");
	writer_u64(w, s->multiline_lines);
	return true;
}

const struct cap_row caps_builtin[CAP_BUILTIN] = {
#define CAP(ID, name, write, tell, changes, scenario) { name, "", write, tell },
#include "core/types/cap.def"
#undef CAP
};

const struct cap_row *
cap_row(const struct tables *t, enum cap c)
{
	return t->cap[c];
}

bool
cap_is_gap(const struct cap_row *row)
{
	return row->name[0] == ' ';
}

enum cap
cap_find(const struct tables *t, struct span name)
{
	for (unsigned i = 0; i < t->ncap; i++)
		if (span_eq(name, span_of(t->cap[i]->name)) &&
		    (t->leaving.caps >> i & 1) == 0)
			return i;
	return CAP_NONE;
}

bool
cap_values(const struct cap_row *row, const struct settings *s,
    struct writer *w)
{
	if (row->write != NULL)
		return row->write(w, s);
	writer_str(w, row->values);
	return true;
}

/* Write the values of a capability into buf. Return false if it is not offered.
 */
static bool
values_in(const struct cap_row *row, const struct settings *s,
    char buf[CAP_VALUES_MAX], struct span *values)
{
	struct writer w;
	bool offered;

	writer_init(&w, buf, CAP_VALUES_MAX);
	offered = cap_values(row, s, &w);
	*values = writer_done(&w);
	return offered;
}

uint64_t
caps_offered(const struct tables *t, const struct settings *s)
{
	char buf[CAP_VALUES_MAX];
	struct span values;
	uint64_t set = 0;

	for (unsigned i = 0; i < t->ncap; i++)
		if (values_in(t->cap[i], s, buf, &values))
			set |= UINT64_C(1) << i;
	return set & ~t->leaving.caps;
}

uint64_t
caps_changed(const struct tables *t, const struct settings *before,
    const struct settings *now)
{
	char was[CAP_VALUES_MAX], is[CAP_VALUES_MAX];
	struct span a, b;
	uint64_t set = 0;

	for (unsigned i = 0; i < t->ncap; i++)
		if (values_in(t->cap[i], before, was, &a) !=
			values_in(t->cap[i], now, is, &b) ||
		    !span_eq(a, b))
			set |= UINT64_C(1) << i;
	return set;
}

struct span
cap_line(struct span *rest, size_t max)
{
	struct span line = span_word(rest), left = *rest, word;

	while ((word = span_word(&left)).n > 0 &&
	       (size_t)(word.p - line.p) + word.n <= max) {
		line.n = (size_t)(word.p - line.p) + word.n;
		*rest = left;
	}
	if (word.n == 0)
		*rest = SPAN_NONE;
	return line;
}
