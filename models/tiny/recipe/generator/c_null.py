"""CWE-476: a pointer that can be null is used without a look."""

from . import text
from .c_made import Made, told
from .c_program import CProgram

RECORD = [
    "a new {n} [with|that has] this {f}[|, to be freed by the caller| for the caller to free]",
    "[make|create|build] a {n} and [set|fill in] its {f}",
    "[allocate|get memory for] one {n}; its {f} is {v}",
]
ARRAY = [
    "[room|memory|space] for {k} {n}s, [all of them|every one] {v} at [first|the start]",
    "[an array|a table] of {k} {n}s",
    "[allocate|reserve] {k} {n}s and [fill|set] them",
]
GROW = [
    "[make|get] room for [one more|another] {n} and [append|add] it",
    "the {n} goes to the end of the list, which grows",
]
STREAM = [
    "[print|show] the first line of {d}",
    "{d} [has|holds] the {n}: [read|get] it",
    "[read|load] the {n} [from|out of] {d}[| and show it]",
]
NOTE = ["[write|append|add] a line about the {n} to {d}", "{d} is [told|informed] about the {n}"]
PEOPLE = ["[print|show] the [home folder|shell] of the user", "[where|in which folder] does this user live[?|]"]
SETTING = ["the {n} is [set|given] by ${v}", "[read|take] the {n} [from|out of] ${v}", "${v} [says|tells] which {n}"]
MARK = ["[what|the part that] [comes|stands] [after|behind] the [mark|{v}]", "[cut|split] the {n} at the {v}"]
COPY = [
    "[a copy|a second one] of the {n} [that can be changed|with another first letter]",
    "[copy|duplicate] the {n} and change [it|the copy]",
]
FIND = ["[find|look up] the {n} and [print|show] its {f}", "the {f} of the {n} [with|of] this number"]
FOLDER = ["[list|show] [what is|everything] in {d}", "[count|print] the entries of {d}"]


def _function(p: CProgram, gives: str, takes: str, *names: str) -> str:
    p.in_main = False
    static = "static " if text.chance(p.rng, 0.35) else ""
    return f"{static}{gives}{p.name(*names)}({takes})"


def _checked(p: CProgram, pointer: str, give: str, clean=()) -> list:
    """What a careful program does before it uses the pointer."""
    return [(f"if ({p.is_null(pointer)})", [*clean, give])] if p.careful else []


def _structure(p: CProgram, word: str) -> tuple[str, str, str]:
    """A struct of the program: its name, a number in it, a text in it."""
    tag = p.name(word)
    number, name = p.name("count", "size", "number", "weight", "age", "level"), p.name("name", "label", "title")
    fields = [f"int {number};", f"char {name}[{p.rng.choice([16, 24, 32, 40])}];"]
    p.rng.shuffle(fields)
    if text.chance(p.rng, 0.4):
        fields.append(f"struct {tag} *next;")
    p.top.append("\n".join([f"struct {tag} {{", *(p.step + f for f in fields), "};"]))
    return f"struct {tag}", number, name


def record(p: CProgram) -> Made:
    word = text.noun(p.rng)
    kind, number, _ = _structure(p, word)
    given, made_one = p.name("n", "value", f"{number}_wanted"), p.name(word[0], f"new_{word}", "fresh", "made")
    head = _function(p, f"{kind} *", f"int {given}", f"[new|make|create]_{word}", f"{word}_[new|create]")
    size = p.rng.choice([f"sizeof({kind})", f"sizeof(*{made_one})"])
    body = [
        *told(p, RECORD, n=word, f=number, v=given),
        f"{kind} *{made_one} = malloc({size});",
        *_checked(p, made_one, "return NULL;"),
        f"{made_one}->{number} = {given};",
        f"return {made_one};",
    ]
    return Made("CWE-476", "malloc", "->", head, body)


def cleared(p: CProgram) -> Made:
    word, count = text.noun(p.rng), p.rng.choice([16, 64, 100, 256, 512, 1000])
    head = _function(p, "unsigned char *", "void", f"[empty|blank|clear]_{word}", f"{word}_[buffer|block]")
    block, fill = p.name("block", "bytes", "data", word), p.rng.choice(["0", "255", "' '", "0xff"])
    k = p.constant(count, f"{word.upper()}_SIZE", "SIZE", "BYTES")
    body = [
        *told(p, ARRAY, k=k, n="byte", v=fill),
        f"unsigned char *{block} = malloc({k});",
        *_checked(p, block, "return NULL;"),
        f"memset({block}, {fill}, {k});",
        f"return {block};",
    ]
    return Made("CWE-476", "malloc", "memset", head, body)


