"""The checker refuses journals that break a promise, each for its reason, and takes those that keep them all."""
import pathlib
import unittest

import checker
import fixture
import journals as reading
import plan

MS = 1_000_000
CALLER, SERVICE, PUBLISHER, OBSERVER = "client1.caller1.100", "pool1.service.100", "client2.publisher.100", "client3.observer.100"

#  What keeps all promises: a call of 10 s, and three notifications, of which one was lost.
GOOD = {
    CALLER: ["BEGIN 100", "CALL a/1 work 10000 1000", "END a/1 result 0 2000", "QUIT 9000"],
    SERVICE: ["BEGIN 100", "RUN a/1 work 1500", "QUIT 9000"],
    PUBLISHER: ["BEGIN 100", "PUBLISH n p/1 :e1 500", "TAKEN p/1 4 :e1 510", "PUBLISH n p/2 :e1 520", "TAKEN p/2 5 :e1 530",
                "PUBLISH n p/3 :e1 540", "TAKEN p/3 6 :e1 550", "QUIT 9000"],
    OBSERVER: ["BEGIN 100", "OBSERVE n 200", "SESSION :e1 250", "LIVE 300", "GOT 4 p/1", "LOST 5 1", "GOT 6 p/3", "QUIT 9000"],
}


def changed(program, old, *new):
    """GOOD with other lines in the place of one."""
    lines = [line for at in GOOD[program] for line in (new if at == old else (at,))]
    assert lines != GOOD[program]
    return {**GOOD, program: lines}


