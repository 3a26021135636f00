/*
 * TLS by OpenSSL: contexts, and the layer of a stream that uses one. This layer
 * does not decide who a peer is: it asks for a certificate and accepts any. The
 * owner compares the pin after the handshake, and can then say in words what is
 * wrong. (A refusal inside the handshake would reach the peer only as "unknown
 * ca".) A server of somebody else, such as a broker, is the exception: its
 * certificate must be for its name or address, by an authority.
 *
 *	               version   asks for a certificate    ALPN
 *	clients        1.2, 1.3  yes, may be absent        irc; under
 *	                                                   WebSocket http/1.1
 *	link, both     1.3       yes, must be there        -
 *	named          1.2, 1.3  yes, is verified          -
 *
 * There is no renegotiation and no resumption; clients of TLS 1.3 get one
 * ticket, which is good for nothing. New certificates need a new context;
 * streams keep the context that they began with.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

#define TLS_PIN_LEN 32 /* SHA-256 of the SubjectPublicKeyInfo, DER */
#define TLS_WHY_LEN 256

enum tls_role {
	TLS_CLIENTS,	 /* accepts clients */
	TLS_LINK_ACCEPT, /* accepts a linked server */
	TLS_LINK_DIAL,	 /* dials a linked server */
	TLS_NAMED	 /* dials a server that an authority vouches for */
};

struct tls_ctx;

struct tls_info {
	char version[16]; /* "TLSv1.3" */
	char cipher[48];  /* "TLS_AES_256_GCM_SHA384" */
	char asked[256];  /* the host name that it asked for (SNI), or "" */
	bool has_pin;	  /* the peer has shown a certificate */
	unsigned char pin[TLS_PIN_LEN];
};

/*
 * Make a context with the certificate chain and the key of two PEM files; one
 * file may hold both. The caller frees it with tls_ctx_free. Return NULL on
 * failure; why then says what is wrong with which file.
 */
struct tls_ctx *tls_ctx_new(enum tls_role role, const char *certfile,
    const char *keyfile, char why[TLS_WHY_LEN]);

/*
 * Make a context of the role TLS_NAMED. cafile has the certificates of the
 * authorities; NULL: those of the system. Its streams need a name or address of
 * the server (net/dial.h). The caller frees it with tls_ctx_free. Return NULL
 * on failure; why then says what is wrong with the file.
 */
struct tls_ctx *tls_ctx_named(const char *cafile, char why[TLS_WHY_LEN]);

/* Free ctx, which may be NULL. Streams that were made with it live on. */
void tls_ctx_free(struct tls_ctx *ctx);

/*
 * Check that the certificates of a context are valid at this moment. Return
 * false and fill in why if one is not; the caller names its file.
 */
bool tls_ctx_in_time(const struct tls_ctx *ctx, char why[TLS_WHY_LEN]);

/* Return in how many whole days the first of the certificates of a context
 * ends: 0 on the last day and after it; INT_MAX if there is none. */
int tls_ctx_days_left(const struct tls_ctx *ctx);

/* Return true if the certificate of a context is for that name. */
bool tls_ctx_has_name(const struct tls_ctx *ctx, const char *name);

/* Get the pin of the certificate of a context. Return false if it has none. */
bool tls_ctx_pin(const struct tls_ctx *ctx, unsigned char pin[TLS_PIN_LEN]);

/*
 * Signatures by the key of a context, and those of others: for what does not
 * come over a connection of TLS.
 *
 * tls_ctx_spki writes the public key (SubjectPublicKeyInfo, DER) and returns
 * its length, or 0 if it does not fit or there is none. tls_ctx_sign does so
 * with a signature of the text. tls_signed returns true if the pin is that of
 * the key spki, and the signature of the text is by that key; all spans may be
 * a stranger's.
 */
size_t tls_ctx_spki(const struct tls_ctx *ctx, unsigned char *out, size_t max);
size_t tls_ctx_sign(const struct tls_ctx *ctx, struct span text,
    unsigned char *out, size_t max);
bool tls_signed(const unsigned char pin[TLS_PIN_LEN], struct span spki,
    struct span text, struct span signature);

/*
 * Compute the pin of the first certificate of a PEM file, which is the one that
 * a peer will see. Return false on failure; why then says what is wrong.
 */
bool tls_file_pin(const char *certfile, unsigned char pin[TLS_PIN_LEN],
    char why[TLS_WHY_LEN]);

#endif
