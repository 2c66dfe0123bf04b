"""Where C programs get texts and numbers from: arguments, the environment, lines, sockets, files."""

from . import c_settings as settings
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
        # Where every line of the input is one value: the loop, and what it does before the task.
        self.loop, self.inside = "", []
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
        stream = [f"FILE *{self.stream}" if self.source in STREAM else f"int {self.stream}"] if self.stream else []
        kind = ", ".join([*stream, *p.parameters]) or "void"
        static = "static " if chance(p.rng, 0.4) else ""
        name = p.name(f"[handle|serve|process|do|run|next|on]_{noun(p.rng)}", f"{noun(p.rng)}_[step|request|command]")
        return f"{static}int {name}({kind})"

    def each_line(self, line: str, room: int) -> None:
        """Does the task for every line."""
        p = self.p
        p.looping = True
        self.code.append(f"char {line}[{room}];")
        read = f"fgets({line}, {p.sizeof(line)}, stdin)"
        self.loop = f"while ({read if p.bang else read + ' != NULL'})"


def text_input(p: CProgram, source: str, word: str, size: int | None = None) -> tuple[Input, str]:
    """A text from outside, and its name."""
    given = Input(p, source)
    name = p.name(word, f"{word}_given" if word in ("name", "line") else f"{word}_name", f"wanted_{word}")
    room = size or p.rng.choice([32, 48, 64, 80, 100, 128, 200, 256])
    if source == "argv":
        given.code = _argument(p, given.code, name, word)
    elif source == "getenv":
        if p.in_main and chance(p.rng, 0.4):
            p.answers = settings.answerer(p)
        variable = p.rng.choice(
            ["QUERY_STRING", "PATH_INFO", "HTTP_COOKIE", f"{word.upper()}", f"APP_{word.upper()}"]
        )
        given.code += [f'const char *{name} = getenv("{variable}");', ""]
        empty = f" || {name}[0] == '\\0'" if chance(p.rng, 0.3) else ""
        given.code.append((f"if ({p.is_null(name)}{empty})", p.fail(f"no {word}")))
    elif source == "getline":
        room_name = p.name("room", "size", "capacity")
        given.code += [f"char *{name} = NULL;", f"size_t {room_name} = 0;", ""]
        given.code.append((f"if (getline(&{name}, &{room_name}, stdin) <= 0)", p.fail()))
        given.code.append(f"{name}[strcspn({name}, \"\\n\")] = '\\0';")
        given.clean.append(f"free({name});")
    elif source == "fgets" and chance(p.rng, 0.3):
        given.each_line(name, room)
        given.inside.append(_cut(p, name))
    elif chance(p.rng, 0.3):
        holder = settings.Holder(p, [f"char {name}[{room}];"], not p.in_main)
        name = holder.prefix + name
        given.code += [*holder.code, *_filled(p, given, name, room)]
    else:
        given.code.append(f"char {name}[{room}];")
        given.code += _filled(p, given, name, room)
    return given, name


def _argument(p: CProgram, check: list, name: str, word: str) -> list:
    """The argument, checked as the input has it, or an option."""
    way = p.rng.random()
    if way < 0.2:
        return settings.options(p, name, word)
    if way < 0.35:
        return [f"const char *{name};", "", *check, f"{name} = argv[1];"]
    if way < 0.5:
        at = p.rng.choice([2, 3])
        usage = p.fail(f"usage: {noun(p.rng)} " + " ".join([noun(p.rng).upper(), word.upper()][2 - at :]))
        return [(f"if (argc {p.rng.choice(['!=', '<'])} {at + 1})", usage), f"const char *{name} = argv[{at}];"]
    return [*check, f"const char *{name} = argv[1];"]


def _cut(p: CProgram, name: str) -> str:
    """Takes the end of a line off."""
    if chance(p.rng, 0.35):
        return f"{settings.trimmer(p)}({name});"
    ends = p.rng.choice(['"\\n"', '"\\r\\n"'])
    return f"{name}[strcspn({name}, {ends})] = '\\0';"


def _filled(p: CProgram, given: Input, name: str, room: int) -> list:
    whole = p.sizeof(name)
    if source_is_line(given.source):
        if chance(p.rng, 0.25):
            return ["", (f"if ({settings.line_reader(p)}({name}, {whole}) != 0)", p.fail(f"no {noun(p.rng)}"))]
        null = f"!fgets({name}, {whole}, stdin)" if p.bang else f"fgets({name}, {whole}, stdin) == NULL"
        return ["", (f"if ({null})", p.fail()), _cut(p, name)]
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
    declared, define = [f"{kind} {', '.join(names)};"], f"{kind} "
    if chance(p.rng, 0.35):
        holder = settings.Holder(p, [f"{kind} {name};" for name in names], not p.in_main)
        names = [holder.prefix + name for name in names]
        declared, define = holder.code, ""
    if source == "argv":
        given.code[-1] = (f"if (argc != {len(names) + 1})", p.fail("usage: " + " ".join(w.upper() for w in words)))
        first = chance(p.rng, 0.3) or not define
        given.code = [*(declared if first else []), *([""] if first and declared else []), *given.code]
        set_to = "" if first else define
        given.code += [f"{set_to}{n} = {p.parse(f'argv[{i + 1}]')};" for i, n in enumerate(names)]
    elif source == "getenv":
        given.code += [] if define else declared
        for name, word in zip(names, words, strict=True):
            held = p.name(f"{word}_text", f"{word}_set")
            given.code += [f'const char *{held} = getenv("{word.upper()}");']
            given.code += [f"{define}{name} = {p.not_null(held)} ? atoi({held}) : 1;"]
    elif source == "fgets" and kind == "int" and chance(p.rng, 0.3):
        ask = settings.number_reader(p)
        given.code += [] if define else declared
        given.code += [f'{define}{n} = {ask}("{w}");' for n, w in zip(names, words, strict=True)]
    elif source == "fgets" and chance(p.rng, 0.25):
        line = p.name("line", "text", "row")
        given.code += declared
        given.each_line(line, p.rng.choice([40, 64, 80, 128]))
        given.inside.append((f"if (sscanf({line}, {_wanted(names, kind)})", p.fail("not understood")))
    elif source in ("scanf", "fscanf", "fgets", "getline"):
        given.code += [*declared, *_scanned(p, given, names, kind)]
    else:
        call = "fread(&{n}, sizeof({n}), 1, {s}) != 1"
        if source != "fread":
            flags = ", 0" if source == "recv" else ""
            call = f"{source}({{s}}, &{{n}}, sizeof({{n}}){flags}) != sizeof({{n}})"
            if chance(p.rng, 0.35):
                call = f"!{settings.receiver(p, source)}({{s}}, &{{n}}, sizeof({{n}}))"
        given.code += [*declared, ""]
        for name in names:
            given.code.append((f"if ({call.format(n=name, s=given.stream)})", p.fail()))
    return given, names


def _wanted(names: list[str], kind: str) -> str:
    """The rest of a call of the scanf family, without its first bracket."""
    letter = "%u" if kind.startswith(("unsigned", "uint")) else "%d"
    return f'"{" ".join([letter] * len(names))}", {", ".join(f"&{n}" for n in names)}) != {len(names)}'


def _scanned(p: CProgram, given: Input, names: list[str], kind: str) -> list:
    wanted = _wanted(names, kind)
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
