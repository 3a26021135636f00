/*
 * The rollback journal is SQLite's oldest and simplest form: one file beside
 * the database while a transaction runs. A write-ahead log would save a sync
 * for each transaction, which nobody waits for here.
 *
 * user_version is the version of the tables. The texts have no version: they
 * are lines of the link protocol, whose grammar is kept.
 *
 * SQLite makes files that everybody may read, but the texts have reasons of
 * bans that are for operators alone. So the file is made here before SQLite
 * opens it. SQLite gives the journal the mode of the database.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define VERSION 1
#define BUSY_MS 1000
#define PATH_LEN 4200
#define DAMAGED_MAX 100 /* files that are set aside */

struct store {
	sqlite3 *db;
	char path[PATH_LEN];
	dev_t dev; /* of the file that is open */
	ino_t ino;
};

static void
explain(const struct store *s, const char *what, char why[STORE_WHY_LEN])
{
	(void)snprintf(why, STORE_WHY_LEN, "%s: %s: %s", s->path, what,
	    sqlite3_errmsg(s->db));
}

static bool
run(struct store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool
is_damage(int code)
{
	return (code & 0xff) == SQLITE_CORRUPT ||
	       (code & 0xff) == SQLITE_NOTADB;
}

/* Return STORE_LOST if the last call failed because of damage, or because the
 * file is not there any more; else STORE_FAILED. */
static enum store_result
failure(struct store *s)
{
	return is_damage(sqlite3_extended_errcode(s->db)) ? STORE_LOST
							  : STORE_FAILED;
}

/* ---- opening ------------------------------------------------------------- */

static int
note_column(void *ctx, int n, char **value, char **name)
{
	(void)name;
	if (n > 0 && value[0] != NULL)
		(void)snprintf(ctx, 64, "%s", value[0]);
	return 0;
}

/* Return the first value of an answer, in text; empty if there is none. */
static bool
ask(struct store *s, const char *sql, char text[64])
{
	text[0] = '\0';
	return sqlite3_exec(s->db, sql, note_column, text, NULL) == SQLITE_OK;
}

static bool
connect_db(struct store *s, int flags, char why[STORE_WHY_LEN])
{
	if (sqlite3_open_v2(s->path, &s->db, flags | SQLITE_OPEN_NOMUTEX,
		NULL) == SQLITE_OK &&
	    sqlite3_busy_timeout(s->db, BUSY_MS) == SQLITE_OK)
		return true;
	explain(s, "cannot open", why);
	return false;
}

/* Check that the database is whole, and that this server knows its version. */
static enum store_result
inspect(struct store *s, char why[STORE_WHY_LEN])
{
	char text[64];

	if (!ask(s, "PRAGMA quick_check(1)", text)) {
		explain(s, "cannot read", why);
		return failure(s);
	}
	if (strcmp(text, "ok") != 0) {
		(void)snprintf(why, STORE_WHY_LEN, "%s: it is damaged: %s",
		    s->path, text);
		return STORE_LOST;
	}
	if (!ask(s, "PRAGMA user_version", text)) {
		explain(s, "cannot read", why);
		return failure(s);
	}
	if (atoi(text) <= VERSION)
		return STORE_OK;
	(void)snprintf(why, STORE_WHY_LEN,
	    "%s: it is of version %s, and this server knows version %d: run "
	    "the "
	    "later banyand again, or move the file away",
	    s->path, text, VERSION);
	return STORE_FAILED;
}

static bool
note_file(struct store *s)
{
	struct stat st;

	if (stat(s->path, &st) != 0)
		return false;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return true;
}

static bool
set_up(struct store *s, int64_t now_ms, char why[STORE_WHY_LEN])
{
	char drop[128];

	(void)snprintf(drop, sizeof(drop),
	    "DELETE FROM kept WHERE text IS NULL AND gone < %lld",
	    (long long)(now_ms - STORE_NOTES_MS));
	if (run(s, "PRAGMA synchronous = FULL") &&
	    run(s, "CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, "
		   "text BLOB, gone INTEGER NOT NULL) WITHOUT ROWID") &&
	    run(s, "PRAGMA user_version = 1") && run(s, drop) && note_file(s))
		return true;
	explain(s, "cannot write", why);
	return false;
}

/* Make the file, or take its rights from strangers. A failure shows when SQLite
 * opens the file. */
static void
make_private(const struct store *s)
{
	struct stat st;
	int fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
	    S_IRUSR | S_IWUSR);

	if (fd >= 0)
		(void)close(fd);
	else if (stat(s->path, &st) == 0 && S_ISREG(st.st_mode) &&
		 (st.st_mode & S_IRWXO) != 0)
		(void)chmod(s->path, S_IRUSR | S_IWUSR);
}

