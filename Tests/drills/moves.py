#!/usr/bin/env python3
"""Moves cases and units about while lines are cut, with unsent work on either side.

    moves.py --terrace PATH [--seed 1]

A city with a branch centre, two counties, three towns, four villages. One after the other, each with the line of the
unit that it is about cut, work done on both sides of the cut, and the line mended afterwards:

    a case goes to the branch centre, which has exchanged everything before; it goes back, and comes again
    a village ends in the topology: its town takes its cases over and hands them to the village next door
    a village is merged: the city cuts its node with the village next door as its heir, and its machine is enrolled once
    more to bring up what it had not sent; then the village ends, and the machine is gone
    a town comes under another county, with its village, and its machine dials there
    a village comes under a town of another county

Each time it is looked whether history followed, whether the unsent work of whoever was moved or deposed arrived, what
became of it (a merged field, a request, a proposal), and whether who is no longer above gets nothing new. reckon.py
counts at the end.
"""
import datetime
import json
import os
import shutil
import sys
import time

import network
from clients import Application, Desk
from network import CITY, COUNTY, TOWN, VILLAGE, Network

BRANCH, OTHER_COUNTY = "3799B1", "379921"
CLOSED = "379902001002"
MOVED_TOWN, ITS_VILLAGE, MERGED = "379902100", "379902100200", "379902100201"
OTHER_TOWN = "379921100"
TREE = [(CITY, None), (BRANCH, CITY), (COUNTY, CITY), (OTHER_COUNTY, CITY), (TOWN, COUNTY), (MOVED_TOWN, COUNTY),
        (OTHER_TOWN, OTHER_COUNTY), (VILLAGE, TOWN), (CLOSED, TOWN), (ITS_VILLAGE, MOVED_TOWN),
        (MERGED, MOVED_TOWN)]
PHONE = "applicant.phone"
CHINA = datetime.timezone(datetime.timedelta(hours=8))
# Cases of each kind in each act.
SEVERAL = 4


