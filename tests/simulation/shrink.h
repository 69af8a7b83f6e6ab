/*  shrink.h - from a run that fails to the smallest one that does
*/
#ifndef SHRINK_H_INCLUDED
#define SHRINK_H_INCLUDED

#include "run.h"

#define HANG_S 20  //  of real time, after which a run is given up

//  `plan` fails so: leaves out what can be left out, tells what is left and its events.
void shrink_plan (const verdict_t *verdict);

#endif
