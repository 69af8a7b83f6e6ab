/*  audit.h - whether a core's state is consistent: for tests and simulations, between two of its turns */
#ifndef AUDIT_H_INCLUDED
#define AUDIT_H_INCLUDED

#include "core.h"

//  NULL, or a sentence that names what does not hold. Walks everything.
const char *core_audit (const core_t *self);

#endif
