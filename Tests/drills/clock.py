#!/usr/bin/env python3
"""Sets the clocks of four machines to 1970, to 2036 and back and forth while they serve.

    clock.py --terrace PATH [--seconds 30] [--seed 1]

A city, a county, a town and a village. The clock that a process sees is shifted by a little library that is built here
and loaded before it (clock.c); it can be set while the process runs, and what counts time instead of telling it is not
touched. Without a C compiler there is nothing to try, and it ends with 77.

The village's machine loses its battery and starts in 1970: its line is refused, it takes no day from its clock, and the
counter works on with days that the clerk says. The clock is set right under the serving process, and the line returns.
Then all four clocks jump at random, years away and back, while cases flow and are decided. Whenever the city's own
clock is right, its frontier is held against what the village had confirmed: before the time up to which it calls the
village complete, nothing may be missing. At the end the clocks are right, the frontier has come back, and two cases of
1970 and 2036 are marked at the city by what their journal proves.
"""
import datetime
import json
import os
import shutil
import stat
import struct
import subprocess
import sys
import time

import network
from clients import Desk
from network import CITY, COUNTY, TREE, VILLAGE, Network

HERE = os.path.dirname(os.path.abspath(__file__))
DAY = 86_400
CHINA = datetime.timezone(datetime.timedelta(hours=8))
# How far a unit's parent may be ahead of the city and be believed, in seconds.
TOLERANCE = 3600
# Runs the program with the library and the clock of the data directory that it is given.
WRAPPER = """#!/bin/sh
for word; do [ "$before" = --data ] && data=$word; before=$word; done
DRILL_CLOCK="$data.clock" LD_PRELOAD={library} exec {terrace} "$@"
"""


