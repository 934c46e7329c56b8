#!/usr/bin/env python3
"""A scripted pilot: half an hour of a small world that looks like the game from where the reflex sits.

It writes perception.json, carries out what action.json says, and reports in events.jsonl. Python 3, standard library only.
The world is deterministic for a seed and the same actions; what happens when (somebody speaks to us, an ambush, a wall that
we are stuck at) stands in SCRIPT. Simulated time runs --speed times faster than the wall's; leases are the wall's.
"""

import argparse
import json
import os
import random
import sys
import time

# simulated second, what happens
SCRIPT = [
    (5, "mission", ("ring", "Talk to Fargoth about his ring")),
    (60, "dialogue", "fargoth"),
    (130, "mission", ("inn", "Enter the trade house and search it")),
    (200, "dialogue", "arrille"),
    (300, "ambush", ("mudcrab", 2)),
    (380, "mission", ("caius", "Find Caius Cosades in Balmora")),
    (460, "quest", "package"),
    (560, "stuck", 40),
    (640, "dialogue", "guard"),
    (720, "mission", ("cave", "Clear the cave of smugglers")),
    (780, "ambush", ("smuggler", 3)),
    (900, "dilemma", "runaway"),
    (1000, "mission", ("road", "Explore the road to Ald'ruhn")),
    (1060, "dialogue", "pilgrim"),
    (1150, "ambush", ("cliff racer", 2)),
    (1250, "stuck", 30),
    (1320, "unknown", "moon"),
    (1400, "mission", ("healer", "Meet the healer and rest")),
    (1460, "dialogue", "healer"),
    (1560, "ambush", ("nix-hound", 1)),
    (1660, "dialogue", "scholar"),
]

# what somebody says, and the answers: (id, words, action, reward)
SITUATIONS = {
    "fargoth": ("Fargoth, a small wood elf, asks whether you have seen his engraved ring. You carry it.",
                [("give", "Give him the ring", "talk", 0.8), ("keep", "Say that you have not seen it", "talk", -0.2),
                 ("sell", "Offer to sell it to him", "talk", 0.1)]),
    "arrille": ("Arrille, the trader, offers 40 drakes for your spare sword.",
                [("accept", "Accept", "talk", 0.3), ("decline", "Decline", "talk", 0.0)]),
    "package": ("The package for Caius Cosades is sealed. A stranger offers 200 drakes for it.",
                [("deliver", "Deliver it to Caius, sealed", "talk", 0.9), ("open", "Open it first", "talk", -0.5),
                 ("sell", "Sell it to the stranger", "talk", -0.9)]),
    "guard": ("A guard stops you and says that you look like somebody who is wanted.",
              [("show", "Show your papers", "talk", 0.6), ("bribe", "Offer him 50 drakes", "talk", -0.1),
               ("run", "Run", "flee", -0.6), ("fight", "Draw your sword", "fight", -0.9)]),
    "runaway": ("A runaway slave begs you for help; her owner, armed, demands that you tell where she is.",
                [("hide", "Say that you saw nobody", "talk", 0.7), ("betray", "Tell him where she is", "talk", -0.7),
                 ("buy", "Buy her freedom with all your money", "talk", 0.9), ("leave", "Walk on", "explore", -0.2)]),
    "pilgrim": ("A pilgrim is lost and asks you to bring her to the shrine.",
                [("lead", "Lead her there", "talk", 0.6), ("point", "Point out the way", "talk", 0.2),
                 ("refuse", "Refuse", "talk", -0.2)]),
    "moon": ("A ladder of light hangs down from the moon; nobody ever spoke of such a thing.",
             [("climb", "Climb it", "explore", 0.2), ("leave", "Walk away from it", "flee", 0.1)]),
    "healer": ("The healer asks 30 drakes to cure your fever.",
               [("pay", "Pay", "talk", 0.7), ("haggle", "Offer 10", "talk", 0.1), ("leave", "Leave uncured", "talk", -0.4)]),
    "scholar": ("A scholar asks what you know of the Dwemer.",
                [("tell", "Tell him all", "talk", 0.3), ("lie", "Make something up", "talk", -0.1),
                 ("ask", "Ask him instead", "talk", 0.4)]),
}
KINDS = {"dialogue", "quest", "dilemma", "unknown"}
PLACES = ["Seyda Neen", "Coast road", "Balmora", "Foyada Mamaea", "Addamasartus", "Pelagiad"]
PATIENCE = 180  # simulated seconds for which somebody waits for an answer


