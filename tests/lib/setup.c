/*
 * Texts are allocated one by one and freed only when the process ends: a test
 * makes a handful of them, and nodes borrow them in ways that are under test.
 */
#include "lib/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/rows.h"
#include "core/types/privilege.h"
#include "lib/limits.h"
#include "lib/modules.h"

#define VERIFIER "$argon2id$test$"

/* A text, kept reachable so that no leak checker complains. */
struct text {
	struct text *next;
	_Alignas(struct span) char s[];
};
static struct text *texts;

static char *
keep_bytes(const void *p, size_t n)
{
	struct text *t = mem_alloc(sizeof(*t) + n);

	memcpy(t->s, p, n);
	t->next = texts;
	texts = t;
	return t->s;
}

static struct span
keep(const char *s)
{
	size_t n = strlen(s);

	return (struct span){ keep_bytes(s, n + 1), n };
}

void
setup_pin(unsigned i, unsigned char pin[32])
{
	memset(pin, 0, 32);
	memcpy(pin, "pin of server", 13);
	pin[31] = (unsigned char)(i + 1);
}

struct sid
setup_sid(unsigned i)
{
	unsigned n = (i + 1) % 1000;

	return (struct sid){ { (char)('0' + n / 100), (char)('0' + n / 10 % 10),
	    (char)('0' + n % 10) } };
}

struct addr
setup_addr(unsigned i)
{
	return addr_v4((unsigned char[4]){ 10, 0, 0, (unsigned char)(i + 1) });
}

void
setup_gate_pin(unsigned i, unsigned char pin[32])
{
	memset(pin, 0, 32);
	memcpy(pin, "pin of gate", 11);
	pin[31] = (unsigned char)(i + 1);
}

struct addr
setup_gate_addr(unsigned i)
{
	return addr_v4((unsigned char[4]){ 10, 0, 1, (unsigned char)(i + 1) });
}

void
setup_gate(struct setup *s, unsigned i, uint32_t streams)
{
	struct gate_settings *g = &s->gate[i];
	char name[32];

	snprintf(name, sizeof(name), "gate%u", i + 1);
	*g = (struct gate_settings){
		.name = keep(name), .has_pin = true, .streams = streams
	};
	setup_gate_pin(i, g->pin);
	s->settings.gate = s->gate;
	s->settings.ngate = i + 1;
}

void
setup_gates_at(struct setup *s, unsigned i)
{
	s->settings.gates_at = (struct gates_at){
		.at = { .addr = setup_addr(i), .port = SETUP_GATES_PORT },
		.has_pin = true
	};
	setup_pin(i, s->settings.gates_at.pin);
}

static void
peer_init(struct setup *s, unsigned i, unsigned n, uint32_t dials)
{
	struct peer_settings *p;
	char name[32];
	unsigned j;

	for (j = 0; j < n; j++) {
		if (j == i)
			continue;
		snprintf(name, sizeof(name), "s%u.test", j + 1);
		p = &s->peer[s->settings.npeer++];
		p->name = keep(name);
		p->sid = setup_sid(j);
		p->has_pin = true;
		setup_pin(j, p->pin);
		s->address[j].addr = setup_addr(j);
		s->address[j].port = SETUP_PORT;
		if ((dials >> j & 1) != 0) {
			p->address = &s->address[j];
			p->naddress = 1;
		}
	}
}

