/*
 * Tests whether a text is valid as a name. Lengths are limits of the
 * configuration and are passed in; they count bytes. An empty text is never a
 * valid name.
 */
#ifndef WIRE_NAME_H
#define WIRE_NAME_H

#include "base/span.h"

/*
 * Return true for letters, digits and []\`_^{|}-, not beginning with a digit or
 * '-'.
 */
bool name_nick_valid(struct span s, size_t max);

/* Return true if c may stand in a user name. */
bool name_is_user_char(char c);

/* Return true if s is meant as a channel: it begins with '#'. */
static inline bool
name_is_channel(struct span s)
{
	return s.n > 0 && s.p[0] == '#';
}

/* Return true for '#' and UTF-8 without space, comma or control characters. */
bool name_channel_valid(struct span s, size_t max);

/*
 * Return true for a key of +k: UTF-8 that can be a word, without comma or
 * control characters.
 */
bool name_key_valid(struct span s, size_t max);

/*
 * Write the characters of s that may stand in a user name to out, at most max
 * bytes, and return the span of them, which may be empty. max > 0.
 */
struct span name_user_clean(struct span s, char *out, size_t max);

/* Return true for the name of a gate or a region: at most NAME_GATE_MAX
 * letters, digits, '-', '.' and '_' (gate-protocol.md, 1.2). */
#define NAME_GATE_MAX 63
bool name_gate_valid(struct span s);

/*
 * Return true for a host name: labels of letters, digits, '-' and '_' between
 * dots, none of them empty or with '-' at an end, and not a text that could be
 * read as an address. A server name has a dot in it, so that no server looks
 * like a nick.
 */
bool name_server_valid(struct span s, size_t max);

#endif
