/*
 * Message tags (ircv3 message-tags): the part between "@" and the first
 * space, as raw text that is read in place. Keys are opaque, case matters.
 */
#ifndef WIRE_TAGS_H
#define WIRE_TAGS_H

#include "base/span.h"
#include "base/writer.h"

/* Bytes between "@" and space that a client may send ("Size limit"). */
#define TAGS_CLIENT 4094

/*
 * *value: within tags and as it is written there, escapes and all, of the
 * last tag of that key; empty when it has none. False, and *value unchanged,
 * when there is no such tag.
 */
bool tags_find(struct span tags, struct span key, struct span *value);

/*
 * Appends those tags that a client may send to others (client-only: a key
 * with '+') just as they are, in their order; others and ill-formed ones are
 * left out. With ';' before them when w is not empty: w holds tags and
 * nothing else. False, and w unchanged, when they are more than TAGS_CLIENT
 * bytes or do not fit.
 */
bool tags_put_client_only(struct writer *w, struct span tags);

#endif
