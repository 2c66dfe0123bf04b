"""Assembling one handler: values read, lines before, comment, operation, answer."""

import textwrap

from . import text, words
from .text import chance, expand, weighted
from .vague import vague

# Programs whose words do not say what is done.
VAGUE_SHARE = 0.2


class Value:
    """One value of the request: its name in the code, its key, and what reads it."""

    def __init__(self, expr, key, reads):
        self.expr, self.key, self.reads = expr, key, reads

    def __str__(self):
        return self.expr


SHORT = {
    "name": "n",
    "filename": "fname",
    "address": "addr",
    "expression": "expr",
    "document": "doc",
    "message": "msg",
}


def read_value(h, names, where=None, default=None) -> Value:
    """Read one value of the request into a variable that is named for it."""
    rng = h.rng
    key = rng.choice(names)
    if chance(rng, 0.3):
        key = text.noun(rng) if chance(rng, 0.6) else f"{text.noun(rng)}_{text.noun(rng)}"
    elif chance(rng, 0.12):
        key = f"{rng.choice([h.noun, text.noun(rng), text.adjective(rng)])}_{key}"
    var = key
    if chance(rng, 0.28):
        var = rng.choice(
            [
                text.noun(rng),
                text.noun(rng),
                f"{text.adjective(rng)}_{key}",
                SHORT.get(key, "value"),
                f"raw_{key}",
                f"{key}_value",
                rng.choice(names),
                f"the_{key}",
                f"user_{key}",
            ]
        )
    var = h.var(var)
    reads = h.read(var, key, where or h.where, default)
    if reads and isinstance(reads[-1], tuple):
        return Value(reads[-1][2], key, [])
    return Value(var, key, reads)


def second_value(h) -> Value:
    """An unimportant further value."""
    where = (
        h.where
        if h.where in ("query", "form", "json", "path") and chance(h.rng, 0.85)
        else weighted(h.rng, [(3, "query"), (2, "form")])
    )
    if where not in h.fw.wheres:
        where = "query"
    return read_value(
        h,
        ["name", "title", "kind", "lang", "comment", "note", text.noun(h.rng), text.noun(h.rng), text.noun(h.rng)],
        where,
    )


def guard(h, value: Value) -> list[str]:
    """`if not value:` with an error answer."""
    rng, p = h.rng, h.p
    test = weighted(
        rng,
        [
            (6, f"not {value}"),
            (1.2, f"{value} == {p.q('')}"),
            (1, f"{value} is None"),
            (0.8, f"len({value}) > {rng.choice([64, 100, 200, 255, 500, 1000])}"),
        ],
    )
    message = rng.choice(
        [
            f"missing {value.key}",
            f"{value.key} is missing",
            f"no {value.key}",
            f"{value.key} required",
            text.sentence(rng),
        ]
    )
    return [f"if {test}:", *text.indent(h.error(rng.choice([400, 400, 400, 422, 404]), message), 4)]


