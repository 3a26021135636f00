#include "daemon/restart_check.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/kept.h"
#include "host/listening.h"
#include "net/unix.h"
#include "node/handover.h"
#include "store/store.h"

#define NAME "BANYAND_HOLDS"
#define FILE_LEN 64 /* ";control=DEVICE:INODE" */
#define TEXT_LEN 48 /* ";text=FORMAT;node=VERSION;" */
#define READS "reads text"

/* ---- what the running server holds -------------------------------------- */

static void
file_build(char text[FILE_LEN], const char *what, const struct stat *st)
{
	(void)snprintf(text, FILE_LEN, ";%s=%llx:%llx;", what,
	    (unsigned long long)st->st_dev, (unsigned long long)st->st_ino);
}

static void
text_build(char text[TEXT_LEN])
{
	(void)snprintf(text, TEXT_LEN, ";text=%d;node=%s;", KEPT_FORMAT,
	    HANDOVER_VERSION);
}

static void
add_files(const struct banyand *bd, struct writer *w)
{
	char *control = span_dup(bd->conf->control), text[FILE_LEN];
	struct stat st;

	if (fstat(bd->state.lock, &st) == 0) {
		file_build(text, "state", &st);
		writer_str(w, text);
	}
	if (lstat(control, &st) == 0) {
		file_build(text, "control", &st);
		writer_str(w, text);
	}
	free(control);
}

char *
restart_check_holds(const struct banyand *bd)
{
	char name[LISTEN_NAME_LEN], format[TEXT_LEN], *text;
	size_t room = sizeof(NAME) + 2 + TEXT_LEN + 2 * (size_t)FILE_LEN;
	const struct port *p;
	struct writer w;

	LIST_FOREACH(p, &bd->ports, link)
		room += LISTEN_NAME_LEN + sizeof(";listen=;");
	text = mem_array(NULL, room, 1);
	writer_init(&w, text, room - 1);
	writer_str(&w, NAME "=");
	text_build(format);
	writer_str(&w, format);
	add_files(bd, &w);
	LIST_FOREACH(p, &bd->ports, link) {
		writer_str(&w, ";listen=");
		writer_str(&w, listening_name(&p->conf, name));
		writer_str(&w, ";");
	}
	text[writer_done(&w).n] = '\0';
	return text;
}

/* ---- what the next program finds ---------------------------------------- */

pid_t
restart_check_asked(void)
{
	return getenv(NAME) != NULL ? getppid() : 0;
}

static bool
is_held(const char *text)
{
	const char *all = getenv(NAME);

	return all != NULL && strstr(all, text) != NULL;
}

void
restart_check_say(void)
{
	char text[TEXT_LEN];

	text_build(text);
	if (is_held(text))
		(void)puts(READS);
	(void)fflush(stdout); /* before the problems on standard error */
}

bool
restart_check_reads(const char **said)
{
	size_t n = strlen(READS);

	if (strncmp(*said, READS, n) != 0)
		return false;
	*said += n;
	if (**said == ';')
		(*said)++;
	return true;
}

bool
restart_check_has_listener(const char *name)
{
	char text[LISTEN_NAME_LEN + sizeof(";listen=;")];

	(void)snprintf(text, sizeof(text), ";listen=%s;", name);
	return is_held(text);
}

static bool
is_held_file(const char *what, const char *path)
{
	char text[FILE_LEN];
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	file_build(text, what, &st);
	return is_held(text);
}

/* A state directory that does not exist yet has nothing to try. */
static bool
can_use(const char *dir, char why[STATE_WHY_LEN])
{
	if (access(dir, F_OK) != 0)
		return true;
	if (!is_held_file("state", dir) && !state_is_free(dir, why))
		return false;
	return state_try(dir, why) && store_try(dir, why);
}

static void
check_state(struct loaded *l)
{
	char *dir = span_dup(l->conf->state), why[STATE_WHY_LEN];

	if (!can_use(dir, why))
		loaded_problem(l, false, "state", span_of(why));
	free(dir);
}

static void
check_control(struct loaded *l)
{
	char *path = span_dup(l->conf->control), why[LISTEN_WHY_LEN];

	if (!is_held_file("control", path) && !unix_try(path, why))
		loaded_problem(l, false, "control", span_of(why));
	free(path);
}

void
restart_check(struct loaded *l)
{
	if (l->report.errors > 0)
		return;
	check_state(l);
	check_control(l);
}
