/*  files.h - the verbs of file_client, and what they share
*/
#ifndef FILES_H_INCLUDED
#define FILES_H_INCLUDED

#include "program.h"

#define FILES "files"  //  the service

extern const program_verb_t verb_get;
extern const program_verb_t verb_list;
extern const program_verb_t verb_put;

//  A stream that was opened; complains if there is none.
hearth_pending_t *files_opened (hearth_pending_t *stream);
//  Waits until the stream has moved. False once it is over, or the program is to end.
bool files_turn (const hearth_pending_t *stream);
//  Takes the stream's end: complains if it failed, or if its result is not `expected`. True if all is well. A stream that
//  was interrupted is given up.
bool files_end (hearth_pending_t **stream_p, int64_t expected);

//  ---- progress.c: a bar on the terminal, if the standard error is one ----

bool progress_is_shown (void);
void progress_show (int64_t done, int64_t size);
//  Takes it off the terminal.
void progress_end (void);

#endif
