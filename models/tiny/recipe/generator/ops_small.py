"""CWE-94 and CWE-117 operations: evaluating an expression, writing a log line."""

from . import text, words
from .common import answer_object, answer_text, finish, read_value, second_value
from .text import chance, weighted

FORMULA = """expression formula expr equation calculation condition rule filter term code script score query criteria sum
computation price_rule discount rate function statement snippet metric weight threshold logic test key_function""".split()
DATA = """points values numbers items coordinates pairs options settings matrix list tuple data config weights vector
colors shape polygon limits columns ids range filters mapping vertices corners measurements levels grades bounds""".split()


def evaluate(h):
    """Compute what an expression says, perhaps with variables, perhaps for every entry of a table."""
    p, rng, _q = h.p, h.rng, h.p.q
    kind = weighted(rng, [(36, "plain"), (26, "literal"), (18, "names"), (12, "each"), (8, "exec")])
    secure = p.secure if chance(rng, 0.93) else not p.secure
    if secure and kind != "literal" and chance(rng, 0.5):
        kind = "literal"
    value = read_value(h, DATA if kind == "literal" else FORMULA)
    extra, code, said, answers = EVALUATE[kind](h, value, secure)
    finish(h, [*extra, value] if chance(rng, 0.4) else [value, *extra], said, code, answers=answers)


def _guarded(h, line, message):
    """Sometimes the evaluation is tried."""
    rng = h.rng
    if not chance(rng, 0.2):
        return [line]
    error = rng.choice(["Exception", "Exception", "(ValueError, SyntaxError)", "SyntaxError", "ValueError"])
    return ["try:", "    " + line, f"except {error}:", *text.indent(h.error(400, message), 4)]


def _plain(h, value, secure):
    p, rng = h.p, h.rng
    out = h.var(*rng.choice([("result",), ("answer",), ("value",), ("total",), ("outcome",)]))
    if secure:
        p.use("ast")
        line = f"{out} = ast.literal_eval({value})"
    else:
        line = f"{out} = eval({value}{rng.choice(['', '', '', ', {}', ', {}, {}'])})"
    noun = value.key.replace("_", " ")
    said = rng.choice(
        [
            f"[evaluate|compute|calculate|work out|apply|run] the {noun}",
            f"[compute|calculate|find|get] the [result|value|outcome] of [the|this] {noun}",
            f"[evaluate|compute] {value.key}",
            "compute the result",
            f"what does the {noun} [give|come to|evaluate to]?",
        ]
    )
    said_answer, answer = answer_object(h, out, ("result", "answer", "value"))
    if chance(rng, 0.25) and "len(" not in "".join(answer):
        said_answer, answer = answer_text(h, f"str({out})")
        said_answer = rng.choice([" and [return|answer with] the result", ""])
    return [], [*_guarded(h, line, f"bad {noun}"), *answer], said, said_answer


