#!/usr/bin/env python3
"""Lets a village live from sticks for weeks, and then gives it a line.

    courier.py --terrace PATH [--weeks 5] [--seed 1]

A city, a county, a town and two villages. The first village is enrolled in the town's office and has no line from then
on; a courier carries sticks between it and the town, whose server goes on meanwhile. The other has a line in some weeks
and sends sticks as well. On three days of a week a village accepts cases, hands some of them to the county, and exports
what is new onto sticks of one or two small volumes; the county decides. A stick may be lost, and a village that must
send again is told so only by the next bundle from the town. What arrives is imported in any order, some of it twice,
much of it weeks late; some files are damaged on the way. Imports are killed in the middle and done again. Once the town
is rolled back by a week, with its anchor, so that only sticks and lines tell it. Decisions come back by stick.

In the end the courier goes up and down twice with care: the first village must then know that the town has all of its
work. Then all have lines, and nobody works.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import network
from clients import Desk
from network import CITY, COUNTY, TOWN, VILLAGE, DrillFailed, Network

VILLAGES = [VILLAGE, "379902001002"]
REMOTE = VILLAGES[:1]
TREE = [(CITY, None), (COUNTY, CITY), (TOWN, COUNTY), *((village, TOWN) for village in VILLAGES)]
# Volumes are as small as may be.
SIZE = 32 * 1024
DAYS = 3


class Courier:
    """Carries folders of volumes; some never arrive, and some are put aside for weeks."""

    def __init__(self, net):
        self.net, self.count = net, 0
        # Sticks under way: where to, and the folder.
        self.bag = []
        self.lost, self.damaged, self.repeated, self.refused, self.kills, self.gaps = 0, 0, 0, 0, 0, 0
        # Those whose disk was put back, and the bundles that were begun anew for that.
        self.put_back, self.renewed = set(), 0

    def stick(self):
        self.count += 1
        folder = os.path.join(self.net.folder, "sticks", str(self.count))
        os.makedirs(folder)
        return folder

    def export(self, unit, to, goes_on=False):
        """Onto as many sticks as it takes, of one or two volumes each."""
        words = ["--data", self.net.data(unit), "--to", to, "--size", str(SIZE), "--format", "json"]
        goes_on, sets = ["--continue"] if goes_on else [], 0
        while True:
            folder = self.stick()
            command = ["bundle", "export", *words, *goes_on, "--volumes", str(self.net.random.randint(1, 2)), folder]
            try:
                done = json.loads(self.net.run(*command))
            except DrillFailed as failed:
                # Over a line it was heard that the recipient lives anew: a bundle for its former life ends there.
                if not goes_on or to not in self.put_back or "bundle.nothingToContinue" not in str(failed):
                    raise
                goes_on = []
                self.renewed += 1
                continue
            sets += done["changeSets"]
            if self.net.random.random() < 0.2:
                self.lost += 1
                shutil.rmtree(folder)
            else:
                self.bag.append((to, folder))
            if done["isWhole"]:
                return sets
            goes_on = ["--continue"]

    def deliver(self, chance):
        """Brings sticks in any order, each now by that chance; some stay in the bag, to be brought again."""
        self.net.random.shuffle(self.bag)
        kept = []
        for to, folder in self.bag:
            if self.net.random.random() >= chance:
                kept.append((to, folder))
                continue
            self.bring(to, folder)
            if self.net.random.random() < 0.3:
                self.repeated += 1
                kept.append((to, folder))
        self.bag = kept

    def bring(self, to, folder):
        files = sorted(os.listdir(folder))
        hurt = self.net.random.random() < 0.1
        if hurt:
            self.hurt(os.path.join(folder, self.net.random.choice(files)))
        words = ["bundle", "import", "--data", self.net.data(to), folder, "--format", "json"]
        if self.net.random.random() < 0.25:
            self.pull_out(words)
        done = self.net.attempt(*words)
        if not done.stdout:
            raise DrillFailed(f"terrace {' '.join(words)}: {done.stderr}")
        report = json.loads(done.stdout)
        codes = [volume["code"] for volume in report["volumes"] if "code" in volume]
        self.refused += len(codes)
        self.gaps += report["hasGap"]
        if any(code != "bundle.damaged" for code in codes) or (done.returncode != 0) != bool(codes):
            raise DrillFailed(f"import at {to}: {done.stdout}{done.stderr}")
        if hurt and not codes:
            raise DrillFailed(f"a damaged volume was taken in at {to}: {done.stdout}")

    def hurt(self, path):
        self.damaged += 1
        with open(path, "r+b") as file:
            at = self.net.random.randrange(16, os.path.getsize(path))
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 0x55]))

    def pull_out(self, words):
        """Kills an import while it works."""
        process = self.net.start(words, "pulled.log", stdout=subprocess.DEVNULL)
        time.sleep(self.net.random.uniform(0.02, 0.4))
        if process.poll() is None:
            self.kills += 1
            process.send_signal(signal.SIGKILL)
        process.wait()
        self.net.commands.discard(process)


class Snapshot:
    """The town's disk as it was some time ago."""

    def __init__(self, net):
        self.net, self.copy = net, os.path.join(net.folder, "town.copy")

    def keep(self):
        self.net.stop(TOWN)
        shutil.copytree(self.net.data(TOWN), self.copy)
        self.net.serve(TOWN)

    def put_back(self):
        self.net.stop(TOWN)
        shutil.rmtree(self.net.data(TOWN))
        os.rename(self.copy, self.net.data(TOWN))
        self.net.serve(TOWN)


