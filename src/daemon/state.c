#include "daemon/state.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/types/ids.h"

static bool
fail(char *why, const char *what, const char *path)
{
	(void)snprintf(why, STATE_WHY_LEN, "cannot %s %s: %s", what, path,
	    strerror(errno));
	return false;
}

static bool
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

bool
state_write(const char *dir, uint32_t inc, uint64_t uid_upto,
    char why[STATE_WHY_LEN])
{
	char path[4200], tmp[4200], text[128];
	int fd, n;
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/state", dir);
	(void)snprintf(tmp, sizeof(tmp), "%s/state.new", dir);
	n = snprintf(text, sizeof(text), "banyan-state 1\ninc %lu\nuids %llu\n",
	    (unsigned long)inc, (unsigned long long)uid_upto);
	/* create a new file: root must not write into a file that `user` may
	 * have put there */
	if (unlink(tmp) != 0 && errno != ENOENT)
		return fail(why, "remove", tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(why, "write", tmp);
	errno = ENOSPC; /* a short write means that the disk is full */
	ok = write(fd, text, (size_t)n) == n && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok)
		return fail(why, "write", tmp);
	if (rename(tmp, path) != 0 || !sync_dir(dir))
		return fail(why, "replace", path);
	return true;
}

/* Read the state file; a missing file leaves both values 0. Return false and
 * fill in why if the file cannot be read or is damaged. */
static bool
state_read(struct state *s, char *why)
{
	char path[4200];
	unsigned long inc;
	unsigned long long uids;
	FILE *f;
	bool ok;

	s->inc = 0;
	s->uid_upto = 0;
	(void)snprintf(path, sizeof(path), "%s/state", s->dir);
	if ((f = fopen(path, "re")) == NULL)
		return errno == ENOENT ? true : fail(why, "read", path);
	ok = fscanf(f, "banyan-state 1\ninc %lu\nuids %llu\n", &inc, &uids) ==
		 2 &&
	     inc <= UINT32_MAX;
	(void)fclose(f);
	if (!ok) {
		(void)snprintf(why, STATE_WHY_LEN,
		    "%s is damaged: it does not hold the incarnation and the "
		    "uids of the last run; if there is no copy of it, use "
		    "another sid",
		    path);
		return false;
	}
	s->inc = (uint32_t)inc;
	s->uid_upto = uids;
	return true;
}

bool
state_check(const char *dir, char why[STATE_WHY_LEN])
{
	struct state s = { .lock = -1 };

	(void)snprintf(s.dir, sizeof(s.dir), "%s", dir);
	return state_read(&s, why);
}

/* more than what a start writes: the state, a journal of the store, the log */
#define TRY_BYTES ((size_t)16 * 1024)

static bool
try_to_write(const char *path, char *why)
{
	static const char zeros[TRY_BYTES];
	int fd;
	bool ok;

	if (unlink(path) != 0 && errno != ENOENT)
		return fail(why, "remove", path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(why, "write", path);
	errno = ENOSPC; /* a short write means that the disk is full */
	ok = write(fd, zeros, sizeof(zeros)) == (ssize_t)sizeof(zeros) &&
	     fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	return ok ? true : fail(why, "write", path);
}

bool
state_try(const char *dir, char why[STATE_WHY_LEN])
{
	char path[4200];
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/state.try", dir);
	ok = try_to_write(path, why);
	(void)unlink(path);
	return ok;
}

/* Return a descriptor of the locked directory, or -1. */
static int
lock_dir(const char *dir, char *why)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		(void)fail(why, "open the state directory", dir);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	(void)snprintf(why, STATE_WHY_LEN,
	    "another banyand is running with the state directory %s", dir);
	(void)close(fd);
	return -1;
}

bool
state_is_free(const char *dir, char why[STATE_WHY_LEN])
{
	int fd = lock_dir(dir, why);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

bool
state_make(const char *dir, char why[STATE_WHY_LEN])
{
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return true;
	return fail(why, "make the state directory", dir);
}

bool
state_gives(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_nlink == 1;
}

/* Give a file of the state directory to the user. Root must not give away what
 * somebody has linked there: a file with another name may be any file. */
static bool
give_file(int dir, const char *name, uid_t uid, gid_t gid)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool ok = true;

	if (fd < 0)
		return errno == ENOENT;
	if (fstat(fd, &st) == 0 && state_gives(&st))
		ok = fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0;
	(void)close(fd);
	return ok;
}

bool
state_give(const struct state *s, uid_t uid, gid_t gid)
{
	return fchown(s->lock, uid, gid) == 0 &&
	       give_file(s->lock, "state", uid, gid) &&
	       give_file(s->lock, "store.db", uid, gid) &&
	       give_file(s->lock, "store.db-journal", uid, gid);
}

static bool
set_dir(struct state *s, const char *dir, char *why)
{
	*s = (struct state){ .lock = -1 };
	if ((size_t)snprintf(s->dir, sizeof(s->dir), "%s", dir) <
	    sizeof(s->dir))
		return true;
	(void)snprintf(why, STATE_WHY_LEN, "state: path too long");
	return false;
}

bool
state_open(struct state *s, const char *dir, int64_t now_s, uint64_t *uid_from,
    char why[STATE_WHY_LEN])
{
	int64_t inc;

	if (!set_dir(s, dir, why) || !state_make(dir, why))
		return false;
	s->lock = lock_dir(dir, why);
	if (s->lock < 0)
		return false;
	if (!state_read(s, why))
		return false;
	inc = now_s > (int64_t)s->inc ? now_s : (int64_t)s->inc + 1;
	if (inc > UINT32_MAX) {
		(void)snprintf(why, STATE_WHY_LEN, "the clock is beyond 2106");
		return false;
	}
	s->inc = (uint32_t)inc;
	*uid_from = s->uid_upto;
	s->uid_upto += UIDS_AHEAD;
	return state_write(dir, s->inc, s->uid_upto, why);
}

/* Return true if the lock is one of the directory. */
static bool
is_lock_of(int lock, const char *dir)
{
	struct stat a, b;

	return lock >= 0 && fstat(lock, &a) == 0 && stat(dir, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool
state_resume(struct state *s, const char *dir, const struct state_run *run,
    char why[STATE_WHY_LEN])
{
	int lock = run->lock;

	if (lock >= 0 && !is_lock_of(lock, dir)) {
		(void)close(lock);
		lock = -1;
	}
	if (!set_dir(s, dir, why)) {
		s->lock = lock;
		return false;
	}
	s->lock = lock >= 0 ? lock : lock_dir(dir, why);
	if (s->lock < 0 || !state_read(s, why))
		return false;
	if (s->inc == run->inc && s->uid_upto >= run->uid_upto)
		return true;
	(void)snprintf(why, STATE_WHY_LEN,
	    "the state directory %s is not of this run", dir);
	return false;
}

int
state_dup_lock(const struct state *s, int min)
{
	return s->lock >= 0 ? fcntl(s->lock, F_DUPFD, min) : -1;
}

void
state_close(struct state *s)
{
	if (s->lock >= 0)
		(void)close(s->lock);
	s->lock = -1;
}