def _literal(h, value, secure):
    p, rng = h.p, h.rng
    noun = value.key
    out = h.var(
        *rng.choice([("parsed",), ("result",), ("data",), (rng.choice(["values", "numbers", "points", "items"]),)])
    )
    if secure:
        p.use("ast")
        line = f"{out} = ast.literal_eval({value})"
    else:
        line = f"{out} = eval({value})"
    looks = rng.choice(
        [
            "[1, 2, 3]",
            "(1, 2)",
            "{'a': 1}",
            "[(1, 2), (3, 4)]",
            "[0.5, 0.25]",
            "(3, 4, 5)",
            "{'x': 2, 'y': 5}",
            "['a', 'b']",
        ]
    )
    kind = {"[": "list", "(": "tuple", "{": "dict"}[looks[0]]
    said = rng.choice(
        [
            f"[turn|convert|make] the {noun} [into|to] [a|a Python] {kind}",
            f"{noun} [is written|look|is given] like {looks}: [make|turn] it [into|] a {kind}",
            f"[read|parse] the {noun} as a Python [literal|{kind}|expression]",
            f"the {noun} come as text like {looks}",
            f"[parse|evaluate|convert] the {noun}",
        ]
    )
    use = rng.choice(["sum", "max", "min", "len", "sorted", "obj", "obj", "obj", "fn"])
    if use in ("sum", "max", "min", "len", "sorted"):
        word = {
            "sum": "sum|total",
            "max": "largest [value|]",
            "min": "smallest [value|]",
            "len": "number of entries",
            "sorted": "sorted list",
        }[use].split("|")[0]
        key = {"sum": "sum", "max": "max", "min": "min", "len": "count", "sorted": "sorted"}[use]
        return (
            [],
            [*_guarded(h, line, "bad " + noun), *h.json([(key, f"{use}({out})")])],
            said,
            f" and [return|answer with] [its|the] {word}",
        )
    if use == "fn":
        fn = rng.choice(
            [
                "area",
                "average",
                "total",
                "length",
                "draw",
                "plot",
                "rank",
                "store",
                f"{h.verb}_{h.noun}",
                f"count_{h.noun}",
            ]
        )
        p.use(rng.choice([f".{text.noun(rng)}", ".geometry", "stats", ".tools", f"{h.noun}.utils"]), fn)
        return (
            [],
            [*_guarded(h, line, "bad " + noun), *h.json([(fn.split("_")[0], f"{fn}({out})")])],
            said,
            f" and [return|answer with] [its|the] {fn.replace('_', ' ')}",
        )
    said_answer, answer = answer_object(h, out)
    return [], [*_guarded(h, line, "bad " + noun), *answer], said, said_answer


def _names(h, value, secure):
    """An expression over a few names that the handler knows."""
    p, rng, _q = h.p, h.rng, h.p.q
    a = rng.choice(["x", "price", "amount", "value", "n", "base", "quantity", text.noun(rng)])
    a = h.var(a)
    out = h.var("result", "answer", "total")
    if h.where in ("json", "form", "query") and chance(rng, 0.5):
        other = read_value(h, [a], h.where)
        first, known = [other], [(a, rng.choice([f"float({other})", str(other)]))]
        lines = []
    else:
        first, known = [], [(a, a)]
        lines = [f"{a} = {rng.choice(['10', '100', '1.5', '42', '7'])}"]
    scope = h.dict(known)
    if secure:
        p.use("ast")
        code = [*lines, f"{out} = ast.literal_eval({value})"]
    elif chance(rng, 0.5):
        code = [*lines, f"{out} = eval({value}, {scope if chance(rng, 0.5) else '{}, ' + scope})"]
    else:
        code = [*lines, f"{out} = eval({value})"]
    noun = value.key.replace("_", " ")
    said = rng.choice(
        [
            f"[apply|use] the {noun} [to|on] {a}",
            f"[evaluate|compute|calculate] the {noun} with {a} [as a variable|]",
            f"[compute|get] the result of the {noun} for {a}",
            f"[in|inside] the {noun} {a} [stands for|is|means] the {a}: [compute|evaluate] it",
        ]
    )
    said_answer, answer = answer_object(h, out, ("result", "answer", "total"))
    return first, [*code, *answer], said, said_answer


