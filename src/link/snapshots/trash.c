#include "link/snapshots/trash.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/core.h"
#include "core/types/cost.h"
#include "link/state.h"

struct trash {
	struct trash *next;
	struct entry **entry; /* one of the two is NULL */
	struct rcbuf **buf;
	size_t n;
};

static void
add(struct link_net *net, const struct trash *like)
{
	struct trash *t = mem_alloc(sizeof(*t));

	*t = *like;
	t->next = net->trash;
	net->trash = t;
}

void
trash_entries(struct link_net *net, struct entry **v, size_t n)
{
	if (v != NULL)
		add(net, &(struct trash){ .entry = v, .n = n });
}

void
trash_bufs(struct link_net *net, struct rcbuf **v, size_t n)
{
	if (v != NULL)
		add(net, &(struct trash){ .buf = v, .n = n });
}

/* Free the last object of the newest array, or the array if it is empty. */
static void
free_one(struct link_net *net)
{
	struct trash *t = net->trash;

	if (t->n == 0) {
		net->trash = t->next;
		free(t->entry);
		free(t->buf);
		free(t);
		return;
	}
	t->n--;
	if (t->entry != NULL)
		entry_unref(t->entry[t->n]);
	else
		rcbuf_unref(t->buf[t->n]);
}

void
trash_run(struct link_net *net)
{
	size_t n = 0;

	for (; n < TRASH_STEP && net->trash != NULL; n++)
		free_one(net);
	core_spend(net->core, n * COST_VISIT);
}

bool
trash_is_left(const struct link_net *net)
{
	return net->trash != NULL;
}

void
trash_fini(struct link_net *net)
{
	while (net->trash != NULL)
		free_one(net);
}