class World:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.time = 0
        self.health, self.fatigue, self.magicka = 100.0, 100.0, 60.0
        self.place, self.indoors = 0, False
        self.since_save = 0
        self.npcs, self.doors, self.enemies = [], [], []
        self.asked = None  # (name, kind, the time at which patience ends)
        self.situations = 0
        self.stuck_until = 0
        self.walked = 0
        self.east, self.north = 0.0, 0.0
        self.mission = None
        self.missions = {}
        self.gained = 0.0
        self.reasons = []
        self.events = []
        self.names = 0

    # ---- what happens by itself

    def step(self):
        self.time += 1
        self.since_save += 1
        for at, what, detail in SCRIPT:
            if at == self.time:
                self.happen(what, detail)
        if self.asked and self.time >= self.asked[2]:
            self.events.append({"type": "situation", "id": self.asked[0], "kind": self.asked[1], "state": "lapsed"})
            self.reward(-0.3, "left_without_an_answer")
            self.asked = None
        if self.asked:
            return  # the game stands still
        self.fatigue = min(100.0, self.fatigue + 0.5)
        self.magicka = min(60.0, self.magicka + 0.2)
        for enemy in self.enemies:
            enemy["distance"] = max(1.5, enemy["distance"] - 2.0)
            if enemy["distance"] < 3:
                self.health -= 0.8 * self.random.random() * enemy["strength"]
        if self.health <= 0:
            self.die()

    def happen(self, what, detail):
        if what in KINDS:
            self.asked = (detail, what, self.time + PATIENCE)
            self.enemies = []  # nobody is spoken to in a fight
            self.situations += 1
            self.events.append({"type": "situation", "id": detail, "kind": what, "state": "open"})
        elif what == "mission":
            self.end_mission("failed", "there is something else to do")
            self.mission = detail[0]
            self.events.append({"type": "mission", "mission": detail[0], "state": "begun", "text": detail[1]})
        elif what == "ambush":
            for _ in range(detail[1]):
                self.names += 1
                self.enemies.append({"id": f"{detail[0].replace(' ', '-')}-{self.names}", "name": detail[0],
                                     "distance": 20.0 + 8 * self.random.random(), "strength": 1.0 + self.random.random(),
                                     "health": 12.0})
        elif what == "stuck":
            self.stuck_until = self.time + detail

    def die(self):
        self.reward(-1.0, "died")
        self.end_mission("failed", "died")
        self.health, self.enemies, self.place, self.indoors = 60.0, [], 0, False  # the last save is loaded

    def end_mission(self, state, text):
        if self.mission:
            self.events.append({"type": "mission", "mission": self.mission, "state": state, "text": text})
            self.mission = None

    def reward(self, amount, reason):
        self.gained += amount
        self.reasons.append(reason)

    # ---- what we do

    def possible(self, action, target):
        if self.asked:
            return action == "wait" or any(self.option_id(o) == target and o[2] == action for o in self.options())
        if action == "talk":
            return any(n["id"] == target and n["distance"] <= 3 for n in self.npcs)
        if action == "approach_npc":
            return any(n["id"] == target for n in self.npcs)
        if action == "enter_door":
            return any(d["id"] == target and d["distance"] <= 5 for d in self.doors)
        if action == "fight":
            return any(e["id"] == target for e in self.enemies)
        if action == "flee":
            return bool(self.enemies)
        if action == "quicksave":
            return not self.combat()
        return action in ("explore", "wait")

    def act(self, action, target, first):
        """One simulated second of an action; first says whether it has just begun."""
        if self.asked:
            if first:
                self.answer(action, target)
            return
        if action == "explore":
            self.explore()
        elif action == "wait":
            self.health = min(100.0, self.health + 0.6)
            self.fatigue = min(100.0, self.fatigue + 3)
        elif action == "approach_npc":
            self.approach(target)
        elif action == "talk" and first:
            self.talk(target)
        elif action == "enter_door" and first:
            self.enter(target)
        elif action == "fight":
            self.fight(target)
        elif action == "flee":
            self.flee()
        elif action == "quicksave" and first:
            self.since_save = 0

    def options(self):
        return SITUATIONS[self.asked[0]][1]

    def option_id(self, option):
        return f"{self.asked[0]}.{option[0]}"

    def answer(self, action, target):
        for option in self.options():
            if self.option_id(option) == target and option[2] == action:
                self.reward(option[3], f"answered_{option[0]}")
                self.events.append({"type": "situation", "id": self.asked[0], "kind": self.asked[1], "state": "answered",
                                    "option": option[0]})
                solved = {"fargoth": "ring", "package": "caius", "healer": "healer"}.get(self.asked[0])
                self.asked = None
                if solved == self.mission:
                    self.end_mission("complete", "what was wanted was said")
                return

    def explore(self):
        self.fatigue = max(0.0, self.fatigue - 1)
        if self.time < self.stuck_until:
            self.reward(-0.02, "walked_into_a_wall")
            return
        self.walked += 1
        self.move(3)
        for thing in self.npcs + self.doors:
            thing["distance"] += 3
        self.npcs = [n for n in self.npcs if n["distance"] < 60]
        self.doors = [d for d in self.doors if d["distance"] < 60]
        chance = self.random.random()
        if chance < 0.05 and len(self.npcs) < 3:
            self.names += 1
            self.npcs.insert(0, {"id": f"npc-{self.names}", "name": self.random.choice(["Eldafire", "Hrisskar", "Teruise"]),
                                 "distance": 8 + 20 * self.random.random(), "known": False})
        elif chance < 0.09 and len(self.doors) < 2:
            self.names += 1
            self.doors.insert(0, {"id": f"door-{self.names}", "name": self.random.choice(["Tradehouse", "Guild", "Cave"]),
                                  "distance": 1 + 3 * self.random.random(), "known": False})
        if self.walked % 90 == 0 and not self.indoors:
            self.place = (self.place + 1) % len(PLACES)
            self.npcs, self.doors = [], []
            self.reward(0.4, "entered_area")
            if self.mission == "road":
                self.end_mission("complete", "went where we had not been")

    def move(self, metres):
        self.east = round(self.east + metres * (1 if self.walked % 40 < 20 else -0.5), 1)
        self.north = round(self.north + metres * 0.3, 1)

    def approach(self, target):
        for npc in self.npcs:
            if npc["id"] == target:
                self.move(min(4, npc["distance"]))
                npc["distance"] = max(1.0, npc["distance"] - 4)
                if npc["distance"] <= 3:
                    self.reward(0.1, "found_npc")

    def talk(self, target):
        for npc in self.npcs:
            if npc["id"] == target:
                self.reward(0.0 if npc["known"] else 0.3, "heard_something" if not npc["known"] else "heard_it_again")
                npc["known"] = True

    def enter(self, target):
        for door in self.doors:
            if door["id"] == target and not door["known"]:
                door["known"] = True
                self.indoors = not self.indoors
                self.npcs = []
                self.reward(0.3, "entered_area")
                if self.mission == "inn":
                    self.end_mission("complete", "was inside")

    def fight(self, target):
        self.fatigue = max(0.0, self.fatigue - 1)
        for enemy in self.enemies:
            if enemy["id"] == target and enemy["distance"] < 4:
                enemy["health"] -= 2 + 3 * self.random.random()
                if enemy["health"] <= 0:
                    self.enemies.remove(enemy)
                    self.reward(0.5, "won_a_fight")
                    if not self.enemies and self.mission == "cave":
                        self.end_mission("complete", "nobody is left")
                return

    def flee(self):
        self.move(4)
        self.fatigue = max(0.0, self.fatigue - 2)
        for enemy in self.enemies:
            enemy["distance"] += 4 + 2 * self.random.random()
        escaped = len(self.enemies)
        self.enemies = [e for e in self.enemies if e["distance"] < 45]
        if escaped and not self.enemies:
            self.reward(0.2, "escaped")

    # ---- what we see

    def combat(self):
        return any(enemy["distance"] < 15 for enemy in self.enemies)

    def perception(self):
        def near(things, *fields):
            ordered = sorted(things, key=lambda thing: thing["distance"])
            return [{f: round(t[f], 1) if isinstance(t[f], float) else t[f] for f in fields} for t in ordered]

        seen = {
            "entity": "nerevarine",
            "tick": self.time,
            "urgent": self.combat(),
            "facts": {
                "place": PLACES[self.place],
                "indoors": self.indoors,
                "east": self.east,
                "north": self.north,
                "hour": round(8 + self.time / 120 % 24, 1),
                "health": round(self.health, 1),
                "fatigue": round(self.fatigue, 1),
                "magicka": round(self.magicka, 1),
                "combat": self.combat(),
                "stuck": self.time < self.stuck_until,
                "sinceSave": self.since_save,
                "enemies": near(self.enemies, "id", "name", "distance", "strength", "health"),
                "npcs": near(self.npcs, "id", "name", "distance", "known"),
                "doors": near(self.doors, "id", "name", "distance", "known"),
            },
        }
        if self.asked:
            words = SITUATIONS[self.asked[0]][0]
            seen["situation"] = {"id": self.asked[0], "kind": self.asked[1], "text": words}
            seen["choices"] = [{"id": self.option_id(o), "text": o[1], "action": o[2]} for o in self.options()]
        return seen


