/*
 * Message tags (ircv3 message-tags): the part between "@" and the first
 * space, as raw text that is read in place. Keys are opaque, case matters.
 */
#ifndef WIRE_TAGS_H
#define WIRE_TAGS_H

#include "base/span.h"
#include "base/writer.h"

/* Bytes between "@" and space a client may send, and a server may add. */
#define TAGS_CLIENT 4094
#define TAGS_SERVER 510

struct tag {
	struct span key;
	struct span value; /* escaped; empty also when there is none */
};

/*
 * Takes the next tag off *rest; false when none is left. Empty pieces, as
 * in "a;;b", are passed over; a key may be invalid, see tags_key_valid().
 */
bool tags_next(struct span *rest, struct tag *t);

/* The escaped value of the last tag of that key; false when there is none. */
bool tags_find(struct span tags, struct span key, struct span *value);

/* A value as it is meant, from as it is written, and back. */
void tags_unescape(struct writer *w, struct span value);
void tags_escape(struct writer *w, struct span value);

bool tags_key_valid(struct span key);

/* Whether value may stand behind '=': no NUL, CR, LF, ';' or space. */
bool tags_value_valid(struct span value);

/*
 * Appends a tag, with ';' before it when w is not empty: w holds tags and
 * nothing else. The value is escaped here; empty: the key alone. An invalid
 * key makes w fail.
 */
void tags_put(struct writer *w, struct span key, struct span value);

/*
 * Appends those tags that a client may send to others (client-only: a key
 * with '+') just as they are, in their order; others and ill-formed ones are
 * left out. False, and w unchanged, when they are more than TAGS_CLIENT
 * bytes or do not fit.
 */
bool tags_put_client_only(struct writer *w, struct span tags);

#endif
