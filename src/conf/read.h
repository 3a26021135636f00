/*
 * read.h - a configuration from its files to a checked struct: what all
 * programs share.
 */
#ifndef CONF_READ_H
#define CONF_READ_H

#include "conf/head.h"
#include "conf/source.h"

/*
 * Read the file at path and what it includes, let libconfig parse the text, and
 * check the result by the rows of the schema. The report gets every problem of
 * the options, or else the first mistake in the text, or the file that cannot
 * be read. The caller frees the result with conf_head_free, and uses it only if
 * the report has no errors. Return NULL if the text cannot be parsed.
 */
struct conf_head *conf_read(const struct schema *, struct span path,
    const struct conf_files *, struct conf_report *);

#endif
