/*
 * wire/addr: a text is an address here if it is one to the C library, with the
 * same bytes. An address that is written is read back the same. A prefix holds
 * its own address.
 */
#include <arpa/inet.h>
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "wire/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
system_parse(struct span s, struct addr *a)
{
	char text[ADDR_TEXT + 1];
	unsigned char v4[4];

	if (s.n > ADDR_TEXT || span_find(s, '\0') < s.n)
		return false;
	if (s.n > 0)
		memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET6, text, a->b) == 1)
		return true;
	if (inet_pton(AF_INET, text, v4) != 1)
		return false;
	*a = addr_v4(v4);
	return true;
}

static void
build(const struct addr *a)
{
	char buf[ADDR_TEXT], theirs[INET6_ADDRSTRLEN];
	const struct addr compat = ADDR_NONE;
	struct addr back;
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	addr_build(&w, a);
	assert(!w.over && addr_parse(writer_done(&w), &back));
	assert(addr_eq(&back, a));
	/*
	 * inet_ntop still writes the last four bytes of such an address with
	 * dots, against RFC 5952, section 5.
	 */
	if (!addr_is_v4(a) && !addr_in(a, &compat, 96)) {
		assert(inet_ntop(AF_INET6, a->b, theirs, sizeof(theirs)));
		assert(span_eq(writer_done(&w), span_of(theirs)));
	}
	writer_init(&w, buf, sizeof(buf));
	addr_build_word(&w, a);
	assert(!w.over && buf[0] != ':');
	assert(addr_parse(writer_done(&w), &back) && addr_eq(&back, a));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = span_make(data, size);
	struct addr ours, theirs, net, head;
	unsigned int prefix;
	bool ok = addr_parse(s, &ours);

	assert(ok == system_parse(s, &theirs));
	if (ok) {
		assert(addr_eq(&ours, &theirs));
		build(&ours);
	}
	if (size == sizeof(ours.b)) {
		memcpy(ours.b, data, size);
		build(&ours);
	}
	if (addr_cidr_parse(s, &net, &prefix)) {
		assert(prefix <= ADDR_BITS);
		head = addr_head(&net, prefix);
		assert(addr_in(&net, &head, prefix));
		assert(addr_in(&head, &net, prefix));
	} else {
		assert(!ok);
	}
	return 0;
}
