/*
 * Each command uses one connection: it sends one request line and reads lines
 * until the server closes. A timeout bounds each read, so that a server that
 * hangs does not hang banyanctl.
 *
 * A refusal goes to standard error, so that a script that reads standard output
 * gets answers only.
 */
#include "ctl/ask.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/writer.h"
#include "ctl/print.h"

#define ANSWER_S 30 /* seconds without a byte before the command gives up */

static int
unix_connect(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = ANSWER_S };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* A server without a free descriptor closes a connection before it has read
 * the request. */
static const char *
why_of(int err)
{
	if (err == EPIPE || err == ECONNRESET)
		return "the server closed the connection: it may have no file "
		       "descriptors left; see its log";
	return err == EAGAIN ? "the server does not answer" : strerror(err);
}

static void
add_word(struct writer *w, const char *word)
{
	writer_char(w, ' ');
	writer_str(w, word);
}

/* Write the line of a request: the command, an argument that may be NULL, json,
 * and the words of a text. Return false if it is too long or would have a
 * second line. */
static bool
request_build(struct writer *w, const struct ctl_args *args,
    const char *argument, bool json)
{
	char *const *word = args->text;

	writer_str(w, args->command);
	if (argument != NULL)
		add_word(w, argument);
	if (json)
		add_word(w, "json");
	for (; word != NULL && *word != NULL; word++)
		add_word(w, *word);
	if (span_find(writer_done(w), '\n') < writer_done(w).n)
		return false;
	writer_char(w, '\n');
	return !w->over;
}

static int
request_connect(const struct ctl_args *args)
{
	int fd = unix_connect(args->socket);

	if (fd < 0)
		print_error(args->socket,
		    errno == ECONNREFUSED || errno == ENOENT
			? "no server is running there"
			: strerror(errno));
	return fd;
}

/* Send a request. Return a stream to read the answer from, which the caller
 * closes; or NULL after an error message, with *failed set. */
static FILE *
request(const struct ctl_args *args, const char *argument, bool json,
    enum ctl_exit *failed)
{
	char text[1024];
	struct span line;
	struct writer w;
	FILE *f = NULL;
	int fd;

	writer_init(&w, text, sizeof(text));
	*failed = CTL_USAGE;
	if (!request_build(&w, args, argument, json)) {
		print_error(args->command,
		    "the arguments are too long, or have "
		    "more than one line");
		return NULL;
	}
	line = writer_done(&w);
	*failed = CTL_UNREACHABLE;
	if ((fd = request_connect(args)) < 0)
		return NULL;
	/* MSG_NOSIGNAL: a server that ends now must not end us by SIGPIPE */
	if (send(fd, line.p, line.n, MSG_NOSIGNAL) == (ssize_t)line.n)
		f = fdopen(fd, "r");
	if (f == NULL) {
		print_error(args->socket, why_of(errno));
		(void)close(fd);
	}
	return f;
}

static bool
is_refusal(struct span line)
{
	return span_starts(line, SPAN("error ")) ||
	       span_eq(line, SPAN("unknown command"));
}

static struct span
refusal_text(struct span line)
{
	return span_starts(line, SPAN("error ")) ? span_tail(line, 6) : line;
}

/* Read the next line, without its end, into buf. Return false at the end of the
 * answer. */
static bool
answer_line(FILE *f, char **buf, size_t *cap, struct span *line)
{
	ssize_t n = getline(buf, cap, f);

	if (n <= 0)
		return false;
	*line = span_make(*buf, (size_t)n);
	if (line->p[line->n - 1] == '\n')
		line->n--;
	return true;
}

static enum ctl_exit
answer_end(FILE *f, char *buf, enum ctl_exit status)
{
	if (ferror(f)) {
		print_error("the answer is incomplete", why_of(errno));
		status = CTL_UNREACHABLE;
	}
	(void)fclose(f);
	free(buf);
	return status;
}

/* Ask for one page, and print it. If the answer says where the next page
 * begins, set *at; else *at is empty. */
static enum ctl_exit
ask_page(const struct ctl_args *args, const char *argument, char at[32])
{
	enum ctl_exit status;
	FILE *f = request(args, argument, args->json, &status);
	char *buf = NULL;
	size_t cap = 0;
	struct span line;

	at[0] = '\0';
	if (f == NULL)
		return status;
	status = CTL_OK;
	while (answer_line(f, &buf, &cap, &line)) {
		if (is_refusal(line)) {
			(void)fprintf(stderr, "banyanctl: %.*s\n",
			    SPAN_ARG(refusal_text(line)));
			status = CTL_FAILED;
		} else if (span_starts(line, SPAN("more ")))
			(void)snprintf(at, 32, "%.*s",
			    SPAN_ARG(span_tail(line, 5)));
		else
			(void)printf("%.*s\n", SPAN_ARG(line));
	}
	return answer_end(f, buf, status);
}

enum ctl_exit
ask_run(const struct ctl_args *args)
{
	char at[32];

	return ask_page(args, args->argument, at);
}

