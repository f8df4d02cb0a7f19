#!/usr/bin/env python3
"""Leads villages' lines through a modem that is cut, behind a portal, and through boxes that keep bytes back.

    badline.py --terrace PATH [--cases 40] [--seed 1]

A city, a county, two towns and four villages serve on loopback. Once all are enrolled, the first village's line goes at
9.6 kbit/s, each way, with 2 s of delay each way; three of ten connections are cut at a random byte of their first 24
KB, and now and then for 20 s every connection is answered by a portal with status 200 and a page. A counter there
hands cases in, and the county decides them as they come. The second village does the same over a good line, for
comparison. The third's line goes through a box that collects what comes, each way, until it has 8 KB or 3 s are over,
and passes it on in a lump; the fourth's through one that holds back what comes down until it has 1 KB, or for 20 s.

When the second village is done, its line is given terms: hours that begin with the next minute and last for one, in
real time, and then a rate of 2,000 bytes a second. Outside the hours nothing may pass, in them everything must, and at
their end the line must be left in good order; the rate must be kept, and used.

The drill looks all the time whether what the towns hold of a village on a bad line ever becomes less, and prints the
bytes that went over all lines. At the end the lines are good, and reckon.py counts.
"""
import collections
import datetime
import os
import socket
import sys
import threading
import time

import network
from boxes import Box
from clients import Desk
from line import Line, hang_up
from network import COUNTY, TOWN, TREE, VILLAGE, Network

NEIGHBOUR = "379902001002"
OTHER_TOWN, LUMPY, HELD_BACK = "379902100", "379902100200", "379902100201"
RATE, DELAY = 1200, 2.0
CUT_SHARE, CUT_WITHIN = 0.3, 24_000
# Of the boxes: bytes that are enough, seconds that are long enough, and whether it keeps what goes up as well.
LUMPS, HOLDING = (8192, 3.0, True), (1024, 20.0, False)
# Terms of a line: bytes a second, and how far it may be off. What is measured is a transfer of some seconds.
TERMS_RATE, OFF, TERMS_CASES = 2000, 0.25, 1200
CHINA = datetime.timezone(datetime.timedelta(hours=8))
# How long a portal holds the line, and how long it leaves it alone, in seconds.
PORTAL, NO_PORTAL = 20, 90
PAGE = b"<html><body>Please log in.</body></html>"
PORTAL_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


class Modem(Line):
    """A line that goes badly once it is spoiled."""

    def __init__(self, to, dice):
        self.dice, self.is_spoiled, self.is_portal = dice, False, False
        self.connections = self.cuts = self.portals = 0
        # When the wire is free again, by direction; all connections share it.
        self.free = {}
        # Bytes that a connection may still carry, both ways together, in a list of one; nothing in it for no bound.
        self.budgets = {}
        super().__init__(to)

    def spoil(self):
        self.is_spoiled = True
        self.hang_up()

    def mend(self):
        self.is_spoiled = self.is_portal = False
        super().mend()

    def carry(self, one, other):
        try:
            upward = one.getsockname()[1] == self.port
        except OSError:
            return self.drop(one, other)
        if upward:
            self.connections += 1
        if self.is_portal:
            return self.answer(one, other) if upward else None
        if not self.is_spoiled:
            return super().carry(one, other)
        with self.lock:
            pair = frozenset((id(one), id(other)))
            if pair not in self.budgets:
                # The first for certain: a quick machine needs few.
                cut = not self.budgets or self.dice.random() < CUT_SHARE
                self.budgets[pair] = [self.dice.randrange(1, CUT_WITHIN) if cut else None]
            budget = self.budgets[pair]
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        wire = collections.deque()
        wake, ended = threading.Condition(), threading.Event()
        arriving = threading.Thread(target=self.arrive, args=(wire, wake, ended, one, other), daemon=True)
        arriving.start()
        try:
            while not ended.is_set() and (piece := one.recv(120)):
                with self.lock:
                    if budget[0] is not None:
                        piece = piece[:budget[0]]
                        budget[0] -= len(piece)
                    now = time.monotonic()
                    start = max(now, self.free.get(upward, now))
                    self.free[upward] = start + len(piece) / RATE
                    self.note(len(piece), upward)
                time.sleep(max(0.0, self.free[upward] - time.monotonic()))
                with wake:
                    wire.append((time.monotonic() + DELAY, piece))
                    wake.notify()
                if budget[0] == 0:
                    with self.lock:
                        self.cuts += one in self.sockets
                    break
            else:
                # What is on the wire still arrives.
                with wake:
                    wire.append((time.monotonic() + DELAY, None))
                    wake.notify()
                arriving.join()
        except OSError:
            pass
        self.drop(one, other)
        ended.set()
        with wake:
            wake.notify()

    def arrive(self, wire, wake, ended, one, other):
        try:
            while True:
                with wake:
                    while not wire and not ended.is_set():
                        wake.wait()
                    if ended.is_set():
                        return
                    due, piece = wire.popleft()
                time.sleep(max(0.0, due - time.monotonic()))
                if piece is None or ended.is_set():
                    return
                other.sendall(piece)
        except OSError:
            ended.set()
            self.drop(one, other)

    def answer(self, one, other):
        self.portals += 1
        try:
            if one.recv(65_536):
                one.sendall(PORTAL_ANSWER)
        except OSError:
            pass
        self.drop(one, other)

    def drop(self, one, other):
        with self.lock:
            self.sockets -= {one, other}
            self.budgets.pop(frozenset((id(one), id(other))), None)
        hang_up(one)
        hang_up(other)


