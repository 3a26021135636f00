#include "daemon/happened.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/pump.h"

struct happening {
	STAILQ_ENTRY(happening) link;
	enum log_row row;
	uint32_t more;
	size_t n;
	struct log_field field[]; /* their texts lie behind them */
};

static struct happening *
happening_new(enum log_row row, const struct log_field *f, size_t n)
{
	size_t head = sizeof(struct happening) + n * sizeof(*f), bytes = 0;
	struct happening *x;
	char *text;

	for (size_t i = 0; i < n; i++)
		bytes += f[i].value.n;
	x = mem_zalloc(head + bytes);
	x->row = row;
	x->n = n;
	text = (char *)x + head;
	for (size_t i = 0; i < n; i++) {
		x->field[i].key = f[i].key;
		x->field[i].value = span_make(text, f[i].value.n);
		if (f[i].value.n > 0)
			memcpy(text, f[i].value.p, f[i].value.n);
		text += f[i].value.n;
	}
	return x;
}

static void
tell(struct banyand *bd, const struct happening *x)
{
	struct event ev = { .kind = EV_HAPPENED };

	ev.u.happened.row = x->row;
	ev.u.happened.field = x->field;
	ev.u.happened.nfield = x->n;
	ev.u.happened.more = x->more;
	pump_event(bd, &ev);
}

/* Tell what waits now; what is logged meanwhile waits for the next turn. */
static void
turn(struct timer *t)
{
	struct banyand *bd =
	    (struct banyand *)(void *)((char *)t - offsetof(struct banyand,
						       happened.timer));
	struct happening *x;

	for (size_t n = bd->happened.n; n > 0; n--) {
		x = STAILQ_FIRST(&bd->happened.queue);
		STAILQ_REMOVE_HEAD(&bd->happened.queue, link);
		bd->happened.n--;
		tell(bd, x);
		free(x);
	}
	if (bd->happened.n > 0)
		loop_timer_set(bd->loop, t, loop_now(bd->loop));
}

void
happened_init(struct banyand *bd)
{
	STAILQ_INIT(&bd->happened.queue);
	bd->happened.timer.fire = turn;
}

void
happened_add(struct banyand *bd, enum log_row row, const struct log_field *f,
    size_t n)
{
	struct happening *x;

	if (bd->node == NULL || bd->stopping ||
	    log_row_level(row) == LOGL_DEBUG)
		return;
	if (bd->happened.n < HAPPENED_MAX) {
		x = happening_new(row, f, n);
		STAILQ_INSERT_TAIL(&bd->happened.queue, x, link);
		if (bd->happened.n++ == 0)
			loop_timer_set(bd->loop, &bd->happened.timer,
			    loop_now(bd->loop));
		return;
	}
	STAILQ_FOREACH(x, &bd->happened.queue, link)
		if (x->row == row) {
			x->more++;
			return;
		}
}

void
happened_fini(struct banyand *bd)
{
	struct happening *x;

	while ((x = STAILQ_FIRST(&bd->happened.queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&bd->happened.queue, link);
		free(x);
	}
	if (bd->loop != NULL)
		loop_timer_clear(bd->loop, &bd->happened.timer);
}
