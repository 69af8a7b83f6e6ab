"""Sessions, calls and serving, as docs/protocol.md says: a peer in Python against the broker."""
import signal
from dataclasses import replace

import fixture

import exchanges
import hearth_wire as wire
import interop
from hearth_peer import Peer
from hearth_service import LATER
from hearth_wire import HearthError


def echo(request, message: str) -> str:
    """Returns the message unchanged."""
    return message


def anything(request, *values):
    return list(values)


class Kept:
    """A handler that answers later: it keeps its requests."""

    def __init__(self):
        self.requests = []

    def __call__(self, request, *_):
        self.requests.append(request)
        return LATER


class Sessions(interop.TestCase):
    def test_hello_is_welcomed_with_an_epoch_a_unique_name_and_limits(self):
        peer = self.peer(self.broker())
        self.assertEqual(peer.unique_name, f":{peer.epoch:012x}.{peer.session}")
        self.assertLess(0, peer.epoch)
        for name in ("message", "nesting", "calls", "deadline", "capacity", "names", "parked", "subscriptions"):
            self.assertLess(0, peer.welcome["limits"][name], name)

    def test_welcome_has_a_publishing_address_of_each_transport(self):
        for transport in ("ipc", "tcp"):
            broker = self.broker(transport=transport)
            self.assertEqual(self.peer(broker).publishing_address(), broker.publish)

    def test_goodbye_frees_the_names_at_once(self):
        broker = self.broker()
        first, second = self.peer(broker), self.peer(broker)
        first.serve("echo.server", {"echo": echo})
        self.assertEqual(self.refusal(second.serve, "echo.server", {"echo": echo}).name, "hearth.NameTaken")
        observation = second.observe("hearth/name/")
        first.close()
        self.assertEqual(observation.next(fixture.PATIENCE).value["change"], "went")
        second.serve("echo.server", {"echo": echo})

    def test_a_later_session_of_an_instance_ends_the_earlier_one(self):
        broker = self.broker()
        ghost = self.peer(broker)
        ghost.serve("echo.server", {"echo": echo})
        heir = Peer(broker.address, instance=ghost.instance)
        self.addCleanup(heir.close)
        heir.count = ghost.count
        heir.connect()
        heir.serve("echo.server", {"echo": echo})
        self.drive(lambda: not ghost.session, ghost)

    def test_a_session_that_is_not_later_is_refused(self):
        broker = self.broker()
        present = self.peer(broker)
        late = Peer(broker.address, instance=present.instance)
        error = self.refusal(late.connect)
        self.assertEqual((error.name, error.code), ("hearth.StaleSession", 10))
        self.assertEqual(present.call("hearth", "ping", 1), 1)

    def test_the_documents_exchange_happens(self):
        """What the document's peers send is sent; what the broker answers has the document's shape."""
        told = {title: message for title, message in exchanges.EXCHANGES}
        broker = self.broker()
        service, caller = self.peer(broker), self.peer(broker)
        frames = {}
        for peer, name in ((service, "service"), (caller, "caller")):
            for kind in peer.ON_FRAME:
                self.record(peer, kind, frames, name)

        service.send(told["register: service to broker"])
        self.drive(lambda: ("service", wire.REPLY) in frames, service)
        registered = frames["service", wire.REPLY]
        self.assertEqual((registered.elements, registered.slot, registered.generation, registered.session), ((0, 0), 0, 1, 0))
        self.assertEqual(wire.unpack(registered.body)["name"], "echo.server")

        caller.send(told["request: caller to broker"])
        self.drive(lambda: ("service", wire.REQUEST) in frames, service)
        request, model = frames["service", wire.REQUEST], told["request: broker to service"]
        self.assertEqual((request.elements, request.body, request.session), (model.elements, model.body, caller.session))
        self.assertLessEqual(request.remaining, 2000)

        answer = replace(told["reply: service to broker"], slot=request.slot, generation=request.generation)
        service.send(answer)
        self.drive(lambda: ("caller", wire.REPLY) in frames, caller)
        model = replace(told["reply: broker to caller"], session=service.session)
        self.assertEqual(frames.pop(("caller", wire.REPLY)), model)

        caller.send(told["call of an undeclared method: caller to broker"])
        self.drive(lambda: ("caller", wire.REPLY) in frames, caller)
        reply, model = frames["caller", wire.REPLY], told["error: broker to caller"]
        self.assertEqual((reply.elements, reply.slot, reply.generation), (model.elements, model.slot, model.generation))
        self.assertEqual(wire.unpack(reply.body)[0], "hearth.NoSuchMethod")

    def record(self, peer, kind, frames, name):
        peer.ON_FRAME = {**peer.ON_FRAME, kind: lambda _, frame: frames.__setitem__((name, kind), frame)}


