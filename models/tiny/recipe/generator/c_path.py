"""CWE-22: a text from outside names a file below a folder."""

from . import text
from .c_inputs import Input, text_input
from .c_made import Made, draw, made, told
from .c_program import CProgram

# Which source goes with which sink: see the combinations in data/benchmarks/hexabench-c/README.md.
OPEN_FROM = ("argv", "getenv", "fgets", "recv", "scanf", "fread")
DELETE_FROM = ("fgets", "recv", "scanf", "getline", "read")
LIST_FROM = ("argv", "read", "recv", "getline")
MAKE_FROM = ("argv", "fgets", "getenv")
MOVE_FROM = ("argv", "scanf")
ASK_FROM = ("argv", "fgets", "getenv", "recv")

THINGS = (
    "page document report letter note card track picture log template theme lesson plugin entry chart map".split()
)
READ = [
    "[print|show|output|type] the {w} [of this name|that is wanted|with that name] from {d}",
    "[look for|find|fetch] the {w} [in|below|under] {d} and [print|show|write out] what it [holds|says|contains]",
    "all {w}s [are|lie|live] in {d}; [copy|write|put] the [wanted|right|chosen] one to the output",
    "[open|read] the {w} below {d}[| line by line| and show its lines| and print it]",
    "[read|load] the {w} from {d}; it is an error if [it is missing|there is none|nobody wrote one]",
]
WRITE = [
    "[store|save|keep] [a line|the text|what is known] as a {w} [of this name|with that name] in {d}",
    "[start|create|begin|make] a new {w} [in|below|under] {d}",
    "[write|put] a [header|first line|title] into the {w} [in|under] {d}",
]
DELETE = [
    "[delete|remove|drop|erase] the {w} [from|in|below] {d}",
    "the {w} is [no longer needed|old|done with]: [remove|delete] it from {d}",
    "[clean up|tidy]: the {w} in {d} [goes away|has to go]",
]
LIST = [
    "[list|show|print] [everything|all entries|the names] in the {w} folder below {d}",
    "[count|number] the [files|entries] of the {w} under {d}",
    "[walk|go] through the folder of the {w} in {d} and [print|show] [each name|all names]",
]
MAKE = [
    "[make|create] a folder for the {w} [in|below|under] {d}",
    "every {w} gets a [folder|directory] of its own in {d}",
]
MOVE = [
    "[move|put] the {w} from {d} to the [archive|old ones|trash]",
    "[file|store] the {w} of {d} [away|in the archive]",
]
ASK = [
    "[say|tell|print] how [large|big|long] the {w} in {d} is",
    "[look|check] [whether|if] there is such a {w} in {d}",
]


class Place:
    """A folder, a name in it, and the path of both."""

    def __init__(self, p: CProgram, given: Input, name: str, word: str, existing: bool):
        self.p, self.given, self.value, self.word = p, given, name, word
        self.folder = text.folder(p.rng).rstrip("/")
        self.path = p.name("path", "file", "full", "target", "where")
        self.room = p.rng.choice([256, 300, 400, 512, 1024])
        self.ending = p.rng.choice(["", "", f".{text.extension(p.rng).lstrip('.')}"])
        self.existing = existing
        self.used = self.path

    def lines(self) -> list:
        """Makes the path; a careful program looks at the name or at where the path leads."""
        p, folder = self.p, self.folder
        named = text.chance(p.rng, 0.4)
        if named:
            macro = p.name("BASE", "ROOT", "[DATA|HOME|STORE]_DIR", f"{self.word.upper()}_DIR")
            p.top.append(f'#define {macro} "{folder}"')
        print_it = f'snprintf({self.path}, {p.sizeof(self.path)}, "{folder}/%s{self.ending}", {self.value});'
        if named:
            args = f'"%s/%s{self.ending}", {macro}, {self.value}'
            print_it = f"snprintf({self.path}, {p.sizeof(self.path)}, {args});"
        lines = [f"char {self.path}[{self.room}];"]
        if not p.careful:
            return [*lines, print_it]
        if self.existing and folder.startswith("/") and text.chance(p.rng, 0.4):
            return [*lines, print_it, *self._resolved()]
        return [*self._looked_at(), *lines, print_it]

    def _looked_at(self) -> list:
        p, value = self.p, self.value
        slash = p.not_null(f"strchr({value}, '/')")
        refused = p.fail(f"bad {self.word}", self.given.clean)
        if text.chance(p.rng, 0.25) and not p.looping:
            mark = p.name("c", "mark", "at")
            walk = (f"for (const char *{mark} = {value}; *{mark} != '\\0'; {mark}++)", [])
            walk[1].append((f"if (!isalnum((unsigned char)*{mark}))", refused))
            return [walk]
        dots = p.rng.choice([p.not_null(f'strstr({value}, "..")'), f'strcmp({value}, "..") == 0'])
        return [(f"if ({slash} || {dots})", refused)]

    def _resolved(self) -> list:
        p = self.p
        real = p.name("real", "resolved", "actual")
        start = f"{self.folder}/"
        unlike = f'strncmp({real}, "{start}", {len(start)}) != 0'
        failed = p.is_null(f"realpath({self.path}, {real})")
        self.used = real
        return [
            f"char {real}[PATH_MAX];",
            (f"if ({failed} || {unlike})", p.fail(f"no {self.word}", self.given.clean)),
        ]


