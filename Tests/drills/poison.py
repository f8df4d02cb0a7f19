#!/usr/bin/env python3
"""Lets cases flow through a county whose program cannot derive some of them, and counts what became of all.

    poison.py --terrace PATH [--seconds 20] [--seed 1]

A city, a county, a town and a village serve on loopback. In the county's and the town's databases a trigger plays the
bug: it refuses to list any case whose applicant's name ends in 7. The village hands in cases, of which every tenth is
so; the county decides the others.

Meanwhile nothing may stand still: every case reaches the city, the poisonous ones are set aside at county and town and
are shown by `doctor`, and nothing waits for a parent for long. Then the bug is cured, `terrace rebuild` tries again,
and all nodes must say the same. Ends with 0 when reckon.py finds no difference.
"""
import contextlib
import os
import sqlite3
import sys
import time

import network
from clients import Desk
from network import CITY, COUNTY, TOWN, VILLAGE, Network

# It has the name of its table: a node takes a definition of any other name for damage, and serves nothing more.
POISON = """CREATE TRIGGER service_case BEFORE INSERT ON service_case WHEN NEW.applicant LIKE '%7'
    BEGIN SELECT RAISE(ABORT, 'poison'); END"""
SICK = [TOWN, COUNTY]


def change(net, unit, sql):
    """Past the node, which may serve meanwhile."""
    with contextlib.closing(sqlite3.connect(os.path.join(net.data(unit), "replica.sqlite"), timeout=20)) as db:
        db.execute(sql)
        db.commit()


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with Network(options, "poison") as net:
        net.found()
        for unit in SICK:
            change(net, unit, POISON)
        net.say(f"cases of applicants whose name ends in 7 cannot be listed at {' and '.join(SICK)}")
        village, county = Desk(net, VILLAGE), Desk(net, COUNTY)
        until = time.time() + options.seconds
        forward = [{"action": "forward", "target": COUNTY}]
        working = [net.beside(village.hand_in, lambda: time.time() < until, forward, 0.03),
                   net.beside(county.decide_on, lambda: time.time() < until)]
        net.join(*working)
        net.demand(f"the county has decided {len(county.decided)} others meanwhile", county.decided)
        poisonous = [receipt for mark, receipt in village.confirmed.items() if mark.endswith("7")]
        net.demand(f"{len(poisonous)} of {len(village.confirmed)} cases are poisonous", len(poisonous) > 2)
        net.wait("the city has every case", lambda: net.value(
            CITY, "SELECT count(*) FROM service_case") == len(village.confirmed))
        net.wait("nothing waits for a parent", lambda: not any(map(net.unconfirmed, [VILLAGE, TOWN, COUNTY])))
        for unit in SICK:
            aside = net.report(unit, "status")["health"]["setAside"]
            net.demand(f"{unit} has set {aside} aside, and says so",
                       aside == len(poisonous) and "disk.setAside" in net.findings(unit))
            listed = net.value(unit, "SELECT count(*) FROM service_case")
            net.demand(f"{unit} lists the other {listed}", listed == len(village.confirmed) - len(poisonous))
        shown = county.show(poisonous[0]) if net.attempt(
            "case", "show", "--data", net.data(COUNTY), poisonous[0]).returncode == 0 else None
        net.demand("what was never derived is not found by its number", shown is None)

        for unit in SICK:
            change(net, unit, "DROP TRIGGER service_case")
            net.run("rebuild", "--data", net.data(unit))
            left = net.value(unit, "SELECT count(*) FROM set_aside")
            net.demand(f"{unit} is cured, and nothing is set aside any more", left == 0)
        until, before = time.time() + 3, set(county.decided)
        net.join(net.beside(county.decide_on, lambda: time.time() < until))
        net.demand("and goes on deciding, the cured ones too", set(poisonous) & set(county.decided) - before)
        net.become_equal()
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
