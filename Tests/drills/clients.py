"""Clients of a drill: a desk at a unit, where cases are handed in and decided, and its ledger of what was confirmed."""
import json
import os
import signal
import subprocess
import threading
import time

from network import CATALOG, COUNTY, VILLAGE, DrillFailed

# Ends of a command, none of them by a kill, after which the drill is given up: of an import in all, of decisions in
# a row.
TRIES = 5
# What a village does with a case that is for the county.
FORWARD = [{"action": "forward", "target": COUNTY}]
# A process that died of another signal has crashed.
KILLS = (-signal.SIGKILL, -signal.SIGTERM)


class Ledger:
    """A file of JSON lines (reckon.py says what they mean)."""

    def __init__(self, net, name):
        os.makedirs(net.ledgers, exist_ok=True)
        self.file = open(os.path.join(net.ledgers, f"{name}.jsonl"), "a")
        self.lock = threading.Lock()

    def note(self, did, mark, **facts):
        line = {"did": did, "mark": mark, "at": round(time.time(), 3), **facts}
        with self.lock:
            self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.file.flush()


class Application:
    """What an applicant hands in: the first item that one tier accepts and another decides, with all it asks for."""

    def __init__(self, accepted_by="village", decided_by="county"):
        with open(CATALOG) as file:
            items = json.load(file)
        fitting = [item for item in items
                   if accepted_by in item.get("acceptedBy", []) and item.get("decidedBy") == decided_by]
        if not fitting:
            raise DrillFailed(f"no item that a {accepted_by} accepts and a {decided_by} decides")
        self.item = fitting[0]["code"]
        self.materials = [material["id"] for material in fitting[0].get("materials", [])]
        self.form = {f"form.{field['name']}": sample(field)
                     for field in fitting[0].get("form", []) if field.get("required")}

    def line(self, mark, actions=(), day=None):
        """A line for `terrace case import`, by an actor of its own."""
        fields = {"applicant.name": mark, "applicant.phone": "13900001111", **self.form}
        line = {"id": mark, "item": self.item, "actor": mark, "fields": fields, "materials": self.materials,
                "actions": [{"actor": mark, **one} for one in actions]}
        return json.dumps(line | {"day": day} if day else line)


def targets(actions):
    """The units that a case is handed on to when it is accepted."""
    return [action["target"] for action in actions if "target" in action]


def sample(field):
    """A value that a required field takes."""
    kind = field.get("kind", "text")
    if field.get("choices"):
        return field["choices"][0]
    return {"number": "1", "date": "2026-01-02", "idNumber": "371602190101010014", "phone": "13900001111",
            "creditCode": "11371600900000014U"}.get(kind, "测试内容")


