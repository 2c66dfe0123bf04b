"""What stands around a value in larger C programs: helper functions that read it, structures that hold it, loops over
lines, options, and an answer function for what went wrong."""

from .c_program import CProgram
from .text import chance, noun


def line_reader(p: CProgram) -> str:
    """A function of the program that reads a line into a buffer; its name."""
    name = p.name("read_line", "next_line", "[get|take]_[line|word]", f"read_{noun(p.rng)}")
    to, room = p.name("to", "into", "line", "buffer"), p.name("room", "size", "most")
    get = f"fgets({to}, {p.rng.choice(['', '(int)'])}{room}, stdin)"
    ending = p.rng.choice(['"\\n"', '"\\r\\n"'])
    body = [(f"if ({p.is_null(get)})", ["return -1;"]), f"{to}[strcspn({to}, {ending})] = '\\0';", "return 0;"]
    p.helpers.append(p.function(f"static int {name}(char *{to}, size_t {room})", body))
    return name


def trimmer(p: CProgram) -> str:
    """A function that cuts a line at its end; its name."""
    name, s = p.name("trim", "chomp", "strip", "cut_end", "[trim|strip]_line"), p.rng.choice(["s", "line", "text"])
    if chance(p.rng, 0.5):
        body: list = [f"{s}[strcspn({s}, \"\\r\\n\")] = '\\0';"]
    else:
        n = p.rng.choice(["n", "end", "length"])
        ends = f"{n} > 0 && ({s}[{n} - 1] == '\\n' || {s}[{n} - 1] == '\\r')"
        body = [f"size_t {n} = strlen({s});", "", (f"while ({ends})", [f"{s}[--{n}] = '\\0';"])]
    p.helpers.append(p.function(f"static void {name}(char *{s})", body))
    return name


def number_reader(p: CProgram) -> str:
    """A function that asks a question on the terminal and gives the number; its name."""
    name = p.name("ask_number", "get_number", "[ask|prompt|number]_[for|from_user|wanted]", f"ask_{noun(p.rng)}")
    question, answer = p.name("question", "what", "label"), p.name("answer", "reply", "line")
    body: list = [f"char {answer}[{p.rng.choice([16, 24, 32, 64])}];", ""]
    body += [f'printf("{p.rng.choice(["%s? ", "%s: ", "%s> "])}", {question});']
    if chance(p.rng, 0.5):
        body.append("fflush(stdout);")
    none = p.rng.choice(["0", "-1", "1"])
    body.append((f"if ({p.is_null(f'fgets({answer}, sizeof({answer}), stdin)')})", [f"return {none};"]))
    body.append(f"return {p.parse(answer)};")
    p.helpers.append(p.function(f"static int {name}(const char *{question})", body))
    return name


def receiver(p: CProgram, source: str) -> str:
    """A function that receives so many bytes; its name."""
    name = p.name("receive_all", "read_exactly", "[get|take|receive]_bytes", "fetch")
    fd, to, size = p.rng.choice(["sock", "fd", "peer"]), p.name("to", "into", "place"), p.name("size", "n", "wanted")
    if chance(p.rng, 0.5):
        call = f"recv({fd}, {to}, {size}, MSG_WAITALL)" if source == "recv" else f"read({fd}, {to}, {size})"
        body: list = [f"return {call} == (ssize_t){size};"]
    else:
        call = f"recv({fd}, {to}, {size}, 0)" if source == "recv" else f"read({fd}, {to}, {size})"
        got = p.name("got", "received", "have")
        body = [f"ssize_t {got} = {call};", "", f"return {got} >= 0 && (size_t){got} == {size};"]
    p.helpers.append(p.function(f"static int {name}(int {fd}, void *{to}, size_t {size})", body))
    return name


def answerer(p: CProgram) -> str:
    """A function that answers a request; its name."""
    name = p.name("answer", "reply", "respond", "send_page", "[answer|reply]_with")
    status, words = p.rng.choice(["status", "code"]), p.rng.choice(["text", "words", "message"])
    kind = p.rng.choice(["plain", "html"])
    ways = [
        [f'printf("HTTP/1.0 %d\\r\\nConnection: close\\r\\n\\r\\n%s\\n", {status}, {words});'],
        [f'printf("Content-Type: text/{kind}\\nStatus: %d\\n\\n%s\\n", {status}, {words});', "fflush(stdout);"],
        [f'fprintf({status} < 400 ? stdout : stderr, "%d %s\\n", {status}, {words});'],
    ]
    p.helpers.append(p.function(f"static void {name}(int {status}, const char *{words})", p.rng.choice(ways)))
    return name


class Holder:
    """A structure of the program that holds values: a local one, a global one, or one that a caller hands in."""

    def __init__(self, p: CProgram, fields: list[str], may_be_handed: bool):
        tag = p.name("request", "options", "settings", "job", "state", "entry", noun(p.rng))
        others = [
            f"int {p.name('verbose', 'level', 'count', 'flags', 'id')};",
            f"char {p.name('owner', 'note')}[16];",
        ]
        lines = [*fields, *p.rng.sample(others, p.rng.randint(0, 2))]
        p.rng.shuffle(lines)
        p.top.append("\n".join([f"struct {tag} {{", *(p.step + line for line in lines), "};"]))
        self.code: list[str] = []
        kind = p.rng.random()
        name = p.name(tag, tag[0], "it", "r", "current", "s")
        if may_be_handed and kind < 0.5:
            p.parameters.append(f"struct {tag} *{name}")
            self.prefix = f"{name}->"
        elif kind < 0.75:
            p.top.append(f"static struct {tag} {name};")
            self.prefix = f"{name}."
        else:
            self.code = [f"struct {tag} {name};"]
            self.prefix = f"{name}."


def options(p: CProgram, name: str, word: str) -> list:
    """The value of a command-line option."""
    letter, option = word[0], p.name("option", "opt", "c", "o")
    default = p.rng.choice(["NULL", f'"{noun(p.rng)}"'])
    choice = p.rng.random()
    out = [p.out(False)]
    if choice < 0.5:
        inner: list = [(f"if ({option} == '{letter}')", [f"{name} = optarg;"]), ("else", out)]
    else:
        inner = [(f"if ({option} != '{letter}')", out), f"{name} = optarg;"]
    loop = (f'while (({option} = getopt(argc, argv, "{letter}:")) != -1)', inner)
    code: list = [f"const char *{name} = {default};", f"int {option};", "", loop]
    if default == "NULL":
        code.append((f"if ({p.is_null(name)})", p.fail(f"usage: {noun(p.rng)} -{letter} {word.upper()}")))
    return code
