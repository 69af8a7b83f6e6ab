/*  options_file.c - the configuration file, by czmq's zconfig

    Owns the way from a file to options. zconfig tells what is wrong with a file on standard output, and nowhere else, so
    that is listened to while it reads.
*/
#include "options_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <czmq.h>

#define FILE_MOST 65536

//  Reads a whole file as text, to be freed; NULL with errno set.
static char *s_read_text (const char *path)
{
    FILE *file = fopen (path, "re");
    char *text = file ? malloc (FILE_MOST + 1) : NULL;
    if (!text) {
        if (file)
            fclose (file);
        return NULL;
    }
    size_t size = fread (text, 1, FILE_MOST + 1, file);
    int error = ferror (file) ? errno : size > FILE_MOST ? EFBIG : memchr (text, 0, size) ? EILSEQ : 0;
    fclose (file);
    if (!error) {
        text [size] = '\0';
        return text;
    }
    free (text);
    errno = error;
    return NULL;
}

//  Takes what zconfig has said, "DATE TIME E (zconfig): (LINE) WHAT", to pieces.
static void s_describe (int said, const char *path, char *problem)
{
    char text [256] = "";
    ssize_t size = pread (said, text, sizeof text - 1, 0);
    text [size > 0 ? size : 0] = '\0';
    text [strcspn (text, "\n")] = '\0';
    const char *found = strstr (text, "): (");
    unsigned line = found ? (unsigned) strtoul (found + 4, NULL, 10) : 0;
    const char *what = found ? strchr (found + 4, ')') : NULL;
    snprintf (problem, OPTIONS_PROBLEM, "--config %.200s: line %u: %s; a line is NAME = VALUE", path, line,
              what && what [1] ? what + 2 : "not understood");
}

static zconfig_t *s_parse (const char *text, const char *path, char *problem)
{
    fflush (stdout);
    int out = dup (STDOUT_FILENO);
    int said = memfd_create ("zconfig", MFD_CLOEXEC);
    if (out >= 0 && said >= 0)
        dup2 (said, STDOUT_FILENO);
    zconfig_t *root = zconfig_str_load (text);
    fflush (stdout);
    if (out >= 0)
        dup2 (out, STDOUT_FILENO);
    if (!root)
        s_describe (said, path, problem);
    close (out);
    close (said);
    return root;
}

static int s_set_key (options_t *self, zconfig_t *key, const char *path, const bool *given, char *problem)
{
    option_t option;
    char what [OPTIONS_PROBLEM];
    const char *name = zconfig_name (key);
    if (!option_find (&option, name, strlen (name)) || (option.row && option.row->only_line)) {
        snprintf (problem, OPTIONS_PROBLEM, "--config %.200s: unknown key \"%.60s\"; keys are the options in --help",
                  path, name);
        return -1;
    }
    if (zconfig_child (key)) {
        snprintf (problem, OPTIONS_PROBLEM, "--config %.200s: \"%.60s\" has keys below it; none may be indented",
                  path, name);
        return -1;
    }
    const char *value = zconfig_value (key);
    if (given [option.index] || option_set (&option, self, value ? value : "", what) == 0)
        return 0;
    snprintf (problem, OPTIONS_PROBLEM, "--config %.100s: %.380s", path, what + strlen ("--"));
    return -1;
}

static int s_cannot_read (const char *path, const char *why, char *problem)
{
    snprintf (problem, OPTIONS_PROBLEM, "--config %.200s: %s", path, why);
    return -1;
}

int options_read_file (options_t *self, const char *path, const bool given [OPTION_COUNT],
                       char problem [OPTIONS_PROBLEM])
{
    char *text = s_read_text (path);
    if (!text)
        return s_cannot_read (path, errno == EILSEQ ? "holds a zero byte; it has to be text" : strerror (errno),
                              problem);
    zconfig_t *root = s_parse (text, path, problem);
    int result = root ? 0 : -1;
    for (zconfig_t *key = root ? zconfig_child (root) : NULL; key && !result; key = zconfig_next (key))
        result = s_set_key (self, key, path, given, problem);
    zconfig_destroy (&root);
    free (text);
    return result;
}