class Moves:
    def __init__(self, net):
        self.net = net
        self.desks = {unit: Desk(net, unit, Application()) for unit in net.units}
        # Units that have ended, with their last day.
        self.ended = {}

    def cases(self, unit, count=SEVERAL, to=None):
        return self.desks[unit].accept(count, [{"action": "forward", "target": to}] if to else [])

    def trace(self, unit, receipt):
        return self.net.query(
            unit, "SELECT action, unit, actor, status FROM case_action WHERE record ="
            " (SELECT record FROM service_case WHERE receipt = ?) ORDER BY actor, action, unit", receipt)

    def has_all(self, unit, receipts):
        """Whether a unit holds the cases as the city does."""
        return all(self.trace(unit, one) and self.trace(unit, one) == self.trace(CITY, one) for one in receipts)

    def has_none(self, unit, receipts):
        return not any(self.trace(unit, one) for one in receipts)

    def statuses(self, unit, action, by, receipts):
        """What acts of a unit have come to, each once."""
        return {status for one in receipts for what, who, _, status in self.trace(unit, one)
                if what == action and who == by}

    def equal(self):
        self.net.become_equal()

    def cut(self, unit):
        self.net.lines[unit].cut()

    def come_under(self, unit, parent):
        """The root moves a unit; where its machine dials, somebody answers for the new parent."""
        self.net.run("topology", "move", "--data", self.net.data(CITY), unit, "--to", parent)
        self.net.parents[unit] = parent
        self.net.lines[unit].lead(self.net.ports[parent])

    def end(self, unit):
        """The root imports a topology file in which yesterday, by China's clock, was the unit's last day."""
        self.ended[unit] = (datetime.datetime.now(CHINA) - datetime.timedelta(days=1)).date()
        with open(network.TOPOLOGY) as file:
            lines = file.readlines()
        path = os.path.join(self.net.folder, "topology.yaml")
        with open(path, "w") as file:
            for line in lines:
                last = next((day for one, day in self.ended.items() if f'code: "{one}"' in line), None)
                file.write(line.replace("}", f', until: "{last}"}}') if last else line)
        told = self.net.run("topology", "import", "--data", self.net.data(CITY), path)
        self.net.demand("one more unit of the topology ends", "1 changed" in told)

    # ---- acts ---------------------------------------------------------------------------------------------------

    def to_a_branch(self):
        net, desks = self.net, self.desks
        net.say("custody to a branch centre")
        receipts = self.cases(VILLAGE, to=COUNTY)
        for receipt in receipts:
            desks[VILLAGE].act("amend", receipt, "--field", f"{PHONE}=13900000001")
        self.equal()
        self.net.demand("the branch has exchanged, and holds none of the cases", self.has_none(BRANCH, receipts)
                    and net.value(BRANCH, "SELECT count(*) FROM catalog_item") > 0)
        self.cut(VILLAGE)
        for receipt in receipts:
            desks[VILLAGE].act("amend", receipt, "--field", "applicant.address=磨坊路1号")
            desks[COUNTY].act("forward", receipt, "--to", BRANCH)
        net.wait("the branch has the cases", lambda: len(desks[BRANCH].receipts("holder = ?", BRANCH)) == SEVERAL)
        self.net.demand("their history followed", self.has_all(BRANCH, receipts))
        for receipt in receipts:
            desks[BRANCH].act("amend", receipt, "--field", "applicant.address=磨坊路2号")
        self.net.mend(VILLAGE)
        self.equal()
        self.net.demand("what the village had not sent is at the branch", self.has_all(BRANCH, receipts)
                    and self.statuses(BRANCH, "amend", VILLAGE, receipts) == {"merged"})
        conflicts = net.value(BRANCH, "SELECT count(*) FROM case_conflict")
        self.net.demand(f"{conflicts} fields that both wrote are in conflict there", conflicts == SEVERAL)
        for receipt in receipts:
            desks[BRANCH].act("settle", receipt, "--field", "applicant.address=磨坊路1号")
            desks[BRANCH].act("forward", receipt, "--to", COUNTY)
        self.equal()
        self.cut(BRANCH)
        for receipt in receipts:
            desks[COUNTY].act("forward", receipt, "--to", BRANCH)
            # It does not know yet that it has the case again.
            desks[BRANCH].act("withdraw", receipt, contested=True)
        self.net.mend(BRANCH)
        self.equal()
        self.net.demand("granted again, the branch has everything", self.has_all(BRANCH, receipts))
        self.net.demand("what it asked for before it knew waits for it as a request",
                    self.statuses(CITY, "withdraw", BRANCH, receipts) == {"request"})
        for receipt in receipts:
            desks[BRANCH].act("decide", receipt, "granted")

    def closed(self):
        net, desks = self.net, self.desks
        net.say("a village is closed, the one next door goes on")
        receipts = self.cases(CLOSED)
        self.equal()
        self.cut(CLOSED)
        self.end(CLOSED)
        late = self.cases(CLOSED)
        for receipt in receipts:
            desks[CLOSED].act("amend", receipt, "--field", f"{PHONE}=13900000002")
            desks[CLOSED].act("forward", receipt, "--to", COUNTY, contested=True)
            desks[TOWN].act("take-over", receipt, "--text", "该服务点停办")
            desks[TOWN].act("forward", receipt, "--to", VILLAGE)
        net.wait("the village next door has the cases",
                 lambda: set(receipts) <= set(desks[VILLAGE].receipts("holder = ?", VILLAGE)))
        self.net.demand("their history followed", self.has_all(VILLAGE, receipts))
        self.net.mend(CLOSED)
        self.equal()
        self.net.demand("cases that the closed village had not sent are at the city", self.has_all(CLOSED, late))
        self.net.demand("what it wrote is merged", self.statuses(VILLAGE, "amend", CLOSED, receipts) == {"merged"})
        self.net.demand("what it did with what was no longer its own is a proposal, at every node",
                    all(self.statuses(unit, "forward", CLOSED, receipts) == {"proposal.outrun"}
                        for unit in (CITY, COUNTY, TOWN, VILLAGE, CLOSED)))
        for receipt in late:
            desks[TOWN].act("take-over", receipt, "--presumed-lost", "--text", "该服务点停办")
            desks[TOWN].act("forward", receipt, "--to", VILLAGE)
        for receipt in receipts:
            name = next(act["name"] for act in desks[VILLAGE].show(receipt)["trace"]
                        if act["status"] == "proposal.outrun")
            desks[VILLAGE].act("answer", receipt, "--admit", name)
        self.equal()
        self.net.demand("the holder admits them, and the county holds the cases",
                    {net.value(CITY, "SELECT holder FROM service_case WHERE receipt = ?", one)
                     for one in receipts} == {COUNTY})
        self.net.demand("the village next door has all of the other ones", self.has_all(VILLAGE, late))
        for receipt in receipts:
            desks[COUNTY].act("decide", receipt, "granted")

    def merged(self):
        """Its unsent work comes up under another name, as proposals; the same machine is gone in the end."""
        net, desks = self.net, self.desks
        net.say("a village is merged into the one next door")
        receipts = self.cases(MERGED)
        self.equal()
        self.cut(MERGED)
        for receipt in receipts:
            desks[MERGED].act("amend", receipt, "--field", f"{PHONE}=13900000006")
            desks[MERGED].act("forward", receipt, "--to", COUNTY, contested=True)
        late = self.cases(MERGED)
        net.run("node", "cut", "--data", net.data(CITY), f"{MERGED}#1", "--heir", ITS_VILLAGE)
        net.wait("the heir has the cases",
                 lambda: set(receipts) <= set(desks[ITS_VILLAGE].receipts("holder = ?", ITS_VILLAGE)))
        net.demand("their history followed", self.has_all(ITS_VILLAGE, receipts))
        for receipt in receipts:
            desks[ITS_VILLAGE].act("amend", receipt, "--field", "applicant.address=前槐树村1号")
        net.mend(MERGED)
        net.wait("the merged village is refused", lambda: "trust.held" in json.dumps(net.uplink_of(MERGED)))
        net.demand("nothing of what it had not sent is above", self.has_none(CITY, late))
        net.stop(MERGED)
        code = net.run("enroll", "code", "--data", net.data(MOVED_TOWN), MERGED).strip()
        net.run("enroll", "again", "--data", net.data(MERGED), "--code", code)
        net.serve(MERGED)
        net.wait("its unsent work is at the heir and the city", lambda: all(
            self.statuses(unit, action, MERGED, [one]) for unit in (ITS_VILLAGE, CITY)
            for action, cases in (("accept", late), ("forward", receipts)) for one in cases))
        net.demand("all of it is a proposal", all(
            self.statuses(unit, action, MERGED, cases) == {"proposal.cut"} for unit in (ITS_VILLAGE, CITY)
            for action, cases in (("accept", late), ("amend", receipts), ("forward", receipts))))
        self.answer(ITS_VILLAGE, receipts, admits=["amend"], declines=["forward"])
        self.answer(ITS_VILLAGE, late, admits=["accept"])
        self.equal()
        net.demand("the heir admits the acceptances and the field, and declines the rest", all(
            self.statuses(CITY, action, MERGED, cases) == {status} for action, cases, status in (
                ("accept", late, "admitted"), ("amend", receipts, "admitted"), ("forward", receipts, "declined"))))
        for receipt in receipts + late:
            desks[ITS_VILLAGE].act("forward", receipt, "--to", COUNTY)
        net.wait("the county has them",
                 lambda: set(receipts + late) <= set(desks[COUNTY].receipts("holder = ?", COUNTY)))
        for receipt in receipts + late:
            desks[COUNTY].act("decide", receipt, "granted")
        self.equal()
        net.stop(MERGED)
        shutil.rmtree(net.data(MERGED))
        self.end(MERGED)
        self.equal()

    def answer(self, unit, receipts, admits=(), declines=()):
        """The unit answers the proposals of each case, by what they do."""
        for receipt in receipts:
            names = {act["action"]: act["name"] for act in self.desks[unit].show(receipt)["trace"]
                     if act["status"] == "proposal.cut"}
            self.desks[unit].act("answer", receipt, *[f"--admit={names[action]}" for action in admits],
                                 *[f"--decline={names[action]}" for action in declines])

    def a_town_moves(self):
        net, desks = self.net, self.desks
        net.say("a town comes under another county")
        old = self.cases(ITS_VILLAGE) + self.cases(ITS_VILLAGE, to=COUNTY)
        self.equal()
        self.cut(MOVED_TOWN)
        unsent = self.cases(ITS_VILLAGE) + self.cases(MOVED_TOWN)
        for receipt in old[:SEVERAL]:
            desks[ITS_VILLAGE].act("amend", receipt, "--field", f"{PHONE}=13900000003")
        for receipt in old[SEVERAL:]:
            desks[ITS_VILLAGE].act("withdraw", receipt)
        net.wait("all of it is at the town", lambda: net.unconfirmed(ITS_VILLAGE) == 0)
        self.cut(COUNTY)
        for receipt in old[SEVERAL:]:
            desks[COUNTY].act("decide", receipt, "granted")
        self.come_under(MOVED_TOWN, OTHER_COUNTY)
        net.wait("the new county has what the city has", lambda: self.has_all(OTHER_COUNTY, old))
        self.net.demand("so it has before the town has called, whose unsent work is not there",
                        self.has_none(OTHER_COUNTY, unsent))
        net.lines[COUNTY].mend()
        self.net.mend(MOVED_TOWN)
        self.net.mend(COUNTY)
        self.equal()
        self.net.demand("what the town and its village had not sent is at the new county and the city",
                    self.has_all(OTHER_COUNTY, old + unsent))
        self.net.demand("what the old county decided meanwhile stands, and came down by the new one",
                    self.statuses(ITS_VILLAGE, "decide", COUNTY, old[SEVERAL:]) == {"effective"})
        self.net.demand("what the village asked for while the old county held the cases is a request",
                    self.statuses(COUNTY, "withdraw", ITS_VILLAGE, old[SEVERAL:]) == {"request"})
        new = self.cases(ITS_VILLAGE, to=OTHER_COUNTY)
        net.wait("the new county holds new cases",
                 lambda: set(new) <= set(desks[OTHER_COUNTY].receipts("holder = ?", OTHER_COUNTY)))
        for receipt in new:
            desks[OTHER_COUNTY].act("decide", receipt, "granted")
        self.equal()
        self.net.demand("new work goes the new way, and the old county hears nothing of it", self.has_none(COUNTY, new))

    def a_village_moves(self):
        net, desks = self.net, self.desks
        net.say("a village comes under a town of another county")
        old = self.cases(VILLAGE)
        self.equal()
        self.cut(VILLAGE)
        unsent = self.cases(VILLAGE)
        # The town has unsent work on the same cases, and is cut off as well.
        self.cut(TOWN)
        for receipt in old:
            desks[VILLAGE].act("amend", receipt, "--field", f"{PHONE}=13900000004")
            desks[TOWN].act("amend", receipt, "--field", f"{PHONE}=13900000005")
            desks[TOWN].act("take-over", receipt)
            desks[VILLAGE].act("forward", receipt, "--to", COUNTY, contested=True)
        self.come_under(VILLAGE, OTHER_TOWN)
        net.wait("the new town has the history", lambda: self.has_all(OTHER_TOWN, old))
        self.net.mend(VILLAGE)
        net.wait("the new town has what was unsent", lambda: not self.has_none(OTHER_TOWN, unsent[:1]))
        self.net.mend(TOWN)
        self.equal()
        self.net.demand("the new town and the city have all of it", self.has_all(OTHER_TOWN, old + unsent))
        self.net.demand("what the old town took over in time stands, and the village has it",
                    self.statuses(VILLAGE, "takeOver", TOWN, old) == {"effective"})
        self.net.demand("what the village did with those cases is a proposal",
                    self.statuses(CITY, "forward", VILLAGE, old) == {"proposal.outrun"})

    def a_line_that_stays(self):
        """Whoever moves while an exchange is open must not go on telling its former parent."""
        net = self.net
        net.say("a village goes back while its machine still talks to its parent")
        net.run("topology", "move", "--data", net.data(CITY), VILLAGE, "--to", TOWN)
        net.wait("the village knows", lambda: net.value(
            VILLAGE, "SELECT parent FROM unit WHERE code = ?", VILLAGE) == TOWN)
        new = self.cases(VILLAGE)
        time.sleep(3)
        self.net.demand("it tells the former parent nothing more", self.has_none(OTHER_TOWN, new))
        net.parents[VILLAGE] = TOWN
        net.lines[VILLAGE].lead(net.ports[TOWN])
        self.net.mend(VILLAGE)
        self.equal()
        self.net.demand("its new parent hears it", self.has_all(TOWN, new))


def main():
    options = network.arguments(__doc__).parse_args()
    with Network(options, "moves", TREE) as net:
        net.found()
        moves = Moves(net)
        net.wait("the catalog is everywhere", lambda: all(
            net.value(unit, "SELECT count(*) FROM catalog_item") for unit in net.units))
        for act in (moves.to_a_branch, moves.closed, moves.merged, moves.a_town_moves, moves.a_village_moves,
                    moves.a_line_that_stays):
            act()
        net.become_equal()
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
