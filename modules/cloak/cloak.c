/*
 * Cloaks: others see a hash in the place of a user's address, or of the first
 * part of the name of its host (UnrealIRCd and InspIRCd "cloak").
 *
 *	192.0.2.7		HASH(192.0.2.7).HASH(192.0.2).HASH(192.0).ip
 *	2001:db8:1:2::3		HASH(all 128 bits).HASH(/64).HASH(/48).ip
 *	a-1.pool.example.net	HASH(the name).pool.example.net
 *
 * So a mask can still hit one user, a network, or a provider. The hash has a
 * key that is the same on all servers of a network (base/keyed.h). Labels with
 * digits are not kept, since providers write addresses into them.
 *
 * A mask that was set under a former key matches users, too, while that key is
 * in the configuration.
 */
#include "core/module.h"

#include "base/ascii.h"
#include "base/keyed.h"
#include "core/cmd/cmd.h"

enum { KEY, OLD_KEY, OLDER_KEY, MAY_SHOW };

#define KEY_BYTES 32, KEYED_MAX

static const struct option_row options[] = {
	[KEY] = { "key", OPTION_IS_WORD, KEY_BYTES, 0,
	    "The secret of the cloaks, the same on all servers. Without it "
	    "nobody is cloaked.",
	    NULL },
	[OLD_KEY] = { "old_key", OPTION_IS_WORD, KEY_BYTES, 0,
	    "The key before it: masks of its cloaks still match.", NULL },
	[OLDER_KEY] = { "older_key", OPTION_IS_WORD, KEY_BYTES, 0,
	    "The key before the old one.", NULL },
	[MAY_SHOW] = { "may_show", OPTION_IS_BOOL, 0, 0, 0,
	    "Whether users may take mode +x off, and so show their host to "
	    "all.",
	    NULL },
};

/* ---- hashes ------------------------------------------------------------- */

#define LETTERS 10   /* of a hash: 50 bits */
#define LABELS_MAX 3 /* that are kept of a name */

/* Write the hash of the text as letters. The word says what the text is, so
 * that equal texts of two kinds have other hashes. */
static void
put_hash(struct writer *w, struct span key, const char *word, struct span text)
{
	unsigned char hash[KEYED_HASH];
	char buf[128];
	struct writer v;
	unsigned bits = 0, n = 0;

	writer_init(&v, buf, sizeof(buf));
	writer_str(&v, word);
	writer_char(&v, ' ');
	writer_span(&v, span_head(text, 100));
	keyed_hash(hash, key, writer_done(&v));
	for (size_t i = 0, k = 0; i < LETTERS; i++) {
		if (n < 5) {
			bits = bits << 8 | hash[k++];
			n += 8;
		}
		n -= 5;
		writer_char(w,
		    "abcdefghijklmnopqrstuvwxyz234567"[bits >> n & 31]);
	}
}

/* ---- addresses ---------------------------------------------------------- */

/* Write a hash of each of these prefixes of the address, in bytes. */
static void
put_prefixes(struct writer *w, struct span key, struct span bytes,
    const unsigned char prefix[3])
{
	for (unsigned i = 0; i < 3; i++) {
		put_hash(w, key,
		    i == 0   ? "a"
		    : i == 1 ? "b"
			     : "c",
		    span_head(bytes, prefix[i]));
		writer_char(w, '.');
	}
	writer_str(w, "ip");
}

static void
put_address(struct writer *w, struct span key, const struct addr *a)
{
	struct span bytes = span_make(a->b, sizeof(a->b));

	if (addr_is_v4(a))
		put_prefixes(w, key, span_tail(bytes, 12),
		    (const unsigned char[]){ 4, 3, 2 });
	else
		put_prefixes(w, key, bytes,
		    (const unsigned char[]){ 16, 8, 6 });
}

/* ---- names -------------------------------------------------------------- */

static bool
has_digit(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_digit(s.p[i]))
			return true;
	return false;
}

/* Return the place of the last dot before `end`, or `end` if there is none. */
static size_t
dot_before(struct span name, size_t end)
{
	for (size_t i = end; i-- > 0;)
		if (name.p[i] == '.')
			return i;
	return end;
}

/* Return the end of the name that is kept, with the dot before it: at most
 * three labels without digits, and never the first label. */
static struct span
kept_of(struct span name, size_t max)
{
	size_t at = name.n, dot;

	for (unsigned i = 0; i < LABELS_MAX; i++) {
		dot = dot_before(name, at);
		if (dot == at || name.n - dot > max ||
		    has_digit(span_head(span_tail(name, dot), at - dot)))
			break;
		at = dot;
	}
	return span_tail(name, at);
}

static void
put_name(struct writer *w, struct span key, const struct hosting *x)
{
	put_hash(w, key, "name", x->host);
	writer_span(w, kept_of(x->host, x->settings->host_len - LETTERS));
}

/* ---- the rows ----------------------------------------------------------- */

static void
put_cloak(struct writer *w, struct span key, const struct hosting *x)
{
	if (x->is_name)
		put_name(w, key, x);
	else
		put_address(w, key, &x->addr);
}

static void
host(struct writer *w, const struct hosting *x)
{
	struct span key = settings_word(x->settings, &options[KEY]);

	if (key.n > 0)
		put_cloak(w, key, x);
}

static void
also(struct writer *w, const struct hosting *x)
{
	struct span key;

	for (unsigned i = OLD_KEY; i <= OLDER_KEY; i++) {
		key = settings_word(x->settings, &options[i]);
		if (key.n == 0)
			continue;
		put_cloak(w, key, x);
		writer_char(w, ' ');
	}
}

static const struct user_mode_row mode = {
	.letter = 'x',
	.name = "cloaked",
	.field = "mode/cloaked",
	.what = "others see a cloak in the place of the host",
};

static bool
may_show(const struct settings *s)
{
	return settings_option(s, &options[MAY_SHOW]) != 0;
}

static const struct host_row hook = {
	.host = host,
	.also = also,
	.mode = &mode,
	.may_show = may_show,
};

static const struct rows rows = {
	.of = "cloak",
	.option = options,
	.noption = sizeof(options) / sizeof(options[0]),
	.user_mode = &mode,
	.nuser_mode = 1,
	.host = &hook,
	.nhost = 1,
};

MODULE(cloak) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "cloak",
	.version = "1",
	.purpose = "hides the addresses and hosts of users behind hashes",
	.rows = &rows,
};