def _place(p: CProgram, sources, existing=True) -> tuple[Input, Place]:
    word = p.rng.choice(THINGS) if text.chance(p.rng, 0.4) else text.noun(p.rng)
    given, name = text_input(p, p.rng.choice(sources), p.rng.choice([word, "name", "key", word]))
    return given, Place(p, given, name, word, existing)


def _done(p, given, place, sink, phrases, use) -> Made:
    lines = place.lines()
    comment = told(p, phrases, w=place.word.replace("_", " "), d=place.folder)
    return made(p, "CWE-22", sink, given, [comment, [*lines, *use(place.used)]])


def read_file(p: CProgram) -> Made:
    given, place = _place(p, OPEN_FROM)
    sink = draw(p, [(7, "fopen"), (3, "open")])
    handle = p.name("file", "in", "stream", "f", "fd", place.word)

    def use(path: str) -> list:
        if sink == "open":
            block, got = p.name("block", "chunk", "data"), p.name("n", "count", "bytes")
            copy = (f"while (({got} = read({handle}, {block}, {p.sizeof(block)})) > 0)", [])
            copy[1].append((f"if (write(1, {block}, (size_t){got}) < 0)", ["break;"]))
            opened = [f"int {handle} = open({path}, O_RDONLY);", (f"if ({handle} < 0)", p.fail(f"no {place.word}"))]
            return [*opened, f"char {block}[1024];", f"ssize_t {got};", copy, f"close({handle});"]
        line = p.name("line", "row", "buffer")
        more = p.not_null(f"fgets({line}, {p.sizeof(line)}, {handle})")
        opened = [f'FILE *{handle} = fopen({path}, "{p.rng.choice(["r", "rb"])}");']
        opened.append((f"if ({p.is_null(handle)})", p.fail(f"no {place.word}", given.clean)))
        show = p.rng.choice([f"fputs({line}, stdout);", f'printf("%s", {line});'])
        return [*opened, f"char {line}[256];", (f"while ({more})", [show]), f"fclose({handle});"]

    return _done(p, given, place, sink, READ, use)


def write_file(p: CProgram) -> Made:
    given, place = _place(p, OPEN_FROM, existing=False)
    handle = p.name("file", "out", "stream", "f")

    def use(path: str) -> list:
        opened = [f'FILE *{handle} = fopen({path}, "{p.rng.choice(["w", "a", "wb"])}");']
        opened.append((f"if ({p.is_null(handle)})", p.fail(f"cannot write the {place.word}", given.clean)))
        return [*opened, f'fprintf({handle}, "{text.sentence(p.rng)}\\n");', f"fclose({handle});"]

    return _done(p, given, place, "fopen", WRITE, use)


def _simple(p: CProgram, sources, sink: str, phrases, call: str, existing=True) -> Made:
    given, place = _place(p, sources, existing)
    bad = f"if ({call} != 0)" if text.chance(p.rng, 0.7) else f"if ({call} < 0)"
    words = f"{place.word} failed"
    return _done(
        p, given, place, sink, phrases, lambda path: [(bad.replace("PATH", path), p.fail(words, given.clean))]
    )


def delete_file(p: CProgram) -> Made:
    sink = draw(p, [(5, "unlink"), (5, "remove")])
    return _simple(p, DELETE_FROM, sink, DELETE, f"{sink}(PATH)")


def make_folder(p: CProgram) -> Made:
    return _simple(
        p, MAKE_FROM, "mkdir", MAKE, f"mkdir(PATH, {p.rng.choice(['0755', '0750', '0700'])})", existing=False
    )


def move_file(p: CProgram) -> Made:
    return _simple(p, MOVE_FROM, "rename", MOVE, f'rename(PATH, "{text.noun(p.rng)}.old")')


def ask_file(p: CProgram) -> Made:
    given, place = _place(p, ASK_FROM)
    about = p.name("info", "about", "status", "st")

    def use(path: str) -> list:
        asked = (f"if (stat({path}, &{about}) != 0)", p.fail(f"no {place.word}", given.clean))
        return [f"struct stat {about};", asked, f'printf("%ld\\n", (long){about}.st_size);']

    return _done(p, given, place, "stat", ASK, use)


def list_folder(p: CProgram) -> Made:
    given, place = _place(p, LIST_FROM)
    folder, entry = p.name("dir", "folder", "d"), p.name("entry", "item", "e")

    def use(path: str) -> list:
        opened = [f"DIR *{folder} = opendir({path});"]
        opened.append((f"if ({p.is_null(folder)})", p.fail(f"no {place.word}", given.clean)))
        walk = (f"while (({entry} = readdir({folder})) != NULL)", [f'printf("%s\\n", {entry}->d_name);'])
        return [*opened, f"struct dirent *{entry};", walk, f"closedir({folder});"]

    return _done(p, given, place, "opendir", LIST, use)


OPS = [
    (5, read_file),
    (2, write_file),
    (2, delete_file),
    (1.2, list_folder),
    (1, make_folder),
    (1, move_file),
    (1, ask_file),
]
