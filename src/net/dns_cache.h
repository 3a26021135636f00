/*
 * Answers of DNS servers, kept for their time to live. The cache holds a
 * bounded number of answers; the answer that was not asked for longest gives
 * way. The cache owns all that it holds, and knows no clock.
 */
#ifndef NET_DNS_CACHE_H
#define NET_DNS_CACHE_H

#include "base/mtime.h"
#include "base/siphash.h"
#include "net/dns.h"

/* How long an answer is kept, in seconds, whatever its TTL is. That a server
 * could not say is kept for the least time (RFC 2308, 7.1). */
#define DNS_KEEP_MIN 10
#define DNS_KEEP_MAX 3600
#define DNS_KEEP_ABSENT_MAX 900

struct dns_cache;

/* Make a cache for at most `most` answers, which is at least 1. The caller
 * frees it with dns_cache_free(). The key is copied; strangers choose the names
 * that are kept, so it is secret. */
struct dns_cache *dns_cache_new(size_t most,
    const unsigned char key[SIPHASH_KEY]);
void dns_cache_free(struct dns_cache *);

/* Forget all answers. */
void dns_cache_clear(struct dns_cache *);

/* Keep a copy of an answer: DNS_FOUND, DNS_ABSENT or DNS_FAILED. It replaces an
 * older answer to the same question. */
void dns_cache_put(struct dns_cache *, const struct dns_question *,
    enum dns_status, const struct dns_answer *, struct mono now);

/* Return true and copy the answer to the question, if there is one whose time
 * has not passed. */
bool dns_cache_get(struct dns_cache *, const struct dns_question *,
    struct mono now, enum dns_status *, struct dns_answer *);

/* Return how many answers are held. */
size_t dns_cache_count(const struct dns_cache *);

#endif
