"""How a task is told: a comment, a docstring with a short comment after it, a handler's name, a story before it.

Operations bring the task in words; this module varies where and how it stands, so that a model reads for meaning.
"""

from .common import docstring, finish
from .text import chance


def fill(phrase: str, **slots: str) -> str:
    """Put words into `{slot}`s; other braces stay as they are."""
    for slot, words in slots.items():
        phrase = phrase.replace("{" + slot + "}", words)
    return phrase


def weave(rng, task: str, stories, share: float = 0.22) -> str:
    """Now and then a sentence of background before or after the task."""
    if not chance(rng, share):
        return task
    story = rng.choice(stories)
    return rng.choice(
        [f"{story}: {task}", f"{story}; {task}", f"{story}. So {task}", f"{task}. {story}", f"{task} ({story})"]
    )


def named_for(h, names, value) -> None:
    """Name handler and route for the task, as most programs do; other programs keep a name that tells nothing."""
    if not names or not chance(h.rng, 0.42):
        return
    noun = value.key if value.key.isidentifier() else h.noun
    name = h.rng.choice(names).replace("{n}", noun).replace("{h}", h.noun)
    if not name.isidentifier():
        return
    h.name = h.p.fresh(name, f"{name}_view")
    if chance(h.rng, 0.7):
        h.route = "/" + name.replace("_", h.rng.choice(["/", "-", "/"]))


def tell(h, values, task, code, *, names=(), briefs=(), answers="", before=()) -> None:
    """Finish the handler; some tasks stand in its docstring, with a short remark where the code begins."""
    rng = h.rng
    named_for(h, names, values[0])
    if briefs and not h.doc and chance(rng, 0.16):
        h.doc = docstring(h, task + answers)
        brief = fill(rng.choice(briefs), n=values[0].key.replace("_", " "), v=str(values[0]))
        finish(h, values, brief, code, before)
        return
    finish(h, values, task, code, before, answers)


def maybe_class(h) -> None:
    """Make some Flask views classes; the other frameworks decide for themselves."""
    if h.fw.name == "flask" and chance(h.rng, 0.12):
        h.is_class = True


def attribute(h, value: str, *names: str, share: float = 0.4) -> str | None:
    """`self.name` for a value of the view's class; None where the view is no class or the value goes elsewhere."""
    if not h.is_class or not chance(h.rng, share):
        return None
    name = h.var(*names)
    h.attrs.append(f"{name} = {value}")
    return f"self.{name}"


def subject(h, value) -> str:
    """What a comment calls the value."""
    rng, noun = h.rng, value.key.replace("_", " ")
    return rng.choice(
        [
            f"the {noun}",
            f"the {noun}",
            f"this {noun}",
            f"the given {noun}",
            f"the requested {noun}",
            f"the {noun} [that was|they] asked for" if not chance(rng, 0.5) else f"the {noun} of the request",
            value.key,
            str(value),
            f"the {noun} {value!s}",
            f"`{value!s}`",
        ]
    ).replace("[that was|they] asked for", "that was asked for")


def careful(h, share: float = 0.98, slip: float = 0.05) -> bool:
    """Whether this operation is done in the safe way: nearly always where the program is careful."""
    return chance(h.rng, share if h.p.secure else slip)
