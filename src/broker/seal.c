/*
 * All keys are made for one run of a bus and are forgotten with it. The secret
 * of X25519 is what makes the keys of a pair; a signature proves whose public
 * key it is (bus.c). So who learns the key of a server later cannot read what
 * was said before.
 *
 * Text is sealed once for all receivers, with a key that they all have. So each
 * of them could seal text in the name of the sender. Therefore each receiver
 * also gets a mac of its own: SipHash, with a key that only the two have, of a
 * hash of the text. The tag of Poly1305 would not do in the place of that hash:
 * whoever knows the key of a seal can make another text with the same tag.
 */
#include "broker/seal.h"

#include <sodium/crypto_aead_chacha20poly1305.h>
#include <sodium/crypto_scalarmult_curve25519.h>
#include <sodium/utils.h>
#include <string.h>

#include "base/keyed.h"
#include "base/writer.h"

_Static_assert(crypto_aead_chacha20poly1305_ietf_KEYBYTES == SEAL_KEY &&
		   crypto_aead_chacha20poly1305_ietf_ABYTES == SEAL_TAG &&
		   crypto_scalarmult_curve25519_BYTES == SEAL_KEY &&
		   KEYED_HASH == SEAL_KEY,
    "lengths of keys and tags");

#define NONCE crypto_aead_chacha20poly1305_ietf_NPUBBYTES

void
seal_derive(unsigned char out[SEAL_KEY], const unsigned char secret[SEAL_KEY],
    const char *use, uint64_t n)
{
	char text[64];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, use);
	writer_char(&w, ' ');
	writer_u64(&w, n);
	keyed_hash(out, span_make(secret, SEAL_KEY), writer_done(&w));
}

void
seal_public(const unsigned char secret[SEAL_KEY], unsigned char out[SEAL_KEY])
{
	(void)crypto_scalarmult_curve25519_base(out, secret);
}

bool
seal_agree(struct seal_pair *pair, const unsigned char secret[SEAL_KEY],
    const unsigned char peer[SEAL_KEY], struct span both, bool lesser)
{
	unsigned char shared[SEAL_KEY], root[SEAL_KEY];
	unsigned char up[SEAL_KEY], down[SEAL_KEY];

	if (crypto_scalarmult_curve25519(shared, secret, peer) != 0)
		return false;
	keyed_hash(root, span_make(shared, SEAL_KEY), both);
	/* "up" is what the lesser sid says */
	seal_derive(lesser ? pair->out : pair->in, root, "seal up", 0);
	seal_derive(lesser ? pair->in : pair->out, root, "seal down", 0);
	seal_derive(up, root, "mac up", 0);
	seal_derive(down, root, "mac down", 0);
	memcpy(lesser ? pair->mac_out : pair->mac_in, up, SIPHASH_KEY);
	memcpy(lesser ? pair->mac_in : pair->mac_out, down, SIPHASH_KEY);
	seal_wipe(shared, sizeof(shared));
	seal_wipe(root, sizeof(root));
	seal_wipe(up, sizeof(up));
	seal_wipe(down, sizeof(down));
	return true;
}

void
seal_hash(unsigned char out[SEAL_KEY], struct span text)
{
	keyed_hash(out, SPAN("banyan broker mac"), text);
}

static void
nonce_of(unsigned char nonce[NONCE], uint64_t counter)
{
	memset(nonce, 0, NONCE);
	for (size_t i = 0; i < 8; i++)
		nonce[i] = (unsigned char)(counter >> 8 * i & 0xff);
}

void
seal(unsigned char *p, size_t n, struct span head, uint64_t counter,
    const unsigned char key[SEAL_KEY])
{
	unsigned char nonce[NONCE];

	nonce_of(nonce, counter);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(p, NULL, p, n,
	    (const unsigned char *)head.p, head.n, NULL, nonce, key);
}

bool
seal_open(unsigned char *p, size_t n, struct span head, uint64_t counter,
    const unsigned char key[SEAL_KEY])
{
	unsigned char nonce[NONCE];

	if (n < SEAL_TAG)
		return false;
	nonce_of(nonce, counter);
	return crypto_aead_chacha20poly1305_ietf_decrypt(p, NULL, NULL, p, n,
		   (const unsigned char *)head.p, head.n, nonce, key) == 0;
}

void
seal_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}
