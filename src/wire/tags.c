/*
 * A look-up walks the text: a message has few tags, each is asked for once, and
 * most are never asked for.
 *
 * Client-only tags are relayed without being unescaped, as the specification
 * allows. A key that is there twice is relayed twice: the receiver "SHOULD
 * discard all but the final occurrence" (message-tags, "Format"), and to look
 * for duplicates here would take quadratic time.
 */
#include "wire/tags.h"

#include "base/ascii.h"

struct tag {
	struct span key;   /* may be invalid, see key_valid() */
	struct span value; /* escaped; empty if there is none */
};

/*
 * Take the next tag off *rest. Return false if none is left. Empty pieces, as
 * in "a;;b", are ignored.
 */
static bool
next(struct span *rest, struct tag *t)
{
	while (rest->n > 0) {
		struct span piece = span_cut(rest, ';');
		size_t eq = span_find(piece, '=');

		if (piece.n == 0)
			continue;
		t->key = span_head(piece, eq);
		/* a missing value and an empty one are the same */
		t->value = span_tail(piece, eq + 1);
		return true;
	}
	return false;
}

bool
tags_find(struct span tags, struct span key, struct span *value)
{
	struct tag t;
	bool found = false;

	/* the final occurrence counts (message-tags, "Format") */
	while (next(&tags, &t)) {
		if (!span_eq(t.key, key))
			continue;
		*value = t.value;
		found = true;
	}
	return found;
}

bool
tags_are_among(struct span tags, const struct span *key, size_t n)
{
	struct tag t;
	size_t i;

	while (next(&tags, &t)) {
		for (i = 0; i < n && !span_eq(t.key, key[i]); i++)
			;
		if (i == n)
			return false;
	}
	return true;
}

static bool
letter_or_digit(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c);
}

/* key ::= ['+'] [vendor '/'] letters, digits, '-'; vendor: a host */
static bool
key_valid(struct span key)
{
	struct span vendor = SPAN_NONE;
	size_t slash;

	if (key.n > 0 && key.p[0] == '+')
		key = span_tail(key, 1);
	slash = span_find(key, '/');
	if (slash < key.n) {
		if (slash == 0)
			return false;
		vendor = span_head(key, slash);
		key = span_tail(key, slash + 1);
	}
	for (size_t i = 0; i < vendor.n; i++)
		if (!letter_or_digit(vendor.p[i]) && vendor.p[i] != '-' &&
		    vendor.p[i] != '.')
			return false;
	for (size_t i = 0; i < key.n; i++)
		if (!letter_or_digit(key.p[i]) && key.p[i] != '-')
			return false;
	return key.n > 0;
}

/* Return true if value may stand behind '=': no NUL, CR, LF, ';' or space. */
static bool
value_valid(struct span value)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\0' || c == '\r' || c == '\n' || c == ';' || c == ' ')
			return false;
	}
	return true;
}

static bool
is_denied(struct span list, struct span key)
{
	bool denied = false;
	struct span name;

	while (list.n > 0) {
		name = span_cut(&list, ',');
		if (name.n > 0 && name.p[0] == '-' &&
		    span_eq(span_tail(name, 1), key))
			return false;
		denied |= span_eq(name, SPAN("*")) || span_eq(name, key);
	}
	return denied;
}

bool
tags_put_client_only(struct writer *w, struct span tags)
{
	return tags_put_allowed(w, tags, SPAN_NONE);
}

bool
tags_put_allowed(struct writer *w, struct span tags, struct span list)
{
	struct writer saved = *w;
	size_t n = 0;
	struct tag t;

	while (next(&tags, &t)) {
		if (t.key.n == 0 || t.key.p[0] != '+' || !key_valid(t.key) ||
		    !value_valid(t.value) ||
		    is_denied(list, span_tail(t.key, 1)))
			continue;
		if (w->n > 0)
			writer_char(w, ';');
		if (n > 0)
			n++;
		writer_span(w, t.key);
		n += t.key.n;
		if (t.value.n > 0) {
			writer_char(w, '=');
			writer_span(w, t.value);
			n += 1 + t.value.n;
		}
	}
	if (!w->over && n <= TAGS_CLIENT)
		return true;
	*w = saved;
	return false;
}
