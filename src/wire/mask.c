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

/* The rest of both that is not compared yet: p to p_end, t to t_end. */
struct glob {
	const char *p, *p_end;
	const char *t, *t_end;
	size_t steps;
};

static bool
is_wild(char c)
{
	return c == '*' || c == '?';
}

/* Return true if a star or question mark stands for itself there: the element
 * is then two bytes long. */
static bool
is_escape(const char *p, const char *end)
{
	return p[0] == '\\' && end - p > 1 && is_wild(p[1]);
}

/* Take the first element, which is no star, off the pattern. Return true if the
 * byte c fits it. */
static inline bool
take_fit(const char **p, const char *end, char c)
{
	const char *e = *p;

	if (*e == '?') {
		*p = e + 1;
		return true;
	}
	if (is_escape(e, end))
		e++;
	*p = e + 1;
	return casemap_char(*e) == casemap_char(c);
}

/* Take the elements before the first star off both; false: they differ. */
static bool
take_head(struct glob *g)
{
	for (; g->p < g->p_end && *g->p != '*'; g->t++) {
		g->steps++;
		if (g->t == g->t_end || !take_fit(&g->p, g->p_end, *g->t))
			return false;
	}
	return true;
}

/* Take the elements behind the last star, which is there, off both. */
static bool
take_tail(struct glob *g)
{
	const char *last;
	bool escaped;

	for (;;) {
		last = g->p_end - 1;
		escaped = is_wild(*last) && last > g->p && last[-1] == '\\';
		if (*last == '*' && !escaped)
			return true;
		g->steps++;
		if (g->t == g->t_end)
			return false;
		g->t_end--;
		if ((*last != '?' || escaped) &&
		    casemap_char(*last) != casemap_char(*g->t_end))
			return false;
		g->p_end = escaped ? last - 1 : last;
	}
}

/* Return the end of the part up to the next star, which is there; *n: its
 * elements. */
static const char *
part_end(const struct glob *g, size_t *n)
{
	const char *p = g->p;

	for (*n = 0; *p != '*'; ++*n)
		p += is_escape(p, g->p_end) ? 2 : 1;
	return p;
}

/* Return true if the part, up to its end, fits the text from t on. */
static bool
starts_with(struct glob *g, const char *end, const char *t)
{
	const char *p = g->p;

	for (; p < end; t++) {
		g->steps++;
		if (!take_fit(&p, end, *t))
			return false;
	}
	return true;
}

/* Bit i of `state`: the text so far ends with the first i + 1 elements. */
static bool
find_by_bits(struct glob *g, const char *end)
{
	uint64_t at[256] = { 0 }, any = 0, bit = 1, last = 0, state = 0;

	for (const char *p = g->p; p < end; p++, bit <<= 1) {
		last = bit;
		if (*p == '?') {
			any |= bit;
			continue;
		}
		if (is_escape(p, end))
			p++;
		at[(unsigned char)casemap_char(*p)] |= bit;
	}
	g->steps += TABLE_COST;
	while (g->t < g->t_end && (state & last) == 0) {
		g->steps++;
		state = (state << 1 | 1) &
			(any | at[(unsigned char)casemap_char(*g->t++)]);
	}
	return (state & last) != 0;
}

/* Take the text up to the end of the first place of the part, which has n
 * elements; false: it has no place. */
static bool
find_part(struct glob *g, const char *end, size_t n)
{
	size_t limit = g->steps + PATIENCE * n;

	for (; (size_t)(g->t_end - g->t) >= n; g->t++) {
		if (starts_with(g, end, g->t)) {
			g->t += n;
			return true;
		}
		limit += PATIENCE;
		if (g->steps > limit && n <= BITS)
			return find_by_bits(g, end);
	}
	return false;
}

/* The pattern begins and ends with a star. */
static bool
find_parts(struct glob *g)
{
	const char *end;
	size_t n;

	for (;;) {
		while (g->p < g->p_end && *g->p == '*')
			g->p++;
		if (g->p == g->p_end)
			return true;
		end = part_end(g, &n);
		g->steps += n;
		if (!find_part(g, end, n))
			return false;
		g->p = end;
	}
}

/* An empty span may be NULL, to which nothing is added. */
static const char *
end_of(struct span s)
{
	return s.n == 0 ? s.p : s.p + s.n;
}

bool
mask_glob(struct span pattern, struct span s, size_t *steps)
{
	struct glob g = { .p = pattern.p,
		.p_end = end_of(pattern),
		.t = s.p,
		.t_end = end_of(s),
		.steps = 1 };
	bool match = take_head(&g);

	if (match && g.p == g.p_end)
		match = g.t == g.t_end;
	else if (match)
		match = take_tail(&g) && find_parts(&g);
	if (steps != NULL)
		*steps += g.steps;
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
	struct span host, rest = who->hosts;
	unsigned int prefix;
	struct addr net;

	if (mask_glob(pattern, who->host, steps))
		return true;
	if (who->ip.n > 0 && mask_glob(pattern, who->ip, steps))
		return true;
	if (who->first_host.n > 0 && mask_glob(pattern, who->first_host, steps))
		return true;
	while ((host = span_word(&rest)).n > 0)
		if (mask_glob(pattern, host, steps))
			return true;
	if (addr_is_none(&who->addr) ||
	    !addr_cidr_parse(pattern, &net, &prefix))
		return false;
	/* A prefix of IPv6 that is too short must not match IPv4. */
	return (addr_is_v4(&net) && prefix >= 96) == addr_is_v4(&who->addr) &&
	       addr_in(&who->addr, &net, prefix);
}

static bool
user_match(struct span pattern, const struct mask_who *who, size_t *steps)
{
	return mask_glob(pattern, who->user, steps) ||
	       (who->first_user.n > 0 &&
		   mask_glob(pattern, who->first_user, steps));
}

bool
mask_match(struct span mask, const struct mask_who *who, size_t *steps)
{
	struct span nick, user, host;

	split(mask, &nick, &user, &host);
	return (nick.n == 0 || mask_glob(nick, who->nick, steps)) &&
	       (user.n == 0 || user_match(user, who, steps)) &&
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
		size_t size = is_escape(part.p, part.p + part.n) ? 2 : 1;
		bool many = part.p[0] == '*';

		if (!many || !star)
			writer_span(w, span_head(part, size));
		star = many;
		part = span_tail(part, size);
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
