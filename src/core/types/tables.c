/*
 * The tables hold pointers to rows, so that rows of several sources stand in
 * one order and none is copied.
 *
 * Each line of a client looks a command up, so commands have a hash table. It
 * is at most half full, and clients cannot add to it, so a simple hash will do:
 * a look-up compares few names, whatever is looked up.
 */
#include "core/types/tables.h"

#include <string.h>

#include "core/types/row_check.h"
#include "wire/casemap.h"

/* Return the slot where the search for a verb begins. */
static size_t
slot_of(struct span verb)
{
	size_t h = verb.n;

	if (verb.n == 0)
		return 0;
	h = h * 31 + (unsigned char)casemap_char(verb.p[0]);
	h = h * 31 + (unsigned char)casemap_char(verb.p[verb.n / 2]);
	h = h * 31 + (unsigned char)casemap_char(verb.p[verb.n - 1]);
	return h % (2 * COMMANDS_MAX);
}

static void
add_command(struct tables *t, const struct command_row *row)
{
	size_t i = slot_of(row->name);

	while (t->command_slot[i] != 0)
		i = (i + 1) % (2 * COMMANDS_MAX);
	t->command[t->ncommand++] = row;
	t->command_slot[i] = (uint16_t)t->ncommand;
}

/* Statuses have numbers in the order in which they come, and a rank besides. */
static void
add_status(struct tables *t, const struct status_row *row)
{
	unsigned i = t->nranked++;

	for (; i > 0 && t->status[t->by_rank[i - 1]]->rank < row->rank; i--)
		t->by_rank[i] = t->by_rank[i - 1];
	t->by_rank[i] = (uint8_t)t->nstatus;
	t->status[t->nstatus++] = row;
}

static bool
add_commands(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->ncommand; i++) {
		if (why != NULL &&
		    !row_check_command(t, r, &r->command[i], why))
			return false;
		add_command(t, &r->command[i]);
	}
	return true;
}

static bool
add_chan_modes(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nchan_mode; i++) {
		if (why != NULL &&
		    !row_check_chan_mode(t, r, &r->chan_mode[i], why))
			return false;
		t->chan_mode[t->nchan_mode++] = &r->chan_mode[i];
	}
	return true;
}

static bool
add_statuses(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nstatus; i++) {
		if (why != NULL && !row_check_status(t, r, &r->status[i], why))
			return false;
		add_status(t, &r->status[i]);
	}
	return true;
}

static bool
add_user_modes(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nuser_mode; i++) {
		if (why != NULL &&
		    !row_check_user_mode(t, r, &r->user_mode[i], why))
			return false;
		t->user_mode[t->nuser_mode++] = &r->user_mode[i];
	}
	return true;
}

static bool
add_caps(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->ncap; i++) {
		if (why != NULL && !row_check_cap(t, r, &r->cap[i], why))
			return false;
		t->cap[t->ncap++] = &r->cap[i];
	}
	return true;
}

static bool
add_numerics(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nnumeric; i++) {
		if (why != NULL &&
		    !row_check_numeric(t, r, &r->numeric[i], why))
			return false;
		t->numeric[t->nnumeric++] = &r->numeric[i];
	}
	return true;
}

static bool
add_tokens(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nisupport; i++) {
		if (why != NULL &&
		    !row_check_isupport(t, r, &r->isupport[i], why))
			return false;
		t->isupport[t->nisupport++] = &r->isupport[i];
	}
	return true;
}

static bool
add_extbans(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nextban; i++) {
		if (why != NULL && !row_check_extban(t, r, &r->extban[i], why))
			return false;
		t->extban[t->nextban++] = &r->extban[i];
	}
	return true;
}

static bool
add_later(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nlater; i++) {
		if (why != NULL && !row_check_later(t, r, &r->later[i], why))
			return false;
		t->later[t->nlater++] = &r->later[i];
	}
	return true;
}

static bool
add_said(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nsaid; i++) {
		if (why != NULL && !row_check_said(t, r, &r->said[i], why))
			return false;
		t->said[t->nsaid++] = &r->said[i];
	}
	return true;
}

static bool
add_memory(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nmemory; i++) {
		if (why != NULL && !row_check_memory(t, r, &r->memory[i], why))
			return false;
		t->memory[t->nmemory++] = &r->memory[i];
	}
	return true;
}