def decoy(h) -> list[str]:
    """A variable of any name that the task does not need, so that names must be read, not guessed."""
    p, rng, q = h.p, h.rng, h.p.q
    name = h.var(
        rng.choice(
            [
                text.noun(rng),
                text.noun(rng),
                f"{text.adjective(rng)}_{text.noun(rng)}",
                f"{text.noun(rng)}_{text.noun(rng)}",
                text.adjective(rng),
                text.plural(text.noun(rng)),
            ]
        )
    )
    n, m = text.noun(rng), text.noun(rng)
    kind = rng.randrange(9)
    if kind == 0:
        p.use("os")
        return [f"{name} = os.path.join({q(n)}, {q(m)})"]
    if kind == 1:
        return [
            f"{name} = {q(rng.choice([n, f'{n}-{rng.randint(1, 99)}', f'/{n}/{m}', f'{n}.{text.extension(rng)}', text.sentence(rng)]))}"
        ]
    if kind == 2:
        return [f"{name} = {rng.choice([str(rng.randint(1, 500)), '0', 'None', 'True', 'False', '[]', '{}', '0.5'])}"]
    if kind == 3:
        fn = f"{rng.choice(['load', 'find', 'get', 'count', 'current', 'default', 'read'])}_{n}"
        p.use(rng.choice([f".{m}", n, ".services", ".store", f"{m}.{n}", "helpers"]), fn)
        return [f"{name} = {fn}()"]
    if kind == 4:
        const = p.constant(
            rng.choice([q(n), str(rng.randint(2, 90)), q(f"{rng.randint(1, 9)}.{rng.randint(0, 9)}")]),
            n.upper(),
            f"{m.upper()}_{n.upper()}",
        )
        return [f"{name} = {const}"]
    if kind == 5:
        p.use("datetime", rng.choice(["date", "datetime"]))
        made = "date.today()" if "date" in p.froms["datetime"] else "datetime.now()"
        return [f"{name} = {made}"]
    if kind == 6:
        return [f"{name} = [{', '.join(q(text.noun(rng)) for _ in range(rng.choice([1, 2, 3])))}]"]
    if kind == 7:
        return [f"{name} = {{{q(n)}: {rng.choice(['1', 'True', q(m), '[]'])}}}"]
    return [f"{name} = {q(n)} if {rng.choice(['True', 'limit' if 'limit' in h.locals else 'False'])} else {q(m)}"]


def fluff(h) -> list[str]:
    """Statements of no importance, as real handlers have them."""
    p, rng, q = h.p, h.rng, h.p.q
    if chance(rng, 0.55):
        return decoy(h)
    kind = rng.randrange(16)
    n = text.noun(rng)
    if kind == 0:
        p.use("datetime", "datetime")
        return [
            f"{h.var(rng.choice(['now', 'started', 'created', 'stamp']))} = datetime.{rng.choice(['now', 'utcnow'])}()"
        ]
    if kind == 1:
        p.use("time")
        return [f"{h.var(rng.choice(['started', 'start', 'begin']))} = time.{rng.choice(['time', 'monotonic'])}()"]
    if kind == 2:
        return [f"{h.var('limit', 'size', 'count')} = {rng.choice([5, 10, 20, 25, 50, 100, 200])}"]
    if kind == 3:
        return [f"{h.var('found', 'items', 'rows', 'lines')} = []"]
    if kind == 4:
        return [f"{h.var('title', 'heading', 'label')} = {q(text.noun(rng).capitalize() + ' ' + text.noun(rng))}"]
    if kind == 5:
        p.use("uuid")
        return [f"{h.var('token', 'key', 'ticket', n + '_id')} = uuid.uuid4().hex"]
    if kind == 6:
        p.use("datetime", "date")
        return [f"{h.var('today', 'day')} = date.today()"]
    if kind == 7:
        obj = text.camel(n)
        p.use(
            rng.choice([".models", "models", f"{rng.choice(words.COMPANIES)}.models", f"{n}.models", "app.models"]),
            obj,
        )
        return [
            rng.choice(
                [
                    f"{h.var(n)} = {obj}.objects.first()",
                    f"{h.var(n)} = {obj}()",
                    f"{h.var(text.plural(n))} = {obj}.all()",
                    f"{h.var(n)} = {obj}.query.first()",
                ]
            )
        ]
    if kind == 8:
        fn = f"{rng.choice(['get', 'load', 'find', 'fetch', 'read', 'count', 'check'])}_{n}"
        p.use(
            rng.choice([f".{text.noun(rng)}", text.plural(n), f".{n}", ".services", "services", ".utils", ".store"]),
            fn,
        )
        return [f"{h.var(n)} = {fn}()"]
    if kind == 9:
        return [f"{h.var('result', 'answer', 'status')} = {rng.choice(['None', '{}', q('')])}"]
    if kind == 10:
        p.use("os")
        return [
            f"{h.var('base', 'root', 'home')} = os.environ.get({q(n.upper() + '_' + rng.choice(['DIR', 'HOME', 'ROOT']))}, {q(text.folder(rng))})"
        ]
    if kind == 11 and h.fw.name == "flask":
        p.use("flask", "session")
        return [
            f"{h.var('user')} = session.get({q('user')})",
            f"if {rng.choice(['not user', 'user is None'])}:",
            *text.indent(h.error(rng.choice([401, 403]), "login required"), 4),
        ]
    if kind == 11 and h.fw.name == "django":
        return ["if not request.user.is_authenticated:", *text.indent(h.error(403, "login required"), 4)]
    if kind == 12:
        return [
            f"{h.var('allowed', 'choices', 'kinds')} = ({', '.join(q(text.noun(rng)) for _ in range(rng.choice([2, 3])))})"
        ]
    if kind == 13:
        p.use("random")
        return [f"{h.var('number', 'code', 'pick')} = random.randint(1, {rng.choice([6, 100, 999])})"]
    if kind == 14:
        return [
            f"{h.var('options', 'settings', 'headers')} = {{{q(text.noun(rng))}: {rng.choice(['True', '1', q(text.noun(rng))])}}}"
        ]
    return [f"{h.var('color', 'style', 'lang', 'mode')} = {q(rng.choice(words.COLORS))}"]


