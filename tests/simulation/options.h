/*  options.h - the command line of hearth_simulate
*/
#ifndef SIM_OPTIONS_H_INCLUDED
#define SIM_OPTIONS_H_INCLUDED

#include "plan.h"

typedef struct {
    uint64_t first;
    uint64_t last;
    plan_t plan;  //  but for its seed
    bool has_coverage;
    bool is_complete;
    bool is_first;  //  the first failure is the last one
} options_t;

//  0; -1 if it cannot be understood, which was told. --help ends the program.
int options_read (options_t *self, int argc, char **argv);

#endif
