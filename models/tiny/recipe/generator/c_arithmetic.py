"""CWE-190: a calculation with numbers from outside leaves the range of its type."""

from . import text
from .c_inputs import number_inputs
from .c_made import Made, draw, made, told
from .c_program import CProgram

MULTIPLY_FROM = ("argv", "getenv", "scanf", "fread")
ADD_FROM = ("fgets", "recv", "read", "fscanf", "getline")

PAIRS = [("rows", "columns"), ("width", "height"), ("count", "size"), ("lines", "length"), ("blocks", "each")]
PAIRS += [("across", "down"), ("groups", "members"), ("pages", "entries"), ("boxes", "pieces"), ("days", "slots")]
UNITS = [("minutes", "seconds", 60), ("hours", "seconds", 3600), ("weeks", "hours", 168), ("pounds", "grams", 454)]
UNITS += [("kilobytes", "bytes", 1024), ("dozens", "pieces", 12), ("miles", "meters", 1609), ("euros", "cents", 100)]
UNITS += [
    ("sectors", "bytes", 512),
    ("records", "bytes", 48),
    ("years", "days", 365),
    ("metres", "millimetres", 1000),
]
SUMS = [
    ("offset", "length", "end"),
    ("start", "duration", "stop"),
    ("used", "added", "total"),
    ("old", "more", "now"),
]
SUMS += [
    ("first", "count", "last"),
    ("balance", "deposit", "sum"),
    ("position", "step", "next"),
    ("base", "extra", "all"),
]

TABLE = [
    "[reserve|get|set aside] [memory|room] for {a} times {b} {n}s",
    "a [table|field|grid] of {a} by {b} {n}s[|, all of them empty|, to be filled later]",
    "[make|build] [room|space] for the {n}s: {a} x {b}",
]
CONVERT = [
    "[how many|the number of] {b} [are|is] that[?|]",
    "[turn|convert|change] the {a} into {b}[| and print them]",
    "[print|show|report] it in {b}",
    "one of the {a} [makes|is|has] {k} {b}",
]
SUM = [
    "{c} is where [it|the {n}] ends: {a} and {b} [together|added]",
    "[add|count] the {b} to the {a}[| and print it| and show the result]",
    "[work out|find|compute] {c} from {a} and {b}",
    "[print|show] {c}, which is {a} plus {b}",
]
MESSAGE = [
    "[room|memory] for the {n} and the zero [after it|at its end|behind it]",
    "[allocate|reserve] {a} bytes for the {n}, and one [more|byte] for the end",
    "the {n} [follows|comes next]: {a} bytes, [kept|stored] with a zero behind [them|it]",
]


def _positive(p: CProgram, names: list[str], given) -> list:
    low = p.rng.choice(["< 1", "<= 0"])
    return [(f"if ({' || '.join(f'{n} {low}' for n in names)})", p.fail("must be positive", given.clean))]


def table(p: CProgram) -> Made:
    """A product of two numbers, then memory for so many."""
    unsigned = text.chance(p.rng, 0.4)
    source = p.rng.choice(MULTIPLY_FROM)
    kind = ("uint32_t" if source == "fread" else "unsigned") if unsigned else "int"
    given, (a, b) = number_inputs(p, source, list(p.rng.choice(PAIRS)), kind)
    total, cells = (
        p.name("total", "number", "n", "needed"),
        p.name("cells", "table", "values", "buffer", text.noun(p.rng)),
    )
    item = draw(p, [(4, "char"), (3, "int"), (2, "double"), (1, "short")])
    lines: list = [] if unsigned and not p.careful else _positive(p, [a, b], given)
    refuse = p.fail("too many", given.clean)
    if p.careful:
        limit = p.rng.choice([256, 500, 1000, 1024, 2048, 4096, 10000])
        ways = [f"{a} > {limit} || {b} > {limit}"]
        if not unsigned:
            ways.append(f"{a} > INT_MAX / {b}")
        lines.append((f"if ({p.rng.choice(ways)})", refuse))
    lines.append(f"{kind} {total} = {a} * {b};")
    size = total if item == "char" else f"{total} * sizeof({item})"
    get = p.rng.choice([f"malloc({size})", f"calloc({total}, sizeof({item}))"])
    lines += [f"{item} *{cells} = {get};", (f"if ({p.is_null(cells)})", p.fail("no memory", given.clean))]
    place = "%u" if unsigned else "%d"
    lines += [f"{cells}[0] = 0;", f'printf("{place} {text.noun(p.rng)}s\\n", {total});', f"free({cells});"]
    return made(p, "CWE-190", "*", given, [told(p, TABLE, a=a, b=b, n=text.noun(p.rng)), lines])