static bool
add_queries(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nquery; i++) {
		if (why != NULL && !row_check_query(t, r, &r->query[i], why))
			return false;
		t->query[t->nquery++] = &r->query[i];
	}
	return true;
}

/* Options are in no table: the configuration has their values. */
static bool
check_options(const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->noption; i++)
		if (why != NULL && !row_check_option(r, &r->option[i], why))
			return false;
	return true;
}

static bool
add_speak(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nspeak; i++) {
		if (why != NULL && !row_check_speak(t, r, &r->speak[i], why))
			return false;
		t->speak[t->nspeak++] = &r->speak[i];
	}
	return true;
}

static bool
add_divert(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->ndivert; i++) {
		if (why != NULL && !row_check_divert(t, r, &r->divert[i], why))
			return false;
		t->divert[t->ndivert++] = &r->divert[i];
	}
	return true;
}

static bool
add_join(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->njoin; i++) {
		if (why != NULL && !row_check_join(t, r, &r->join[i], why))
			return false;
		t->join[t->njoin++] = &r->join[i];
	}
	return true;
}

static bool
add_forward(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nforward; i++) {
		if (why != NULL &&
		    !row_check_forward(t, r, &r->forward[i], why))
			return false;
		t->forward[t->nforward++] = &r->forward[i];
	}
	return true;
}

static bool
add_nick(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nnick; i++) {
		if (why != NULL && !row_check_nick(t, r, &r->nick[i], why))
			return false;
		t->nick[t->nnick++] = &r->nick[i];
	}
	return true;
}

static bool
add_claim(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nclaim; i++) {
		if (why != NULL && !row_check_claim(t, r, &r->claim[i], why))
			return false;
		t->claim[t->nclaim++] = &r->claim[i];
	}
	return true;
}

static bool
add_changed(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nchanged; i++) {
		if (why != NULL &&
		    !row_check_changed(t, r, &r->changed[i], why))
			return false;
		t->changed[t->nchanged++] = &r->changed[i];
		t->changes |= r->changed[i].kinds;
	}
	return true;
}

static bool
add_registered(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nregistered; i++) {
		if (why != NULL &&
		    !row_check_registered(t, r, &r->registered[i], why))
			return false;
		t->registered[t->nregistered++] = &r->registered[i];
	}
	return true;
}

static bool
add_rendered(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nrendered; i++) {
		if (why != NULL &&
		    !row_check_rendered(t, r, &r->rendered[i], why))
			return false;
		t->rendered[t->nrendered++] = &r->rendered[i];
	}
	return true;
}

static bool
add_message(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nmessage; i++) {
		if (why != NULL &&
		    !row_check_message(t, r, &r->message[i], why))
			return false;
		t->message[t->nmessage++] = &r->message[i];
	}
	return true;
}

static bool
add_host(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nhost; i++) {
		if (why != NULL && !row_check_host(t, r, &r->host[i], why))
			return false;
		t->host[t->nhost++] = &r->host[i];
	}
	return true;
}

static bool
add_lookups(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nlookup; i++) {
		if (why != NULL && !row_check_lookup(t, r, &r->lookup[i], why))
			return false;
		t->lookup[t->nlookup++] = &r->lookup[i];
	}
	return true;
}

static bool
add_whois(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->nwhois; i++) {
		if (why != NULL && !row_check_whois(t, r, &r->whois[i], why))
			return false;
		t->whois[t->nwhois++] = &r->whois[i];
	}
	return true;
}

static bool
add_joined(struct tables *t, const struct rows *r, struct writer *why)
{
	for (size_t i = 0; i < r->njoined; i++) {
		if (why != NULL && !row_check_joined(t, r, &r->joined[i], why))
			return false;
		t->joined[t->njoined++] = &r->joined[i];
	}
	return true;
}

static uint64_t
bit_of(const struct tables *t, const struct chan_mode_row *row)
{
	for (unsigned i = 0; row != NULL && i < t->nchan_mode; i++)
		if (t->chan_mode[i] == row)
			return UINT64_C(1) << i;
	return 0;
}

static uint64_t
user_bit_of(const struct tables *t, const struct user_mode_row *row)
{
	for (unsigned i = 0; row != NULL && i < t->nuser_mode; i++)
		if (t->user_mode[i] == row)
			return UINT64_C(1) << i;
	return 0;
}