struct setup *
setup_new(unsigned i, unsigned n, uint32_t dials)
{
	struct setup *s;
	struct class_settings *c;
	char text[64];

	s = mem_zalloc(sizeof(*s));
	s->class[0] = (struct class_settings){
		.name = SPAN("default"),
		.net = ADDR_NONE,
		.prefix = 0,
		.flood_burst = 0,
		.flood_rate = 5,
		.per_address = 0,
		.per_network = 0,
		.connect_rate = 0,
		.channels = 0,
		.nick_changes = 0,
		.joins = 0,
		.targets = 0,
		.sendq = 1 << 20,
		.recvq = 16384,
		.registration_s = 30,
		.ping_s = 100000,
		.ping_close_s = 60,
	};
	c = s->class;
	snprintf(text, sizeof(text), "s%u.test", i + 1);
	s->settings = (struct settings){
		.name = keep(text),
		.sid = setup_sid(i),
		.network = SPAN("Test"),
		.motd = s->motd,
		.utf8only = true,
		.dns_notices = true,
		.remote_die = true,
		.hold_s = 60,
		DEFAULT_LIMITS,
		.class = c,
		.nclass = 1,
		.oper = s->oper,
		.peer = s->peer,
		.keep_s = 300,
		.keep_bytes = 64 << 20,
		.link_silence_s = 4,
		.alone_ms = 3000,
		.weight = 100,
	};
	snprintf(text, sizeof(text), "test server %u", i + 1);
	s->settings.description = keep(text);
	peer_init(s, i, n, dials);
	return s;
}

struct setup *
setup_copy(struct setup *old)
{
	struct setup *s;
	size_t i;

	s = mem_alloc(sizeof(*s));
	*s = *old;
	s->copied = old;
	s->settings.class = s->class;
	s->settings.oper = s->oper;
	s->settings.gate = s->gate;
	s->settings.peer = s->peer;
	s->gateway[0].nets.v = s->gateway_net;
	if (s->settings.ngateway > 0)
		s->settings.gateway = s->gateway;
	s->settings.motd = s->motd;
	s->settings.module = s->module;
	s->settings.option = s->option;
	if (old->settings.rows == old->rows)
		s->settings.rows = s->rows;
	for (i = 0; i < s->settings.npeer; i++)
		if (s->peer[i].address != NULL)
			s->peer[i].address =
			    &s->address[s->peer[i].address - old->address];
	return s;
}

void
setup_free(struct setup *s)
{
	struct setup *old;

	for (; s != NULL; s = old) {
		old = s->copied;
		free(s);
	}
}

static struct span
verifier_of(const char *password)
{
	char text[192];

	snprintf(text, sizeof(text), "%s%s", VERIFIER, password);
	return keep(text);
}

static bool
set_oper(struct setup *s, const char *value)
{
	char name[64], password[128], mask[128];
	struct oper_settings *o;
	int got;

	mask[0] = '\0';
	got = sscanf(value, "%63s %127s %127s", name, password, mask);
	if (got < 2 || s->settings.noper == SETUP_OPERS)
		return false;
	o = &s->oper[s->settings.noper++];
	o->name = keep(name);
	o->verifier = verifier_of(password);
	o->mask = keep(mask);
	o->privileges = PRIVILEGES_ALL;
	return true;
}

/* Let the gateway at an address hand clients on, with a password, or with a
 * certificate whose pin is that letter 32 times. */
static bool
set_gateway(struct setup *s, struct span value)
{
	struct gateway_settings *g = &s->gateway[0];
	struct span at = span_word(&value), password = span_word(&value),
		    letter = span_word(&value);
	char verifier[192];

	*g = (struct gateway_settings){ .name = SPAN("gateway"),
		.nets = { s->gateway_net, 1 } };
	if (!addr_cidr_parse(at, &s->gateway_net[0].addr,
		&s->gateway_net[0].prefix))
		return false;
	snprintf(verifier, sizeof(verifier), "%s%.*s", VERIFIER,
	    SPAN_ARG(password));
	if (!span_eq(password, SPAN("-")))
		g->verifier = keep(verifier);
	g->has_pin = letter.n == 1;
	if (g->has_pin)
		memset(g->pin, letter.p[0], sizeof(g->pin));
	s->settings.gateway = s->gateway;
	s->settings.ngateway = 1;
	return true;
}

static struct oper_settings *
oper_find(struct setup *s, struct span name)
{
	size_t i = 0;

	while (i < s->settings.noper && !span_eq(s->oper[i].name, name))
		i++;
	return i < s->settings.noper ? &s->oper[i] : NULL;
}

