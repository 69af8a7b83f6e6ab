"""Notifications and their account, docs/protocol.md, section 8: a peer in Python against the broker."""
import fixture

import hearth_wire as wire
import interop
from hearth_observation import EpochEnded, Lost, Message, Observation

EVENTS = {"events": [{"name": "said"}, {"name": "state", "flags": ["retained"]}]}


class Lossy(Observation):
    """An observation whose network loses the notifications of these values."""
    losing = ()

    def receive(self):
        super().receive()
        kept = [note for note in self.frames if wire.unpack(note.body) not in self.losing]
        self.frames.clear()
        self.frames.extend(kept)


class Observations(interop.TestCase):
    def start(self, *options, **settings):
        self.bus = self.broker(*options, **settings)
        self.service, self.observer = self.peer(self.bus), self.peer(self.bus)
        self.service.serve("radio.one", {}, interface=EVENTS)

    def observe(self, prefix, losing=()):
        observation = Lossy(self.observer, prefix)
        observation.losing = losing
        observation.open()
        self.observer.observations.append(observation)
        return observation

    def publish(self, *values, event="said"):
        return [self.service.publish("radio.one", event, value) for value in values]

    def next(self, observation):
        event = observation.next(fixture.PATIENCE)
        self.assertIsNotNone(event, "nothing came")
        return event

    def values(self, observation, count):
        return [self.next(observation).value for _ in range(count)]

    def test_a_subscription_is_live_when_its_marker_has_come(self):
        self.start()
        for prefix in ("radio.one/said/", "radio.one/", "radio.", ""):
            observation = self.observe(prefix)
            self.assertEqual((observation.marker.topic, observation.marker.topic_number), (prefix.encode(), 0))
            self.assertEqual(observation.marker.epoch, self.observer.epoch)
            self.publish(prefix)
            self.assertEqual(self.values(observation, 1), [prefix])

    def test_an_address_without_a_host_means_the_host_that_was_dialled(self):
        self.start("--allow-anonymous", bind="tcp://127.0.0.1:*", publish="tcp://*:*")
        self.assertRegex(self.observer.welcome["publish"][0], r"^tcp://\*:\d+$")
        observation = self.observe("radio.one/")
        self.publish("heard")
        self.assertEqual(self.values(observation, 1), ["heard"])

    def test_notifications_carry_the_topics_number_without_gaps_and_a_time(self):
        self.start()
        observation = self.observe("radio.one/said/")
        numbers = self.publish("a", "b", "c")
        messages = [self.next(observation) for _ in numbers]
        self.assertEqual([message.number for message in messages], numbers)
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))
        self.assertEqual([message.topic for message in messages], ["radio.one/said/"] * 3)
        self.assertTrue(all(message.time > 1600000000000 for message in messages))

    def test_what_was_published_before_is_not_the_observers(self):
        self.start()
        self.publish("before")
        observation = self.observe("radio.one/said/")
        self.publish("after")
        self.assertEqual(self.values(observation, 1), ["after"])

    def test_only_the_owner_of_a_name_publishes_under_it(self):
        self.start()
        error = self.refusal(self.observer.publish, "radio.one", "said", "not mine")
        self.assertEqual((error.name, error.code, error.mark), ("hearth.NotOwner", 7, wire.NOT_EXECUTED))
        observation = self.service.observe(self.observer.unique_name + "/")
        self.observer.publish(self.observer.unique_name, "said", "mine")
        self.assertEqual(self.values(observation, 1), ["mine"])

    def test_a_gap_is_filled_from_the_history(self):
        self.start()
        observation = self.observe("radio.one/said/", losing=(1, 2, 4))
        self.publish(0, 1, 2, 3, 4, 5)
        self.assertEqual(self.values(observation, 6), [0, 1, 2, 3, 4, 5])

    def test_a_gap_before_a_topics_first_notification_is_filled(self):
        self.start()
        observation = self.observe("radio.one/", losing=(0, 1))
        self.publish(0, 1, 2)
        self.assertEqual(self.values(observation, 3), [0, 1, 2])

    def test_what_the_history_has_not_is_reported_lost(self):
        self.start("--max-history", 2)
        observation = self.observe("radio.one/said/", losing=range(1, 6))
        numbers = self.publish(*range(8))
        events = [self.next(observation) for _ in range(4)]
        self.assertEqual(events[0].value, 0)
        self.assertEqual(events[1], Lost("radio.one/said/", numbers[5], 5))
        self.assertEqual([event.value for event in events[2:]], [6, 7])

    def test_a_lost_tail_is_found_when_it_has_become_quiet(self):
        self.start()
        observation = self.observe("radio.one/said/", losing=(1, 2))
        self.publish(0, 1, 2)
        self.assertEqual(self.values(observation, 3), [0, 1, 2])

    def test_a_lost_tail_is_found_though_another_topic_went_on(self):
        self.start()
        observation = self.observe("radio.one/", losing=("lost",))
        self.publish("lost")
        self.publish("seen", event="state")
        self.assertEqual(sorted(self.values(observation, 2)), ["lost", "seen"])

    def test_received_and_lost_add_up_to_published(self):
        self.start("--max-history", 3)
        observation = self.observe("radio.one/said/", losing=[number for number in range(60) if number % 7 < 5])
        last = self.publish(*range(60))[-1]
        received, lost = [], 0
        while not received or received[-1].number < last:
            event = self.next(observation)
            if isinstance(event, Lost):
                lost += event.count
            else:
                received.append(event)
        self.assertEqual(len(received) + lost, 60)
        self.assertEqual(sorted(event.value for event in received), [event.value for event in received])

    def test_a_new_session_of_the_same_epoch_goes_on_without_a_gap(self):
        self.start()
        observation = self.observe("radio.one/said/")
        self.publish("one")
        self.assertEqual(self.values(observation, 1), ["one"])
        self.observer.close()
        self.publish("two")
        self.observer.connect()
        self.publish("three")
        self.assertEqual(self.values(observation, 2), ["two", "three"])

    def test_a_new_epoch_is_told_apart_and_is_whole(self):
        self.start()
        observation = self.observe("radio.one/said/")
        self.publish("old")
        old = self.next(observation)
        epoch, number = self.observer.epoch, observation.seen
        self.bus.kill()
        self.drive(lambda: not self.service.session and not self.observer.session, self.service, self.observer)
        self.restart(self.bus)
        self.service.connect(fixture.PATIENCE)
        self.publish("new")
        events = [self.next(observation) for _ in range(2)]
        self.assertEqual(old.value, "old")
        self.assertEqual(events[0], EpochEnded(epoch, number))
        self.assertEqual((events[1].topic, events[1].value), ("radio.one/said/", "new"))

    def test_a_new_observer_is_given_the_last_value_of_a_retained_event(self):
        self.start("--max-history", 0)
        self.publish("red", "green", event="state")
        self.publish("gone")
        observation = self.observe("radio.one/")
        message = self.next(observation)
        self.assertIsInstance(message, Message)
        self.assertEqual((message.topic, message.value, message.retained), ("radio.one/state/", "green", True))
        self.publish("blue", event="state")
        self.assertEqual(self.values(observation, 1), ["blue"])

    def test_a_watcher_of_names_and_sessions_joins_without_a_gap(self):
        self.start()
        observation = self.observe("hearth/")
        newcomer = self.peer(self.bus, library="newcomer/1")
        answer = newcomer.serve("radio.two", {})
        name = newcomer.unique_name
        newcomer.close()
        events = [self.next(observation) for _ in range(4)]
        seen = [(event.topic, event.value["change"], event.value["session"]) for event in events]
        self.assertEqual(seen[:2], [("hearth/session/", "appeared", name), ("hearth/name/", "appeared", name)])
        self.assertEqual(sorted(seen[2:]), [("hearth/name/", "went", name), ("hearth/session/", "went", name)])
        self.assertEqual(events[0].value["library"], "newcomer/1")
        self.assertEqual(events[1].value["name"], "radio.two")
        self.assertLess(0, answer["number"])


if __name__ == "__main__":
    fixture.main()
