/*
 * modern-irc, "Wildcard Expressions": '*' and '?' stand for themselves behind a
 * backslash. A backslash before any other byte stands for itself, since nicks
 * may contain it and users set bans on them without a thought.
 *
 * The elements before the first star and behind the last one are compared in
 * their place. Each part between two stars is found at its first place in the
 * rest of the text, which leaves the most for the parts that follow, so no star
 * is tried twice. A part is first looked for place by place, which is quickest
 * for usual masks; for one like `aaab` in `aaaaaaa` that would take the product
 * of both lengths, so when a part has cost too much it is looked for with one
 * bit for each of its elements instead (Baeza-Yates and Gonnet, "A New Approach
 * to Text Searching", 1992). The time is then linear in pattern and text; only
 * a part of more elements than a word has bits is left to the slow way.
 */
#include "wire/mask.h"

#include "wire/casemap.h"
#include "wire/msg.h"

#define BITS 64	      /* elements of a part that is looked for by bits */
#define PATIENCE 4    /* steps for each place and element, before that */
#define TABLE_COST 16 /* steps, about, that its table takes to be cleared */

enum kind { ONE, MANY, BYTE };

struct element {
	enum kind kind;
	char byte;     /* of BYTE, folded */
	unsigned size; /* bytes of the pattern */
};

struct glob {
	struct span pattern, text;
	size_t steps;
};

static struct element
plain_element(char c)
{
	return (struct element){ c == '*'   ? MANY
				 : c == '?' ? ONE
					    : BYTE,
		casemap_char(c), 1 };
}

static bool
is_wild(char c)
{
	return c == '*' || c == '?';
}

/* The pattern is not empty. */
static struct element
first_element(struct span p)
{
	if (p.p[0] == '\\' && p.n > 1 && is_wild(p.p[1]))
		return (struct element){ BYTE, p.p[1], 2 };
	return plain_element(p.p[0]);
}

static struct element
last_element(struct span p)
{
	if (p.n > 1 && is_wild(p.p[p.n - 1]) && p.p[p.n - 2] == '\\')
		return (struct element){ BYTE, p.p[p.n - 1], 2 };
	return plain_element(p.p[p.n - 1]);
}

static bool
fits(const struct element *e, char c)
{
	return e->kind == ONE || e->byte == casemap_char(c);
}

/* Take what stands before the first star off both; false: it differs. */
static bool
take_head(struct glob *g)
{
	struct element e;

	while (g->pattern.n > 0) {
		e = first_element(g->pattern);
		if (e.kind == MANY)
			break;
		g->steps++;
		if (g->text.n == 0 || !fits(&e, g->text.p[0]))
			return false;
		g->pattern = span_tail(g->pattern, e.size);
		g->text = span_tail(g->text, 1);
	}
	return true;
}

/* Take what stands behind the last star, which is there, off both. */
static bool
take_tail(struct glob *g)
{
	struct element e = last_element(g->pattern);

	for (; e.kind != MANY; e = last_element(g->pattern)) {
		g->steps++;
		if (g->text.n == 0 || !fits(&e, g->text.p[g->text.n - 1]))
			return false;
		g->pattern.n -= e.size;
		g->text.n--;
	}
	return true;
}

/* The pattern up to the next star, which is there; *n: its elements. */
static struct span
part_of(struct glob *g, size_t *n)
{
	struct span rest = g->pattern;
	struct element e;

	*n = 0;
	while ((e = first_element(rest)).kind != MANY) {
		rest = span_tail(rest, e.size);
		++*n;
	}
	g->steps += *n;
	return span_head(g->pattern, g->pattern.n - rest.n);
}

static bool
starts_with(struct glob *g, struct span part)
{
	struct element e;

	for (size_t i = 0; part.n > 0; i++) {
		e = first_element(part);
		g->steps++;
		if (!fits(&e, g->text.p[i]))
			return false;
		part = span_tail(part, e.size);
	}
	return true;
}

/* Bit i of `state`: the text so far ends with the first i + 1 elements. */
static bool
find_by_bits(struct glob *g, struct span part)
{
	uint64_t at[256] = { 0 }, any = 0, bit = 1, last = 1, state = 0;
	struct element e;

	for (; part.n > 0; part = span_tail(part, e.size), bit <<= 1) {
		e = first_element(part);
		if (e.kind == ONE)
			any |= bit;
		else
			at[(unsigned char)e.byte] |= bit;
		last = bit;
	}
	g->steps += TABLE_COST;
	for (size_t i = 0; i < g->text.n; i++) {
		unsigned char c = (unsigned char)casemap_char(g->text.p[i]);

		g->steps++;
		state = (state << 1 | 1) & (at[c] | any);
		if ((state & last) != 0) {
			g->text = span_tail(g->text, i + 1);
			return true;
		}
	}
	return false;
}

