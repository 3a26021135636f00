/*
 * This file checks what is the same for all lines: the length, the bytes, and
 * whether the row of the verb lets the line come now, from this peer. The file
 * of the verb reads what follows the verb.
 */
#include "link/recv.h"

#include <string.h>

#include "link/forgetting/forget.h"
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/trust/defer.h"
#include "link/trust/sid_collision.h"
#include "link/words.h"

static const char *(*const recv_verb[])(const struct link_step *, struct link *,
    struct span rest) = {
#define VERB(ID, name, states, needs, what) [VERB_##ID] = name##_recv,
#include "link/verb.def"
#undef VERB
};

static bool
has_byte(struct span line, char c)
{
	return line.n > 0 && memchr(line.p, c, line.n) != NULL;
}

static bool
has_bad_byte(struct span line)
{
	return has_byte(line, '\0') || has_byte(line, '\r') ||
	       has_byte(line, '\n');
}

/* Skip the tags, which have no meaning on these lines (link-protocol.md,
 * 3.4). */
static struct span
without_tags(struct span line)
{
	if (line.n > 0 && line.p[0] == '@')
		span_word(&line);
	words_skip_spaces(&line);
	return line;
}

const char *
recv_packed(const struct link_step *st, struct link *l, struct span line)
{
	struct span rest = without_tags(line);

	if (line.n > LINK_LINE_MAX || has_bad_byte(line))
		return "a packed line is too long, or contains NUL or CR";
	if (rest.n > 0 && rest.p[0] == '+')
		return plus_recv(st, l, line);
	if (l->entry.parts == 0 && verb_find(span_word(&rest)) == VERB_ENTRY)
		return entry_recv(st, l, rest);
	return "expected a fact or an entry in a PACK";
}

void
recv_line(const struct link_step *st, struct link *l)
{
	struct span line = st->ev->u.line.line, rest = without_tags(line);
	enum verb verb;
	const char *why;

	l->heard = event_awake(st->ev);
	l->bytes_in += st->ev->u.line.line.n + 2;
	if (l->deferred != NULL) { /* the caller has not heeded EFF_HOLD */
		defer_refuse(st, l);
		return;
	}
	if (l->lacks.n > 0) { /* likewise */
		link_refuse(st, l, "state",
		    "a line came while the link waits for skipped entries");
		return;
	}
	if (st->ev->u.line.too_long || line.n > LINK_LINE_MAX) {
		link_refuse(st, l, "too-long", "a line is too long");
		return;
	}
	if (st->ev->u.line.bad || has_bad_byte(line)) {
		link_refuse(st, l, "syntax",
		    "a line contains NUL, CR or LF, or ends without CR");
		return;
	}
	if (rest.n > 0 && rest.p[0] == '+') {
		if ((why = plus_recv(st, l, line)) != NULL)
			link_refuse(st, l, "syntax", why);
		return;
	}
	verb = verb_find(span_word(&rest));
	if (verb == VERB_COUNT)
		link_refuse(st, l, "syntax", "unknown verb");
	else if (l->entry.parts > 0)
		link_refuse(st, l, "syntax",
		    "expected the next + line of an entry");
	else if ((verb_row(verb)->states & (1u << l->state)) == 0)
		link_refuse(st, l, "state",
		    "the line may not come in this state of the link");
	else if (!link_knows(l, verb))
		link_refuse(st, l, "state",
		    "the line needs a capability that was not announced");
	else if ((why = recv_verb[verb](st, l, rest)) != NULL)
		link_refuse(st, l, "syntax", why);
}

bool
recv_vector(const struct link_step *st, struct link *l, enum verb verb,
    struct span rest, const char **why)
{
	int got = link_read_vector(l, verb, rest);

	*why = NULL;
	if (got < 0 && l->words.n > LINK_ORIGINS_MAX)
		link_refuse_bounds(st, l, "a vector is too large",
		    LINK_ORIGINS_MAX, "origins");
	else if (got < 0)
		*why = "expected a vector";
	if (got <= 0)
		return false;
	if (!sid_collision_in_vector(st->net, &l->words))
		return true;
	sid_collision_refuse(st, l);
	return false;
}

bool
recv_more(const struct link_step *st, struct link *l)
{
	vector_raise_all(&l->ph, &l->words);
	if (forget_judge_all(st, l, &l->words))
		return false;
	if (l->ph.n <= LINK_ORIGINS_MAX)
		return true;
	link_refuse_bounds(st, l, "there are too many origins",
	    LINK_ORIGINS_MAX, "origins");
	return false;
}
