/*
 * OpenSSL reads and writes a non-blocking socket itself. It verifies no
 * certificate: the callback that replaces its chain building accepts any. The
 * role of the context demands that the peer of a link shows a certificate; the
 * owner checks by its pin whose it is. A server that is foreign to this network
 * has no pin: its certificate is verified (TLS_NAMED).
 *
 * Small buffers come gathered, as much as fits into one record. After a write
 * that would block, OpenSSL wants the same bytes again, but accepts another
 * address. The queue only grows at its end, so the bytes are the same.
 *
 * A peer may renew its keys as often as it likes. OpenSSL would renew them
 * within one call for as long as such messages arrive, and each costs us more
 * than a short line. Therefore OpenSSL returns after each message of that kind
 * (SSL_MODE_AUTO_RETRY is off), the messages are counted, and a peer that sends
 * far more of them than it needs is closed. TLS asks for a new key only after
 * 2^24 records.
 *
 * Some messages OpenSSL answers within a call and does not show us, for example
 * attempts to renegotiate in TLS 1.2. The bytes that one call may take from the
 * socket bound them.
 *
 * Buffers of an idle connection are freed (SSL_MODE_RELEASE_BUFFERS). Sessions
 * are not resumed: a resumed session shows no certificate. A client gets one
 * ticket all the same, as most servers send some: a client that is told that
 * the socket is readable after its handshake may take it for the beginning of a
 * line, or wait for it (epic5). It is the number of a session that no cache
 * keeps (SSL_OP_NO_TICKET), so a client that comes back with it shakes hands
 * anew.
 */
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/allowance.h"
#include "net/tls_ctx.h"
#include "net/transport.h"

#define RECORD_MAX 16384	     /* RFC 8446, section 5.1 */
#define CERT_LIST_MAX (32 * 1024)    /* bytes a peer may show us */
#define RAW_MAX ((size_t)256 * 1024) /* bytes from the socket in one call */

static const unsigned char alpn_irc[] = { 3, 'i', 'r', 'c' };
static const unsigned char alpn_http[] = { 8, 'h', 't', 't', 'p', '/', '1', '.',
	'1' };

struct tls_layer {
	SSL *ssl;
	bool http;		  /* a client agrees on HTTP, not on IRC */
	unsigned int controls;	  /* messages since they were last looked at */
	struct allowance allowed; /* of these messages */
	size_t raw;		  /* bytes that this call may still take */
};

/*
 * Return the oldest error of this thread in words, and empty OpenSSL's queue.
 */
static const char *
why_failed(void)
{
	unsigned long e = ERR_get_error();
	const char *text;

	ERR_clear_error();
	if (ERR_SYSTEM_ERROR(e))
		return strerror(ERR_GET_REASON(e));
	text = ERR_reason_error_string(e);
	return text != NULL ? text : "unknown error";
}

static void
explain(char why[TLS_WHY_LEN], const char *what)
{
	const char *reason = why_failed();

	snprintf(why, TLS_WHY_LEN, "%s: %s", what, reason);
}

static bool
pin_of(const X509 *cert, unsigned char pin[TLS_PIN_LEN])
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	bool ok;

	if (n <= 0)
		return false;
	ok = EVP_Digest(der, (size_t)n, pin, NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_free(der);
	return ok;
}

/* Refuse a key with a passphrase: OpenSSL would ask for it at the terminal. */
static int
no_passphrase(char *buf, int size, int rwflag, void *u)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)u;
	return -1;
}

