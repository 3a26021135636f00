#include "target.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * Return the number behind the next "key": after *at, and move *at behind it.
 */
static bool
next_number(const char **at, const char *key, long *value)
{
	char quoted[32], *end;
	const char *p;

	snprintf(quoted, sizeof(quoted), "\"%s\"", key);
	p = strstr(*at, quoted);
	if (p == NULL)
		return false;
	p += strlen(quoted);
	p += strspn(p, " \t\r\n:");
	*value = strtol(p, &end, 10);
	*at = end;
	return end != p;
}

static long
number_in(const char *from, const char *to, const char *key)
{
	long value;

	if (!next_number(&from, key, &value) || from > to)
		errx(1, "network.json: a server without \"%s\"", key);
	return value;
}

/* Return the text of the file, until the next call. */
static const char *
read_text(const char *file)
{
	static char text[256 * 1024];
	FILE *f = fopen(file, "r");

	if (f == NULL)
		err(1, "%s", file);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

void
target_read(struct target *t, const char *file)
{
	const char *text = read_text(file), *p, *next;
	size_t n;

	*t = (struct target){ .name = "banyand" };
	for (p = strstr(text, "\"sid\""); p != NULL; p = next) {
		next = strstr(p + 1, "\"sid\"");
		n = next == NULL ? strlen(p) : (size_t)(next - p);
		if (t->n == TARGET_SERVERS)
			break;
		t->pid[t->n] = (pid_t)number_in(p, p + n, "pid");
		t->port[t->n] = (int)number_in(p, p + n, "plain");
		t->tls[t->n] = (int)number_in(p, p + n, "tls");
		t->n++;
	}
	if (t->n == 0)
		errx(1, "%s: no servers", file);
}

void
target_read_gate(struct target *t, const char *file)
{
	const char *p;

	target_read(t, file);
	p = strstr(read_text(file), "\"gates\"");
	if (p == NULL)
		errx(1, "%s: no gates", file);
	t->gate = (pid_t)number_in(p, p + strlen(p), "pid");
	t->port[0] = (int)number_in(p, p + strlen(p), "plain");
	t->tls[0] = (int)number_in(p, p + strlen(p), "tls");
}

static void
start_floor(struct target *t, int i, const char *program)
{
	char text[16] = "";
	int out[2];

	if (pipe(out) != 0)
		err(1, "pipe");
	t->pid[i] = fork();
	if (t->pid[i] < 0)
		err(1, "fork");
	if (t->pid[i] == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], 1);
		execl(program, program, (char *)NULL);
		err(1, "%s", program);
	}
	close(out[1]);
	if (read(out[0], text, sizeof(text) - 1) <= 0)
		errx(1, "%s did not start", program);
	close(out[0]);
	t->port[i] = atoi(text);
}

void
target_floor(struct target *t, const char *program, int n)
{
	*t = (struct target){ .name = "floor", .is_floor = true, .n = n };
	for (int i = 0; i < n; i++)
		start_floor(t, i, program);
}

void
target_stop(struct target *t)
{
	for (int i = 0; i < t->n; i++) {
		kill(t->pid[i], SIGKILL);
		waitpid(t->pid[i], NULL, 0);
	}
}

static double
cpu_ns(const struct target *t, pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &ts) != 0)
		errx(1, "%s %d is gone", t->name, (int)pid);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

double
target_cpu_ns(const struct target *t)
{
	double sum = t->gate == 0 ? 0 : cpu_ns(t, t->gate);

	for (int i = 0; i < t->n; i++)
		sum += cpu_ns(t, t->pid[i]);
	return sum;
}

double
target_memory(const struct target *t)
{
	char path[64], line[256];
	double kb = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)t->pid[0]);
	f = fopen(path, "r");
	if (f == NULL)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "RssAnon: %lf kB", &kb) == 1)
			break;
	fclose(f);
	return kb * 1024;
}
