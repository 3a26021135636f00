/*
 * daemon/worker.h: the order of its jobs, and what it refuses. The disk of
 * these tests is state_write() below, which holds the thread of the worker
 * until the test lets it go on.
 */
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <string.h>

#include "daemon/worker.h"
#include "unit/daemon/check_daemon.h"

#define TOLD_MAX 300

static struct loop *loop;
static struct worker *worker;
static sem_t reached, go_on; /* by a write; by the test */
static unsigned writes;
static char verifier[crypto_pwhash_STRBYTES];

/* The answers, in the order in which they came. */
static struct told {
	uint64_t token;
	enum request_kind kind;
	enum answer_status status;
} told[TOLD_MAX];
static unsigned ntold;
static char check_said[256];

/* ---- the world of the worker --------------------------------------------- */

bool
state_write(const char *dir, uint32_t inc, uint64_t uid_upto,
    char why[STATE_WHY_LEN])
{
	(void)dir;
	(void)inc;
	(void)uid_upto;
	(void)why;
	writes++;
	ck_assert_int_eq(sem_post(&reached), 0);
	ck_assert_int_eq(sem_wait(&go_on), 0);
	return true;
}

void
load_again(struct loaded *l, const char *path, const char *old_log,
    const struct module_set *old)
{
	(void)old;
	(void)l;
	(void)path;
	(void)old_log;
}

void
loaded_fini(struct loaded *l)
{
	(void)l;
}

int __real_pthread_join(pthread_t, void **);
int __wrap_pthread_join(pthread_t, void **);

/* The worker is being freed: from now on its disk holds nothing up. */
int
__wrap_pthread_join(pthread_t thread, void **result)
{
	for (unsigned i = 0; i < WORKER_STORES_MAX + 1; i++)
		ck_assert_int_eq(sem_post(&go_on), 0);
	return __real_pthread_join(thread, result);
}

static void
tell(uint64_t token, enum request_kind kind, enum answer_status status)
{
	ck_assert_uint_lt(ntold, TOLD_MAX);
	told[ntold++] = (struct told){ token, kind, status };
}

static void
answered(void *ctx, uint64_t token, enum request_kind kind,
    enum answer_status status)
{
	(void)ctx;
	tell(token, kind, status);
}

static void
stored(void *ctx, uint64_t token, uint64_t uid_upto, const char *why)
{
	(void)ctx;
	ck_assert_uint_eq(uid_upto, token * 10);
	tell(token, REQUEST_UIDS, why == NULL ? ANSWER_OK : ANSWER_NO);
}

static void
loaded(void *ctx, struct loaded *l)
{
	(void)ctx;
	(void)l;
}

static void
checked(void *ctx, bool ok, const char *said)
{
	(void)ctx;
	(void)snprintf(check_said, sizeof(check_said), "%s", said);
	tell(0, REQUEST_REHASH, ok ? ANSWER_OK : ANSWER_NO);
}

static const struct worker_ops ops = { answered, stored, loaded, checked };

/* ---- helpers ------------------------------------------------------------- */

static void
up(void)
{
	ck_assert_int_ge(sodium_init(), 0);
	ck_assert_int_eq(crypto_pwhash_str(verifier, "right", 5,
			     crypto_pwhash_OPSLIMIT_MIN,
			     crypto_pwhash_MEMLIMIT_MIN),
	    0);
	ck_assert_int_eq(sem_init(&reached, 0, 0), 0);
	ck_assert_int_eq(sem_init(&go_on, 0, 0), 0);
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	worker = worker_new(loop, &ops, NULL);
	ck_assert_ptr_nonnull(worker);
}

static void
down(void)
{
	worker_free(worker);
	loop_free(loop);
}

static void
store(uint64_t token)
{
	static const struct state state = { .dir = "/nowhere", .inc = 1 };

	worker_store(worker, &state, token, token * 10);
}

/* Hold the thread of the worker in the write of mark `token`. */
static void
hold(uint64_t token)
{
	store(token);
	ck_assert_int_eq(sem_wait(&reached), 0);
}

