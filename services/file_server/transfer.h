/*  transfer.h - files on their way: each a kept call, which goes on whenever its caller asks or sends
*/
#ifndef TRANSFER_H_INCLUDED
#define TRANSFER_H_INCLUDED

#include "folder.h"
#include "hearth.h"

typedef struct transfer transfer_t;

typedef struct {
    folder_t folder;
    int64_t size_most;  //  of a file that is taken
    transfer_t *first;
    unsigned count;
} file_server_t;

//  The handlers of `read`, `write` and `list`; their context is the file_server_t.
void transfer_read (hearth_call_t *call, void *self);
void transfer_write (hearth_call_t *call, void *self);
void transfer_list (hearth_call_t *call, void *self);

//  Ends those that are left.
void transfers_destroy (file_server_t *self);

//  Fails the call for what errno says of a file.
void transfer_fail (hearth_call_t *call, const char *name);
//  The name that is the call's first argument; NULL if it is a bad one, and then the call has failed.
const char *transfer_name (hearth_call_t *call);

#endif