def say(h, phrase: str) -> str:
    """Dress a phrase as somebody would write it in a comment."""
    rng = h.rng
    phrase = expand(rng, phrase)
    if h.p.capital_comments:
        phrase = phrase[0].upper() + phrase[1:]
        if chance(rng, 0.25):
            phrase += "."
    return phrase


def finish(h, values, phrase, code, before=(), answers=""):
    """Lay the handler out: reads, fluff, comment or docstring, code."""
    p, rng = h.p, h.rng
    if len(values) == 1 and chance(rng, 0.2) and h.where in ("query", "form", "json", "path", "header"):
        values = [values[0], second_value(h)]
    reads = []
    # The value that matters is not always the first one read.
    for value in values if h.json_var or chance(rng, 0.5) else reversed(values):
        reads += value.reads
    if reads and chance(rng, 0.08):
        reads = [*text.comment_lines(rng, say(h, aside(h, values)), p.width), *reads]
    extra = [line for _ in range(weighted(rng, [(45, 0), (35, 1), (20, 2)])) for line in fluff(h)]
    guarded = guard(h, values[0]) if values and chance(rng, 0.16) else []
    lines = [*extra, *reads] if chance(rng, 0.4) else [*reads, *extra]
    if values and values[0].reads == [] and guarded:
        lines = [*guarded, *lines]
    else:
        lines += guarded
    lines += list(before)
    if h.early:
        lines += h.early
    task = embellish(h, phrase + answers)
    if chance(rng, VAGUE_SHARE):
        task = vague(rng, values[0].key if values else h.noun)
    elif chance(rng, 0.1):
        key = values[0].key if values else h.noun
        task = f"{vague(rng, key).rstrip('.?')}: {task}" if chance(rng, 0.5) else f"{task}; {vague(rng, key)}"
    mode = weighted(rng, [(66, "comment"), (11, "doc"), (9, "both"), (14, "none")])
    if mode in ("doc", "both") and not h.doc:
        told = (
            task
            if mode == "doc"
            else rng.choice(
                [
                    "[show|return|update|make|handle|give] the {n}",
                    "{n} [page|view|endpoint]",
                    "[used|called] by the {m} [page|team|client]",
                ]
            ).format(n=h.noun, m=text.noun(rng))
        )
        h.doc = docstring(h, told)
    if mode in ("comment", "both"):
        gap = [""] if lines and chance(rng, 0.35) else []
        lines += [*gap, *text.comment_lines(rng, say(h, task), p.width)]
    elif lines and chance(rng, 0.15):
        lines.append("")
    h.lines = lines + code


