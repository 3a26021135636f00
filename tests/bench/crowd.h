/*
 * Many clients in one thread: they connect, send, and count what comes. The
 * time they need is not measured; they only have to be many and quick.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_LINE_MAX 1024

struct client {
	int fd;
	void *ssl;	  /* under TLS, or NULL */
	size_t bytes;	  /* received */
	size_t lines;	  /* received, PINGs not counted */
	unsigned pongs;	  /* lines of these kinds */
	unsigned welcome; /* 376, 422 */
	unsigned names;	  /* 366 */
	bool closed;
	char part[CLIENT_LINE_MAX]; /* of a line */
	size_t npart;
};

struct crowd {
	int epfd;
	int n;
	struct client *client;
};

/*
 * n clients, registered as LETTER and a number, all on one port; at most
 * `abreast` register at one time. False, with a message on stderr, when one
 * is refused or the server takes too long.
 */
bool crowd_up(struct crowd *cr, int port, int n, char letter, int abreast,
    bool tls);

/* Closes all sockets at once. */
void crowd_down(struct crowd *cr);

/* Closes the sockets of clients from `first` on. */
void crowd_leave(struct crowd *cr, int first);

/* Sends text; waits, and reads meanwhile, when the server does not read. */
void client_send(struct crowd *cr, struct client *c, const char *text);

/* Reads what has come; waits at most wait_ms for something. */
void crowd_pump(struct crowd *cr, int wait_ms);

/*
 * Pumps until done(cr, arg). False, with a message on stderr, when it has not
 * come true after CROWD_PATIENCE_S or a server has closed a connection.
 */
#define CROWD_PATIENCE_S 30
bool crowd_wait(struct crowd *cr, bool (*done)(struct crowd *, void *),
    void *arg, const char *what);

/* All clients from first on send text, then wait for a PONG each. */
bool crowd_sync(struct crowd *cr, int first);

/* Sum of the lines and bytes received by clients from first up to last. */
size_t crowd_lines(const struct crowd *cr, int first, int last);
size_t crowd_bytes(const struct crowd *cr, int first, int last);

#endif
