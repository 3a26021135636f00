/*
 * A bus outlives the connection to its broker: a short break only delays its
 * links. It is replaced, and its links end, when it cannot stay the same: the
 * key of this server is another one, or the broker takes shorter messages.
 */
#include "daemon/brokers.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "daemon/broker_state.h"
#include "daemon/names.h"

#define UNSENT_MAX ((size_t)16 * 1024 * 1024) /* bytes that wait for a broker */

/* ---- the broker --------------------------------------------------------- */

static void
broker_up(void *ctx, size_t max)
{
	struct broker *b = ctx;

	if (max < BUS_DATAGRAM_MIN) {
		logger_with(&b->brokers->banyand->log, LOG_BROKER_DOWN,
		    { "broker", span_of(b->url) },
		    { "why", SPAN("it takes no messages of 4096 bytes") });
		return;
	}
	logger_with(&b->brokers->banyand->log, LOG_BROKER_UP,
	    { "broker", span_of(b->url) });
	b->why[0] = '\0';
	b->up = true;
	if (max < b->datagram_max) {
		b->datagram_max = max;
		broker_replace_bus(b,
		    SPAN("the broker takes shorter messages"));
	}
	bus_broker(b->bus, true, broker_now(b));
	broker_touch(b);
}

static void
broker_down(void *ctx, struct span why)
{
	struct broker *b = ctx;
	bool again = span_eq(span_of(b->why), why);

	b->up = false;
	bus_broker(b->bus, false, broker_now(b));
	broker_touch(b);
	if (again)
		return;
	memcpy(b->why, why.p, why.n);
	b->why[why.n] = '\0';
	logger_with(&b->brokers->banyand->log, LOG_BROKER_DOWN,
	    { "broker", span_of(b->url) }, { "why", why });
}

static void
broker_got(void *ctx, struct span subject, struct span bytes)
{
	struct broker *b = ctx;

	(void)subject;
	bus_heard(b->bus, bytes, broker_now(b));
	broker_touch(b);
}

static const struct pubsub_ops pubsub_ops = { broker_up, broker_down,
	broker_got };

/* ---- the configuration -------------------------------------------------- */

/* Texts of a struct pubsub_conf, which has spans of the configuration. */
struct texts {
	char *host, *user, *ca, *name;
};

static void
fill_conf(const struct broker *b, const struct conf_broker *c,
    struct pubsub_conf *out, struct texts *t)
{
	const struct banyand *bd = b->brokers->banyand;
	struct conf_broker_url url;

	invariant(broker_url_read(c->url, &url));
	*t = (struct texts){ span_dup(url.host), span_dup(c->user),
		span_dup(c->ca), span_dup(bd->conf->settings.name) };
	*out = (struct pubsub_conf){
		.kind = url.kind == CONF_NATS ? PUBSUB_NATS : PUBSUB_REDIS,
		.tls = b->tls,
		.host = t->host,
		.addr = url.addr,
		.port = url.port,
		.user = c->user.n > 0 ? t->user : NULL,
		.ca = c->ca.n > 0 ? t->ca : NULL,
		.name = t->name,
		.subject = { b->all, b->own },
		.unsent_max = UNSENT_MAX,
	};
}

static void
texts_free(struct texts *t)
{
	free(t->host);
	free(t->user);
	free(t->ca);
	free(t->name);
}

/* Connect, or take new settings for the next connection. Takes what is in the
 * file. */
static void
configure(struct broker *b, const struct conf_broker *c, struct broker_file *f)
{
	struct tls_ctx *old = b->tls;
	struct pubsub_conf conf;
	struct texts texts;

	b->tls = f->tls;
	f->tls = NULL;
	fill_conf(b, c, &conf, &texts);
	conf.password = f->password;
	if (b->pubsub == NULL)
		b->pubsub =
		    pubsub_new(b->brokers->pubsubs, &conf, &pubsub_ops, b);
	else
		pubsub_configure(b->pubsub, &conf);
	texts_free(&texts);
	tls_ctx_free(old);
}

