/*
 * A server that knows the verb must judge a line as a server that does not. If
 * one of them refused what the other accepts, the other would be cut off for
 * what it passed on. So the kind and the form of the line decide, and nothing
 * else. A line has one spelling, since its bytes are the fact.
 */
#include "core/part/kind.h"

#include <string.h>

#include "core/part/clean.h"
#include "core/part/part.h"
#include "wire/casemap.h"

/* ---- the tag ------------------------------------------------------------- */

/* Read the number of a word, from least to KIND_WORDS_MAX. */
static bool
parse_place(struct span s, unsigned least, unsigned *out)
{
	uint64_t n;

	if (s.n == 0 || (s.n > 1 && s.p[0] == '0') || !span_u64(s, &n) ||
	    n < least || n > KIND_WORDS_MAX)
		return false;
	*out = (unsigned)n;
	return true;
}

/* Read u1, c1 or m1: the owner is a user, an incarnation, a membership. */
static bool
parse_owner(struct span s, struct kind *k)
{
	static const char letter[] = {
		[OWNER_USER] = 'u', [OWNER_FOUNDING] = 'c', [OWNER_MEMBER] = 'm'
	};
	enum owner_type t = OWNER_USER;
	struct kind_owner *o = &k->owner[k->nowner];

	if (k->nowner == KIND_OWNERS_MAX || s.n == 0)
		return false;
	while (t < OWNER_MEMBER && letter[t] != s.p[0])
		t++;
	if (letter[t] != s.p[0] || !parse_place(span_tail(s, 1), 1, &o->word))
		return false;
	o->type = t;
	k->nowner++;
	return k->type == KIND_ELEMENT || o->word <= k->words;
}

bool
kind_parse(struct span text, struct kind *k)
{
	struct span rest = text, word = span_cut(&rest, ',');
	bool more = word.n < text.n; /* a comma, which must not be the last */

	*k = (struct kind){ .text = text };
	if (more && (rest.n == 0 || text.p[text.n - 1] == ','))
		return false;
	if (span_eq(word, SPAN("message")))
		return !more;
	if (span_eq(word, SPAN("removal"))) {
		k->type = KIND_REMOVAL;
		return more && parse_place(rest, 1, &k->words);
	}
	if (span_eq(word, SPAN("register"))) {
		k->type = KIND_REGISTER;
		if (!more || !parse_place(span_cut(&rest, ','), 0, &k->words))
			return false;
	} else if (span_eq(word, SPAN("element")))
		k->type = KIND_ELEMENT;
	else
		return false;
	while (rest.n > 0) {
		word = span_cut(&rest, ',');
		if (k->type == KIND_ELEMENT && rest.n == 0 &&
		    span_eq(word, SPAN("run")))
			k->mortal = true;
		else if (!parse_owner(word, k))
			return false;
	}
	return true;
}

/* ---- the line ------------------------------------------------------------ */

/* Take the next word; return false at the text or at the end. */
static bool
next_word(struct span *rest, struct span *word)
{
	if (rest->n == 0 || rest->p[0] == ':')
		return false;
	*word = span_cut(rest, ' ');
	return true;
}

/* Count the words behind the verb. Return false if the line has another
 * spelling: more than one space, or a space at the end. */
static bool
count_words(struct span line, unsigned *n)
{
	struct span rest = line, word;

	*n = 0;
	(void)span_cut(&rest, ' ');
	while (next_word(&rest, &word)) {
		if (word.n == 0 || word.n > PART_WORD_MAX)
			return false;
		++*n;
	}
	return rest.n > 0 || line.p[line.n - 1] != ' ';
}

struct span
kind_word(struct span line, unsigned n)
{
	struct span word = SPAN_NONE;

	for (unsigned i = 0; i <= n; i++)
		if (!next_word(&line, &word))
			return SPAN_NONE;
	return word;
}

size_t
kind_text_at(struct span line)
{
	size_t at = 0;

	while (at < line.n && line.p[at] != ':')
		at = at + span_find(span_tail(line, at), ' ') + 1;
	return at < line.n ? at + 1 : 0;
}

size_t
kind_key_end(const struct kind *k, struct span line)
{
	struct span last = kind_word(line, k->words);

	return (size_t)(last.p + last.n - line.p);
}

struct span
kind_dots(const struct kind *k, struct span line)
{
	struct span word = kind_word(line, k->words);

	return word.n == 0 ? SPAN_NONE
			   : span_tail(line, (size_t)(word.p - line.p));
}

bool
kind_next_dot(struct span *rest, struct dot *dot)
{
	struct span word;

	return next_word(rest, &word) && dot_parse(word, dot);
}

bool
kind_founding(struct span word, struct span *name, struct cinc *cinc)
{
	size_t comma = span_find(word, ',');

	*name = span_head(word, comma);
	if (name->n == 0 || name->n > CLEAN_CHAN_MAX || name->p[0] != '#' ||
	    !cinc_parse(span_tail(word, comma + 1), cinc))
		return false;
	for (size_t i = 0; i < name->n; i++)
		if (casemap_char(name->p[i]) != name->p[i])
			return false;
	return true;
}

static const char *
check_owner(const struct kind_owner *o, struct span line)
{
	struct span word = kind_word(line, o->word), name;
	struct uid uid;
	struct cinc cinc;
	struct dot dot;

	switch (o->type) {
	case OWNER_USER:
		return uid_parse(word, &uid) ? NULL : "expected a uid as owner";
	case OWNER_FOUNDING:
		return kind_founding(word, &name, &cinc)
			   ? NULL
			   : "expected #name,stamp.sid, folded, as owner";
	case OWNER_MEMBER:
		return dot_parse(word, &dot) ? NULL : "expected a dot as owner";
	}
	return NULL;
}

static const char *
check_dots(const struct kind *k, struct span line, unsigned nwords)
{
	struct span rest = kind_dots(k, line);
	struct dot dot;
	unsigned n = k->words;

	while (kind_next_dot(&rest, &dot))
		n++;
	return n > k->words && n > nwords ? NULL : "expected dots to the end";
}

const char *
kind_check(const struct kind *k, struct span line)
{
	const char *why = NULL;
	unsigned n;

	if (!count_words(line, &n))
		return "expected words with one space between them";
	if (k->type == KIND_REMOVAL)
		return check_dots(k, line, n);
	if (k->type == KIND_REGISTER && n < k->words)
		return "expected all words of the key";
	for (unsigned i = 0; i < k->nowner && why == NULL; i++)
		why = check_owner(&k->owner[i], line);
	return why;
}
