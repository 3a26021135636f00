/*
 * A value comes from two places, a setting and the default of a row, and both
 * are first brought into one form (struct given), so that a default passes
 * the same test as what is written in a file.
 */
#include "conf/value.h"

#include <string.h>

#include "base/invariant.h"
#include "conf/conf.h"
#include "core/ids.h"
#include "wire/name.h"
#include "wire/utf8.h"

enum given_kind { GIVEN_BOOL, GIVEN_NUM, GIVEN_TEXT, GIVEN_LIST, GIVEN_OTHER };

struct given {
	enum given_kind kind;
	int64_t num; /* of a bool too */
	struct span text;
	struct span file;	      /* where it stands; empty for defaults */
	const config_setting_t *list; /* list or array */
};

struct type {
	const char *expect;
	bool (*load)(const struct value_row *, const struct given *,
	    struct arena *, void *obj);
	bool (*build)(struct writer *, const struct value_row *,
	    const void *obj);
	const char *const *words; /* of a choice */
};

static void *
at(void *obj, const struct value_row *row)
{
	return (char *)obj + row->member;
}

static const void *
at_const(const void *obj, const struct value_row *row)
{
	return (const char *)obj + row->member;
}

static struct given
given_setting(const config_setting_t *s)
{
	struct given g = { .kind = GIVEN_OTHER };

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_BOOL:
		g.kind = GIVEN_BOOL;
		g.num = config_setting_get_bool(s);
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		g.kind = GIVEN_NUM;
		g.num = config_setting_get_int64(s);
		break;
	case CONFIG_TYPE_STRING:
		g.kind = GIVEN_TEXT;
		g.text = span_of(config_setting_get_string(s));
		break;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		g.kind = GIVEN_LIST;
		g.list = s;
		break;
	default:
		break;
	}
	return g;
}

static struct given
given_default(struct span text)
{
	struct given g = { .kind = GIVEN_OTHER };

	if (text.n >= 2 && text.p[0] == '"') {
		g.kind = GIVEN_TEXT;
		g.text = span_make(text.p + 1, text.n - 2);
	} else if (span_eq(text, SPAN("true")) ||
		   span_eq(text, SPAN("false"))) {
		g.kind = GIVEN_BOOL;
		g.num = text.n == 4;
	} else if (span_i64(text, &g.num)) {
		g.kind = GIVEN_NUM;
	}
	return g;
}

/* ---- numbers ------------------------------------------------------------ */

static bool
load_bool(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	(void)a;
	if (g->kind != GIVEN_BOOL)
		return false;
	*(bool *)at(obj, row) = g->num != 0;
	return true;
}

static bool
build_bool(struct writer *w, const struct value_row *row, const void *obj)
{
	writer_str(w, *(const bool *)at_const(obj, row) ? "true" : "false");
	return true;
}

static bool
num_fits(const struct value_row *row, const struct given *g)
{
	return g->kind == GIVEN_NUM && g->num >= row->min && g->num <= row->max;
}

static bool
load_num(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	(void)a;
	if (!num_fits(row, g))
		return false;
	*(uint32_t *)at(obj, row) = (uint32_t)g->num;
	return true;
}

static bool
build_num(struct writer *w, const struct value_row *row, const void *obj)
{
	writer_u64(w, *(const uint32_t *)at_const(obj, row));
	return true;
}

#define MIB (UINT64_C(1) << 20)

static bool
load_mib(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	(void)a;
	if (!num_fits(row, g))
		return false;
	*(uint64_t *)at(obj, row) = (uint64_t)g->num * MIB;
	return true;
}

static bool
build_mib(struct writer *w, const struct value_row *row, const void *obj)
{
	writer_u64(w, *(const uint64_t *)at_const(obj, row) / MIB);
	return true;
}

/* ---- texts -------------------------------------------------------------- */

static bool
text_fits(const struct value_row *row, const struct given *g)
{
	if (g->kind != GIVEN_TEXT || g->text.n < row->min ||
	    g->text.n > row->max || !utf8_valid(g->text))
		return false;
	for (size_t i = 0; i < g->text.n; i++)
		if ((unsigned char)g->text.p[i] < ' ' || g->text.p[i] == 0x7f)
			return false;
	return true;
}

static bool
load_text(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	if (!text_fits(row, g))
		return false;
	*(struct span *)at(obj, row) = arena_span_dup(a, g->text);
	return true;
}

