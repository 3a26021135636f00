/*
 * metric.h - writes figures in the text format of Prometheus.
 */
#ifndef WIRE_METRIC_H
#define WIRE_METRIC_H

#include "base/writer.h"

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

#endif
