/*  allocations.c - counts what the broker's own objects allocate, in a file that HEARTH_ALLOCATIONS names: eight bytes, shared

    The linker has them call __wrap_malloc for malloc, and so on (--wrap).
*/
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint64_t unseen;
static _Atomic uint64_t *count = &unseen;

__attribute__ ((constructor)) static void s_open (void)
{
    const char *path = getenv ("HEARTH_ALLOCATIONS");
    int fd = path ? open (path, O_RDWR) : -1;
    void *page = fd < 0 ? MAP_FAILED : mmap (NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        _exit (1);
    count = page;
}

#define COUNTED(type, name, parameters, arguments)                                                                   \
    type __real_##name parameters;                                                                                   \
    type __wrap_##name parameters;                                                                                   \
    type __wrap_##name parameters                                                                                    \
    {                                                                                                                \
        atomic_fetch_add (count, 1);                                                                                 \
        return __real_##name arguments;                                                                              \
    }

COUNTED (void *, malloc, (size_t size), (size))
COUNTED (void *, calloc, (size_t number, size_t size), (number, size))
COUNTED (void *, realloc, (void *old, size_t size), (old, size))
COUNTED (char *, strdup, (const char *text), (text))
COUNTED (char *, strndup, (const char *text, size_t size), (text, size))
COUNTED (void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
COUNTED (int, posix_memalign, (void **new, size_t alignment, size_t size), (new, alignment, size))
