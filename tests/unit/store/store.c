#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"
#include "unit/store/check_store.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const unsigned char key[16];
static char dir[64], why[STORE_WHY_LEN], lost[STORE_WHY_LEN];

static void
set_up(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/banyan-store.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	why[0] = '\0';
}

static const char *
path_of(const char *name)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
tear_down(void)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL)
		(void)unlink(path_of(e->d_name));
	(void)closedir(d);
	(void)rmdir(dir);
}

static struct store *
open_at(int64_t now_ms)
{
	struct store *s = store_open(dir, now_ms, why, lost);

	ck_assert_msg(s != NULL, "%s", why);
	return s;
}

static enum store_result
put(struct store *s, const char *k, const char *text, int64_t gone_ms)
{
	struct store_queue q;
	struct store_batch b;
	enum store_result result;

	store_queue_init(&q, key);
	store_queue_put(&q, span_of(k), span_of(text), gone_ms);
	b = store_queue_take(&q, 1);
	result = store_write(s, &b, why);
	store_batch_done(&b);
	store_queue_fini(&q);
	return result;
}

static void
add_row(void *ctx, struct span k, struct span text, int64_t gone_ms)
{
	char *all = ctx;
	size_t n = strlen(all);

	(void)snprintf(all + n, 4096 - n, "%.*s=%.*s", SPAN_ARG(k),
	    SPAN_ARG(text));
	n = strlen(all);
	(void)snprintf(all + n, 4096 - n, gone_ms == 0 ? ";" : "@%lld;",
	    (long long)gone_ms);
}

static void
holds(struct store *s, const char *want)
{
	char all[4096] = "";

	ck_assert_int_eq(store_read(s, add_row, all, why), STORE_OK);
	ck_assert_str_eq(all, want);
}

START_TEST(kept_over_a_restart)
{
	struct store *s = open_at(0);

	ck_assert_str_eq(lost, "");
	holds(s, "");
	ck_assert_int_eq(put(s, "a", "one\ntwo\n", 0), STORE_OK);
	ck_assert_int_eq(put(s, "b", "x", 0), STORE_OK);
	ck_assert_int_eq(put(s, "a", "three", 0), STORE_OK);
	ck_assert_int_eq(put(s, "b", "", 5), STORE_OK);
	store_close(s);
	ck_assert(store_check(dir, why));
	s = open_at(0);
	holds(s, "a=three;b=@5;");
	store_close(s);
}
END_TEST

/* End a process in a transaction, half of which is in the file already. */
static void
write_half(void)
{
	sqlite3 *db;
	pid_t pid = fork();

	if (pid == 0) {
		(void)sqlite3_open(path_of("store.db"), &db);
		(void)sqlite3_exec(db,
		    "PRAGMA cache_size = 1; BEGIN; DELETE FROM kept;"
		    "CREATE TABLE more(x);"
		    "INSERT INTO more SELECT zeroblob(9000) FROM"
		    " (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
		    " FROM n WHERE i < 200) SELECT i FROM n)",
		    NULL, NULL, NULL);
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* The check before a start cannot undo that; the start does. */
START_TEST(cut_off_while_it_writes)
{
	struct store *s = open_at(0);

	ck_assert_int_eq(put(s, "a", "x", 0), STORE_OK);
	store_close(s);
	write_half();
	ck_assert_int_eq(access(path_of("store.db-journal"), F_OK), 0);
	ck_assert_msg(store_check(dir, why), "%s", why);
	s = open_at(0);
	ck_assert_str_eq(lost, "");
	holds(s, "a=x;");
	store_close(s);
}
END_TEST

START_TEST(notes_end)
{
	struct store *s = open_at(0);

	ck_assert_int_eq(put(s, "a", "", 1 * DAY_MS), STORE_OK);
	ck_assert_int_eq(put(s, "b", "", 2 * DAY_MS), STORE_OK);
	ck_assert_int_eq(put(s, "c", "old", 0), STORE_OK);
	store_close(s);
	s = open_at(91 * DAY_MS);
	holds(s, "a=@86400000;b=@172800000;c=old;");
	store_close(s);
	s = open_at(91 * DAY_MS + 1);
	holds(s, "b=@172800000;c=old;");
	store_close(s);
}
END_TEST

static void
scribble(const char *name, off_t at, size_t n)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT, 0600);

	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(pwrite(fd, "\xa5", 1, at + (off_t)i), 1);
	(void)close(fd);
}

