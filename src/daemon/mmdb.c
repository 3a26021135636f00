/*
 * libmaxminddb maps the file that it is given, and checks bounds against the
 * size of that moment. If the file became shorter, the next lookup would end
 * the process. So it is given a copy in memory, which cannot change.
 */
#include "daemon/mmdb.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <maxminddb.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "host/sockaddr.h"
#include "net/file.h"

#define FILE_MAX ((size_t)256 * 1024 * 1024) /* bytes */
#define PIECE ((size_t)64 * 1024)	     /* bytes that are copied at once */

struct mmdb {
	MMDB_s db;
};

static bool
write_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	for (; n > 0; p += k, n -= (size_t)k)
		if ((k = write(fd, p, n)) < 0)
			return false;
	return true;
}

/* Copy the file. Return false, and set errno, if that fails. */
static bool
copy(FILE *f, int fd)
{
	char *piece = mem_alloc(PIECE);
	size_t n, all = 0;
	bool ok = true;

	while (ok && (n = fread(piece, 1, PIECE, f)) > 0) {
		all += n;
		if (all > FILE_MAX)
			errno = EFBIG;
		ok = all <= FILE_MAX && write_all(fd, piece, n);
	}
	free(piece);
	return ok && ferror(f) == 0;
}

/* Return a file in memory that nobody can change, with what the file at the
 * path has; or -1, with errno. */
static int
copy_of(const char *path)
{
	FILE *f = file_open(path);
	int fd, err;

	if (f == NULL)
		return -1;
	fd = memfd_create("countries", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd >= 0 && (!copy(f, fd) || fcntl(fd, F_ADD_SEALS,
					    F_SEAL_SHRINK | F_SEAL_GROW |
						F_SEAL_WRITE) != 0)) {
		err = errno;
		(void)close(fd);
		errno = err;
		fd = -1;
	}
	err = errno;
	(void)fclose(f);
	errno = err;
	return fd;
}

struct mmdb *
mmdb_open(const char *path, char why[MMDB_WHY_LEN])
{
	struct mmdb *m;
	char copied[40];
	int fd = copy_of(path), status;

	if (fd < 0) {
		snprintf(why, MMDB_WHY_LEN, "cannot read it: %s",
		    file_why(errno));
		return NULL;
	}
	m = mem_zalloc(sizeof(*m));
	snprintf(copied, sizeof(copied), "/proc/self/fd/%d", fd);
	status = MMDB_open(copied, MMDB_MODE_MMAP, &m->db);
	(void)close(fd);
	if (status == MMDB_SUCCESS)
		return m;
	snprintf(why, MMDB_WHY_LEN,
	    "not a database in the format of MaxMind: %s",
	    MMDB_strerror(status));
	free(m);
	return NULL;
}

void
mmdb_close(struct mmdb *m)
{
	if (m == NULL)
		return;
	MMDB_close(&m->db);
	free(m);
}

bool
mmdb_country(const struct mmdb *m, const struct addr *a, char code[3])
{
	struct sockaddr_storage ss;
	MMDB_lookup_result_s found;
	MMDB_entry_data_s data;
	int status;

	(void)sockaddr_build(&ss, a, 0);
	found =
	    MMDB_lookup_sockaddr(&m->db, (const struct sockaddr *)&ss, &status);
	if (status != MMDB_SUCCESS || !found.found_entry ||
	    MMDB_get_value(&found.entry, &data, "country", "iso_code",
		(char *)NULL) != MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING ||
	    data.data_size != 2 || !ascii_is_upper(data.utf8_string[0]) ||
	    !ascii_is_upper(data.utf8_string[1]))
		return false;
	memcpy(code, data.utf8_string, 2);
	code[2] = '\0';
	return true;
}
