"""The serving half of a Hearth peer: handlers, what they declare, and requests as they see them (sections 6 and 7.2).

A handler is a function of a request and its arguments. Its annotations and its documentation are the method's signature;
what it returns is the result, what it raises the error. A generator is the handler of a stream (hearth_stream.py). Knows
no socket.
"""
import inspect
from dataclasses import dataclass

import hearth_wire as wire
from hearth_stream import BYTES, ITEMS, Running
from hearth_wire import Frame, HearthError

LATER = object()                   # what a handler returns that answers by request.reply() some time
TYPES = {bool: "bool", int: "int", float: "float", str: "str", bytes: "bin", list: "list", dict: "map"}


@dataclass
class Request:
    """A call in progress, on the service's side."""
    peer: object
    frame: Frame
    cancelled: int = None          # why nobody waits for the answer any more: the reason of the cancel
    running: Running = None        # of a stream

    @property
    def caller(self):
        return self.peer.unique_name_of(self.frame.session)

    @property
    def remaining(self):
        return self.frame.remaining

    @property
    def via(self):
        """The handlers that wait for this call, outermost first."""
        options = self.frame.elements[2] if len(self.frame.elements) > 2 else {}
        return options.get("via", []) if isinstance(options, dict) else []

    def reply(self, value):
        self._answer(0, 0, wire.pack(value))

    def fail(self, error):
        self._answer(error.code, error.mark, wire.pack_error(error.name, error.message, error.details))

    def _answer(self, code, mark, body):
        self.peer.answer(self, Frame(wire.REPLY, (code, mark), body, self.frame.slot, self.frame.generation))


class Service:
    """What is served under a name."""

    def __init__(self, handlers, options):
        self.handlers, self.options = handlers, options
        self.window = options.pop("window", (ITEMS, BYTES))
        options.setdefault("interface", {"methods": [declaration(*item) for item in handlers.items()]})

    def run(self, request):
        """Runs the handler of a request, which is answered when this returns, or will be."""
        try:
            value = self._call(request)
            if inspect.isgenerator(value):
                self._stream(request, value)
            elif value is not LATER:
                request.reply(value)
        except HearthError as error:
            request.fail(error)
        except Exception as problem:           # a bug in the handler is the handler's, not the service's end
            request.fail(HearthError(wire.INTERNAL, "python." + type(problem).__name__, str(problem), None,
                                     wire.EXECUTED))

    def _stream(self, request, generator):
        if not request.frame.flags & wire.STREAM:
            raise HearthError(wire.INVALID_ARGUMENT, "python.StreamOnly", "this method is called as a stream")
        request.running = Running(request, generator)
        request.running.start(request.peer, self.window)

    def _call(self, request):
        handler = self.handlers.get(request.frame.elements[1])
        if not handler:                        # only without an interface do such requests come
            raise HearthError(wire.UNIMPLEMENTED, "python.NoSuchMethod", "there is no such method")
        try:
            arguments = wire.unpack(request.frame.body)
            if not isinstance(arguments, (list, dict)):
                raise TypeError("arguments are a list or a map")
            positional, named = ([], arguments) if isinstance(arguments, dict) else (arguments, {})
            bound = inspect.signature(handler).bind(request, *positional, **named)
            check_types(handler, bound.arguments)
        except (TypeError, ValueError) as problem:
            raise HearthError(wire.INVALID_ARGUMENT, "hearth.BadArguments", str(problem)) from None
        return handler(*bound.args, **bound.kwargs)


def parameters_of(handler):
    """A handler's parameters but the first, which is the request."""
    return list(inspect.signature(handler).parameters.values())[1:]


def notation(parameter):
    """A parameter as a signature has it."""
    if parameter.kind == parameter.VAR_POSITIONAL:
        return "..."
    return f"{parameter.name}: {TYPES.get(parameter.annotation, 'any')}"


def declaration(name, handler):
    """A method as an interface lists it."""
    result = inspect.signature(handler).return_annotation
    method = {"name": name, "parameters": ", ".join(map(notation, parameters_of(handler))),
              "result": TYPES.get(result, "any"), "flags": getattr(handler, "flags", [])}
    if inspect.isgeneratorfunction(handler):
        method["flags"] = ["streaming", *method["flags"]]
    if handler.__doc__:
        method["doc"] = handler.__doc__
    return method


def check_types(handler, arguments):
    for each in parameters_of(handler):
        wanted = TYPES.get(each.annotation)
        if wanted and each.name in arguments and type(arguments[each.name]) is not each.annotation:
            raise TypeError(f"{each.name}: {wanted} was expected, {type(arguments[each.name]).__name__} came")
