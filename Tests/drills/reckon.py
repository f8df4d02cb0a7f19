#!/usr/bin/env python3
"""Counts from the clients' ledgers and the nodes' databases what became of all that was confirmed.

    reckon.py --ledgers FOLDER --data UNIT=DIRECTORY … [--cloned UNIT]

It reads with the sqlite3 module alone. A ledger is a file of JSON lines, one for each thing that a client did:

    {"did": "give", "mark": "v1-17", …}                                 a case is about to be handed in
    {"did": "accept", "mark": "v1-17", "receipt": …, "unit": …, …}      it was confirmed, perhaps without a number
    {…, "to": [UNIT …]}                                                 and was handed on to these at once
    {"did": "decide", "mark": "c-3", "receipt": …, "outcome": …, …}     another act was confirmed
    {…, "contested": true}                                              and may rightly end as a proposal

A mark is the actor's name in the journal, and nobody else's; so a confirmed act is one row of the journal with that act
and that actor. A node must hold a case when the unit that accepted it, or another that it concerns, lies at or below
the node's, by the city's topology; those nodes must also say the same of it. A closed case may have left a node below
the city, which then keeps a stub: number, phase and days, the city's. Differences are counted:

    lost        confirmed, and not among the cases of a node that must hold it
    doubled     more than once at a node, or a case with two decisions in effect
    strange     no client gave it, or its number is another than the client was told
    undone      a confirmed case or decision that is not in effect, or a decision that says something else; not an
                acceptance of a unit whose machine the drill has cloned, for one of the two may rightly be a proposal
    twice       a number on two cases, or a place in a journal held twice, or a fork; not of a unit whose machine the
                drill has cloned, for then two machines write under one name
    unequal     nodes that say different things of one case, something that still waits for what was to come, or a
                case that a node has set aside because it cannot be derived there

Ends with 0 when there are none and something was confirmed.
"""
import argparse
import collections
import contextlib
import json
import os
import sqlite3
import sys

# Of an act that counts.
STANDS = ("effective", "admitted")
KINDS = ["lost", "doubled", "strange", "undone", "twice", "unequal"]


def open_database(folder):
    """A node's database, to read; its server may write meanwhile."""
    db = sqlite3.connect(f"file:{folder}/replica.sqlite?mode=ro", uri=True, timeout=10)
    db.row_factory = None
    return db


def read_ledgers(folder):
    """The lines of all ledgers. A last line that is not whole was never noted."""
    lines = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name)) as file:
            lines += [json.loads(line) for line in file if line.endswith("\n")]
    return lines