def array(p: CProgram) -> Made:
    word, kind = text.noun(p.rng), p.rng.choice(["int", "double", "long", "float"])
    k = p.constant(p.rng.choice([10, 12, 50, 100, 365]), f"{text.plural(word).upper()}", "COUNT", "ENTRIES")
    head = _function(p, f"{kind} *", "void", f"[make|start|init]_{text.plural(word)}", f"{word}_[table|list]")
    values, value = p.name(text.plural(word), "values", "list", "table"), str(p.rng.choice([1, -1, 7, 100]))
    if text.chance(p.rng, 0.6):
        i = p.rng.choice("ijk")
        fill: list = [(f"for (int {i} = 0; {i} < {k}; {i}++)", [f"{values}[{i}] = {value};"])]
    else:
        fill = [f"{values}[0] = {value};"]
    body = [
        *told(p, ARRAY, k=k, n=word, v=value),
        f"{kind} *{values} = calloc({k}, sizeof({kind}));",
        *_checked(p, values, "return NULL;"),
        *fill,
        f"return {values};",
    ]
    return Made("CWE-476", "calloc", "[]", head, body)


def grow(p: CProgram) -> Made:
    word = text.noun(p.rng)
    values, used, value = (
        p.name("list", "values", text.plural(word)),
        p.name("used", "count", "n"),
        p.name("value", word),
    )
    p.top += [f"static int *{values};", f"static size_t {used};"]
    head = _function(p, "int ", f"int {value}", f"[add|append|push]_{word}", f"{word}_[add|append]")
    work = [f"{values} = realloc({values}, ({used} + 1) * sizeof(int));"]
    if p.careful:
        more = p.name("more", "larger", "grown")
        work = [f"int *{more} = realloc({values}, ({used} + 1) * sizeof(int));"]
        work += [(f"if ({p.is_null(more)})", ["return -1;"]), f"{values} = {more};"]
    body = [*told(p, GROW, n=word), *work, f"{values}[{used}] = {value};", f"{used}++;", "return 0;"]
    return Made("CWE-476", "realloc", "[]", head, body)


def first_line(p: CProgram) -> Made:
    word, where = (
        text.noun(p.rng),
        f"{text.folder(p.rng).rstrip('/')}/{text.noun(p.rng)}.{text.extension(p.rng).lstrip('.')}",
    )
    file, line = p.name("file", "in", "f", word), p.name("line", "text", "row")
    head = "int main(void)" if text.chance(p.rng, 0.3) else _function(p, "int ", "void", f"[show|read|load]_{word}")
    p.in_main = head.startswith("int main")
    sink = p.rng.choice(["fgets", "fread"])
    get = f"fgets({line}, {p.sizeof(line)}, {file})"
    read = (f"if ({p.not_null(get)})", [f'printf("%s", {line});'])
    if sink == "fread":
        read = (f"if (fread({line}, 1, {p.sizeof(line)} - 1, {file}) > 0)", [f"puts({line});"])
    body = [
        f"char {line}[{p.rng.choice([64, 100, 128, 256])}]" + (' = "";' if sink == "fread" else ";"),
        *told(p, STREAM, d=where, n=word),
        f'FILE *{file} = fopen("{where}", "r");',
        *_checked(p, file, p.out(False)),
        read,
        f"fclose({file});",
        p.out(True),
    ]
    return Made("CWE-476", "fopen", sink, head, body)


def note(p: CProgram) -> Made:
    word, where = text.noun(p.rng), f"/var/log/{text.noun(p.rng)}.log"
    file, number = p.name("log", "out", "file"), p.name("number", "code", "id")
    head = _function(p, "void ", f"int {number}", f"[note|log|remember]_{word}", f"{word}_[log|note]")
    sink = p.rng.choice(["fprintf", "fputs"])
    words = text.sentence(p.rng).replace("%", "")
    put = f'fprintf({file}, "{words} %d\\n", {number});' if sink == "fprintf" else f'fputs("{words}\\n", {file});'
    opened = f'FILE *{file} = fopen("{where}", "a");'
    body = [*told(p, NOTE, d=where, n=word), opened, *_checked(p, file, "return;"), put, f"fclose({file});"]
    return Made("CWE-476", "fopen", sink, head, body)


def person(p: CProgram) -> Made:
    user, entry = p.name("user", "login", "who", "uid"), p.name("entry", "pw", "account", "person")
    by_name = text.chance(p.rng, 0.6)
    head = _function(
        p, "void ", f"const char *{user}" if by_name else f"unsigned {user}", "[show|print]_[home|shell|user]"
    )
    call = "getpwnam" if by_name else "getpwuid"
    part = p.rng.choice(["pw_dir", "pw_shell", "pw_gecos"])
    body = [
        *told(p, PEOPLE),
        f"struct passwd *{entry} = {call}({user});",
        *_checked(p, entry, "return;"),
        f'printf("%s\\n", {entry}->{part});',
    ]
    return Made("CWE-476", call, "->", head, body)


