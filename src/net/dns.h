/*
 * Questions and answers of DNS (RFC 1035), as bytes. ldns knows the format;
 * nothing here has a socket or a clock. net/resolver.h sends and receives them.
 *
 * A name is text without the dot at its end; the root is ".". An address has 16
 * bytes, an IPv4 address in its IPv4-mapped form (RFC 4291, 2.5.5.2).
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define DNS_NAME_MAX 253  /* bytes of the text of a name */
#define DNS_QUERY_MAX 512 /* bytes of a query */
#define DNS_UDP_MAX 1232  /* bytes of an answer by UDP, as the query says */
/* bytes of an answer by TCP: ldns takes 0.1 ms for each KiB of records */
#define DNS_TCP_MAX 8192
#define DNS_ADDRS_MAX 16   /* of one answer; the others are dropped */
#define DNS_SRV_MAX 8	   /* likewise; the last by priority are dropped */
#define DNS_ADDR_LEN 16	   /* bytes */
#define DNS_REVERSE_MAX 73 /* bytes, with a NUL */

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_PTR = 12,
	DNS_AAAA = 28,
	DNS_SRV = 33
};

struct dns_question {
	enum dns_type type;
	char name[DNS_NAME_MAX + 1];
};

/* The type and the name in small letters: the same for questions that are the
 * same. */
#define DNS_KEY_MAX (DNS_NAME_MAX + 1)
struct span dns_question_key(const struct dns_question *,
    char out[DNS_KEY_MAX]);

enum dns_status {
	DNS_FOUND,
	DNS_ABSENT,    /* there is no such name, or no record of that type */
	DNS_FAILED,    /* the server could not say */
	DNS_TRUNCATED, /* ask again by TCP */
	DNS_FOREIGN    /* not an answer to this question: wait for another */
};

/* A server of a service (RFC 2782). */
struct dns_srv {
	uint16_t priority, weight, port;
	/* "." says that the service does not exist */
	char target[DNS_NAME_MAX + 1];
};

struct dns_answer {
	uint32_t ttl; /* seconds; 0: do not keep the answer */
	size_t naddr; /* of an A or AAAA question */
	unsigned char addr[DNS_ADDRS_MAX][DNS_ADDR_LEN];
	char name[DNS_NAME_MAX + 1]; /* of a PTR question; else "" */
	size_t nsrv;		     /* of an SRV question; the lesser numbers
				      * of priority if there are more */
	struct dns_srv srv[DNS_SRV_MAX];
};

/* Make the question for a name; a dot at its end is dropped. Return false if
 * the name is empty or too long, or has an empty or too long label. */
bool dns_question_set(struct dns_question *, enum dns_type, struct span name);

/* Make the question for the name of an address (RFC 1035, 3.5; RFC 3596, 2.5).
 */
void dns_question_reverse(struct dns_question *,
    const unsigned char addr[DNS_ADDR_LEN]);

/* Write the query with recursion desired, and EDNS for DNS_UDP_MAX bytes.
 * Return its length. The question must be one that dns_question_set() made. */
size_t dns_query_build(const struct dns_question *, uint16_t id,
    unsigned char out[DNS_QUERY_MAX]);

/*
 * Read what a server has sent. Names of aliases are followed inside of the
 * message. The answer is filled in if the status is DNS_FOUND; if it is
 * DNS_ABSENT, the answer has its TTL (RFC 2308, 5).
 */
enum dns_status dns_answer_parse(struct span bytes, uint16_t id,
    const struct dns_question *, struct dns_answer *);

#endif
