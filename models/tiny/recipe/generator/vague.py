"""Sentences that leave the task open, so that a model looks at the names and imports around it too.

People describe tasks in words that no list foresees. A share of the programs therefore says something
about its domain only; what is done follows from what is imported, from the values and their names.
"""

from . import text
from .text import chance

BE = "is is is was has~been".replace("~", " ").split(" ")
DO = (
    "wants needs shows reads knows sends gets expects keeps holds has brings names decides changes follows uses "
    "writes finds counts takes carries lists"
).split()
PLACE = "in of for from with on at to below above after before about".split()
DETERMINER = "the the the the our a each every this that its one their some no".split()


def vague(rng, key: str) -> str:
    """One or two sentences over random things, with the value's name in some of them."""
    parts = [_clause(rng, key) for _ in range(rng.choice([1, 1, 1, 2, 2]))]
    told = rng.choice([", ", "; ", ": ", ". ", " and ", ", then ", " (", " - "]).join(parts)
    if "(" in told and ")" not in told:
        told += ")"
    return told + rng.choice(["", "", "", ".", "?"] if len(parts) == 1 else ["", "", "."])


def _thing(rng, key: str) -> str:
    if chance(rng, 0.3):
        return rng.choice(["{}", "the {}", "the {}", "this {}"]).format(key.replace("_", rng.choice([" ", "_"])))
    noun = text.noun(rng)
    if chance(rng, 0.25):
        noun = text.plural(noun)
    if chance(rng, 0.25):
        noun = f"{text.adjective(rng)} {noun}"
    if chance(rng, 0.15):
        noun = f"{noun} {text.noun(rng)}"
    return f"{rng.choice(DETERMINER)} {noun}" if chance(rng, 0.8) else noun


def _clause(rng, key: str) -> str:
    subject, thing = _thing(rng, key), _thing(rng, key)
    place = f" {rng.choice(PLACE)} {_thing(rng, key)}" if chance(rng, 0.45) else ""
    kind = rng.randrange(10)
    if kind < 3:
        return f"{text.verb(rng)} {thing}{place}"
    if kind < 5:
        return f"{subject} {rng.choice(DO)} {thing}{place}"
    if kind == 5:
        return f"{subject} {rng.choice(BE)} {text.adjective(rng)}{place}"
    if kind == 6:
        return (
            f"{rng.choice(['does', 'did', 'can', 'may', 'must', 'would'])} {subject} {text.verb(rng)} {thing}{place}"
        )
    if kind == 7:
        return f"{thing}{place}"
    if kind == 8:
        return (
            f"{rng.choice(['if', 'when', 'unless', 'as long as', 'where'])} {subject} {rng.choice(DO)} {thing}{place}"
        )
    return f"{rng.choice(['what', 'how', 'where', 'which', 'who'])} {subject} {rng.choice(DO)}{place}"