class Files:
    """The folder; torn writes and slow reads are part of the script."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.events = open(os.path.join(folder, "events.jsonl"), "a", encoding="utf-8")

    def path(self, name):
        return os.path.join(self.folder, name)

    def report(self, event):
        self.events.write(json.dumps(event) + "\n")
        self.events.flush()

    def show(self, perception, torn):
        text = json.dumps(perception)
        if torn:
            with open(self.path("perception.json"), "w", encoding="utf-8") as out:
                out.write(text[:len(text) // 2])
                out.flush()
                time.sleep(0.02)
                out.write(text[len(text) // 2:])
            return
        temporary = self.path(".perception.json.tmp")
        with open(temporary, "w", encoding="utf-8") as out:
            out.write(text)
        for _ in range(50):
            try:
                os.replace(temporary, self.path("perception.json"))
                return
            except PermissionError:  # Windows, while somebody reads it
                time.sleep(0.002)

    def action(self):
        try:
            with open(self.path("action.json"), encoding="utf-8") as source:
                return json.load(source)
        except (OSError, ValueError):
            return None


class Pilot:
    def __init__(self, world, files, length, speed, slow_reads):
        self.world, self.files, self.length, self.speed = world, files, length, speed
        self.slow_reads = slow_reads
        self.current = None  # the action that is being carried out
        self.last = None  # the id of the last decision that was looked at
        self.first = False
        self.counts = {"ticks": 0, "applied": 0, "refused": 0, "staleRefused": 0, "torn": 0}

    def run(self):
        first_action = self.files.action()  # what an earlier run left behind
        self.last = first_action and first_action.get("decision")
        start = time.monotonic()
        while self.world.time < self.length:
            self.world.step()
            self.tell()
            torn = self.world.time % 97 == 0
            self.counts["torn"] += torn
            self.files.show(self.world.perception(), torn)
            wait = start + self.world.time / self.speed - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            self.take()
            self.carry_out()
            self.counts["ticks"] += 1
        self.close()
        self.world.end_mission("failed", "the time is over")
        self.tell()
        self.files.report({"type": "end", **self.counts})

    def tell(self):
        for event in self.world.events:
            self.files.report(event)
        self.world.events.clear()

    def take(self):
        """Takes a new action, unless it must not be begun any more or cannot be done."""
        action = self.files.action()
        if action is None or action.get("decision") == self.last:
            return
        self.last = action["decision"]
        if self.slow_reads and self.world.time >= self.slow_reads[0]:
            self.slow_reads.pop(0)
            time.sleep(max(0.0, action["validUntilMillis"] / 1000 - time.time()) + 0.05)
        if time.time() * 1000 > action["validUntilMillis"]:
            self.counts["staleRefused"] += 1
            self.refuse(action, "stale")
        elif not self.world.possible(action["action"], action["target"]):
            self.refuse(action, "not_possible_now")
        else:
            self.close()
            self.current, self.first = action, True
            self.world.gained, self.world.reasons = 0.0, []
            self.counts["applied"] += 1
            self.files.report({"type": "applied", "decision": action["decision"], "tick": self.world.time,
                               "action": action["action"], "target": action["target"], "madeAt": action["tick"],
                               "atMillis": int(time.time() * 1000), "validUntilMillis": action["validUntilMillis"]})

    def refuse(self, action, reason):
        self.counts["refused"] += 1
        self.files.report({"type": "refused", "decision": action["decision"], "reason": reason})

    def carry_out(self):
        if not self.current:
            return
        if time.time() * 1000 > self.current["validUntilMillis"] and not self.first:
            self.close()  # it was begun in time and has run out
            return
        if self.world.possible(self.current["action"], self.current["target"]):
            self.world.act(self.current["action"], self.current["target"], self.first)
        self.first = False

    def close(self):
        """Says what came of the action that was carried out."""
        if self.current:
            reward = max(-1.0, min(1.0, self.world.gained))
            self.files.report({"type": "outcome", "decision": self.current["decision"], "reward": round(reward, 3),
                               "reasons": sorted(set(self.world.reasons))})
            self.current = None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=os.path.expanduser("~/.timmy/morrowind"))
    parser.add_argument("--minutes", type=float, default=30.0, help="simulated minutes until the game ends (30)")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds for each second (1)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow-reads", type=int, default=3, help="how often an action is read too slowly on purpose (3)")
    options = parser.parse_args()
    slow = [150 + 400 * i for i in range(options.slow_reads)]
    pilot = Pilot(World(options.seed), Files(options.folder), 60 * options.minutes, options.speed, slow)
    pilot.run()
    print(json.dumps(pilot.counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