static void
is_set_aside(const char *name)
{
	struct store *s;

	ck_assert(store_check(dir, why));
	s = open_at(0);
	ck_assert_ptr_nonnull(strstr(lost, "/store.db: "));
	ck_assert_ptr_nonnull(strstr(lost, name));
	ck_assert_int_eq(access(path_of(name), F_OK), 0);
	holds(s, "");
	ck_assert_int_eq(put(s, "a", "new", 0), STORE_OK);
	store_close(s);
	ck_assert(store_check(dir, why));
	s = open_at(0);
	ck_assert_str_eq(lost, "");
	holds(s, "a=new;");
	store_close(s);
}

START_TEST(damaged)
{
	struct store *s = open_at(0);
	char text[3000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (char k[2] = "a"; k[0] <= 'z'; k[0]++)
		ck_assert_int_eq(put(s, k, text, 0), STORE_OK);
	store_close(s);
	scribble("store.db", 0, 100); /* no database at all */
	is_set_aside("store.db.damaged.1");
	scribble("store.db", 4096, 100); /* a page of the table */
	is_set_aside("store.db.damaged.2");
}
END_TEST

START_TEST(newer_version)
{
	sqlite3 *db;

	store_close(open_at(0));
	ck_assert_int_eq(sqlite3_open(path_of("store.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL,
			     NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
	ck_assert_ptr_null(store_open(dir, 0, why, lost));
	ck_assert_str_eq(lost, "");
	ck_assert_ptr_nonnull(strstr(why, "it is of version 2"));
	ck_assert(!store_check(dir, why));
	ck_assert_int_eq(access(path_of("store.db"), F_OK), 0);
}
END_TEST

START_TEST(folder_that_cannot_be_used)
{
	(void)snprintf(lost, sizeof(lost), "junk");
	ck_assert_ptr_null(store_open("/dev/null", 0, why, lost));
	ck_assert_str_eq(lost, "");
	ck_assert_ptr_nonnull(strstr(why, "/dev/null/store.db: "));
}
END_TEST

START_TEST(file_vanishes)
{
	struct store *s = open_at(0), *other;

	ck_assert_int_eq(put(s, "a", "x", 0), STORE_OK);
	ck_assert_int_eq(unlink(path_of("store.db")), 0);
	ck_assert_int_eq(put(s, "b", "x", 0), STORE_LOST);
	ck_assert_ptr_nonnull(strstr(why, "the file has gone"));
	other = open_at(0);
	ck_assert_int_eq(put(s, "b", "x", 0), STORE_LOST);
	ck_assert_int_eq(put(other, "b", "x", 0), STORE_OK);
	holds(other, "b=x;");
	store_close(other);
	store_close(s);
}
END_TEST

/* Write until the file may not grow any more. */
static int
fill(void)
{
	static char text[20000];
	struct rlimit limit = { 100000, 100000 };
	struct store *s = open_at(0);
	int n = 0;

	memset(text, 'x', sizeof(text) - 1);
	(void)signal(SIGXFSZ, SIG_IGN);
	if (put(s, "first", "x", 0) != STORE_OK ||
	    setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 1;
	for (char k[2] = "a"; n == 0 && k[0] <= 'z'; k[0]++)
		n = put(s, k, text, 0) == STORE_FAILED ? k[0] : 0;
	if (n == 0 || strstr(why, "cannot write") == NULL)
		return 2;
	/* it is no harder to write less */
	if (put(s, "first", "y", 0) != STORE_OK)
		return 3;
	store_close(s);
	return 0;
}

START_TEST(full_disk)
{
	struct store *s;
	char all[4096] = "";
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fill());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert(store_check(dir, why));
	s = open_at(0);
	ck_assert_int_eq(store_read(s, add_row, all, why), STORE_OK);
	store_close(s);
}
END_TEST

static unsigned int
mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(path_of(name), &st), 0);
	return st.st_mode & 07777;
}

/* No other user may read the database or its journal, also if an older version
 * has made the file. */
START_TEST(for_its_user_alone)
{
	mode_t before = umask(0);
	struct store *s = open_at(0);
	sqlite3 *db;

	ck_assert_uint_eq(mode_of("store.db"), 0600);
	store_close(s);
	ck_assert_int_eq(chmod(path_of("store.db"), 0644), 0);
	store_close(open_at(0));
	ck_assert_uint_eq(mode_of("store.db"), 0600);
	ck_assert_int_eq(sqlite3_open(path_of("store.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db,
			     "BEGIN; DELETE FROM kept; PRAGMA user_version = 1",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	ck_assert_uint_eq(mode_of("store.db-journal"), 0600);
	(void)sqlite3_close(db);
	/* what an operator has given to a group stays so */
	ck_assert_int_eq(chmod(path_of("store.db"), 0640), 0);
	store_close(open_at(0));
	ck_assert_uint_eq(mode_of("store.db"), 0640);
	(void)umask(before);
}
END_TEST

/* A folder in the place of the journal keeps everybody from writing, also
 * root. */
START_TEST(tried)
{
	struct store *s;

	ck_assert(store_try(dir, why));
	ck_assert_int_eq(access(path_of("store.db"), F_OK), -1);
	s = open_at(0);
	ck_assert_int_eq(put(s, "a", "x", 0), STORE_OK);
	ck_assert(store_try(dir, why));
	ck_assert_int_eq(access(path_of("store.db-journal"), F_OK), -1);
	holds(s, "a=x;");
	store_close(s);
	ck_assert_int_eq(mkdir(path_of("store.db-journal"), 0700), 0);
	ck_assert(!store_try(dir, why));
	ck_assert_ptr_nonnull(strstr(why, "/store.db: cannot "));
	ck_assert_int_eq(rmdir(path_of("store.db-journal")), 0);
}
END_TEST

START_TEST(copied)
{
	struct store *s = open_at(0);
	char copy[512];

	ck_assert_int_eq(put(s, "a", "x", 0), STORE_OK);
	(void)snprintf(copy, sizeof(copy), "%s/copy", dir);
	ck_assert(store_backup(s, copy, why));
	ck_assert_int_eq(put(s, "a", "later", 0), STORE_OK);
	ck_assert(!store_backup(s, copy, why));
	ck_assert_ptr_nonnull(strstr(why, "File exists"));
	ck_assert(!store_backup(s, "/nowhere/at/all", why));
	store_close(s);
	ck_assert_int_eq(rename(copy, path_of("store.db")), 0);
	s = open_at(0);
	ck_assert_str_eq(lost, "");
	holds(s, "a=x;");
	store_close(s);
}
END_TEST

Suite *
store_suite(void)
{
	Suite *s = suite_create("store");
	TCase *tc = unit_case("store");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, kept_over_a_restart);
	tcase_add_test(tc, cut_off_while_it_writes);
	tcase_add_test(tc, notes_end);
	tcase_add_test(tc, damaged);
	tcase_add_test(tc, newer_version);
	tcase_add_test(tc, folder_that_cannot_be_used);
	tcase_add_test(tc, file_vanishes);
	tcase_add_test(tc, for_its_user_alone);
	tcase_add_test(tc, tried);
	tcase_add_test(tc, full_disk);
	tcase_add_test(tc, copied);
	suite_add_tcase(s, tc);
	return s;
}
