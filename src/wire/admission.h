/*
 * admission.h - how many connections, and how many in a minute, each address
 * and each network may make.
 *
 * Strangers have few IPv4 addresses, but very many IPv6 addresses: one
 * connection to the internet has a /64, a /56 or a /48. So they are counted in
 * steps, and a larger network may have a little more than a smaller one in it.
 *
 *	step	  IPv4	IPv6	connections	in a minute
 *	address	  /32	/64	per_address	connect_rate
 *	network	  /24	/56	per_network	4 connect_rate
 *	provider  -	/48	2 per_network	8 connect_rate
 *
 * Loopback addresses are counted, but never refused. banyand counts handshakes
 * of clients by one of these, before TLS, those of links and gates by another,
 * and clients by a third; a gate counts its clients.
 */
#ifndef WIRE_ADMISSION_H
#define WIRE_ADMISSION_H

#include "wire/pace.h"

enum admission_step {
	ADMISSION_ADDRESS,
	ADMISSION_NETWORK,
	ADMISSION_PROVIDER,
	ADMISSION_STEPS
};

struct admission_limits {
	uint32_t per_address;  /* connections of one address; 0: no limit */
	uint32_t per_network;  /* of one network; 0: no limit */
	uint32_t connect_rate; /* a minute, of one address; 0: no limit */
};

struct admission {
	struct tally count[ADMISSION_STEPS];
	struct pace pace[ADMISSION_STEPS];
};

/* Prepare counts without connections. The key is copied. */
void admission_init(struct admission *, const unsigned char key[SIPHASH_KEY]);
/* Free it. Return how many addresses and networks still have connections. */
size_t admission_fini(struct admission *);

/* Count a connection. */
void admission_add(struct admission *, const struct addr *);
/* Stop counting a connection. Invariant: it was added. */
void admission_del(struct admission *, const struct addr *);

/*
 * Decide about a connection that has been added. Return the reason if it is
 * refused, a static text. Otherwise charge it to the rates, and return an empty
 * span.
 */
struct span admission_judge(struct admission *, const struct addr *,
    const struct admission_limits *, struct mono now);

#endif
