/*
 * main() of a fuzz target where libFuzzer is absent. It replays the corpus, so
 * that `make check` runs every input that was ever of interest, with any
 * compiler. It prints TAP, one case for each file. With arguments it replays
 * those files.
 *
 * Each file runs whole, and then cut after each of its first PREFIXES bytes:
 * foreign bytes may end anywhere. Every input is copied to an allocation of its
 * exact size, so that a sanitizer sees a read beyond its end.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIXES 256 /* bytes; a compromise with the time it takes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run(const char *bytes, size_t n)
{
	uint8_t *copy = malloc(n == 0 ? 1 : n);

	if (copy == NULL)
		abort();
	if (n != 0)
		memcpy(copy, bytes, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

/*
 * Read a whole file into *bytes, which the caller frees. Return its size, or
 * -1.
 */
static long
slurp(const char *path, char **bytes)
{
	FILE *f = fopen(path, "rb");
	long n = -1;

	*bytes = NULL;
	if (f == NULL)
		return -1;
	if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0) {
		rewind(f);
		*bytes = malloc((size_t)n + 1);
		if (*bytes == NULL ||
		    fread(*bytes, 1, (size_t)n, f) != (size_t)n)
			n = -1;
	}
	fclose(f);
	return n;
}

/* Run one file. A crash ends the process; the line before names the file. */
static int
replay(int number, const char *path)
{
	char *bytes;
	long n;

	printf("# %s\n", path);
	fflush(stdout);
	n = slurp(path, &bytes);
	if (n >= 0)
		run(bytes, (size_t)n);
	for (long i = 0; i < n && i < PREFIXES; i++)
		run(bytes, (size_t)i);
	free(bytes);
	printf("%s %d - %s\n", n < 0 ? "not ok" : "ok", number, path);
	return n < 0 ? 1 : 0;
}

static int
is_file(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/*
 * Run the corpus of this target: the folder of its name under
 * tests/fuzz/corpus.
 */
static int
replay_corpus(const char *argv0)
{
	const char *top = getenv("top_srcdir"), *base = strrchr(argv0, '/');
	struct dirent **names;
	char dir[4096], path[8192];
	int n, failed = 0;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
	    top == NULL ? "." : top, base == NULL ? argv0 : base + 1);
	n = scandir(dir, &names, is_file, alphasort);
	if (n <= 0) {
		printf("1..1\nnot ok 1 - %s: no corpus\n", dir);
		return 1;
	}
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		failed += replay(i + 1, path);
		free(names[i]);
	}
	free(names);
	return failed;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	if (argc < 2)
		return replay_corpus(argv[0]) == 0 ? 0 : 1;
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++)
		failed += replay(i, argv[i]);
	return failed == 0 ? 0 : 1;
}
