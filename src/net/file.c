#include "net/file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define PIECE ((size_t)64 * 1024) /* bytes to make room for at a time */

FILE *
file_open(const char *path)
{
	/* O_NONBLOCK: a pipe without a writer must not hold us up */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return NULL;
	}
	return fdopen(fd, "r");
}

/* Read up to max + 1 bytes, and add a NUL. */
static char *
read_whole(FILE *f, size_t max, size_t *n)
{
	size_t cap = 0, got = 1;
	char *p = NULL;

	for (*n = 0; got > 0 && *n <= max; *n += got) {
		if (cap < *n + PIECE) {
			cap = 2 * *n + PIECE;
			p = mem_realloc(p, cap + 1);
		}
		got = fread(p + *n, 1, PIECE, f);
	}
	p[*n] = '\0';
	return p;
}

char *
file_read(const char *path, size_t max, size_t *n)
{
	FILE *f = file_open(path);
	bool failed;
	char *p;

	if (f == NULL)
		return NULL;
	p = read_whole(f, max, n);
	failed = ferror(f) != 0;
	(void)fclose(f);
	if (!failed && *n <= max)
		return p;
	free(p);
	errno = failed ? EIO : EFBIG;
	return NULL;
}

bool
file_read_into(struct arena *a, const char *path, size_t max, struct span *text,
    const char **why)
{
	size_t n;
	char *p = file_read(path, max, &n);

	if (p == NULL) {
		*why = file_why(errno);
		return false;
	}
	*text = arena_span_dup(a, span_make(p, n));
	free(p);
	return true;
}

const char *
file_why(int err)
{
	return err == EINVAL ? "not a plain file" : strerror(err);
}

bool
file_open_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* the descriptors below are open, so this gets fd */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			return false;
	return true;
}