def embellish(h, task) -> str:
    """Words around a task that change nothing about it, so that the model reads past them."""
    rng = h.rng
    if not chance(rng, 0.24):
        return task
    n, m, a = text.noun(rng), text.noun(rng), text.adjective(rng)
    return rng.choice(
        [
            f"{task} [for|on] the {n} page",
            f"{task}, as the {n} [team|page|app] [expects|wants|needs] it",
            f"{task} (the {n} [shows|uses|needs|reads] it)",
            f"{task}; {text.plural(n)} [come|follow] later",
            f"{task}, so that the {n} can {text.verb(rng)} it",
            f"{task}; the {a} {n} [is|stays] [as it is|unchanged]",
            f"for the {n}: {task}",
            f"now {task}",
            f"then {task}",
            f"[here|next|finally|first] {task}",
            f"the {n} [wants|needs|expects] this: {task}",
            f"{text.plural(n)} are {a}, {m} is not: {task}",
            f"{task} [before|after] the {n}",
            f"{task}. The {n} is {a}",
            f"the {n} is {a}. {task}",
            f"TODO {task}",
            f"{task}, [like|as] [in|on] the {n} {m}",
        ]
    )


def aside(h, values) -> str:
    """A remark that explains where things come from and asks for nothing."""
    n, key = text.noun(h.rng), values[0].key if values else h.noun
    return h.rng.choice(
        [
            f"the {n} sends the {key} [only|as well|]",
            f"sent by the {n} [page|app|client]",
            f"[see|compare] the {n} [page|docs]",
            f'the {h.where} has one field, "{key}"',
            f"[older|newer] clients send the {n} too",
            f"{key} [comes|arrives] from the {n} [form|page|editor]",
            f"used by the {n} team",
            f"the {n} is [optional|required]",
            f"first the {key}",
            f"[one|a] {n} per request",
            f"TODO: {text.verb(h.rng)} the {n}",
        ]
    )


def example(h) -> list[str]:
    """Lines at a docstring's end that show what is sent."""
    rng, n = h.rng, text.noun(h.rng)
    a, b, c = text.noun(rng), text.noun(rng), text.noun(rng)
    if chance(rng, 0.5):
        return [
            "",
            f'[Body|Example|Request]: {{"{a}": {rng.randint(1, 90)}, "{b}": "{c}"}}'.replace(
                "[Body|Example|Request]", rng.choice(["Body", "Example", "Request"])
            ),
        ]
    return [
        "",
        rng.choice(["For example:", "Example:", f"The {n} looks like this:", "It is written like this:"]),
        "",
        f"    {a}: {c}",
        f"    {b}: [{rng.randint(1, 9)}, {rng.randint(1, 9)}]",
    ]


def docstring(h, phrase) -> list[str]:
    told = expand(h.rng, phrase)
    told = told[0].upper() + told[1:] + ("." if chance(h.rng, 0.8) else "")
    mark = h.p.quote * 3 if chance(h.rng, 0.7) else '"""'
    width = min(h.p.width, 84) + 8
    if chance(h.rng, 0.12):
        return (
            [mark, *textwrap.wrap(told, width), *example(h), mark]
            if chance(h.rng, 0.6)
            else [mark + told[:width].rsplit(" ", 1)[0], *example(h), mark]
        )
    if len(told) <= width and chance(h.rng, 0.8):
        return [f"{mark}{told}{mark}"]
    wrapped = textwrap.wrap(told, width)
    if chance(h.rng, 0.5):
        return [mark, *wrapped, mark]
    return [mark + wrapped[0], *wrapped[1:], mark]


def close(h) -> list[str]:
    """The handler's lines, to put into the program."""
    if (
        h.where == "form"
        and h.method == "POST"
        and h.fw.name in ("flask", "django")
        and not h.is_class
        and chance(h.rng, 0.14)
    ):
        page = h.fw.render(h, h.noun + ".html", [])
        h.lines = [f"if request.method == {h.p.q('POST')}:", *text.indent(h.lines, 4), *page]
        h.route_methods = True
    head, by = h.fw.open(h)
    starts = [i for i, line in enumerate(head) if line.startswith("class ")]
    if h.attrs and starts:
        gap = [""] if chance(h.rng, 0.7) and head[starts[-1] + 1 : starts[-1] + 2] != [""] else []
        head[starts[-1] + 1 : starts[-1] + 1] = [*text.indent(h.attrs, 4), *gap]
    return [*head, *text.indent([*h.doc, *h.lines], by)]


