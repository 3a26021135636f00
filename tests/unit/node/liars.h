/* liars.h - cases about linked servers that lie, for rules.c, too. Each
 * function fails the test if the rule that it is about does not hold. */
#ifndef UNIT_NODE_LIARS_H
#define UNIT_NODE_LIARS_H

void liars_ahead(void);
void liars_fork(void);
void liars_fork_apart(void);
void liars_messenger(void);
void liars_no_ghost(void);
void liars_told_rarely(void);

#endif
