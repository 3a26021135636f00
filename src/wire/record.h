/*
 * record.h - one record of an answer to banyanctl: keys and values, written as
 * an object of JSON or as text. The code that gives the values does not know
 * which.
 *
 *	name=one.test users=7 tls=yes
 *	{"name":"one.test","users":7,"tls":true}
 *
 * record_begin() takes over a writer that is set up and empty.
 */
#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include "base/writer.h"
#include "wire/addr.h"

struct record {
	struct writer w;
	bool json;
	bool any; /* true after the first key */
};

void record_begin(struct record *, struct writer, bool json);
/* Each of these adds a key, which is not escaped, and its value. An empty text
 * is written as `-` if the record is no JSON; an address of none is empty. */
void record_text(struct record *, const char *key, struct span value);
void record_num(struct record *, const char *key, int64_t value);
void record_size(struct record *, const char *key, uint64_t value);
void record_bool(struct record *, const char *key, bool value);
void record_addr(struct record *, const char *key, const struct addr *);
/* End the record, and return it, borrowed from the memory of the writer. */
struct span record_end(struct record *);

#endif
