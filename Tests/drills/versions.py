#!/usr/bin/env python3
"""Lets an older release and this program work in one network, upgrades it in waves, and counts what became of all.

    versions.py --terrace PATH [--old PATH] [--seconds 8] [--seed 1]

A city, a county, a town and a village serve on loopback. Cases flow from the village, the county decides them. In a
first network the county and the village run the older release, in a second one the city and the town: each hop in both
directions. In a third one all do. Then these get this program, one after the other, and start with the databases that
they have: in the third network each child before its parent. Whoever has an older parent is told so when it is asked to
compare (`terrace verify --with`), works on, and has compared once its parent is upgraded. In the end every child holds
its copy against its parent's.

Without --old the release is built from the commit that fixtures/releases.txt names, once, into .build/releases.
Ends with 0 when reckon.py finds no difference in any of the three networks.
"""
import os
import subprocess
import sys
import tempfile
import time

import network
from clients import Desk
from network import CITY, COUNTY, ROOT, TOWN, VILLAGE, Network

RELEASES = os.path.join(ROOT, "fixtures/releases.txt")
# Who runs the older release in each network, in the order in which they are upgraded.
MIXED = [(COUNTY, VILLAGE), (CITY, TOWN), (VILLAGE, TOWN, COUNTY, CITY)]


def release():
    """The newest of the older releases: its version, and the program."""
    with open(RELEASES) as file:
        version, commit, *_ = [line.split() for line in file if not line.startswith("#")][-1]
    scratch = os.path.join(ROOT, ".build/releases", version)
    program = os.path.join(scratch, "debug/terrace")
    if not os.path.exists(program):
        print(f"building {version} from {commit[:7]}, which takes minutes", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "terrace")
            git = ["git", "-C", ROOT, "worktree"]
            subprocess.run([*git, "add", "--detach", source, commit], check=True, capture_output=True)
            try:
                subprocess.run(["swift", "build", "--product", "terrace", "--scratch-path", scratch], cwd=source,
                               check=True, stdout=subprocess.DEVNULL)
            finally:
                subprocess.run([*git, "remove", "--force", source], check=True, capture_output=True)
    return program


def version(program):
    return subprocess.run([program, "version"], check=True, capture_output=True, text=True).stdout.strip()


class Versions:
    def __init__(self, net, old, seconds):
        self.net, self.old, self.seconds = net, old, seconds
        self.village, self.county = Desk(net, VILLAGE), Desk(net, COUNTY)
        self.asked = set()

    def work(self):
        """Cases go up and decisions come down, until the village has them all."""
        until = time.time() + self.seconds
        forward = [{"action": "forward", "target": COUNTY}]
        self.net.join(self.net.beside(self.village.hand_in, lambda: time.time() < until, forward, 0.05),
                      self.net.beside(self.county.decide_on, lambda: time.time() < until))
        decided = len(self.county.decided)
        self.net.wait("the village has every decision", lambda: self.net.value(
            VILLAGE, "SELECT count(*) FROM service_case WHERE phase = 'decided'") == decided)
        cases = len(self.village.confirmed)
        self.net.wait("the city has every case", lambda: self.net.value(
            CITY, "SELECT count(*) FROM service_case") == cases)
        self.net.say(f"{cases} cases at the city, {decided} decisions at the village")

    def upgrade(self, unit):
        self.net.stop(unit)
        del self.net.programs[unit]
        self.net.serve(unit)
        self.net.say(f"{unit} has the new program, and the database of the old one")

    def ask_older_parents(self):
        """Asks those that have this program, and a parent without it, to compare: nobody can, and they are told."""
        for unit, parent in self.net.parents.items():
            if parent in self.net.programs and unit not in self.net.programs:
                answer = self.net.attempt("verify", "--data", self.net.data(unit), "--with", parent)
                self.net.demand(f"{unit} is told that {parent} is older, and does not compare",
                                answer.returncode == 1 and "verify.olderParent" in answer.stderr)
                self.asked.add(unit)

    def have_compared(self):
        """What was asked for in vain is made up for by the serving nodes themselves."""
        for unit in sorted(self.asked):
            self.net.wait(f"{unit} has compared, as it was asked to", lambda: self.net.value(
                unit, "SELECT done >= serial FROM comparison_wish") == 1)

    def compare(self):
        for unit, parent in self.net.parents.items():
            if parent:
                answer = self.net.attempt("verify", "--data", self.net.data(unit), "--with", parent)
                self.net.demand(f"{unit} and {parent} have proved that they hold the same", answer.returncode == 0)


def live(options, name, old, mixed):
    """One network from its founding to its end. Returns the exit code of the reckoning."""
    with Network(options, name) as net:
        net.programs = {unit: old for unit in mixed}
        net.found()
        net.say(f"{' and '.join(mixed)} run the older release")
        story = Versions(net, old, options.seconds)
        story.work()
        story.ask_older_parents()
        for unit in mixed:
            story.upgrade(unit)
            story.work()
            story.ask_older_parents()
        story.have_compared()
        story.compare()
        net.become_equal()
        return net.conclude()


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--old", help="a program of an older release")
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    old = options.old or release()
    if version(old) == version(options.terrace):
        raise SystemExit(f"both are version {version(old)}: that shows nothing")
    print(f"{version(old)} and {version(options.terrace)}")
    codes = [live(options, "versions", old, mixed) for mixed in MIXED]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
