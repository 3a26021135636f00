#include "net/tls_make.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SERIAL_BYTES 16

static bool
set_serial(X509 *cert)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *n = NULL;
	bool ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] &= 0x7f; /* positive, RFC 5280, 4.1.2.2 */
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = n != NULL &&
	     BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;
	BN_free(n);
	return ok;
}

static bool
add_extension(X509 *cert, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *x;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	x = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = x != NULL && X509_add_ext(cert, x, -1) == 1;
	X509_EXTENSION_free(x);
	return ok;
}

static bool
fill(X509 *cert, EVP_PKEY *key, const char *name, int days)
{
	X509_NAME *subject = X509_get_subject_name(cert);
	char alt[300];

	(void)snprintf(alt, sizeof(alt), "DNS:%s", name);
	return X509_set_version(cert, X509_VERSION_3) == 1 &&
	       set_serial(cert) &&
	       X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL &&
	       X509_time_adj_ex(X509_getm_notAfter(cert), days, 0, NULL) !=
		   NULL &&
	       X509_set_pubkey(cert, key) == 1 &&
	       X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
		   (const unsigned char *)name, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(cert, subject) == 1 &&
	       add_extension(cert, NID_basic_constraints, "CA:FALSE") &&
	       add_extension(cert, NID_subject_alt_name, alt) &&
	       X509_sign(cert, key, EVP_sha256()) > 0;
}

/* Return the text in a BIO, or NULL. The caller frees it. */
static char *
text_of(BIO *bio, int ok)
{
	char *data, *text;
	long n;

	if (ok != 1 || (n = BIO_get_mem_data(bio, &data)) <= 0)
		return NULL;
	text = mem_zalloc((size_t)n + 1);
	memcpy(text, data, (size_t)n);
	return text;
}

static bool
write_pem(X509 *cert, EVP_PKEY *key, struct tls_pem *pem)
{
	BIO *c = BIO_new(BIO_s_mem()), *k = BIO_new(BIO_s_secmem());

	if (c != NULL && k != NULL) {
		pem->certificate = text_of(c, PEM_write_bio_X509(c, cert));
		pem->key = text_of(k, PEM_write_bio_PrivateKey(k, key, NULL,
					  NULL, 0, NULL, NULL));
	}
	BIO_free(c);
	BIO_free(k);
	return pem->certificate != NULL && pem->key != NULL;
}

bool
tls_make(const char *name, int days, struct tls_pem *pem, char why[TLS_WHY_LEN])
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	bool ok;

	*pem = (struct tls_pem){ NULL, NULL };
	ERR_clear_error();
	ok = key != NULL && cert != NULL && fill(cert, key, name, days) &&
	     write_pem(cert, key, pem);
	if (!ok) {
		ERR_error_string_n(ERR_get_error(), why, TLS_WHY_LEN);
		tls_pem_free(pem);
	}
	X509_free(cert);
	EVP_PKEY_free(key);
	return ok;
}

void
tls_pem_free(struct tls_pem *pem)
{
	if (pem->key != NULL)
		OPENSSL_cleanse(pem->key, strlen(pem->key));
	free(pem->key);
	free(pem->certificate);
	*pem = (struct tls_pem){ NULL, NULL };
}
