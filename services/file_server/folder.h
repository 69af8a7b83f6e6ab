/*  folder.h - the one folder that is served, and the files in it
*/
#ifndef FOLDER_H_INCLUDED
#define FOLDER_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLDER_UPLOAD_SIZE 64  //  room for the name of a file that is not complete

typedef struct {
    int fd;
    uint64_t uploads;  //  begun so far
} folder_t;

//  Opens the folder, locks it against another server, and removes what one that was killed left behind. False with errno;
//  EWOULDBLOCK: another server has it.
bool folder_open (folder_t *self, const char *path);
void folder_close (folder_t *self);

//  What is wrong with a file's name, or NULL. A name is of this folder: no slash, and no dot in front.
const char *folder_name_problem (const char *name, size_t size);

//  Opens a file to be read. It is a regular file of the folder itself: a link, a folder or a pipe is none. -1 with errno.
int folder_open_file (const folder_t *self, const char *name, int64_t *size);
//  The size of such a file; -1 with errno.
int64_t folder_size (const folder_t *self, const char *name);
//  The names of all such files in their order, with NULL behind them, to be freed one by one and as a whole. NULL with
//  errno.
char **folder_list (const folder_t *self);

//  Makes a file that nobody sees until it is published. -1 with errno.
int folder_begin_upload (folder_t *self, char upload [FOLDER_UPLOAD_SIZE]);
//  Gives it its name, in one step, in the place of whatever file had it. False with errno.
bool folder_publish (const folder_t *self, const char *upload, const char *name);
void folder_drop_upload (const folder_t *self, const char *upload);

#endif
