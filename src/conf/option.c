/*
 * The schema of banyand.conf: its rows become constant tables. The checks that
 * no row can say are in cross.c, cross_path.c and module_option.c.
 */
#include "conf/option.h"

#include <string.h>

#include "conf/conf.h"
#include "conf/cross.h"
#include "conf/module_option.h"
#include "conf/table.h"

#define LIST(type, v, n)                                                \
	.size = sizeof(struct type), .items = offsetof(struct conf, v), \
	.count = offsetof(struct conf, n)

static const struct section sections[] = {
#define SECTION SECTION_ROW
#define OPTION(section, key, type, min, max, dflt, flags, member, help)
#include "conf/option.def"
#undef SECTION
#undef OPTION
};

static const struct option options[] = {
#define SECTION(id, name, kind, help)
#define OPTION OPTION_ROW
#include "conf/option.def"
#undef SECTION
#undef OPTION
};

static bool
has_group(const struct conf_head *head, struct span name)
{
	return module_option_is_group((const struct conf *)(const void *)head,
	    name);
}

static void
print_rest(struct writer *w, const struct conf_head *head)
{
	module_options_build(w, (const struct conf *)(const void *)head);
}

/* Return true unless the last class matches every address, as settings.h
 * requires. */
static bool
wants_last_class(const struct class_settings *v, size_t n)
{
	return n == 0 || v[n - 1].prefix != 0;
}

static void
add_last_class(struct conf *conf)
{
	struct class_settings *v;
	const struct option *o;
	size_t n = conf->settings.nclass;

	/* the check allocated room for one more class */
	memcpy(&v, &conf->settings.class, sizeof(v));
	if (!wants_last_class(v, n))
		return;
	for (size_t i = 0;
	     (o = option_next(&banyand_schema, SECTION_CLASSES, &i)) != NULL;)
		value_default(o->type, &o->value, conf->head.arena, &v[n]);
	v[n].name = SPAN("default");
	conf->settings.nclass = n + 1;
}

static void
add_privileges(struct settings *s)
{
	struct oper_settings *v;

	memcpy(&v, &s->oper, sizeof(v));
	for (size_t i = 0; i < s->noper; i++)
		v[i].privileges = settings_privileges(s, v[i].class);
}

/* The server with the lesser sid dials, so that there is one link. */
static void
add_broker_addresses(struct conf *c)
{
	struct peer_settings *v;
	struct peer_address *a;

	memcpy(&v, &c->settings.peer, sizeof(v));
	for (size_t i = 0; i < c->settings.npeer; i++) {
		if (v[i].broker.n == 0)
			continue;
		a = arena_zalloc(c->head.arena, sizeof(*a));
		a->host = v[i].broker;
		a->broker = true;
		v[i].address = a;
		v[i].naddress = sid_cmp(c->settings.sid, v[i].sid) < 0;
	}
}

static void
derive(struct conf *c)
{
	struct writer w;

	add_last_class(c);
	add_privileges(&c->settings);
	add_broker_addresses(c);
	if (c->link_certificate.n == 0 && c->link_key.n == 0) {
		c->link_certificate = c->certificate;
		c->link_key = c->key;
	}
	if (c->control.n == 0 && c->state.n > 0) {
		writer_init_arena(&w, c->head.arena, c->state.n + 16);
		writer_span(&w, c->state);
		writer_str(&w, "/control");
		c->control = arena_span_dup(c->head.arena, writer_done(&w));
	}
}

static void
finish(struct walk *k)
{
	cross_check(k);
	derive(conf_of(k->head));
	cross_check_paths(k);
}

const struct schema banyand_schema = {
	.section = sections,
	.nsection = sizeof(sections) / sizeof(sections[0]),
	.option = options,
	.noption = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct conf),
	.has_group = has_group,
	.no_group = ": it is no group of the server, and modules "
		    "names no such module",
	.finish = finish,
	.print_rest = print_rest,
};

bool
conf_needs_tls(const struct conf *conf)
{
	for (size_t i = 0; i < conf->nlisten; i++)
		if (conf->listen[i].tls)
			return true;
	for (size_t i = 0; i < conf->settings.npeer; i++)
		if (conf->settings.peer[i].name.n > 0 &&
		    !conf->settings.peer[i].plaintext)
			return true;
	return false;
}