def _each(h, value, secure):
    """Sort or filter the rows of a table by an expression."""
    p, rng, q = h.p, h.rng, h.p.q
    one = h.noun
    fields = rng.sample(["age", "score", "price", "size", "weight", "year", "rank", "count", "points", "stock"], 2)
    rows = [
        f"    {h.dict([('name', q(rng.choice(words.PEOPLE).capitalize())), (fields[0], rng.randint(1, 99)), (fields[1], rng.randint(1, 9))])},"
        for _ in range(2)
    ]
    table = p.fresh(text.plural(one), f"{text.plural(one)}_list", f"all_{text.plural(one)}")
    p.consts += [f"{table} = [", *rows, "]"]
    row = rng.choice(["row", one[0], "item", "entry", "r"])
    if secure:
        p.use("ast")
        wanted = h.var("wanted", "limit")
        code = [
            f"{wanted} = ast.literal_eval({value})",
            *h.json([(text.plural(one), f"[{row} for {row} in {table} if {row}[{q(fields[0])}] >= {wanted}]")]),
        ]
        return [], code, f"[keep|return] the {table} whose {fields[0]} is at least the {value.key}", ""
    mode = rng.choice(["sort", "filter", "list"])
    scope = rng.choice([f"{{}}, {row}", f"{row}", f"dict({row})"])
    if mode == "sort":
        expr = f"sorted({table}, key=lambda {row}: eval({value}, {scope}){rng.choice(['', ', reverse=True'])})"
        said = f"[sort|order|rank] the {table} by the {value.key}[, with their fields as variables|]"
    elif mode == "filter":
        expr = f"[{row} for {row} in {table} if eval({value}, {scope})]"
        said = f"[keep|return|select] the {table} for which the {value.key} [is true|holds]"
    else:
        expr = f"[eval({value}, {scope}) for {row} in {table}]"
        said = f"[evaluate|compute] the {value.key} for [every|each] {one}[ with its fields as variables|]"
    out = h.var("found", "result", "chosen", "ranked")
    if chance(rng, 0.5):
        return [], [f"{out} = {expr}", *h.json([(text.plural(one), out)])], said, ""
    return [], h.json([(text.plural(one), expr)]), said, ""


def _exec(h, value, secure):
    p, rng, q = h.p, h.rng, h.p.q
    scope = h.var("scope", "namespace", "env", "names")
    noun = value.key
    said = f"[run|execute] the {noun}[ and return what it [leaves|sets|put] in result|]"
    if secure:
        p.use("ast")
        return (
            [],
            [f"{scope} = ast.literal_eval({value})", *h.json([("result", scope)])],
            f"[read|parse] the {noun}",
            "",
        )
    if chance(rng, 0.3):
        return [], [f"exec({value})", *h.done()], f"[run|execute] the {noun}", ""
    return (
        [],
        [
            f"{scope} = {{}}",
            f"exec({value}, {rng.choice(['', '{}, '])}{scope})",
            *h.json([("result", f"{scope}.get({q('result')})")]),
        ],
        said,
        "",
    )


EVALUATE = {"plain": _plain, "literal": _literal, "names": _names, "each": _each, "exec": _exec}

LOGGED = """name user username city version agent path query term email order number page item action title id address
reason message topic device station product country referer code comment sender status subject event""".split()
DID = """searched_for asked_for requested looked_up opened visited reported changed deleted updated created downloaded signed_in_as
failed_for got received lookup_of login_of unknown missing page_for visit_from tried""".replace("_", "~").split()


