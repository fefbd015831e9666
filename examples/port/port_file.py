"""The flags at the root of a Port file. It is YAML, of which these lines are all that is looked at."""

import re

# The flags at the root of a Port file, and what holds where it says nothing, as in Port's own integration.
FLAGS = {"createMissingRelatedEntities": True, "enableMergeEntity": True, "deleteDependentEntities": True,
         "entityDeletionThreshold": 0.9}


def flag(name, text):
    """The value of a flag as YAML may write it."""
    text = text.strip().strip("'\"").lower()
    if name != "entityDeletionThreshold":
        return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}[text]
    if not 0 <= float(text) <= 1:
        raise ValueError
    return float(text)


def flags_of(text, given):
    """The flags at the root of a Port file. Those of the command line, `given`, come first."""
    flags = {**FLAGS, **given}
    names = "|".join(FLAGS)
    for number, line in enumerate(text.splitlines(), 1):
        mentioned = re.match(rf"""[^#]*?\b({names})\b(.*)""", line)
        if not mentioned or mentioned[1] in given:
            continue
        at_root = re.match(rf"""["']?{mentioned[1]}["']?\s*:\s+([^#]*?)\s*(#.*)?$""", line)
        try:
            flags[mentioned[1]] = flag(mentioned[1], at_root[1])
        except (TypeError, KeyError, ValueError):
            raise ValueError(f"line {number}: {mentioned[1]} must stand at the begin of a line, with its value. Or "
                             f"give --{mentioned[1]} here.") from None
    return flags