/* Find the user modes of readers. */
static void
number_readers(struct tables *t)
{
	t->rendered_modes = 0;
	for (unsigned i = 0; i < t->nrendered; i++) {
		t->rendered_mode[i] = user_bit_of(t, t->rendered[i]->mode);
		t->rendered_modes |= t->rendered_mode[i];
	}
}

void
tables_number(struct tables *t)
{
	struct hook_modes *h = &t->hook_modes;

	for (unsigned i = 0; i < t->nspeak; i++)
		h->speak[i] = bit_of(t, t->speak[i]->mode);
	for (unsigned i = 0; i < t->ndivert; i++)
		h->divert[i] = bit_of(t, t->divert[i]->mode);
	for (unsigned i = 0; i < t->njoin; i++)
		h->join[i] = bit_of(t, t->join[i]->mode);
	for (unsigned i = 0; i < t->nforward; i++)
		h->forward[i] = bit_of(t, t->forward[i]->mode);
	for (unsigned i = 0; i < t->njoined; i++)
		h->joined[i] = bit_of(t, t->joined[i]->mode);
	for (unsigned i = 0; i < t->nnick; i++)
		h->nick[i] = bit_of(t, t->nick[i]->mode);
	for (unsigned i = 0; i < t->nmessage; i++)
		h->message[i] = user_bit_of(t, t->message[i]->mode);
	number_readers(t);
	t->veiling = t->marked = t->deaf = 0;
	for (unsigned i = 0; i < t->nchan_mode; i++)
		if (t->chan_mode[i]->veils)
			t->veiling |= UINT64_C(1) << i;
	for (unsigned i = 0; i < t->nuser_mode; i++) {
		if (t->user_mode[i]->mark != NULL)
			t->marked |= UINT64_C(1) << i;
		if (t->user_mode[i]->deaf)
			t->deaf |= UINT64_C(1) << i;
	}
}

bool
tables_add(struct tables *t, const struct rows *r, struct writer *why)
{
	if (t->nsource == SOURCES_MAX) {
		writer_str(why, r->of);
		writer_str(why, ": there are rows of 64 places already");
		return false;
	}
	t->source[t->nsource++] = r;
	if (!add_commands(t, r, why) || !add_chan_modes(t, r, why) ||
	    !add_statuses(t, r, why) || !add_user_modes(t, r, why) ||
	    !add_caps(t, r, why) || !add_numerics(t, r, why) ||
	    !add_tokens(t, r, why) || !add_extbans(t, r, why) ||
	    !add_later(t, r, why) || !add_said(t, r, why) ||
	    !add_memory(t, r, why) || !add_queries(t, r, why) ||
	    !check_options(r, why) || !add_speak(t, r, why) ||
	    !add_divert(t, r, why) || !add_join(t, r, why) ||
	    !add_forward(t, r, why) || !add_joined(t, r, why) ||
	    !add_nick(t, r, why) || !add_claim(t, r, why) ||
	    !add_changed(t, r, why) || !add_registered(t, r, why) ||
	    !add_rendered(t, r, why) || !add_message(t, r, why) ||
	    !add_host(t, r, why) || !add_lookups(t, r, why) ||
	    !add_whois(t, r, why))
		return false;
	tables_number(t);
	return true;
}

void
tables_keep_commands(struct tables *t, const struct tables *next)
{
	const struct tables was = *t;
	const struct command_row *row;

	t->ncommand = 0;
	memset(t->command_slot, 0, sizeof(t->command_slot));
	for (unsigned i = 0; i < next->ncommand; i++) {
		row = command_find(&was, next->command[i]->name);
		if (row != NULL && row->run == next->command[i]->run)
			add_command(t, next->command[i]);
	}
}

const struct command_row *
command_find(const struct tables *t, struct span verb)
{
	const struct command_row *row;

	for (size_t i = slot_of(verb); t->command_slot[i] != 0;
	     i = (i + 1) % (2 * COMMANDS_MAX)) {
		row = t->command[t->command_slot[i] - 1];
		if (casemap_eq(verb, row->name))
			return row;
	}
	return NULL;
}

const struct said_row *
said_find(const struct tables *t, struct span verb)
{
	for (unsigned i = 0; i < t->nsaid; i++)
		if (span_eq(verb, t->said[i]->verb))
			return t->said[i];
	return NULL;
}

const struct query_row *
query_find(const struct tables *t, struct span name)
{
	for (unsigned i = 0; i < t->nquery; i++)
		if (span_eq(name, t->query[i]->name))
			return t->query[i];
	return NULL;
}
