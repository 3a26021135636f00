/*
 * tls_make.h - makes a key and a certificate that is signed by itself, for the
 * first start of a server.
 */
#ifndef NET_TLS_MAKE_H
#define NET_TLS_MAKE_H

#include <stdbool.h>

#include "net/tls.h"

struct tls_pem {
	char *certificate, *key; /* PEM, with a NUL at the end */
};

/*
 * Make a key on P-256 and a certificate for the name, which is valid for that
 * many days. The caller frees the result with tls_pem_free. Return false on
 * failure; why then says what OpenSSL says.
 */
bool tls_make(const char *name, int days, struct tls_pem *,
    char why[TLS_WHY_LEN]);
/* Wipe the key, and free both. */
void tls_pem_free(struct tls_pem *);

#endif