enum ctl_exit
ask_tail(const struct ctl_args *args)
{
	static const struct timeval forever = { 0 };
	enum ctl_exit status;
	FILE *f = request(args, args->argument, args->json, &status);
	char *buf = NULL;
	size_t cap = 0;
	struct span line;

	if (f == NULL)
		return status;
	(void)setsockopt(fileno(f), SOL_SOCKET, SO_RCVTIMEO, &forever,
	    sizeof(forever));
	status = CTL_UNREACHABLE;
	while (answer_line(f, &buf, &cap, &line) && status != CTL_FAILED) {
		if (is_refusal(line)) {
			(void)fprintf(stderr, "banyanctl: %.*s\n",
			    SPAN_ARG(refusal_text(line)));
			status = CTL_FAILED;
		} else if (printf("%.*s\n", SPAN_ARG(line)) < 0 ||
			   fflush(stdout) != 0)
			status = CTL_FAILED;
	}
	if (status == CTL_UNREACHABLE && !ferror(f))
		print_error(args->socket, "the server has ended");
	return answer_end(f, buf, status);
}

enum ctl_exit
ask_pages(const struct ctl_args *args)
{
	char argument[32] = "0", at[32];
	enum ctl_exit status;

	do {
		status = ask_page(args, argument, at);
		memcpy(argument, at, sizeof(at));
	} while (status == CTL_OK && at[0] != '\0');
	return status;
}

/* The answer to an order, as it comes: problems, then the end. */
struct verdict {
	bool json;
	bool ended; /* by a line "ok ..." or "error ..." */
	enum ctl_exit status;
	size_t problems;
};

static void
verdict_problem(struct verdict *v, struct span text)
{
	if (!v->json) {
		(void)fprintf(stderr, "banyanctl: %.*s\n", SPAN_ARG(text));
		return;
	}
	(void)printf(v->problems++ == 0 ? "{\"problems\":[" : ",");
	print_json(stdout, text);
}

static void
verdict_end(struct verdict *v, struct span line)
{
	struct span text = refusal_text(line);

	v->ended = true;
	v->status = is_refusal(line) ? CTL_FAILED : CTL_OK;
	if (span_starts(line, SPAN("ok ")))
		text = span_tail(line, 3);
	if (v->json) {
		(void)printf("%s],\"ok\":%s,\"text\":",
		    v->problems == 0 ? "{\"problems\":[" : "",
		    v->status == CTL_OK ? "true" : "false");
		print_json(stdout, text);
		(void)printf("}\n");
	} else if (v->status == CTL_OK)
		(void)printf("%.*s\n", SPAN_ARG(text));
	else
		(void)fprintf(stderr, "banyanctl: %.*s\n", SPAN_ARG(text));
}

enum ctl_exit
ask_order(const struct ctl_args *args)
{
	struct verdict v = { .json = args->json, .status = CTL_UNREACHABLE };
	enum ctl_exit failed;
	FILE *f = request(args, args->argument, false, &failed);
	char *buf = NULL;
	size_t cap = 0;
	struct span line;

	if (f == NULL)
		return failed;
	while (!v.ended && answer_line(f, &buf, &cap, &line)) {
		if (span_starts(line, SPAN("problem ")))
			verdict_problem(&v, span_tail(line, 8));
		else
			verdict_end(&v, line);
	}
	if (!v.ended && v.problems > 0) /* the object has begun */
		verdict_end(&v, SPAN("error the answer is incomplete"));
	else if (!v.ended && !ferror(f))
		print_error(args->socket,
		    "the server closed the connection without an answer");
	return answer_end(f, buf, v.status);
}

/* Return the words of the question: the verb, the argument and the text. The
 * caller frees the list. */
static char **
question_words(const struct ctl_args *args)
{
	size_t n = 0, i = 0;
	char **v;

	while (args->text != NULL && args->text[n] != NULL)
		n++;
	v = calloc(n + 3, sizeof(*v));
	if (v == NULL)
		return NULL;
	v[i++] = (char *)(uintptr_t)args->verb;
	if (args->argument != NULL)
		v[i++] = (char *)(uintptr_t)args->argument;
	for (size_t k = 0; k < n; k++)
		v[i++] = args->text[k];
	return v;
}

/* Print a line of the answer. Return false if it says that there is none. */
static bool
answer_print(struct span line)
{
	struct span text =
	    span_starts(line, SPAN("answer ")) ? span_tail(line, 7) : line;

	if (!is_refusal(line))
		(void)printf("%.*s\n", SPAN_ARG(text));
	else
		(void)fprintf(stderr, "banyanctl: %.*s\n",
		    SPAN_ARG(refusal_text(line)));
	return !is_refusal(line);
}

enum ctl_exit
ask_server(const struct ctl_args *args)
{
	char **words = question_words(args), *buf = NULL;
	struct ctl_args question = {
		.command = "ask", .text = words, .socket = args->socket
	};
	enum ctl_exit status = CTL_FAILED;
	size_t cap = 0;
	struct span line;
	FILE *f = NULL;

	if (words != NULL)
		f = request(&question,
		    args->server != NULL ? args->server : "*", args->json,
		    &status);
	free(words);
	if (f == NULL)
		return status;
	status = CTL_UNREACHABLE;
	while (answer_line(f, &buf, &cap, &line))
		if (!answer_print(line))
			status = CTL_FAILED;
		else if (status == CTL_UNREACHABLE)
			status = CTL_OK;
	if (status == CTL_UNREACHABLE && !ferror(f))
		print_error(args->socket,
		    "the server closed the connection without an answer");
	return answer_end(f, buf, status);
}