/* Give the block of an operator these privileges, as a class would. */
static bool
set_privileges(struct setup *s, struct span value)
{
	struct oper_settings *o = oper_find(s, span_word(&value));

	if (o == NULL)
		return false;
	o->privileges = privileges_read(value);
	return true;
}

/* Let an operator show a certificate, whose pin is that letter 32 times, in the
 * place of the password (or beside it, if `and` follows). */
static bool
set_pin(struct setup *s, struct span value)
{
	struct oper_settings *o = oper_find(s, span_word(&value));
	struct span letter = span_word(&value);

	if (o == NULL || letter.n != 1)
		return false;
	o->has_pin = true;
	memset(o->pin, letter.p[0], sizeof(o->pin));
	if (!span_eq(span_word(&value), SPAN("and")))
		o->verifier = SPAN_NONE;
	return true;
}

/* Remove the block of an operator. */
static bool
set_no_oper(struct setup *s, struct span name)
{
	struct oper_settings *o = oper_find(s, name);

	if (o == NULL)
		return false;
	*o = s->oper[--s->settings.noper];
	return true;
}

/* Take the modules of that list of names in place of those before. */
static bool
set_modules(struct setup *s, struct span names)
{
	struct tables *t = mem_alloc(sizeof(*t));
	const struct module *m;
	char buf[256];
	struct writer why;
	struct span name = SPAN_NONE;
	bool ok = true;

	writer_init(&why, buf, sizeof(buf));
	s->settings.nrows = 0;
	s->settings.rows = s->rows;
	s->settings.nmodule = 0;
	s->settings.module = s->module;
	while (ok && (name = span_word(&names)).n > 0) {
		writer_init(&why, buf, sizeof(buf));
		m = modules_find(name);
		if (m == NULL)
			writer_str(&why, "modules/list.def has none of it");
		ok = m != NULL && s->settings.nrows < SETUP_MODULES &&
		     module_fits(m, name, &why);
		if (ok) {
			s->rows[s->settings.nrows++] = m->rows;
			s->module[s->settings.nmodule++] = m;
		}
		ok = ok && core_tables(t, s->rows, s->settings.nrows, &why);
	}
	free(t);
	if (!ok)
		fprintf(stderr, "modules: %.*s: %.*s\n", SPAN_ARG(name),
		    SPAN_ARG(writer_done(&why)));
	return ok;
}

static const struct option_row *
find_option(const struct setup *s, struct span of, struct span key)
{
	const struct rows *r;

	for (size_t i = 0; i < s->settings.nrows; i++) {
		r = s->settings.rows[i];
		if (!span_eq(span_of(r->of), of))
			continue;
		for (size_t k = 0; k < r->noption; k++)
			if (span_eq(span_of(r->option[k].key), key))
				return &r->option[k];
	}
	return NULL;
}

/* Take a list of texts apart, with " | " between them. */
static size_t
cut_list(struct span value, struct span *list)
{
	size_t n = 0;
	struct span one;

	while (value.n > 0 && n < SETUP_LIST) {
		one = span_cut(&value, '|');
		while (one.n > 0 && one.p[0] == ' ')
			one = span_tail(one, 1);
		while (one.n > 0 && one.p[one.n - 1] == ' ')
			one.n--;
		list[n++] = one;
	}
	return n;
}

static bool
is_right(const struct option_row *row, const struct option_value *v)
{
	if (row->check == NULL)
		return true;
	for (size_t i = 0; i < v->nlist; i++)
		if (row->check(v->list[i]) != NULL)
			return false;
	return v->word.n == 0 || row->check(v->word) == NULL;
}