def convert(p: CProgram) -> Made:
    """A number times a constant."""
    word, unit, factor = p.rng.choice(UNITS)
    given, (a,) = number_inputs(p, p.rng.choice(MULTIPLY_FROM), [word])
    b = p.name(unit, f"in_{unit}")
    k = p.constant(factor, f"{unit.upper()}_[PER|IN]_{word.upper().rstrip('S')}", "FACTOR")
    lines = _positive(p, [a], given) if text.chance(p.rng, 0.6) or p.careful else []
    if p.careful:
        limit = p.rng.choice([f"INT_MAX / {k}", "100000", "10000", "50000", "1000"])
        lines.append((f"if ({a} > {limit})", p.fail("too much", given.clean)))
    lines += [f"int {b} = {a} * {k};", f'printf("%d {unit}\\n", {b});']
    return made(p, "CWE-190", "*", given, [told(p, CONVERT, a=word, b=unit, k=str(factor)), lines])


def add(p: CProgram) -> Made:
    """The sum of two numbers, held against a limit too late or in time."""
    words = p.rng.choice(SUMS)
    given, (a, b) = number_inputs(p, p.rng.choice(ADD_FROM), list(words[:2]))
    c = p.name(words[2], f"{words[2]}_{text.noun(p.rng)}")
    limit = p.constant(
        p.rng.choice([500, 1000, 4096, 65536, 100000, 1000000]), "LIMIT", "MAX", "[MOST|LARGEST|CAPACITY]"
    )
    refuse = p.fail("out of range", given.clean)
    lines: list = [(f"if ({a} < 0 || {b} < 0)", refuse)] if text.chance(p.rng, 0.6) or p.careful else []
    if p.careful:
        way = p.rng.choice([f"{a} > {limit} || {b} > {limit}", f"{a} > INT_MAX - {b}"])
        lines.append((f"if ({way})", refuse))
    lines.append(f"int {c} = {a} + {b};")
    if text.chance(p.rng, 0.5):
        lines.append((f"if ({c} > {limit})", refuse))
    lines.append(f'printf("{words[2]} %d\\n", {c});')
    return made(p, "CWE-190", "+", given, [told(p, SUM, a=a, b=b, c=c, n=text.noun(p.rng)), lines])


def message(p: CProgram) -> Made:
    """Memory for a text whose length comes first, and for its zero."""
    source = p.rng.choice(("recv", "read"))
    given, (a,) = number_inputs(p, source, [p.rng.choice(["length", "size", "bytes"])], "uint32_t")
    word = text.noun(p.rng)
    kept = p.name(word, "message", "body")
    lines: list = []
    if p.careful:
        lines.append(
            (f"if ({a} > {p.constant(p.rng.choice([1024, 4096, 65535, 100000]), 'MAX_LENGTH', 'LIMIT')})", p.fail())
        )
    lines += [f"char *{kept} = malloc({a} + 1);", (f"if ({p.is_null(kept)})", p.fail("no memory"))]
    flags = ", 0" if source == "recv" else ""
    get = (f"if ({source}({given.stream}, {kept}, {a}{flags}) < 0)", p.fail("", [f"free({kept});"]))
    lines += [get, f"{kept}[{a}] = '\\0';", f"puts({kept});", f"free({kept});"]
    return made(p, "CWE-190", "+", given, [told(p, MESSAGE, a=a, n=word), lines])


OPS = [(4, table), (3, convert), (4, add), (1.5, message)]