static void
guess_as(enum request_kind kind, uint64_t token, unsigned char address,
    const char *password)
{
	struct addr from = addr_v4((const unsigned char[]){ 192, 0, 2, 0 });
	struct arena *arena = arena_new(1024);

	from.b[15] = address;
	worker_password(worker, token, kind, &from,
	    request_password(arena, span_of(verifier), span_of(password)));
	arena_free(arena);
}

static void
guess(uint64_t token, unsigned char address, const char *password)
{
	guess_as(REQUEST_OPER, token, address, password);
}

/* Run turns until there are n answers at least. */
static void
turn_until(unsigned n)
{
	while (ntold < n)
		loop_turn(loop, -1);
}

static void
was_told(unsigned i, uint64_t token, enum answer_status status)
{
	ck_assert_uint_eq(told[i].token, token);
	ck_assert_int_eq(told[i].status, status);
}

/* ---- tests --------------------------------------------------------------- */

START_TEST(a_kind_without_a_worker_is_refused)
{
	up();
	worker_refuse(worker, 7, REQUEST_QUESTION);
	ck_assert_uint_eq(ntold, 0);
	turn_until(1);
	was_told(0, 7, ANSWER_REFUSED);
	ck_assert_int_eq(told[0].kind, REQUEST_QUESTION);
	down();
}
END_TEST

START_TEST(passwords_are_compared)
{
	up();
	guess(1, 1, "right");
	guess(2, 1, "wrong");
	guess(3, 1, "");
	turn_until(3);
	was_told(0, 1, ANSWER_OK);
	was_told(1, 2, ANSWER_NO);
	was_told(2, 3, ANSWER_NO);
	ck_assert_int_eq(told[0].kind, REQUEST_OPER);
	down();
}
END_TEST

START_TEST(addresses_take_turns)
{
	static const uint64_t order[] = { 9, 1, 4, 2, 3 };

	up();
	hold(9);
	guess(1, 1, "wrong");
	guess(2, 1, "wrong");
	guess(3, 1, "wrong");
	guess(4, 2, "right");
	ck_assert_int_eq(sem_post(&go_on), 0);
	turn_until(5);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(told[i].token, order[i]);
	down();
}
END_TEST

/* The password that is refused is of the address with the most. */
START_TEST(too_many_passwords_refuse_a_guesser)
{
	up();
	hold(999);
	guess(1, 2, "right");
	for (unsigned i = 0; i < WORKER_QUEUE_MAX; i++)
		guess(100 + i, 1, "wrong");
	turn_until(1);
	ck_assert_uint_eq(ntold, 1);
	was_told(0, 100 + WORKER_QUEUE_MAX - 1, ANSWER_REFUSED);
	ck_assert_int_eq(sem_post(&go_on), 0);
	turn_until(4);
	was_told(1, 999, ANSWER_OK);
	was_told(2, 1, ANSWER_OK);
	was_told(3, 100, ANSWER_NO);
	down();
}
END_TEST

/* Strangers at many addresses, who may only send PASS, do not hold an operator
 * up. */
START_TEST(kinds_take_turns)
{
	static const uint64_t order[] = { 9, 1, 6, 2, 3, 4, 5 };

	up();
	hold(9);
	for (unsigned char i = 1; i <= 5; i++)
		guess_as(REQUEST_PASS, i, i, "wrong");
	guess(6, 6, "right");
	ck_assert_int_eq(sem_post(&go_on), 0);
	turn_until(7);
	for (unsigned i = 0; i < 7; i++)
		ck_assert_uint_eq(told[i].token, order[i]);
	ck_assert_int_eq(told[2].kind, REQUEST_OPER);
	ck_assert_int_eq(told[1].kind, REQUEST_PASS);
	down();
}
END_TEST

