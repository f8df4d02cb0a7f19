#!/usr/bin/env python3
"""Lets a county with three villages work for three weeks with its lines cut and its machines switched off at random.

    unplugged.py --terrace PATH [--days 21] [--seed 1]

A city, a county, two towns and three villages; each unit's line to its parent can be cut. Every day other lines are
cut, one village has none for two weeks, and the county none to the city in the second; machines are switched off at
night, in good order or by pulling the plug, and some of them only start again a day later. Meanwhile villages accept
cases and hand some to the county, the county decides and delivers, villages ask for cases back, and both write the same
fields of the same cases; on the last evening nobody has a line, and everybody writes to half of the cases they know. A
day has some seconds; legal days are those of the three weeks before today.

Then all lines are good, and nobody works. reckon.py says whether every node came to the same, conflicts and all. After
that the holders settle every conflict and answer every request, and it counts again.
"""
import datetime
import random
import sys
import time

import network
from clients import Desk
from network import CITY, COUNTY, TOWN, VILLAGE, Network

OTHER_TOWN = "379902100"
VILLAGES = [VILLAGE, "379902001002", "379902100200"]
# The last of the villages has no line in the first two weeks.
REMOTE = VILLAGES[-1]
TREE = [(CITY, None), (COUNTY, CITY), (TOWN, COUNTY), (OTHER_TOWN, COUNTY), (VILLAGES[0], TOWN), (VILLAGES[1], TOWN),
        (REMOTE, OTHER_TOWN)]
PHONE, ADDRESS = "applicant.phone", "applicant.address"
# How many of the latest cases a desk thinks of: few enough that village and county meet.
RECENT = 8


class Clerk(Desk):
    """One day's work at a unit, by its own dice."""

    def __init__(self, net, unit, seed):
        super().__init__(net, unit)
        self.dice = random.Random(f"{seed}/{unit}")
        self.refused = 0

    def one_in(self, number):
        return self.dice.randrange(number) == 0

    def some(self, most, condition="1", *values):
        receipts = self.receipts(condition, *values)[-RECENT:]
        return self.dice.sample(receipts, min(len(receipts), self.dice.randint(0, most)))

    def do(self, day, action, receipt, *words):
        self.refused += not self.ask(action, receipt, *words, "--day", day)

    def write(self, day):
        """Into fields that others write, too."""
        village = self.dice.choice(VILLAGES) if self.unit == COUNTY else self.unit
        for receipt in self.some(4, "accepted_by = ?", village):
            self.write_to(receipt, day)

    def write_to(self, receipt, day):
        field, value = self.dice.choice([
            (PHONE, f"139{self.dice.randrange(10 ** 8):08}"), (ADDRESS, f"{self.dice.randrange(100)}号")])
        self.do(day, "amend", receipt, "--field", f"{field}={value}")

    def write_to_many(self, day):
        for receipt in self.receipts("phase != 'withdrawn'")[::2]:
            self.write_to(receipt, day)

    def at_village(self, day):
        for _ in range(self.dice.randint(1, 3)):
            actions = [{"action": "forward", "target": COUNTY, "day": day}] if self.one_in(2) else []
            self.accept(actions=actions, day=day)
        for receipt in self.some(1, "phase = 'accepted' AND holder = ?", self.unit):
            self.do(day, "forward", receipt, "--to", COUNTY)
        # What the county holds is a request.
        for receipt in self.some(1, "phase = 'accepted'"):
            self.do(day, "withdraw", receipt, "--text", "申请人撤回")
        self.write(day)

    def at_county(self, day):
        self.write(day)
        for receipt in self.some(5, "phase = 'accepted' AND holder = ?", self.unit):
            self.do(day, "decide", receipt, "granted")
        for receipt in self.some(2, "phase = 'decided' AND holder = ?", self.unit):
            self.do(day, "deliver", receipt)
        if self.one_in(3):
            self.clear_up(1, day)

    def clear_up(self, most, day):
        """Settles conflicts and answers requests of so many cases that the unit holds. Returns how many there were."""
        receipts = self.receipts("conflicts + requests > 0 AND holder = ?", self.unit)[:most]
        for receipt in receipts:
            case = self.show(receipt)
            words = [f"--field={conflict['field']}={conflict['chosen']}" for conflict in case["conflicts"]]
            if words:
                self.do(day, "settle", receipt, *words)
            for act in case["trace"]:
                if act["status"] == "request" or act["status"].startswith("proposal."):
                    self.do(day, "answer", receipt, "--decline", act["name"], "--text", "已决定")
        return len(receipts)


