/*
 * A message is believed as far as it answers the question that was asked: its
 * id, its question section, and records whose owner is the name in question or
 * the end of a chain of aliases from there. Other records, and the additional
 * section, are never looked at.
 *
 * ldns takes some records that are wrong (findings/ldns-odd-records.sh): an
 * address may have too many bytes in the message, and a record may have no data
 * at all. So each record is checked before its data is used. ldns refuses a
 * message that was cut, so the bit that says so is read before.
 */
#include "net/dns.h"

#include <ldns/ldns.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/invariant.h"

#define ALIASES_MAX 8
#define CLASS_IN LDNS_RR_CLASS_IN

/* ---- names --------------------------------------------------------------- */

static ldns_rdf *
name_to_wire(const char *name)
{
	ldns_rdf *out = NULL;

	return ldns_str2rdf_dname(&out, name) == LDNS_STATUS_OK ? out : NULL;
}

/* Write the text of a name. Return false if it is too long for a host. */
static bool
name_to_text(const ldns_rdf *wire, char out[DNS_NAME_MAX + 1])
{
	char *text = ldns_rdf2str(wire);
	size_t n = text == NULL ? 0 : strlen(text);

	if (n > 1 && text[n - 1] == '.')
		n--;
	if (n > 0 && n <= DNS_NAME_MAX) {
		memcpy(out, text, n);
		out[n] = '\0';
	}
	free(text);
	return n > 0 && n <= DNS_NAME_MAX;
}

bool
dns_question_set(struct dns_question *q, enum dns_type type, struct span name)
{
	ldns_rdf *wire;

	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || name.n > DNS_NAME_MAX ||
	    span_find(name, '\0') < name.n || span_find(name, '\\') < name.n)
		return false;
	*q = (struct dns_question){ .type = type };
	memcpy(q->name, name.p, name.n);
	if ((wire = name_to_wire(q->name)) == NULL)
		return false;
	ldns_rdf_deep_free(wire);
	return true;
}

struct span
dns_question_key(const struct dns_question *q, char out[DNS_KEY_MAX])
{
	size_t n = 0;

	out[n++] = (char)q->type;
	for (const char *p = q->name; *p != '\0'; p++)
		out[n++] = ascii_is_upper(*p) ? (char)(*p + 'a' - 'A') : *p;
	return span_make(out, n);
}