class Clocks:
    """The shift of each machine's clock, in a file beside its data directory."""

    def __init__(self, net, compiler):
        self.net = net
        library = os.path.join(net.folder, "clock.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, os.path.join(HERE, "clock.c")], check=True)
        self.files = {unit: open(net.data(unit) + ".clock", "w+b", buffering=0) for unit in net.units}
        self.shifts, self.jumps = {}, 0
        for unit in net.units:
            self.set(unit, 0)
        wrapper = os.path.join(net.folder, "terrace")
        with open(wrapper, "w") as file:
            file.write(WRAPPER.format(library=library, terrace=net.terrace))
        os.chmod(wrapper, os.stat(wrapper).st_mode | stat.S_IXUSR)
        net.terrace = wrapper

    def set(self, unit, shift):
        """In seconds. A process that runs sees the new time at once."""
        self.jumps += self.shifts.get(unit, 0) != int(shift)
        self.shifts[unit] = int(shift)
        self.files[unit].seek(0)
        self.files[unit].write(struct.pack("=q", int(shift)))

    def shown(self, unit):
        """As the program says times: by China's."""
        return datetime.datetime.fromtimestamp(time.time() + self.shifts[unit], CHINA).strftime("%Y-%m-%d %H:%M")


def clock(net, unit):
    """What a node says of its clock: whether an act needs its day, and in which words."""
    said = net.report(unit, "status")["clock"]
    return said["needsDay"], said.get("code", ""), said.get("message", "nothing")


def tell(net, clocks, *units):
    for unit in units or net.units:
        net.say(f"{unit} at {clocks.shown(unit)}: {clock(net, unit)[2]}")


def without_battery(net, clocks, village, today):
    """The village starts in 1970. Returns the receipt of the case that has this day."""
    village.accept(10, day=today)
    net.wait("the first cases are at the city", lambda: cases(net) == 10)
    net.stop(VILLAGE)
    clocks.set(VILLAGE, 200 - time.time())
    net.serve(VILLAGE)
    tell(net, clocks, VILLAGE)
    needs_day, code, _ = clock(net, VILLAGE)
    net.demand(f"the village in 1970 needs to be told the day: {code}", needs_day and code == "clock.behind")
    refused = net.attempt(
        "case", "accept", "--data", net.data(VILLAGE), "--item", village.application.item,
        *(f"--field={name}={value}" for name, value in village.application.form.items()),
        "--field=applicant.name=x", "--field=applicant.phone=13900001111",
        *(f"--material={material}" for material in village.application.materials))
    net.demand(f"no day is taken from a clock of 1970: {refused.stderr.strip()}", "clock.dayNeeded" in refused.stderr)
    net.wait("the line of the village is refused", lambda: net.uplink_of(VILLAGE).get("code") == "link.tls")
    message = net.uplink_of(VILLAGE)["message"]
    net.demand(f"the refusal names the clock: {message}", "clock" in message)
    village.accept(10, day=today)
    old, = village.accept(day="1970-01-01")
    net.demand("the refused line carries no cases", cases(net) == 10)
    net.say(f"11 cases confirmed in 1970, {net.unconfirmed(VILLAGE)} change sets wait")
    clocks.set(VILLAGE, 0)
    net.wait("the line returns and all is at the city", lambda: cases(net) == 21)
    net.wait("the village trusts its clock again", lambda: not clock(net, VILLAGE)[0])
    tell(net, clocks, VILLAGE)
    return old


def cases(net):
    return net.value(CITY, "SELECT count(*) FROM service_case")


class Frontier:
    """Up to when the city says that the village is complete, against what the village has confirmed."""

    def __init__(self, net):
        self.net, self.claims = net, 0

    def time(self):
        """The town's clock, as the last run of the village that the city believes quotes it."""
        return self.net.value(
            CITY, "SELECT coalesce(max(quoted), 0) FROM gapless_head JOIN author ON author.id = gapless_head.author"
            " WHERE unit = ? AND feed = 2", VILLAGE)

    def check(self, booked):
        """By the receipt of each case when it was confirmed, by a clock that is right."""
        claimed = self.time()
        # What is ahead of the city's clock is not believed; it is doubted for good when the city looks at its clock.
        if claimed > time.time() + TOLERANCE:
            return
        # A claim that no case lies before says nothing.
        self.claims += any(at < claimed for at in booked.values())
        held = {receipt for receipt, in self.net.query(CITY, "SELECT receipt FROM service_case")}
        missing = [receipt for receipt, at in booked.items() if at < claimed and receipt not in held]
        if missing:
            self.net.problems.append(
                f"complete {time.time() - claimed:.0f} s ago, says the city, and {missing[:3]} are not there")


def jump_about(net, clocks, options, village, county, frontier, today):
    """All clocks jump while cases flow."""
    booked, until = {}, time.time() + options.seconds
    places = [200 - time.time(), 3650 * DAY, 300 * DAY, -300 * DAY, 2 * DAY, -2 * DAY, 7200, 0, 0, 0]

    def work():
        while time.time() < until and not net.over.is_set():
            for receipt in village.accept(day=today, actions=[{"action": "forward", "target": COUNTY, "day": today}]):
                booked[receipt] = time.time()

    def decide():
        while time.time() < until and not net.over.is_set():
            waiting = county.receipts("phase = 'accepted' AND holder = ?", COUNTY)
            for receipt in waiting[:5]:
                county.ask("decide", receipt, "granted", "--day", today)
            time.sleep(0.2)

    threads = [net.beside(work), net.beside(decide)]
    rounds = 0
    while time.time() < until and not net.over.is_set():
        unit = net.random.choice(net.units)
        clocks.set(unit, net.random.choice(places))
        time.sleep(net.random.uniform(0.2, 1))
        rounds += 1
        if rounds % 10 == 0:
            tell(net, clocks, unit)
        if clocks.shifts[CITY] == 0:
            frontier.check(dict(booked))
    net.join(*threads)
    for unit in net.units:
        clocks.set(unit, 0)
    net.say(f"{clocks.jumps} clocks set, {len(booked)} cases meanwhile, {len(county.decided)} decided,"
            f" {frontier.claims} claims of the frontier held against them")
    frontier.check(booked)
    return booked


def doubts(net, receipt):
    """What the city says of the days of a case."""
    case = json.loads(net.run("case", "show", "--data", net.data(CITY), receipt, "--format", "json"))
    return [act["dayDoubt"]["code"] for act in case["trace"] if "dayDoubt" in act]


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="for which the clocks jump")
    options = parser.parse_args()
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        print("skipped: there is no C compiler to build the shifted clock with")
        return network.SKIPPED
    # What the nodes say is looked for in English, and shown in the drill's output.
    os.environ["LC_ALL"] = "C.UTF-8"
    with Network(options, "clock", TREE) as net:
        clocks = Clocks(net, compiler)
        net.found()
        village, county = Desk(net, VILLAGE), Desk(net, COUNTY)
        net.wait("the catalog is in the village",
                 lambda: net.value(VILLAGE, "SELECT count(*) FROM catalog_item"))
        today = datetime.datetime.now(CHINA).date().isoformat()
        old = without_battery(net, clocks, village, today)
        frontier = Frontier(net)
        booked = jump_about(net, clocks, options, village, county, frontier, today)
        healed = time.time()
        for unit in net.units:
            # Who was refused often dials seldom; a start dials at once.
            net.stop(unit)
            net.serve(unit)
        net.wait("everything is at the city, and the village knows",
                 lambda: cases(net) == 21 + len(booked) and not net.unconfirmed(VILLAGE))
        net.say(f"all there {time.time() - healed:.0f} s after the clocks were right")
        # The seal before it quotes a right clock, and one behind it that the town has it.
        village.accept(day=today)
        net.wait("the village knows again", lambda: not net.unconfirmed(VILLAGE))
        new, = village.accept(day="2036-02-07")
        net.wait("the village knows again", lambda: not net.unconfirmed(VILLAGE))
        village.accept(day=today)
        net.become_equal()
        net.demand(f"the frontier has come back: complete up to {time.time() - frontier.time():.0f} s ago",
                   frontier.time() >= int(healed))
        tell(net, clocks)
        for unit in net.units:
            if unit != CITY:
                net.demand(f"{unit} trusts its clock: {clock(net, unit)[2]}", not clock(net, unit)[0])
        for receipt, expected in [(old, "day.earlierThanSealed"), (new, "day.laterThanWitnessed")]:
            found = doubts(net, receipt)
            net.demand(f"{receipt} is marked as {expected}: {found}", found == [expected])
        net.demand("enough has happened", booked and county.decided and clocks.jumps >= 20 and frontier.claims >= 3)
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
