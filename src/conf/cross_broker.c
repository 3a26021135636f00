/*
 * Links that go through brokers, and the brokers.
 */
#include "conf/broker.h"
#include "conf/conf.h"
#include "conf/cross.h"
#include "conf/option.h"
#include "conf/rule.h"

/* ---- links --------------------------------------------------------------- */

static size_t
count_links(const struct settings *s, struct span url, size_t upto)
{
	size_t n = 0;

	for (size_t i = 0; i < upto; i++)
		n += span_eq(s->peer[i].broker, url);
	return n;
}

void
cross_check_broker_link(struct walk *k, size_t i)
{
	const struct settings *s = &conf_of(k->head)->settings;
	const struct peer_settings *p = &s->peer[i];

	if (walk_has(k, SECTION_LINKS, i, "address"))
		walk_complain_item(k, SECTION_LINKS, i, "address",
		    "a link that goes through a broker has no address");
	if (p->plaintext)
		walk_complain_item(k, SECTION_LINKS, i, "plaintext",
		    "a link that goes through a broker needs a pin");
	if (count_links(s, p->broker, i) == CONF_BROKER_LINKS)
		walk_complain_item(k, SECTION_LINKS, i, "broker",
		    "more than 400 links go through this broker");
}

/* ---- brokers ------------------------------------------------------------- */

static void
check_password(struct walk *k, size_t i, const struct conf_broker_url *url)
{
	const struct conf_broker *b = &conf_of(k->head)->broker[i];

	if (b->user.n > 0 && b->password_file.n == 0 &&
	    !walk_has(k, SECTION_BROKERS, i, "password_file"))
		walk_complain_item(k, SECTION_BROKERS, i, "user",
		    "a user needs a password_file");
	if (b->password_file.n == 0 || url->tls || addr_is_loopback(&url->addr))
		return;
	walk_begin_at(k, SECTION_BROKERS, i, "password_file");
	writer_str(&k->w, ": without TLS, everybody on the way to the broker "
			  "can read the password");
	walk_tell(k, walk_find(k, SECTION_BROKERS, i, "password_file"), true);
}

static void
check_broker(struct walk *k, size_t i)
{
	const struct conf *c = conf_of(k->head);
	struct conf_broker *b = &conf_of(k->head)->broker[i];
	struct conf_broker_url url;

	b->at = walk_place_dup(k, walk_find(k, SECTION_BROKERS, i, "url"));
	if (!broker_url_read(b->url, &url))
		return; /* the first pass has reported it */
	if (b->ca.n > 0 && !url.tls)
		walk_complain_item(k, SECTION_BROKERS, i, "ca",
		    "only tls:// and rediss:// have certificates");
	check_password(k, i, &url);
	if (count_links(&c->settings, b->url, c->settings.npeer) > 0)
		return;
	walk_begin_at(k, SECTION_BROKERS, i, "url");
	writer_str(&k->w, ": no link goes through this broker");
	walk_tell(k, walk_find(k, SECTION_BROKERS, i, "url"), true);
}

/* A broker without a block has the place of the first link that names it. */
static void
place_used(struct walk *k)
{
	struct conf *c = conf_of(k->head);
	const struct peer_settings *p = c->settings.peer;
	size_t j;

	for (size_t i = 0; i < c->nused; i++) {
		if (c->used[i].at.file.n > 0)
			continue;
		for (j = 0; !span_eq(p[j].broker, c->used[i].url); j++)
			;
		c->used[i].at =
		    walk_place_dup(k, walk_find(k, SECTION_LINKS, j, "broker"));
	}
}

void
cross_check_brokers(struct walk *k)
{
	rule_twice(k, SECTION_BROKERS, "url");
	for (size_t i = 0; i < conf_of(k->head)->nbroker; i++)
		check_broker(k, i);
	conf_find_brokers(conf_of(k->head));
	place_used(k);
}