/* A try is refused of the kind with the most, though each address has one. */
START_TEST(too_many_passwords_refuse_their_kind)
{
	up();
	hold(999);
	for (unsigned i = 0; i < WORKER_QUEUE_MAX; i++)
		guess_as(REQUEST_PASS, 100 + i, (unsigned char)i, "wrong");
	guess(1, 7, "right");
	turn_until(1);
	ck_assert_uint_eq(ntold, 1);
	was_told(0, 100 + WORKER_QUEUE_MAX - 1, ANSWER_REFUSED);
	ck_assert_int_eq(told[0].kind, REQUEST_PASS);
	ck_assert_int_eq(sem_post(&go_on), 0);
	turn_until(4);
	was_told(1, 999, ANSWER_OK);
	was_told(2, 100, ANSWER_NO);
	was_told(3, 1, ANSWER_OK);
	down();
}
END_TEST

/* A kind may have more than the others together: it gives way to itself. */
START_TEST(the_newest_is_refused_among_equals)
{
	up();
	hold(999);
	for (unsigned i = 0; i <= WORKER_QUEUE_MAX; i++)
		guess_as(REQUEST_PASS, 1000 + i, (unsigned char)i, "wrong");
	turn_until(1);
	was_told(0, 1000 + WORKER_QUEUE_MAX, ANSWER_REFUSED);
	ck_assert_int_eq(sem_post(&go_on), 0);
	down();
}
END_TEST

START_TEST(a_disk_that_hangs_gets_few_marks)
{
	up();
	hold(1);
	for (uint64_t i = 2; i <= WORKER_STORES_MAX + 2; i++)
		store(i);
	turn_until(1);
	ck_assert_uint_eq(ntold, 1);
	was_told(0, WORKER_STORES_MAX + 2, ANSWER_NO);
	for (unsigned i = 0; i < WORKER_STORES_MAX + 1; i++)
		ck_assert_int_eq(sem_post(&go_on), 0);
	turn_until(WORKER_STORES_MAX + 2);
	for (unsigned i = 1; i <= WORKER_STORES_MAX + 1; i++)
		was_told(i, i, ANSWER_OK);
	down();
}
END_TEST

/* worker_free() waits for the job that runs, and drops the others. */
START_TEST(the_end_waits_for_one_job)
{
	up();
	hold(1);
	store(2);
	guess(3, 1, "right");
	down();
	ck_assert_uint_eq(writes, 1);
	ck_assert_uint_eq(ntold, 0);
}
END_TEST

/* A program that checks a configuration ends with 0, or says what is wrong. */
START_TEST(a_check_tells_what_the_program_says)
{
	static const struct {
		const char *exe, *said;
	} row[] = {
		{ "/bin/true", "" },
		{ "/bin/echo", "-f /nowhere/banyand.conf --check" },
		{ "/bin/false", "/bin/false failed" },
		/* it takes the path for a script */
		{ "/bin/sh",
		    "/bin/sh: 0: cannot open /nowhere/banyand.conf: No such "
		    "file" },
		{ "/nowhere/banyand",
		    "/nowhere/banyand: No such file or directory" },
	};

	up();
	worker_check(worker, row[_i].exe, "/nowhere/banyand.conf",
	    span_dup(SPAN("LINE=1")));
	turn_until(1);
	ck_assert_str_eq(check_said, row[_i].said);
	was_told(0, 0, _i < 2 ? ANSWER_OK : ANSWER_NO);
	down();
}
END_TEST

Suite *
worker_suite(void)
{
	Suite *s = suite_create("worker");
	TCase *t = unit_case("all");

	tcase_add_test(t, a_kind_without_a_worker_is_refused);
	tcase_add_test(t, passwords_are_compared);
	tcase_add_test(t, addresses_take_turns);
	tcase_add_test(t, too_many_passwords_refuse_a_guesser);
	tcase_add_test(t, kinds_take_turns);
	tcase_add_test(t, too_many_passwords_refuse_their_kind);
	tcase_add_test(t, the_newest_is_refused_among_equals);
	tcase_add_test(t, a_disk_that_hangs_gets_few_marks);
	tcase_add_test(t, the_end_waits_for_one_job);
	tcase_add_loop_test(t, a_check_tells_what_the_program_says, 0, 5);
	suite_add_tcase(s, t);
	return s;
}