static struct broker *
broker_new(struct brokers *bs, struct span url)
{
	struct broker *b = mem_zalloc(sizeof(*b));
	struct writer w;

	b->brokers = bs;
	b->url = span_dup(url);
	b->datagram_max = BUS_DATAGRAM_MAX;
	b->timer.fire = broker_due;
	LIST_INSERT_HEAD(&bs->all, b, link);
	broker_make_bus(b);
	writer_init(&w, b->all, BROKER_SUBJECT_LEN - 1);
	bus_subject(b->bus, BUS_ALL, &w);
	writer_init(&w, b->own, BROKER_SUBJECT_LEN - 1);
	bus_own(b->bus, &w);
	return b;
}

static void
broker_free(struct broker *b)
{
	struct loop *loop = b->brokers->banyand->loop;

	LIST_REMOVE(b, link);
	loop_timer_clear(loop, &b->timer);
	pubsub_free(b->pubsub);
	bus_free(b->bus);
	tls_ctx_free(b->tls);
	free(b->url);
	free(b);
}

struct broker *
brokers_find(const struct brokers *bs, struct span url)
{
	struct broker *b;

	LIST_FOREACH(b, &bs->all, link)
		if (span_eq(span_of(b->url), url))
			return b;
	return NULL;
}

static bool
is_used(const struct conf *c, const struct broker *b)
{
	for (size_t i = 0; i < c->nused; i++)
		if (span_eq(c->used[i].url, span_of(b->url)))
			return true;
	return false;
}

static void
drop_unused(struct brokers *bs)
{
	struct broker *b, *next;

	LIST_FOREACH_SAFE(b, &bs->all, link, next) {
		if (is_used(bs->banyand->conf, b))
			continue;
		broker_drop_bus(b,
		    SPAN("the broker is not configured any more"));
		broker_free(b);
	}
}

void
brokers_configure(struct brokers *bs, struct broker_set *set)
{
	const struct conf *c = bs->banyand->conf;
	struct broker *b;

	drop_unused(bs);
	for (size_t i = 0; i < c->nused; i++) {
		b = brokers_find(bs, c->used[i].url);
		if (b == NULL)
			b = broker_new(bs, c->used[i].url);
		else if (broker_has_new_key(b))
			broker_replace_bus(b,
			    SPAN("this server has a new key"));
		else
			broker_set_members(b);
		configure(b, &c->used[i], &set->v[i]);
	}
	broker_set_free(set);
}

void
brokers_renew(struct brokers *bs)
{
	struct broker *b;

	brokers_forget_dials(bs);
	LIST_FOREACH(b, &bs->all, link)
		broker_replace_bus(b, SPAN("the server begins a new run"));
}

/* ---- life --------------------------------------------------------------- */

struct brokers *
brokers_new(struct banyand *bd)
{
	struct brokers *bs = mem_zalloc(sizeof(*bs));

	bs->banyand = bd;
	LIST_INIT(&bs->all);
	STAILQ_INIT(&bs->dials);
	bs->pubsubs =
	    pubsubs_new(bd->loop, bd->streams, names_resolver(bd->names));
	bs->hook.turn = brokers_turn;
	loop_hook_add(bd->loop, &bs->hook);
	return bs;
}

void
brokers_free(struct brokers *bs)
{
	if (bs == NULL)
		return;
	while (!LIST_EMPTY(&bs->all))
		broker_free(LIST_FIRST(&bs->all));
	brokers_forget_dials(bs);
	loop_hook_del(bs->banyand->loop, &bs->hook);
	pubsubs_free(bs->pubsubs);
	free(bs);
}

bool
brokers_linger(struct brokers *bs)
{
	struct broker *b;

	LIST_FOREACH(b, &bs->all, link)
		if (b->up && (b->dirty || broker_unsent(b) > 0))
			return true;
	while (!LIST_EMPTY(&bs->all))
		broker_free(LIST_FIRST(&bs->all));
	return false;
}
