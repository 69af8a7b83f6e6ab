"""What the broker's core does for a call, in instructions: as many as instructions.txt says for this compiler, within 5 %.

Counted under callgrind within core_frame, so that it is exact and no timing; libc and libsodium count where the core calls them.
`test_instructions.py --update` rewrites this compiler's column.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import fixture

TABLE = pathlib.Path(__file__).with_name("instructions.txt")
COMPILER = os.environ.get("HEARTH_COMPILER", "unknown")
SCENARIOS = ("call", "oneway", "queued", "refused", "publish", "item-down", "item-up", "credit")
SHORT, LONG = 1000, 3000
WITHIN = 0.05
CALL_MOST = 1200  # of a call, request and reply


def read_table():
    """Counts by compiler and scenario."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    compilers = lines[0][1:]
    return {compiler: {line[0]: int(line[at + 1]) for line in lines[1:]} for at, compiler in enumerate(compilers)}


def write_table(table):
    comment = [line for line in TABLE.read_text().splitlines() if line.startswith("#")]
    width = max(len(name) for name in table) + 2
    rows = [["scenario", *table], *([name, *(str(column[name]) for column in table.values())] for name in SCENARIOS)]
    lines = [row[0].ljust(10) + "".join(cell.rjust(width) for cell in row[1:]) for row in rows]
    TABLE.write_text("\n".join(comment + lines) + "\n")


def collected(scenario, count):
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=core_frame", f"--callgrind-out-file={out.name}",
                               str(fixture.BUILD / "tests" / "cost_core"), scenario, str(count)],
                              check=True, capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def measure(scenario):
    return round((collected(scenario, LONG) - collected(scenario, SHORT)) / (LONG - SHORT))


class Instructions(fixture.TestCase):
    def test_the_core_does_no_more_for_a_call_than_it_did_and_may(self):
        table = read_table()
        for compiler, counts in table.items():
            self.assertLessEqual(counts["call"], CALL_MOST, compiler)
        found = {scenario: measure(scenario) for scenario in SCENARIOS}
        if COMPILER not in table:
            self.skipTest(f"{TABLE.name} has no column for {COMPILER}: {found}")
        for scenario, count in found.items():
            known = table[COMPILER][scenario]
            self.assertLessEqual(abs(count - known), WITHIN * known, f"{scenario}: {count} instructions, the table has {known}; "
                                 "if that is meant, run it with --update")


if __name__ == "__main__":
    if not shutil.which("valgrind"):
        print("SKIPPED cost.instructions: valgrind is not installed; scripts/setup --with bench installs it")
        sys.exit(fixture.SKIPPED)
    if sys.argv[1:] == ["--update"]:
        write_table({**read_table(), COMPILER: {scenario: measure(scenario) for scenario in SCENARIOS}})
    else:
        fixture.main()