static enum store_result
open_once(struct store *s, int64_t now_ms, char why[STORE_WHY_LEN])
{
	enum store_result result;

	make_private(s);
	if (!connect_db(s, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, why))
		return failure(s);
	result = inspect(s, why);
	if (result != STORE_OK)
		return result;
	return set_up(s, now_ms, why) ? STORE_OK : failure(s);
}

/* Give the damaged file another name, and its journal, too, which belongs to
 * it. Return false if that is not possible. */
static bool
set_aside(const struct store *s, char lost[STORE_WHY_LEN])
{
	char to[PATH_LEN + 32], from[PATH_LEN + 32];
	struct stat st;

	for (int i = 1; i <= DAMAGED_MAX; i++) {
		(void)snprintf(to, sizeof(to), "%s.damaged.%d", s->path, i);
		if (lstat(to, &st) == 0)
			continue;
		if (rename(s->path, to) != 0)
			return false;
		(void)snprintf(lost + strlen(lost),
		    STORE_WHY_LEN - strlen(lost), "; it is %s now", to);
		(void)snprintf(from, sizeof(from), "%s-journal", s->path);
		(void)snprintf(to, sizeof(to), "%s.damaged.%d-journal", s->path,
		    i);
		return rename(from, to) == 0 || errno == ENOENT;
	}
	return false;
}

struct store *
store_open(const char *dir, int64_t now_ms, char why[STORE_WHY_LEN],
    char lost[STORE_WHY_LEN])
{
	struct store *s = mem_zalloc(sizeof(*s));
	enum store_result result;

	lost[0] = '\0';
	(void)snprintf(s->path, sizeof(s->path), "%s/store.db", dir);
	result = open_once(s, now_ms, why);
	if (result == STORE_LOST) {
		(void)snprintf(lost, STORE_WHY_LEN, "%s", why);
		(void)sqlite3_close(s->db);
		s->db = NULL;
		if (set_aside(s, lost))
			result = open_once(s, now_ms, why);
	}
	if (result == STORE_OK)
		return s;
	store_close(s);
	return NULL;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	(void)sqlite3_close(s->db);
	free(s);
}

/* A server that was killed while it wrote has left half a transaction. Reading
 * alone cannot undo it, and fails; the next start undoes it. */
static bool
is_cut_off(const struct store *s)
{
	return s->db != NULL &&
	       (sqlite3_errcode(s->db) & 0xff) == SQLITE_READONLY;
}

bool
store_check(const char *dir, char why[STORE_WHY_LEN])
{
	struct store s = { .db = NULL };
	bool ok;

	(void)snprintf(s.path, sizeof(s.path), "%s/store.db", dir);
	if (access(s.path, F_OK) != 0 && errno == ENOENT)
		return true;
	ok = connect_db(&s, SQLITE_OPEN_READONLY, why) &&
	     (inspect(&s, why) != STORE_FAILED || is_cut_off(&s));
	(void)sqlite3_close(s.db);
	return ok;
}

/* The first page of a transaction goes to the journal at once. So this needs
 * the same rights and room as a change, and the database stays as it is. */
static bool
try_to_write(struct store *s, char why[STORE_WHY_LEN])
{
	bool ok =
	    run(s, "BEGIN IMMEDIATE") && run(s, "PRAGMA user_version = 1");

	if (!ok)
		explain(s, "cannot write", why);
	(void)run(s, "ROLLBACK");
	return ok;
}

bool
store_try(const char *dir, char why[STORE_WHY_LEN])
{
	struct store s = { .db = NULL };
	enum store_result result;
	bool ok;

	(void)snprintf(s.path, sizeof(s.path), "%s/store.db", dir);
	if (access(s.path, F_OK) != 0 && errno == ENOENT)
		return true;
	ok = connect_db(&s, SQLITE_OPEN_READWRITE, why);
	if (ok) {
		result = inspect(&s, why);
		ok = result == STORE_LOST ||
		     (result == STORE_OK && try_to_write(&s, why));
	}
	(void)sqlite3_close(s.db);
	return ok;
}