static bool
build_text(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct span *s = at_const(obj, row);

	if (s->n == 0 && (row->dflt == NULL || row->min > 0))
		return false;
	value_build_text(w, *s);
	return true;
}

static bool
load_word(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	if (g->kind != GIVEN_TEXT || span_find(g->text, ' ') < g->text.n ||
	    (g->text.n > 0 && g->text.p[0] == ':'))
		return false;
	return load_text(row, g, a, obj);
}

/* The folder of a path with its last slash; empty when it has none. */
static struct span
folder_of(struct span path)
{
	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	return path;
}

static bool
load_path(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	struct span folder;
	struct writer w;

	if (!text_fits(row, g))
		return false;
	folder = folder_of(g->file);
	if (g->text.n == 0 || g->text.p[0] == '/')
		folder = SPAN_NONE;
	writer_init_arena(&w, a, folder.n + g->text.n + 1);
	writer_span(&w, folder);
	writer_span(&w, g->text);
	*(struct span *)at(obj, row) = arena_span_dup(a, writer_done(&w));
	return true;
}

static bool
load_server_name(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	if (g->kind != GIVEN_TEXT || !name_server_valid(g->text, row->max))
		return false;
	return load_text(row, g, a, obj);
}

static bool
load_sid(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	(void)a;
	return g->kind == GIVEN_TEXT && sid_parse(g->text, at(obj, row));
}

static bool
build_sid(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct sid *sid = at_const(obj, row);

	if (sid_is_none(*sid))
		return false;
	value_build_text(w, sid_span(sid));
	return true;
}

/*
 * $argon2id$v=19$m=65536,t=2,p=1$salt$hash, as libsodium writes it. The
 * bounds keep a verifier from occupying the hashing thread for good.
 */
#define VERIFIER_MAX 127
#define VERIFIER_KIB 1048576
#define VERIFIER_PASSES 64

static bool
cost_fits(struct span s, struct span name, uint64_t max)
{
	uint64_t v;

	return span_starts(s, name) && span_u64(span_tail(s, name.n), &v) &&
	       v > 0 && v <= max;
}

static bool
base64_only(struct span s, size_t min)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
			   "yz0123456789+/",
			s.p[i], 64) == NULL)
			return false;
	return s.n >= min;
}

static bool
verifier_valid(struct span s)
{
	struct span cost;

	if (s.n > VERIFIER_MAX || !span_starts(s, SPAN("$argon2id$v=19$")))
		return false;
	s = span_tail(s, strlen("$argon2id$v=19$"));
	cost = span_cut(&s, '$');
	if (!cost_fits(span_cut(&cost, ','), SPAN("m="), VERIFIER_KIB) ||
	    !cost_fits(span_cut(&cost, ','), SPAN("t="), VERIFIER_PASSES) ||
	    !cost_fits(cost, SPAN("p="), 1))
		return false;
	return base64_only(span_cut(&s, '$'), 11) && base64_only(s, 22);
}

