/* The numeric replies: the rows of numeric.def, and the line of a numeric. */
#ifndef WIRE_NUMERIC_H
#define WIRE_NUMERIC_H

#include "base/span.h"
#include "base/writer.h"
#include "wire/msg.h"

enum numeric {
#define NUMERIC(number, name, form, scenario) name,
#include "wire/numeric.def"
#undef NUMERIC
	NUMERIC_BUILTIN /* the number of built-in rows */
};

struct numeric_row {
	unsigned int number; /* 1 to 999 */
	const char *name;    /* "RPL_WELCOME" */
	const char *form;    /* see numeric.def */
};

extern const struct numeric_row numerics_builtin[NUMERIC_BUILTIN];

/* Return the built-in row of n. */
const struct numeric_row *numeric_row(enum numeric n);

/* Return how many arguments the form of a numeric takes. */
size_t numeric_args(const struct numeric_row *);

/*
 * Write ":source number client ..." with CR LF, cut between characters to
 * MSG_LINE bytes. arg holds as many arguments as the form takes. client is "*",
 * or empty, if the client has no nick yet.
 *
 * An argument that the form cannot hold is replaced by "*": for example a nick
 * with a space in it, which is only complained about. In the text, bytes that
 * would end the line are left out.
 */
void numeric_build(struct writer *w, const struct numeric_row *,
    struct span source, struct span client, const struct span *arg,
    size_t narg);

/* The bytes of a line before it is cut: several arguments that are as long as a
 * line fit. */
#define NUMERIC_ROOM (4 * MSG_LINE)

/* Write the same line to buf and return it without CR LF. It is borrowed from
 * buf. */
struct span numeric_line(char buf[NUMERIC_ROOM], const struct numeric_row *,
    struct span source, struct span client, const struct span *arg,
    size_t narg);

/*
 * Return how many bytes such a line has left before it is cut. Use it for
 * lists, with an empty list as the argument.
 */
size_t numeric_room(const struct numeric_row *, struct span source,
    struct span client, const struct span *arg, size_t narg);

#endif
