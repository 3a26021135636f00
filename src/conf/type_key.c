/*
 * The types that prove an identity: pins of peers, and verifiers of passwords.
 */
#include "conf/type.h"

#include <string.h>

/*
 * A verifier is $argon2id$v=19$m=65536,t=2,p=1$salt$hash, as libsodium writes
 * it. The bounds on m and t keep one comparison from occupying the worker
 * thread for minutes.
 */
#define VERIFIER_MAX 127
#define VERIFIER_KIB 1048576
#define VERIFIER_PASSES 64
#define SALT_MIN 11 /* letters of 8 bytes */
#define PIN_LEN 32  /* bytes */
#define HASH_LEN 43 /* letters of 32 bytes: libsodium always makes these */

static bool
cost_fits(struct span s, struct span name, uint64_t max)
{
	uint64_t v;

	return span_starts(s, name) && span_u64(span_tail(s, name.n), &v) &&
	       v > 0 && v <= max;
}

/* s is base64 without padding; no number of bytes has one letter more than a
 * multiple of four. */
static bool
is_base64(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
			   "yz0123456789+/",
			s.p[i], 64) == NULL)
			return false;
	return s.n % 4 != 1;
}

static bool
verifier_valid(struct span s)
{
	struct span cost, salt;

	if (s.n > VERIFIER_MAX || !span_starts(s, SPAN("$argon2id$v=19$")))
		return false;
	s = span_tail(s, strlen("$argon2id$v=19$"));
	cost = span_cut(&s, '$');
	if (!cost_fits(span_cut(&cost, ','), SPAN("m="), VERIFIER_KIB) ||
	    !cost_fits(span_cut(&cost, ','), SPAN("t="), VERIFIER_PASSES) ||
	    !cost_fits(cost, SPAN("p="), 1))
		return false;
	salt = span_cut(&s, '$');
	return salt.n >= SALT_MIN && is_base64(salt) && s.n == HASH_LEN &&
	       is_base64(s);
}

bool
type_load_verifier(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	if (g->kind != GIVEN_TEXT || !verifier_valid(g->text))
		return false;
	*(struct span *)value_at(obj, row) = arena_span_dup(a, g->text);
	return true;
}

static bool
pin_parse(const struct given *g, unsigned char pin[PIN_LEN])
{
	return g->kind == GIVEN_TEXT && span_hex(g->text, pin, PIN_LEN);
}

static void
pin_build(struct writer *w, const unsigned char pin[PIN_LEN])
{
	writer_char(w, '"');
	writer_hex(w, span_make(pin, PIN_LEN));
	writer_char(w, '"');
}

bool
type_load_pin(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct peer_settings *peer = obj;
	unsigned char pin[PIN_LEN];

	(void)row;
	(void)a;
	if (!pin_parse(g, pin))
		return false;
	memcpy(peer->pin, pin, sizeof(peer->pin));
	peer->has_pin = true;
	return true;
}

bool
type_build_pin(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct peer_settings *peer = obj;

	(void)row;
	if (peer->has_pin)
		pin_build(w, peer->pin);
	return peer->has_pin;
}

bool
type_load_oper_pin(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct oper_settings *oper = obj;
	unsigned char pin[PIN_LEN];

	(void)row;
	(void)a;
	if (!pin_parse(g, pin))
		return false;
	memcpy(oper->pin, pin, sizeof(oper->pin));
	oper->has_pin = true;
	return true;
}

bool
type_build_oper_pin(struct writer *w, const struct value_row *row,
    const void *obj)
{
	const struct oper_settings *oper = obj;

	(void)row;
	if (oper->has_pin)
		pin_build(w, oper->pin);
	return oper->has_pin;
}

bool
type_load_gateway_pin(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct gateway_settings *gateway = obj;
	unsigned char pin[PIN_LEN];

	(void)row;
	(void)a;
	if (!pin_parse(g, pin))
		return false;
	memcpy(gateway->pin, pin, sizeof(gateway->pin));
	gateway->has_pin = true;
	return true;
}

bool
type_build_gateway_pin(struct writer *w, const struct value_row *row,
    const void *obj)
{
	const struct gateway_settings *gateway = obj;

	(void)row;
	if (gateway->has_pin)
		pin_build(w, gateway->pin);
	return gateway->has_pin;
}

bool
type_load_gate_pin(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct gate_settings *gate = obj;
	unsigned char pin[PIN_LEN];

	(void)row;
	(void)a;
	if (!pin_parse(g, pin))
		return false;
	memcpy(gate->pin, pin, sizeof(gate->pin));
	gate->has_pin = true;
	return true;
}

bool
type_build_gate_pin(struct writer *w, const struct value_row *row,
    const void *obj)
{
	const struct gate_settings *gate = obj;

	(void)row;
	if (gate->has_pin)
		pin_build(w, gate->pin);
	return gate->has_pin;
}

bool
type_load_fingerprint(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct conf_pin *pin = value_at(obj, row);
	unsigned char v[PIN_LEN];

	(void)a;
	if (!pin_parse(g, v))
		return false;
	memcpy(pin->v, v, sizeof(pin->v));
	pin->given = true;
	return true;
}

bool
type_build_fingerprint(struct writer *w, const struct value_row *row,
    const void *obj)
{
	const struct conf_pin *pin = value_at_const(obj, row);

	if (pin->given)
		pin_build(w, pin->v);
	return pin->given;
}
