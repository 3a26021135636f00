/*
 * metrics.h - figures of a server, in the text format of Prometheus.
 *
 * The number of series is bounded: servers, links, pools and rows have bounds,
 * and no user, channel or address is a label. To add a figure, write it in
 * metrics_of_node(), or in host/meter.c if gates have it, too.
 */
#ifndef NODE_METRICS_H
#define NODE_METRICS_H

#include "base/mtime.h"
#include "base/writer.h"
#include "core/core.h"
#include "link/info.h"
#include "trunk/info.h"

#define METRICS_ORIGINS 256 /* servers that have series of their own */

/* Write the figures that the node knows. */
void metrics_of_node(struct writer *, const struct core *,
    const struct link_net *, const struct trunk_net *, struct mono now);

#endif
