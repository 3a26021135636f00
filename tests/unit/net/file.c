#include "net/file.h"

#include <sys/stat.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"

static char folder[] = "/tmp/banyan-unit-XXXXXX", path[64];

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/f", folder);
}

static void
teardown(void)
{
	(void)unlink(path);
	(void)rmdir(path);
	(void)rmdir(folder);
}

static void
fill(size_t n)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	while (n-- > 0)
		(void)fputc('a' + (int)(n % 26), f);
	(void)fclose(f);
}

START_TEST(file_of_any_size_up_to_max)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 200000 };
	size_t n, size = sizes[_i];
	char *p;

	fill(size);
	p = file_read(path, size, &n);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(n, size);
	ck_assert_uint_eq(strlen(p), size);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(p[i], 'a' + (int)((n - 1 - i) % 26));
	free(p);
	if (size == 0)
		return;
	ck_assert_ptr_null(file_read(path, size - 1, &n));
	ck_assert_int_eq(errno, EFBIG);
}
END_TEST

START_TEST(file_that_is_not_plain)
{
	size_t n;

	ck_assert_ptr_null(file_read(path, 1, &n));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_str_eq(file_why(errno), strerror(ENOENT));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_ptr_null(file_read(path, 1, &n));
	ck_assert_str_eq(file_why(errno), "not a plain file");
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(file_read(path, 1, &n));
	ck_assert_str_eq(file_why(errno), "not a plain file");
}
END_TEST

Suite *
file_suite(void)
{
	Suite *s = suite_create("net/file");
	TCase *t = unit_case("file");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, file_of_any_size_up_to_max, 0, 6);
	tcase_add_test(t, file_that_is_not_plain);
	suite_add_tcase(s, t);
	return s;
}
