/*
 * Message tags (ircv3 message-tags): the part between "@" and the first space,
 * as raw text that is read in place. Keys are opaque, and their case matters.
 */
#ifndef WIRE_TAGS_H
#define WIRE_TAGS_H

#include "base/span.h"
#include "base/writer.h"

/* The bytes between "@" and the space that a client may send ("Size limit"). */
#define TAGS_CLIENT 4094

/*
 * Find the last tag with that key. *value points into tags and is as written
 * there, escapes included; it is empty if the tag has no value. Return false,
 * with *value unchanged, if there is no such tag.
 */
bool tags_find(struct span tags, struct span key, struct span *value);

/* Return true if each tag has one of these n keys. Tags are opaque here, too:
 * one that is not well formed has none of them. */
bool tags_are_among(struct span tags, const struct span *key, size_t n);

/*
 * Append the tags that a client may send to others (client-only: a key with
 * '+'), as they are and in their order. Other and ill-formed tags are left out.
 * w holds tags and nothing else; if it is not empty, a ';' comes first. Return
 * false, with w unchanged, if the tags are more than TAGS_CLIENT bytes or do
 * not fit.
 */
bool tags_put_client_only(struct writer *w, struct span tags);

/*
 * Do the same, but leave out the tags that the list denies, which is that of
 * CLIENTTAGDENY: names without their '+', with commas between them; '*' denies
 * all tags, and a name behind '-' is allowed all the same.
 */
bool tags_put_allowed(struct writer *w, struct span tags, struct span list);

#endif
