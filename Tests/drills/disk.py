#!/usr/bin/env python3
"""Lets the disks of nodes go wrong, while they are off and while they serve, and counts what became of everything.

    disk.py --terrace PATH [--rounds 12] [--serving 6] [--no-mounts] [--seed 1]

A city, a county, a town and a village serve on loopback; cases are handed in at the village, decided at the county, and
notes are written at town and city. In each round it is another node's turn:

    its clerks stop, until a neighbour has what they did: nobody could give back what only this disk had
    its server is stopped, and its file damaged at places that the seed chooses: some single bits in one round, whole
    sectors of 512 bytes in the next, a page of SQLite's in the third
    it is asked what it finds (`terrace scrub`), and healed by one command: `terrace verify --with PARENT --repair`, at
    the root `terrace scrub --take-out`, or `terrace salvage` where the file itself is malformed; where that says that
    nothing can be saved, `terrace restore` of the backup that was made before its clerks' last work
    it serves again, has back from its neighbours what it lost, its clerks go on, and all must say the same

Each round tells what was damaged, what was found, and how it was healed. Then, in further rounds, the disk of a node
goes wrong under its server while all work goes on:

    full        the folder lies on a disk of a few megabytes, which fills up, until some acts were refused; then there
                is room again. Where this account may not mount a disk, the kernel bounds how long a file may become
    torn        the server is killed with -9, and the tail of the database's log is cut off, or overwritten, at a place
                that the seed chooses, as a disk leaves it that had promised more than it had written
    readonly    the disk turns read-only, is looked after and mounted again; skipped where this account may not mount

There whatever cannot be confirmed must be refused with a reason that names the storage, the doctor must say what it is,
and once the cause is gone the node must go on: by itself after a full disk, after a start when it was mounted anew, and
by what the doctor says when the log was torn. `--no-mounts` tries what an account without rights can.

Nothing may be read that nobody wrote, no place be given twice, and nothing that was confirmed be missing. Ends with 0
when reckon.py finds no difference, something was found in most rounds of damage, and a scrub of every node finds
nothing in the end.
"""
import json
import os
import sys
import threading
import time

import network
from clients import FORWARD, Clerks
from network import VILLAGE, Network
from smalldisk import Bound, FailingDisk, SmallDisk
from writelog import tear

PAGE, SECTOR = 4096, 512
# Bits that are flipped in a round of single bits.
BITS = 24
# Acts that a bad disk must have refused before a round goes on, and reasons that are clear.
REFUSALS = 3
# How long the neighbours work on while the disk is bad, and how long after that nothing is to have come, in seconds.
AMID = 3
CLEAR = ("terrace: replica.storage", "terrace: node.file")
KINDS = ["full", "torn", "readonly"]