static int
accept_any(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

/*
 * Refuse a client that offers no protocol of ours (RFC 7301, section 3.2, calls
 * that fatal). So a browser that a page sends here cannot speak HTTP to us,
 * unless it is for WebSocket.
 */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *outlen,
    const unsigned char *in, unsigned int inlen, void *arg)
{
	const struct tls_layer *t = SSL_get_app_data(ssl);
	const unsigned char *own = t->http ? alpn_http : alpn_irc;
	unsigned int n = 1u + own[0];

	(void)arg;
	for (unsigned int i = 0; i < inlen; i += 1u + in[i]) {
		if (inlen - i >= n && memcmp(in + i, own, n) == 0) {
			*out = in + i + 1;
			*outlen = in[i];
			return SSL_TLSEXT_ERR_OK;
		}
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool
set_policy(SSL_CTX *ssl, enum tls_role role)
{
	bool link = role == TLS_LINK_ACCEPT || role == TLS_LINK_DIAL;
	int mode = SSL_VERIFY_PEER;

	if (link)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	else if (role == TLS_CLIENTS)
		SSL_CTX_set_alpn_select_cb(ssl, choose_protocol, NULL);
	SSL_CTX_set_verify(ssl, mode, NULL);
	if (role != TLS_NAMED)
		SSL_CTX_set_cert_verify_callback(ssl, accept_any, NULL);
	SSL_CTX_set_security_level(ssl, 2);
	SSL_CTX_set_max_cert_list(ssl, CERT_LIST_MAX);
	SSL_CTX_set_options(ssl,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
		SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
		SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS |
				  SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ssl, 1);
	SSL_CTX_set_default_passwd_cb(ssl, no_passphrase);
	return SSL_CTX_set_num_tickets(ssl, role == TLS_CLIENTS ? 1 : 0) == 1 &&
	       SSL_CTX_set_min_proto_version(ssl,
		   link ? TLS1_3_VERSION : TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ssl,
		   "ECDHE+CHACHA20:ECDHE+AESGCM:!aNULL") == 1 &&
	       SSL_CTX_set1_groups_list(ssl, "X25519:P-256:P-384") == 1;
}

static bool
load_files(struct tls_ctx *ctx, const char *certfile, const char *keyfile,
    char why[TLS_WHY_LEN])
{
	if (SSL_CTX_use_certificate_chain_file(ctx->ssl, certfile) != 1) {
		explain(why, certfile);
		return false;
	}
	if (SSL_CTX_use_PrivateKey_file(ctx->ssl, keyfile, SSL_FILETYPE_PEM) !=
		1 ||
	    SSL_CTX_check_private_key(ctx->ssl) != 1) {
		explain(why, keyfile);
		return false;
	}
	return true;
}

/* Make a context without certificates. Return NULL and fill in why on failure.
 */
static struct tls_ctx *
make(enum tls_role role, char why[TLS_WHY_LEN])
{
	struct tls_ctx *ctx = mem_zalloc(sizeof(*ctx));
	bool dials = role == TLS_LINK_DIAL || role == TLS_NAMED;

	ERR_clear_error();
	ctx->role = role;
	ctx->ssl =
	    SSL_CTX_new(dials ? TLS_client_method() : TLS_server_method());
	if (ctx->ssl != NULL && set_policy(ctx->ssl, role))
		return ctx;
	explain(why, "OpenSSL");
	tls_ctx_free(ctx);
	return NULL;
}

struct tls_ctx *
tls_ctx_new(enum tls_role role, const char *certfile, const char *keyfile,
    char why[TLS_WHY_LEN])
{
	struct tls_ctx *ctx = make(role, why);

	if (ctx == NULL || load_files(ctx, certfile, keyfile, why))
		return ctx;
	tls_ctx_free(ctx);
	return NULL;
}

struct tls_ctx *
tls_ctx_named(const char *cafile, char why[TLS_WHY_LEN])
{
	struct tls_ctx *ctx = make(TLS_NAMED, why);
	int ok;

	if (ctx == NULL)
		return NULL;
	if (cafile != NULL)
		ok = SSL_CTX_load_verify_file(ctx->ssl, cafile);
	else
		ok = SSL_CTX_set_default_verify_paths(ctx->ssl);
	if (ok == 1)
		return ctx;
	explain(why, cafile != NULL ? cafile : "OpenSSL");
	tls_ctx_free(ctx);
	return NULL;
}

/* Return false and fill in why if the certificate is not valid now. */
static bool
in_time(const X509 *cert, const char *name, char why[TLS_WHY_LEN])
{
	const ASN1_TIME *from = X509_get0_notBefore(cert);
	const ASN1_TIME *to = X509_get0_notAfter(cert);
	bool early = X509_cmp_current_time(from) > 0;
	struct tm tm;

	if (!early && X509_cmp_current_time(to) > 0)
		return true;
	if (ASN1_TIME_to_tm(early ? from : to, &tm) != 1)
		snprintf(why, TLS_WHY_LEN, "%s has no valid dates", name);
	else
		snprintf(why, TLS_WHY_LEN, "%s %s %04d-%02d-%02d", name,
		    early ? "is not valid before" : "expired on",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	return false;
}

bool
tls_ctx_in_time(const struct tls_ctx *ctx, char why[TLS_WHY_LEN])
{
	const X509 *cert = SSL_CTX_get0_certificate(ctx->ssl);
	STACK_OF(X509) *chain = NULL;

	if (cert != NULL && !in_time(cert, "the certificate", why))
		return false;
	if (SSL_CTX_get0_chain_certs(ctx->ssl, &chain) != 1)
		return true;
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (!in_time(sk_X509_value(chain, i),
			"a certificate of the chain", why))
			return false;
	return true;
}

static int
days_left(const X509 *cert)
{
	int days = 0, seconds = 0;

	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) !=
		1 ||
	    days < 0)
		return 0;
	return days;
}

int
tls_ctx_days_left(const struct tls_ctx *ctx)
{
	const X509 *cert = SSL_CTX_get0_certificate(ctx->ssl);
	STACK_OF(X509) *chain = NULL;
	int least = cert == NULL ? INT_MAX : days_left(cert), days;

	if (SSL_CTX_get0_chain_certs(ctx->ssl, &chain) != 1)
		return least;
	for (int i = 0; i < sk_X509_num(chain); i++) {
		days = days_left(sk_X509_value(chain, i));
		least = days < least ? days : least;
	}
	return least;
}

bool
tls_ctx_has_name(const struct tls_ctx *ctx, const char *name)
{
	X509 *cert = SSL_CTX_get0_certificate(ctx->ssl);

	return cert != NULL && X509_check_host(cert, name, 0, 0, NULL) == 1;
}

bool
tls_ctx_pin(const struct tls_ctx *ctx, unsigned char pin[TLS_PIN_LEN])
{
	const X509 *cert = SSL_CTX_get0_certificate(ctx->ssl);

	return cert != NULL && pin_of(cert, pin);
}

void
tls_ctx_free(struct tls_ctx *ctx)
{
	if (ctx == NULL)
		return;
	SSL_CTX_free(ctx->ssl);
	free(ctx);
}

bool
tls_file_pin(const char *certfile, unsigned char pin[TLS_PIN_LEN],
    char why[TLS_WHY_LEN])
{
	X509 *cert = NULL;
	BIO *bio;
	bool ok;

	ERR_clear_error();
	bio = BIO_new_file(certfile, "r");
	if (bio != NULL)
		cert = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
	ok = cert != NULL && pin_of(cert, pin);
	if (!ok)
		explain(why, certfile);
	X509_free(cert);
	BIO_free(bio);
	return ok;
}

static void
on_message(int sent, int version, int type, const void *buf, size_t n, SSL *ssl,
    void *arg)
{
	struct tls_layer *t = arg;

	(void)version;
	(void)buf;
	(void)n;
	(void)ssl;
	/* An alert that we send refuses a renegotiation, or is the end. */
	if (type == (sent ? SSL3_RT_ALERT : SSL3_RT_HANDSHAKE))
		t->controls++;
}

/* OpenSSL calls this before a read of the socket and after it. */
static long
on_raw(BIO *bio, int op, const char *buf, size_t len, int argi, long argl,
    int ret, size_t *n)
{
	struct tls_layer *t = (void *)BIO_get_callback_arg(bio);

	(void)buf;
	(void)len;
	(void)argi;
	(void)argl;
	if (op == BIO_CB_READ && t->raw == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if (op == (BIO_CB_READ | BIO_CB_RETURN) && ret > 0)
		t->raw -= *n < t->raw ? *n : t->raw;
	return ret;
}

/* Return true if more messages came than the peer may send. */
static bool
is_flood(struct tls_layer *t)
{
	unsigned int n = t->controls;

	t->controls = 0;
	return allowance_is_spent(&t->allowed, n);
}

/* Let the certificate be for the name, which may be an address: there is no SNI
 * of an address (RFC 6066, section 3). */
static bool
demand_name(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1)
		return true;
	ERR_clear_error();
	return SSL_set1_host(ssl, name) == 1 &&
	       SSL_set_tlsext_host_name(ssl, name) == 1;
}

static bool
set_name(SSL *ssl, enum tls_role role, const char *name)
{
	if (role == TLS_NAMED)
		return name != NULL && demand_name(ssl, name);
	return name == NULL || SSL_set_tlsext_host_name(ssl, name) == 1;
}

void *
tls_layer_new(const struct tls_ctx *ctx, int fd, const char *name)
{
	struct tls_layer *t = mem_zalloc(sizeof(*t));

	t->ssl = SSL_new(ctx->ssl);
	if (t->ssl == NULL || SSL_set_fd(t->ssl, fd) != 1 ||
	    !set_name(t->ssl, ctx->role, name)) {
		SSL_free(t->ssl);
		free(t);
		return NULL;
	}
	SSL_set_app_data(t->ssl, t);
	SSL_set_msg_callback(t->ssl, on_message);
	SSL_set_msg_callback_arg(t->ssl, t);
	BIO_set_callback_ex(SSL_get_rbio(t->ssl), on_raw);
	BIO_set_callback_arg(SSL_get_rbio(t->ssl), (char *)t);
	if (ctx->role == TLS_LINK_DIAL || ctx->role == TLS_NAMED)
		SSL_set_connect_state(t->ssl);
	else
		SSL_set_accept_state(t->ssl);
	return t;
}

void
tls_layer_carry_http(void *layer)
{
	struct tls_layer *t = layer;

	t->http = true;
	SSL_set_verify(t->ssl, SSL_VERIFY_NONE, NULL);
}

static bool
tls_info(void *layer, struct tls_info *info)
{
	SSL *ssl = ((struct tls_layer *)layer)->ssl;
	X509 *cert = SSL_get0_peer_certificate(ssl);
	const char *asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	memset(info, 0, sizeof(*info));
	if (asked != NULL)
		snprintf(info->asked, sizeof(info->asked), "%s", asked);
	snprintf(info->version, sizeof(info->version), "%s",
	    SSL_get_version(ssl));
	snprintf(info->cipher, sizeof(info->cipher), "%s",
	    SSL_get_cipher_name(ssl));
	info->has_pin = cert != NULL && pin_of(cert, info->pin);
	return true;
}

/*
 * Translate the result of a call that returned ret <= 0. err is errno right
 * after the call.
 */
static int
verdict(SSL *ssl, int ret, int err, struct fault *f)
{
	switch (SSL_get_error(ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		return IO_WAIT_READ;
	case SSL_ERROR_WANT_WRITE:
		return IO_WAIT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return IO_EOF;
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		if (err == 0)
			return IO_EOF;
		fault_set_errno(f, STREAM_BROKEN, err);
		return IO_FAILED;
	default:
		f->end = STREAM_TLS;
		snprintf(f->why, sizeof(f->why), "%s", why_failed());
		return IO_FAILED;
	}
}

static int
tls_setup(void *layer, int fd, struct fault *f)
{
	struct tls_layer *t = layer;
	SSL *ssl = t->ssl;
	int ret;

	(void)fd;
	ERR_clear_error();
	errno = 0;
	t->raw = RAW_MAX;
	ret = SSL_do_handshake(ssl);
	t->controls = 0;
	if (ret == 1)
		return IO_DONE;
	ret = verdict(ssl, ret, errno, f);
	if (ret == IO_EOF) {
		f->end = STREAM_TLS;
		snprintf(f->why, sizeof(f->why),
		    "closed by the other side during the handshake");
		return IO_FAILED;
	}
	return ret;
}

static ssize_t
tls_read(void *layer, int fd, void *p, size_t n, bool *more, struct fault *f)
{
	struct tls_layer *t = layer;
	SSL *ssl = t->ssl;
	size_t got = 0;
	int want, ret = 1, err = 0;

	(void)fd;
	t->raw = RAW_MAX;
	while (got < n) {
		want = n - got > RECORD_MAX ? RECORD_MAX : (int)(n - got);
		ERR_clear_error();
		errno = 0;
		ret = SSL_read(ssl, (char *)p + got, want);
		err = errno;
		if (t->controls > 0) {
			if (is_flood(t)) {
				f->end = STREAM_TLS;
				snprintf(f->why, sizeof(f->why),
				    "too many key updates");
				return IO_FAILED;
			}
			if (ret <= 0 &&
			    SSL_get_error(ssl, ret) == SSL_ERROR_WANT_READ)
				continue;
		}
		if (ret <= 0)
			break;
		got += (size_t)ret;
	}
	*more = got > 0;
	if (ret > 0)
		return (ssize_t)got;
	ret = verdict(ssl, ret, err, f);
	if (got == 0)
		return ret;
	/* The next call reports the end or the fault again. */
	*more = ret != IO_WAIT_READ;
	return (ssize_t)got;
}

static ssize_t
tls_write(void *layer, int fd, const void *p, size_t n, struct fault *f)
{
	SSL *ssl = ((struct tls_layer *)layer)->ssl;
	int ret;

	(void)fd;
	ERR_clear_error();
	errno = 0;
	ret = SSL_write(ssl, p, n > RECORD_MAX ? RECORD_MAX : (int)n);
	if (ret > 0)
		return ret;
	ret = verdict(ssl, ret, errno, f);
	if (ret == IO_EOF) {
		fault_set_errno(f, STREAM_BROKEN, ECONNRESET);
		return IO_FAILED;
	}
	return ret;
}

static void
tls_finish(void *layer, int fd)
{
	(void)fd;
	ERR_clear_error();
	SSL_shutdown(((struct tls_layer *)layer)->ssl);
	ERR_clear_error();
}

static void
tls_free(void *layer)
{
	struct tls_layer *t = layer;

	SSL_free(t->ssl);
	free(t);
}

const struct transport_ops transport_tls = {
	.burst = RECORD_MAX,
	.setup = tls_setup,
	.read = tls_read,
	.write = tls_write,
	.finish = tls_finish,
	.tls_info = tls_info,
	.free = tls_free,
};
