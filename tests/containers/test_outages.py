"""Containers that are killed, paused and cut off, and what the others see of it."""
import fixture
import stack

FAILED, NO_BROKER, LATE = 1, 3, 4

#  For each service what its server prints whenever it is registered, and a call that it answers.
NAMES = {"echo": "echo.server", "observable": "example.observable", "remote-object": "example.remote.object"}
CALLS = {"echo": ("echo", "HOLA"), "observable": ("notify_observers", "HOLA"), "remote-object": ("greet", "HOLA")}


class Outages(stack.TestCase):
    def follow_registrations(self, service, **settings):
        log = self.follow(service, **settings)
        log.wait_for_line(NAMES[service])
        return log

    def wait_for_registration(self, log, service):
        log.wait_for_line(NAMES[service])

    def call(self, service, timeout):
        return self.stack.client("hearth", "call", "--timeout", timeout, NAMES[service], *CALLS[service])

    def assert_answers(self, service):
        ended = self.call(service, "20s")
        self.assertEqual(ended.returncode, 0, ended.stderr)

    def assert_call_ends_as(self, service, code, error, timeout):
        ended = self.call(service, timeout)
        self.assertEqual((ended.returncode, ended.stdout), (code, ""), ended.stderr)
        self.assertRegex(ended.stderr, error)

    def pause(self, service):
        """Until it is continued, at the latest by the test's end."""
        container = self.stack.container(service)
        stack.docker("pause", container)
        self.addCleanup(stack.docker, "unpause", container, check=False)

    def resume(self, service):
        stack.docker("unpause", self.stack.container(service))

    def cut_off(self, service):
        """Until it is joined again, at the latest by the test's end."""
        stack.docker("network", "disconnect", self.stack.network, self.stack.container(service))
        self.addCleanup(self.join, service, check=False)

    def join(self, service, check=True):
        stack.docker("network", "connect", "--alias", service, self.stack.network, self.stack.container(service), check=check)

    def kill(self, service):
        """Until it is started again, at the latest by the test's end."""
        stack.docker("kill", self.stack.container(service))
        self.addCleanup(self.start, service)

    def start(self, service):
        stack.docker("start", self.stack.container(service))

    def test_a_killed_service_loses_its_name_and_comes_back_with_it(self):
        self.kill("echo")
        self.assert_call_ends_as("echo", FAILED, "hearth.NoSuchService", "20s")
        self.start("echo")
        self.follow_registrations("echo", since_start=True)
        self.assert_answers("echo")

    def test_services_and_observers_come_back_when_the_broker_was_killed(self):
        log = self.follow_registrations("observable")
        observer = self.start_client("observer", "--count", "1", ready="^ready$")
        self.kill("broker")
        self.assert_call_ends_as("echo", NO_BROKER, "hearth.BrokerGone", "5s")
        self.start("broker")
        self.wait_for_registration(log, "observable")
        observer.wait_for_line("^ready$")
        self.assertEqual(self.stack.client("notify", "again").stdout, "1\n")
        observer.wait_for_line("^again$")
        self.assertEqual(observer.wait(), 0)

    def test_a_call_to_a_paused_service_meets_its_deadline_and_the_next_one_is_answered(self):
        self.pause("echo")
        self.assert_call_ends_as("echo", LATE, "hearth.Deadline", "1s")
        self.resume("echo")
        self.assert_answers("echo")

    def test_a_call_through_a_paused_broker_ends_in_time_and_the_next_one_is_answered(self):
        self.pause("broker")
        ended = self.call("echo", "1s")
        self.assertIn(ended.returncode, (NO_BROKER, LATE), ended.stderr)
        self.resume("broker")
        self.assert_answers("echo")

    def test_a_service_that_is_paused_for_too_long_is_given_up_and_comes_back(self):
        log = self.follow_registrations("remote-object")
        self.pause("remote-object")
        #  It is idempotent: until its deadline the caller waits for the service to come back.
        self.assert_call_ends_as("remote-object", FAILED, "hearth.ServiceGone", "45s")
        self.resume("remote-object")
        self.wait_for_registration(log, "remote-object")
        self.assert_answers("remote-object")

    def test_a_service_without_network_is_given_up_and_comes_back_with_it(self):
        log = self.follow_registrations("observable")
        self.cut_off("observable")
        #  On a slow machine it has been given up before the call is there.
        self.assert_call_ends_as("observable", FAILED, "hearth.(ServiceGone|NoSuchService)", "60s")
        self.join("observable")
        self.wait_for_registration(log, "observable")
        self.assert_answers("observable")

    def test_services_come_back_when_the_broker_has_its_network_again(self):
        log = self.follow_registrations("echo")
        self.cut_off("broker")
        log.wait_for_log("lost the broker")
        self.assert_call_ends_as("echo", NO_BROKER, "hearth.BrokerGone", "5s")
        self.join("broker")
        self.wait_for_registration(log, "echo")
        self.assert_answers("echo")


if __name__ == "__main__":
    fixture.main()
