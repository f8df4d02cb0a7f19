#!/usr/bin/env python3
"""Kills a county under its town, again and again, and looks whether the city stands in for it and gives way to it.

    deadparent.py --terrace PATH [--rounds 2] [--seed 1]

A city, a county, a town and a village serve on loopback; the town is told two uplinks, the county's and the city's. A
counter at the village hands cases in without a rest, all of them for the city to decide, and the city decides them as
they come. In each round the county is killed with -9. The drill waits until the town says that the city stands in,
until cases that were handed in after the kill are decided, and until the village knows it. Then the county serves
again, and the drill waits until the town says that it goes through its parent, and lets some more cases through.

At the end all lines are good, and reckon.py counts: what was confirmed stands once at every node, the county's too.
"""
import sys
import threading
import time

import network
from clients import Application, Desk
from network import CITY, COUNTY, TOWN, VILLAGE, Network

# Decided at the village while the county is dead, and again when it is back, before a round goes on.
ENOUGH = 3
# A parent counts as dead after a minute, and a stand-in is left after half a minute or some more.
TO_CHANGE = 300


def line(net):
    """How the town's line upward stands, as the town says it."""
    return net.uplink_of(TOWN)


def goes_through(net, unit):
    now = line(net)
    return now.get("isUp") and now.get("unit") == unit


def wait_for_decisions(net, what):
    """Until so many cases more, all of them handed in from now on, are decided as the village sees it."""
    # A mark is given before its case is handed in: what has a higher row was handed in later.
    last = net.value(VILLAGE, "SELECT coalesce(max(record), 0) FROM service_case")
    count = lambda: net.value(
        VILLAGE, "SELECT count(*) FROM service_case WHERE record > ? AND phase = 'decided'", last)
    seconds = net.wait(what, lambda: count() >= ENOUGH, TO_CHANGE)
    net.say(f"{ENOUGH} new cases decided at the village after {seconds:.0f} s")


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with Network(options, "deadparent") as net:
        net.found()
        net.stop(TOWN)
        net.serve(TOWN, "--uplink", net.address(COUNTY), "--uplink", net.address(CITY))
        counter, city = Desk(net, VILLAGE, Application("village", "city")), Desk(net, CITY)
        stopping = threading.Event()
        goes_on = lambda: not stopping.is_set()
        threads = [net.beside(counter.hand_in, goes_on, [{"action": "forward", "target": CITY}], 1.0),
                   net.beside(city.decide_on, goes_on)]
        wait_for_decisions(net, "decisions come down through the county")
        for number in range(1, options.rounds + 1):
            net.say(f"round {number}: the county is killed")
            net.kill(COUNTY)
            seconds = net.wait("the city stands in", lambda: goes_through(net, CITY), TO_CHANGE)
            net.say(f"the city stands in after {seconds:.0f} s: {line(net).get('code')}")
            wait_for_decisions(net, "decisions come down while the county is dead")
            time.sleep(net.random.uniform(0, 10))
            net.serve(COUNTY)
            net.say("the county serves again")
            seconds = net.wait("the town returns", lambda: goes_through(net, COUNTY), TO_CHANGE)
            net.say(f"the town is back after {seconds:.0f} s")
            wait_for_decisions(net, "decisions come down through the county again")
        stopping.set()
        net.join(*threads)
        net.become_equal()
        net.demand("cases were confirmed, and decided", counter.confirmed and city.decided)
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
