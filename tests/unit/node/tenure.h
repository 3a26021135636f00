/* tenure.h - sets of entries about users whose home moves (tenure.c). Each
 * function fails the test if an order of them gives other facts. */
#ifndef UNIT_NODE_TENURE_H
#define UNIT_NODE_TENURE_H

void tenure_takeover(void);
void tenure_takeover_twice(void);
void tenure_former_run(void);
void tenure_forgotten_run(void);
void tenure_quit(void);
void tenure_quit_elsewhere(void);
void tenure_twice_the_same(void);
void tenure_later_stay(void);

#endif
