/*
 * walk.h - what the two passes of the check share: the configuration that is
 * checked, and how a problem is reported. Private to check.c, and to the second
 * passes with the files that they call.
 */
#ifndef CONF_WALK_H
#define CONF_WALK_H

#include "conf/head.h"
#include "conf/schema.h"
#include "conf/source.h"

struct walk {
	struct conf_head *head;
	struct conf_report *report;
	const config_setting_t *root;
	const struct source *source;
	char text[REPORT_TEXT];
	struct writer w; /* into text */
};

/* Begin the text of a problem. Return the writer of the text. */
struct writer *walk_begin(struct walk *k);

/* The same, and write the path of an option as walk_path does. */
struct writer *walk_begin_at(struct walk *k, unsigned int section, size_t item,
    const char *key);

/* Report the text that was written since walk_begin(), at the place of a
 * setting. */
void walk_tell(struct walk *k, const config_setting_t *place, bool warning);

/* Report text as an error at the place of a setting. */
void walk_complain(struct walk *k, const config_setting_t *place,
    const char *text);

/* Report text as an error of an option of an item, at its place. */
void walk_complain_item(struct walk *k, unsigned int section, size_t item,
    const char *key, const char *text);

/* Return the place of a setting; that of the root, or of no setting, is the
 * whole first file. */
struct conf_place walk_place(const struct walk *k, const config_setting_t *s);

/* Return the same place for as long as the configuration lives; that of
 * walk_place() borrows the name of the file. */
struct conf_place walk_place_dup(const struct walk *k,
    const config_setting_t *s);

/* Return the setting of an option of an item, or the item itself if it does not
 * set the option. Return the section, or NULL, if there is no such item. */
const config_setting_t *walk_find(const struct walk *k, unsigned int section,
    size_t item, const char *key);

/* Return true if an item of a list sets the option, to whatever value. */
bool walk_has(const struct walk *k, unsigned int section, size_t item,
    const char *key);

/* Return the setting of the first option of a group that is set, or the group,
 * or NULL. NULL ends the keys. */
const config_setting_t *walk_first_set(const struct walk *k, const char *group,
    const char *const *keys);

/* Write the path of an option into the text of a problem: "links[2].pin",
 * "server.name", "state". item counts from 0. */
void walk_path(struct walk *k, unsigned int section, size_t item,
    const char *key);

#endif
