/*
 * A library that is preloaded into banyand, and measures the CPU time of each
 * turn of its loop.
 *
 *	TURNS_FILE=FILE LD_PRELOAD=turns.so banyand ...
 *
 * A turn is the time of the loop's thread between two calls of epoll_wait. The
 * library makes FILE, which holds a struct turns. turns.py and scale.py read
 * and clear it while the server runs. If they set `ask`, the library writes how
 * many bytes malloc has given out, and clears `ask`. The same library measures
 * any build, older ones too.
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/mman.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LONG_NS 20000000u /* a turn that is longer is too long */
#define FILE_LEN 4096

struct turns {
	volatile uint64_t turns, longest_ns, total_ns, too_long;
	volatile uint64_t ask, in_use;
};

typedef int wait_fn(int, struct epoll_event *, int, int);

static struct turns *turns;
static wait_fn *next;
static uint64_t began; /* 0: before the first turn */

static uint64_t
cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

__attribute__((constructor)) static void
begin(void)
{
	const char *file = getenv("TURNS_FILE");
	int fd = file == NULL ? -1 : open(file, O_RDWR | O_CREAT, 0600);
	void *p = dlsym(RTLD_NEXT, "epoll_wait");

	if (fd < 0 || p == NULL || ftruncate(fd, FILE_LEN) != 0)
		_exit(99);
	*(void **)&next = p;
	turns = mmap(NULL, FILE_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (turns == MAP_FAILED)
		_exit(99);
}

static void
answer(void)
{
	struct mallinfo2 m = mallinfo2();

	turns->in_use = m.uordblks + m.hblkhd;
	turns->ask = 0;
}

int
epoll_wait(int fd, struct epoll_event *ev, int n, int ms)
{
	uint64_t took = began == 0 ? 0 : cpu_ns() - began;
	int got;

	turns->turns++;
	turns->total_ns += took;
	if (took > turns->longest_ns)
		turns->longest_ns = took;
	if (took > LONG_NS)
		turns->too_long++;
	if (turns->ask != 0)
		answer();
	got = next(fd, ev, n, ms);
	began = cpu_ns();
	return got;
}
