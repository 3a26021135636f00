/*
 * wire/proxy: an input is the first bytes of a connection. A header that is
 * done is the same whatever follows, and its beginnings ask for more; a header
 * that is wrong stays so.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "wire/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_done(struct span bytes, size_t used, const struct proxy_header *h)
{
	struct proxy_header again;
	size_t n, k;

	assert(used > 0 && used <= bytes.n && used <= PROXY_MAX);
	assert(h->version.n <= PROXY_WORD_MAX && h->cipher.n <= PROXY_WORD_MAX);
	assert(h->asked.n <= PROXY_NAME_MAX);
	assert(proxy_parse(span_head(bytes, used), &again, &n) == PROXY_DONE);
	assert(n == used && again.local == h->local && again.tls == h->tls &&
	       addr_eq(&again.from, &h->from));
	for (k = 0; k < used; k++)
		assert(proxy_parse(span_head(bytes, k), &again, &n) ==
		       PROXY_MORE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_make(data, size);
	struct proxy_header h, part;
	enum proxy_status status;
	size_t used = 0, n;

	status = proxy_parse(bytes, &h, &used);
	if (status == PROXY_DONE)
		check_done(bytes, used, &h);
	for (n = 0; status == PROXY_MORE && n < size; n++)
		assert(proxy_parse(span_head(bytes, n), &part, &used) ==
		       PROXY_MORE);
	return 0;
}