class Desk:
    """Works at one unit's node with the program's commands, which may be killed while they run (`process`)."""

    def __init__(self, net, unit, application=None, name=None, folder=None):
        """`folder`: data directory of the machine, where it is not the unit's own."""
        self.net, self.unit, self.name = net, unit, name or unit
        self.folder = folder or net.data(unit)
        self.application = application or Application()
        self.ledger = Ledger(net, self.name)
        self.number, self.process = 0, None
        # Receipts by mark; empty where the confirmation said only that the case had been taken before.
        self.confirmed, self.decided = {}, []

    def new_mark(self, kind):
        self.number += 1
        return f"{kind}-{self.name}-{self.number}"

    # ---- cases --------------------------------------------------------------------------------------------------

    def accept(self, count=1, actions=(), pause=0.0, day=None):
        """Hands in so many cases and has them all confirmed. Returns their receipts."""
        before = len(self.confirmed)
        self.hand_in(lambda: len(self.confirmed) - before < count, actions, pause, day)
        return list(self.confirmed.values())[before:]

    def hand_in(self, goes_on, actions=(), pause=0.01, day=None):
        """Feeds a case at a time to `terrace case import -`, as long as `goes_on()`; legal day today, unless said.

        Where the import was killed, what was not confirmed is given again, under its name."""
        waiting, failures = [], 0
        while (goes_on() or waiting) and not self.net.over.is_set():
            self.process = self.net.start(
                ["case", "import", "--data", self.folder, "-", "--group", "1", "--format", "json"],
                f"import-{self.name}.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            try:
                again = list(waiting)
                while (again or goes_on()) and not self.net.over.is_set():
                    if again:
                        mark = again.pop(0)
                    else:
                        mark = self.new_mark("case")
                        waiting.append(mark)
                        self.ledger.note("give", mark, unit=self.unit)
                    if not self.feed(mark, actions, day):
                        break
                    waiting.remove(mark)
                    time.sleep(pause)
            except BrokenPipeError:
                pass
            self.let_go()
            self.note_crash("import")
            failures += self.process.returncode not in KILLS
            if failures == TRIES:
                raise DrillFailed(f"the import fails again and again: {self.net.last_words(f'import-{self.name}.log')}")

    def feed(self, mark, actions, day):
        """Whether the import confirmed the case before it ended."""
        self.process.stdin.write(self.application.line(mark, actions, day) + "\n")
        self.process.stdin.flush()
        text = self.process.stdout.readline()
        if not text.endswith("\n"):
            return False
        answer = json.loads(text)
        if answer["result"] == "refused":
            raise DrillFailed(f"refused: {answer}")
        self.note_accepted(mark, answer.get("receipt") or self.confirmed.get(mark) or "", actions)
        return True

    def let_go(self):
        """Ends the import at once: whatever it confirmed is on disk."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        self.net.commands.discard(self.process)

    def note_crash(self, action):
        """If the command that has ended was not ended from outside."""
        if self.process.returncode < 0 and self.process.returncode not in KILLS:
            self.net.problems.append(f"{action} at {self.unit} died of signal {-self.process.returncode}:"
                                     f" {self.net.last_words(f'{action}-{self.name}.log')}")

    def import_file(self, count, actions=()):
        """Hands in so many cases from a file, in groups, with one command."""
        file, marks = os.path.join(self.net.folder, f"{self.name}.cases"), [self.new_mark("case") for _ in range(count)]
        with open(file, "w") as lines:
            for mark in marks:
                self.ledger.note("give", mark, unit=self.unit)
                lines.write(self.application.line(mark, actions) + "\n")
        answers = self.net.run("case", "import", "--data", self.folder, "--format", "json", file)
        for answer in map(json.loads, answers.splitlines()):
            self.note_accepted(answer["id"], answer["receipt"], actions)

    def note_accepted(self, mark, receipt, actions):
        self.confirmed[mark] = receipt
        self.ledger.note("accept", mark, receipt=receipt, unit=self.unit, to=targets(actions))

    # ---- acts ---------------------------------------------------------------------------------------------------

    def try_act(self, action, receipt, *words, contested=False):
        """`terrace case ACTION RECEIPT WORDS`, noted once it is confirmed. Returns its exit code."""
        mark = self.new_mark(action)
        log = f"{action}-{self.name}.log"
        self.process = self.net.start(
            ["case", action, "--data", self.folder, receipt, *words, "--actor", mark], log,
            stdout=subprocess.DEVNULL)
        code = self.process.wait()
        self.net.commands.discard(self.process)
        self.note_crash(action)
        if code == 0:
            facts = {"contested": True} if contested else {}
            if action == "decide":
                facts["outcome"] = words[0]
                self.decided.append(receipt)
            self.ledger.note(journal_name(action), mark, receipt=receipt, unit=self.unit, **facts)
        return code

    def act(self, action, receipt, *words, contested=False):
        """The same, where anything but a confirmation ends the drill."""
        if not self.ask(action, receipt, *words, contested=contested):
            raise DrillFailed(f"{action} of {receipt} at {self.unit} was refused: {self.last_word(action)}")

    def ask(self, action, receipt, *words, contested=False):
        """The same, where the node may refuse for how the case stands. Whether it was confirmed."""
        if self.try_act(action, receipt, *words, contested=contested) == 0:
            return True
        word = self.last_word(action)
        if not word.startswith(("terrace: case.impossible.", "terrace: case.waits.")):
            raise DrillFailed(f"{action} of {receipt} at {self.unit}: {word}")
        return False

    def last_word(self, action):
        return self.net.last_words(f"{action}-{self.name}.log").rstrip().rsplit("\n", 1)[-1]

    def receipts(self, condition="1", *values):
        """Of the cases of this node's database, oldest first."""
        rows = self.net.query(
            self.unit, f"SELECT receipt FROM service_case WHERE {condition} ORDER BY record", *values)
        return [receipt for receipt, in rows]

    def show(self, receipt):
        return json.loads(self.net.run("case", "show", "--data", self.folder, receipt, "--format", "json"))

    def admit_all(self):
        """The unit stands by what its machines have told people. Returns how many proposals there were."""
        admitted = 0
        for receipt in self.receipts("accepted_by = ?", self.unit):
            proposals = [act["name"] for act in self.show(receipt)["trace"]
                         if act["status"].startswith("proposal.") and act["action"] in ("accept", "note")]
            if proposals:
                self.act("answer", receipt, *[f"--admit={name}" for name in proposals])
                admitted += len(proposals)
        return admitted

    def decide_on(self, goes_on):
        """Grants what the unit holds, one after the other in any order, as long as `goes_on()`."""
        failures = 0
        while goes_on() and not self.net.over.is_set():
            rows = self.net.query(
                self.unit, "SELECT receipt FROM service_case WHERE phase = 'accepted' AND holder = ?"
                " ORDER BY record LIMIT 20", self.unit)
            if not rows:
                time.sleep(0.1)
                continue
            code = self.try_act("decide", self.net.random.choice(rows)[0], "granted")
            failures = failures + 1 if code not in (0, -signal.SIGKILL) else 0
            if failures == TRIES:
                log = f"decide-{self.name}.log"
                raise DrillFailed(f"the decision fails again and again: {self.net.last_words(log)}")


class Clerks:
    """A desk at each unit of one line from the city to a village, and what is done there all day."""

    def __init__(self, net):
        self.net = net
        self.desks = {unit: Desk(net, unit) for unit in net.units}
        self.child = {parent: unit for unit, parent in net.parents.items()}

    def work(self, unit, goes_on):
        """The village hands in, the county decides, the others write notes."""
        desk = self.desks[unit]
        if unit == VILLAGE:
            desk.hand_in(goes_on, FORWARD, pause=0.03)
        elif unit == COUNTY:
            desk.decide_on(goes_on)
        else:
            while goes_on() and not self.net.over.is_set():
                self.note_something(unit)
                time.sleep(0.1)

    def note_something(self, unit):
        receipts = self.desks[unit].receipts()
        if not receipts:
            time.sleep(0.1)
            return
        self.desks[unit].act("note", self.net.random.choice(receipts), "已核对")

    def neighbour(self, unit):
        return self.net.parents[unit] or self.child[unit]

    def held(self, unit, condition="1", *values):
        """Where in the journals of all nodes what this one holds stands."""
        return set(self.net.query(
            unit, "SELECT hex(author.name), run.feed, first + offset FROM journal JOIN run ON run.id = journal.run"
            f" JOIN author ON author.id = run.author WHERE journal.feed > 1 AND {condition}", *values))

    def is_elsewhere(self, unit):
        """Whether a neighbour has all that was written at a unit's node."""
        return self.held(unit, "author.unit = ?", unit) <= self.held(self.neighbour(unit))


def journal_name(action):
    """What the journal calls an action of the command line: take-over is takeOver."""
    first, *rest = action.split("-")
    return first + "".join(word.capitalize() for word in rest)