def log_line(h):
    """Write a log line that names the value, then do the rest."""
    p, rng, q = h.p, h.rng, h.p.q
    value = read_value(h, LOGGED)
    extra = second_value(h) if chance(rng, 0.2) else None
    logger = _logger(h)
    level = rng.choice(words.LEVELS)
    secure = p.secure if chance(rng, 0.93) else not p.secure
    before, v = [], str(value)
    if secure:
        strip = rng.choice(
            [".replace({r}, {e}).replace({n}, {e})"] * 4 + [".replace({rn}, {e}).replace({n}, {e})"]
        ).format(r=q("\r").replace("\r", "\\r"), n=q("\n"), rn=q("\r\n").replace("\r", "\\r"), e=q(""))
        if chance(rng, 0.3):
            clean = h.var(f"clean_{v}" if v.isidentifier() else "clean", f"safe_{v}" if v.isidentifier() else "safe")
            before, v = [f"{clean} = {v}{strip}"], clean
        else:
            v = f"{v}{strip}"
    other_said = ""
    first = rng.choice(DID).replace("~", " ")
    if chance(rng, 0.4):
        first = f"{h.noun} {first}" if chance(rng, 0.5) else f"{h.noun}"
    number = None
    if chance(rng, 0.2):
        count = h.var("count", "total", "found", "hits")
        many = text.plural(h.noun)
        h.early.append(f"{count} = len({p.constant(chr(91) + chr(93), many.upper(), many)})")
        number, other_said = count, f" and [how many {many} there are|the number of {many}]"
    call = _log_call(h, logger, level, first, v, number or (str(extra) if extra else None))
    noun = value.key.replace("_", " ")
    called = rng.choice([f"the {noun}", f"the {noun}", f"{value.key}", f"which {noun} it was", f"that {noun}"])
    if extra and not number:
        other_said = f" and the {extra.key}"
    said = rng.choice(
        [
            f"[log|write to the log|note in the log|record] {called}{other_said}",
            f"[log|write|leave] [a|one] {level} [message|line|entry] [with|that names|about|for] {called}{other_said}",
            f"log {'an' if level in ('info', 'error') else 'a'} {level} [with|that names] {called}{other_said}",
            f"[put|write|note] {called}{other_said} [into|in] the log",
            f"log [that|who|what] [somebody|] {first} {called}",
        ]
    )
    rest, rest_said = (_context_rest if chance(rng, 0.35) else _rest)(h, value, extra)
    code = [*before, call, *rest]
    finish(h, [value] + ([extra] if extra else []), said, code, answers=rest_said)


def _logger(h):
    p, rng, q = h.p, h.rng, h.p.q
    known = getattr(p, "logger", None)
    if known:
        return known
    kind = weighted(rng, [(55, "named"), (25, "module"), (20, "app")])
    if kind == "app" and h.fw.name == "flask" and h.fw.app:
        if h.fw.app == "app":
            p.logger = "app.logger"
        else:
            p.use("flask", "current_app")
            p.logger = "current_app.logger"
    elif kind == "module":
        p.use("logging")
        if chance(rng, 0.5):
            p.consts.append(
                f"logging.basicConfig({rng.choice(['level=logging.INFO', 'filename=' + q(h.noun + '.log')])})"
            )
        p.logger = "logging"
    else:
        name = rng.choice(["logger", "logger", "log", "LOG", "audit", f"{h.noun}_log"])
        name = p.fresh(name, "logger")
        which = rng.choice(["__name__", "__name__", q(h.noun), q(rng.choice(words.COMPANIES) + "." + h.noun)])
        if chance(rng, 0.75):
            p.use("logging")
            p.consts.append(f"{name} = logging.getLogger({which})")
        else:
            p.use("logging", "getLogger")
            p.consts.append(f"{name} = getLogger({which})")
        p.logger = name
    return p.logger


def _log_call(h, logger, level, first, v, more):
    p, rng, q = h.p, h.rng, h.p.q
    sep = rng.choice([" ", ": ", " ", "="])
    how = weighted(rng, [(40, "args"), (60, "build")])
    if how == "args":
        body = f"{first}{sep}%s" + (
            f", {rng.choice(['%s', '%s', '%d' if more in ('count', 'total', 'found', 'hits') else '%s'])}"
            if more
            else ""
        )
        return f"{logger}.{level}({q(body)}, {v}{', ' + more if more else ''})"
    style = None
    if "replace(" in v and p.format_style == "f":
        style = "+"
    if more in ("count", "total", "found", "hits") and (style or p.format_style) == "+":
        more = f"str({more})"
    return (
        f"{logger}.{level}({p.join(first + sep, chr(0) + v, *([' ', chr(0) + more] if more else []), style=style)})"
    )