class Replica:
    """What one node holds, read once."""

    def __init__(self, folder, cloned=None):
        with contextlib.closing(open_database(folder)) as db:
            db.execute("BEGIN")
            rows = lambda sql: db.execute(sql).fetchall()
            self.unit = rows("SELECT unit FROM node")[0][0]
            self.below = collections.defaultdict(set)
            for unit, ancestor in rows("SELECT unit, ancestor FROM unit_above"):
                self.below[ancestor].add(unit)
            # By record of this database: the case's name everywhere, which is where it was created, and its number.
            self.names = {row: (author, sequence, receipt) for row, author, sequence, receipt in rows(
                "SELECT record.id, hex(author.name), sequence, receipt FROM service_case"
                " JOIN record ON record.id = service_case.record JOIN author ON author.id = record.author")}
            self.cases = {self.names[row[0]]: row[1:] for row in rows(
                "SELECT record, phase, outcome, holder, accepted_by, accepted_day, decided_by, decided_day, closed_day,"
                " evaluation, fields, conflicts, requests, pending FROM service_case")}
            # An older release knows neither what has left a node nor what is set aside.
            tables = {name for name, in rows("SELECT name FROM sqlite_master")}
            # Of what has left the node: what it still says of it.
            self.stubs = {tuple(row[:3]): tuple(row[3:]) for row in (rows(
                "SELECT hex(author.name), sequence, receipt, phase, outcome, accepted_by, accepted_day, decided_day,"
                " closed_day, evaluation FROM stub JOIN record ON record.id = stub.record JOIN author"
                " ON author.id = record.author WHERE stub.record NOT IN (SELECT record FROM service_case)")
                if "stub" in tables else [])}
            self.aside = rows("SELECT count(*) FROM set_aside")[0][0] if "set_aside" in tables else 0
            self.pending = {self.names[row] for row, in rows("SELECT record FROM service_case WHERE pending > 0")}
            self.outcomes = {self.names[row]: outcome for row, outcome in
                             rows("SELECT record, outcome FROM service_case")}
            self.conflicts, self.trace, self.units = (collections.defaultdict(list) for _ in range(3))
            for row, field, name in rows("SELECT record, field, hex(id) FROM case_conflict ORDER BY field"):
                self.conflicts[self.names.get(row)].append((field, name))
            # (case, status) of each act, by what was done and by whom.
            self.acts = collections.defaultdict(list)
            for row, action, unit, actor, status in rows(
                    "SELECT record, action, unit, actor, status FROM case_action"):
                name = self.names.get(row)
                # In the journal alone: nobody can find the case here.
                if name is None:
                    continue
                self.acts[action, actor].append((name, status))
                self.trace[name].append((action, unit, actor, status))
            for row, unit in rows("SELECT record, unit FROM audience"):
                self.units[self.names.get(row)].append(unit)
            self.forks = db.execute(
                "SELECT count(*) FROM fork JOIN author ON author.id = fork.author WHERE unit IS NOT ?",
                (cloned,)).fetchone()[0]
            self.places_twice = db.execute(
                "SELECT count(*) - count(DISTINCT run.author || '/' || run.feed || '/' || (first + offset))"
                " FROM journal JOIN run ON run.id = journal.run JOIN author ON author.id = run.author"
                " WHERE unit IS NOT ?", (cloned,)).fetchone()[0]
            self.receipts_twice = len(self.names) - len({receipt for _, _, receipt in self.names.values()})
            self.is_root = rows("SELECT parent IS NULL FROM unit WHERE code = (SELECT unit FROM node)") == [(1,)]

    def figures(self, case):
        """What a stub of it must say."""
        phase, outcome, _, accepted_by, accepted_day, _, decided_day, closed_day, evaluation, *_ = self.cases[case]
        return phase, outcome, accepted_by, accepted_day, decided_day, closed_day, evaluation

    def says(self, case):
        """All that must be the same wherever the case is held."""
        return self.cases[case], self.conflicts[case], sorted(self.trace[case], key=repr)


