/*  nemesis.h - whoever makes things fail: one fault after the other, of the kinds that the plan has
*/
#ifndef NEMESIS_H_INCLUDED
#define NEMESIS_H_INCLUDED

void nemesis_begin (void);
//  Faults end: who is paused goes on, who is dead comes back, cuts heal, the broker is there.
void nemesis_rest (void);
//  Goes on from where it was.
void nemesis_go_on (void);

#endif