/* Set MODULE.KEY, an option of a module that the server has. */
static bool
set_option(struct setup *s, struct span name, struct span value)
{
	struct span of = span_cut(&name, '.');
	const struct option_row *row = find_option(s, of, name);
	struct span list[SETUP_LIST];
	size_t i = 0, n;
	uint64_t v;

	if (span_eq(value, SPAN("true")))
		value = SPAN("1");
	if (span_eq(value, SPAN("false")))
		value = SPAN("0");
	if (row == NULL)
		return false;
	if (row->type == OPTION_IS_WORD || row->type == OPTION_IS_LIST)
		v = 0;
	else if (!span_u64(value, &v))
		return false;
	while (i < s->settings.noption && s->option[i].row != row)
		i++;
	if (i == SETUP_OPTIONS)
		return false;
	s->option[i] =
	    (struct option_value){ .row = row, .of = "", .v = (uint32_t)v };
	if (row->type == OPTION_IS_WORD)
		s->option[i].word = keep(value.p);
	if (row->type == OPTION_IS_LIST) {
		n = cut_list(keep(value.p), list);
		s->option[i].list =
		    (const void *)keep_bytes(list, sizeof(list));
		s->option[i].nlist = n;
	}
	if (!is_right(row, &s->option[i]))
		return false;
	s->settings.option = s->option;
	if (i == s->settings.noption)
		s->settings.noption++;
	return true;
}

static bool set_class(struct setup *, struct span value);

/* Set "PEER HOST [PORT]": this server dials the peer by that name. */
static bool
set_dialled(struct setup *s, struct span value)
{
	struct span name = span_word(&value), host = span_word(&value);
	struct span text = span_word(&value);
	struct peer_address *a;
	uint64_t port = 0;
	size_t i;

	if (text.n > 0 && !span_u64(text, &port))
		return false;
	for (i = 0; i < s->settings.npeer; i++) {
		if (!span_eq(s->peer[i].name, name) ||
		    s->peer[i].address == NULL)
			continue;
		a = &s->address[s->peer[i].address - s->address];
		a->host = span_make(keep_bytes(host.p, host.n), host.n);
		a->port = (uint16_t)port;
		return true;
	}
	return false;
}

