"""Where C programs get texts and numbers from: arguments, the environment, lines, sockets, files."""

from .c_program import CProgram
from .text import chance, noun

# Text inputs end with a zero; the last column says what a call gives when it reads nothing.
TEXTS = ("argv", "getenv", "fgets", "recv", "scanf", "fread", "getline", "read", "recvfrom")
NUMBERS = ("argv", "getenv", "scanf", "fread", "fgets", "recv", "read", "fscanf", "getline")
STREAM = {"fread", "fscanf"}
SOCKET = {"recv", "recvfrom", "read"}


class Input:
    """A value from outside: its name, the statements that get it, and what the function must be like for them."""

    def __init__(self, p: CProgram, source: str):
        self.p, self.source = p, source
        self.code: list = []
        self.clean: list[str] = []
        self.stream = ""
        if source == "argv":
            p.in_main = True
            self.code.append((f"if (argc {p.rng.choice(['< 2', '!= 2'])})", p.fail(f"usage: {noun(p.rng)} NAME")))
        elif source in STREAM:
            self.stream = p.name("in", "file", "input", "source")
        elif source in SOCKET:
            self.stream = p.name("fd", "sock", "peer", "client", "port")
        elif source in ("fgets", "scanf", "getline") or chance(p.rng, 0.7):
            p.in_main = p.in_main and chance(p.rng, 0.7)
        if self.stream:
            p.in_main = False

    @property
    def head(self) -> str:
        """The function that holds it."""
        p = self.p
        if p.in_main:
            return (
                p.rng.choice(["int main(int argc, char **argv)", "int main(int argc, char *argv[])"])
                if (self.source == "argv")
                else "int main(void)"
            )
        kind = f"FILE *{self.stream}" if self.source in STREAM else f"int {self.stream}" if self.stream else "void"
        static = "static " if chance(p.rng, 0.4) else ""
        name = p.name(f"[handle|serve|process|do|run|next|on]_{noun(p.rng)}", f"{noun(p.rng)}_[step|request|command]")
        return f"{static}int {name}({kind})"


def text_input(p: CProgram, source: str, word: str, size: int | None = None) -> tuple[Input, str]:
    """A text from outside, and its name."""
    given = Input(p, source)
    name = p.name(word, f"{word}_given" if word in ("name", "line") else f"{word}_name", f"wanted_{word}")
    room = size or p.rng.choice([32, 48, 64, 80, 100, 128, 200, 256])
    if source == "argv":
        given.code.append(f"const char *{name} = argv[1];")
    elif source == "getenv":
        variable = p.rng.choice(
            ["QUERY_STRING", "PATH_INFO", "HTTP_COOKIE", f"{word.upper()}", f"APP_{word.upper()}"]
        )
        given.code += [f'const char *{name} = getenv("{variable}");', ""]
        given.code.append((f"if ({p.is_null(name)})", p.fail(f"no {word}")))
    elif source == "getline":
        room_name = p.name("room", "size", "capacity")
        given.code += [f"char *{name} = NULL;", f"size_t {room_name} = 0;", ""]
        given.code.append((f"if (getline(&{name}, &{room_name}, stdin) <= 0)", p.fail()))
        given.code.append(f"{name}[strcspn({name}, \"\\n\")] = '\\0';")
        given.clean.append(f"free({name});")
    else:
        given.code.append(f"char {name}[{room}];")
        given.code += _filled(p, given, name, room)
    return given, name


def _filled(p: CProgram, given: Input, name: str, room: int) -> list:
    whole = p.sizeof(name)
    if source_is_line(given.source):
        null = f"!fgets({name}, {whole}, stdin)" if p.bang else f"fgets({name}, {whole}, stdin) == NULL"
        ends = p.rng.choice(['"\\n"', '"\\r\\n"'])
        return ["", (f"if ({null})", p.fail()), f"{name}[strcspn({name}, {ends})] = '\\0';"]
    if given.source == "scanf":
        return ["", (f'if (scanf("%{room - 1}s", {name}) != 1)', p.fail())]
    got = p.name("got", "n", "length", "received")
    call = {
        "fread": f"size_t {got} = fread({name}, 1, {whole} - 1, {given.stream});",
        "recv": f"ssize_t {got} = recv({given.stream}, {name}, {whole} - 1, 0);",
        "recvfrom": f"ssize_t {got} = recvfrom({given.stream}, {name}, {whole} - 1, 0, NULL, NULL);",
        "read": f"ssize_t {got} = read({given.stream}, {name}, {whole} - 1);",
    }[given.source]
    none = f"if ({got} == 0)" if given.source == "fread" else f"if ({got} <= 0)"
    return [call, "", (none, p.fail()), f"{name}[{got}] = '\\0';"]


def source_is_line(source: str) -> bool:
    return source == "fgets"


def number_inputs(p: CProgram, source: str, words: list[str], kind: str = "int") -> tuple[Input, list[str]]:
    """Numbers from outside, and their names; `kind` is their type where the source leaves a choice."""
    given = Input(p, source)
    names = [p.name(word, f"{word}_count", f"wanted_{word}") for word in words]
    if source == "argv":
        given.code[-1] = (f"if (argc != {len(names) + 1})", p.fail("usage: " + " ".join(n.upper() for n in names)))
        given.code += [f"{kind} {n} = {p.parse(f'argv[{i + 1}]')};" for i, n in enumerate(names)]
    elif source == "getenv":
        for name in names:
            given.code += [f'const char *{name}_text = getenv("{name.upper()}");']
            given.code += [f"{kind} {name} = {p.not_null(f'{name}_text')} ? atoi({name}_text) : 1;"]
    elif source in ("scanf", "fscanf", "fgets", "getline"):
        given.code += [f"{kind} {', '.join(names)};", *_scanned(p, given, names, kind)]
    else:
        call = {"fread": "fread(&{n}, sizeof({n}), 1, {s}) != 1"}
        for other in ("recv", "read"):
            flags = ", 0" if other == "recv" else ""
            call[other] = f"{other}({{s}}, &{{n}}, sizeof({{n}}){flags}) != sizeof({{n}})"
        given.code += [f"{kind} {', '.join(names)};", ""]
        for name in names:
            given.code.append((f"if ({call[source].format(n=name, s=given.stream)})", p.fail()))
    return given, names


def _scanned(p: CProgram, given: Input, names: list[str], kind: str) -> list:
    letter = "%u" if kind.startswith(("unsigned", "uint")) else "%d"
    wanted = f'"{" ".join([letter] * len(names))}", {", ".join(f"&{n}" for n in names)}) != {len(names)}'
    if given.source == "scanf":
        return ["", (f"if (scanf({wanted})", p.fail("numbers, please"))]
    if given.source == "fscanf":
        return ["", (f"if (fscanf({given.stream}, {wanted})", p.fail())]
    line = p.name("line", "text", "answer", "row")
    if given.source == "getline":
        room = p.name("room", "size", "capacity")
        given.clean.append(f"free({line});")
        get = [f"char *{line} = NULL;", f"size_t {room} = 0;", ""]
        return [
            *get,
            (f"if (getline(&{line}, &{room}, stdin) <= 0)", p.fail()),
            (f"if (sscanf({line}, {wanted})", p.fail()),
        ]
    read = f"fgets({line}, {p.sizeof(line)}, stdin)"
    return [
        f"char {line}[{p.rng.choice([40, 64, 80, 128])}];",
        "",
        (f"if ({p.is_null(read)})", p.fail()),
        (f"if (sscanf({line}, {wanted})", p.fail()),
    ]
