/*
 * Most values can be shown as they are. They are checked once and not copied.
 */
#include "core/part/clean.h"

#include <string.h>

#include "base/ascii.h"
#include "core/types/ids.h"
#include "wire/name.h"
#include "wire/utf8.h"

/* Replace the bytes that may not stand in the value, in a copy. */
static struct span
replace(struct arena *arena, struct span s, bool (*may_stand)(char), char by)
{
	size_t i = 0;
	char *copy;

	while (i < s.n && may_stand(s.p[i]))
		i++;
	if (i == s.n)
		return s;
	copy = arena_alloc(arena, s.n);
	memcpy(copy, s.p, s.n);
	for (; i < s.n; i++)
		if (!may_stand(copy[i]))
			copy[i] = by;
	return span_make(copy, s.n);
}

static struct span
clean_utf8(struct arena *arena, struct span s, size_t max)
{
	char *copy;

	s = utf8_cut(s, max);
	if (utf8_valid(s))
		return s;
	copy = arena_alloc(arena, s.n);
	memcpy(copy, s.p, s.n);
	utf8_mend(copy, s.n, '?');
	return span_make(copy, s.n);
}

static bool
is_no_control(char c)
{
	return !ascii_is_control(c);
}

static bool
is_letter_or_digit(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c);
}

static bool
may_stand_in_host(char c)
{
	return is_letter_or_digit(c) || c == '.' || c == '-' || c == ':' ||
	       c == '/' || c == '_';
}

static bool
may_stand_in_user(char c)
{
	return name_is_user_char(c) || c == '~';
}

struct span
clean_text(struct arena *arena, struct span s)
{
	return clean_utf8(arena, s, CLEAN_TEXT_MAX);
}

struct span
clean_chan(struct arena *arena, struct span s)
{
	s = clean_utf8(arena, s, CLEAN_CHAN_MAX);
	return replace(arena, s, is_no_control, '?');
}

struct span
clean_user(struct arena *arena, struct span s)
{
	if (s.n == 0)
		return SPAN("user");
	s = span_head(s, CLEAN_USER_MAX);
	return replace(arena, s, may_stand_in_user, '_');
}

struct span
clean_host(struct arena *arena, struct span s)
{
	return s.n == 0 ? SPAN("unknown") : clean_gate(arena, s);
}

struct span
clean_gate(struct arena *arena, struct span s)
{
	return replace(arena, span_head(s, CLEAN_HOST_MAX), may_stand_in_host,
	    '_');
}

struct span
clean_nick(struct span s)
{
	struct uid uid;

	return name_nick_valid(s, CLEAN_NICK_MAX) || uid_parse(s, &uid)
		   ? s
		   : SPAN_NONE;
}

struct span
clean_server(struct span s)
{
	return name_server_valid(s, CLEAN_HOST_MAX) ? s : SPAN_NONE;
}

bool
clean_is_numeric(struct span s)
{
	uint64_t n;

	return s.n == 3 && span_u64(s, &n) && n > 0;
}
