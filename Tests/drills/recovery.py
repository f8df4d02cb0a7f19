#!/usr/bin/env python3
"""Restores a city that has fallen behind its county, and measures what it takes until both hold the same again.

    recovery.py --terrace PATH [--cases 200] [--seed 1]

A city and a county serve on loopback, over a line that counts its bytes. The county takes in so many cases with five
further acts each, and the city gets all of them: that is what sending everything costs. Then the county works on for 1,
10, 100 or 1,000 change sets; the city, which had a backup made before each, loses its disk, anchor and all, and is
restored; in the last round the backup is the one from before the first case. The county holds its copy against the
restored one and gives back what is missing.

Each round tells how many change sets were missing, the seconds from the start of the restored city's server until it
holds all again, and the bytes on the line meanwhile, TLS included. `--cases 16667` makes 100,000 change sets; that is for
a release build, and takes some minutes. Ends with 0 when reckon.py finds no difference.
"""
import json
import os
import shutil
import sys
import time

import network
from clients import Desk
from network import CITY, COUNTY, Network

ACTS = [{"action": "note", "text": "已核对"}, {"action": "correct", "missing": ["身份证复印件"]},
        {"action": "supplement", "fields": {"form.site": "三号"}}, {"action": "decide", "outcome": "granted"},
        {"action": "deliver"}]
ROUNDS = [1, 10, 100, 1000]


class Recovery:
    def __init__(self, net):
        self.net, self.desk = net, Desk(net, COUNTY)

    def take_in(self, count, acts=()):
        """So many cases, from a file, in groups of 64."""
        file = os.path.join(self.net.folder, "cases.jsonl")
        marks = [self.desk.new_mark("case") for _ in range(count)]
        with open(file, "w") as lines:
            for mark in marks:
                self.desk.ledger.note("give", mark, unit=COUNTY)
                lines.write(self.desk.application.line(mark, acts) + "\n")
        answers = self.net.run("case", "import", "--data", self.net.data(COUNTY), "--format", "json", file)
        for answer in map(json.loads, answers.splitlines()):
            self.desk.ledger.note("accept", answer["id"], receipt=answer["receipt"], unit=COUNTY)

    def held(self, unit):
        return self.net.value(unit, "SELECT count(*) FROM journal WHERE feed = 2")

    def equal(self):
        return self.held(CITY) == self.held(COUNTY)

    def back_up(self, name):
        folder = os.path.join(self.net.folder, "backups")
        self.net.run("backup", "--data", self.net.data(CITY), folder, "--name", name)
        return os.path.join(folder, name)

    def restore(self, backup):
        """The city's disk is lost, and the backup takes its place; the county dials when the city serves."""
        self.net.stop(COUNTY)
        self.net.kill(CITY)
        shutil.rmtree(self.net.data(CITY))
        self.net.run("restore", backup, "--data", self.net.data(CITY))
        missing = self.held(COUNTY) - self.held(CITY)
        line = self.net.lines[COUNTY]
        before = line.up, line.down
        start = time.time()
        self.net.serve(CITY)
        self.net.serve(COUNTY)
        self.net.wait("the city holds all again", self.equal, patience=1800)
        seconds = time.time() - start
        # What both say to one another at the end, too.
        time.sleep(2)
        self.net.say(f"{missing:7} of {self.held(COUNTY)} change sets missing: equal after {seconds:.1f} s,"
                     f" {line.up - before[0]} bytes up, {line.down - before[1]} down")


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--cases", type=int, default=200)
    options = parser.parse_args()
    with Network(options, "recovery", [(CITY, None), (COUNTY, CITY)]) as net:
        net.found()
        net.wait("the county has the catalog", lambda: net.value(COUNTY, "SELECT count(*) FROM catalog_item") > 0)
        recovery = Recovery(net)
        recovery.desk.application = type(recovery.desk.application)("county", "county")
        empty = recovery.back_up("empty")
        line, start = net.lines[COUNTY], time.time()
        before = line.up
        recovery.take_in(options.cases, ACTS)
        net.wait("the city has all", recovery.equal, patience=1800)
        net.say(f"{recovery.held(COUNTY)} change sets taken in and sent in {time.time() - start:.1f} s,"
                f" {line.up - before} bytes up")
        for count in ROUNDS:
            backup = recovery.back_up(str(count))
            recovery.take_in(count)
            net.wait("the city has them", recovery.equal)
            recovery.restore(backup)
        recovery.restore(empty)
        proof = net.run("verify", "--data", net.data(COUNTY), "--with", CITY).splitlines()
        net.say(proof[0])
        net.become_equal()
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
