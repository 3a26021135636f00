/*
 * Many clients in one thread: they connect, send, and count what comes. Their
 * own time is not measured; they only have to be many and quick.
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
 * Connect n clients, registered as LETTER and a number, all on one port; at
 * most `abreast` register at one time. On failure, when a client is refused or
 * the server takes too long, write a message to stderr and return false.
 */
bool crowd_up(struct crowd *cr, int port, int n, char letter, int abreast,
    bool tls);

/* Close all sockets at once. */
void crowd_down(struct crowd *cr);

/* Close the sockets of clients from `first` on. */
void crowd_leave(struct crowd *cr, int first);

/* Send text. While the server does not read, wait, and read meanwhile. */
void client_send(struct crowd *cr, struct client *c, const char *text);

/* Read the bytes that have come. Wait at most wait_ms for some. */
void crowd_pump(struct crowd *cr, int wait_ms);

/*
 * Pump until done(cr, arg) is true. If it is not after CROWD_PATIENCE_S, or a
 * server has closed a connection, write a message to stderr and return false.
 */
#define CROWD_PATIENCE_S 30
bool crowd_wait(struct crowd *cr, bool (*done)(struct crowd *, void *),
    void *arg, const char *what);

/* Let all clients from first on send text, and wait for a PONG for each. */
bool crowd_sync(struct crowd *cr, int first);

/*
 * Return the sum of the lines and bytes that clients from first up to last
 * received.
 */
size_t crowd_lines(const struct crowd *cr, int first, int last);
size_t crowd_bytes(const struct crowd *cr, int first, int last);

#endif