class Lines(Network):
    """The villages dial through modems and boxes."""

    def __init__(self, options):
        super().__init__(options, "badline", TREE + [
            (NEIGHBOUR, TOWN), (OTHER_TOWN, COUNTY), (LUMPY, OTHER_TOWN), (HELD_BACK, OTHER_TOWN)])

    def new_line(self, unit, to):
        if unit == VILLAGE:
            return Modem(to, self.random)
        boxes = {LUMPY: LUMPS, HELD_BACK: HOLDING}
        return Box(to, *boxes[unit]) if unit in boxes else super().new_line(unit, to)

    def play_portal(self, stopping):
        while not stopping.wait(NO_PORTAL):
            self.lines[VILLAGE].is_portal = True
            self.lines[VILLAGE].hang_up()
            self.say(f"a portal holds the line for {PORTAL} s")
            stopping.wait(PORTAL)
            self.lines[VILLAGE].is_portal = False
            self.lines[VILLAGE].hang_up()

    def watch(self, stopping):
        """What has arrived stays."""
        held = dict.fromkeys((VILLAGE, LUMPY, HELD_BACK), 0)
        while not stopping.wait(0.5):
            for unit, before in held.items():
                held[unit] = self.arrived(unit)
                if held[unit] < before:
                    self.problems.append(f"above were {before} change sets of {unit}, and now {held[unit]}")

    def arrived(self, unit):
        """How much of what a unit wrote is with the unit above."""
        return self.value(self.parents[unit], "SELECT count(*) FROM journal JOIN run ON run.id = journal.run"
                          " JOIN author ON author.id = run.author WHERE author.unit = ?", unit)

    # ---- terms --------------------------------------------------------------------------------------------------

    def serve_with(self, unit, *words):
        self.stop(unit)
        self.serve(unit, *words)

    def try_terms(self, desk):
        """Hours, then a rate, at a unit whose line is good."""
        unit, line = desk.unit, self.lines[desk.unit]
        opens = datetime.datetime.now(CHINA).replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
        closes = opens + datetime.timedelta(minutes=1)
        if (opens - datetime.datetime.now(CHINA)).total_seconds() < 8:
            opens, closes = closes, closes + datetime.timedelta(minutes=1)
        hours = f"{opens:%H:%M}-{closes:%H:%M}"
        self.serve_with(unit, "--hours", hours)
        before, held = line.up, self.arrived(unit)
        desk.accept(3)
        time.sleep(max(0.0, opens.timestamp() - time.time() - 1))
        self.demand(f"before the hours {hours} nothing passes", line.up == before and self.arrived(unit) == held)
        self.wait("the work is above in the hours", lambda: self.arrived(unit) >= held + 3, 30)
        self.say(f"in the hours all is above {time.time() - opens.timestamp():.1f} s after they began")
        lost = self.losses(unit)
        time.sleep(max(0.0, closes.timestamp() - time.time() + 5))
        before, held = line.up, self.arrived(unit)
        desk.accept(3)
        time.sleep(5)
        self.demand("behind the hours nothing passes", line.up == before and self.arrived(unit) == held)
        said = self.uplink_of(unit)
        self.demand(f"the line was left in good order: {said.get('code')}",
                    said.get("code") == "link.hours" and self.losses(unit) == lost)
        self.keep_rate(desk)

    def losses(self, unit):
        with open(os.path.join(self.folder, f"{unit}.log"), errors="replace") as file:
            return sum("link lost" in line for line in file)

    def keep_rate(self, desk):
        """Sends a heap at a rate, and measures it."""
        unit, line = desk.unit, self.lines[desk.unit]
        self.serve_with(unit, "--rate", str(TERMS_RATE))
        self.wait("what had to wait is above", lambda: self.unconfirmed(unit) == 0)
        time.sleep(2)
        before, start, held = line.up, time.time(), self.arrived(unit)
        desk.import_file(TERMS_CASES)
        self.wait("the heap is above", lambda: self.arrived(unit) >= held + TERMS_CASES)
        seconds, sent = time.time() - start, line.up - before
        self.say(f"{sent} bytes up in {seconds:.1f} s at a rate of {TERMS_RATE}: {sent / seconds:.0f} a second")
        self.demand("the rate is kept, and used", abs(sent / seconds / TERMS_RATE - 1) <= OFF)
        self.demand("the heap took some seconds", seconds > 5)
        self.serve_with(unit)


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--cases", type=int, default=40)
    options = parser.parse_args()
    # A minute's handshake, and cuts: what a good line does in a second takes its time here.
    options.patience = max(options.patience, 900)
    with Lines(options) as net:
        net.found()
        modem, good, lumpy, holding = lines = [net.lines[unit] for unit in (VILLAGE, NEIGHBOUR, LUMPY, HELD_BACK)]
        bad = (modem, lumpy, holding)
        for line in bad:
            line.spoil()
            line.connections = 0
        before = [(one.up, one.down) for one in lines]
        carried = lambda line: "{} bytes up, {} down".format(
            *(after - was for after, was in zip((line.up, line.down), before[lines.index(line)])))
        net.say(f"the line of {VILLAGE}: {RATE} bytes a second, {DELAY:g} s of delay, the first connection and"
                f" {CUT_SHARE:.0%} of the others cut; those of {LUMPY} and {HELD_BACK} go through boxes")
        desks = {unit: Desk(net, unit) for unit in (NEIGHBOUR, LUMPY, HELD_BACK, VILLAGE)}
        county, stopping = Desk(net, COUNTY), threading.Event()
        deciding = net.beside(county.decide_on, lambda: not stopping.is_set())
        net.beside(net.watch, stopping)
        net.beside(net.play_portal, stopping)
        forward = [{"action": "forward", "target": COUNTY}]
        start = time.time()
        net.join(*[net.beside(desk.accept, options.cases, forward, 3.0) for desk in desks.values()])
        trying = None
        for unit, desk in desks.items():
            net.wait(f"all of {unit} decided there", lambda: desk.receipts("phase != 'decided'") == [])
            net.say(f"all cases of {unit} decided there {time.time() - start:.0f} s after the first was handed in:"
                    f" {carried(net.lines[unit])}")
            trying = trying or net.beside(net.try_terms, desks[NEIGHBOUR])
        stopping.set()
        net.join(deciding)
        net.say(f"bad line: {modem.connections} connections, {modem.cuts} cut, {modem.portals} met the portal")
        for name, box in (("lumps", lumpy), ("held back", holding)):
            net.say(f"{name}: {box.connections} connections, {box.lumps} lumps, {box.kept} of them kept for a while")
        net.demand("connections were cut", modem.cuts > 0)
        if time.time() - start > NO_PORTAL + PORTAL:
            net.demand("the portal was met", modem.portals > 0)
        net.demand("each box kept something back", lumpy.kept > 0 and holding.kept > 0)
        trying.join()
        for line in bad:
            line.mend()
        net.become_equal()
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