class Checker(fixture.TestCase):
    def check(self, journals, nemesis=(), failures=()):
        folder = pathlib.Path(self.folder())
        for name, lines in journals.items():
            (folder / f"{name}.journal").write_text("".join(line + "\n" for line in lines))
        (folder / "nemesis.journal").write_text("".join(line + "\n" for line in nemesis))
        (folder / reading.FAILURES).write_text("".join(line + "\n" for line in failures))
        return checker.check(folder)

    def assert_refuses(self, journals, reason, nemesis=(), failures=()):
        violations = self.check(journals, nemesis, failures).violations
        self.assertTrue(any(reason in sentence for sentence, _ in violations), violations)

    def assert_takes(self, journals, nemesis=()):
        self.assertEqual(self.check(journals, nemesis).violations, [])

    def end(self, line, run=True):
        """GOOD with another end of the call, and its execution or none."""
        journals = {**GOOD, CALLER: [*GOOD[CALLER][:2], line, "QUIT 9000"]}
        return journals if run else {**journals, SERVICE: ["BEGIN 100", "QUIT 9000"]}

    def test_what_keeps_every_promise_is_taken(self):
        report = self.check(GOOD)
        self.assertEqual((report.violations, report.calls, report.runs, report.published, report.told, report.lost), ([], 1, 1, 3, 2, 1))

    def test_a_call_that_never_ended_is_refused(self):
        self.assert_refuses(changed(CALLER, "END a/1 result 0 2000"), "never ended")

    def test_a_call_of_a_killed_caller_need_not_end(self):
        killed = {**GOOD, CALLER: GOOD[CALLER][:2]}
        self.assert_refuses(killed, "did not come to its end")
        self.assert_takes(killed, ["BEGIN 1800 kill client1"])

    def test_the_kill_of_another_container_or_of_an_earlier_run_excuses_nothing(self):
        killed = {**GOOD, CALLER: GOOD[CALLER][:2]}
        self.assert_refuses(killed, "never ended", ["BEGIN 1800 kill client2"])
        self.assert_refuses(killed, "never ended", ["BEGIN 50 kill client1"])

    def test_a_call_that_was_overdue_when_its_caller_was_killed_is_refused(self):
        killed = {**GOOD, CALLER: GOOD[CALLER][:2]}
        in_time, late = 1000 + 11_000 * MS, 1001 + 11_000 * MS
        self.assert_takes(killed, [f"BEGIN {in_time} kill client1"])
        self.assert_refuses(killed, "never ended", [f"BEGIN {late} kill client1"])

    def test_the_kill_that_ended_a_caller_is_the_first_one(self):
        killed = {**GOOD, CALLER: GOOD[CALLER][:2]}
        self.assert_takes(killed, ["BEGIN 1800 kill client1", f"BEGIN {60_000 * MS} kill client1"])

    def test_a_caller_that_was_stopped_and_then_killed_need_not_have_ended_its_call(self):
        killed = {**GOOD, CALLER: GOOD[CALLER][:2]}
        stopped = [f"BEGIN {1000 * MS} pause client1", f"END {15_000 * MS} pause client1"]
        self.assert_takes(killed, [*stopped, f"BEGIN {15_900 * MS} kill client1"])
        self.assert_refuses(killed, "never ended", [*stopped, f"BEGIN {16_100 * MS} kill client1"])

    def test_a_program_that_failed_is_refused_although_it_was_killed_later(self):
        killed = {**GOOD, CALLER: GOOD[CALLER][:3]}
        nemesis = ["BEGIN 3000 kill client1"]
        self.assert_takes(killed, nemesis)
        self.assert_refuses(killed, "ended with 139", nemesis, failures=["client1.caller1 139"])

    def test_a_call_that_ended_twice_is_refused(self):
        self.assert_refuses(changed(CALLER, "END a/1 result 0 2000", "END a/1 result 0 2000", "END a/1 hearth.Deadline 2 2100"), "ended 2 times")

    def test_two_calls_under_one_id_are_refused(self):
        self.assert_refuses(changed(CALLER, "CALL a/1 work 10000 1000", "CALL a/1 work 10000 1000", "CALL a/1 work 10000 1001"), "made 2 times")

    def test_not_executed_that_was_executed_is_refused(self):
        self.assert_refuses(self.end("END a/1 hearth.Deadline 1 2000"), "not executed, and was executed")
        self.assert_takes(self.end("END a/1 hearth.Deadline 1 2000", run=False))

    def test_executed_that_was_not_executed_is_refused(self):
        self.assert_refuses(self.end("END a/1 hearth.NoReply 3 2000", run=False), "executed 0 times")
        self.assert_takes(self.end("END a/1 hearth.NoReply 3 2000"))

    def test_a_result_that_nobody_made_is_refused(self):
        self.assert_refuses(self.end("END a/1 result 0 2000", run=False), "executed 0 times")

    def test_may_have_executed_is_true_in_both_cases(self):
        self.assert_takes(self.end("END a/1 hearth.ServiceGone 2 2000"))
        self.assert_takes(self.end("END a/1 hearth.ServiceGone 2 2000", run=False))

    def test_a_call_that_was_executed_twice_is_refused_whatever_its_end(self):
        journals = self.end("END a/1 hearth.ServiceGone 2 2000")
        self.assert_refuses({**journals, "pool2.service.100": GOOD[SERVICE]}, "was executed 2 times")

    def test_an_execution_that_nobody_asked_for_is_refused(self):
        self.assert_refuses(changed(SERVICE, "QUIT 9000", "RUN a/2 work 1600", "QUIT 9000"), "nobody made it")

    def test_an_execution_with_bad_arguments_is_refused(self):
        journals = changed(CALLER, "CALL a/1 work 10000 1000", "CALL a/1 bad 10000 1000")
        self.assert_refuses(journals, "do not exist")

    def test_an_error_without_a_mark_and_a_result_with_one_are_refused(self):
        self.assert_refuses(self.end("END a/1 hearth.Deadline 0 2000"), "with the mark 0")
        self.assert_refuses(self.end("END a/1 result 3 2000"), "with the mark 3")

    def test_the_result_of_another_call_is_refused(self):
        self.assert_refuses(self.end("END a/1 wrong 0 2000"), "belongs to another call")

    def test_an_end_a_second_after_the_deadline_is_refused(self):
        in_time, late = 1000 + 11_000 * MS, 1001 + 11_000 * MS
        self.assert_takes(self.end(f"END a/1 hearth.Deadline 2 {in_time}"))
        self.assert_refuses(self.end(f"END a/1 hearth.Deadline 2 {late}"), "after its deadline")

    def test_a_caller_that_was_stopped_may_be_told_when_it_goes_on(self):
        stopped = [f"BEGIN {1000 * MS} pause client1", f"END {15_000 * MS} pause client1"]
        self.assert_takes(self.end(f"END a/1 hearth.Deadline 2 {15_500 * MS}"), stopped)
        self.assert_refuses(self.end(f"END a/1 hearth.Deadline 2 {16_500 * MS}"), "after its deadline", stopped)

    def test_a_notification_that_is_missing_is_refused(self):
        self.assert_refuses(changed(OBSERVER, "LOST 5 1"), "told of 6 after 4")

    def test_a_notification_that_is_missing_at_the_end_is_refused(self):
        self.assert_refuses(changed(OBSERVER, "GOT 6 p/3"), "was not told of p/3")

    def test_a_notification_that_is_missing_at_the_beginning_is_refused(self):
        self.assert_refuses(changed(OBSERVER, "GOT 4 p/1"), "was not told of p/1")

    def test_an_observer_that_was_told_nothing_is_refused(self):
        silent = {**GOOD, OBSERVER: ["BEGIN 100", "OBSERVE n 200", "SESSION :e1 250", "LIVE 300", "QUIT 9000"]}
        self.assert_refuses(silent, "not told of the last notification")
        self.assert_takes({**silent, OBSERVER: ["BEGIN 100", "OBSERVE n 200", "SESSION :e1 250", "LIVE 545", "QUIT 9000"]})

    def test_an_observation_that_was_never_made_is_refused(self):
        self.assert_refuses(changed(OBSERVER, "LIVE 300"), "not told of the last notification")
        never = {**GOOD, OBSERVER: ["BEGIN 100", "OBSERVE n 200"]}
        self.assert_takes(never, ["BEGIN 1800 kill client3"])

    def test_what_was_published_before_an_observation_is_none_of_it(self):
        late = {**GOOD, OBSERVER: ["BEGIN 100", "OBSERVE n 200", "SESSION :e1 250", "LIVE 515", "GOT 5 p/2", "GOT 6 p/3", "QUIT 9000"]}
        self.assert_takes(late)

    def test_a_notification_that_was_told_twice_is_refused(self):
        self.assert_refuses(changed(OBSERVER, "GOT 6 p/3", "GOT 6 p/3", "GOT 6 p/3"), "2 times")

    def test_a_notification_that_was_refused_and_told_is_refused(self):
        self.assert_refuses(changed(PUBLISHER, "TAKEN p/3 6 :e1 550", "REFUSED p/3 hearth.BrokerGone 1 550"), "which nobody published so")

    def test_a_notification_under_another_number_is_refused(self):
        self.assert_refuses(changed(PUBLISHER, "TAKEN p/3 6 :e1 550", "TAKEN p/3 7 :e1 550"), "the broker said 7")

    def test_two_epochs_in_one_account_are_refused(self):
        self.assert_refuses(changed(PUBLISHER, "TAKEN p/3 6 :e1 550", "TAKEN p/3 6 :e2 550"), "as of one")

    def epochs(self, *told, published=()):
        """GOOD with a second epoch, of which another notification is published, and an observer that was told what is given."""
        publisher = [*GOOD[PUBLISHER][:-1], *published, "PUBLISH n p/4 :e3 560", "TAKEN p/4 1 :e3 570", "QUIT 9000"]
        return {**GOOD, PUBLISHER: publisher, OBSERVER: [*GOOD[OBSERVER][:4], *told, "SESSION :e3 600", "GOT 1 p/4", "QUIT 9000"]}

    def test_an_epoch_that_ended_is_complete_up_to_its_last_number(self):
        told = ["GOT 4 p/1", "LOST 5 1", "DOWN 556"]
        self.assert_takes(self.epochs(*told, "EPOCH 5"))
        self.assert_refuses(self.epochs(*told, "EPOCH 6"), "was not told of p/3")

    def test_an_epoch_of_which_an_observer_was_told_nothing_before_it_ended_is_complete_up_to_its_last_number(self):
        for first in (["DOWN 556", "EPOCH 0"], ["LOST 5 2", "DOWN 556", "EPOCH 5"]):
            self.assert_takes(self.epochs(*first))
        self.assert_refuses(self.epochs("DOWN 556", "EPOCH 4"), "was not told of p/1")
        self.assert_refuses(self.epochs("LOST 4 1", "DOWN 556", "EPOCH 5"), "was not told of p/2")
        second = ["PUBLISH n p/9 :e2 552", "TAKEN p/9 1 :e2 553"]
        told = [*GOOD[OBSERVER][4:-1], "DOWN 550", "EPOCH 6", "SESSION :e2 551", "DOWN 556"]
        self.assert_takes(self.epochs(*told, "EPOCH 0", published=second))
        self.assert_refuses(self.epochs(*told, "EPOCH 1", published=second), "was not told of p/9")

    def test_what_an_observer_had_time_to_be_told_of_before_the_epoch_ended_is_not_unknown(self):
        soon, late = (550 + 90_000 * MS, 551 + 90_000 * MS)
        told = ["GOT 4 p/1", "GOT 5 p/2"]
        self.assert_takes(self.epochs(*told, f"DOWN {soon}", "EPOCH 5"))
        self.assert_refuses(self.epochs(*told, f"DOWN {late}", "EPOCH 5"), "was not told of p/3, number 6 of :e1, for which it had time")
        self.assert_refuses(self.epochs(f"DOWN {late}", "EPOCH 0"), "for which it had time")
        self.assert_takes(self.epochs(*told, "DOWN 560", f"SESSION :e1 {late - 10}", f"DOWN {late}", "EPOCH 5"))

    def test_an_epoch_whose_end_was_not_told_is_refused(self):
        self.assert_refuses(self.epochs(*GOOD[OBSERVER][4:-1], "DOWN 556"), "was not told of the end of :e1")

    def test_what_was_told_before_there_was_a_session_is_refused(self):
        self.assert_refuses(changed(OBSERVER, "SESSION :e1 250"), "without a session")

    def test_what_was_told_as_of_another_epoch_than_the_session_s_is_refused(self):
        self.assert_refuses(changed(OBSERVER, "SESSION :e1 250", "SESSION :e2 250"), "as of one")

    def test_a_publication_that_ends_a_second_after_its_deadline_is_refused(self):
        in_time, late = 540 + 11_000 * MS, 541 + 11_000 * MS
        stopped = [f"BEGIN {1000 * MS} pause client2", f"END {15_000 * MS} pause client2"]
        for end in ("TAKEN p/3 6 :e1", "REFUSED p/3 hearth.Deadline 2"):
            self.assert_takes(changed(PUBLISHER, "TAKEN p/3 6 :e1 550", f"{end} {in_time}"))
            self.assert_refuses(changed(PUBLISHER, "TAKEN p/3 6 :e1 550", f"{end} {late}"), "publication p/3 ended 1.000 s after its deadline")
            self.assert_takes(changed(PUBLISHER, "TAKEN p/3 6 :e1 550", f"{end} {15_900 * MS}"), stopped)
            self.assert_refuses(changed(PUBLISHER, "TAKEN p/3 6 :e1 550", f"{end} {16_100 * MS}"), "after its deadline", stopped)

    def test_a_publication_that_never_ended_is_refused_unless_its_publisher_was_killed_in_time(self):
        open_ = {**GOOD, PUBLISHER: GOOD[PUBLISHER][:-2]}
        self.assert_refuses(changed(PUBLISHER, "TAKEN p/3 6 :e1 550"), "publication p/3 never ended")
        self.assert_takes(open_, [f"BEGIN {540 + 11_000 * MS} kill client2"])
        self.assert_refuses(open_, "publication p/3 never ended", [f"BEGIN {541 + 11_000 * MS} kill client2"])


class Plan(unittest.TestCase):
    def test_a_seed_injects_the_same_faults_each_time_and_another_one_others(self):
        self.assertEqual(plan.events(5, 120), plan.events(5, 120))
        self.assertNotEqual(plan.events(5, 120), plan.events(6, 120))

    def test_faults_of_a_target_begin_and_end_one_after_the_other_and_all_end_in_time(self):
        open_at = {}
        for event in plan.events(5, 600):
            self.assertLessEqual(event.at, 600)
            self.assertEqual(event.begins, event.target not in open_at)
            if event.begins:
                open_at[event.target] = event.fault
            else:
                self.assertEqual(open_at.pop(event.target), event.fault)
        self.assertEqual(open_at, {})


if __name__ == "__main__":
    fixture.main()
