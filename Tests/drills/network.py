"""A network of real nodes on loopback, for drills: a data directory, a port and a server for each unit of a tree.

    options = network.arguments(__doc__).parse_args()
    with Network(options, "storm", TREE) as net:
        net.found()
        ...
        sys.exit(net.conclude())

Nodes are looked at with the sqlite3 module, never with the program that is tried. What the drill itself finds wrong it
adds to `problems`; what clients were told stands in their ledgers (clients.py) and is counted by reckon.py.
"""
import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import reckon
from line import Line

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOPOLOGY = os.path.join(ROOT, "topology/demo.yaml")
CATALOG = os.path.join(ROOT, "fixtures/catalog/items.json")
CITY, COUNTY, TOWN, VILLAGE = "3799", "379902", "379902001", "379902001001"
# Parents before their children; all of these stand in TOPOLOGY.
TREE = [(CITY, None), (COUNTY, CITY), (TOWN, COUNTY), (VILLAGE, TOWN)]
# The exit code of a drill that this machine gives no means for, and which has tried nothing.
SKIPPED = 77
# Signals that ask for the end. What whoever started us has told us to ignore stays ignored.
ASKED = [one for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) != signal.SIG_IGN]
# How long a server has to open its port, or to end when it is asked to, in seconds.
TO_START, TO_STOP = 20, 20


class DrillFailed(Exception):
    """What keeps a drill from going on, in one sentence."""


def arguments(document):
    """What every drill can be told; a drill adds its own."""
    parser = argparse.ArgumentParser(description=document, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--terrace", required=True, help="the program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=int, default=120, help="seconds in which all must become equal")
    parser.add_argument("--keep", action="store_true", help="leave the data directories and ledgers behind")
    return parser


def leave_when_asked():
    """Lets a signal that asks for the end be an exception, so that nothing is left behind; a second changes nothing."""
    def leave(number, _):
        leave_in_peace()
        sys.exit(128 + number)
    for one in ASKED:
        signal.signal(one, leave)


