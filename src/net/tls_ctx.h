/* tls_ctx.h - the inside of a context of TLS; for the files tls*.c alone. */
#ifndef NET_TLS_CTX_H
#define NET_TLS_CTX_H

#include <openssl/ssl.h>

#include "net/tls.h"

struct tls_ctx {
	SSL_CTX *ssl;
	enum tls_role role;
};

#endif
