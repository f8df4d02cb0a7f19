#!/usr/bin/env python3
"""Clones the disk of a village and lets both machines work under one name.

    clone.py --terrace PATH [--seed 1]

A city, a county, a town and a village. The village is switched off, its whole data directory copied, anchor and keys
included, and both machines are switched on. With the line cut both accept cases and act on the same older ones; then
both have lines, and the seals prove it: `terrace node forks` shows it at every node above. Both work on, each on its
own line. The city cuts, and keeps the original's line; both machines work on without a line for a while, and are
enrolled again, each under a name of its own. What the copy did, and what the original did beyond the cut, comes up as
proposals, which the village admits; what both did to one case stands as the kept line has it.
"""
import json
import shutil
import sys

import network
from clients import Desk
from network import CITY, COUNTY, TOWN, VILLAGE, Network

COPY = "copy"


class Clone:
    def __init__(self, net):
        self.net = net
        self.folder = net.data(COPY)
        self.original = Desk(net, VILLAGE)
        self.copy = None

    def make(self):
        self.net.stop(VILLAGE)
        shutil.copytree(self.net.data(VILLAGE), self.folder)
        self.copy = Desk(self.net, VILLAGE, name=COPY, folder=self.folder)
        self.net.others[COPY] = self.folder
        self.net.cloned = VILLAGE
        # On one machine of this drill the two cannot listen on one port.
        self.net.ports[COPY] = network.free_port()

    def serve(self):
        self.net.serve(VILLAGE)
        self.net.serve(COPY, "--listen", self.net.address(COPY))

    def both(self, count):
        for desk in (self.original, self.copy):
            desk.accept(count)

    def held_apart(self):
        """Whether every node above, and both machines, have the proof."""
        found = [self.net.forks(unit) for unit in (CITY, COUNTY, TOWN, VILLAGE, COPY)]
        return all(forks and all(len(fork["branches"]) == 2 for fork in forks) for forks in found)

    def enroll_again(self, folder):
        code = self.net.run("enroll", "code", "--data", self.net.data(TOWN), VILLAGE).strip()
        self.net.run("enroll", "again", "--data", folder, "--code", code)


def drill(net):
    net.found()
    clone = Clone(net)
    shared = clone.original.accept(3)
    net.become_equal()
    net.say("the village is switched off, its disk is copied, and both are switched on with the line cut")
    clone.make()
    net.lines[VILLAGE].cut()
    clone.serve()
    clone.both(4)
    clone.original.act("withdraw", shared[0], "--text", "申请人撤回")
    clone.copy.act("cancel", shared[0], "--text", "误受理", contested=True)
    clone.original.act("note", shared[1], "原机")
    clone.copy.act("note", shared[1], "副本", contested=True)
    net.say("the line is good: the seals of the two contradict each other")
    net.lines[VILLAGE].mend()
    net.say(f"every node has the proof after {net.wait('the proof everywhere', clone.held_apart):.1f} s")
    clone.both(3)
    net.become_equal()
    kept = next(line["name"] for line in net.forks(VILLAGE)[0]["branches"] if line["isOwn"])
    net.lines[VILLAGE].cut()
    net.run("node", "cut", "--data", net.data(CITY), f"{VILLAGE}#1", "--keep", kept)
    net.say(f"the city cuts {VILLAGE}#1 and keeps the line {kept}, that of the original")

    def is_refused(unit):
        return "trust.held" in json.dumps(net.uplink_of(unit))

    clone.both(2)
    net.say("both work on and do not know of it; then they have a line, and are refused")
    net.wait("the cut at the town", lambda: net.value(TOWN, "SELECT count(*) FROM journal WHERE feed = 1") == net.value(
        CITY, "SELECT count(*) FROM journal WHERE feed = 1"))
    net.lines[VILLAGE].mend()
    net.wait("both machines are refused", lambda: is_refused(VILLAGE) and is_refused(COPY))
    net.say("each is enrolled again")
    for unit, folder in ((VILLAGE, net.data(VILLAGE)), (COPY, clone.folder)):
        net.stop(unit)
        clone.enroll_again(folder)
    clone.serve()
    clone.both(2)
    net.become_equal()
    admitted = clone.original.admit_all()
    net.demand(f"the village admits {admitted} proposals", admitted > 0)
    net.become_equal()
    net.demand("every acceptance is in effect at the city", net.stands(CITY, "accept"))
    names = net.value(CITY, "SELECT count(DISTINCT enrollment) FROM author WHERE unit = ?", VILLAGE)
    net.demand(f"the village has had {names} names", names == 3)
    return net.conclude()


def main():
    options = network.arguments(__doc__).parse_args()
    with Network(options, "clone") as net:
        return drill(net)


if __name__ == "__main__":
    sys.exit(main())