class Weeks:
    """What happens to lines and machines."""

    def __init__(self, net):
        self.net, self.cuts, self.stops, self.kills = net, 0, 0, 0
        self.cut_now = set()

    def morning(self, day):
        for unit, line in self.net.lines.items():
            is_cut = ((unit == REMOTE and day < 14) or (unit == COUNTY and 7 <= day < 14)
                      or self.net.random.random() < 0.5)
            if is_cut and unit not in self.cut_now:
                self.cuts += 1
                self.cut_now.add(unit)
                line.cut()
            elif not is_cut and unit in self.cut_now:
                self.cut_now.discard(unit)
                line.mend()
        for unit in self.net.units:
            if not self.net.is_up(unit) and self.net.random.random() < 0.7:
                self.net.serve(unit)

    def cut_all(self):
        for line in self.net.lines.values():
            line.cut()

    def evening(self):
        for unit in self.net.units:
            chance = self.net.random.random()
            if not self.net.is_up(unit) or chance > 0.35:
                continue
            if chance < 0.15:
                self.kills += 1
                self.net.kill(unit)
            else:
                self.stops += 1
                self.net.stop(unit)

    def over(self):
        for line in self.net.lines.values():
            line.mend()
        # Who was sent away often dials seldom; a start dials at once.
        for unit in self.net.units:
            if self.net.is_up(unit):
                self.net.stop(unit)
            self.net.serve(unit)


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--seconds", type=float, default=2, help="that a day lasts at least")
    options = parser.parse_args()
    with Network(options, "unplugged", TREE) as net:
        net.found()
        clerks = {unit: Clerk(net, unit, options.seed) for unit in [COUNTY, *VILLAGES]}
        net.wait("the catalog is everywhere", lambda: all(
            net.value(unit, "SELECT count(*) FROM catalog_item") for unit in VILLAGES))
        weeks = Weeks(net)
        first = datetime.date.today() - datetime.timedelta(days=options.days)
        for number in range(options.days):
            day = (first + datetime.timedelta(days=number)).isoformat()
            until = time.time() + options.seconds
            weeks.morning(number)
            net.join(net.beside(clerks[COUNTY].at_county, day),
                     *(net.beside(clerks[unit].at_village, day) for unit in VILLAGES))
            if net.over.is_set():
                break
            time.sleep(max(0, until - time.time()))
            weeks.evening()
            if number % 7 == 6:
                net.say(f"day {number + 1}: {sum(len(clerk.confirmed) for clerk in clerks.values())} cases confirmed,"
                        f" {net.value(CITY, 'SELECT count(*) FROM service_case')} at the city,"
                        f" unsent {', '.join(f'{net.unconfirmed(unit)} at {unit}' for unit in net.units[1:])}")
        net.say(f"lines cut {weeks.cuts} times, machines switched off {weeks.stops} times, plugs pulled"
                f" {weeks.kills} times, acts refused for how the case stood {sum(c.refused for c in clerks.values())}")
        # On the last day nobody has a line, and everybody writes to half of the cases they know.
        weeks.cut_all()
        net.join(*(net.beside(clerk.write_to_many, day) for clerk in clerks.values()))
        mended = time.time()
        weeks.over()
        net.become_equal(mended)
        conflicts = net.value(CITY, "SELECT count(*) FROM case_conflict")
        requests = net.value(CITY, "SELECT sum(requests) FROM service_case")
        net.demand(f"{conflicts} conflicts and {requests} requests, alike at every node", conflicts and requests)
        today = datetime.date.today().isoformat()
        rounds = 0
        while any(clerk.clear_up(10_000, today) for clerk in clerks.values()) and rounds < 5:
            net.become_equal()
            rounds += 1
        left = net.value(CITY, "SELECT count(*) FROM service_case WHERE conflicts + requests > 0")
        net.demand(f"settled and answered by the holders in {rounds} rounds, {left} cases left", left == 0)
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