# answers ---------------------------------------------------------------


def answer_text(h, expr):
    """Send a string back as text or JSON; (phrase, lines)."""
    rng = h.rng
    mode = weighted(rng, [(6, "text"), (3, "json"), (0.6, "render"), (0.7, "pre")])
    if mode == "json":
        key = rng.choice(["output", "result", "text", "content", h.noun, "answer", "data", "lines"])
        shown = (
            expr + rng.choice(["", "", ".splitlines()", ".strip()"]) if key in ("output", "lines", "text") else expr
        )
        return rng.choice(
            [
                f"[and|, then] [return|send|give back] [it|the {key}|its output] as json",
                ", [answer|respond|reply] with JSON",
                f' and return {{"{key}": ...}}',
                f", [return|answer with] the {key} [as JSON|in a JSON object]",
                f" and return the {key}",
            ]
        ), h.json([(key, shown)])
    if mode == "render":
        page = rng.choice([h.noun, "result", "output", h.verb]) + ".html"
        return f" and [render|show it in] {page}", h.fw.render(
            h, page, [(rng.choice(["output", "result", "text"]), expr)]
        )
    if mode == "pre":
        shown = h.p.join("<pre>", "\0" + expr, "</pre>")
        return " and [show|return] it in a <pre>[ element|]", h.html(shown)
    return rng.choice(
        [
            "[ and|, then] [return|send back|give back|show|send] [it|the output|its output|what it prints|the result|the text]",
            ", [answer|reply|respond] with [the output|its output|the result|the text]",
            " and [return|answer with] [the text|the output|what it says] as [plain text|text]",
            "",
        ]
    ), h.text(expr)


def answer_object(h, expr, keys=("result", "data", "value")):
    """Answer with a parsed or computed object; (phrase, lines)."""
    p, rng = h.p, h.rng
    key = rng.choice([*keys, h.noun])
    mode = weighted(rng, [(5, "json"), (1.2, "str"), (1.5, "len"), (1, "store"), (1, "render"), (1, "save")])
    if mode == "str":
        return "[ and|,] [return|answer with|show] [it|the result|the {k}] as [a string|text]".replace(
            "{k}", key
        ), h.text(f"str({expr})")
    if mode == "len":
        return rng.choice(
            [
                " and [return|answer with] [how many|the number of] [there are|entries|items]",
                ", [answer|reply] with the [count|number of entries]",
            ]
        ), h.json([(rng.choice(["count", "total", "number", "size"]), f"len({expr})")])
    if mode == "store":
        store = p.constant(
            rng.choice(["[]", "[]", "{}"]), text.plural(h.noun), f"{h.noun}_list", f"all_{text.plural(h.noun)}"
        )
        if p.consts[-1].endswith("{}"):
            slot = rng.choice([h.noun, text.noun(rng)])
            return f"[ and|,] [store|keep|save] [it|the {key}] in {store}", [
                f"{store}[{p.q(slot)}] = {expr}",
                *h.done(),
            ]
        return f"[ and|,] [append|add] [it|the {key}] to {store}", [f"{store}.append({expr})", *h.done()]
    if mode == "render":
        page = h.noun + ".html"
        return f"[ and|, then] [render|show] {page}[ with it|]", h.fw.render(h, page, [(key, expr)])
    if mode == "save":
        fn = f"{rng.choice(['save', 'update', 'store', 'add', 'apply', 'import'])}_{h.noun}"
        p.use(
            rng.choice(
                [f".{text.noun(rng)}", f".{h.noun}", ".models", ".services", text.plural(h.noun), ".store", "storage"]
            ),
            fn,
        )
        return f"[ and|,] [pass|give|hand] [it|them] to {fn}", [f"{fn}({expr})", *h.done()]
    return rng.choice(
        [
            f"[ and|,] [return|answer with|send back] [it|the {key}|the result] as JSON",
            f" and [return|answer with] the {key}",
            f', answer {{"{key}": ...}}',
            "",
            " and [return|answer with] [it|the result]",
        ]
    ), h.json([(key, expr)])
