#include "core/types/cap.h"

#include "core/types/settings.h"
#include "core/types/tables.h"

/* IRCv3 sts: the port is for clients without TLS, the duration for those with
 * TLS ("Server Name Indication": and a name that has the policy). */
static void
tell_sts(struct writer *w, const struct cap_from *from)
{
	const struct sts_settings *sts = &from->settings->sts;

	if (sts->port == 0 || from->class->sts_exempt)
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

const struct cap_row caps_builtin[CAP_BUILTIN] = {
#define CAP(ID, name, values, tell, changes, scenario) { name, values, tell },
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
