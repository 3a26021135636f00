/*
 * What may be the name of something. Lengths are limits of the configuration
 * and are passed in; they count bytes, and 0 bytes are never a name.
 */
#ifndef WIRE_NAME_H
#define WIRE_NAME_H

#include "base/span.h"

/* Letters, digits and []\`_^{|}-, not beginning with a digit or '-'. */
bool name_nick_valid(struct span s, size_t max);

/* Whether s is meant as a channel: it begins with '#'. */
static inline bool
name_is_channel(struct span s)
{
	return s.n > 0 && s.p[0] == '#';
}

/* '#' and UTF-8 without space, comma or control characters. */
bool name_channel_valid(struct span s, size_t max);

/* A key of +k: UTF-8 that can be a word, without comma or controls. */
bool name_key_valid(struct span s, size_t max);

/*
 * Those characters of s that may stand in a user name, at most max, written
 * to out (max bytes); the span of them may be empty. max > 0.
 */
struct span name_user_clean(struct span s, char *out, size_t max);

/*
 * A host name: labels of letters, digits, '-' and '_' between dots, none
 * empty, none with '-' at an end; nothing that could be read as an address.
 * And with a dot in it: so no server looks like a nick.
 */
bool name_server_valid(struct span s, size_t max);

#endif
