#!/usr/bin/env python3
"""Lets closed cases leave village and town, brings some back, and counts what became of what was confirmed.

    growth.py --terrace PATH [--cases 24] [--seed 1]

A city, a county, a town and a village serve on loopback. Cases of eight months ago are handed in at the village,
decided and delivered at the county; some stay open. The city's rule is six months for towns and villages. Then:

    nothing leaves before the town has a backup on another disk; then the closed cases leave the village
    with a backup at the county they leave the town
    the county writes a note on one of them: it comes back to the town and to the village
    a clerk at the village asks for another, which the town has no more either
    the village's machine is lost, and a fresh one enrolls

Where cases leave, the size in use must fall by more than half a kilobyte for each. After each step the village and its
town, and the town and its county, prove that they hold the same, and the figures of the village are what they were. All
is of one day by the clock: what ten years come to is GrowthTests', and `terrace simulate --faults years`. Ends with 0
when reckon.py finds no difference. It needs two disks; where it finds only one it says so, tries nothing and ends with
77.
"""
import datetime
import json
import os
import shutil
import sys
import tempfile

import network
from clients import Desk
from network import CITY, COUNTY, TOWN, VILLAGE, Network

MONTHS = 6
# Bytes in use that each case must give back beyond what its stub takes. Half-full pages hide the difference of a few.
SAVED, TELLING = 500, 10
# Cases of a long time ago that nobody has decided, and cases of today.
OPEN, NEW = 3, 4


def other_disk(folder):
    """A folder on another disk than `folder`; None where there is none."""
    for place in ["/dev/shm", os.path.expanduser("~"), "/var/tmp", tempfile.gettempdir()]:
        if os.path.isdir(place) and os.access(place, os.W_OK) and os.stat(place).st_dev != os.stat(folder).st_dev:
            return tempfile.mkdtemp(prefix="terrace-growth-", dir=place)
    return None


