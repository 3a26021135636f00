/*
 * TLS by OpenSSL: contexts, and the layer of a stream that uses one. Who a
 * peer is, is not decided here: certificates are asked for and accepted as
 * they are; the owner compares the pin after the handshake and can then say
 * in words what is wrong (a refusal inside the handshake would reach the
 * peer as "unknown ca" only).
 *
 *	               version   asks for a certificate    ALPN
 *	clients        1.2, 1.3  yes, may be absent        irc
 *	link, both     1.3       yes, must be there        -
 *
 * No renegotiation, no tickets, no resumption. New certificates are a new
 * context; streams keep the one they began with.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

#define TLS_PIN_LEN 32 /* SHA-256 of the SubjectPublicKeyInfo, DER */
#define TLS_WHY_LEN 256

enum tls_role {
	TLS_CLIENTS,	 /* accepts clients */
	TLS_LINK_ACCEPT, /* accepts a linked server */
	TLS_LINK_DIAL	 /* dials a linked server */
};

struct tls_ctx;

struct tls_info {
	char version[16]; /* "TLSv1.3" */
	char cipher[48];  /* "TLS_AES_256_GCM_SHA384" */
	bool has_pin;	  /* the peer has shown a certificate, and its key */
	unsigned char pin[TLS_PIN_LEN];
};

/*
 * A context with the certificate chain and the key of two PEM files (one
 * file may hold both). NULL on failure; why then says what is wrong with
 * which file.
 */
struct tls_ctx *tls_ctx_new(enum tls_role role, const char *certfile,
    const char *keyfile, char why[TLS_WHY_LEN]);

/* Streams made with it live on; NULL is allowed. */
void tls_ctx_free(struct tls_ctx *ctx);

/*
 * The pin of the first certificate of a PEM file, which is the one that a peer
 * will see; false: why as above.
 */
bool tls_file_pin(const char *certfile, unsigned char pin[TLS_PIN_LEN],
    char why[TLS_WHY_LEN]);

#endif
