/*
 * read.h - a configuration from its files to a checked struct conf: what
 * banyand and banyanctl share.
 */
#ifndef CONF_READ_H
#define CONF_READ_H

#include "conf/conf.h"
#include "conf/source.h"

/*
 * Read the file at path and what it includes, let libconfig parse the text, and
 * check the result. The report gets every problem of the options, or else the
 * first mistake in the text, or the file that cannot be read. The caller frees
 * the result with conf_free, and uses it only if the report has no errors.
 * Return NULL if the text cannot be parsed.
 */
struct conf *conf_read(struct span path, const struct conf_files *,
    struct conf_report *);

#endif
