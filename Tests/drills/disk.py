#!/usr/bin/env python3
"""Changes bytes in the databases of nodes while they are off, and counts what became of everything.

    disk.py --terrace PATH [--rounds 12] [--seed 1]

A city, a county, a town and a village serve on loopback; cases are handed in at the village, decided at the county, and
notes are written at town and city. In each round it is another node's turn:

    its clerks stop, until a neighbour has what they did: nobody could give back what only this disk had
    its server is stopped, and its file damaged at places that the seed chooses: some single bits in one round, whole
    sectors of 512 bytes in the next, a page of SQLite's in the third
    it is asked what it finds (`terrace scrub`), and healed by one command: `terrace verify --with PARENT --repair`, at
    the root `terrace scrub --take-out`, or `terrace salvage` where the file itself is malformed
    it serves again, its clerks go on, and all must say the same

Each round tells what was damaged, what was found, and how it was healed. Nothing may be read that nobody wrote, no place
be given twice, and nothing that was confirmed be missing. Ends with 0 when reckon.py finds no difference, something was
found in most rounds, and a scrub of every node finds nothing in the end.
"""
import json
import os
import sys
import time

import network
from clients import Desk
from network import CITY, COUNTY, VILLAGE, DrillFailed, Network

PAGE, SECTOR = 4096, 512
# Bits that are flipped in a round of single bits.
BITS = 24


class Disks:
    def __init__(self, net):
        self.net = net
        self.desks = {unit: Desk(net, unit) for unit in net.units}
        self.child = {parent: unit for unit, parent in net.parents.items()}
        self.found, self.salvaged, self.taken = 0, 0, 0

    # ---- clerks -------------------------------------------------------------------------------------------------

    def work(self, unit, goes_on):
        desk = self.desks[unit]
        if unit == VILLAGE:
            desk.hand_in(goes_on, [{"action": "forward", "target": COUNTY}], pause=0.05)
        elif unit == COUNTY:
            desk.decide_on(goes_on)
        else:
            while goes_on() and not self.net.over.is_set():
                receipts = desk.receipts()
                if receipts:
                    desk.act("note", self.net.random.choice(receipts), "已核对")
                time.sleep(0.1)

    def work_everywhere(self, seconds):
        until = time.time() + seconds
        self.net.join(*[self.net.beside(self.work, unit, lambda: time.time() < until) for unit in self.net.units])

    def is_elsewhere(self, unit):
        """Whether a neighbour has all that was written at a unit's node."""
        sql = ("SELECT hex(author.name), run.feed, first + offset FROM journal JOIN run ON run.id = journal.run"
               " JOIN author ON author.id = run.author WHERE journal.feed > 1 AND author.unit = ?")
        neighbour = self.net.parents[unit] or self.child[unit]
        return set(self.net.query(unit, sql, unit)) <= set(self.net.query(neighbour, sql, unit))

    # ---- the disk -----------------------------------------------------------------------------------------------

    def damage(self, unit, kind):
        """Returns what was done, for people. The first page, without which nothing can be saved, is spared."""
        file = os.path.join(self.net.data(unit), "replica.sqlite")
        dice = self.net.random
        with open(file, "r+b") as disk:
            size = os.fstat(disk.fileno()).st_size
            if kind == "bits":
                for _ in range(BITS):
                    at = dice.randrange(PAGE, size)
                    disk.seek(at)
                    byte = disk.read(1)[0]
                    disk.seek(at)
                    disk.write(bytes([byte ^ 1 << dice.randrange(8)]))
                return f"{BITS} single bits"
            length = SECTOR if kind == "sector" else PAGE
            at = dice.randrange(PAGE // length, size // length) * length
            disk.seek(at)
            disk.write(bytes(length) if kind == "sector" else dice.randbytes(length))
            return f"the {'sector' if kind == 'sector' else 'page'} at byte {at} of {size}"

    def heal(self, unit):
        """Returns how it was healed, for people."""
        net, data = self.net, self.net.data(unit)
        looked = net.attempt("scrub", "--data", data, "--format", "json")
        said = json.loads(looked.stdout) if looked.stdout.startswith("{") else {"damages": []}
        codes = {one["code"] for one in said["damages"]}
        malformed = "damage.structure" in codes or "replica.unreadable" in looked.stderr
        if looked.returncode == 0:
            return "nothing found"
        self.found += 1
        what = ", ".join(sorted(codes)) or looked.stderr.split(":")[1].strip()
        # A cell that nothing else gives, and a file that is malformed, are for a new file.
        if malformed or "damage.cell" in codes or not codes:
            net.run("salvage", "--data", data)
            self.salvaged += 1
            return f"{len(said['damages'])} damages ({what}): salvaged"
        self.taken += 1
        if net.parents[unit]:
            net.attempt("verify", "--data", data, "--with", net.parents[unit], "--repair")
        else:
            net.attempt("scrub", "--data", data, "--take-out")
        return f"{len(said['damages'])} damages ({what}): taken out"

    def round(self, number, unit):
        net = self.net
        self.work_everywhere(net.random.uniform(2, 4))
        net.wait(f"a neighbour has what {unit} wrote", lambda: self.is_elsewhere(unit))
        net.stop(unit)
        done = self.damage(unit, ("bits", "sector", "page")[number % 3])
        net.say(f"{unit}: {done}; {self.heal(unit)}")
        net.serve(unit)
        self.work_everywhere(1)
        net.become_equal()


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    with Network(options, "disk") as net:
        net.found()
        disks = Disks(net)
        units = []
        for number in range(options.rounds):
            if not units:
                units = net.random.sample(net.units, len(net.units))
            disks.round(number, units.pop())
            if net.problems:
                break
        net.demand(f"{disks.found} of {options.rounds} rounds were noticed, {disks.salvaged} salvaged",
                   disks.found * 2 > options.rounds)
        for unit in net.units:
            last = net.attempt("scrub", "--data", net.data(unit))
            net.demand(f"a scrub of {unit} finds nothing", last.returncode == 0)
            if last.returncode:
                net.say(last.stdout + last.stderr)
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
