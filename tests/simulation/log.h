/*  log.h - what happened: a line for each event where it is asked for, a digest of all always, and what is broken
*/
#ifndef SIM_LOG_H_INCLUDED
#define SIM_LOG_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "hearth.h"

void log_begin (bool is_printed);

//  An event: goes into the digest, and is printed if that is asked for.
void log_event (unsigned peer, const char *what, uint64_t one, uint64_t other);
void log_frame (unsigned peer, bool is_up, const uint8_t *data, size_t size);
void log_note (const uint8_t *data, size_t size);
uint64_t log_digest (void);

//  Something does not hold: the first time counts, and ends the run.
void broken (const char *format, ...) HEARTH_PRINTF (1, 2);
bool is_broken (void);
const char *broken_text (void);

#endif
