/*
 * net/dns: an input is what a server sends in answer to a question for the name
 * "a.test". Its first byte chooses the type of the question, and the next two
 * are the id that was asked with. An answer that is found has addresses of the
 * right kind, or a name that can be asked for again or has an escape in it, or
 * servers whose names can be asked for.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "net/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_PTR, DNS_NS,
	DNS_SRV };

static void
check_found(const struct dns_question *q, const struct dns_answer *a)
{
	static const unsigned char v4[12] = { [10] = 0xff, [11] = 0xff };
	struct dns_question again;

	assert((q->type == DNS_A || q->type == DNS_AAAA) == (a->naddr > 0));
	assert((q->type == DNS_SRV) == (a->nsrv > 0));
	assert(a->nsrv <= DNS_SRV_MAX);
	for (size_t i = 0; i < a->nsrv; i++)
		assert(dns_question_set(&again, DNS_A,
		    span_of(a->srv[i].target)));
	assert((q->type == DNS_PTR) == (a->name[0] != '\0'));
	assert(a->naddr <= DNS_ADDRS_MAX);
	for (size_t i = 0; q->type == DNS_A && i < a->naddr; i++)
		assert(memcmp(a->addr[i], v4, sizeof(v4)) == 0);
	assert(a->name[0] == '\0' || strchr(a->name, '\\') != NULL ||
	       dns_question_set(&again, DNS_A, span_of(a->name)));
}

static void
check_question(struct span name)
{
	unsigned char query[DNS_QUERY_MAX];
	struct dns_question q;
	struct dns_answer a;
	size_t n;

	if (!dns_question_set(&q, DNS_AAAA, name))
		return;
	n = dns_query_build(&q, 7, query);
	/* a query is no answer, until the bit says so */
	assert(dns_answer_parse(span_make(query, n), 7, &q, &a) == DNS_FOREIGN);
	query[2] |= 0x80;
	assert(dns_answer_parse(span_make(query, n), 7, &q, &a) == DNS_ABSENT);
	assert(dns_answer_parse(span_make(query, n), 8, &q, &a) == DNS_FOREIGN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question q;
	struct dns_answer a;
	uint16_t id;

	check_question(span_make(data, size));
	if (size < 3)
		return 0;
	assert(dns_question_set(&q, types[data[0] % 5], SPAN("a.test")));
	id = (uint16_t)(data[1] << 8 | data[2]);
	if (dns_answer_parse(span_make(data + 3, size - 3), id, &q, &a) ==
	    DNS_FOUND)
		check_found(&q, &a);
	return 0;
}
