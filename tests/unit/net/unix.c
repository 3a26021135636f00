#include "net/unix.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

static char dir[] = "/tmp/banyan-unix-XXXXXX", path[64];
static char why[LISTEN_WHY_LEN];
static int accepted_fd = -1;

static void
up(void)
{
	net_up();
	accepted_fd = -1;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/control", dir);
}

static void
down(void)
{
	unlink(path);
	rmdir(dir);
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	net_down();
}

static void
accepted(void *ctx, int fd, const struct sockaddr_storage *peer)
{
	(void)ctx;
	ck_assert_int_eq(peer->ss_family, AF_UNIX);
	accepted_fd = fd;
}

static const struct listen_ops ops = { .accepted = accepted };

static int
knock(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(addr.sun_path, path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	close(fd);
	return -1;
}

START_TEST(is_for_its_owner_only_and_removed_at_the_end)
{
	mode_t mask = umask(0);
	struct listener *ls = unix_listen(loop, path, &ops, NULL, why);
	struct stat st;
	int fd;

	umask(mask);
	ck_assert_ptr_nonnull(ls);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	fd = knock();
	TURN_UNTIL(accepted_fd >= 0);
	close(fd);
	close(accepted_fd);
	listen_free(ls);
	ck_assert_int_ne(stat(path, &st), 0);
}
END_TEST

START_TEST(one_at_which_nobody_answers_is_replaced)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct listener *ls;

	strcpy(addr.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	close(fd); /* like a killed server, leaves the file */
	ls = unix_listen(loop, path, &ops, NULL, why);
	ck_assert_ptr_nonnull(ls);
	fd = knock();
	ck_assert_int_ge(fd, 0);
	close(fd);
	listen_free(ls);
}
END_TEST

START_TEST(one_that_answers_is_left_alone)
{
	struct listener *ls = unix_listen(loop, path, &ops, NULL, why);
	int fd;

	ck_assert_ptr_null(unix_listen(loop, path, &ops, NULL, why));
	ck_assert_ptr_nonnull(strstr(why, path));
	ck_assert_ptr_nonnull(strstr(why, "answers"));
	fd = knock();
	ck_assert_int_ge(fd, 0);
	close(fd);
	listen_free(ls);
}
END_TEST

START_TEST(one_that_is_busy_is_left_alone)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), waiting;
	struct stat st;

	strcpy(addr.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(listen(fd, 0), 0);
	waiting = knock();
	ck_assert_int_ge(waiting, 0);
	ck_assert_ptr_null(unix_listen(loop, path, &ops, NULL, why));
	ck_assert_int_eq(stat(path, &st), 0);
	close(waiting);
	close(fd);
}
END_TEST

START_TEST(a_file_that_is_no_socket_is_left_alone)
{
	struct stat st;

	close(open(path, O_CREAT | O_WRONLY, 0644));
	ck_assert_ptr_null(unix_listen(loop, path, &ops, NULL, why));
	ck_assert_ptr_nonnull(strstr(why, "not a socket"));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert(S_ISREG(st.st_mode));
}
END_TEST

START_TEST(a_path_that_cannot_be_is_named)
{
	char name[200];

	ck_assert_ptr_null(unix_listen(loop, "/nonexistent/control", &ops, NULL,
	    why));
	ck_assert_str_eq(why,
	    "/nonexistent/control: No such file or directory");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_ptr_null(unix_listen(loop, name, &ops, NULL, why));
	ck_assert_ptr_nonnull(strstr(why, "File name too long"));
}
END_TEST

START_TEST(the_socket_of_another_is_not_removed)
{
	struct listener *ls = unix_listen(loop, path, &ops, NULL, why);
	struct listener *next;
	struct stat st;

	unlink(path);
	next = unix_listen(loop, path, &ops, NULL, why);
	ck_assert_ptr_nonnull(next);
	listen_free(ls);
	ck_assert_int_eq(stat(path, &st), 0);
	listen_free(next);
}
END_TEST

Suite *
unix_suite(void)
{
	Suite *s = suite_create("net/unix");
	TCase *t = unit_case("unix");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, is_for_its_owner_only_and_removed_at_the_end);
	tcase_add_test(t, one_at_which_nobody_answers_is_replaced);
	tcase_add_test(t, one_that_answers_is_left_alone);
	tcase_add_test(t, one_that_is_busy_is_left_alone);
	tcase_add_test(t, a_file_that_is_no_socket_is_left_alone);
	tcase_add_test(t, a_path_that_cannot_be_is_named);
	tcase_add_test(t, the_socket_of_another_is_not_removed);
	suite_add_tcase(s, t);
	return s;
}
