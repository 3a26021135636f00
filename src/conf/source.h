/*
 * source.h - the text of a configuration: a file, with the files that it
 * includes in the places of their @include, and the file and line from which
 * each line of the text comes.
 *
 * Files are read by the caller's function, because this folder is pure. It
 * follows that libconfig never opens a file: it would end the process at a
 * folder, and wait for ever for a pipe.
 */
#ifndef CONF_SOURCE_H
#define CONF_SOURCE_H

#include "base/arena.h"
#include "conf/report.h"

#define SOURCE_MAX ((size_t)16 * 1024 * 1024) /* bytes of the whole text */

/* The caller's way to read files. */
struct conf_files {
	/*
	 * Read a plain file of at most SOURCE_MAX bytes into the arena. path
	 * has a NUL behind it. Return false, and set *why to the reason in
	 * static words, if the file cannot be read.
	 */
	bool (*read)(void *ctx, struct arena *, struct span path,
	    struct span *text, const char **why);
	void *ctx;
};

/* Lines of the text from first on come from lines of a file from at on. */
struct source_run {
	unsigned int first;
	struct conf_place at;
};

struct source {
	struct arena *arena;
	struct span text; /* ends with a newline, which has a NUL behind it */
	struct source_run *run;
	size_t nrun, cap;
};

/*
 * Read the file at path, and everything that it includes, into source. A
 * relative path in an @include starts at the folder of path. All memory comes
 * from the arena, which must live as long as the source. Return false if a file
 * cannot be read; the report then has the place of its @include and the reason.
 */
bool source_read(struct source *, struct arena *, struct span path,
    const struct conf_files *, struct conf_report *);

/* Return the place in its file of a line of the text; line 1 is the first. */
struct conf_place source_place(const struct source *, unsigned int line);

#endif
