#include "core/types/request_kind.h"

#include "base/invariant.h"
#include "base/writer.h"

static const struct request_row rows[] = {
#define REQUEST(ID, name, expires_ms, most, each, question, answer) \
	[REQUEST_##ID] = { name, expires_ms, most, each },
#include "core/types/request.def"
#undef REQUEST
};

const struct request_row *
request_row(enum request_kind kind)
{
	invariant(kind < REQUEST_COUNT);
	return &rows[kind];
}

struct span
request_password(struct arena *arena, struct span verifier,
    struct span password)
{
	size_t n = verifier.n + 1 + password.n;
	struct writer w;

	writer_init(&w, arena_alloc(arena, n), n);
	writer_span(&w, verifier);
	writer_char(&w, '\0');
	writer_span(&w, password);
	return writer_done(&w);
}

void
request_password_split(struct span bytes, struct span *verifier,
    struct span *password)
{
	*verifier = span_cut(&bytes, '\0');
	*password = bytes;
}

struct span
request_name(struct arena *arena, const struct addr *addr)
{
	struct writer w;

	writer_init_arena(&w, arena, ADDR_TEXT);
	addr_build(&w, addr);
	return writer_done(&w);
}

void
request_country(struct writer *w, struct span path, const struct addr *addr)
{
	writer_span(w, path);
	writer_char(w, '\0');
	addr_build(w, addr);
}

void
request_country_split(struct span bytes, struct span *path, struct span *addr)
{
	*path = span_cut(&bytes, '\0');
	*addr = bytes;
}

struct span
request_uids(struct arena *arena, uint64_t upto)
{
	struct writer w;

	writer_init_arena(&w, arena, 20);
	writer_u64(&w, upto);
	return writer_done(&w);
}