def _context_rest(h, value, extra):
    """The rest of a handler which has looked something up before it logs."""
    p, rng, q = h.p, h.rng, h.p.q
    fn = f"{rng.choice(['find', 'load', 'get', 'fetch', 'check'])}_{h.noun}"
    many = rng.random() < 0.3
    found = h.var(
        text.plural(h.noun) if many else rng.choice([h.noun, text.noun(rng), text.adjective(rng)]),
        "found",
        "result",
        "known",
    )
    mode = rng.randrange(4)
    if mode == 0:
        known = p.constant(
            "{" + f"{q(text.noun(rng))}, {q(text.noun(rng))}" + "}", "KNOWN", "ALLOWED", text.plural(h.noun).upper()
        )
        if chance(rng, 0.5):
            h.early.append(f"{found} = {value} in {known}")
        else:
            latest = p.constant(
                q(
                    f"{rng.randint(1, 9)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}"
                    if chance(rng, 0.5)
                    else text.noun(rng)
                ),
                text.adjective(rng).upper(),
                text.noun(rng).upper(),
            )
            h.early.append(f"{found} = {value} {rng.choice(['==', '!='])} {latest}")
        return h.json([(found, found)]), rng.choice(
            [f", return {{'{found}': {found}}}", f" and [return|answer with] {found}"]
        )
    p.use(rng.choice([f".{text.noun(rng)}", f".{h.noun}", ".store", "store", text.plural(h.noun), ".services"]), fn)
    h.early.append(f"{found} = {fn}({value})")
    if mode == 1:
        test = rng.choice([f"if {found} is not None:", f"if {found}:"])
        h.early += [test, *text.indent(h.json([(h.noun, found)]), 4)]
        if not h.early[-1].lstrip().startswith("return"):
            h.early.append("    return")
        code = rng.choice([404, 404, 400, 403])
        lines = h.error(code, f"no such {h.noun}")
        what = "Http404" if "Http404" in lines[0] else code
        return lines, rng.choice(
            [f", then [raise|answer|abort with] {what}", f" and [raise|answer with] {what}", f", {what}"]
        )
    if mode == 2:
        page = rng.choice([h.noun, text.noun(rng)]) + ".html"
        return h.fw.render(h, page, [(found, found)]), f"[, then| and|,] [render|show] {page}"
    return h.json([(rng.choice([h.noun, "result", "found"]), found)]), rng.choice(
        [f" and [return|answer with] the {h.noun}", ", then answer with JSON", ""]
    )


def _rest(h, value, extra):
    """What happens after the log line."""
    _p, rng, q = h.p, h.rng, h.p.q
    mode = weighted(rng, [(5, "json"), (3, "done"), (2, "error"), (2, "render"), (2, "text"), (1, "redirect")])
    if mode == "json":
        key = rng.choice(["ok", "status", value.key, h.noun, "found", "updated", "newer"])
        expr = {
            "ok": "True",
            "found": "False",
            "newer": "True",
            "updated": "True",
            "status": q("ok"),
            value.key: str(value),
        }.get(key, "None")
        return h.json([(key, expr)]), rng.choice(
            [
                f', [then|] return {{"{key}": {expr}}}',
                f" and [return|answer with] the {key}",
                " and answer with JSON",
                "",
            ]
        )
    if mode == "done":
        return h.done(), rng.choice(["", "", ", then answer ok", " and say ok"])
    if mode == "error":
        code = rng.choice([404, 404, 400, 403])
        lines = h.error(code, f"no such {h.noun}")
        return lines, rng.choice(
            [
                f", then [answer|abort with|raise a|send a] {code}",
                f" and [answer|abort with|raise] {'Http404' if 'Http404' in lines[0] else code}",
            ]
        )
    if mode == "render":
        page = rng.choice([h.noun, text.noun(rng)]) + ".html"
        return h.fw.render(h, page, [(value.key, str(value))]), f"[, then| and|,] render {page}"
    if mode == "redirect":
        to = "/" + text.noun(rng)
        return h.redirect(q(to)), f"[, then| and] redirect to {to}"
    message = text.sentence(rng)
    return h.text(q(message)), rng.choice([f' and [answer|say|return] "{message}"', ""])


CODE_OPS = [(1.0, evaluate)]
LOG_OPS = [(1.0, log_line)]
