/*
 * request_kind.h - the kinds of requests as rows, and their bytes.
 *
 * EFF_ASK asks the world for something that takes long: a worker thread, a
 * disk, DNS. EV_ANSWERED answers it with a status and bytes. A question to
 * another server is a request, too, but its lines go over a link.
 *
 * To add a kind: a row in request.def, a function here that builds its bytes
 * and one that splits them, a branch in carry_ask() of daemon/pump.c and in
 * tests/lib/net.c, and a struct request_use where the core asks.
 */
#ifndef CORE_REQUEST_KIND_H
#define CORE_REQUEST_KIND_H

#include "base/arena.h"
#include "base/span.h"
#include "base/writer.h"
#include "wire/addr.h"

enum request_kind {
#define REQUEST(ID, name, expires_ms, most, each, question, answer) \
	REQUEST_##ID,
#include "core/types/request.def"
#undef REQUEST
	REQUEST_COUNT
};

enum answer_status {
	ANSWER_OK,
	ANSWER_NO,	/* the answer is no, or the world failed */
	ANSWER_EXPIRED, /* nobody answered in time; only the core says so */
	ANSWER_REFUSED	/* not tried: too many, or nobody can answer */
};

struct request_row {
	const char *name;
	int64_t expires_ms;
	uint32_t most, each;
};

/* Return the row of a kind, which is static. */
const struct request_row *request_row(enum request_kind);

/* Build the bytes of REQUEST_OPER, REQUEST_PASS or REQUEST_WEBIRC in the arena,
 * without another copy of the password there: whoever carries out the effect
 * wipes them. */
struct span request_password(struct arena *, struct span verifier,
    struct span password);
/* Take them apart again; both borrow from bytes. */
void request_password_split(struct span bytes, struct span *verifier,
    struct span *password);

/* Build the bytes of REQUEST_NAME in the arena; addr_parse() reads them. */
struct span request_name(struct arena *, const struct addr *);

/* Write the bytes of REQUEST_COUNTRY. */
void request_country(struct writer *, struct span path, const struct addr *);
/* Take them apart again; both borrow from bytes. */
void request_country_split(struct span bytes, struct span *path,
    struct span *addr);

/* Build the bytes of REQUEST_UIDS in the arena; span_u64() reads them. */
struct span request_uids(struct arena *, uint64_t upto);

#endif
