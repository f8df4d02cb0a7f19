#!/usr/bin/env python3
"""Kills processes of four nodes while cases flow, and counts with SQLite what became of what was confirmed.

    kill.py --terrace PATH [--kills 100] [--seed 1]

A city, a county, a town and a village serve on loopback. A client feeds cases to `terrace case import -` at the village
and writes down every confirmation; another decides at the county and writes down every decision that was confirmed.
Meanwhile `kill -9` hits one of the servers, the import or the deciding command; what was hit starts again. Most kills
wait for a moment in which the victim writes, the others come at any. The victim is stopped, looked at, and killed as it
stands, so that what is counted is what was:

    a server with data under way: it held the write lock of its database, its write-ahead log had been written to
    within the last 50 ms, or change sets of its node were not confirmed by the node above
    a command in a transaction: it held the write lock itself
    neither: a connection to a neighbour was open, or nothing at all

At the end all lines are good, and reckon.py holds the ledgers against the four databases. Ends with 0 when it finds no
difference, when something was confirmed, and when three kills in ten (of a hundred or more, thirty) hit data under way
or a transaction. Needs Linux, for /proc/locks.
"""
import os
import signal
import sys
import threading
import time

import network
from clients import Desk
from network import CITY, COUNTY, TOWN, VILLAGE, DrillFailed, Network

# Byte of a database's -shm that whoever writes has locked (sqlite.org/walformat.html, "WAL_WRITE_LOCK").
WRITE_LOCK = "120"
# How long ago a write counts as just now, in seconds.
JUST_NOW = 0.05
WRITING, UNCONFIRMED, IN_TRANSACTION, CONNECTED, QUIET = (
    "server writing", "server with unconfirmed work", "command in a transaction", "idle connection only", "quiet")


class Killer:
    """Chooses a victim, waits for its moment, kills it, and starts it again if it is a server."""

    def __init__(self, net, commands):
        """`commands`: the desks whose commands are victims, too, by what they do."""
        self.net, self.commands = net, commands
        self.moments = dict.fromkeys([WRITING, UNCONFIRMED, IN_TRANSACTION, CONNECTED, QUIET], 0)
        self.kills = {}

    def is_connected(self, pid):
        """Whether a server has a connection to or from a neighbour open at this moment."""
        try:
            sockets = {os.readlink(f"/proc/{pid}/fd/{fd}")[8:-1] for fd in os.listdir(f"/proc/{pid}/fd")
                       if os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")}
            with open(f"/proc/{pid}/net/tcp") as table:
                return any(line.split()[9] in sockets and line.split()[3] == "01" for line in list(table)[1:])
        except OSError:
            return False

    def holds_lock(self, pid, unit):
        """Whether a process is inside a transaction that writes to a unit's database. Looking does not disturb it."""
        try:
            inode = str(os.stat(f"{self.net.data(unit)}/replica.sqlite-shm").st_ino)
        except OSError:
            return False
        with open("/proc/locks") as table:
            rows = [line.split() for line in table]
        return any(row[3:5] == ["WRITE", str(pid)] and row[5].endswith(f":{inode}") and row[6] == WRITE_LOCK
                   for row in rows if len(row) == 8)

    def log_state(self, unit):
        """Changes when the write-ahead log is written to; from its beginning again it does not grow."""
        try:
            state = os.stat(f"{self.net.data(unit)}/replica.sqlite-wal")
            return state.st_size, state.st_mtime_ns
        except OSError:
            return None

    def victim(self, name):
        process = self.commands[name].process if name in self.commands else self.net.servers.get(name)
        return process if process and process.poll() is None else None

    def writes_alone(self, name):
        """Whether what is written at the unit is written by its server: elsewhere commands write, too."""
        return name in (CITY, TOWN)

    def wait_for_writing(self, name, unit, patience):
        """Looks several times in a millisecond whether the victim writes, until it does or the patience ends.

        Returns the process, if it is still there, and when the log of its database was last written to."""
        state, written, until = self.log_state(unit), 0, time.time() + patience
        while True:
            process, before = self.victim(name), state
            state = self.log_state(unit)
            if state != before:
                written = time.time()
            if process and (self.holds_lock(process.pid, unit) or (self.writes_alone(name) and state != before)):
                return process, written
            if time.time() > until:
                return process, written
            time.sleep(0.0002)

    def kill_once(self):
        name = self.net.random.choice([CITY, COUNTY, TOWN, VILLAGE, VILLAGE, "import", "decide"])
        unit = self.commands[name].unit if name in self.commands else name
        if self.net.random.random() < 0.85:
            process, written = self.wait_for_writing(name, unit, patience=2)
        else:
            process, written = self.victim(name), 0
        if process is None:
            if name in self.net.servers:
                raise DrillFailed(f"the server of {unit} ended by itself: {self.net.last_words(f'{unit}.log')}")
            return False
        waits = name in self.net.servers and self.net.unconfirmed(unit) > 0
        # It stands still while it is looked at.
        process.send_signal(signal.SIGSTOP)
        is_writing = self.holds_lock(process.pid, unit)
        if name not in self.net.servers:
            moment = IN_TRANSACTION if is_writing else QUIET
        elif is_writing or (self.writes_alone(name) and time.time() - written < JUST_NOW):
            moment = WRITING
        else:
            moment = UNCONFIRMED if waits else CONNECTED if self.is_connected(process.pid) else QUIET
        process.send_signal(signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            return False
        self.moments[moment] += 1
        self.kills[name] = self.kills.get(name, 0) + 1
        if name in self.net.servers:
            time.sleep(self.net.random.uniform(0, 0.4))
            self.net.serve(unit, wait=False)
        return True


def main():
    parser = network.arguments(__doc__)
    parser.add_argument("--kills", type=int, default=100)
    options = parser.parse_args()
    with Network(options, "kill") as net:
        net.found()
        counter, county = Desk(net, VILLAGE), Desk(net, COUNTY)
        killer = Killer(net, {"import": counter, "decide": county})
        net.say(f"item {counter.application.item}; {options.kills} kills")
        stopping = threading.Event()
        goes_on = lambda: not stopping.is_set()
        threads = [net.beside(counter.hand_in, goes_on, [{"action": "forward", "target": COUNTY}]),
                   net.beside(county.decide_on, goes_on)]
        done = 0
        while done < options.kills and not net.over.is_set():
            time.sleep(net.random.uniform(0.05, 0.6))
            done += killer.kill_once()
        stopping.set()
        net.join(*threads)
        net.become_equal()
        net.say(f"killed {done}: {killer.kills}; "
                + ", ".join(f"{what} {n}" for what, n in killer.moments.items()))
        inside = sum(killer.moments[moment] for moment in (WRITING, UNCONFIRMED, IN_TRANSACTION))
        net.demand(f"{inside} kills hit data under way or a transaction", inside >= min(30, options.kills * 3 // 10))
        net.demand("cases were confirmed, and decided", counter.confirmed and county.decided)
        return net.conclude()


if __name__ == "__main__":
    sys.exit(main())