static bool
load_verifier(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	if (g->kind != GIVEN_TEXT || !verifier_valid(g->text))
		return false;
	*(struct span *)at(obj, row) = arena_span_dup(a, g->text);
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
load_pin(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	struct peer_settings *peer = obj;
	unsigned char pin[sizeof(peer->pin)];
	int hi, lo;

	(void)row;
	(void)a;
	if (g->kind != GIVEN_TEXT || g->text.n != 2 * sizeof(pin))
		return false;
	for (size_t i = 0; i < sizeof(pin); i++) {
		hi = hex_digit(g->text.p[2 * i]);
		lo = hex_digit(g->text.p[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		pin[i] = (unsigned char)(hi * 16 + lo);
	}
	memcpy(peer->pin, pin, sizeof(pin));
	peer->has_pin = true;
	return true;
}

static bool
build_pin(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct peer_settings *peer = obj;

	(void)row;
	if (!peer->has_pin)
		return false;
	writer_char(w, '"');
	writer_hex(w, span_make(peer->pin, sizeof(peer->pin)));
	writer_char(w, '"');
	return true;
}

/* ---- addresses ---------------------------------------------------------- */

static bool
load_ip(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	(void)a;
	return g->kind == GIVEN_TEXT && addr_parse(g->text, at(obj, row));
}

static bool
build_ip(struct writer *w, const struct value_row *row, const void *obj)
{
	writer_char(w, '"');
	addr_build(w, at_const(obj, row));
	writer_char(w, '"');
	return true;
}

static bool
load_net(const struct value_row *row, const struct given *g, struct arena *a,
    void *obj)
{
	struct class_settings *class = obj;

	(void)row;
	(void)a;
	if (g->kind != GIVEN_TEXT ||
	    !addr_cidr_parse(g->text, &class->net, &class->prefix))
		return false;
	class->net = addr_head(&class->net, class->prefix);
	return true;
}

static bool
build_net(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct class_settings *class = obj;
	unsigned int v4 = addr_is_v4(&class->net) ? 96 : 0;

	(void)row;
	writer_char(w, '"');
	addr_build(w, &class->net);
	writer_char(w, '/');
	writer_u64(w, class->prefix - v4);
	writer_char(w, '"');
	return true;
}

/* "192.0.2.1:7000", "[2001:db8::1]:7000" */
static bool
address_load(struct span s, struct peer_address *out)
{
	size_t colon = s.n;
	struct span host;
	uint64_t port;

	while (colon > 0 && s.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || !span_u64(span_tail(s, colon), &port) || port == 0 ||
	    port > UINT16_MAX)
		return false;
	host = span_head(s, colon - 1);
	if (host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = span_make(host.p + 1, host.n - 2);
	else if (span_find(host, ':') < host.n)
		return false;
	out->port = (uint16_t)port;
	return addr_parse(host, &out->addr) && !addr_is_none(&out->addr);
}

#define ADDRESSES_MAX 16

static bool
load_addresses(const struct value_row *row, const struct given *g,
    struct arena *a, void *obj)
{
	struct peer_address v[ADDRESSES_MAX], *copy;
	struct peer_settings *peer = obj;
	size_t n = 1;

	(void)row;
	if (g->kind == GIVEN_TEXT) {
		if (!address_load(g->text, &v[0]))
			return false;
	} else if (g->kind == GIVEN_LIST) {
		n = (size_t)config_setting_length(g->list);
		if (n > ADDRESSES_MAX)
			return false;
		for (size_t i = 0; i < n; i++) {
			struct given one =
			    given_setting(config_setting_get_elem(g->list,
				(unsigned)i));

			if (one.kind != GIVEN_TEXT ||
			    !address_load(one.text, &v[i]))
				return false;
		}
	} else {
		return false;
	}
	copy = arena_alloc(a, n * sizeof(*copy));
	if (n > 0)
		memcpy(copy, v, n * sizeof(*copy));
	peer->address = copy;
	peer->naddress = n;
	return true;
}

static bool
build_addresses(struct writer *w, const struct value_row *row, const void *obj)
{
	const struct peer_settings *peer = obj;

	(void)row;
	if (peer->naddress == 0)
		return false;
	writer_char(w, '(');
	for (size_t i = 0; i < peer->naddress; i++) {
		bool v4 = addr_is_v4(&peer->address[i].addr);

		writer_str(w, i > 0 ? ", \"" : "\"");
		writer_str(w, v4 ? "" : "[");
		addr_build(w, &peer->address[i].addr);
		writer_str(w, v4 ? ":" : "]:");
		writer_u64(w, peer->address[i].port);
		writer_char(w, '"');
	}
	writer_char(w, ')');
	return true;
}

/* ---- choices ------------------------------------------------------------ */

static const char *const purposes[] = { "clients", "links", NULL };
static const char *const formats[] = { "text", "json", NULL };
static const char *const levels[] = { "debug", "info", "notice", "warn",
	"error", NULL };

static bool
load_choice(const char *const *words, const struct value_row *row,
    const struct given *g, void *obj)
{
	for (uint32_t i = 0; words[i] != NULL; i++)
		if (g->kind == GIVEN_TEXT &&
		    span_eq(g->text, span_of(words[i]))) {
			*(uint32_t *)at(obj, row) = i;
			return true;
		}
	return false;
}

static const struct type types[VALUE_COUNT] = {
	[VALUE_BOOL] = { "true or false", load_bool, build_bool, NULL },
	[VALUE_NUM] = { "a whole number", load_num, build_num, NULL },
	[VALUE_MIB] = { "a whole number", load_mib, build_mib, NULL },
	[VALUE_TEXT] = { "a text", load_text, build_text, NULL },
	[VALUE_WORD] = { "a text without spaces", load_word, build_text, NULL },
	[VALUE_PATH] = { "a path", load_path, build_text, NULL },
	[VALUE_SERVER_NAME] = { "a host name with a dot", load_server_name,
	    build_text, NULL },
	[VALUE_SID] = { "a digit and two digits or capital letters", load_sid,
	    build_sid, NULL },
	[VALUE_IP] = { "an IP address", load_ip, build_ip, NULL },
	[VALUE_NET] = { "an IP address or a network such as \"10.0.0.0/8\"",
	    load_net, build_net, NULL },
	[VALUE_PIN] = { "64 hex digits", load_pin, build_pin, NULL },
	[VALUE_ADDRESSES] = { "\"address:port\", \"[IPv6 address]:port\" or a "
			      "list of at most 16 of them",
	    load_addresses, build_addresses, NULL },
	[VALUE_VERIFIER] = { "what `banyanctl hash` prints, \"$argon2id$...\"",
	    load_verifier, build_text, NULL },
	[VALUE_PURPOSE] = { .words = purposes },
	[VALUE_FORMAT] = { .words = formats },
	[VALUE_LEVEL] = { .words = levels },
};

static bool
load(enum value_type type, const struct value_row *row, const struct given *g,
    struct arena *arena, void *obj)
{
	const struct type *t = &types[type];

	if (t->words != NULL)
		return load_choice(t->words, row, g, obj);
	return t->load(row, g, arena, obj);
}

bool
value_load(enum value_type type, const struct value_row *row,
    const struct value_place *place, struct arena *arena, void *obj)
{
	struct given g = given_setting(place->setting);

	g.file = place->file;
	return load(type, row, &g, arena, obj);
}

void
value_default(enum value_type type, const struct value_row *row,
    struct arena *arena, void *obj)
{
	struct given g;

	if (row->dflt == NULL)
		return;
	g = given_default(span_of(row->dflt));
	invariant(load(type, row, &g, arena, obj));
}

void
value_expect(struct writer *w, enum value_type type,
    const struct value_row *row)
{
	const struct type *t = &types[type];

	if (t->words != NULL) {
		for (size_t i = 0; t->words[i] != NULL; i++) {
			writer_str(w, i > 0 ? " or \"" : "\"");
			writer_str(w, t->words[i]);
			writer_char(w, '"');
		}
		return;
	}
	writer_str(w, t->expect);
	if (type == VALUE_NUM || type == VALUE_MIB) {
		writer_str(w, " from ");
		writer_u64(w, row->min);
		writer_str(w, " to ");
		writer_u64(w, row->max);
	} else if (type == VALUE_TEXT || type == VALUE_WORD ||
		   type == VALUE_PATH) {
		writer_str(w, row->min > 0 ? " of 1 to " : " of at most ");
		writer_u64(w, row->max);
		writer_str(w, " bytes of UTF-8");
	}
}

#define DESCRIBE_LEN 60

void
value_describe(struct writer *w, const config_setting_t *setting)
{
	struct given g = given_setting(setting);

	switch (g.kind) {
	case GIVEN_BOOL:
		writer_str(w, g.num ? "true" : "false");
		break;
	case GIVEN_NUM:
		writer_str(w, "the number ");
		writer_i64(w, g.num);
		break;
	case GIVEN_TEXT:
		writer_str(w, "the text ");
		value_build_text(w, utf8_cut(g.text, DESCRIBE_LEN));
		writer_str(w, g.text.n > DESCRIBE_LEN ? "..." : "");
		break;
	case GIVEN_LIST:
		writer_str(w, "a list");
		break;
	case GIVEN_OTHER:
		writer_str(w, config_setting_is_group(setting)
				  ? "a group"
				  : "a number with a fraction");
		break;
	}
}

bool
value_build(struct writer *w, enum value_type type, const struct value_row *row,
    const void *obj)
{
	const struct type *t = &types[type];

	if (t->words == NULL)
		return t->build(w, row, obj);
	writer_char(w, '"');
	writer_str(w, t->words[*(const uint32_t *)at_const(obj, row)]);
	writer_char(w, '"');
	return true;
}

void
value_build_text(struct writer *w, struct span s)
{
	writer_char(w, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\') {
			writer_char(w, '\\');
			writer_char(w, s.p[i]);
		} else if (c < ' ' || c == 0x7f) {
			writer_str(w, "\\x");
			writer_hex(w, span_make(&s.p[i], 1));
		} else {
			writer_char(w, s.p[i]);
		}
	}
	writer_char(w, '"');
}
