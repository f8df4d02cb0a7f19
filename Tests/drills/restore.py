#!/usr/bin/env python3
"""Backs nodes up while they work, destroys their disks, restores them, and counts what became of what was confirmed.

    restore.py --terrace PATH [--rounds 4] [--seed 1]

A city, a county, a town and a village serve on loopback. Cases are handed in at the village, decided at the county, and
notes are written at town and city. In each round it is another node's turn:

    at some moment, while all work goes on, `terrace backup` copies it; work goes on for a while
    its clerks stop, until a neighbour has what they did: nobody could give back what only this disk had
    its server is killed with -9, its data directory removed; every other time its anchor is saved
    `terrace restore` makes it anew; its lines are still cut, and its clerks work at once
    the county's decide again, once, what they had decided in the life that is lost
    the lines are mended

Then all must say the same, with every number and every place in a journal given once.

Then the city, whose charter had stood still: it moves a unit after its backup, every node hears of it and works by it,
the city's disk is destroyed and restored, and with its line cut it moves another unit, which makes two branches of its
charter. When the line is good the doctor names them, both moves are in effect everywhere, and `terrace topology join`
with the authority's key makes the charter one again. All work on at each step, and all must say the same.

At last a whole machine, database, anchor and all, is put back to an earlier state, as the host of a virtual machine
does it, so that nothing on it says that it ever was further. This is done twice, after its work has gone up:

    in contact first: it serves with its lines, and its clerks work once it has compared itself with the unit above,
    which nobody asks it for. All that it had written comes back, and no number and no place is given twice
    at work first: the village works with its line cut, on numbers and places that it had given before. At the first
    contact the fork is found; `terrace node forks` shows it at the village and at every node above. The city cuts, and
    keeps the line that had gone up; the machine is enrolled again, and the village admits what it had done meanwhile

Ends with 0 when reckon.py finds no difference, every restore began a new incarnation, and the fork was shown.
`--snapshots contact`, `work` or `none` leaves some of these out. `--hasty` lets the clerks work without waiting for the
comparison, and takes the snapshot with work on it that has not gone up.
"""
import json
import os
import re
import shutil
import sys
import threading
import time

import network
from clients import FORWARD, Clerks
from network import CITY, COUNTY, TOWN, VILLAGE, DrillFailed, Network

# Cases or acts that the clerks of a restored node do before its line is back.
OFFLINE = 5
# Units without a machine that the city moves: after its backup, and after its restore.
LOST, LATER = ("379902100", "379921"), ("379902100200", "379921100")
RECEIPT = re.compile(r"(.+)-(\d+)-(\d{7,})-\w{3}-\w")


