/*  folder.c - the one folder that is served: names, and files that are complete or not there

    All is done relative to the folder's descriptor and without following links, so that no name leads out of it.
*/
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPLOAD_PREFIX ".hearth-upload-"
#define NEW_FILE_MODE 0666

/* ------------------------------------------------------------------------
    Names
*/

const char *folder_name_problem (const char *name, size_t size)
{
    if (size == 0)
        return "it is empty";
    if (size > NAME_MAX)
        return "it is too long";
    if (name [0] == '.')
        return "it begins with a dot";
    for (size_t index = 0; index < size; index++) {
        if (name [index] == '/')
            return "it has a slash: there is one folder";
        if ((unsigned char) name [index] < ' ' || name [index] == 0x7f)
            return "it has a control character";
    }
    return NULL;
}

/* ------------------------------------------------------------------------
    Opening
*/

static int is_left_over (const struct dirent *entry)
{
    return strncmp (entry->d_name, UPLOAD_PREFIX, sizeof UPLOAD_PREFIX - 1) == 0;
}

static void free_entries (struct dirent **entries, int count)
{
    for (int index = 0; index < count; index++)
        free (entries [index]);
    if (count >= 0)
        free (entries);
}

static void remove_left_overs (const folder_t *self)
{
    struct dirent **entries;
    int count = scandirat (self->fd, ".", &entries, is_left_over, NULL);
    for (int index = 0; index < count; index++)
        unlinkat (self->fd, entries [index]->d_name, 0);
    free_entries (entries, count);
}

bool folder_open (folder_t *self, const char *path)
{
    self->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->fd < 0)
        return false;
    if (flock (self->fd, LOCK_EX | LOCK_NB) != 0) {
        int reason = errno;
        folder_close (self);
        errno = reason;
        return false;
    }
    remove_left_overs (self);
    return true;
}

void folder_close (folder_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}

/* ------------------------------------------------------------------------
    Files that are there
*/

//  A pipe must not keep us waiting.
int folder_open_file (const folder_t *self, const char *name, int64_t *size)
{
    struct stat about;
    int fd = openat (self->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat (fd, &about) == 0 && S_ISREG (about.st_mode)) {
        *size = about.st_size;
        return fd;
    }
    close (fd);
    errno = ELOOP;
    return -1;
}

int64_t folder_size (const folder_t *self, const char *name)
{
    struct stat about;
    if (fstatat (self->fd, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    if (S_ISREG (about.st_mode))
        return about.st_size;
    errno = ELOOP;
    return -1;
}

static int has_good_name (const struct dirent *entry)
{
    return !folder_name_problem (entry->d_name, strlen (entry->d_name));
}

char **folder_list (const folder_t *self)
{
    struct dirent **entries;
    int count = scandirat (self->fd, ".", &entries, has_good_name, alphasort);
    if (count < 0)
        return NULL;
    char **names = calloc ((size_t) count + 1, sizeof *names);
    size_t kept = 0;
    for (int index = 0; names && index < count; index++)
        if (folder_size (self, entries [index]->d_name) >= 0 && (names [kept] = strdup (entries [index]->d_name)))
            kept++;
    free_entries (entries, count);
    return names;
}

/* ------------------------------------------------------------------------
    Files that are not complete
*/

int folder_begin_upload (folder_t *self, char upload [FOLDER_UPLOAD_SIZE])
{
    snprintf (upload, FOLDER_UPLOAD_SIZE, UPLOAD_PREFIX "%" PRIu64, ++self->uploads);
    return openat (self->fd, upload, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, NEW_FILE_MODE);
}

bool folder_publish (const folder_t *self, const char *upload, const char *name)
{
    return renameat (self->fd, upload, self->fd, name) == 0;
}

void folder_drop_upload (const folder_t *self, const char *upload)
{
    int reason = errno;
    unlinkat (self->fd, upload, 0);
    errno = reason;
}
