"""CWE-787: a text or a number from outside decides how far a buffer is written."""

from . import text
from .c_inputs import Input, number_inputs, text_input
from .c_made import Made, made, told
from .c_program import CProgram

COPY_FROM = ("argv", "recv", "read")
APPEND_FROM = ("argv", "fgets", "getenv")
PRINT_FROM = ("getenv", "fgets", "recv", "scanf")
BYTES_FROM = ("read", "recvfrom")
INDEX_FROM = ("fgets", "scanf", "argv", "fread")

COPY = [
    "[keep|remember|store] the {w} in {b}",
    "[copy|put] the {w} [into|to] {b}",
    "{b} [holds|gets|is to hold] the {w}",
    "[from now on|later] the {w} is [looked up|needed] in {b}",
]
APPEND = [
    "[append|add] the {w} to {b}",
    "the {w} goes [to the end of|behind what is in] {b}",
    "{b} [ends|goes on] with the {w}",
]
PRINT = [
    '[format|build|make] {b}: "{f}" and the {w}',
    "[put|write] the {w} [with|behind] {f} into {b}",
    "{b} [says|reads] {f}, then the {w}",
]
BYTES = [
    "[keep|save|copy] the [bytes|payload|rest] of the {w} in {b}",
    "[what follows|the rest] is the {w}: [into|copied to] {b}",
]
INDEX = [
    "[set|mark|put] the {w} [at|with] this number in {b}",
    "{b} has a place for [every|each] {w}: [set|fill] this one",
    "[one more|count one] for that {w} in {b}",
]
SCAN = ["[ask for|read|get] the {w}", "[read|take] the {w} [from|off] the [input|user|keyboard]"]
PARSE = ["a line is a {w}, [a colon|':'] and a number", "[split|take apart] the line: {w}, then a number"]


def _buffer(p: CProgram, word: str, start: str = "", room: int | None = None) -> tuple[str, list[str]]:
    """Where it is written to: a local array, one of the program, or one in a struct; and what declares it."""
    room = room or p.rng.choice([8, 12, 16, 20, 24, 32])
    name = p.name(f"[kept|last|own|saved]_{word}", f"{word}_[copy|text|buffer]", "buffer", "target")
    kind = p.rng.random()
    if start or kind < 0.5:
        return name, [f"char {name}[{room}]{start};"]
    if kind < 0.75:
        p.top.append(f"static char {name}[{room}];")
        return name, []
    tag, holder = p.name(text.noun(p.rng), "state", "record"), p.name("s", "it", "current", "state", "r")
    handed = not p.in_main and text.chance(p.rng, 0.5)
    fields = [f"char {name}[{room}];", f"int {p.name('number', 'count', 'level')};"]
    p.rng.shuffle(fields)
    p.top.append("\n".join([f"struct {tag} {{", *(p.step + f for f in fields), "};"]))
    if handed:
        p.parameters.append(f"struct {tag} *{holder}")
        return f"{holder}->{name}", []
    p.top.append(f"static struct {tag} {holder};")
    return f"{holder}.{name}", []


def _shown(p: CProgram, buffer: str) -> list[str]:
    return [p.rng.choice([f"puts({buffer});", f'printf("%s\\n", {buffer});'])]


def _word(p: CProgram) -> str:
    return (
        p.rng.choice(["name", "title", "label", "word", "user", "city"])
        if text.chance(p.rng, 0.3)
        else text.noun(p.rng)
    )


def copy_text(p: CProgram) -> Made:
    word = _word(p)
    given, value = text_input(p, p.rng.choice(COPY_FROM), word, p.rng.choice([64, 100, 128, 256, 512]))
    buffer, declared = _buffer(p, word)
    size = p.sizeof(buffer)
    if not p.careful:
        lines: list = [f"strcpy({buffer}, {value});"]
    elif text.chance(p.rng, 0.6):
        lines = [f'snprintf({buffer}, {size}, "%s", {value});']
    else:
        lines = [(f"if (strlen({value}) >= {size})", p.fail("too long", given.clean)), f"strcpy({buffer}, {value});"]
    comment = told(p, COPY, w=word, b=buffer)
    return made(p, "CWE-787", "strcpy", given, [declared, comment, [*lines, *_shown(p, buffer)]])


def append_text(p: CProgram) -> Made:
    word, start = _word(p), text.noun(p.rng)[:6]
    given, value = text_input(p, p.rng.choice(APPEND_FROM), word, p.rng.choice([100, 128, 256]))
    buffer, declared = _buffer(p, word, f' = "{start} "', p.rng.choice([16, 24, 32, 40]))
    size = p.sizeof(buffer)
    lines: list = [f"strcat({buffer}, {value});"]
    if p.careful:
        wide = f"strlen({buffer}) + strlen({value}) >= {size}"
        safe = [f"strncat({buffer}, {value}, {size} - strlen({buffer}) - 1);"]
        lines = safe if text.chance(p.rng, 0.5) else [(f"if ({wide})", p.fail("too long", given.clean)), *lines]
    comment = told(p, APPEND, w=word, b=buffer)
    return made(p, "CWE-787", "strcat", given, [declared, comment, [*lines, *_shown(p, buffer)]])


