/*
 * row_check.h - whether a row may be added to tables.
 *
 * Each function returns true, or false and writes the reason to why: which row
 * is refused, and the row that it doubles. The row is of the rows `r` and is
 * not in the tables yet. Options are in no table.
 */
#ifndef CORE_ROW_CHECK_H
#define CORE_ROW_CHECK_H

#include "base/writer.h"
#include "core/types/tables.h"

bool row_check_command(const struct tables *, const struct rows *r,
    const struct command_row *, struct writer *why);
bool row_check_chan_mode(const struct tables *, const struct rows *r,
    const struct chan_mode_row *, struct writer *why);
bool row_check_status(const struct tables *, const struct rows *r,
    const struct status_row *, struct writer *why);
bool row_check_user_mode(const struct tables *, const struct rows *r,
    const struct user_mode_row *, struct writer *why);
bool row_check_cap(const struct tables *, const struct rows *r,
    const struct cap_row *, struct writer *why);
bool row_check_numeric(const struct tables *, const struct rows *r,
    const struct numeric_row *, struct writer *why);
bool row_check_isupport(const struct tables *, const struct rows *r,
    const struct isupport_row *, struct writer *why);
bool row_check_extban(const struct tables *, const struct rows *r,
    const struct extban_row *, struct writer *why);
bool row_check_speak(const struct tables *, const struct rows *r,
    const struct speak_row *, struct writer *why);
bool row_check_divert(const struct tables *, const struct rows *r,
    const struct divert_row *, struct writer *why);
bool row_check_join(const struct tables *, const struct rows *r,
    const struct join_row *, struct writer *why);
bool row_check_forward(const struct tables *, const struct rows *r,
    const struct forward_row *, struct writer *why);
bool row_check_joined(const struct tables *, const struct rows *r,
    const struct joined_row *, struct writer *why);
bool row_check_nick(const struct tables *, const struct rows *r,
    const struct nick_row *, struct writer *why);
bool row_check_claim(const struct tables *, const struct rows *r,
    const struct claim_row *, struct writer *why);
bool row_check_changed(const struct tables *, const struct rows *r,
    const struct changed_row *, struct writer *why);
bool row_check_registered(const struct tables *, const struct rows *r,
    const struct registered_row *, struct writer *why);
bool row_check_rendered(const struct tables *, const struct rows *r,
    const struct rendered_row *, struct writer *why);
bool row_check_message(const struct tables *, const struct rows *r,
    const struct message_row *, struct writer *why);
bool row_check_host(const struct tables *, const struct rows *r,
    const struct host_row *, struct writer *why);
bool row_check_lookup(const struct tables *, const struct rows *r,
    const struct lookup_row *, struct writer *why);
bool row_check_whois(const struct tables *, const struct rows *r,
    const struct whois_row *, struct writer *why);
bool row_check_said(const struct tables *, const struct rows *r,
    const struct said_row *, struct writer *why);
bool row_check_query(const struct tables *, const struct rows *r,
    const struct query_row *, struct writer *why);
bool row_check_memory(const struct tables *, const struct rows *r,
    const struct memory_row *, struct writer *why);
bool row_check_option(const struct rows *r, const struct option_row *,
    struct writer *why);
bool row_check_later(const struct tables *, const struct rows *r,
    const struct later_row *, struct writer *why);

#endif
