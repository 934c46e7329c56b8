"""A strategist that polls escalation.txt, thinks a moment, and writes its answer in pieces. Killed and restarted by the test."""
import json
import os
import sys
import time

folder = sys.argv[1]
shown = os.path.join(folder, "escalation.txt")
answer = os.path.join(folder, "escalation-answer.json")
read = os.path.join(folder, "read.log")
print("ready", flush=True)
last = None
while True:
    try:
        with open(shown) as file:
            text = file.read()
    except FileNotFoundError:
        time.sleep(0.01)
        continue
    escalation = json.loads(text)  # an atomic move: all of it or nothing
    assert text == json.dumps(escalation), text
    if text != last:
        last = text
        with open(read, "a") as log:
            log.write(escalation["situation"] + "\n")
    time.sleep(0.02)
    reply = json.dumps({"timestamp": escalation["timestamp"], "answer": 1 + escalation["timestamp"] % 2})
    if os.path.exists(answer):
        time.sleep(0.05)
        continue
    with open(answer, "w") as file:
        for piece in (reply[:9], reply[9:20], reply[20:]):
            file.write(piece)
            file.flush()
            time.sleep(0.005)
    time.sleep(0.1)
