/*
 * The wall clock decides, and a timer runs on the other clock; so the look is
 * repeated, and each stage is told once for each certificate that is loaded.
 */
#include "daemon/expiry.h"

#include <limits.h>

#include "base/writer.h"

#define HOUR_MS (3600 * MS_PER_S)

static bool
shows_certificate(const struct banyand *bd)
{
	for (size_t i = 0; i < bd->conf->nlisten; i++)
		if (bd->conf->listen[i].tls &&
		    bd->conf->listen[i].purpose == CONF_FOR_CLIENTS)
			return bd->tls.clients != NULL;
	return false;
}

/* Return the stage that so many days belong to; INT_MAX: none. */
static int
stage_of(int days)
{
	static const int stage[] = { 0, 1, 7, EXPIRY_DAYS };

	for (size_t i = 0; i < sizeof(stage) / sizeof(stage[0]); i++)
		if (days <= stage[i])
			return stage[i];
	return INT_MAX;
}

static void
look(struct banyand *bd)
{
	int days = shows_certificate(bd) ? tls_ctx_days_left(bd->tls.clients)
					 : INT_MAX;
	char text[16];
	struct writer w;

	loop_timer_set(bd->loop, &bd->expiry.timer,
	    mono_add_ms(loop_now(bd->loop), HOUR_MS));
	if (stage_of(days) >= bd->expiry.told)
		return;
	bd->expiry.told = stage_of(days);
	writer_init(&w, text, sizeof(text));
	writer_i64(&w, days);
	logger_with(&bd->log, LOG_CERTIFICATE_ENDS,
	    { "days", writer_done(&w) });
}

static void
look_again(struct timer *t)
{
	look((struct banyand *)(void *)((char *)t - offsetof(struct banyand,
							expiry.timer)));
}

void
expiry_look(struct banyand *bd)
{
	bd->expiry.timer.fire = look_again;
	bd->expiry.told = INT_MAX;
	look(bd);
}

void
expiry_fini(struct banyand *bd)
{
	if (bd->loop != NULL)
		loop_timer_clear(bd->loop, &bd->expiry.timer);
}
