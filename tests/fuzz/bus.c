/*
 * bus: datagrams for a bus. The input is a list of them: a byte for the kind,
 * two bytes for a length, and that many bytes.
 *
 *	0	the bytes as they are
 *	1	the text of a FORM_DATA of member 002, which is sealed, with the
 *		right mac for this server if there is room for one
 *	2	the text of a FORM_KEY of member 002, likewise
 *	3	the bytes of a link, which 002 publishes
 *	4	so much time passes
 *	5	the broker is away, or back; or this server ends the link
 *
 * So foreign bytes get behind the seals. After each step the invariants of the
 * bus hold.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "broker/bus.h"
#include "broker/state.h"
#include "lib/signer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START_MS INT64_C(1700000000000)

static const unsigned char pin_of[3][BUS_PIN] = { "one", "two", "three" };

struct fuzz {
	struct bus *bus[2];
	int64_t ms;
	uint64_t dial;
	bool up;
};

static struct mono
now(const struct fuzz *f)
{
	return (struct mono){ f->ms * NS_PER_MS };
}

static struct bus *
make(struct fuzz *f, unsigned i)
{
	static const char *const sid[] = { "001", "002", "003" };
	static const unsigned char seed[2][BUS_SEED] = { "a seed", "another" };
	struct bus_settings set = { .sid = span_of(sid[i]),
		.inc = 5,
		.network = SPAN("Test"),
		.prefix = SPAN("fuzz"),
		.seed = seed[i],
		.wall.ms = START_MS,
		.signer = signer_of(pin_of[i]) };
	struct bus_member m[2];
	struct bus *b = bus_new(&set, now(f));
	size_t n = 0;

	assert(b != NULL);
	for (unsigned k = 0; k < 3; k++) {
		if (k == i)
			continue;
		m[n].sid = span_of(sid[k]);
		memcpy(m[n++].pin, pin_of[k], BUS_PIN);
	}
	bus_members(b, m, n, now(f));
	bus_broker(b, true, now(f));
	return b;
}

/* Take all events, and answer lines by a line. */
static void
events(struct fuzz *f, unsigned i)
{
	struct bus_event ev;
	size_t lines = 0;

	while (bus_next(f->bus[i], &ev)) {
		assert(ev.slot < 2);
		assert(ev.nalso <= 1);
		if (ev.kind == BUS_LINE && i == 0 && lines++ < 4) {
			struct rcbuf *buf = rcbuf_new(SPAN("ACK 1\r\n"));

			bus_send(f->bus[i], ev.slot, buf);
			rcbuf_unref(buf);
		}
	}
}

static void
turns(struct fuzz *f)
{
	struct bus_datagram out;
	const char *why;

	for (int round = 0; round < 8; round++)
		for (unsigned i = 0; i < 2; i++) {
			bus_tick(f->bus[i], now(f));
			events(f, i);
			while (bus_datagram(f->bus[i], now(f), &out))
				bus_heard(f->bus[!i], out.bytes, now(f));
			events(f, !i);
			why = bus_check(f->bus[i]);
			assert(why == NULL);
		}
}

static void
begin(struct fuzz *f)
{
	f->up = true;
	for (unsigned i = 0; i < 2; i++)
		f->bus[i] = make(f, i);
	bus_dial(f->bus[0], bus_slot(f->bus[0], SPAN("002")), ++f->dial,
	    now(f));
	for (int i = 0; i < 20; i++) {
		turns(f);
		f->ms += 100;
	}
}

static void
write_head(const struct bus *b, enum form_kind kind, struct writer *w)
{
	struct form_head head = { .kind = kind, .born = b->born };

	memcpy(head.sid, b->sid, sizeof(head.sid));
	form_write_head(w, &head);
}

/* Publish a text as the FORM_DATA that it is, with a right mac in the place of
 * the last one. */
static void
give_data(struct fuzz *f, struct span text)
{
	static char buf[BUS_DATAGRAM_MAX];
	struct bus *two = f->bus[1];
	struct pair *p = &two->pair[bus_slot(two, SPAN("001"))];
	unsigned char hash[SEAL_KEY];
	struct writer w;

	if (!p->known || text.n + 1024 > sizeof(buf))
		return;
	writer_init(&w, buf, sizeof(buf));
	write_head(two, FORM_DATA, &w);
	form_write_number(&w, ++two->counter, 8);
	writer_span(&w, text);
	seal_hash(hash, writer_done(&w));
	form_write_number(&w, bus_mac(p->keys.mac_out, hash, p->round_out),
	    FORM_MAC);
	(void)writer_room(&w, SEAL_TAG);
	seal((unsigned char *)buf + FORM_DATA_HEAD,
	    w.n - FORM_DATA_HEAD - SEAL_TAG, span_make(buf, FORM_DATA_HEAD),
	    two->counter, two->group);
	bus_heard(f->bus[0], writer_done(&w), now(f));
}

static void
give_key(struct fuzz *f, struct span text)
{
	char buf[512];
	struct bus *two = f->bus[1];
	struct pair *p = &two->pair[bus_slot(two, SPAN("001"))];
	struct writer w;

	if (!p->known || text.n > 256)
		return;
	writer_init(&w, buf, sizeof(buf));
	write_head(two, FORM_KEY, &w);
	writer_str(&w, "001");
	form_write_number(&w, f->bus[0]->born, 8);
	form_write_number(&w, ++two->key_counter, 8);
	writer_span(&w, text);
	(void)writer_room(&w, SEAL_TAG);
	seal((unsigned char *)buf + FORM_KEY_HEAD, text.n,
	    span_make(buf, FORM_KEY_HEAD), two->key_counter, p->keys.out);
	bus_heard(f->bus[0], writer_done(&w), now(f));
}

static void
give_line(struct fuzz *f, struct span text)
{
	struct rcbuf *buf = rcbuf_new(text);

	bus_send(f->bus[1], bus_slot(f->bus[1], SPAN("001")), buf);
	rcbuf_unref(buf);
}

static void
change(struct fuzz *f, struct span text)
{
	unsigned slot = bus_slot(f->bus[0], SPAN("002"));

	if (text.n == 0) {
		f->up = !f->up;
		bus_broker(f->bus[0], f->up, now(f));
	} else if (text.n == 1)
		bus_close(f->bus[0], slot, now(f));
	else if (text.n == 2)
		bus_hold(f->bus[0], slot, text.p[0] > 0);
	else
		bus_dial(f->bus[0], slot, ++f->dial, now(f));
}

static void
act(struct fuzz *f, unsigned kind, struct span text)
{
	switch (kind % 6) {
	case 0:
		bus_heard(f->bus[0], text, now(f));
		break;
	case 1:
		give_data(f, text);
		break;
	case 2:
		give_key(f, text);
		break;
	case 3:
		give_line(f, text);
		break;
	case 4:
		f->ms += (int64_t)text.n * 50;
		break;
	default:
		change(f, text);
		break;
	}
	turns(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { .ms = 1000 };
	size_t n;

	begin(&f);
	for (unsigned i = 0; size >= 3 && i < 64; i++) {
		n = (size_t)data[1] | (size_t)data[2] << 8;
		if (n > size - 3)
			n = size - 3;
		act(&f, data[0], span_make(data + 3, n));
		data += 3 + n;
		size -= 3 + n;
	}
	for (unsigned i = 0; i < 2; i++)
		bus_free(f.bus[i]);
	return 0;
}