def lines(net, units, are_good):
    for unit in units:
        if are_good:
            net.lines[unit].mend()
        else:
            net.lines[unit].cut()


def week(net, number, desks, courier):
    county, sent = desks[COUNTY], 0
    lines(net, VILLAGES[1:], net.random.random() < 0.5)
    for day in range(DAYS):
        for village in VILLAGES:
            desks[village].accept(net.random.randint(2, 8), actions=[{"action": "forward", "target": COUNTY}])
            desks[village].accept(net.random.randint(10, 60))
            sent += courier.export(village, TOWN, goes_on=day > 0)
    courier.deliver(0.7)
    net.wait("the town's news is at the county", lambda: not net.unconfirmed(TOWN))
    for receipt in county.receipts("phase = 'accepted' AND holder = ?", COUNTY)[:20]:
        county.act("decide", receipt, "granted")
    net.wait("the county's decisions are at the town", lambda: decided(net, TOWN) >= decided(net, COUNTY))
    back = sum(courier.export(TOWN, village) for village in VILLAGES)
    courier.deliver(0.7)
    known = sum(decided(net, village) for village in REMOTE)
    net.say(f"week {number + 1}: {sum(len(desk.confirmed) for desk in desks.values())} cases confirmed,"
            f" {net.value(CITY, 'SELECT count(*) FROM service_case')} at the city; on sticks {sent} change sets up,"
            f" {back} down; {known} decisions known in the village without a line")


def decided(net, unit):
    return net.value(unit, "SELECT count(*) FROM service_case WHERE phase = 'decided'")


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--weeks", type=int, default=5)
    options = parser.parse_args()
    with Network(options, "courier", TREE) as net:
        net.found()
        # Nobody serves them now: commands and sticks are enough.
        for village in VILLAGES:
            net.stop(village)
        lines(net, REMOTE, False)
        desks = {unit: Desk(net, unit) for unit in [COUNTY, *VILLAGES]}
        courier, town = Courier(net), Snapshot(net)
        for village in VILLAGES:
            courier.export(TOWN, village)
        courier.deliver(1)
        net.serve(VILLAGES[1])
        for number in range(options.weeks):
            if number == options.weeks // 2:
                town.keep()
            week(net, number, desks, courier)
            if number == options.weeks // 2:
                town.put_back()
                courier.put_back.add(TOWN)
                net.say("the town was put back to where it stood a week before")
        net.say(f"sticks {courier.count}, lost {courier.lost}, files damaged {courier.damaged}, sticks brought again"
                f" {courier.repeated}, imports killed {courier.kills}, volumes refused {courier.refused}, gaps"
                f" {courier.gaps}, bundles begun anew {courier.renewed}")
        net.demand("sticks were lost, brought again and out of order, files damaged, imports killed", all(
            (courier.lost, courier.repeated, courier.gaps, courier.damaged, courier.kills)))
        known = [decided(net, village) for village in REMOTE]
        net.demand(f"decisions came back by stick: {known}", all(known))
        last_rounds(net, courier)
        before = {village: net.unconfirmed(village) for village in REMOTE}
        net.demand(f"after two rounds with care the villages know that the town has all; unconfirmed: {before}",
                   not any(before.values()))
        lines(net, VILLAGES, True)
        for village in VILLAGES:
            if net.is_up(village):
                net.stop(village)
            net.serve(village)
        net.become_equal()
        return net.conclude()


def last_rounds(net, courier):
    """Up, down, and up once more, where the courier takes care; then what is in the bag, old as it may be."""
    net.random.random, dice = (lambda: 0.9), net.random.random
    for unit, to in [*((village, TOWN) for village in REMOTE), *((TOWN, village) for village in REMOTE)] * 2:
        courier.export(unit, to)
        mine, courier.bag = [one for one in courier.bag if one[0] == to], [
            one for one in courier.bag if one[0] != to]
        for one in mine:
            courier.bring(*one)
    net.random.random = dice


if __name__ == "__main__":
    sys.exit(main())
