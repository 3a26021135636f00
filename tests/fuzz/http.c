/*
 * wire/http: what is accepted is a GET or HEAD of a path, in lines that end
 * with CR LF, and every beginning of a request that is accepted asks for more.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "wire/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
end_of(struct span s)
{
	for (size_t i = 0; i + 4 <= s.n; i++)
		if (span_starts(span_tail(s, i), SPAN("\r\n\r\n")))
			return i + 4;
	return 0;
}

static void
accepted(struct span in, const struct http_request *r)
{
	size_t n = end_of(in);
	struct http_request again;

	assert(n > 0 && n <= HTTP_REQUEST_MAX);
	assert(span_starts(in, r->head ? SPAN("HEAD /") : SPAN("GET /")));
	assert(r->path.n > 0 && r->path.p[0] == '/');
	assert(r->path.p > in.p && r->path.p + r->path.n < in.p + n);
	for (size_t i = 0; i < n; i++)
		assert((in.p[i] == '\n') == (i > 0 && in.p[i - 1] == '\r'));
	for (size_t i = 0; i < n; i++)
		assert(http_parse(span_head(in, i), &again) == 0);
	assert(http_parse(span_head(in, n), &again) == 200);
	assert(span_eq(again.path, r->path) && again.head == r->head);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct http_request r = { .head = false };
	unsigned status;

	if (size > HTTP_REQUEST_MAX + 100)
		return 0;
	status = http_parse(in, &r);
	assert(status == 0 || http_reason(status)[0] != 'E');
	assert((status == 0) == (end_of(in) == 0 && size < HTTP_REQUEST_MAX));
	if (status == 200)
		accepted(in, &r);
	return 0;
}