static bool
is_v4(const unsigned char addr[DNS_ADDR_LEN])
{
	static const unsigned char head[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(addr, head, sizeof(head)) == 0;
}

void
dns_question_reverse(struct dns_question *q,
    const unsigned char addr[DNS_ADDR_LEN])
{
	char *p = q->name;

	*q = (struct dns_question){ .type = DNS_PTR };
	if (is_v4(addr)) {
		snprintf(q->name, sizeof(q->name), "%u.%u.%u.%u.in-addr.arpa",
		    addr[15], addr[14], addr[13], addr[12]);
		return;
	}
	for (int i = DNS_ADDR_LEN - 1; i >= 0; i--)
		p += snprintf(p, 5, "%x.%x.", addr[i] & 15u, addr[i] >> 4u);
	memcpy(p, "ip6.arpa", sizeof("ip6.arpa"));
}

/* ---- the query ----------------------------------------------------------- */

size_t
dns_query_build(const struct dns_question *q, uint16_t id,
    unsigned char out[DNS_QUERY_MAX])
{
	ldns_rdf *name = name_to_wire(q->name);
	ldns_pkt *pkt;
	uint8_t *wire = NULL;
	size_t n = 0;

	invariant(name != NULL);
	pkt =
	    ldns_pkt_query_new(name, (ldns_rr_type)q->type, CLASS_IN, LDNS_RD);
	invariant(pkt != NULL);
	ldns_pkt_set_id(pkt, id);
	ldns_pkt_set_edns_udp_size(pkt, DNS_UDP_MAX);
	invariant(ldns_pkt2wire(&wire, pkt, &n) == LDNS_STATUS_OK &&
		  n <= DNS_QUERY_MAX);
	memcpy(out, wire, n);
	free(wire);
	ldns_pkt_free(pkt);
	return n;
}

/* ---- the answer ---------------------------------------------------------- */

/* Return true if the message repeats the question, and nothing else. */
static bool
is_asked(const ldns_pkt *pkt, const ldns_rdf *name, enum dns_type type)
{
	const ldns_rr_list *list = ldns_pkt_question(pkt);
	const ldns_rr *rr;

	if (ldns_rr_list_rr_count(list) != 1)
		return false;
	rr = ldns_rr_list_rr(list, 0);
	return ldns_rr_get_type(rr) == (ldns_rr_type)type &&
	       ldns_rr_get_class(rr) == CLASS_IN &&
	       ldns_dname_compare(ldns_rr_owner(rr), name) == 0;
}

/* Return true if it is a record of that type and name with so many pieces of
 * data. */
static bool
is_record(const ldns_rr *rr, ldns_rr_type type, const ldns_rdf *owner, size_t n)
{
	return ldns_rr_get_type(rr) == type &&
	       ldns_rr_get_class(rr) == CLASS_IN && ldns_rr_rd_count(rr) == n &&
	       ldns_dname_compare(ldns_rr_owner(rr), owner) == 0;
}

/* Return the record's data if it is a record of that type and name with one
 * piece of data, else NULL. */
static const ldns_rdf *
data_of(const ldns_rr *rr, ldns_rr_type type, const ldns_rdf *owner)
{
	return is_record(rr, type, owner, 1) ? ldns_rr_rdf(rr, 0) : NULL;
}

static void
lower(uint32_t *ttl, const ldns_rr *rr)
{
	if (ldns_rr_ttl(rr) < *ttl)
		*ttl = ldns_rr_ttl(rr);
}

static void
take_addr(struct dns_answer *a, const ldns_rdf *data, size_t n)
{
	static const unsigned char head[12] = { [10] = 0xff, [11] = 0xff };
	unsigned char *to = a->addr[a->naddr];

	if (a->naddr == DNS_ADDRS_MAX || ldns_rdf_size(data) != n)
		return;
	if (n == 4)
		memcpy(to, head, sizeof(head));
	memcpy(to + DNS_ADDR_LEN - n, ldns_rdf_data(data), n);
	a->naddr++;
}

static bool
read_u16(const ldns_rdf *data, uint16_t *out)
{
	if (ldns_rdf_size(data) != sizeof(*out))
		return false;
	*out = ldns_rdf2native_int16(data);
	return true;
}

/* Read a record of a service (RFC 2782). Return false if something of it is
 * wrong, or if its target cannot be asked for. */
static bool
read_srv(const ldns_rr *rr, struct dns_srv *out)
{
	struct dns_question q;

	return read_u16(ldns_rr_rdf(rr, 0), &out->priority) &&
	       read_u16(ldns_rr_rdf(rr, 1), &out->weight) &&
	       read_u16(ldns_rr_rdf(rr, 2), &out->port) &&
	       name_to_text(ldns_rr_rdf(rr, 3), out->target) &&
	       dns_question_set(&q, DNS_A, span_of(out->target));
}

/* Take one more record. If there is no room, it takes the place of the record
 * that is last by priority, if that one is behind it. */
static void
take_srv(struct dns_answer *a, const struct dns_srv *srv)
{
	struct dns_srv *last = &a->srv[0];

	if (a->nsrv < DNS_SRV_MAX) {
		a->srv[a->nsrv++] = *srv;
		return;
	}
	for (size_t i = 1; i < a->nsrv; i++)
		if (a->srv[i].priority > last->priority)
			last = &a->srv[i];
	if (srv->priority < last->priority)
		*last = *srv;
}

static bool
take_srv_records(const ldns_rr_list *list, const ldns_rdf *name,
    struct dns_answer *a)
{
	struct dns_srv srv;
	const ldns_rr *rr;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		rr = ldns_rr_list_rr(list, i);
		if (!is_record(rr, LDNS_RR_TYPE_SRV, name, 4) ||
		    !read_srv(rr, &srv))
			continue;
		lower(&a->ttl, rr);
		take_srv(a, &srv);
	}
	return a->nsrv > 0;
}

