#!/usr/bin/env python3
"""Restores a city that has fallen behind its counties, and measures what it takes until all hold the same again.

    recovery.py --terrace PATH [--cases 200] [--seed 1]

A city and three counties serve on loopback, each county over a line that counts its bytes. The counties take in so many
cases between them with five further acts each, and the city gets all of them: that is what sending everything costs.
Then the counties work on for 1, 10, 100 or 1,000 change sets between them; the city, which had a backup made before
each, loses its disk, anchor and all, and is restored; once the backup is the one from before the first case. Each
county holds its copy against the restored one and gives back what is missing.

What is missing there is the end of each journal. In the last rounds it lies all over them: bits are flipped in the
copy, in 1, 10 or 100 runs that the seed chooses (fewer where there are no more), and `terrace scrub --take-out` takes
those out before the city serves.

A table has a line for sending everything and one for each round: how many change sets were missing and of how many, the
seconds from the start of the restored city's server until the last county's are all there again, the rounds of the
comparison (messages that the county answered; of the county with the most), and the bytes on the lines meanwhile, all
counties together, TLS included. After each round each county and the city prove that they hold the same. `--cases
16667` makes 100,000 change sets; that is for a release build, and takes some minutes. Ends with 0 when reckon.py finds
no difference, as many change sets were missing as were written since the backup, each time a comparison has found them,
and, where they were few, with far fewer bytes than sending everything.
"""
import contextlib
import os
import re
import shutil
import sqlite3
import sys
import time

import network
from clients import Application, Desk
from network import CITY, COUNTY, Network

COUNTIES = [COUNTY, "379921", "3799B1"]
ACTS = [{"action": "note", "text": "已核对"}, {"action": "correct", "missing": ["身份证复印件"]},
        {"action": "supplement", "fields": {"form.site": "三号"}}, {"action": "decide", "outcome": "granted"},
        {"action": "deliver"}]
ROUNDS = [1, 10, 100, 1000]
# Runs that are taken out all over the journals.
SCATTERED = [1, 10, 100]
# Where at most this share of all is missing, a comparison takes no more than so many bytes, which are those of the
# connections and of the proof, and this share of those of sending all.
FEW, HANDSHAKES, LITTLE = 1 / 20, 60_000, 1 / 10
# What the nodes may still say to one another when they are equal, in seconds.
LAST_WORDS = 2
COMPARED, FACT = "compared with the parent", re.compile(r"(\w+)=(\w+)")


