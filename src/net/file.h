/*
 * file.h - reads plain files. A folder, a pipe or a device in the place of a
 * file is a failure; it is never read, and never waited for.
 *
 * Reading waits for the disk, so the loop's thread must not read while the loop
 * runs.
 */
#ifndef NET_FILE_H
#define NET_FILE_H

#include <stdio.h>

#include "base/arena.h"

/*
 * Open a plain file to read; the caller closes it. Return NULL and set errno on
 * failure, to EINVAL if the file is not a plain file.
 */
FILE *file_open(const char *path);

/*
 * Read a plain file of at most max bytes, and set *n to their number. The
 * caller frees the result, which has a NUL behind it. Return NULL and set errno
 * on failure, to EFBIG if the file is larger.
 */
char *file_read(const char *path, size_t max, size_t *n);

/* Read as file_read does, into the arena. On failure return false and set *why
 * as file_why does. */
bool file_read_into(struct arena *, const char *path, size_t max,
    struct span *text, const char **why);

/* Open /dev/null in the place of each of the standard streams that is closed,
 * so that no file or socket gets its descriptor. For the beginning of main().
 * Return false and set errno on failure. */
bool file_open_standard(void);

/* Return the reason of a failure of file_open or file_read, in static words. */
const char *file_why(int err);

#endif
