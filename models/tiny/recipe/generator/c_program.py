"""One C program under construction: style, includes, names; and how it is laid out.

Code is a list of statements; a statement with a body is a pair `(head, [statements])`, so that a style decides about
braces and indentation afterwards.
"""

import random
import re
import textwrap

from . import text

HEADER_OF = {
    "malloc calloc realloc free getenv atoi strtol strtoul exit EXIT_FAILURE EXIT_SUCCESS realpath": "stdlib.h",
    "strlen strcpy strcat strcmp strncmp strchr strrchr strstr strcspn strdup memcpy memset strtok strpbrk": "string.h",
    "printf fprintf puts perror fopen fclose fgets fputs snprintf sprintf scanf sscanf fscanf fread fwrite getline": "stdio.h",
    "remove rename FILE stdin fflush putchar fgetc NULL size_t": "stdio.h",
    "read write close unlink chdir getuid getopt": "unistd.h",
    "open O_RDONLY O_WRONLY O_CREAT O_TRUNC": "fcntl.h",
    "opendir readdir closedir DIR": "dirent.h",
    "stat mkdir": "sys/stat.h",
    "recv send recvfrom": "sys/socket.h",
    "uint8_t uint16_t uint32_t int32_t": "stdint.h",
    "ntohl ntohs": "arpa/inet.h",
    "INT_MAX PATH_MAX": "limits.h",
    "isalnum isdigit": "ctype.h",
    "getpwnam getpwuid": "pwd.h",
    "bool true false": "stdbool.h",
    "time time_t": "time.h",
}
HEADERS = {name: header for names, header in HEADER_OF.items() for name in names.split()}
IDLE = ["errno.h", "assert.h", "stdbool.h", "time.h", "unistd.h", "string.h", "stdlib.h", "sys/types.h", "signal.h"]
# Programs with includes that they do not use.
IDLE_SHARE = 0.3


class CProgram:
    """Collects what a program needs; `render` lays it out."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.step = text.weighted(rng, [(6, "    "), (1.5, "\t"), (1.5, "  ")])
        self.allman = text.chance(rng, 0.2)
        self.brace_all = text.chance(rng, 0.45)
        self.line_comments = text.chance(rng, 0.5)
        self.bang = text.chance(rng, 0.4)
        self.sizeof_bare = text.chance(rng, 0.12)
        self.chatty = text.chance(rng, 0.7)
        self.in_main = True
        self.looping = False
        self.answers = ""
        self.parameters: list[str] = []
        self.careful = False
        self.noun = text.noun(rng)
        self.top: list[str] = []
        self.helpers: list[list] = []
        self.taken: set[str] = {"int", "char", "long", "short", "double", "float", "register", "union", "case", "if"}
        self.taken |= {"default", "time", "index", "read", "write", "link", "stat", "signal", "log", "exp", "round"}
        self.taken |= {
            "volatile",
            "static",
            "struct",
            "switch",
            "return",
            "open",
            "close",
            "remove",
            "rename",
            "pipe",
        }

    def name(self, *options: str) -> str:
        """A name that the program has not used: one of the options, or one with a noun in front."""
        options = [text.expand(self.rng, option) for option in options]
        self.rng.shuffle(options)
        for option in options:
            if option not in self.taken:
                self.taken.add(option)
                return option
        while (option := f"{text.noun(self.rng)}_{options[0]}") in self.taken:
            pass
        self.taken.add(option)
        return option

    def constant(self, value, *options: str) -> str:
        """A macro for a value, or now and then the value itself."""
        if text.chance(self.rng, 0.35):
            return str(value)
        name = self.name(*options)
        self.top.append(f"#define {name} {value}")
        return name

    def is_null(self, expression: str) -> str:
        return f"!{expression}" if self.bang else f"{expression} == NULL"

    def not_null(self, expression: str) -> str:
        return expression if self.bang else f"{expression} != NULL"

    def parse(self, expression: str) -> str:
        """A number out of a text."""
        return f"atoi({expression})" if text.chance(self.rng, 0.7) else f"(int)strtol({expression}, NULL, 10)"

    def sizeof(self, name: str) -> str:
        return f"sizeof {name}" if self.sizeof_bare else f"sizeof({name})"

    def fail(self, words: str = "", clean=()) -> list:
        """What is done when something went wrong: now and then a message, then out."""
        lines = list(clean)
        if words and self.answers:
            lines.append(f'{self.answers}({self.rng.choice([400, 404, 500])}, "{words}");')
        elif words and self.chatty:
            lines.append(f'fprintf(stderr, "{words}\\n");')
        return [*lines, "continue;" if self.looping else self.out(False)]

    def out(self, good: bool) -> str:
        """The statement that ends the function."""
        if not self.in_main:
            return "return 0;" if good else "return -1;"
        words = ("EXIT_SUCCESS", "EXIT_FAILURE") if self.rng.random() < 0.2 else ("0", "1")
        return f"return {words[0] if good else words[1]};"

    def comment(self, words: str, depth: int = 1) -> list[str]:
        words = words[0].upper() + words[1:] if text.chance(self.rng, 0.25) else words
        lines = textwrap.wrap(words, 92 - 4 * depth)
        if self.line_comments:
            return ["// " + line for line in lines]
        if len(lines) == 1:
            return [f"/* {lines[0]} */"]
        return ["/* " + lines[0], *(" * " + line for line in lines[1:-1]), f" * {lines[-1]} */"]

    # layout ------------------------------------------------------------
    def function(self, head: str, body: list) -> str:
        """A function; its brace stands alone, as in most C."""
        opened = [head + " {"] if not self.allman and self.rng.random() < 0.25 else [head, "{"]
        return "\n".join([*opened, *self.lines(body, 1), "}"])

    def lines(self, code: list, depth: int) -> list[str]:
        pad = self.step * depth
        found: list[str] = []
        for statement in code:
            if isinstance(statement, str):
                found.append(pad + statement if statement else "")
                continue
            head, body = statement
            if len(body) == 1 and isinstance(body[0], str) and not self.brace_all:
                found += [pad + head, *self.lines(body, depth + 1)]
            elif self.allman:
                found += [pad + head, pad + "{", *self.lines(body, depth + 1), pad + "}"]
            else:
                found += [pad + head + " {", *self.lines(body, depth + 1), pad + "}"]
        return found

    def render(self, functions: list[str]) -> str:
        body = "\n\n".join([*(["\n".join(self.top)] if self.top else []), *functions])
        words = set(re.findall(r"\w+", body))
        headers = {header for name, header in HEADERS.items() if name in words}
        if text.chance(self.rng, IDLE_SHARE):
            headers.add(self.rng.choice(IDLE))
        order = sorted(headers)
        if text.chance(self.rng, 0.3):
            self.rng.shuffle(order)
        return "\n".join(f"#include <{header}>" for header in order) + "\n\n" + body + "\n"
