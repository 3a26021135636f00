#include "daemon/http.h"

#include <unistd.h>

#include "core/core.h"
#include "daemon/brokers.h"
#include "node/metrics.h"

static bool
is_ready(void *ctx)
{
	const struct banyand *bd = ctx;

	return !bd->stopping && core_is_ready(node_core(bd->node)) &&
	       !core_is_draining(node_core(bd->node));
}

static void
write_figures(void *ctx, struct writer *w)
{
	const struct banyand *bd = ctx;

	metrics_of_node(w, node_core(bd->node), node_links(bd->node),
	    node_trunks(bd->node), loop_now(bd->loop));
	meter_write(&bd->meter, &bd->log, bd->streams, w);
	brokers_figures(bd->brokers, w);
}

static const struct pages_ops ops = { is_ready, write_figures };

void
http_init(struct banyand *bd)
{
	pages_init(&bd->http, bd->streams, bd->loop, &ops, bd);
}

void
http_accept(struct banyand *bd, int fd)
{
	if (bd->node == NULL)
		(void)close(fd);
	else
		pages_accept(&bd->http, fd);
}
