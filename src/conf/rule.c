#include "conf/rule.h"

#include <string.h>

void
rule_twice(struct walk *k, unsigned int section, const char *key)
{
	const struct schema *schema = k->head->schema;
	const struct section *sec = &schema->section[section];
	const struct option *o = option_find(schema, section, span_of(key));
	const char *conf = (const char *)k->head, *v;
	char a[128], b[128];
	struct writer wa, wb;
	size_t n;

	memcpy(&v, conf + sec->items, sizeof(v));
	memcpy(&n, conf + sec->count, sizeof(n));
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++) {
			writer_init(&wa, a, sizeof(a));
			writer_init(&wb, b, sizeof(b));
			if (!value_build(&wa, o->type, &o->value,
				v + i * sec->size) ||
			    !value_build(&wb, o->type, &o->value,
				v + j * sec->size) ||
			    !span_eq(writer_done(&wa), writer_done(&wb)))
				continue;
			walk_begin_at(k, section, i, key);
			writer_str(&k->w, ": ");
			walk_path(k, section, j, key);
			writer_str(&k->w, " is ");
			writer_span(&k->w, writer_done(&wa));
			writer_str(&k->w, ", too");
			walk_tell(k, walk_find(k, section, i, key), false);
			break;
		}
}

static bool
is_link_local(const struct addr *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

static bool
is_for_many(const struct addr *a)
{
	static const unsigned char all[4] = { 255, 255, 255, 255 };
	struct addr broadcast = addr_v4(all);

	return a->b[0] == 0xff || addr_eq(a, &broadcast) ||
	       (addr_is_v4(a) && (a->b[12] & 0xf0) == 0xe0);
}

bool
rule_address(struct walk *k, unsigned int section, size_t item,
    const struct addr *a)
{
	struct writer *w;

	if (!is_link_local(a) && !is_for_many(a))
		return true;
	w = walk_begin_at(k, section, item, "address");
	writer_str(w, ": ");
	addr_build(w, a);
	writer_str(w, is_link_local(a)
			  ? " is a link-local address, which needs a network "
			    "interface that cannot be set here"
			  : " is a multicast or broadcast address");
	walk_tell(k, walk_find(k, section, item, "address"), false);
	return false;
}

bool
rule_listens_overlap(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->port == b->port &&
	       addr_is_v4(&a->address) == addr_is_v4(&b->address) &&
	       (addr_eq(&a->address, &b->address) || addr_is_any(&a->address) ||
		   addr_is_any(&b->address));
}

bool
rule_listens_at(const struct conf_listen *l, const struct peer_address *a)
{
	/* an IPv6 socket accepts IPv6 alone */
	if (l->port != a->port ||
	    addr_is_v4(&l->address) != addr_is_v4(&a->addr))
		return false;
	return addr_eq(&l->address, &a->addr) ||
	       (addr_is_any(&l->address) && addr_is_loopback(&a->addr));
}

/* ---- paths --------------------------------------------------------------- */

void
rule_complain_path(struct walk *k, const char *option, const char *other,
    const char *text)
{
	struct writer *w = walk_begin(k);

	writer_str(w, option);
	writer_str(w, ": ");
	writer_str(w, other);
	writer_str(w, text);
	conf_report_add(k->report, false, conf_head_place(k->head, option),
	    writer_done(w));
}

void
rule_path(struct walk *k, const struct rule_path *v, size_t i)
{
	const struct rule_path *p = &v[i];

	if (p->text.n == 0)
		return;
	if (p->written && span_eq(p->text, k->head->file)) {
		rule_complain_path(k, p->option, "",
		    "this is the configuration file");
		return;
	}
	for (const struct rule_path *q = v; q < p; q++) {
		if ((!p->written && !q->written) || !span_eq(p->text, q->text))
			continue;
		rule_complain_path(k, p->option, q->option,
		    " has this path, too");
		return;
	}
}

/* The address of a socket is short. */
void
rule_control_length(struct walk *k, struct span control, const char *instead)
{
	uint64_t max =
	    (uint64_t)option_find(k->head->schema, SCHEMA_TOP, SPAN("control"))
		->value.max;
	const config_setting_t *place;
	struct writer *w;

	if (control.n <= max)
		return;
	place = config_setting_get_member(k->root, "control");
	if (place == NULL && instead != NULL)
		place = config_setting_get_member(k->root, instead);
	w = walk_begin(k);
	writer_str(w, "control: the path of the socket has ");
	writer_u64(w, control.n);
	writer_str(w, " bytes, more than ");
	writer_u64(w, max);
	walk_tell(k, place, false);
}

void
rule_origins(struct walk *k, unsigned int section, size_t item,
    const struct conf_listen *l)
{
	if (!l->websocket && l->origins.n > 0)
		walk_complain_item(k, section, item, "origins",
		    "only a listener with websocket has origins");
	if (!l->websocket || walk_has(k, section, item, "origins") ||
	    addr_is_loopback(&l->address))
		return;
	walk_begin_at(k, section, item, "origins");
	writer_str(&k->w,
	    " are missing: any web page can let its visitors connect here; "
	    "name "
	    "those of your web clients, or \"*\" if this is what you want");
	walk_tell(k, walk_find(k, section, item, "websocket"), true);
}

void
rule_http(struct walk *k, unsigned int section, size_t item,
    const struct conf_listen *l)
{
	if (l->tls)
		walk_complain_item(k, section, item, "tls",
		    "a listener for http has no TLS; put a proxy in front of "
		    "it");
	if (addr_is_loopback(&l->address))
		return;
	walk_begin_at(k, section, item, "address");
	writer_str(&k->w,
	    ": everybody who can reach this address can read the figures");
	walk_tell(k, walk_find(k, section, item, "address"), true);
}