/* Take the text up to the end of the first place of that part, of n elements;
 * false: it has no place. */
static bool
find_part(struct glob *g, struct span part, size_t n)
{
	size_t limit = g->steps + PATIENCE * n;

	for (; g->text.n >= n; g->text = span_tail(g->text, 1)) {
		if (starts_with(g, part)) {
			g->text = span_tail(g->text, n);
			return true;
		}
		limit += PATIENCE;
		if (g->steps > limit && n <= BITS)
			return find_by_bits(g, part);
	}
	return false;
}

/* Both begin and end with a star. */
static bool
find_parts(struct glob *g)
{
	struct span part;
	size_t n;

	for (;;) {
		while (g->pattern.n > 0 && g->pattern.p[0] == '*')
			g->pattern = span_tail(g->pattern, 1);
		if (g->pattern.n == 0)
			return true;
		part = part_of(g, &n);
		if (!find_part(g, part, n))
			return false;
		g->pattern = span_tail(g->pattern, part.n);
	}
}

bool
mask_glob(struct span pattern, struct span s, size_t *steps)
{
	struct glob g = { .pattern = pattern, .text = s };
	bool match = take_head(&g);

	if (match && g.pattern.n == 0)
		match = g.text.n == 0;
	else if (match)
		match = take_tail(&g) && find_parts(&g);
	if (steps != NULL)
		*steps += g.steps + 1;
	return match;
}

/* Return the place of the last c in s, or s.n. */
static size_t
find_last(struct span s, char c)
{
	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == c)
			return i;
	return s.n;
}

/* Cut a mask into nick, user and host; a part that is absent has n == 0. */
static void
split(struct span mask, struct span *nick, struct span *user, struct span *host)
{
	size_t bang = span_find(mask, '!'), at;
	bool has_nick = bang < mask.n;

	*nick = has_nick ? span_head(mask, bang) : SPAN_NONE;
	if (has_nick)
		mask = span_tail(mask, bang + 1);
	at = find_last(mask, '@');
	if (at < mask.n) {
		*user = span_head(mask, at);
		*host = span_tail(mask, at + 1);
	} else {
		/* "n!u" has no host; "h" is a host alone */
		*user = has_nick ? mask : SPAN_NONE;
		*host = has_nick ? SPAN_NONE : mask;
	}
}

static bool
host_match(struct span pattern, const struct mask_who *who, size_t *steps)
{
	unsigned int prefix;
	struct addr net;

	if (mask_glob(pattern, who->host, steps))
		return true;
	if (who->ip.n > 0 && mask_glob(pattern, who->ip, steps))
		return true;
	if (addr_is_none(&who->addr) ||
	    !addr_cidr_parse(pattern, &net, &prefix))
		return false;
	/* A prefix of IPv6 that is too short must not match IPv4. */
	return (addr_is_v4(&net) && prefix >= 96) == addr_is_v4(&who->addr) &&
	       addr_in(&who->addr, &net, prefix);
}

bool
mask_match(struct span mask, const struct mask_who *who, size_t *steps)
{
	struct span nick, user, host;

	split(mask, &nick, &user, &host);
	return (nick.n == 0 || mask_glob(nick, who->nick, steps)) &&
	       (user.n == 0 || mask_glob(user, who->user, steps)) &&
	       (host.n == 0 || host_match(host, who, steps));
}

/* Append a part of a full mask: never empty, no two stars in a row. */
static void
put_part(struct writer *w, struct span part)
{
	bool star = false;

	if (part.n == 0)
		writer_char(w, '*');
	while (part.n > 0) {
		struct element e = first_element(part);
		bool many = e.kind == MANY;

		if (!many || !star)
			writer_span(w, span_head(part, e.size));
		star = many;
		part = span_tail(part, e.size);
	}
}

/*
 * Return true if s holds a dot, a colon (IPv6) or a slash (addr/bits,
 * cloaks): no nick has these.
 */
static bool
looks_like_host(struct span s)
{
	return span_find(s, '.') < s.n || span_find(s, ':') < s.n ||
	       span_find(s, '/') < s.n;
}

bool
mask_normalise(struct writer *w, struct span mask)
{
	struct writer saved = *w;
	struct span nick, user, host;
	bool plain =
	    span_find(mask, '!') == mask.n && span_find(mask, '@') == mask.n;

	if (!msg_is_word(mask))
		return false;
	split(mask, &nick, &user, &host);
	if (plain && !looks_like_host(mask)) {
		nick = mask;
		host = SPAN_NONE;
	}
	put_part(w, nick);
	writer_char(w, '!');
	put_part(w, user);
	writer_char(w, '@');
	put_part(w, host);
	if (!w->over)
		return true;
	*w = saved;
	return false;
}