class Restores(Clerks):
    def __init__(self, net):
        super().__init__(net)
        # Change sets that were lost with a disk, and cases that the county decided once more.
        self.losses = self.again = 0

    # ---- clerks -------------------------------------------------------------------------------------------------

    def work_offline(self, unit):
        """What a restored node's clerks do at once."""
        desk = self.desks[unit]
        if unit == VILLAGE:
            desk.accept(OFFLINE, FORWARD)
        elif unit == COUNTY:
            before = set(desk.decided)
            open_cases = desk.receipts("phase = 'accepted' AND holder = ?", COUNTY)
            for receipt in [one for one in open_cases if one not in before][:OFFLINE]:
                desk.act("decide", receipt, "granted")
            again = [one for one in open_cases if one in before][:1]
            for receipt in again:
                desk.act("decide", receipt, "granted", contested=True)
            self.again += len(again)
        else:
            for _ in range(OFFLINE):
                self.note_something(unit)

    # ---- a disk is lost -----------------------------------------------------------------------------------------

    def places(self, unit, authors=None):
        """Of casework that is held: author and sequence; those that were written here, or by these authors."""
        rows = self.net.query(
            unit, "SELECT hex(author.name), first + offset, source IS NULL FROM journal"
            " JOIN run ON run.id = journal.run JOIN author ON author.id = run.author WHERE journal.feed = 2")
        return {(author, sequence) for author, sequence, is_own in rows
                if (author in authors if authors is not None else is_own)}

    def depth(self, unit):
        return self.net.value(unit, "SELECT depth FROM author JOIN node ON node.author = author.id")

    def destroy(self, unit, keeps_anchor):
        self.net.kill(unit)
        data, anchor = self.net.data(unit), os.path.join(self.net.folder, "anchor")
        if keeps_anchor:
            shutil.copy(os.path.join(data, "anchor"), anchor)
        shutil.rmtree(data)
        if keeps_anchor:
            os.mkdir(data)
            shutil.move(anchor, os.path.join(data, "anchor"))

    def round(self, number, unit, keeps_anchor):
        net, backup = self.net, os.path.join(self.net.folder, "backups", str(number))
        stopping, clerks_stop = threading.Event(), threading.Event()
        others = [net.beside(self.work, one, lambda: not stopping.is_set()) for one in net.units if one != unit]
        clerks = net.beside(self.work, unit, lambda: not clerks_stop.is_set())
        time.sleep(net.random.uniform(1, 4))
        held = len(self.places(unit))
        net.run("backup", "--data", net.data(unit), os.path.dirname(backup), "--name", os.path.basename(backup))
        net.say(f"backup of {unit} while it works")
        time.sleep(net.random.uniform(2, 5))
        clerks_stop.set()
        net.join(clerks)
        net.wait(f"a neighbour has what {unit} wrote", lambda: self.is_elsewhere(unit))
        before, written = self.depth(unit), len(self.places(unit))
        self.net.demand(f"{unit} has written since the backup", written > held)
        self.destroy(unit, keeps_anchor)
        net.say(f"disk of {unit} destroyed, {'all but its anchor' if keeps_anchor else 'anchor and all'}")
        cut = [one for one in (unit, self.child.get(unit)) if one in net.lines]
        for one in cut:
            net.lines[one].cut()
        said = net.run("restore", backup, "--data", net.data(unit))
        net.say(said.splitlines()[0])
        self.net.demand("the anchor was found" if keeps_anchor else "the anchor was missed",
                    ("no anchor" in said) != keeps_anchor)
        self.net.demand("it is the next incarnation", self.depth(unit) == before + 1)
        lost = written - len(self.places(unit))
        self.losses += lost
        net.serve(unit)
        before = self.again
        self.work_offline(unit)
        if unit == COUNTY:
            net.demand("the county has decided a case that it had decided before", self.again > before)
        net.say(f"{lost} change sets of {unit} are gone with the disk; its clerks have worked on without its lines")
        stopping.set()
        net.join(*others)
        for one in cut:
            net.mend(one)
        net.become_equal()

    # ---- the city's charter -------------------------------------------------------------------------------------

    def move(self, unit, parent):
        self.net.run("topology", "move", "--data", self.net.data(CITY), unit, "--to", parent)

    def stand(self, moves, nodes):
        """Whether these nodes have the units under these parents."""
        return all(self.net.value(node, "SELECT parent FROM unit WHERE code = ?", unit) == parent
                   for node in nodes for unit, parent in moves)

    def all_work(self):
        for unit in self.net.units:
            self.work_offline(unit)

    def branch(self, authority):
        """The city enters one thing after its backup, and another after its restore."""
        net, backup = self.net, os.path.join(self.net.folder, "backups", "charter")
        net.run("backup", "--data", net.data(CITY), os.path.dirname(backup), "--name", os.path.basename(backup))
        self.move(*LOST)
        net.wait("every node has the entry", lambda: self.stand([LOST], net.units))
        self.all_work()
        net.wait(f"a neighbour has what {CITY} wrote", lambda: self.is_elsewhere(CITY))
        net.say(f"{CITY} has moved a unit after its backup, and all have worked since")
        before = self.depth(CITY)
        self.destroy(CITY, keeps_anchor=net.random.random() < 0.5)
        net.lines[COUNTY].cut()
        net.run("restore", backup, "--data", net.data(CITY))
        net.serve(CITY)
        net.demand("it is the next incarnation", self.depth(CITY) == before + 1)
        net.demand("it does not know what it had entered", not self.stand([LOST], [CITY]))
        self.move(*LATER)
        self.all_work()
        net.say(f"{CITY} is restored, and has moved another unit with its line cut; all have worked")
        net.mend(COUNTY)
        net.wait("the doctor names the branches", lambda: "standing.branches" in net.findings(CITY))
        shown = sorted(branch["entries"] for branch in net.report(CITY, "topology", "join")["branches"])
        net.demand(f"they are shown: {shown}", shown == sorted([f"move {unit} {to}"] for unit, to in (LOST, LATER)))
        net.wait("both moves are in effect everywhere", lambda: self.stand([LOST, LATER], net.units))
        net.become_equal()
        self.join_branches(authority)
        self.all_work()
        net.become_equal()
        net.demand("both moves are in effect", self.stand([LOST, LATER], net.units))

    def join_branches(self, authority):
        net = self.net
        done = net.report(CITY, "topology", "join", "--authority", authority)
        net.demand("one branch was joined, and one is left", (done["joined"], len(done["branches"])) == (1, 1))
        net.wait("every node has the join", lambda: all(
            net.value(unit, "SELECT count(*) FROM charter_join") == 1 for unit in net.units))
        net.demand("the doctor names no branches", "standing.branches" not in net.findings(CITY))

    # ---- numbers ------------------------------------------------------------------------------------------------

    def numbers(self):
        """Unit, ordinal and running number of every receipt that a clerk was told."""
        told = [receipt for desk in self.desks.values() for receipt in desk.confirmed.values() if receipt]
        parts = [RECEIPT.fullmatch(receipt) for receipt in told]
        if not all(parts):
            raise DrillFailed("a receipt that cannot be read")
        return [match.group(1, 2, 3) for match in parts]


