/*  declaration.h - what a program declares when it serves an object: its methods, checked, and its registration, packed

    Knows nothing of sessions, requests or sockets.
*/
#ifndef DECLARATION_H_INCLUDED
#define DECLARATION_H_INCLUDED

#include "hearth.h"
#include "signature.h"
#include "wire.h"

#define DECLARATION_WORKERS 64  //  of an object

typedef struct {
    const char *name;
    signature_t *parameters;
    type_t *result;  //  NULL: any
    hearth_handler_fn *handler;
    unsigned flags;
    bool is_quick;  //  its handler returned within a tick when it ran last
} method_t;

typedef struct {
    method_t *methods;
    size_t count;
    pack_t registration;  //  the arguments of the directory's `register`
} declaration_t;

//  Checks name, table and options, and packs the registration. Returns 0, or a code with a sentence in `problem`; what was
//  begun is cleared by declaration_clear in any case. Names of methods are borrowed from the table; the declaration must
//  not be moved.
int declaration_init (declaration_t *self, const char *name, const hearth_method_t *methods,
                      const hearth_service_options_t *options, char *problem, size_t room);
void declaration_clear (declaration_t *self);

//  NULL if there is no such method.
method_t *declaration_method (const declaration_t *self, span_t name);

#endif