class Reckoning:
    def __init__(self, ledgers, folders, cloned=None):
        """`folders`: data directories by the name under which their node is told."""
        self.lines, self.cloned = read_ledgers(ledgers), cloned
        self.replicas = {name: Replica(folder, cloned) for name, folder in folders.items()}
        self.city = next(replica for replica in self.replicas.values() if replica.is_root)
        self.found = {name: {kind: [] for kind in KINDS} for name in self.replicas}
        self.given = {line["mark"] for line in self.lines if line["did"] == "give"}
        self.confirmed = {line["mark"]: line for line in self.lines if line["did"] == "accept"}
        self.acts = [line for line in self.lines if line["did"] not in ("give", "accept")]
        self.decided = [line for line in self.acts if line["did"] == "decide"]
        self.set_aside = 0
        for name in self.replicas:
            self.hold(name)

    @property
    def differences(self):
        return sum(len(cases) for found in self.found.values() for cases in found.values())

    def must_hold(self, replica, case):
        below = self.city.below[replica.unit]
        return replica is self.city or any(unit in below for unit in self.city.units[case])

    def hold(self, name):
        """Holds the ledgers, and the city, against one node."""
        replica, found = self.replicas[name], self.found[name]
        for mark, line in self.confirmed.items():
            at_city = self.city.acts["accept", mark]
            here = replica.acts["accept", mark]
            # Also where the city does not hold the case, or does not know yet whom it concerns.
            is_from_below = any(
                unit in self.city.below[replica.unit] for unit in [line["unit"], *line.get("to", [])])
            if not here and at_city and at_city[0][0] in replica.stubs and replica is not self.city:
                continue
            if not here and (is_from_below or not at_city or self.must_hold(replica, at_city[0][0])):
                found["lost"].append(mark)
            if len(here) > 1:
                found["doubled"].append(mark)
            if line["unit"] != self.cloned and any(
                    self.must_hold(replica, case) and status not in STANDS for case, status in here):
                found["undone"].append(mark)
            if line.get("receipt") and any(case[2] != line["receipt"] for case, _ in here):
                found["strange"].append(mark)
        for (action, mark), here in replica.acts.items():
            if action == "accept" and mark not in self.given:
                found["strange"].append(mark)
            if action == "accept" and mark not in self.confirmed and len(here) > 1:
                found["doubled"].append(mark)
        for line in self.acts:
            self.hold_act(line, replica, found)
        for case in self.city.cases:
            if not self.must_hold(replica, case):
                continue
            if sum(action == "decide" and status in STANDS for action, _, _, status in replica.trace[case]) > 1:
                found["doubled"].append(case[2])
            if case in replica.stubs and replica is not self.city:
                if replica.stubs[case] != self.city.figures(case):
                    found["unequal"].append(case[2])
            elif case not in replica.cases:
                found["lost"].append(case[2])
            elif replica.says(case) != self.city.says(case) or case in replica.pending:
                found["unequal"].append(case[2])
        found["twice"] += (["place"] * replica.places_twice + ["fork"] * replica.forks
                           + ["receipt"] * replica.receipts_twice)
        found["unequal"] += ["set aside"] * replica.aside

    def hold_act(self, line, replica, found):
        here = replica.acts[line["did"], line["mark"]]
        at_city = self.city.acts[line["did"], line["mark"]]
        if len(here) > 1:
            found["doubled"].append(line["mark"])
        if not here:
            if at_city and at_city[0][0] in replica.stubs and replica is not self.city:
                return
            if not at_city or self.must_hold(replica, at_city[0][0]):
                found["lost"].append(line["mark"])
            return
        case, status = here[0]
        if line.get("receipt") and case[2] != line["receipt"]:
            found["strange"].append(line["mark"])
        # A unit that a case no longer concerns keeps what it had then.
        if line["did"] != "decide" or not self.must_hold(replica, case):
            return
        if status not in STANDS and line.get("contested"):
            self.set_aside += replica is self.city
        elif status not in STANDS or replica.outcomes.get(case) != line["outcome"]:
            found["undone"].append(line["mark"])

    def tell(self):
        width = max(map(len, self.found))
        for name, found in self.found.items():
            counts = ", ".join(f"{kind} {len(found[kind])}" for kind in KINDS)
            replica = self.replicas[name]
            left = f" and {len(replica.stubs)} that have left" if replica.stubs else ""
            print(f"{name:>{width}}: {len(replica.cases)} cases{left}, {counts}")
        for name, found in self.found.items():
            for kind in KINDS:
                for one in found[kind][:5]:
                    print(f"{name:>{width}}: {kind} {one}")
        aside = f", {self.set_aside} of them set aside" if self.set_aside else ""
        conflicts = sum(1 for case in self.city.cases if self.city.conflicts[case])
        print(f"confirmed decisions {len(self.decided)}{aside}, other confirmed acts"
              f" {len(self.acts) - len(self.decided)}, cases with a conflict {conflicts}")
        print(f"confirmed cases {len(self.confirmed)}, cases at the city {len(self.city.cases)},"
              f" differences {self.differences}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ledgers", required=True)
    parser.add_argument("--data", action="append", required=True, metavar="UNIT=DIRECTORY")
    parser.add_argument("--cloned", metavar="UNIT")
    options = parser.parse_args()
    reckoning = Reckoning(options.ledgers, dict(one.split("=", 1) for one in options.data), options.cloned)
    reckoning.tell()
    return 0 if reckoning.confirmed and not reckoning.differences else 1


if __name__ == "__main__":
    sys.exit(main())
