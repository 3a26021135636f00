/*
 * store.h - an SQLite database in the state directory, store.db: texts under
 * keys, and notes of keys that were removed.
 *
 * Each call blocks on the disk. One thread at a time may use a store. A change
 * is durable when store_write() has returned, also if the power fails.
 *
 * A database that is damaged is set aside, as store.db.damaged.1 (or the next
 * number that is free), and a new one is begun: chat goes on, the network
 * still has the facts, and nothing is deleted. A database of a later version
 * is refused.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "store/queue.h"

#define STORE_WHY_LEN 4600 /* a path and some words */
#define STORE_NOTES_MS (INT64_C(90) * 24 * 3600 * 1000) /* notes are kept */

struct store;

enum store_result {
	STORE_OK,
	STORE_FAILED, /* nothing was written; it may work later */
	STORE_LOST    /* the database is damaged, or its file has gone */
};

/*
 * Open the database, or make it; no other user can read it. Drop notes that
 * are older than STORE_NOTES_MS. Return NULL and fill in why if it cannot be
 * used. If a damaged database was set aside, fill in lost with what was found
 * and where it is; else lost is empty. The caller frees the store by
 * store_close(), which takes NULL.
 */
struct store *store_open(const char *dir, int64_t now_ms,
    char why[STORE_WHY_LEN], char lost[STORE_WHY_LEN]);
void store_close(struct store *);

/* Check the database of a directory, if there is one, and change nothing.
 * Return false and fill in why if store_open() would refuse it. */
bool store_check(const char *dir, char why[STORE_WHY_LEN]);

/* Do the same, and also find out if the database can be written. */
bool store_try(const char *dir, char why[STORE_WHY_LEN]);

/* Call fn for each text and each note, which are borrowed for the call. A note
 * has no text. */
enum store_result store_read(struct store *,
    void (*fn)(void *ctx, struct span key, struct span text, int64_t gone_ms),
    void *ctx, char why[STORE_WHY_LEN]);

/* Write a batch in one transaction. */
enum store_result store_write(struct store *, const struct store_batch *,
    char why[STORE_WHY_LEN]);

/* Copy the database to a new file. Return false and fill in why if that fails:
 * then no file is left. A file that has the name already is never changed. */
bool store_backup(struct store *, const char *path, char why[STORE_WHY_LEN]);

#endif