bool
setup_set(struct setup *s, const char *name, const char *value)
{
	struct settings *g = &s->settings;
	struct class_settings *c = &s->class[g->nclass - 1];
	const struct {
		const char *name;
		uint32_t *v;
	} number[] = {
		{ "nick_len", &g->nick_len },
		{ "channel_len", &g->channel_len },
		{ "topic_len", &g->topic_len },
		{ "kick_len", &g->kick_len },
		{ "away_len", &g->away_len },
		{ "key_len", &g->key_len },
		{ "user_len", &g->user_len },
		{ "host_len", &g->host_len },
		{ "real_len", &g->real_len },
		{ "modes", &g->modes },
		{ "list_max", &g->list_max },
		{ "targets_max", &g->targets_max },
		{ "monitor", &g->monitor },
		{ "multiline_lines", &g->multiline_lines },
		{ "multiline_bytes", &g->multiline_bytes },
		{ "whowas", &g->whowas },
		{ "hold_s", &g->hold_s },
		{ "ban_max", &g->ban_max },
		{ "ban_share", &g->ban_share },
		{ "keep_s", &g->keep_s },
		{ "link_silence_s", &g->link_silence_s },
		{ "grace_s", &g->grace_s },
		{ "alone_ms", &g->alone_ms },
		{ "flood_burst", &c->flood_burst },
		{ "flood_rate", &c->flood_rate },
		{ "per_address", &c->per_address },
		{ "per_network", &c->per_network },
		{ "connect_rate", &c->connect_rate },
		{ "channels", &c->channels },
		{ "nick_changes", &c->nick_changes },
		{ "joins", &c->joins },
		{ "targets", &c->targets },
		{ "sendq", &c->sendq },
		{ "recvq", &c->recvq },
		{ "registration_s", &c->registration_s },
		{ "ping_s", &c->ping_s },
		{ "ping_close_s", &c->ping_close_s },
	};
	size_t i;

	for (i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		if (strcmp(name, number[i].name) == 0) {
			*number[i].v = (uint32_t)strtoul(value, NULL, 10);
			return true;
		}
	if (strcmp(name, "keep_bytes") == 0)
		g->keep_bytes = strtoull(value, NULL, 10);
	else if (strcmp(name, "utf8only") == 0)
		g->utf8only = strcmp(value, "yes") == 0;
	else if (strcmp(name, "client_tag_deny") == 0)
		g->tag_deny = keep(value);
	else if (strcmp(name, "sts_port") == 0)
		g->sts.port = (uint32_t)strtoul(value, NULL, 10);
	else if (strcmp(name, "sts_duration") == 0)
		g->sts.duration_s = (uint32_t)strtoul(value, NULL, 10);
	else if (strcmp(name, "sts_preload") == 0)
		g->sts.preload = strcmp(value, "yes") == 0;
	else if (strcmp(name, "sts_hosts") == 0)
		g->sts.hosts = keep(value);
	else if (strcmp(name, "sts_exempt") == 0)
		c->sts_exempt = strcmp(value, "yes") == 0;
	else if (strcmp(name, "dns") == 0)
		g->dns_enabled = strcmp(value, "yes") == 0;
	else if (strcmp(name, "dns_private") == 0)
		g->dns_private = strcmp(value, "yes") == 0;
	else if (strcmp(name, "dns_notices") == 0)
		g->dns_notices = strcmp(value, "yes") == 0;
	else if (strcmp(name, "remote_die") == 0)
		g->remote_die = strcmp(value, "yes") == 0;
	else if (strcmp(name, "network") == 0)
		g->network = keep(value);
	else if (strcmp(name, "description") == 0)
		g->description = keep(value);
	else if (strcmp(name, "founder") == 0)
		g->founder = strcmp(value, "owner") == 0   ? FOUNDER_OWNER
			     : strcmp(value, "admin") == 0 ? FOUNDER_ADMIN
							   : FOUNDER_OP;
	else if (strcmp(name, "admin_location") == 0)
		g->admin_location = keep(value);
	else if (strcmp(name, "admin_organisation") == 0)
		g->admin_organisation = keep(value);
	else if (strcmp(name, "admin_email") == 0)
		g->admin_email = keep(value);
	else if (strcmp(name, "motd") == 0 && g->nmotd < SETUP_MOTD)
		s->motd[g->nmotd++] = keep(value);
	else if (strcmp(name, "modules") == 0)
		return set_modules(s, span_of(value));
	else if (strcmp(name, "class") == 0)
		return set_class(s, span_of(value));
	else if (strcmp(name, "gateway") == 0)
		return set_gateway(s, span_of(value));
	else if (strcmp(name, "class_password") == 0)
		s->class[0].verifier =
		    value[0] == '-' ? SPAN_NONE : verifier_of(value);
	else if (strcmp(name, "oper") == 0)
		return set_oper(s, value);
	else if (strcmp(name, "privileges") == 0)
		return set_privileges(s, span_of(value));
	else if (strcmp(name, "pin") == 0)
		return set_pin(s, span_of(value));
	else if (strcmp(name, "no_oper") == 0)
		return set_no_oper(s, span_of(value));
	else if (strcmp(name, "dialled") == 0)
		return set_dialled(s, span_of(value));
	else
		return set_option(s, span_of(name), span_of(value));
	return true;
}

/* Set "NET OPTION VALUE": an option of the class for that network, which is
 * made if there is none, and begins as a copy of the one for everybody. */
static bool
set_class(struct setup *s, struct span value)
{
	struct span net = span_word(&value), name = span_word(&value);
	struct class_settings all = s->class[s->settings.nclass - 1];
	size_t n = s->settings.nclass;
	char option[64];
	bool ok;

	snprintf(option, sizeof(option), "%.*s", SPAN_ARG(name));
	if (n == 1) {
		s->class[1] = all;
		s->class[0].name = SPAN("special");
	}
	s->settings.nclass = 1;
	ok = addr_cidr_parse(net, &s->class[0].net, &s->class[0].prefix) &&
	     setup_set(s, option, value.p + strspn(value.p, " "));
	s->settings.nclass = 2;
	return ok;
}

bool
setup_match(struct span password, struct span verifier)
{
	struct span prefix = SPAN(VERIFIER);

	return span_starts(verifier, prefix) &&
	       span_eq(span_tail(verifier, prefix.n), password);
}