/* Take the data of all records that answer the question for this name. Return
 * true if there are any. */
static bool
take_records(const ldns_rr_list *list, const ldns_rdf *name, enum dns_type type,
    struct dns_answer *a)
{
	const ldns_rdf *data;
	const ldns_rr *rr;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		rr = ldns_rr_list_rr(list, i);
		if ((data = data_of(rr, (ldns_rr_type)type, name)) == NULL)
			continue;
		if (type == DNS_PTR && a->name[0] == '\0')
			(void)name_to_text(data, a->name);
		else if (type == DNS_A)
			take_addr(a, data, 4);
		else if (type == DNS_AAAA)
			take_addr(a, data, DNS_ADDR_LEN);
		lower(&a->ttl, rr);
	}
	return a->naddr > 0 || a->name[0] != '\0';
}

/* Return the name for which `name` is an alias, or NULL. */
static const ldns_rdf *
alias_of(const ldns_rr_list *list, const ldns_rdf *name, uint32_t *ttl)
{
	const ldns_rdf *data;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		data =
		    data_of(ldns_rr_list_rr(list, i), LDNS_RR_TYPE_CNAME, name);
		if (data != NULL) {
			lower(ttl, ldns_rr_list_rr(list, i));
			return data;
		}
	}
	return NULL;
}

/* Return how long it holds that there is no record (RFC 2308, 5): the lesser of
 * the TTL and the minimum of the SOA record. Without such a record: 0. */
static uint32_t
absent_ttl(const ldns_pkt *pkt)
{
	const ldns_rr_list *list = ldns_pkt_authority(pkt);
	const ldns_rr *rr;
	uint32_t ttl;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		rr = ldns_rr_list_rr(list, i);
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA ||
		    ldns_rr_rd_count(rr) != 7 ||
		    ldns_rdf_size(ldns_rr_rdf(rr, 6)) != 4)
			continue;
		ttl = ldns_rdf2native_int32(ldns_rr_rdf(rr, 6));
		lower(&ttl, rr);
		return ttl;
	}
	return 0;
}

static enum dns_status
read_answer(const ldns_pkt *pkt, const ldns_rdf *name, enum dns_type type,
    struct dns_answer *a)
{
	const ldns_rr_list *list = ldns_pkt_answer(pkt);
	bool found;

	if (ldns_pkt_get_rcode(pkt) != LDNS_RCODE_NOERROR &&
	    ldns_pkt_get_rcode(pkt) != LDNS_RCODE_NXDOMAIN)
		return DNS_FAILED;
	a->ttl = UINT32_MAX;
	for (int i = 0; i < ALIASES_MAX && name != NULL; i++) {
		found = type == DNS_SRV ? take_srv_records(list, name, a)
					: take_records(list, name, type, a);
		if (found)
			return DNS_FOUND;
		name = alias_of(list, name, &a->ttl);
	}
	a->ttl = absent_ttl(pkt);
	return DNS_ABSENT;
}

enum dns_status
dns_answer_parse(struct span bytes, uint16_t id, const struct dns_question *q,
    struct dns_answer *a)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	enum dns_status status = DNS_FOREIGN;
	ldns_rdf *name;
	ldns_pkt *pkt = NULL;

	memset(a, 0, sizeof(*a));
	if (bytes.n < LDNS_HEADER_SIZE || LDNS_ID_WIRE(p) != id ||
	    LDNS_QR_WIRE(p) == 0 || LDNS_OPCODE_WIRE(p) != LDNS_PACKET_QUERY)
		return DNS_FOREIGN;
	/* such a message may be cut anywhere; a liar gains a TCP connection */
	if (LDNS_TC_WIRE(p))
		return DNS_TRUNCATED;
	if (ldns_wire2pkt(&pkt, p, bytes.n) != LDNS_STATUS_OK)
		return DNS_FOREIGN;
	name = name_to_wire(q->name);
	invariant(name != NULL);
	if (is_asked(pkt, name, q->type))
		status = read_answer(pkt, name, q->type, a);
	ldns_rdf_deep_free(name);
	ldns_pkt_free(pkt);
	return status;
}