def print_text(p: CProgram) -> Made:
    word, fixed = _word(p), text.noun(p.rng)
    given, value = text_input(p, p.rng.choice(PRINT_FROM), word, p.rng.choice([100, 128, 256]))
    buffer, declared = _buffer(p, word, room=p.rng.choice([24, 32, 40, 48]))
    form = p.rng.choice([f'"{fixed} %s"', f'"{fixed}: %s"', f'"%s.{fixed[:4]}"', '"<%s>"', f'"{fixed}/%s"'])
    lines = [f"sprintf({buffer}, {form}, {value});"]
    if p.careful:
        lines = [f"snprintf({buffer}, {p.sizeof(buffer)}, {form}, {value});"]
    comment = told(p, PRINT, w=word, b=buffer, f=fixed)
    return made(p, "CWE-787", "sprintf", given, [declared, comment, [*lines, *_shown(p, buffer)]])


def copy_bytes(p: CProgram) -> Made:
    """A packet: its length in a byte in front, the rest behind it."""
    word, source = text.noun(p.rng), p.rng.choice(BYTES_FROM)
    p.in_main = False
    given = Input(p, source)
    packet, got, size = (
        p.name("packet", "frame", "data", "raw"),
        p.name("got", "n", "received"),
        p.name("size", "length", "len"),
    )
    buffer, declared = _buffer(p, word, room=p.rng.choice([16, 32, 48, 64, 100]))
    extra = ", 0, NULL, NULL" if source == "recvfrom" else ""
    given.code += [
        f"unsigned char {packet}[{p.rng.choice([256, 260, 300, 512])}];",
        f"ssize_t {got} = {source}({given.stream}, {packet}, {p.sizeof(packet)}{extra});",
        "",
        (f"if ({got} < 2)", p.fail()),
        f"{p.rng.choice(['int', 'unsigned', 'size_t'])} {size} = {packet}[0];",
    ]
    lines: list = [f"memcpy({buffer}, {packet} + 1, {size});"]
    if p.careful:
        lines.insert(
            0,
            (
                f"if ({size} > {'(int)' if given.code[-1].startswith('int') else ''}{p.sizeof(buffer)})",
                p.fail("too long"),
            ),
        )
    comment = told(p, BYTES, w=word, b=buffer)
    return made(p, "CWE-787", "memcpy", given, [declared, comment, lines])


def index(p: CProgram) -> Made:
    word, source = text.noun(p.rng), p.rng.choice(INDEX_FROM)
    places = p.rng.choice([4, 7, 8, 10, 12, 16, 20])
    table = p.name(text.plural(word), f"{word}_table", "marks", "counts", "places")
    p.top.append(f"static int {table}[{places}];")
    given, (at,) = number_inputs(p, source, [p.rng.choice(["number", "place", "slot", "position", word])])
    use = p.rng.choice([f"{table}[{at}] = 1;", f"{table}[{at}] += 1;", f"{table}[{at}] = {at};"])
    lines: list = [use, f'printf("%d\\n", {table}[0]);']
    if p.careful:
        lines.insert(0, (f"if ({at} < 0 || {at} >= {places})", p.fail(f"no such {word}", given.clean)))
    return made(p, "CWE-787", "[]", given, [told(p, INDEX, w=word, b=table), lines])


def scan_text(p: CProgram) -> Made:
    word = _word(p)
    given = Input(p, "scanf")
    room = p.rng.choice([8, 12, 16, 20, 24, 32])
    name = p.name(word, f"{word}_wanted", "answer", "reply")
    given.code.append(f"char {name}[{room}];")
    width = str(room - 1) if p.careful else ""
    lines = [(f'if (scanf("%{width}s", {name}) != 1)', p.fail(f"no {word}")), *_shown(p, name)]
    return made(p, "CWE-787", "scanf", given, [told(p, SCAN, w=word), lines])


def parse_line(p: CProgram) -> Made:
    word = _word(p)
    given, line = text_input(p, "fgets", "line", p.rng.choice([128, 200, 256]))
    room, name, number = (
        p.rng.choice([8, 12, 16, 24]),
        p.name(word, "key", "left"),
        p.name("number", "value", "amount"),
    )
    given.code += [f"char {name}[{room}];", f"int {number};"]
    width = str(room - 1) if p.careful else ""
    lines = [(f'if (sscanf({line}, "%{width}[^:]:%d", {name}, &{number}) != 2)', p.fail("not understood"))]
    lines.append(f'printf("%s %d\\n", {name}, {number});')
    return made(p, "CWE-787", "sscanf", given, [told(p, PARSE, w=word), lines])


OPS = [
    (4, copy_text),
    (2, append_text),
    (3, print_text),
    (2, copy_bytes),
    (3, index),
    (1.5, scan_text),
    (1, parse_line),
]