class Calls(interop.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        self.service, self.caller = self.peer(self.bus), self.peer(self.bus)

    def kept(self, **options):
        """A service whose handler keeps its requests."""
        kept = Kept()
        self.service.serve("slow.server", {"work": kept}, interface={"methods": [{"name": "work"}]}, **options)
        return kept

    def start_kept(self, kept, **options):
        """A call that the handler has, and has not answered."""
        before = len(kept.requests)
        call = self.caller.start("slow.server", "work", **options)
        self.drive(lambda: len(kept.requests) > before, self.service)
        return call

    def test_a_served_method_is_called_and_answers(self):
        self.service.serve("echo.server", {"echo": echo})
        self.assertEqual(self.result(self.caller.start("echo.server", "echo", "HOLA"), self.service), "HOLA")

    def test_arguments_may_be_named(self):
        self.service.serve("echo.server", {"echo": echo})
        call = self.caller.start("echo.server", "echo", named={"message": "HOLA"})
        self.assertEqual(self.result(call, self.service), "HOLA")

    def test_values_of_all_types_come_back_as_they_went(self):
        self.service.serve("echo.server", {"anything": anything})
        values = [None, True, False, 0, -1, 2**63 - 1, -2**63, 2**64 - 1, 1.5, "", "žluťoučký", "\0", b"\0\xff", [], {},
                  [[[{}]]], {"a": {"b": [1, None]}}, {1: 2}, "x" * 70000, list(range(70000))]
        self.assertEqual(self.result(self.caller.start("echo.server", "anything", *values), self.service), values)

    def test_many_calls_in_flight_are_each_answered_once(self):
        self.service.serve("echo.server", {"anything": anything})
        calls = [self.caller.start("echo.server", "anything", number) for number in range(500)]
        for number, call in enumerate(calls):
            self.assertEqual(self.result(call, self.service), [number])

    def test_a_name_that_is_not_there_fails_at_once_and_was_not_executed(self):
        error = self.refusal(self.caller.call, "nobody.here", "echo", "HOLA")
        self.assertEqual((error.name, error.code, error.mark), ("hearth.NoSuchService", 5, wire.NOT_EXECUTED))

    def test_an_undeclared_method_fails_at_the_broker(self):
        self.service.serve("echo.server", {"echo": echo})
        error = self.refusal(self.caller.call, "echo.server", "shout", "HOLA")
        self.assertEqual((error.name, error.code, error.mark), ("hearth.NoSuchMethod", 12, wire.NOT_EXECUTED))

    def test_wrong_arguments_are_refused_by_the_service(self):
        self.service.serve("echo.server", {"echo": echo})
        for arguments in ((1,), (), ("a", "b")):
            error = self.failure(self.caller.start("echo.server", "echo", *arguments), self.service)
            self.assertEqual((error.name, error.code, error.mark), ("hearth.BadArguments", 3, wire.NOT_EXECUTED))

    def test_a_result_that_is_too_large_is_an_error_and_the_service_goes_on(self):
        most = self.service.welcome["limits"]["message"]
        self.service.serve("big", {"make": lambda request, size: "x" * size}, capacity=1)
        error = self.failure(self.caller.start("big", "make", most), self.service)
        self.assertEqual((error.name, error.code), ("python.TooLarge", 8))
        self.assertEqual(self.result(self.caller.start("big", "make", most - 100), self.service), "x" * (most - 100))
        self.assertEqual(self.refusal(self.caller.call, "big", "make", "x" * most).name, "python.TooLarge")

    def test_an_error_of_the_service_arrives_with_all_its_parts(self):
        def overdrawn(request):
            raise HearthError(9, "bank.Overdrawn", "by 3", {"by": 3}, wire.EXECUTED)
        self.service.serve("bank", {"pay": overdrawn})
        error = self.failure(self.caller.start("bank", "pay"), self.service)
        self.assertEqual((error.code, error.name, error.message, error.details, error.mark),
                         (9, "bank.Overdrawn", "by 3", {"by": 3}, wire.EXECUTED))

    def test_a_service_that_speaks_for_the_system_is_not_believed(self):
        def liar(request):
            raise HearthError(wire.UNAVAILABLE, "hearth.ServiceGone", "not really")
        self.service.serve("liar", {"lie": liar})
        self.assertEqual(self.failure(self.caller.start("liar", "lie"), self.service).code, wire.INTERNAL)

    def test_a_deadline_ends_the_call_and_tells_the_service(self):
        kept = self.kept()
        call = self.start_kept(kept, timeout=0.2)
        error = self.failure(call, self.service)
        self.assertEqual((error.name, error.code, error.mark), ("hearth.Deadline", 4, wire.MAY_HAVE_EXECUTED))
        self.drive(lambda: kept.requests[0].cancelled is not None, self.service)
        self.assertEqual(kept.requests[0].cancelled, 1)

    def test_an_expired_request_is_not_dispatched(self):
        kept = self.kept()
        error = self.failure(self.caller.start("slow.server", "work", timeout=0))
        self.assertEqual((error.name, error.mark), ("hearth.Deadline", wire.NOT_EXECUTED))
        self.service.call("hearth", "ping")    # what comes to a session comes in order
        self.assertEqual(kept.requests, [])

    def test_a_late_reply_frees_the_capacity_and_reaches_nobody(self):
        kept = self.kept(capacity=1)
        self.failure(self.start_kept(kept, timeout=0.1), self.service)
        waiting = self.caller.start("slow.server", "work")
        kept.requests[0].reply("late")
        self.drive(lambda: len(kept.requests) == 2, self.service)
        kept.requests[1].reply("in time")
        self.assertEqual(self.result(waiting), "in time")

    def test_a_cancel_ends_the_call_and_tells_the_service(self):
        kept = self.kept()
        call = self.start_kept(kept)
        call.cancel()
        error = self.failure(call)
        self.assertEqual((error.name, error.code, error.mark), ("hearth.Cancelled", 1, wire.MAY_HAVE_EXECUTED))
        self.drive(lambda: kept.requests[0].cancelled is not None, self.service)
        self.assertEqual(kept.requests[0].cancelled, 0)
        call.cancel()
        self.assertEqual(self.caller.call("hearth", "ping", 1), 1)

    def test_a_cancel_before_dispatch_says_that_nothing_was_executed(self):
        kept = self.kept(capacity=1)
        running = self.start_kept(kept)
        queued = self.caller.start("slow.server", "work")
        queued.cancel()
        error = self.failure(queued)
        self.assertEqual((error.name, error.mark), ("hearth.Cancelled", wire.NOT_EXECUTED))
        kept.requests[0].reply("done")
        self.assertEqual(self.result(running), "done")

    def test_a_service_is_told_that_its_caller_is_gone(self):
        kept = self.kept()
        self.start_kept(kept)
        self.caller.close()
        self.drive(lambda: kept.requests[0].cancelled is not None, self.service)
        self.assertEqual(kept.requests[0].cancelled, 2)

    def test_a_oneway_call_ends_when_it_is_dispatched(self):
        kept = self.kept()
        self.caller.oneway("slow.server", "work", "now")
        self.drive(lambda: kept.requests, self.service)
        kept.requests[0].reply(None)
        self.assertEqual(self.refusal(self.caller.oneway, "nobody.here", "work").name, "hearth.NoSuchService")

    def test_a_method_that_is_declared_oneway_is_acknowledged_when_it_is_dispatched(self):
        kept = Kept()
        interface = {"methods": [{"name": "note", "flags": ["oneway"]}]}
        self.service.serve("journal", {"note": kept}, interface=interface)
        self.assertIsNone(self.caller.call("journal", "note", "said"))
        self.drive(lambda: kept.requests, self.service)
        self.assertEqual(kept.requests[0].frame.flags, wire.ONEWAY)

    def test_a_declined_acknowledgement_does_not_come(self):
        kept = self.kept()
        for service in ("slow.server", "nobody.here"):
            self.assertIsNone(self.caller.start(service, "work", flags=wire.ONEWAY | wire.NOACK))
        self.drive(lambda: kept.requests, self.service)
        replies = []
        self.caller.ON_FRAME = {**Peer.ON_FRAME, wire.REPLY: lambda peer, frame: (replies.append(frame),
                                                                                   Peer.ON_FRAME[wire.REPLY](peer, frame))}
        self.caller.call("hearth", "ping", 1)
        self.assertEqual(len(replies), 1)

    def test_a_call_may_wait_for_the_name_to_appear(self):
        call = self.caller.start("echo.server", "echo", "HOLA", wait=fixture.PATIENCE, timeout=fixture.PATIENCE)
        self.caller.call("hearth", "ping")
        self.service.serve("echo.server", {"echo": echo})
        self.assertEqual(self.result(call, self.service), "HOLA")

    def test_waiting_ends_with_the_wait_or_with_the_deadline(self):
        self.assertEqual(self.refusal(self.caller.call, "nobody.here", "x", wait=0.1).name, "hearth.NoSuchService")
        self.assertEqual(self.refusal(self.caller.call, "nobody.here", "x", wait=20, timeout=0.1).name, "hearth.Deadline")

    def test_a_service_that_ends_in_the_middle_of_a_call_is_told(self):
        kept = Kept()
        kept.flags = ["idempotent"]
        self.service.serve("slow.server", {"work": kept})
        call = self.start_kept(kept)
        self.service.close()
        error = self.failure(call)
        self.assertEqual((error.name, error.code, error.mark), ("hearth.ServiceGone", 14, wire.MAY_HAVE_EXECUTED))
        self.assertTrue(call.answer.flags & wire.IDEMPOTENT)

    def test_a_pool_gives_calls_to_whoever_has_least(self):
        other = self.peer(self.bus)
        mine, theirs = Kept(), Kept()
        self.service.serve("pool", {"work": mine}, mode="shared", capacity=1)
        other.serve("pool", {"work": theirs}, mode="shared", capacity=1)
        calls = [self.caller.start("pool", "work", number) for number in range(3)]
        self.drive(lambda: mine.requests and theirs.requests, self.service, other)
        theirs.requests[0].reply("theirs")
        self.drive(lambda: len(theirs.requests) == 2, other)
        mine.requests[0].reply("mine")
        theirs.requests[1].reply("theirs")
        self.assertEqual(sorted(self.result(call) for call in calls), ["mine", "theirs", "theirs"])

    def test_a_callback_is_called_under_the_unique_name_of_its_session(self):
        self.assertEqual(self.refusal(self.caller.call, self.service.unique_name, "echo", "HOLA").name, "hearth.NoSuchMethod")
        self.service.serve("", {"echo": echo})
        self.assertEqual(self.result(self.caller.start(self.service.unique_name, "echo", "HOLA"), self.service), "HOLA")
        self.assertEqual(self.refusal(self.caller.call, ":000000000001.1", "echo", "HOLA").name, "hearth.NoSuchService")

    def test_the_caller_is_known_by_its_unique_name(self):
        def who(request):
            return request.caller
        self.service.serve("who", {"who": who})
        self.assertEqual(self.result(self.caller.start("who", "who"), self.service), self.caller.unique_name)

    def test_a_call_within_a_handler_says_on_whose_behalf(self):
        kept = Kept()
        def relay(request):
            return self.service.start("back", "work", within=request).slot
        back = self.peer(self.bus)
        back.serve("back", {"work": kept})
        self.service.serve("relay", {"relay": relay})
        self.result(self.caller.start("relay", "relay"), self.service)
        self.drive(lambda: kept.requests, back)
        session, _, _ = wire.VIA.unpack(kept.requests[0].via[0])
        self.assertEqual((len(kept.requests[0].via), session), (1, self.service.session))

    def test_the_directory_describes_what_was_declared(self):
        self.service.serve("echo.server", {"echo": echo}, metadata={"place": "here"})
        described = self.caller.call("hearth", "describe", "echo.server")
        self.assertEqual((described["name"], described["mode"], described["instances"], described["metadata"]),
                         ("echo.server", "exclusive", 1, {"place": "here"}))
        method = described["methods"][0]
        self.assertEqual((method["name"], method["parameters"], method["result"], method["doc"]),
                         ("echo", "message: str", "str", echo.__doc__))
        self.assertEqual(self.caller.call("hearth", "lookup", "echo.server")["owners"], [self.service.unique_name])
        listed = self.caller.call("hearth", "list", "echo.")
        self.assertEqual(([each["name"] for each in listed["names"]], listed["next"]), (["echo.server"], None))
        self.assertEqual(self.refusal(self.caller.call, "hearth", "lookup", "nobody.here").code, wire.NOT_FOUND)

    def test_the_directory_describes_itself(self):
        methods = {each["name"] for each in self.caller.call("hearth", "describe", "hearth")["methods"]}
        self.assertLessEqual({"register", "unregister", "list", "lookup", "describe", "ping", "stats", "topics", "history"},
                             methods)

    def test_a_replaceable_name_is_taken_over_and_its_owner_is_told(self):
        self.service.serve("echo.server", {"echo": echo}, mode="replaceable")
        heir = self.peer(self.bus)
        self.assertEqual(self.refusal(heir.serve, "echo.server", {"echo": echo}).name, "hearth.NameTaken")
        heir.serve("echo.server", {"echo": echo}, mode="replaceable", replace=True)
        self.drive(lambda: self.service.notices, self.service)
        self.assertEqual(self.service.notices, [("replaced", {"name": "echo.server", "session": heir.unique_name})])
        self.assertEqual(self.service.services, {})
        self.assertEqual(self.result(self.caller.start("echo.server", "echo", "HOLA"), heir), "HOLA")

    def test_an_unregistered_name_is_gone(self):
        self.service.serve("echo.server", {"echo": echo})
        self.assertIs(self.service.call("hearth", "unregister", "echo.server"), True)
        self.assertIs(self.service.call("hearth", "unregister", "echo.server"), False)
        self.assertEqual(self.refusal(self.caller.call, "echo.server", "echo", "HOLA").name, "hearth.NoSuchService")


class Reconnects(interop.TestCase):
    def test_a_new_session_serves_and_calls_as_the_old_one_did(self):
        broker = self.broker()
        service, caller = self.peer(broker), self.peer(broker)
        service.serve("echo.server", {"echo": echo})
        epoch = service.epoch
        broker.kill()
        self.drive(lambda: not service.session and not caller.session, service, caller)
        self.restart(broker)
        service.connect(fixture.PATIENCE)
        self.assertEqual(service.count, 2)
        self.assertNotEqual(service.epoch, epoch)
        call = caller.start("echo.server", "echo", "HOLA", timeout=fixture.PATIENCE)
        self.assertEqual(self.result(call, service), "HOLA")

    def test_a_call_in_flight_when_the_broker_dies_ends_and_may_have_been_executed(self):
        broker = self.broker()
        service, caller = self.peer(broker), self.peer(broker)
        kept = Kept()
        service.serve("slow.server", {"work": kept})
        call = caller.start("slow.server", "work")
        self.drive(lambda: kept.requests, service)
        broker.kill()
        error = self.failure(call)
        self.assertEqual((error.name, error.mark), ("hearth.BrokerGone", wire.MAY_HAVE_EXECUTED))

    def test_a_call_without_a_broker_ends_and_was_not_executed(self):
        caller = Peer(f"ipc://{self.folder()}/nobody")
        error = self.refusal(caller.call, "echo.server", "echo", "HOLA", timeout=0.2)
        self.assertEqual((error.name, error.mark), ("hearth.BrokerGone", wire.NOT_EXECUTED))

    def test_a_broker_that_stops_says_goodbye(self):
        broker = self.broker()
        peers = [self.peer(broker) for _ in range(20)]
        broker.signal(signal.SIGTERM)
        self.drive(lambda: not any(peer.session for peer in peers), *peers)
        self.assertEqual([peer.goodbye and peer.goodbye.name for peer in peers], ["hearth.Stopping"] * 20)
        self.assertEqual(broker.wait(), 0)


if __name__ == "__main__":
    fixture.main()