def setting(p: CProgram) -> Made:
    word = text.noun(p.rng)
    variable = p.rng.choice([word.upper(), f"APP_{word.upper()}", f"DEFAULT_{word.upper()}"])
    value = p.name("value", "text", "wanted", f"{word}_text")
    head = _function(p, "int ", "void", f"{word}_[setting|limit|option]", f"[read|get]_{word}")
    sink = p.rng.choice(["atoi", "strstr"])
    use = f"return atoi({value});"
    if sink == "strstr":
        use = f'return strstr({value}, "{text.noun(p.rng)}") != NULL;'
    body = [
        *told(p, SETTING, n=word, v=variable),
        f'const char *{value} = getenv("{variable}");',
        *_checked(p, value, "return 0;"),
        use,
    ]
    return Made("CWE-476", "getenv", sink, head, body)


def mark(p: CProgram) -> Made:
    word, at = text.noun(p.rng), p.rng.choice("=:;,@#/|")
    given, found = p.name("line", "text", word), p.name("mark", "at", "p", "sign", "rest")
    head = _function(p, "char *", f"char *{given}", f"[split|cut|after|value_of]_{word}", f"{word}_[value|part]")
    call, looked = p.rng.choice([("strchr", f"'{at}'"), ("strstr", f'"{at}{at}"')])
    body = [
        *told(p, MARK, n=word, v=f"'{at}'"),
        f"char *{found} = {call}({given}, {looked});",
        *_checked(p, found, "return NULL;"),
        f"*{found} = '\\0';",
        f"return {found} + 1;",
    ]
    return Made("CWE-476", call, "*", head, body)


def copy(p: CProgram) -> Made:
    word = text.noun(p.rng)
    given, copied = p.name("text", "name", word), p.name("copy", "twin", "result", "other")
    head = _function(p, "char *", f"const char *{given}", f"[copy|change|mark]_{word}", f"{word}_[copy|twin]")
    body = [
        *told(p, COPY, n=word),
        f"char *{copied} = strdup({given});",
        *_checked(p, copied, "return NULL;"),
        f"{copied}[0] = '{p.rng.choice('abcxyz*_#')}';",
        f"return {copied};",
    ]
    return Made("CWE-476", "strdup", "[]", head, body)


def found(p: CProgram) -> Made:
    word = text.noun(p.rng)
    kind, number, name = _structure(p, word)
    table, many = p.name(text.plural(word), f"all_{text.plural(word)}", "table"), p.rng.choice([4, 8, 10, 16])
    p.top.append(f"static {kind} {table}[{many}];")
    find, key, i = (
        p.name(f"find_{word}", f"{word}_by_{number}", f"lookup_{word}"),
        p.name("key", "wanted"),
        p.rng.choice("ijk"),
    )
    loop = (f"for (int {i} = 0; {i} < {many}; {i}++)", [])
    loop[1].append((f"if ({table}[{i}].{number} == {key})", [f"return &{table}[{i}];"]))
    helper = p.function(f"static {kind} *{find}(int {key})", [loop, "return NULL;"])
    given, it = p.name("n", "number", "asked"), p.name("hit", word[0], f"this_{word}", "match")
    head = _function(p, "void ", f"int {given}", f"[show|print]_{word}")
    body = [
        *told(p, FIND, n=word, f=name),
        f"{kind} *{it} = {find}({given});",
        *_checked(p, it, "return;"),
        f'printf("%s\\n", {it}->{name});',
    ]
    return Made("CWE-476", "NULL", "->", head, body, [helper])


def folder(p: CProgram) -> Made:
    word, where = text.noun(p.rng), text.folder(p.rng)
    opened, entry = p.name("dir", "folder", "d"), p.name("entry", "item", "e")
    head = _function(p, "int ", "void", f"[list|show|count]_{text.plural(word)}")
    n = p.name("n", "count", "found")
    body = [
        f"int {n} = 0;",
        f"struct dirent *{entry};",
        *told(p, FOLDER, d=where),
        f'DIR *{opened} = opendir("{where}");',
        *_checked(p, opened, "return -1;"),
        (f"while (({entry} = readdir({opened})) != NULL)", [f"{n}++;"]),
        f"closedir({opened});",
        f"return {n};",
    ]
    return Made("CWE-476", "opendir", "readdir", head, body)


OPS = [(3, record), (1.5, cleared), (3, array), (1.5, grow), (2.5, first_line), (1.5, note), (1, person)]
OPS += [(1.5, setting), (1.5, mark), (1.5, copy), (2, found), (1, folder)]