/* ---- reading and writing ------------------------------------------------- */

static struct span
column(sqlite3_stmt *row, int i)
{
	const char *p = sqlite3_column_blob(row, i);

	return p == NULL ? SPAN_NONE
			 : span_make(p, (size_t)sqlite3_column_bytes(row, i));
}

enum store_result
store_read(struct store *s,
    void (*fn)(void *, struct span, struct span, int64_t), void *ctx,
    char why[STORE_WHY_LEN])
{
	sqlite3_stmt *row = NULL;
	int code;

	code = sqlite3_prepare_v2(s->db, "SELECT key, text, gone FROM kept", -1,
	    &row, NULL);
	if (code == SQLITE_OK)
		while ((code = sqlite3_step(row)) == SQLITE_ROW)
			fn(ctx, column(row, 0), column(row, 1),
			    sqlite3_column_int64(row, 2));
	if (code != SQLITE_DONE)
		explain(s, "cannot read", why);
	(void)sqlite3_finalize(row);
	if (code == SQLITE_DONE)
		return STORE_OK;
	return is_damage(code) ? STORE_LOST : STORE_FAILED;
}

static bool
is_there(const struct store *s)
{
	struct stat st;

	return stat(s->path, &st) == 0 && st.st_dev == s->dev &&
	       st.st_ino == s->ino;
}

static bool
write_one(sqlite3_stmt *put, const struct store_change *c)
{
	bool ok = sqlite3_bind_blob64(put, 1, c->key.p, c->key.n,
		      SQLITE_STATIC) == SQLITE_OK;

	if (c->text.n > 0)
		ok = ok && sqlite3_bind_blob64(put, 2, c->text.p, c->text.n,
			       SQLITE_STATIC) == SQLITE_OK;
	else
		ok = ok && sqlite3_bind_null(put, 2) == SQLITE_OK;
	ok = ok && sqlite3_bind_int64(put, 3, c->gone_ms) == SQLITE_OK &&
	     sqlite3_step(put) == SQLITE_DONE;
	return sqlite3_reset(put) == SQLITE_OK && ok;
}

static bool
write_all(struct store *s, const struct store_batch *b)
{
	sqlite3_stmt *put = NULL;
	bool ok = sqlite3_prepare_v2(s->db,
		      "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", -1, &put,
		      NULL) == SQLITE_OK;

	for (size_t i = 0; ok && i < b->n; i++)
		ok = write_one(put, b->v[i]);
	(void)sqlite3_finalize(put);
	return ok;
}

enum store_result
store_write(struct store *s, const struct store_batch *b,
    char why[STORE_WHY_LEN])
{
	enum store_result result;

	if (!is_there(s)) {
		(void)snprintf(why, STORE_WHY_LEN,
		    "%s: the file has gone, or is another one", s->path);
		return STORE_LOST;
	}
	if (run(s, "BEGIN IMMEDIATE") && write_all(s, b) && run(s, "COMMIT"))
		return STORE_OK;
	explain(s, "cannot write", why);
	result = failure(s);
	(void)run(s, "ROLLBACK");
	return result;
}

/* ---- a copy -------------------------------------------------------------- */

static bool
copy_to(struct store *s, sqlite3 *to, const char *path, char why[STORE_WHY_LEN])
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", s->db, "main");

	if (b != NULL) {
		(void)sqlite3_backup_step(b, -1);
		(void)sqlite3_backup_finish(b);
	}
	if (sqlite3_errcode(to) == SQLITE_OK)
		return true;
	(void)snprintf(why, STORE_WHY_LEN, "%s: %s", path, sqlite3_errmsg(to));
	return false;
}

bool
store_backup(struct store *s, const char *path, char why[STORE_WHY_LEN])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	sqlite3 *to = NULL;
	bool ok;

	if (fd < 0) {
		(void)snprintf(why, STORE_WHY_LEN, "%s: %s", path,
		    strerror(errno));
		return false;
	}
	(void)close(fd);
	if (sqlite3_open_v2(path, &to,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) == SQLITE_OK) {
		ok = copy_to(s, to, path, why);
	} else {
		ok = false;
		(void)snprintf(why, STORE_WHY_LEN, "%s: %s", path,
		    sqlite3_errmsg(to));
	}
	(void)sqlite3_close(to);
	if (!ok)
		(void)unlink(path);
	return ok;
}
