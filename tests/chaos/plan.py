"""What a seed does to whom, and when. Pure: it injects nothing, and looks at no clock."""
import collections
import random

SERVICES = tuple(f"pool{number}" for number in range(1, 4))
CLIENTS = tuple(f"client{number}" for number in range(1, 7))
BROKER = "broker"
RELAY = "relay"

Event = collections.namedtuple("Event", "at begins fault target")

#  fault -> how long it lasts, in seconds. What is given up after 10 s of silence is met on both sides of that.
LASTS = {"kill": (0, 6), "pause": (0.5, 15), "disconnect": (0.5, 15), "cut-in": (1, 15), "cut-out": (1, 15), "drop": (2, 10), "delay": (1, 6)}
#  Whoever is between all others is out of order for a shorter time, or nothing else would be tested.
BROKER_LASTS = {"kill": (0, 2), "pause": (0.5, 12), "disconnect": (0.5, 12), "cut-in": (1, 12), "cut-out": (1, 12), "drop": (2, 8)}
BROKER_SHARE = 0.12
RELAY_SHARE = 0.12
GAP = (0.2, 2.2)
REST = 1.5      # after one fault of a target, before its next one
NETWORK = ("cut-in", "cut-out", "drop")


def _choose(dice):
    """Fault, target, seconds."""
    share = dice.random()
    if share < RELAY_SHARE:
        return "delay", RELAY, dice.uniform(*LASTS["delay"])
    if share < RELAY_SHARE + BROKER_SHARE:
        fault = dice.choice(sorted(BROKER_LASTS))
        return fault, BROKER, dice.uniform(*BROKER_LASTS[fault])
    fault = dice.choice(sorted(set(LASTS) - {"delay"}))
    return fault, dice.choice(SERVICES + CLIENTS), dice.uniform(*LASTS[fault])


def events(seed, seconds):
    """The beginnings and ends of all faults, by time; all have ended within SECONDS."""
    dice = random.Random(seed)
    free_at = collections.defaultdict(float)
    found = []
    now = dice.uniform(*GAP)
    while now < seconds:
        fault, target, lasts = _choose(dice)
        if free_at[target] <= now and now + lasts <= seconds:
            found += [Event(now, True, fault, target), Event(now + lasts, False, fault, target)]
            free_at[target] = now + lasts + REST
        now += dice.uniform(*GAP)
    return sorted(found)
