#!/usr/bin/env python3
"""Leads a village's line through a modem that is cut, and behind a portal, and looks what it costs.

    badline.py --terrace PATH [--cases 40] [--seed 1]

A city, a county, a town and two villages serve on loopback. Once all are enrolled, the first village's line goes at
9.6 kbit/s, each way, with 2 s of delay each way; three of ten connections are cut at a random byte of their first 24
KB, and now and then for 20 s every connection is answered by a portal with status 200 and a page. A counter there
hands cases in, and the county decides them as they come. The second village does the same over a good line, for
comparison.

The drill looks all the time whether what the town holds of the village ever becomes less, and prints the bytes that went
over both lines. At the end the line is good, and reckon.py counts.
"""
import collections
import socket
import sys
import threading
import time

import network
from clients import Desk
from line import Line, hang_up
from network import CITY, COUNTY, TOWN, TREE, VILLAGE, Network

NEIGHBOUR = "379902001002"
RATE, DELAY = 1200, 2.0
CUT_SHARE, CUT_WITHIN = 0.3, 24_000
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
                cut = self.dice.random() < CUT_SHARE
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
    """The villages dial through modems."""

    def __init__(self, options):
        super().__init__(options, "badline", TREE + [(NEIGHBOUR, TOWN)])
        for unit in (VILLAGE, NEIGHBOUR):
            self.lines[unit].close()
            self.lines[unit] = Modem(self.ports[TOWN], self.random)

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
        held = 0
        while not stopping.wait(0.5):
            now = self.value(TOWN, "SELECT count(*) FROM journal JOIN run ON run.id = journal.run"
                             " JOIN author ON author.id = run.author WHERE author.unit = ?", VILLAGE)
            if now < held:
                self.problems.append(f"the town held {held} change sets of the village, and now {now}")
            held = now


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--cases", type=int, default=40)
    options = parser.parse_args()
    # A minute's handshake, and cuts: what a good line does in a second takes its time here.
    options.patience = max(options.patience, 900)
    with Lines(options) as net:
        net.found()
        modem, good = net.lines[VILLAGE], net.lines[NEIGHBOUR]
        modem.spoil()
        before = [(one.up, one.down) for one in (modem, good)]
        modem.connections = 0
        net.say(f"the line of {VILLAGE}: {RATE} bytes a second, {DELAY:g} s of delay, {CUT_SHARE:.0%} of connections cut")
        counter, neighbour, county = Desk(net, VILLAGE), Desk(net, NEIGHBOUR), Desk(net, COUNTY)
        stopping = threading.Event()
        deciding = net.beside(county.decide_on, lambda: not stopping.is_set())
        net.beside(net.watch, stopping)
        net.beside(net.play_portal, stopping)
        forward = [{"action": "forward", "target": COUNTY}]
        start = time.time()
        working = [net.beside(desk.accept, options.cases, forward, 3.0) for desk in (counter, neighbour)]
        net.join(*working)
        for desk in (neighbour, counter):
            net.wait(f"all of {desk.unit} decided there", lambda: desk.receipts("phase != 'decided'") == [])
            net.say(f"all cases of {desk.unit} decided there {time.time() - start:.0f} s after the first was handed in")
        stopping.set()
        net.join(deciding)
        (up, down), (good_up, good_down) = [
            (one.up - was[0], one.down - was[1]) for one, was in zip((modem, good), before)]
        net.say(f"bad line: {up} bytes up, {down} down; {modem.connections} connections, {modem.cuts} cut,"
                f" {modem.portals} met the portal")
        net.say(f"good line, the same work: {good_up} bytes up, {good_down} down")
        if not modem.cuts:
            net.problems.append("no connection was cut, so nothing was tried")
        modem.mend()
        net.become_equal()
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
