/*
 * modern-irc, "Wildcard Expressions": '*' and '?' stand for themselves behind a
 * backslash. A backslash before any other byte stands for itself, since nicks
 * may contain it and users set bans on them without a thought.
 *
 * Matching goes back to the last star only: if the pattern behind it fails,
 * that star takes one more byte. Earlier stars need not be tried again: the
 * text between two stars was found at its first place, which leaves the most
 * for the rest. So the time is at most pattern times text, never exponential.
 */
#include "wire/mask.h"

#include "wire/casemap.h"
#include "wire/msg.h"

/* Takes the next element off a pattern. */
enum element { ONE, MANY, BYTE };

static enum element
next_element(struct span *pattern, char *byte)
{
	char c = pattern->p[0];
	enum element kind = c == '*' ? MANY : c == '?' ? ONE : BYTE;

	*pattern = span_tail(*pattern, 1);
	if (c == '\\' && pattern->n > 0 &&
	    (pattern->p[0] == '*' || pattern->p[0] == '?')) {
		c = pattern->p[0];
		*pattern = span_tail(*pattern, 1);
	}
	*byte = casemap_char(c);
	return kind;
}

bool
mask_glob(struct span pattern, struct span s)
{
	struct span after = SPAN_NONE, at = SPAN_NONE;
	bool star = false;

	for (;;) {
		struct span p = pattern;
		enum element kind = BYTE;
		char byte = '\0';

		if (p.n == 0 && s.n == 0)
			return true;
		if (p.n > 0)
			kind = next_element(&p, &byte);
		if (pattern.n > 0 && kind == MANY) {
			star = true;
			after = pattern = p;
			at = s;
		} else if (pattern.n > 0 && s.n > 0 &&
			   (kind == ONE || byte == casemap_char(s.p[0]))) {
			pattern = p;
			s = span_tail(s, 1);
		} else if (star && at.n > 0) {
			pattern = after;
			s = at = span_tail(at, 1);
		} else {
			return false;
		}
	}
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
host_match(struct span pattern, const struct mask_who *who)
{
	unsigned int prefix;
	struct addr net;

	if (mask_glob(pattern, who->host))
		return true;
	if (who->ip.n > 0 && mask_glob(pattern, who->ip))
		return true;
	if (addr_is_none(&who->addr) ||
	    !addr_cidr_parse(pattern, &net, &prefix))
		return false;
	/* A prefix of IPv6 that is too short must not match IPv4. */
	return (addr_is_v4(&net) && prefix >= 96) == addr_is_v4(&who->addr) &&
	       addr_in(&who->addr, &net, prefix);
}

bool
mask_match(struct span mask, const struct mask_who *who)
{
	struct span nick, user, host;

	split(mask, &nick, &user, &host);
	return (nick.n == 0 || mask_glob(nick, who->nick)) &&
	       (user.n == 0 || mask_glob(user, who->user)) &&
	       (host.n == 0 || host_match(host, who));
}

/* Append a part of a full mask: never empty, no two stars in a row. */
static void
put_part(struct writer *w, struct span part)
{
	bool star = false;

	if (part.n == 0)
		writer_char(w, '*');
	while (part.n > 0) {
		struct span p = part;
		char byte;
		bool many = next_element(&p, &byte) == MANY;

		if (!many || !star)
			writer_span(w, span_head(part, part.n - p.n));
		star = many;
		part = p;
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
