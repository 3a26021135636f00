/*
 * metrics.h - figures of a server, in the text format of Prometheus.
 *
 * The number of series is bounded: servers, links, pools and rows have bounds,
 * and no user, channel or address is a label. To add a figure, write it in
 * metrics_of_node(), or in daemon/meter.c if the node does not know it.
 */
#ifndef NODE_METRICS_H
#define NODE_METRICS_H

#include "base/mtime.h"
#include "base/writer.h"
#include "core/core.h"
#include "link/info.h"
#include "trunk/info.h"

#define METRICS_ORIGINS 256 /* servers that have series of their own */

/* Begin a figure: its name without `banyan_`, its type (`gauge`, `counter` or
 * `histogram`), and what it counts. */
void metric_begin(struct writer *, const char *name, const char *type,
    const char *help);
/* Write one value of it, with one label or none (NULL). */
void metric_value(struct writer *, const char *name, const char *label,
    struct span of, int64_t value);
/* Write a value with decimals, ns as seconds. */
void metric_seconds(struct writer *, const char *name, const char *label,
    struct span of, int64_t ns);
/* Do all of this for a figure with one value. */
void metric_single(struct writer *, const char *name, const char *type,
    const char *help, int64_t value);

/* Write the figures that the node knows. */
void metrics_of_node(struct writer *, const struct core *,
    const struct link_net *, const struct trunk_net *, struct mono now);

#endif
