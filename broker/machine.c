/*  machine.c - cgroups, limits and randomness, as Linux has them */

#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#define PATH_ROOM         4096
#define POSIX_DESCRIPTORS 20  //  the least that there are
#define MOST_DESCRIPTORS  (1 << 30)

//  Where the two versions of cgroups keep a group's limit. What a line of /proc/self/cgroup begins with tells them apart.
typedef struct {
    const char *controllers;
    const char *root;
    const char *file;
} hierarchy_t;

static const hierarchy_t hierarchies [] = {
    { "", "/sys/fs/cgroup", "memory.max" },
    { "memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes" },
};

//  The number in a file; UINT64_MAX if there is none ("max", no such file).
static uint64_t s_read_number (const char *path)
{
    FILE *file = fopen (path, "re");
    uint64_t number = UINT64_MAX;
    char text [32];
    if (!file)
        return number;
    if (fgets (text, sizeof text, file) && *text >= '0' && *text <= '9')
        number = strtoull (text, NULL, 10);
    fclose (file);
    return number;
}

//  The least limit of a group and of those above it. A container may not see its own group's path, but its root.
static uint64_t s_group_memory (const hierarchy_t *hierarchy, char *group)
{
    uint64_t least = UINT64_MAX;
    for (;;) {
        char path [PATH_ROOM];
        snprintf (path, sizeof path, "%s%s/%s", hierarchy->root, group, hierarchy->file);
        uint64_t number = s_read_number (path);
        if (number < least)
            least = number;
        char *slash = strrchr (group, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

//  A line is ID:CONTROLLERS:PATH.
static uint64_t s_line_memory (char *line)
{
    char *rest = line;
    strsep (&rest, ":");
    const char *controllers = strsep (&rest, ":");
    if (!rest)
        return UINT64_MAX;
    rest [strcspn (rest, "\n")] = '\0';
    for (size_t i = 0; i < sizeof hierarchies / sizeof *hierarchies; i++)
        if (strcmp (controllers, hierarchies [i].controllers) == 0)
            return s_group_memory (&hierarchies [i], strcmp (rest, "/") == 0 ? rest + 1 : rest);
    return UINT64_MAX;
}

uint64_t machine_memory (void)
{
    uint64_t least = (uint64_t) sysconf (_SC_PHYS_PAGES) * (uint64_t) sysconf (_SC_PAGESIZE);
    FILE *groups = fopen ("/proc/self/cgroup", "re");
    char line [PATH_ROOM];
    while (groups && fgets (line, sizeof line, groups)) {
        uint64_t number = s_line_memory (line);
        if (number < least)
            least = number;
    }
    if (groups)
        fclose (groups);
    return least;
}

uint64_t machine_raise_descriptors (void)
{
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit))
        return POSIX_DESCRIPTORS;
    rlim_t soft = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit (RLIMIT_NOFILE, &limit))
        limit.rlim_cur = soft;
    return limit.rlim_cur > MOST_DESCRIPTORS ? MOST_DESCRIPTORS : limit.rlim_cur;
}

int machine_random (void *bytes, size_t size)
{
    return getentropy (bytes, size);
}

int machine_hold_standard_descriptors (void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) != fd)
            return -1;
    return 0;
}
