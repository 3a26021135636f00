/*
 * The numeric replies: rows of numeric.def, and the line of one.
 */
#ifndef WIRE_NUMERIC_H
#define WIRE_NUMERIC_H

#include "base/span.h"
#include "base/writer.h"

enum numeric {
#define NUMERIC(number, name, form, scenario) name,
#include "wire/numeric.def"
#undef NUMERIC
	NUMERIC_COUNT
};

struct numeric_row {
	unsigned int number; /* 1 to 999 */
	const char *name;    /* "RPL_WELCOME" */
	const char *form;    /* see numeric.def */
};

/* Static; n < NUMERIC_COUNT. */
const struct numeric_row *numeric_row(enum numeric n);

/* How many arguments its form takes. */
size_t numeric_args(enum numeric n);

/*
 * Writes ":source number client ..." with CR LF, cut to MSG_LINE bytes
 * between characters; arg holds numeric_args(n) of them. client is "*" when
 * it has no nick yet (empty does it too).
 *
 * An argument that cannot be what the form wants, as a nick with a space in
 * it that is only being complained about, is replaced by "*"; in the text,
 * bytes that would end the line are left out.
 */
void numeric_build(struct writer *w, enum numeric n, struct span source,
    struct span client, const struct span *arg, size_t narg);

/*
 * Bytes that such a line has left before it is cut; for lists, with their
 * argument empty.
 */
size_t numeric_room(enum numeric n, struct span source, struct span client,
    const struct span *arg, size_t narg);

#endif
