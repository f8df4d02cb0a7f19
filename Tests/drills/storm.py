#!/usr/bin/env python3
"""Lets many villages come back to their town at once after a week, and looks how the town bears it.

    storm.py --terrace PATH [--villages 100] [--cases 20] [--seed 1]

A city, a county, a town and so many villages are enrolled, on loopback, each a process of its own. The villages'
machines are off while cases are accepted at them. Then all villages are switched on, and their lines hold every call
until the last of them dials; then all are let through in the same moment, while somebody opens the town's pages one
after the other. The drill prints how long it took until the city had everything, how many children were told to come
again, how much memory the town's server took at most, and how long its pages took.

Of 24 villages or more some must be told to come again, and none may be kept out: the last must be let in within twice
the time of nine in ten, and 5 s. The town must take less than 1 GiB, and of a hundred pages 95 must be there within
2 s, on a machine that serves all the nodes besides. All other times are printed only. At the end reckon.py counts.
"""
import json
import os
import resource
import sys
import threading
import time
import urllib.request

import network
from clients import Desk
from network import CITY, COUNTY, TOWN, Network

# Bounds: MB that the town's server may have had at most, and seconds in which all but the slowest pages must be there.
MEMORY, PAGE_TIME, BUT_THE_SLOWEST = 1024, 2.0, 0.95
# Files that the drill has open: its own, and for each village its ledger, its log, a door and two ends of two lines.
FILES, FILES_EACH = 256, 8
# Sixteen villages work at once. Of so many some are sure to be told to come again; of a few more than sixteen the first
# may be done before the last has dialled.
TOO_MANY = 24
# The last village may come in twice as late as most of them, and some seconds.
MOST, SLACK = 0.9, 5
PAGES = ["/", "/cases", "/wall", "/api/v1/status"]


def topology(folder, villages):
    """A file with a town of so many villages."""
    units = [(CITY, "滨湖市政务服务中心", "city", None), (COUNTY, "柳城区政务服务中心", "county", CITY),
             (TOWN, "南门街道便民服务中心", "town", COUNTY)]
    units += [(village, f"第{number}村便民服务点", "village", TOWN) for number, village in enumerate(villages, 1)]
    path = os.path.join(folder, "storm.yaml")
    with open(path, "w") as file:
        file.write("tiers: [city, county, town, village]\nunits:\n")
        for code, name, tier, parent in units:
            above = f', parent: "{parent}"' if parent else ""
            file.write(f'  - {{code: "{code}", name: {name}, tier: {tier}{above}, division: "{code}"}}\n')
    return path


def memory(pid):
    """What a process has had in memory at most, in MB."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmHWM"))


def open_more_files(villages):
    """Many systems allow 1,024 at first, and more to whoever asks."""
    needed = FILES + FILES_EACH * villages
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def hall(net):
    """Where the town's pages are; nothing until its server has said so."""
    with open(os.path.join(net.folder, f"{TOWN}.log")) as file:
        return next((json.loads(line)["hall"].rstrip("/") for line in file if '"hall"' in line), None)


def read_pages(place, stopping, times):
    while not stopping.is_set():
        for page in PAGES:
            start = time.time()
            with urllib.request.urlopen(place + page, timeout=60) as answer:
                answer.read()
            times.append(time.time() - start)


def refusals(net, villages):
    """How often a village has noted that the town was busy, at least: the log says it once in a row."""
    count = 0
    for village in villages:
        with open(os.path.join(net.folder, f"{village}.log"), errors="replace") as file:
            count += sum("link.busy" in line for line in file)
    return count


class Arrivals:
    """When the first case of each village was at the city."""

    def __init__(self, net):
        self.net, self.start, self.seconds = net, time.time(), {}

    def count(self):
        """How many cases are there now."""
        rows = self.net.query(CITY, "SELECT accepted_by, count(*) FROM service_case GROUP BY accepted_by")
        for village, _ in rows:
            self.seconds.setdefault(village, time.time() - self.start)
        return sum(count for _, count in rows)

    def judge(self):
        """A village sends all it has once it is let in: whoever is overtaken again and again is far behind most."""
        seconds = sorted(self.seconds.values())
        most, last = seconds[int(len(seconds) * MOST)], seconds[-1]
        self.net.demand(f"nobody is kept out: {MOST:.0%} of the villages were let in within {most:.1f} s,"
                        f" the last after {last:.1f} s", last <= 2 * most + SLACK)


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--villages", type=int, default=100, help="1 at least, 999 at most")
    parser.add_argument("--cases", type=int, default=20, help="at each of them, 1 at least")
    options = parser.parse_args()
    options.villages, options.cases = max(min(options.villages, 999), 1), max(options.cases, 1)
    open_more_files(options.villages)
    villages = [f"{TOWN}{number:03}" for number in range(1, options.villages + 1)]
    tree = [(CITY, None), (COUNTY, CITY), (TOWN, COUNTY)] + [(village, TOWN) for village in villages]
    options.patience = max(options.patience, 600)
    with Network(options, "storm", tree) as net:
        # Only the upper three serve while the rest is prepared.
        serve, net.serve = net.serve, lambda unit, *words, **rest: unit in villages or serve(unit, *words, **rest)
        net.found(topology(net.folder, villages))
        net.serve = serve
        net.stop(TOWN)
        net.serve(TOWN, "--hall", "127.0.0.1:0", "--format", "json")
        net.wait("the town's pages", lambda: hall(net))
        forward = [{"action": "forward", "target": COUNTY}]
        for village in villages:
            Desk(net, village).accept(options.cases, forward)
        before = memory(net.servers[TOWN].pid)
        all_cases = options.villages * options.cases
        net.say(f"{options.villages} villages with {options.cases} cases each are switched on")
        stopping, times = threading.Event(), []
        reading = net.beside(read_pages, hall(net), stopping, times)
        for village in villages:
            net.lines[village].gate.clear()
            # Nobody dials a village, and what was free when the drill began may be taken by now.
            net.serve(village, "--listen", "127.0.0.1:0", wait=False)
        net.wait("all villages dial", lambda: all(net.lines[village].is_waiting for village in villages))
        net.say("all of them dial, and are let through at once")
        arrivals = Arrivals(net)
        for village in villages:
            net.lines[village].gate.set()
        net.wait("all cases at the city", lambda: arrivals.count() == all_cases)
        net.say(f"all {all_cases} cases at the city after {time.time() - arrivals.start:.0f} s")
        stopping.set()
        net.join(reading)
        times.sort()
        median, slow = (times[int(len(times) * share)] for share in (0.5, BUT_THE_SLOWEST))
        most = memory(net.servers[TOWN].pid)
        net.say(f"pages of the town: {len(times)} read, median {median * 1000:.0f} ms, {BUT_THE_SLOWEST:.0%} within"
                f" {slow * 1000:.0f} ms, worst {times[-1] * 1000:.0f} ms")
        told = refusals(net, villages)
        net.say(f"memory of the town's server: {before} MB at most before, {most} MB in the storm;"
                f" villages told to come again: {told} at least")
        if options.villages >= TOO_MANY:
            net.demand("some were told to come again", told > 0)
        arrivals.judge()
        net.demand(f"the town took less than {MEMORY} MB", most < MEMORY)
        net.demand(f"{BUT_THE_SLOWEST:.0%} of the pages came within {PAGE_TIME:g} s", slow < PAGE_TIME)
        net.become_equal()
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