class Recovery:
    def __init__(self, net):
        self.net = net
        self.desks = {unit: Desk(net, unit, Application("county", "county")) for unit in COUNTIES}
        self.table, self.bytes_of_all = [], 0

    def take_in(self, count, acts=()):
        """So many cases between the counties."""
        for number, unit in enumerate(COUNTIES):
            share = (count + len(COUNTIES) - 1 - number) // len(COUNTIES)
            if share:
                self.desks[unit].import_file(share, acts)

    def held(self, unit):
        return self.net.value(unit, "SELECT count(*) FROM journal WHERE feed = 2")

    def wait_for_all(self, what):
        """Until the city holds as much as its counties together, the last of them included."""
        goal = sum(map(self.held, COUNTIES))
        self.net.wait(what, lambda: self.held(CITY) == goal, patience=1800)

    # ---- the lines ----------------------------------------------------------------------------------------------

    def carried(self):
        """Bytes up and down, over all lines."""
        lines = [self.net.lines[unit] for unit in COUNTIES]
        return sum(line.up for line in lines), sum(line.down for line in lines)

    def carried_since(self, before):
        time.sleep(LAST_WORDS)
        return tuple(after - was for after, was in zip(self.carried(), before))

    def row(self, what, missing, seconds, rounds, carried):
        self.table.append((what, missing, self.held(CITY), f"{seconds:.1f}", rounds, *carried))

    def tell(self):
        heads = ("", "missing", "of", "seconds", "rounds", "bytes up", "bytes down")
        self.net.say("".join(f"{head:>12}" for head in heads))
        for row in self.table:
            self.net.say("".join(f"{cell:>12}" for cell in row))

    def send_all(self, count):
        before, start = self.carried(), time.time()
        self.take_in(count, ACTS)
        self.wait_for_all("the city has all")
        seconds = time.time() - start
        carried = self.carried_since(before)
        self.bytes_of_all = sum(carried)
        self.row("sending all", self.held(CITY), seconds, "none", carried)

    # ---- the disk is lost ---------------------------------------------------------------------------------------

    def back_up(self, name):
        folder = os.path.join(self.net.folder, "backups")
        self.net.run("backup", "--data", self.net.data(CITY), folder, "--name", name)
        return os.path.join(folder, name)

    def restore(self, backup, count):
        """The city's disk is lost, and the backup, which lacks so many change sets, takes its place."""
        self.lose(backup)
        missing = self.missing()
        self.net.demand(f"{missing} change sets are missing, those written since the backup", missing == count)
        self.compare("restored", missing)

    def scatter(self, backup, count):
        """So many runs of the city's, all over the journals, are damaged and taken out."""
        net = self.net
        self.lose(backup)
        taken = self.flip(count)
        net.attempt("scrub", "--data", net.data(CITY), "--take-out")
        missing = self.missing()
        net.demand(f"{taken} runs with {missing} change sets were taken out", missing >= taken > 0)
        self.compare(f"runs: {taken}", missing)

    def flip(self, count):
        """A bit in each of so many runs of casework. Returns how many there were."""
        with contextlib.closing(sqlite3.connect(os.path.join(self.net.data(CITY), "replica.sqlite"))) as db:
            rows = db.execute("SELECT id, packed FROM run WHERE feed = 2 AND length(packed) > 0 ORDER BY id").fetchall()
            chosen = self.net.random.sample(rows, min(count, len(rows)))
            for run, packed in chosen:
                at = self.net.random.randrange(len(packed))
                hurt = packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1:]
                db.execute("UPDATE run SET packed = ? WHERE id = ?", (hurt, run))
            db.commit()
        return len(chosen)

    def lose(self, backup):
        for unit in COUNTIES:
            self.net.stop(unit)
        self.net.kill(CITY)
        shutil.rmtree(self.net.data(CITY))
        self.net.run("restore", backup, "--data", self.net.data(CITY))

    def missing(self):
        return sum(map(self.held, COUNTIES)) - self.held(CITY)

    def compare(self, what, missing):
        """The counties dial when the city serves, and give back what is missing."""
        net = self.net
        logged = {unit: len(self.logged(unit)) for unit in COUNTIES}
        before, start = self.carried(), time.time()
        net.serve(CITY)
        for unit in COUNTIES:
            net.serve(unit, wait=False)
        self.wait_for_all("the city holds all again")
        seconds, carried = time.time() - start, self.carried_since(before)
        net.say(f"{missing} change sets were missing: equal after {seconds:.1f} s")
        self.prove()
        rounds = self.rounds(logged)
        net.demand(f"a comparison has found them, in {rounds} rounds", rounds > 0)
        if missing <= self.held(CITY) * FEW:
            net.demand(f"{sum(carried)} bytes on the lines are few; sending all took {self.bytes_of_all}",
                       sum(carried) < HANDSHAKES + self.bytes_of_all * LITTLE)
        self.row(what, missing, seconds, rounds, carried)

    def prove(self):
        """It also ends the exchanges, with which the counties log what they have compared."""
        codes = [self.net.attempt("verify", "--data", self.net.data(unit), "--with", CITY).returncode
                 for unit in COUNTIES]
        self.net.demand("each county and the city hold the same, signed by both", not any(codes))

    def logged(self, unit):
        """What a county has logged of each comparison, by name."""
        with open(os.path.join(self.net.folder, f"{unit}.log"), errors="replace") as file:
            return [dict(FACT.findall(line)) for line in file if COMPARED in line]

    def rounds(self, logged):
        """Of the comparison that found something lacking; the proof's own found nothing."""
        found = [int(facts["rounds"]) for unit in COUNTIES for facts in self.logged(unit)[logged[unit]:]
                 if facts["lackedAbove"] != "0"]
        return max(found, default=0)


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--cases", type=int, default=200)
    options = parser.parse_args()
    with Network(options, "recovery", [(CITY, None)] + [(unit, CITY) for unit in COUNTIES]) as net:
        net.found()
        for unit in COUNTIES:
            net.wait("the counties have the catalog",
                     lambda: net.value(unit, "SELECT count(*) FROM catalog_item") > 0)
        recovery = Recovery(net)
        empty = recovery.back_up("empty")
        recovery.send_all(options.cases)
        for count in ROUNDS:
            backup = recovery.back_up(str(count))
            recovery.take_in(count)
            recovery.wait_for_all("the city has them")
            recovery.restore(backup, count)
        recovery.restore(empty, recovery.held(CITY))
        for count in SCATTERED:
            recovery.scatter(recovery.back_up(f"before {count}"), count)
        recovery.tell()
        net.become_equal()
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
