/*  serve.c - serving and not serving any more, as the program asks for it
*/
#include "clock.h"
#include "connection.h"

int hearth_serve_with (hearth_t *self, const char *name, const hearth_method_t *methods, void *context,
                       const hearth_service_options_t *options)
{
    if (!client_enter (self))
        return (int) guard_code (self);
    self->now_ms = clock_now_ms ();
    int code = services_add (self, name, methods, context, options);
    client_leave (self);
    return code;
}

int hearth_serve (hearth_t *self, const char *name, const hearth_method_t *methods, void *context)
{
    return hearth_serve_with (self, name, methods, context, NULL);
}

int hearth_unserve (hearth_t *self, const char *name)
{
    if (!client_enter (self))
        return (int) guard_code (self);
    self->now_ms = clock_now_ms ();
    int code = services_remove (self, name);
    client_leave (self);
    return code;
}
