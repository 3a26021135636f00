/*
 * Ed25519 and Ed448 sign a text as it is, the other kinds of keys its SHA-256;
 * RSA does so by RSASSA-PSS (RFC 8017, 8.1), as in TLS 1.3.
 */
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <string.h>

#include "net/tls_ctx.h"

size_t
tls_ctx_spki(const struct tls_ctx *ctx, unsigned char *out, size_t max)
{
	const X509 *cert = SSL_CTX_get0_certificate(ctx->ssl);
	unsigned char *der = NULL;
	int n = cert != NULL ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der)
			     : 0;
	size_t got = n > 0 && (size_t)n <= max ? (size_t)n : 0;

	if (got > 0)
		memcpy(out, der, got);
	OPENSSL_free(der);
	ERR_clear_error();
	return got;
}

static const EVP_MD *
hash_of(const EVP_PKEY *key)
{
	int id = EVP_PKEY_get_base_id(key);

	return id == EVP_PKEY_ED25519 || id == EVP_PKEY_ED448 ? NULL
							      : EVP_sha256();
}

/* Choose how the key signs; how belongs to the context of a signature. */
static bool
set_scheme(EVP_PKEY_CTX *how, const EVP_PKEY *key)
{
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) ==
		   1;
}

static const unsigned char *
bytes_of(struct span s)
{
	return (const unsigned char *)(s.p != NULL ? s.p : "");
}

size_t
tls_ctx_sign(const struct tls_ctx *ctx, struct span text, unsigned char *out,
    size_t max)
{
	EVP_PKEY *key = SSL_CTX_get0_privatekey(ctx->ssl);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	size_t n = max;
	bool ok = key != NULL && md != NULL &&
		  EVP_DigestSignInit(md, &how, hash_of(key), NULL, key) == 1 &&
		  set_scheme(how, key) &&
		  EVP_DigestSign(md, out, &n, bytes_of(text), text.n) == 1;

	EVP_MD_CTX_free(md);
	ERR_clear_error();
	return ok ? n : 0;
}

static EVP_PKEY *
key_of(const unsigned char pin[TLS_PIN_LEN], struct span spki)
{
	const unsigned char *p = bytes_of(spki);
	unsigned char hash[TLS_PIN_LEN];
	EVP_PKEY *key;

	if (EVP_Digest(p, spki.n, hash, NULL, EVP_sha256(), NULL) != 1 ||
	    memcmp(hash, pin, TLS_PIN_LEN) != 0)
		return NULL;
	key = d2i_PUBKEY(NULL, &p, (long)spki.n);
	if (key != NULL && p == bytes_of(spki) + spki.n)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

bool
tls_signed(const unsigned char pin[TLS_PIN_LEN], struct span spki,
    struct span text, struct span signature)
{
	EVP_PKEY *key = key_of(pin, spki);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	bool ok =
	    key != NULL && md != NULL &&
	    EVP_DigestVerifyInit(md, &how, hash_of(key), NULL, key) == 1 &&
	    set_scheme(how, key) &&
	    EVP_DigestVerify(md, bytes_of(signature), signature.n,
		bytes_of(text), text.n) == 1;

	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok;
}
