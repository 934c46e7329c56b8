#!/usr/bin/env python3
"""A scripted strategist: sets goal.txt, and answers what stands in escalation.txt through escalation-answer.json.

It can be killed at any moment and started again: what it saw and said stands in strategist.jsonl. Now and then it answers wrongly on
purpose: an option that is not offered, half an answer first, two answers, one that comes too late. Python 3, standard library only.
"""

import argparse
import json
import os
import sys
import time

# what it prefers, wherever one of these is offered; the first option otherwise
PREFERRED = ["Give him the ring", "Accept", "Deliver it to Caius", "Show your papers", "Say that you saw nobody", "Point out the way",
             "Walk away from it", "Pay", "Ask him instead"]
MISCHIEF = ["none", "not_offered", "twice", "late", "torn", "none", "not_offered", "twice", "none"]


class Strategist:
    def __init__(self, folder, think, late):
        self.folder, self.think, self.late = folder, think, late
        self.said = {}  # (situation, timestamp) -> how often it was answered
        self.goals, self.last_goal = 0, ""
        self.wanted = None  # the words of the pilot's mission
        self.position = 0  # in events.jsonl
        self.held_since = None
        for line in self.lines("strategist.jsonl"):
            if line["type"] == "answering":
                key = (line["situation"], line["timestamp"])
                self.said[key] = self.said.get(key, 0) + 1
            elif line["type"] == "goal":
                self.goals, self.last_goal = self.goals + 1, line["text"]
        self.log = open(self.path("strategist.jsonl"), "a", encoding="utf-8")

    def path(self, name):
        return os.path.join(self.folder, name)

    def lines(self, name):
        try:
            with open(self.path(name), encoding="utf-8") as source:
                for line in source:
                    try:
                        yield json.loads(line)
                    except ValueError:
                        pass  # torn by a kill
        except OSError:
            return

    def note(self, **line):
        self.log.write(json.dumps({**line, "at": time.time()}) + "\n")
        self.log.flush()

    def read(self, name):
        try:
            with open(self.path(name), encoding="utf-8") as source:
                return json.load(source)
        except (OSError, ValueError):
            return None

    def write(self, name, text):
        temporary = self.path("." + name + ".strategist")
        with open(temporary, "w", encoding="utf-8") as out:
            out.write(text)
        for _ in range(50):
            try:
                os.replace(temporary, self.path(name))
                return
            except PermissionError:  # Windows, while somebody reads it
                time.sleep(0.002)

    # ---- answers

    def look_at_escalation(self):
        asked = self.read("escalation.txt")
        if not asked:
            return
        key = (asked["situation"], asked["timestamp"])
        if key in self.said:
            return  # it was answered, and will be taken away
        self.note(type="seen", situation=key[0], timestamp=key[1])
        time.sleep(self.think)
        mischief = MISCHIEF[len(self.said) % len(MISCHIEF)]
        number = self.choose(asked["situation"])
        if mischief == "not_offered":
            self.answer(key, {"answer": 99, "timestamp": key[1]})
            self.answer(key, {"answer": number, "timestamp": key[1]})
        elif mischief == "twice":
            self.answer(key, {"answer": number, "timestamp": key[1]})
            self.answer(key, {"answer": 1, "timestamp": key[1]})
        elif mischief == "torn":
            self.answer(key, {"exit_code": 1, "answer": number, "timestamp": key[1]}, torn=True)
        else:
            time.sleep(self.late if mischief == "late" else 0)
            self.answer(key, {"exit_code": 1, "answer": number, "timestamp": key[1]})

    def answer(self, key, reply, torn=False):
        """Writes an answer and waits until it was taken, at most for some seconds."""
        name = "escalation-answer.json"
        self.said[key] = self.said.get(key, 0) + 1
        text = json.dumps(reply)
        self.note(type="answering", situation=key[0], timestamp=key[1], reply=reply)
        if torn:
            with open(self.path(name), "w", encoding="utf-8") as out:
                out.write(text[:len(text) // 2])
                out.flush()
                time.sleep(0.1)
                out.write(text[len(text) // 2:])
        else:
            self.write(name, text)
        end = time.monotonic() + 5
        while os.path.exists(self.path(name)) and time.monotonic() < end:
            time.sleep(0.01)

    @staticmethod
    def choose(situation):
        options = situation.partition("Options: ")[2]
        for wish in PREFERRED:
            at = options.find(wish)
            if at >= 0:
                return int(options[:at].rstrip(" )").rpartition(" ")[2])
        return 1

    # ---- goals

    def look_at_missions(self):
        """Follows what the pilot announces; a bot that the guard has stopped gets a goal again."""
        for event in self.new_events():
            if event.get("type") == "mission":
                self.wanted = event["text"] if event["state"] == "begun" else None
        if self.wanted and not self.last_goal.endswith(self.wanted):
            self.goal(self.wanted)
        action = self.read("action.json")
        if not action or action.get("because") != "guard":
            self.held_since = None
            return
        self.held_since = self.held_since or time.monotonic()
        if time.monotonic() - self.held_since > self.think:
            self.held_since = None
            self.goal(f"{self.goals + 1}. Try another way: {self.wanted}" if self.wanted
                      else f"{self.goals + 1}. Explore until there is news")

    def new_events(self):
        try:
            with open(self.path("events.jsonl"), encoding="utf-8") as source:
                source.seek(self.position)
                text = source.read()
        except OSError:
            return
        whole = text[:text.rfind("\n") + 1]
        self.position += len(whole.encode("utf-8"))
        for line in whole.splitlines():
            yield json.loads(line)

    def goal(self, text):
        self.goals, self.last_goal = self.goals + 1, text
        self.note(type="goal", text=text)
        self.write("goal.txt", text)

    def run(self):
        while True:
            self.look_at_escalation()
            self.look_at_missions()
            time.sleep(0.02)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=os.path.expanduser("~/.timmy/morrowind"))
    parser.add_argument("--think", type=float, default=0.5, help="seconds that it thinks before it answers (0.5)")
    parser.add_argument("--late", type=float, default=5.0, help="seconds by which it answers late on purpose (5)")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    try:
        Strategist(options.folder, options.think, options.late).run()
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
