/*  errand.h - calls that a worker makes: the connection's thread starts them, and the worker waits
*/
#ifndef ERRAND_H_INCLUDED
#define ERRAND_H_INCLUDED

#include "connection.h"

//  What is to be done in the connection's thread: starts a call. NULL if memory is short.
typedef hearth_pending_t *errand_fn (hearth_t *hearth, void *argument);

//  The same for what is done when it returns, with 0 or a code.
typedef int errand_act_fn (hearth_t *hearth, void *argument);

//  Has it done and waits for the call's end, at most until deadline_ms of clock_now_ms and the time that a caller grants the
//  broker beyond it. By a worker of that connection.
hearth_result_t *errand_run (hearth_t *hearth, errand_fn *start, void *argument, int64_t deadline_ms);
int errand_do (hearth_t *hearth, errand_act_fn *act, void *argument, int64_t deadline_ms);

#endif