class Disks(Clerks):
    def __init__(self, net):
        super().__init__(net)
        self.found, self.salvaged, self.taken = 0, 0, 0
        # Rounds with a torn log, and those where there was something to tear.
        self.tried, self.torn_logs = 0, 0

    # ---- clerks -------------------------------------------------------------------------------------------------

    def work_everywhere(self, seconds):
        until = time.time() + seconds
        self.net.join(*[self.net.beside(self.work, unit, lambda: time.time() < until) for unit in self.net.units])

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

    def save(self, unit, backup):
        """What can be read of a malformed file; the backup, where the definitions of its tables are gone."""
        net, data = self.net, self.net.data(unit)
        done = net.attempt("salvage", "--data", data)
        self.salvaged += done.returncode == 0
        if done.returncode == 0:
            return "salvaged"
        net.demand("where nothing can be saved it says so", "salvage.nothing" in done.stderr)
        net.run("restore", backup, "--data", data, "--replace", "--losing-unsent")
        return "nothing could be saved, restored"

    def heal(self, unit, backup):
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
            return f"{len(said['damages'])} damages ({what}): {self.save(unit, backup)}"
        self.taken += 1
        if net.parents[unit]:
            net.attempt("verify", "--data", data, "--with", net.parents[unit], "--repair")
        else:
            net.attempt("scrub", "--data", data, "--take-out")
        return f"{len(said['damages'])} damages ({what}): taken out"

    def round(self, number, unit):
        net, backup = self.net, os.path.join(self.net.folder, "backups", str(number))
        net.run("backup", "--data", net.data(unit), os.path.dirname(backup), "--name", os.path.basename(backup))
        self.work_everywhere(net.random.uniform(2, 4))
        net.wait(f"a neighbour has what {unit} wrote", lambda: self.is_elsewhere(unit))
        net.stop(unit)
        done = self.damage(unit, ("bits", "sector", "page")[number % 3])
        net.say(f"{unit}: {done}; {self.heal(unit, backup)}")
        net.serve(unit)
        # Who decides a second time what the disk had lost makes a proposal, and that is no fault of the node.
        net.wait(f"{unit} has back what it lost", lambda: self.held(self.neighbour(unit)) <= self.held(unit))
        self.work_everywhere(1)
        net.become_equal()

    # ---- under a serving node -----------------------------------------------------------------------------------

    def work_elsewhere(self, unit, stopping):
        """The other clerks; returns their threads."""
        return [self.net.beside(self.work, one, lambda: not stopping.is_set())
                for one in self.net.units if one != unit]

    def go_on_for(self, seconds, stopping, others):
        time.sleep(seconds)
        stopping.set()
        self.net.join(*others)

    def try_once(self, unit, receipts):
        """One act of a clerk on a disk that may be bad. Returns whether it was confirmed, and the reason if not."""
        desk = self.desks[unit]
        if unit == VILLAGE:
            return self.offer(desk)
        code = desk.try_act("note", self.net.random.choice(receipts), "已核对")
        return code == 0, desk.last_word("note")

    def offer(self, desk):
        """A case, that may be refused."""
        mark, file = desk.new_mark("case"), os.path.join(self.net.folder, "case.jsonl")
        with open(file, "w") as lines:
            lines.write(desk.application.line(mark, FORWARD) + "\n")
        desk.ledger.note("give", mark, unit=desk.unit)
        done = self.net.attempt("case", "import", "--data", desk.folder, "--format", "json", file)
        if done.returncode != 0:
            return False, done.stderr.rstrip().rsplit("\n", 1)[-1]
        desk.note_accepted(mark, json.loads(done.stdout)["receipt"], FORWARD)
        return True, ""

    def strain(self, unit, disk):
        """Works on the disk as it turns bad, until it has refused enough."""
        net, confirmed, reasons = self.net, 0, []
        receipts = self.desks[unit].receipts()
        disk.fill()
        until = time.time() + net.patience
        while len(reasons) < REFUSALS and time.time() < until:
            is_confirmed, reason = self.try_once(unit, receipts)
            confirmed += is_confirmed
            reasons += [] if is_confirmed else [reason]
        unclear = [reason for reason in reasons if not reason.startswith(CLEAR)]
        net.say(f"{confirmed} acts confirmed on the bad disk, then refused: {(unclear or reasons or ['nothing'])[0]}")
        net.demand("what could not be stored was refused, and the reason names the storage",
                   len(reasons) == REFUSALS and not unclear)
        codes = net.findings(unit)
        net.say(f"the doctor says {', '.join(sorted(codes)) or 'nothing'}")
        if disk.tells:
            net.demand(f"the doctor says {disk.tells}", disk.tells in codes)
        else:
            net.say("the doctor cannot be held to a finding here")
        net.demand("the server serves on", net.is_up(unit))
        return receipts

    def go_wrong(self, unit, disk):
        """The disk is bad for a while, and good again."""
        net = self.net
        with disk:
            net.serve(unit)
            stopping = threading.Event()
            others = self.work_elsewhere(unit, stopping)
            net.wait("something to work on", self.desks[unit].receipts)
            receipts = self.strain(unit, disk)
            self.go_on_for(AMID, stopping, others)
            # On a good disk all would be here by now.
            time.sleep(AMID)
            waiting = self.held(self.neighbour(unit)) - self.held(unit)
            net.demand(f"{len(waiting)} change sets from the neighbour had to wait", waiting)
            disk.make_room()
            net.wait("the disk takes acts again", lambda: self.try_once(unit, receipts)[0])
            net.say("good again, and the next act was confirmed")
            net.become_equal()
        net.serve(unit)

    def torn(self, unit):
        net = self.net
        net.wait(f"a neighbour has what {unit} wrote", lambda: self.is_elsewhere(unit))
        stopping = threading.Event()
        others = self.work_elsewhere(unit, stopping)
        # Something of the neighbours is in the log, too.
        time.sleep(net.random.uniform(1, 2))
        net.kill(unit)
        done = tear(net.data(unit), net.random)
        self.tried += 1
        self.torn_logs += done is not None
        codes = net.findings(unit)
        net.say(f"killed, and {done or 'its log was in the database already'};"
                f" the doctor says {', '.join(sorted(codes)) or 'nothing'}")
        if "database.unreadable" in codes:
            net.run("salvage", "--data", net.data(unit))
            net.say("salvaged")
            self.salvaged += 1
        self.go_on_for(1, stopping, others)
        net.serve(unit)
        net.become_equal()

    def serving_round(self, kind, unit, may_mount):
        """Returns whether it could be tried."""
        self.work_everywhere(self.net.random.uniform(1, 2))
        if kind == "torn":
            self.net.say(f"{unit}: torn")
            self.torn(unit)
        else:
            disk = {"full": SmallDisk, "readonly": FailingDisk}[kind]
            is_permitted = may_mount and disk.is_permitted()
            if not is_permitted and kind == "readonly":
                self.net.say(f"{unit}: {kind}: skipped, this account may not mount a disk, or has no mkfs.ext4")
                return False
            disk = disk if is_permitted else Bound
            self.net.say(f"{unit}: {kind}, by a {'mounted disk' if is_permitted else 'bound for files'}")
            self.go_wrong(unit, disk(self.net, unit))
        self.work_everywhere(1)
        self.net.become_equal()
        return True


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--serving", type=int, default=6, help="rounds under a serving node")
    parser.add_argument("--no-mounts", action="store_true", help="as if this account might not mount a disk")
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
        if options.rounds:
            net.demand(f"{disks.found} of {options.rounds} rounds were noticed, {disks.salvaged} salvaged",
                       disks.found * 2 > options.rounds)
        skipped = 0
        for number in range(options.serving):
            if net.problems:
                break
            if not units:
                units = net.random.sample(net.units, len(net.units))
            skipped += not disks.serving_round(KINDS[number % len(KINDS)], units.pop(), not options.no_mounts)
        if disks.tried:
            net.demand(f"{disks.torn_logs} of {disks.tried} logs were torn", disks.torn_logs > 0)
        for unit in net.units:
            last = net.attempt("scrub", "--data", net.data(unit))
            net.demand(f"a scrub of {unit} finds nothing", last.returncode == 0)
            if last.returncode:
                net.say(last.stdout + last.stderr)
        net.say(f"{options.serving - skipped} rounds under a serving node")
        code = net.conclude()
        if skipped:
            print(f"{skipped} rounds with a read-only disk skipped, for which there are no means here")
        return code


if __name__ == "__main__":
    sys.exit(main())
