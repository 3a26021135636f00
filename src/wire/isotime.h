/*
 * Wall time as text, in the form of ISO 8601 that the time tag has (ircv3
 * server-time): "2011-10-19T16:40:51.620Z".
 */
#ifndef WIRE_ISOTIME_H
#define WIRE_ISOTIME_H

#include "base/mtime.h"
#include "base/span.h"
#include "base/writer.h"

#define ISOTIME_TEXT 24 /* bytes */

/* Append the text of t. w fails if t is outside the years 0 to 9999. */
void isotime_build(struct writer *w, struct wall t);

#endif