def leave_in_peace():
    """Whoever is leaving already is not asked to: that would leave behind what is not cleaned up yet."""
    for one in ASKED:
        # What is ignored outright would be ignored by each command that is still run, too.
        signal.signal(one, lambda *_: None)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Network:
    def __init__(self, options, name, tree=TREE):
        self.terrace = os.path.abspath(options.terrace)
        self.name, self.patience, self.keep = name, options.patience, options.keep
        self.random = random.Random(options.seed)
        self.folder = tempfile.mkdtemp(prefix=f"terrace-{name}-")
        self.units, self.parents = [unit for unit, _ in tree], dict(tree)
        self.root = self.units[0]
        # All are held open until the last is chosen, else two may be the same.
        doors = {unit: socket.create_server(("127.0.0.1", 0)) for unit in self.units}
        self.ports = {unit: door.getsockname()[1] for unit, door in doors.items()}
        # Each unit's to its parent.
        self.lines = {unit: self.new_line(unit, self.ports[parent]) for unit, parent in tree if parent}
        for door in doors.values():
            door.close()
        self.servers, self.commands = {}, set()
        # Another program than the one that is tried, by unit.
        self.programs = {}
        self.problems = []
        # A unit of which the drill has two machines under one name, and further databases that are reckoned, by name.
        self.cloned, self.others = None, {}
        # Set when the drill is over, in whatever way: what runs beside it ends.
        self.over = threading.Event()
        # Who crashes is gone at once, as where there is no toolchain, which would first look at it for half a minute.
        os.environ.setdefault("SWIFT_BACKTRACE", "enable=no")
        print(f"drill {name}, seed {options.seed}, {len(tree)} nodes", flush=True)

    def new_line(self, unit, to):
        """The line of a unit to a port, its parent's."""
        return Line(to)

    def __enter__(self):
        leave_when_asked()
        return self

    def __exit__(self, kind, error, _):
        leave_in_peace()
        self.over.set()
        self.stop_all()
        for line in self.lines.values():
            line.close()
        if self.keep:
            print(f"kept {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        if error:
            self.tell_problems()
        if isinstance(error, DrillFailed):
            print(f"drill {self.name} failed: {error}")
            raise SystemExit(1)

    def say(self, text):
        """What is done to the machines, as it is done."""
        print(f"  {text}", flush=True)

    # ---- files --------------------------------------------------------------------------------------------------

    def data(self, unit):
        return os.path.join(self.folder, unit)

    @property
    def ledgers(self):
        return os.path.join(self.folder, "ledgers")

    def log(self, name):
        """A file of the drill's folder, to append to."""
        return open(os.path.join(self.folder, name), "a")

    def last_words(self, name):
        with contextlib.suppress(OSError), open(os.path.join(self.folder, name), errors="replace") as file:
            return file.read()[-500:]
        return ""

    # ---- commands -----------------------------------------------------------------------------------------------

    def program(self, words):
        """The program of the unit whose data directory is among the words."""
        units = [unit for unit in self.programs if self.data(unit) in words]
        return self.programs[units[0]] if units else self.terrace

    def attempt(self, *words, **options):
        """`terrace WORDS`, whatever it says. A crash is no answer."""
        done = subprocess.run([self.program(words), *words], capture_output=True, text=True, **options)
        if done.returncode < 0:
            raise DrillFailed(f"terrace {' '.join(words)} died of signal {-done.returncode}: {done.stderr[-500:]}")
        return done

    def run(self, *words):
        """`terrace WORDS`; its output."""
        done = self.attempt(*words)
        if done.returncode != 0:
            raise DrillFailed(f"terrace {' '.join(words)}: {done.stderr}{done.stdout}")
        return done.stdout

    def start(self, words, log, **options):
        """`terrace WORDS` as a process of its own, whose complaints go to a log."""
        with self.log(log) as file:
            process = subprocess.Popen([self.program(words), *words], stderr=file, **options)
        self.commands.add(process)
        return process

    # ---- nodes --------------------------------------------------------------------------------------------------

    def found(self, topology=TOPOLOGY):
        """Founds the network at the root, enrolls everybody, and serves them all."""
        self.run("init", "--data", self.data(self.root), "--network", "drill", "--unit", self.root,
                 "--name", "滨湖市", "--listen", self.address(self.root))
        self.run("topology", "import", "--data", self.data(self.root), topology)
        self.run("catalog", "import", "--data", self.data(self.root), CATALOG)
        self.serve(self.root)
        for unit in self.units[1:]:
            self.enroll(unit)
            self.serve(unit)

    def enroll(self, unit):
        parent = self.parents[unit]
        code = self.run("enroll", "code", "--data", self.data(parent), unit).strip()
        self.run("enroll", "join", "--data", self.data(unit), "--unit", unit, "--code", code,
                 "--parent", self.uplink(unit), "--listen", self.address(unit))

    def address(self, unit):
        return f"127.0.0.1:{self.ports[unit]}"

    def uplink(self, unit):
        """Where a unit dials: its line."""
        return f"127.0.0.1:{self.lines[unit].port}"

    def serve(self, unit, *words, wait=True):
        """Starts the server of a unit, with further words of the command if there are any."""
        before = self.servers.get(unit)
        if before and before.poll() is not None:
            self.judge_end(unit, before)
        with self.log(f"{unit}.log") as log:
            words = ["serve", "--data", self.data(unit), *words]
            self.servers[unit] = subprocess.Popen(
                [self.program(words), *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        if wait:
            self.reachable(unit)

    def reachable(self, unit):
        until = time.time() + TO_START
        while time.time() < until:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.ports[unit])) == 0:
                    return
            if self.servers[unit].poll() is not None:
                break
            time.sleep(0.05)
        raise DrillFailed(f"the server of {unit} does not listen: {self.last_words(f'{unit}.log')}")

    def is_up(self, unit):
        return unit in self.servers and self.servers[unit].poll() is None

    def stop(self, unit):
        """In good order."""
        self.end({unit: self.servers.pop(unit)})

    def mend(self, unit):
        """The line of a unit is good again. Who was sent away often dials seldom; a start dials at once."""
        self.lines[unit].mend()
        self.stop(unit)
        self.serve(unit)

    def kill(self, unit):
        """With -9; its server is none any more."""
        process = self.servers.pop(unit)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop_all(self):
        self.end(self.servers, self.commands)
        self.servers, self.commands = {}, set()

    def end(self, servers, commands=()):
        """Servers by unit. One that had ended by itself, or does not end in good order, is a problem of the drill."""
        processes = [*servers.values(), *commands]
        dead = [unit for unit, process in servers.items() if process.poll() is not None]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        for process in processes:
            try:
                process.wait(TO_STOP)
            except subprocess.TimeoutExpired:
                self.problems.append(f"process {process.pid} did not stop when it was asked to")
                process.kill()
                process.wait()
        for unit, process in servers.items():
            self.judge_end(unit, process, was_asked=unit not in dead)

    def judge_end(self, unit, process, was_asked=False):
        """A server that nobody has asked to end so is a problem of the drill; one that was killed has not chosen to."""
        if process.returncode == -signal.SIGKILL or was_asked and process.returncode in (0, -signal.SIGTERM):
            return
        self.problems.append(f"the server of {unit} ended by itself or badly, with {process.returncode}:"
                             f" {self.last_words(f'{unit}.log')}")

    # ---- looking ------------------------------------------------------------------------------------------------

    def query(self, unit, sql, *values):
        """Rows from a unit's database, which may be written to meanwhile."""
        for _ in range(200):
            try:
                with contextlib.closing(reckon.open_database(self.data(unit))) as db:
                    return db.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                last = error
                time.sleep(0.05)
        raise DrillFailed(f"the database of {unit} cannot be read: {last}")

    def value(self, unit, sql, *values):
        """The first cell."""
        return self.query(unit, sql, *values)[0][0]

    def report(self, unit, *words):
        """What a node says of itself, by a command whose report is JSON."""
        done = self.attempt(*words, "--data", self.data(unit), "--format", "json")
        if not done.stdout:
            raise DrillFailed(f"terrace {' '.join(words)} at {unit}: {done.stderr}")
        return json.loads(done.stdout)

    def uplink_of(self, unit):
        """How a node's line to its parent stands, as the node says it."""
        return self.report(unit, "status").get("uplink") or {}

    def findings(self, unit):
        """The codes of what the doctor finds."""
        return {one["code"] for one in self.report(unit, "doctor")["findings"]}

    def forks(self, unit):
        """Where a node has seen two machines work under one name."""
        return self.report(unit, "node", "forks")

    def stands(self, unit, action):
        """Whether a node holds acts of this kind, and every one of them is in effect."""
        statuses = {status for status, in self.query(
            unit, "SELECT DISTINCT status FROM case_action WHERE action = ?", action)}
        return statuses and statuses <= set(reckon.STANDS)

    def unconfirmed(self, unit):
        """How many change sets of a unit's node the node above has not confirmed."""
        parent = self.parents[unit]
        return self.value(
            unit, "WITH above AS (SELECT id FROM peer WHERE unit = ?) SELECT count(*) FROM journal WHERE feed = 2"
            " AND (source IS NULL OR source NOT IN above) AND position > (SELECT coalesce(max(sent_position), 0)"
            " FROM peer_cursor WHERE feed = 2 AND peer IN above)", parent) if parent else 0

    def wait(self, what, condition, patience=None):
        """Until something is so. Returns the seconds that it took."""
        start = time.time()
        while not condition():
            # What ran beside has failed, and with it what is waited for.
            if self.over.is_set() and self.problems:
                raise DrillFailed(self.problems[-1])
            if time.time() - start > (patience or self.patience):
                raise DrillFailed(f"not in {patience or self.patience} s: {what}")
            time.sleep(0.1)
        return time.time() - start

    def demand(self, what, is_so):
        """What must be so; what is not is a problem of the drill."""
        self.say(f"{'[ok]' if is_so else '[NOT SO]'} {what}")
        if not is_so:
            self.problems.append(what)

    # ---- beside -------------------------------------------------------------------------------------------------

    def beside(self, work, *values):
        """Work in a thread. If it fails, in any way, that is a problem of the drill and ends what runs beside it."""
        def guarded():
            try:
                work(*values)
            except BaseException as error:
                self.problems.append(f"{work.__name__}: {error!r}")
                self.over.set()
        thread = threading.Thread(target=guarded, name=work.__name__, daemon=True)
        thread.start()
        return thread

    def join(self, *threads):
        for thread in threads:
            thread.join(self.patience)
            if thread.is_alive():
                self.problems.append(f"{thread.name} did not end")

    # ---- the end ------------------------------------------------------------------------------------------------

    def databases(self):
        """Those that are reckoned, by the name under which the reckoning speaks of them: all nodes there are."""
        own = {unit: self.data(unit) for unit in self.units if os.path.exists(self.data(unit))}
        return own | self.others

    def become_equal(self, since=None):
        """Waits until the reckoning finds no difference; a difference that stays is told by `conclude`."""
        start = since or time.time()
        while reckon.Reckoning(self.ledgers, self.databases(), self.cloned).differences:
            if time.time() - start > self.patience:
                self.problems.append("the nodes did not become equal in time")
                return
            time.sleep(0.5)
        self.say(f"equal after {time.time() - start:.1f} s")

    def tell_problems(self):
        for problem in self.problems[:20]:
            print(f"problem: {problem}")

    def conclude(self):
        """Stops everything in good order and lets reckon.py count, as a program of its own. Returns the exit code."""
        self.over.set()
        self.stop_all()
        words = [f"--data={name}={folder}" for name, folder in self.databases().items()]
        words += [f"--cloned={self.cloned}"] if self.cloned else []
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reckon.py")
        self.tell_problems()
        sys.stdout.flush()
        code = subprocess.run([sys.executable, script, "--ledgers", self.ledgers, *words]).returncode
        return 1 if self.problems else code