class Growth:
    def __init__(self, net, disk):
        self.net, self.disk = net, disk
        self.desks = {unit: Desk(net, unit) for unit in net.units}
        self.day = datetime.date.today() - datetime.timedelta(days=240)

    def later(self, days):
        return (self.day + datetime.timedelta(days=days)).isoformat()

    # ---- the rule, and cases ------------------------------------------------------------------------------------

    def rule(self):
        year = self.day.year
        calendar = os.path.join(self.net.folder, "calendar.yaml")
        with open(calendar, "w") as file:
            file.write(f"version: drill\ncovers: {{first: {year}-01-01, last: {year + 2}-12-31}}\n"
                       "holidays: []\nworked: []\n")
        self.net.run("calendar", "import", "--data", self.net.data(CITY), calendar)
        for tier in ["2", "3"]:
            self.net.run("retire", "rule", "--data", self.net.data(CITY), "--tier", tier, "--months", str(MONTHS))

    def close_cases(self, count):
        village, county = self.desks[VILLAGE], self.desks[COUNTY]
        receipts = village.accept(count + OPEN, [{"action": "forward", "target": COUNTY}], day=self.later(0))
        self.net.wait("the county holds them", lambda: len(county.receipts("holder = ?", COUNTY)) == count + OPEN)
        for receipt in receipts[:count]:
            county.act("decide", receipt, "granted", "--day", self.later(3))
            county.act("deliver", receipt, "--day", self.later(5))
        self.net.wait("the village knows", lambda: len(village.receipts("phase = 'delivered'")) == count)
        # They end the journals, which go on from there.
        village.accept(NEW, [{"action": "forward", "target": COUNTY}])
        last = village.receipts("phase = 'accepted'")[-1]
        self.net.wait("the county holds the last", lambda: last in county.receipts("holder = ?", COUNTY))
        county.act("decide", last, "granted")
        self.net.wait("the village knows", lambda: bool(village.receipts("receipt = ? AND phase = 'decided'", last)))
        return receipts[:count]

    # ---- backups and leaving ------------------------------------------------------------------------------------

    def back_up(self, unit, child):
        """A backup of a unit on the other disk, of which the child is told."""
        net = self.net
        net.wait(f"{unit} has all from below", lambda: net.unconfirmed(child) == 0)
        net.run("backup", "--data", net.data(unit), self.disk)
        net.say(f"backup of {unit} on another disk")
        before = self.told(child)
        self.desks[VILLAGE].accept(1)
        net.wait(f"{child} is told of it", lambda: self.told(child) > before)

    def told(self, unit):
        return self.net.value(unit, "SELECT coalesce(max(backed_up_there), 0) FROM peer_cursor")

    def retire(self, unit):
        before = self.size(unit)
        said = json.loads(self.net.run("retire", "--data", self.net.data(unit), "--format", "json"))
        after = self.size(unit)
        self.net.say(f"{unit}: {said['retired']} have left, {said['stubs']} stubs, stay {said['kept']};"
                     f" {before} bytes in use before, {after} after")
        if said["retired"] >= TELLING:
            self.net.demand(f"what has left {unit} is not in use any more", before - after > SAVED * said["retired"])
        return said

    def demand_nothing_left(self, unit):
        """A server retires by itself, too: what had left before would be none of what the command says."""
        retired = self.retire(unit)["retired"]
        self.net.demand(f"nothing leaves {unit} without a backup above", retired == 0 and self.stubs(unit) == 0)

    def size(self, unit):
        pages, free, size = (self.net.value(unit, f"PRAGMA {name}")
                             for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * size

    def stubs(self, unit):
        return self.net.value(unit, "SELECT count(*) FROM stub WHERE wished IS NULL")

    # ---- proofs -------------------------------------------------------------------------------------------------

    def settle(self):
        net = self.net
        net.wait("all is confirmed", lambda: all(net.unconfirmed(unit) == 0 for unit in net.units if net.parents[unit]))

    def prove(self, when):
        net = self.net
        self.settle()
        for unit, above in [(VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, CITY)]:
            done = net.attempt("verify", "--data", net.data(unit), "--with", above)
            net.demand(f"{when}: {unit} and {above} hold the same, signed by both", done.returncode == 0)
            if done.returncode != 0:
                net.say(done.stdout + done.stderr)

    def past_figures(self, unit):
        months = sorted({self.later(days)[:7] for days in (0, 3, 5)})
        groups = [json.loads(self.net.run(
            "stats", "--data", self.net.data(unit), "--unit", VILLAGE, "--month", month, "--by", "item",
            "--format", "json"))["groups"] for month in months]
        # Up to when they are complete is not the same at each unit.
        return [[(one["key"], one["figures"]) for one in month] for month in groups]

    def compare_figures(self, when, units=(VILLAGE, TOWN)):
        expected = self.past_figures(CITY)
        for unit in units:
            self.net.demand(f"{when}: {unit} has the city's figures", self.past_figures(unit) == expected)

    def is_here(self, unit, receipt):
        return bool(self.desks[unit].receipts("receipt = ? AND pending = 0", receipt))

    def wait_here(self, receipt, *units):
        seconds = self.net.wait(f"{receipt} is back", lambda: all(self.is_here(unit, receipt) for unit in units))
        self.net.say(f"{receipt} is back at {' and '.join(units)} after {seconds:.1f} s")


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--cases", type=int, default=24, help="that are closed, 5 at least")
    options = parser.parse_args()
    # Two may stay, and three of those that have left are looked at.
    options.cases = max(options.cases, 5)
    disk = other_disk(tempfile.gettempdir())
    if disk is None:
        print("skipped: this machine has one disk, and nothing leaves without a backup on another")
        return network.SKIPPED
    try:
        with Network(options, "growth") as net:
            return drill(net, disk, options.cases)
    finally:
        shutil.rmtree(disk, ignore_errors=True)


def drill(net, disk, count):
    net.found()
    growth = Growth(net, disk)
    growth.rule()
    closed = growth.close_cases(count)
    growth.settle()
    growth.demand_nothing_left(VILLAGE)
    growth.back_up(TOWN, VILLAGE)
    growth.retire(VILLAGE)
    # Some may have left before: a server retires by itself, too.
    net.demand("the closed cases have left the village", growth.stubs(VILLAGE) >= count - 2)
    growth.prove("village without")
    growth.compare_figures("village without")
    gone = [one for one in closed if not growth.is_here(VILLAGE, one)]
    shown = net.attempt("case", "show", "--data", net.data(VILLAGE), gone[0])
    net.demand("its number is found and says where it is", "case.keptAbove" in shown.stderr)

    growth.demand_nothing_left(TOWN)
    growth.back_up(COUNTY, TOWN)
    growth.retire(TOWN)
    net.demand("the closed cases have left the town", growth.stubs(TOWN) >= count - 2)
    growth.prove("both without")
    growth.compare_figures("both without")

    growth.desks[COUNTY].act("note", gone[1], "更正：已补发证照")
    net.say("the county has written a note on one that has left")
    growth.wait_here(gone[1], TOWN, VILLAGE)
    growth.compare_figures("one is back")
    net.run("case", "fetch", "--data", net.data(VILLAGE), gone[2])
    net.say("a clerk at the village has asked for another")
    growth.wait_here(gone[2], VILLAGE)
    growth.prove("two are back")

    growth.settle()
    net.kill(VILLAGE)
    shutil.rmtree(net.data(VILLAGE))
    net.say("the village's machine is lost; a fresh one enrolls")
    net.enroll(VILLAGE)
    net.serve(VILLAGE)
    net.wait("the fresh machine knows of all that has left", lambda: growth.stubs(VILLAGE) == growth.stubs(TOWN))
    growth.desks[VILLAGE].accept(2, [{"action": "forward", "target": COUNTY}])
    growth.prove("a fresh machine")
    growth.compare_figures("a fresh machine")
    net.become_equal()
    return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