class Snapshots(Restores):
    """A machine that is put back as a whole."""

    @property
    def copy(self):
        return os.path.join(self.net.folder, "snapshot")

    def take(self, unit):
        self.net.stop(unit)
        shutil.copytree(self.net.data(unit), self.copy)
        self.net.serve(unit)

    def put_back(self, unit, seconds):
        """Works on for some seconds, until all is elsewhere; then it never was, as far as the machine knows."""
        net, until = self.net, time.time() + seconds
        held = self.places(unit)
        clerks = net.beside(self.work, unit, lambda: time.time() < until)
        net.join(clerks)
        net.wait(f"a neighbour has what {unit} wrote", lambda: self.is_elsewhere(unit))
        written = self.places(unit)
        net.demand(f"{unit} has written {len(written - held)} change sets since the snapshot", written > held)
        net.kill(unit)
        shutil.rmtree(net.data(unit))
        shutil.move(self.copy, net.data(unit))
        net.say(f"{unit} is put back to its snapshot, anchor and all")
        return written

    def has_compared(self, unit, since):
        """With the unit above, at this time or later, and what was lacking has come, by the node's own word."""
        compared = any(one["unit"] == self.net.parents[unit] and one["time"] >= since
                       for one in self.net.report(unit, "status")["comparisons"])
        return compared and "database.uncompared" not in self.net.findings(unit)

    # ---- in contact first ---------------------------------------------------------------------------------------

    def contact_first(self, unit, is_hasty):
        net, stopping = self.net, threading.Event()
        others = [net.beside(self.work, one, lambda: not stopping.is_set()) for one in net.units if one != unit]
        if not is_hasty:
            net.wait(f"a neighbour has what {unit} wrote", lambda: self.is_elsewhere(unit))
        self.take(unit)
        written, before = self.put_back(unit, net.random.uniform(2, 4)), self.depth(unit)
        start = time.time()
        net.serve(unit)
        if not is_hasty:
            self.compare(unit, start)
        self.work_offline(unit)
        stopping.set()
        net.join(*others)
        net.become_equal()
        authors = {author for author, _ in written}
        net.demand("all that it had written is back", written <= self.places(unit, authors))
        net.say(f"closed incarnations of {unit}: {before} before, {self.depth(unit)} after")

    def compare(self, unit, start):
        """Waits until it has compared itself with the unit above, which nobody has asked it for."""
        self.net.wait("it has compared itself with the unit above", lambda: self.has_compared(unit, int(start)))
        self.net.say(f"compared with the unit above {time.time() - start:.1f} s after the start, by itself")

    # ---- at work first ------------------------------------------------------------------------------------------

    def is_shown(self):
        """Whether every node says that there are two lines, and names them."""
        return all(any(len(fork["branches"]) == 2 for fork in self.net.forks(unit)) for unit in self.net.units)

    def work_first(self):
        net, unit, desk = self.net, VILLAGE, self.desks[VILLAGE]
        shared = desk.accept(2)
        net.become_equal()
        self.take(unit)
        self.put_back(unit, net.random.uniform(1, 2))
        # From here on two lines are written under one name, and rightly counted so.
        net.cloned = unit
        net.lines[unit].cut()
        net.serve(unit)
        told = set(desk.confirmed.values())
        again = desk.accept(OFFLINE)
        desk.act("note", shared[0], "快照之后")
        net.say(f"{OFFLINE} cases accepted and a note written with the line cut, before it hears of what it had done")
        net.demand("no receipt is one that was told before", not told & set(again))
        start = time.time()
        net.mend(unit)
        net.wait("every node shows the fork", self.is_shown)
        net.say(f"every node shows the fork {time.time() - start:.1f} s after the line was good")
        net.become_equal()
        self.cut_and_enroll(unit)
        desk.accept(2)
        net.become_equal()
        admitted = desk.admit_all()
        net.demand(f"the village admits {admitted} proposals", admitted > 0)
        net.become_equal()
        net.demand("every acceptance is in effect at the city", net.stands(CITY, "accept"))

    def cut_and_enroll(self, unit):
        """The root keeps the line that had gone up before the machine was put back."""
        net = self.net
        fork = next(fork for fork in net.forks(unit) if len(fork["branches"]) == 2)
        kept = next(line["name"] for line in fork["branches"] if not line["isOwn"])
        net.run("node", "cut", "--data", net.data(CITY), f"{unit}#{net.report(unit, 'status')['node']}", "--keep", kept)
        net.say(f"the city cuts, and keeps the line {kept}, that of before")
        net.wait("the machine hears of it", lambda: "trust.held" in json.dumps(net.uplink_of(unit)))
        net.stop(unit)
        code = net.run("enroll", "code", "--data", net.data(net.parents[unit]), unit).strip()
        net.run("enroll", "again", "--data", net.data(unit), "--code", code)
        net.serve(unit)
        net.say("the machine is enrolled again")


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--snapshots", choices=["all", "contact", "work", "none"], default="all")
    parser.add_argument("--hasty", action="store_true", help="work before the comparison with the unit above is done")
    options = parser.parse_args()
    with Network(options, "restore") as net:
        net.found()
        # As `terrace init` says: off the machine. No backup has it.
        authority = os.path.join(net.folder, "authority.key")
        shutil.move(os.path.join(net.data(CITY), "authority.key"), authority)
        restores = Snapshots(net)
        units, turn = [], net.random.randrange(2)
        for number in range(options.rounds):
            if not units:
                units = net.random.sample(net.units, len(net.units))
            unit = units.pop()
            restores.round(number, unit, keeps_anchor=(number + turn) % 2 == 0)
            if net.problems:
                break
        if options.rounds:
            net.demand(f"{restores.losses} change sets were on no backup", restores.losses > 0)
            if not net.problems:
                restores.branch(authority)
        else:
            restores.desks[VILLAGE].accept(20, FORWARD)
        if options.snapshots in ("all", "contact") and not net.problems:
            restores.contact_first(net.random.choice([COUNTY, TOWN, VILLAGE]), options.hasty)
        numbers = restores.numbers()
        net.demand(f"{len(numbers)} running numbers were told, none twice", len(set(numbers)) == len(numbers))
        # Behind it a number may have been told twice, as one paper that differs from the other.
        if options.snapshots in ("all", "work") and not net.problems:
            restores.work_first()
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
