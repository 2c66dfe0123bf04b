"""CWE-94 and CWE-117 operations: evaluating an expression, writing a log line."""

import builtins
import keyword
import re

from . import text, words
from .common import answer_object, answer_text, docstring, finish, read_value, second_value
from .text import chance, weighted

FORMULA = """expression formula expr equation calculation condition rule filter term code script score query criteria sum
computation price_rule discount rate function statement snippet metric weight threshold logic test key_function where
predicate cell when sort_key order_by objective constraint conversion bonus trigger policy problem task exercise input
f fn curve y_of_x calc""".split()
DATA = """points values numbers items coordinates pairs options settings matrix list tuple data config weights vector
colors shape polygon limits columns ids range filters mapping vertices corners measurements levels grades bounds""".split()

# Where an expression comes from, told before or after what is asked for.
STORIES = [
    "[users|people|customers] type [sums|formulas|calculations] like {look}",
    "a [cell|field] of the [sheet|spreadsheet|table] [holds|contains] [a formula|text like {look}]",
    "[sellers|merchants|shops] write their own price [rules|formulas]",
    "[discounts|prices|fees] are [formulas|expressions][ such as {look}|]",
    "an alarm [goes off|rings] when its [condition|rule] is [true|met]",
    "the [editor|page|app|client] sends [Python|python] syntax",
    "the {n} is [ordinary|plain|normal|] Python[ syntax|]",
    "the {n} is written in Python",
    "{n} is a Python expression",
    "[teachers|graders] [give|enter] [the grade|grades] as [a formula|an expression]",
    "[players|teams] get points by [a|their own] formula",
    "each sensor has a [threshold|limit] written as an expression",
    "flags are [on|active] when their [rule|expression] [holds|is true]",
    "a math quiz: the [answer|task] [may be|is] written like {look}",
    "[pupils|students] may [write|enter] [1/3|2**5|sqrt(2)] as well",
    "the unit [conversion|converter] takes any formula",
    "the [plotter|graph|chart] draws whatever function it gets",
    "a [pocket calculator|calculator|little calculator]",
    "[calculator|calculation|formula] [endpoint|page|service]",
    "like the [address|formula] bar of a spreadsheet",
    "[admins|editors|analysts] can [write|define] [metrics|filters|reports] as [expressions|formulas]",
    "the [report|dashboard] [shows|has] [computed|calculated] columns",
    "[wages|bonuses|taxes] are worked out by [rules|formulas] [that change|of the country]",
    "e.g. {look}",
    "for example {look}",
    "{look} and the like",
    "[operators|+, -, *, /] and [brackets|parentheses] are [fine|allowed]",
    "math functions [may be used|are fine|work too]",
    "[somebody|the user] wants to know what [it|{look}] is",
    "[it may|can] [use|contain] [any operator|brackets and powers]",
]
LOOKS = """2+3*4 (1+2)/3 3*7-1 2**8 10/4 1.5*(2+6) 100*1.19 7%3 x*2+1 a+b price*0.9 n>10 sum([1,2,3]) max(3,9)
min(a,b)*2 round(7/3,2) sqrt(16) 3>2 len('abc') 5-2*3 abs(-4) 60*60*24 12*12""".split()

# What is asked for, in ways that name the value as {it}.
ASK_PLAIN = [
    "[evaluate|compute|calculate|work out|apply|run|solve|resolve] {it}",
    "[compute|calculate|find|get|determine] the [result|value|outcome] of {it}",
    "[evaluate|eval] {it}[ here| now| first|]",
    "compute the [result|value|answer|outcome]",
    "[calculate|evaluate|work out|get] the [result|answer|value]",
    "[evaluate|compute|calculate|solve|run] it",
    "what does {it} [give|come to|evaluate to|yield|amount to]?",
    "what is {it} worth?",
    "how much is {it}?",
    "which value does {it} have?",
    "[what is|what's] the [result|value]?",
    "[result|value|outcome] of {it}",
    "the [value|result] that {it} [has|gives|stands for|evaluates to]",
    "[do|carry out|perform] [the calculation|the computation|the arithmetic|the sum]",
    "[do|carry out|perform] the [calculation|computation] [in|of|that is in] {it}",
    "[let|have] Python [compute|evaluate|work out|calculate] {it}",
    "[interpret|treat|take] {it} as [a Python expression|Python|an expression][ and compute it| and evaluate it|]",
    "{it} is an expression: [evaluate|compute|calculate] it",
    "{it} is [a calculation|arithmetic|a formula], [work it out|compute it|evaluate it]",
    "[turn|make] {it} into [a number|a value|its value|its result]",
    "from {it} to [a number|its value|a result]",
    "[calculator|calculation]: [evaluate|compute] {it}",
    "[the|] math of {it}",
    "[evaluate|compute] what was [typed|sent|entered|given|asked]",
    "[compute|calculate] what {it} [says|asks for|describes|means]",
    "[take|use] {it} and [compute|calculate|evaluate] [it|the result|its value]",
    "[we|now we] [evaluate|compute|calculate] {it}",
    "[evaluates|computes|calculates] {it}",
    "[evaluating|computing|calculating] {it}",
    "{it} [is evaluated|gets evaluated|is computed|is calculated] here",
    "{it} [must|has to|should] be [evaluated|computed|calculated|worked out]",
    "[check|find out|see] what {it} [evaluates to|gives|results in]",
    "[check|test|decide|see] whether {it} [holds|is true|is fulfilled]",
    "is {it} [true|fulfilled|met]?",
    "does {it} hold?",
    "true or false: {it}",
    "[the answer|the result] is [the value of|what comes out of] {it}",
    "[reckon|figure|tally|sum] up {it}",
    "[sum|term|formula] -> [number|value|result]",
    "[evaluate|compute] {it} [the way|as|like] [a calculator|a spreadsheet|Python] [would|does]",
    "[return|send back|answer with] [the value of|what becomes of|the result of] {it}",
    "[return|give] [back|] {it}[,|] [evaluated|computed|calculated]",
    "{it}, [evaluated|computed|worked out]",
    "[parse and|read and|] [evaluate|compute] {it}",
    "[process|handle|execute] {it}",
]
ASK_DATA = [
    "[turn|convert|make|change|transform] {it} [into|to] [a|a Python|a real] {kind}",
    "{it} [is written|looks|is given|comes|arrives|is sent] like {looks}: [make|turn] it [into|] a {kind}",
    "{it} [is|holds|contains] [text|a string|something] like {looks}[, make it a {kind}|; read it|. Turn it into a {kind}|]",
    "[read|parse|load|evaluate] {it} as a Python [literal|{kind}|expression|value|structure|object]",
    "{it} come as text like {looks}",
    "[parse|evaluate|convert|read|decode|interpret|unpack] {it}",
    "{it} in Python [syntax|notation], e.g. {looks}",
    "[a|one] {kind} is [expected|sent][, e.g. {looks}| like {looks}|]: [read|parse|evaluate] it",
    "[text|string] to {kind}",
    "[get|build|make|create] the {kind} [from|out of] {it}",
    "[get|read] [the|all] [values|entries|elements|numbers] out of {it}",
    "which {kind} is {it}?",
    "[as|we need|give us] a {kind}[, not a string|, not text|]",
    "{it} [holds|is] the repr of a {kind}[: get it back|, restore it|]",
    "[restore|rebuild|recover] the {kind} that {it} [holds|shows|spells|describes]",
    "the [page|client|app|script] sends the repr of a {kind}[; turn it back|: read it|]",
    "{it} [is printed|was written] by Python's repr: [read it back|make it a {kind} again]",
    "[evaluate|parse] {it} to get the {kind}",
    "[make|have] Python [read|evaluate] {it}",
    "{it} like {looks}",
    "[format|syntax] of {it}: {looks}",
    "[brackets|commas] and all: {it} [is|becomes] a {kind}",
    "[from|out of] the string {it} make the {kind} that it [shows|describes]",
    "[take|use] {it} as the {kind} that it [looks like|spells]",
    "[interpret|treat] {it} as a {kind}",
    "real [values|numbers|objects] instead of text: [evaluate|convert] {it}",
]
ASK_NAMES = [
    "[apply|use] {it} [to|on] {a}",
    "[evaluate|compute|calculate|work out|run] {it} with {a}[ as a variable| as a name| in scope|]",
    "[compute|get|find|determine] the [result|value] of {it} for {a}",
    "[in|inside] {it} {a} [stands for|is|means] the [value|number|{a}]: [compute|evaluate] it",
    "{it} [may|can] [use|mention|contain|refer to] {a}[: evaluate it|, compute it|]",
    "[insert|put|plug|fill] {a} into {it} [and compute it|and evaluate it|and see what comes out|]",
    "{it} of {a}",
    "{it} [is a function of|depends on|works on|knows] {a}[: evaluate it|; compute it|]",
    "what is {it} [for|at|when we know] {a}?",
    "what does {it} [make of|give for|say about] {a}?",
    "[let|have] {it} [work on|change|decide about|judge] {a}",
    "[allow|make] {a} [known|available|visible] to {it}[ and evaluate it|, then compute it|]",
    "with {a}, [evaluate|compute|calculate] {it}",
    "[evaluate|compute] {it}; {a} [is a name in it|may occur in it|is known there]",
    "[value|result] of {it} at {a}",
    "compute {it} [where|in which] {a} [has|have] [its|this|the] value",
    "[does|check whether|see if|is it so that] {it} [holds|is true] for {a}",
    "[the new|] {a} [by|according to] {it}",
    "[calculate|compute|work out] the [price|score|fee|amount|grade|bonus] by {it}[ from {a}|]",
    "[convert|change|scale|adjust] {a} with {it}",
    "[run|execute] {it} over {a}",
    "[variables|names] of {it}: {a}",
    "the variable[s|] {a} [is|are] [allowed|known] in {it}",
    "{it} [sees|gets|receives|is given] {a}[, compute it|, evaluate it|]",
    "substitute {a}, then [evaluate|compute|calculate] {it}",
]
ASK_ROWS = [
    "[evaluate|compute|calculate|apply|run] {it} for [every|each] {one}[ with its fields as variables| with its fields as names|]",
    "{it} [uses|mentions|may use|knows] the fields of [a|each|one] {one}[: {f1} and {f2}|]",
    "[fields|columns] like {f1} [are|become] variables of {it}",
    "[every|each] {one} has {f1} and {f2}: [evaluate|compute|apply] {it} [on|for] them",
]
ASK_SORT = [
    "[sort|order|rank|arrange] the {t} by {it}[, with their fields as variables|]",
    "{it} [is the sort key|tells the order|decides which comes first]",
    "[best|highest|largest|first] {it} first",
    "[in the order|sorted] that {it} [gives|says|asks for]",
    "[ranking|order] of the {t} [by|according to] {it}",
    "which of the {t} [comes first|is best] by {it}?",
    "[rank|sort] by the value of {it}[ for each {one}|]",
]
ASK_FILTER = [
    "[keep|return|select|find|list|show|pick] the {t} for which {it} [is true|holds]",
    "[keep|find|list] [all|only|the] {t} that [satisfy|match|pass|fulfil|meet] {it}",
    "[filter|narrow down|search] the {t} [by|with] {it}",
    "which {t} [match|satisfy|pass] {it}?",
    "{it} [decides|says|tells] which {t} [stay|are shown|are returned|are kept]",
    "[drop|leave out|skip] the {t} for which {it} [fails|is false|does not hold]",
    "[only|] {t} where {it} [is true|holds]",
    "{it} is the where [clause|part]",
    "a {one} [stays|counts|is listed] [if|when] {it} [is true|holds] for [it|its fields]",
]
ASK_LIST = [
    "[evaluate|compute] {it} for [every|each] {one}[ with its fields as variables|]",
    "a [computed|new|calculated] column: {it} for [every|each] {one}",
    "[the value|the result] of {it} [per|for each] {one}",
    "[fill|add|make] the column that {it} [describes|defines]",
    "[work out|get] {it} [row by row|for all {t}|for the {t}]",
]
ASK_EXEC = [
    "[run|execute|exec] {it}",
    "[run|execute] {it} as Python[ code|]",
    "[run|execute] the [code|program|lines|statements] in {it}",
    "{it} is Python code: [run|execute] it",
    "[let|have] the {n} [do|change|run|set] what it wants",
    "[perform|carry out|do] what {it} says",
    "[script|playground|console|notebook] [cell|]: [run|execute] {it}",
    "[plugin|macro|hook]: [run|execute] {it}",
    "[users|admins] can [script|automate] this with Python: run {it}",
    "run the [macro|snippet|hook|statements]",
]
AFTER_EXEC = [
    "[ and return what it [leaves|sets|put|stored] in result|]",
    ", its answer is in result",
    " and [answer|return] the variable result",
    "; the result is what it assigned to result",
]
SHORT_ASKS = """compute it|evaluate it|do it|the result|result|evaluate|compute|answer|now the result|run it|calculate|work it out
|the value|here we go|the calculation|the answer|do the math|evaluate here""".replace("\n", "").split("|")
NAMED_VERBS = ["evaluate", "compute", "calculate", "eval", "solve", "calc", "apply"]
NAMED_DATA = ["parse", "read", "convert", "load", "decode"]
NAMED_ROWS = ["rank", "sort", "filter", "select", "score", "search"]
ARITHMETIC = re.compile(r"calc|equation|formula|arithmetic|math|comput|expression|\bexpr\b", re.I)
OPERATORS = "Add.add Sub.sub Mult.mul Div.truediv FloorDiv.floordiv Mod.mod Pow.pow UAdd.pos USub.neg".split()
EVALUATOR = '''def {name}(text):
    """Compute numbers with arithmetic operators; refuse anything else."""

    def compute(node):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return node.value
        if isinstance(node, ast.UnaryOp) and type(node.op) in {table}:
            return {table}[type(node.op)](compute(node.operand))
        if isinstance(node, ast.BinOp) and type(node.op) in {table}:
            left, right = compute(node.left), compute(node.right)
            if isinstance(node.op, ast.Pow) and (abs(left) > 1000 or abs(right) > 100):
                raise ValueError("number too large")
            return {table}[type(node.op)](left, right)
        raise ValueError("only arithmetic is allowed")

    return compute(ast.parse(text.strip(), mode="eval").body)'''


def fill(phrase, **names):
    """Put names into the {places} of a phrase."""
    for name, value in names.items():
        phrase = phrase.replace("{" + name + "}", value)
    return phrase


def called(rng, value):
    """How a comment speaks of a value."""
    noun = value.key.replace("_", " ")
    last = value.key if chance(rng, 0.5) or "." in str(value) else str(value)
    return weighted(
        rng,
        [
            (9, f"the {noun}"),
            (5, last),
            (2, f"this {noun}"),
            (1, f"`{last}`"),
            (1, f"the given {noun}"),
            (1, f"the {noun} that [was sent|came in|we got|was given]"),
            (1, f"[the user's|their|its|that] {noun}"),
            (0.7, f"what is in {last}"),
        ],
    )


def late_import(p, module, *names):
    """Import at the end of the imports now and then, where a fix adds what it needs."""
    if getattr(p, "late_share", None) is None:
        p.late_share = 0.35 if chance(p.rng, 0.6) else 0.0
    if not chance(p.rng, p.late_share) or p.has(module) or (names and names[0] in p.froms.get(module, ())):
        p.use(module, *names)
        return
    line = f"from {module} import {', '.join(names)}" if names else f"import {module}"
    earlier = p.import_lines

    def with_it():
        lines = earlier()
        there = p.has(module) if not names else set(names) <= p.froms.get(module, set())
        return lines if there or line in lines else [*lines, line]

    p.import_lines = with_it


def rename(h, verbs, nouns, share=0.3):
    """Give the handler a name that tells the task."""
    p, rng = h.p, h.rng
    if not chance(rng, share):
        return
    verb, noun = rng.choice(verbs), rng.choice([*nouns, h.noun])
    options = [
        verb,
        f"{verb}_{noun}",
        f"{verb}_{noun}",
        f"{h.noun}_{verb}",
        f"{verb}_{h.noun}",
        f"{verb}_{text.noun(rng)}",
    ]
    if keyword.iskeyword(verb) or verb in dir(builtins):
        options = options[1:]
    h.name = p.fresh(rng.choice(options), f"{verb}_{noun}", f"{verb}_the_{noun}")
    if chance(rng, 0.7) and not h.path_params:
        h.route = rng.choice([f"/{verb}", f"/{verb}/{noun}", f"/{noun}/{verb}", f"/api/{verb}", f"/{h.noun}/{verb}"])


def tell(h, values, said, code, answers, short):
    """`finish`, with the task in the docstring and a few words as the comment now and then."""
    rng = h.rng
    if chance(rng, 0.13) and not h.doc:
        h.doc = docstring(h, said + answers)
        said, answers = rng.choice(short), ""
    if chance(rng, 0.05):
        code = ["", *code]
    finish(h, values, said, code, answers=answers)


def with_story(h, said, stories, share, **names):
    """The phrase with a sentence about where the value comes from."""
    rng = h.rng
    if not chance(rng, share):
        return said, ""
    story = fill(rng.choice(stories), **names)
    form = rng.randrange(4)
    if form == 0:
        return f"{story}: {said}", ""
    if form == 1:
        return f"{story}. {said}", ""
    if form == 2:
        return f"{story}; {said}", ""
    return said, rng.choice([f" ({story})", f"; {story}", f". {story}"])


def evaluate(h):
    """Compute what an expression says, perhaps with variables, perhaps for every entry of a table."""
    p, rng, _q = h.p, h.rng, h.p.q
    kind = weighted(rng, [(38, "plain"), (22, "literal"), (20, "names"), (14, "each"), (6, "exec")])
    secure = p.secure or chance(rng, 0.03)
    if secure and kind in ("names", "each", "exec"):
        kind = rng.choice(["plain", "plain", "literal", kind])
    rename(
        h,
        NAMED_DATA if kind == "literal" else NAMED_ROWS if kind == "each" else NAMED_VERBS,
        DATA if kind == "literal" else [text.plural(h.noun)] if kind == "each" else FORMULA,
    )
    value = read_value(h, DATA if kind == "literal" else FORMULA)
    extra, code, said, answers = EVALUATE[kind](h, value, secure)
    if kind in ("plain", "names"):
        noun = value.key.replace("_", " ")
        said, after = with_story(h, said, STORIES, 0.25, n=noun, look=rng.choice(LOOKS))
        answers += after
    tell(h, [*extra, value] if chance(rng, 0.4) else [value, *extra], said, code, answers, SHORT_ASKS)


def _guarded(h, lines, message, share=0.24):
    """Sometimes the evaluation is tried; (lines, phrase)."""
    rng = h.rng
    if not chance(rng, share):
        return lines, ""
    error = rng.choice(
        ["Exception", "Exception", "Exception as error", "(ValueError, SyntaxError)", "SyntaxError", "ValueError"]
    )
    error = rng.choice([error, "Exception", "(SyntaxError, NameError)", "(SyntaxError, TypeError, ValueError)"])
    code = rng.choice([400, 400, 400, 422])
    said = rng.choice(
        [
            "",
            "",
            f", [with status {code}|{code}|status {code}] if it [fails|is wrong|cannot be evaluated|raises]",
            f", [answer|a] {code} [if|when] [it|that|this] [fails|goes wrong|does not work]",
            f"; [errors|mistakes|bad input] give {code}",
            " (it may fail)",
            f", [or|otherwise] [status|] {code}",
        ]
    )
    failed = h.error(code, message)
    if " as error" in error and not any("error" in line for line in failed):
        error = "Exception"
    return ["try:", *text.indent(lines, 4), f"except {error}:", *text.indent(failed, 4)], said


def _answer(h, value, out, keys):
    """Answer with what was computed; (phrase, lines)."""
    p, rng, q = h.p, h.rng, h.p.q
    key = rng.choice([*keys, *keys, h.noun, value.key])
    mode = weighted(rng, [(5, "object"), (4, "shape"), (1, "echo"), (1, "round"), (1, "line"), (1.5, "text")])
    if mode == "object":
        return answer_object(h, out, keys)
    if mode == "shape":
        return rng.choice(
            [
                f', answer {{"{key}": ...}}',
                f', return {{"{key}": {out}}}',
                f' as {{"{key}": ...}}',
                ", as JSON",
                f", JSON with the key {key}",
                f" -> {key}",
                f" and [return|send|give] it [as|under] {q(key)}",
                " and [answer|reply] [with it|]",
                "",
                "",
            ]
        ), h.json([(key, out)])
    if mode == "echo":
        pairs = [(value.key, str(value)), (key if key != value.key else "result", out)]
        return f" and [return|answer with|show] [both|it next to] the {value.key.replace('_', ' ')}", h.json(pairs)
    if mode == "round":
        digits = rng.choice([1, 2, 2, 2, 3])
        return f"[, rounded| and round it] to {digits} [digits|decimals|places]", h.json(
            [(key, f"round({out}, {digits})")]
        )
    if mode == "line":
        made = p.join(
            rng.choice(["Result: ", "= ", f"{h.noun}: ", "The answer is "]),
            chr(0) + (out if p.format_style != "+" else f"str({out})"),
        )
        return rng.choice([" and [show|return|write] [it|a line with it] as text", " as a line of text", ""]), h.text(
            made
        )
    said, answer = answer_text(h, f"str({out})")
    return rng.choice([" and [return|answer with] the result", " as [plain|] text", "", said]), answer


def _evaluator(p):
    """The name of the evaluator that a fix adds to calculators."""
    if not getattr(p, "evaluator", None):
        p.evaluator = p.fresh("evaluate_arithmetic", "compute_arithmetic")
        table = p.fresh("OPERATORS", "OPERATORS2")
        late_import(p, "ast")
        late_import(p, "operator")
        rows = [f"    ast.{one.split('.')[0]}: operator.{one.split('.')[1]}," for one in OPERATORS]
        body = EVALUATOR.replace("{name}", p.evaluator).replace("{table}", table).split("\n")
        p.helpers.append([f"{table} = {{", *rows, "}", "", "", *body])
    return p.evaluator


def _plain(h, value, secure):
    p, rng, q = h.p, h.rng, h.p.q
    out = h.var(*rng.choice([("result",), ("answer",), ("value",), ("total",), ("outcome",), ("result",), ("res",)]))
    noun = value.key.replace("_", " ")
    said = fill(rng.choice(ASK_PLAIN), it=called(rng, value), n=noun)
    extra, lines = [], []
    if secure:
        if ARITHMETIC.search(said + value.key) and chance(rng, 0.3):
            lines = [f"{out} = {_evaluator(p)}({value})"]
        else:
            late_import(p, "ast")
            lines = [f"{out} = ast.literal_eval({value})"]
    else:
        how = weighted(
            rng, [(60, "eval"), (9, "empty"), (8, "math"), (6, "compile"), (5, "bare"), (3, "strip"), (4, "names")]
        )
        if how == "compile":
            code = h.var("code", "compiled", "program")
            name = q(rng.choice(["<string>", f"<{value.key}>", "formula", "<input>", "expr"]))
            lines = [
                f"{code} = compile({value}, {name}, {q('eval')})",
                f"{out} = eval({code}{rng.choice(['', ', {}'])})",
            ]
        elif how in ("math", "names"):
            scope, words_said = _math(h, how)
            lines = [f"{out} = eval({value}, {scope})"]
            said += words_said
        else:
            more = rng.choice(
                [", {}", ", {}, {}", f", {{{q('__builtins__')}: {{}}}}", f", {{{q('__builtins__')}: None}}, {{}}"]
            )
            inner = f"{value}.strip()" if how == "strip" else str(value)
            lines = [f"{out} = eval({inner}{more if how == 'empty' else ''})"]
        if how == "bare":
            key = rng.choice(["result", "answer", "value", noun.replace(" ", "_")])
            answer = h.json([(key, f"eval({value})")])
            return (
                extra,
                answer,
                said,
                rng.choice([f', answer {{"{key}": ...}}', "", "", ", as JSON", f" and return the {key}"]),
            )
    lines, tried = _guarded(h, lines, f"bad {noun}")
    said_answer, answer = _answer(h, value, out, ("result", "answer", "value"))
    return extra, [*lines, *answer], said, said_answer + tried


def _math(h, how):
    """A scope with names of math for an expression; (expression, phrase)."""
    p, rng, q = h.p, h.rng, h.p.q
    names = rng.sample(["sqrt", "pi", "sin", "cos", "log", "exp", "floor", "ceil", "e", "tan"], rng.choice([1, 2, 3]))
    said = rng.choice(
        [
            "",
            f", {' and '.join(names)} [may be used|are known|are allowed]",
            " with the [functions|names] of math",
            "; math functions [are allowed|may be used]",
            " [using|with] math",
        ]
    )
    p.use("math")
    if how == "math":
        return rng.choice(
            [f"{{{q('math')}: math}}", "vars(math)", "math.__dict__", "{}, vars(math)", "dict(vars(math))"]
        ), said
    table = "{" + ", ".join(f"{q(n)}: math.{n}" for n in names) + "}"
    if chance(rng, 0.6):
        return p.constant(table, "NAMES", "SCOPE", "FUNCTIONS", "MATH", "ALLOWED"), said
    return table, said


def _literal(h, value, secure):
    p, rng = h.p, h.rng
    noun = value.key.replace("_", " ")
    out = h.var(
        *rng.choice([("parsed",), ("result",), ("data",), (rng.choice(["values", "numbers", "points", "items"]),)])
    )
    if secure:
        late_import(p, "ast")
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
            "((0, 1), (2, 2))",
            f"{{'{text.noun(rng)}': {rng.randint(1, 20)}}}",
            f"['{text.noun(rng)}', '{text.noun(rng)}']",
            f"[{rng.randint(1, 99)}, {rng.randint(1, 99)}]",
            f"({rng.randint(1, 99)}, {rng.randint(1, 99)})",
        ]
    )
    kind = {"[": "list", "(": "tuple", "{": "dict"}[looks[0]]
    kind = rng.choice([kind, kind, kind, "list of numbers" if looks[1].isdigit() and kind == "list" else kind])
    said = fill(rng.choice(ASK_DATA), it=called(rng, value), kind=kind, looks=looks)
    use = rng.choice(["sum", "max", "min", "len", "sorted", "obj", "obj", "obj", "obj", "fn", "each"])
    lines, tried = _guarded(h, [line], "bad " + noun)
    if use in ("sum", "max", "min", "len", "sorted"):
        word = {
            "sum": "[sum|total]",
            "max": "[largest value|largest|maximum]",
            "min": "[smallest value|minimum]",
            "len": "[number of entries|count|length]",
            "sorted": "[sorted list|entries in order]",
        }[use]
        key = {"sum": "sum", "max": "max", "min": "min", "len": "count", "sorted": "sorted"}[use]
        said_answer = f" and [return|answer with|compute|give] [its|the|their] {word}"
        return [], [*lines, *h.json([(key, f"{use}({out})")])], said, said_answer + tried
    if use == "each":
        item = rng.choice(["item", "one", "entry", "x"])
        expr = rng.choice([f"[{item} * 2 for {item} in {out}]", f"[str({item}) for {item} in {out}]", f"list({out})"])
        return (
            [],
            [*lines, *h.json([(h.noun, expr)])],
            said,
            rng.choice(["", " and [return|list] [its|the] entries"]) + tried,
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
        said_answer = f" and [return|answer with] [its|the] {fn.replace('_', ' ')}"
        return [], [*lines, *h.json([(fn.split("_")[0], f"{fn}({out})")])], said, said_answer + tried
    said_answer, answer = (
        _answer(h, value, out, ("result", "data", "value")) if chance(rng, 0.5) else answer_object(h, out)
    )
    return [], [*lines, *answer], said, said_answer + tried


def _names(h, value, secure):
    """An expression over a few names that the handler knows."""
    p, rng, q = h.p, h.rng, h.p.q
    out = h.var("result", "answer", "total")
    wanted = [
        "x",
        "price",
        "amount",
        "value",
        "n",
        "base",
        "quantity",
        "temperature",
        "count",
        "score",
        "a",
        "t",
        text.noun(rng),
    ]
    first, known, lines = [], [], []
    for number in range(weighted(rng, [(6, 1), (3, 2), (1, 3)])):
        a = h.var(rng.choice(wanted))
        if number == 0 and h.where in ("json", "form", "query") and chance(rng, 0.55):
            other = read_value(h, [a], h.where)
            first = [other]
            a = other.key if chance(rng, 0.4) or not str(other).isidentifier() else str(other)
            known.append((a, rng.choice([f"float({other})", f"int({other})", str(other), f"float({other})"])))
            continue
        if chance(rng, 0.25):
            source = f"{rng.choice(['load', 'current', 'get', 'read', 'last'])}_{text.noun(rng)}"
            p.use(rng.choice([".store", ".services", "helpers", f".{text.noun(rng)}"]), source)
            lines.append(f"{a} = {source}()")
        elif chance(rng, 0.3):
            const = p.constant(
                rng.choice(["1.19", "100", "0.2", "42", "9.81", "60"]), a.upper(), f"{a.upper()}_VALUE"
            )
            known.append((a, const))
            continue
        else:
            lines.append(f"{a} = {rng.choice(['10', '100', '1.5', '42', '7', '0', '3.5'])}")
        known.append((a, a))
    h.early += lines
    scope = h.dict(known)
    direct = all(k == v for k, v in known)
    names = [k for k, _ in known]
    said = fill(
        rng.choice(ASK_NAMES),
        it=called(rng, value),
        a=" and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names),
    )
    call = ""
    code = []
    if secure:
        late_import(p, "ast")
        call = f"ast.literal_eval({value})"
    elif direct and chance(rng, 0.5):
        call = f"eval({value})"
    else:
        how = rng.randrange(5)
        if how == 0:
            table = h.var("scope", "names", "variables", "env", "context")
            code = [f"{table} = {scope}"]
            call = f"eval({value}, {rng.choice(['', '{}, '])}{table})"
        elif how == 1:
            p.use("math")
            call = f"eval({value}, {{{q('math')}: math, {scope[1:]})"
        elif how == 2:
            call = f"eval({value}, {{{q('__builtins__')}: {{}}}}, {scope})"
        else:
            call = f"eval({value}, {rng.choice(['', '{}, ', '{}, '])}{scope})"
    mode = rng.random()
    if mode < 0.12 and not secure:
        return (
            first,
            [*code, *h.json([("result", call)])],
            said,
            rng.choice(["", ', answer {"result": ...}', " as JSON"]),
        )
    if mode < 0.24 and not secure:
        yes, no = h.json([(rng.choice(["alarm", "ok", "matches"]), "True")]), h.json([("result", "None")])
        if yes[0].startswith("return"):
            key = rng.choice(["alarm", "on", "matches", "valid", "passed", "allowed"])
            yes, no = h.json([(key, "True")]), h.json([(key, "False")])
            said_if = rng.choice(
                [f" and [return|tell] whether [it is true|it holds] [as {key}|]", f", {key} [if|when] it is true"]
            )
            return first, [*code, f"if {call}:", *text.indent(yes, 4), *no], said, said_if
    lines, tried = _guarded(h, [*code, f"{out} = {call}"], f"bad {value.key.replace('_', ' ')}", 0.2)
    said_answer, answer = _answer(h, value, out, ("result", "answer", "total"))
    return first, [*lines, *answer], said, said_answer + tried


def _each(h, value, secure):
    """Sort or filter the rows of a table by an expression."""
    p, rng, q = h.p, h.rng, h.p.q
    one = h.noun
    if not secure and chance(rng, 0.18):
        return _series(h, value)
    fields = rng.sample(
        [
            "age",
            "score",
            "price",
            "size",
            "weight",
            "year",
            "rank",
            "count",
            "points",
            "stock",
            "x",
            "y",
            "height",
            "rating",
            "hours",
            text.noun(rng),
        ],
        2,
    )
    table = p.fresh(text.plural(one), f"{text.plural(one)}_list", f"all_{text.plural(one)}")
    if chance(rng, 0.75):
        rows = [
            f"    {h.dict([('name', q(rng.choice(words.PEOPLE).capitalize())), (fields[0], rng.randint(1, 99)), (fields[1], rng.randint(1, 9))])},"
            for _ in range(rng.choice([2, 2, 3]))
        ]
        table = p.fresh(table.upper(), f"{table}_rows") if chance(rng, 0.4) else table
        p.consts += [f"{table} = [", *rows, "]"]
    else:
        fn = f"{rng.choice(['load', 'all', 'find', 'list', 'get'])}_{table}"
        p.use(rng.choice([".store", ".models", ".services", f".{one}", "store"]), fn)
        if chance(rng, 0.6):
            h.early.append(f"{table} = {fn}()")
        else:
            table = f"{fn}()"
    row = rng.choice(["row", one[0], "item", "entry", "r", one])
    spoken = text.plural(one)
    it = called(rng, value)
    if secure:
        late_import(p, "ast")
        wanted = h.var("wanted", "limit")
        code = [
            f"{wanted} = ast.literal_eval({value})",
            *h.json([(spoken, f"[{row} for {row} in {table} if {row}[{q(fields[0])}] >= {wanted}]")]),
        ]
        return [], code, f"[keep|return|find|list] the {spoken} whose {fields[0]} is at least {it}", ""
    mode = rng.choice(["sort", "filter", "filter", "list", "best", "loop"])
    scope = rng.choice(
        [f"{{}}, {row}", f"{{}}, {row}", f"{row}", f"dict({row})", f"{{{q('__builtins__')}: {{}}}}, {row}"]
    )
    if chance(rng, 0.2):
        scope = rng.choice(["{}, ", ""]) + "{" + ", ".join(f"{q(f)}: {row}[{q(f)}]" for f in fields) + "}"
    call = f"eval({value}, {scope})"
    if mode in ("sort", "best"):
        fn = "sorted" if mode == "sort" else rng.choice(["max", "min"])
        expr = (
            f"{fn}({table}, key=lambda {row}: {call}{rng.choice(['', ', reverse=True']) if fn == 'sorted' else ''})"
        )
        ask = (
            rng.choice(ASK_SORT)
            if mode == "sort"
            else f"[find|return|pick] the {one} [for which|where] {{it}} is [{'largest|highest|greatest' if fn == 'max' else 'smallest|lowest'}]"
        )
    elif mode == "list":
        expr = rng.choice([f"[{call} for {row} in {table}]", f"{{{row}[{q('name')}]: {call} for {row} in {table}}}"])
        ask = rng.choice(ASK_LIST)
    else:
        expr = f"[{row} for {row} in {table} if {call}]"
        if chance(rng, 0.2):
            expr = f"[{row}[{q('name')}] for {row} in {table} if {call}]"
        ask = rng.choice(ASK_FILTER)
    ask = f"{rng.choice(ASK_ROWS)}[.|;|:] {ask}" if chance(rng, 0.2) else ask
    said = fill(ask, it=it, t=spoken, one=one, f1=fields[0], f2=fields[1])
    out = h.var("found", "result", "chosen", "ranked", "matches")
    if mode == "loop":
        code = [f"{out} = []", f"for {row} in {table}:", f"    if {call}:", f"        {out}.append({row})"]
        return [], [*code, *h.json([(spoken, out)])], said, ""
    if chance(rng, 0.5):
        lines, tried = _guarded(h, [f"{out} = {expr}"], f"bad {value.key}", 0.12)
        return [], [*lines, *h.json([(spoken, out)])], said, tried
    return [], h.json([(spoken, expr)]), said, rng.choice(["", "", " as JSON", f', answer {{"{spoken}": [...]}}'])


def _series(h, value):
    """The values of a function for a range of numbers, as plots need them."""
    rng = h.rng
    x = rng.choice(["x", "x", "t", "n", "i", "k"])
    numbers = rng.choice(
        ["range(10)", "range(-10, 11)", "range(1, 13)", "range(100)", "range(0, 50, 5)", "range(21)"]
    )
    call = f"eval({value}, {rng.choice(['', '{}, '])}{h.dict([(x, x)])})" if chance(rng, 0.6) else f"eval({value})"
    key = rng.choice(["points", "values", "y", "series", "curve"])
    pair = chance(rng, 0.4)
    expr = f"[({x}, {call}) for {x} in {numbers}]" if pair else f"[{call} for {x} in {numbers}]"
    said = rng.choice(
        [
            "[plot|draw|tabulate|sample] {it} [for|over] {x} in {r}",
            "[compute|evaluate] {it} for [every|each] {x} [of|in] {r}",
            "[points|values] of {it}[ for the plot| for the graph|] with {x} from {r}",
            "[a table|the curve] of {it}, {x} runs over {r}",
            "{it} is a function of {x}: [its values|compute it] for {r}",
            "[y|values] for {x} in {r}",
        ]
    )
    said = fill(said, it=called(rng, value), x=x, r=numbers)
    if chance(rng, 0.4):
        out = h.var(key, "found")
        if chance(rng, 0.5):
            code = [
                f"{out} = []",
                f"for {x} in {numbers}:",
                f"    {out}.append({f'({x}, {call})' if pair else call})",
            ]
        else:
            code = [f"{out} = {expr}"]
        return [], [*code, *h.json([(key, out)])], said, rng.choice(["", " as JSON", f" and return the {key}"])
    return [], h.json([(key, expr)]), said, rng.choice(["", " as JSON", f" and return the {key}"])


def _exec(h, value, secure):
    p, rng, q = h.p, h.rng, h.p.q
    scope = h.var("scope", "namespace", "env", "names")
    noun = value.key.replace("_", " ")
    it = called(rng, value)
    if secure:
        late_import(p, "ast")
        code = [f"{scope} = ast.literal_eval({value})", *h.json([("result", scope)])]
        return [], code, f"[read|parse|evaluate] {it}", ""
    said = fill(rng.choice(ASK_EXEC), it=it, n=noun)
    if chance(rng, 0.35):
        lines, tried = _guarded(h, [f"exec({value}{rng.choice(['', '', ', {}'])})"], f"bad {noun}")
        return [], [*lines, *h.done()], said, tried
    key = rng.choice(["result", "result", "answer", "output"])
    start = "{}" if chance(rng, 0.6) else h.dict([(text.noun(rng), rng.choice(["1", "[]", q(h.noun)]))])
    lines, tried = _guarded(h, [f"exec({value}, {rng.choice(['', '{}, '])}{scope})"], f"bad {noun}", 0.15)
    code = [f"{scope} = {start}", *lines, *h.json([(key, f"{scope}.get({q(key)})")])]
    return [], code, said, rng.choice(AFTER_EXEC).replace("result", key) + tried


EVALUATE = {"plain": _plain, "literal": _literal, "names": _names, "each": _each, "exec": _exec}

LOGGED = """name user username city version agent path query term email order number page item action title id address
reason message topic device station product country referer code comment sender status subject event""".split()
DID = """searched_for asked_for requested looked_up opened visited reported changed deleted updated created downloaded signed_in_as
failed_for got received lookup_of login_of unknown missing page_for visit_from tried failed_login_for login_failed_for
no_such unknown_item not_found download_of payment_for payment_failed_for slow_request_for access_denied_for denied
rejected invalid bad accepted started finished exported imported upload_of sent_to audit_of entry_for blocked refused
skipped retry_of expired could_not_find could_not_load nothing_found_for cache_miss_for hit called_by request_for
order_of booking_of cancelled renewed subscribed unsubscribed shipped moved_to switched_to""".replace(
    "_", "~"
).split()
# What a comment asks for when something is to be logged: {it} names the value, {a} is "a warning" or the like.
ASK_LOG = [
    "[log|write to the log|note in the log|record|report] {it}{other}",
    "[log|write|leave] [{a}|a line|an entry|a message] [with|that names|about|for|naming|containing] {it}{other}",
    "log {a} [with|that names|naming|for] {it}{other}",
    "[put|write|note|enter] {it}{other} [into|in] the [log|journal|logs]",
    "log [that|who|what] [somebody|] {did} {it}{other}",
    "[first|] [log|note|write down|record] {it}{other}",
    "[a|one|] log [line|entry|message] [with|for|about|:] {it}{other}",
    "[leave|keep|write] a trace of {it}{other} [in the log|]",
    "audit[:| log:| trail:] {it}{other}",
    "[for|in] the audit [log|trail]: {it}{other}",
    "[keep|write] an audit [entry|record|line] [for|of|with] {it}{other}",
    "[admins|operators|we|the support team] [want|need] to see {it}{other} in the log",
    "so that [operators|admins|we] [see|know] it: log {it}{other}",
    "the [log|logs|log file] should [say|tell|show|mention|name] {it}{other}",
    "{it}{other} [goes|belongs] [in|into] the log",
    "[mention|name] {it}{other} in [the log|a log message|{a}]",
    "[complain|tell the log] [about|of] {it}{other}",
    "tell the log [about|of] {it}{other}",
    "[which|what] was it? log {it}{other}",
    "[log|record] this [request|call|event|attempt|lookup|visit] with {it}{other}",
    "[log|record|note] the [request|call|event|attempt|visit], naming {it}{other}",
    "[log|note] that {it} [was asked for|is missing|was seen|is unknown|came in|was not found]{other}",
    "[log|note|report] {a}: {did} {it}{other}",
    "[{a} for the log|for the log]: {did} {it}{other}",
    "{it} [was not found|is unknown|does not exist]: [log it|note it|say so in the log]{other}",
    "[nobody|no one] knows {it}: [log it|log {a}]",
    "failed [login|sign-in|attempt]: [log|note] {it}{other}",
    "[log|note] the failed [attempt|login|sign-in] [with|of] {it}{other}",
    "[log|remember] who [it was|asked|tried|called]: {it}{other}",
    "[unusual|suspicious|strange]: log {it}{other}",
    "[log|note] the [slow request|download|payment|lookup] [of|for|with] {it}{other}",
    "{level} output with {it}{other}",
    "use the logger to [write|report|note] {it}{other}",
    "logger: {it}{other}",
    "[log|logging] {it}{other}",
    "logs {it}{other}",
    "{it}{other} [is logged|gets logged|should be logged|must be logged] [here|]",
    "log [what|which] {n} [was asked for|came in|it was|we got]",
    "[with|at] level {level}[:|,] log {it}{other}",
    "{level}: {did} {it}{other}",
    "make [the log|our log] tell {it}{other}",
    "[do not lose|keep] {it}{other}: [log it|write it to the log]",
    "[count|statistics] later need {it}{other} in the log",
    "one line in the log, [with|naming] {it}{other}",
    "log it",
    "[leave|write] a note in the log",
]
LOG_STORIES = [
    "support reads the log [every morning|]",
    "[security|the auditors|the admins] [asked|want] to know",
    "[we|they] [count|look at] these [once a week|later|]",
    "this [should|does] not happen [often|]",
    "[somebody|a client] [asks for|sends] [old|unknown|strange] {m} [now and then|]",
    "there is no such {one}",
    "the {one} is [gone|missing|closed|unknown]",
    "[too|] many [attempts|requests] of this kind",
    "[helps|good] for [debugging|statistics|the audit]",
    "the [dashboard|monitor] counts these lines",
    "nothing [was|has been] found",
    "access is [refused|denied]",
]
SHORT_LOGS = "log it|note it|log this|write the log line|log first|audit|log entry|record it|tell the log".split("|")
LOG_VERBS = [
    "find",
    "open",
    "login",
    "track",
    "download",
    "visit",
    "report",
    "lookup",
    "pay",
    "cancel",
    "audit",
    "sign_in",
]


def log_line(h):
    """Write a log line that names the value, then do the rest."""
    p, rng = h.p, h.rng
    rename(h, LOG_VERBS, LOGGED, 0.2)
    value = read_value(h, LOGGED)
    extra = second_value(h) if chance(rng, 0.2) else None
    logger = _logger(h)
    level = rng.choice(words.LEVELS)
    secure = p.secure or chance(rng, 0.03)
    before, v, more = [], str(value), str(extra) if extra else None
    if secure:
        v = _cleaned(h, v, before)
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
    if secure and more and not number:
        more = _cleaned(h, more, before)
    call = _log_call(h, logger, level, first, v, number or more)
    noun = value.key.replace("_", " ")
    if extra and not number:
        other_said = f" and the {extra.key}"
    it = rng.choice([called(rng, value), called(rng, value), f"which {noun} it was", f"that {noun}"])
    named = rng.choice([text.article(level), text.article(level) + " [message|line|entry]"])
    said = fill(rng.choice(ASK_LOG), it=it, other=other_said, a=named, did=first, n=noun, level=level)
    said, after = with_story(h, said, LOG_STORIES, 0.15, one=h.noun, m=text.plural(h.noun))
    rest, rest_said = (_context_rest if chance(rng, 0.35) else _rest)(h, value, extra)
    code = [*before, call, *rest]
    tell(h, [value] + ([extra] if extra else []), said, code, rest_said + after, SHORT_LOGS)


def _cleaned(h, value, before):
    """A value without line breaks, as a fix writes it; in a statement of its own now and then."""
    p, rng = h.p, h.rng
    text_of = f"str({value})" if chance(rng, 0.3) else value
    stripped = text_of + '.replace("\\r", "").replace("\\n", "")'
    if not chance(rng, 0.6 if p.format_style == "f" else 0.25):
        return stripped
    word = value.split(".")[-1].lower()
    clean = h.var(f"clean_{word}" if word.isidentifier() else "clean_value")
    before.append(f"{clean} = {stripped}")
    return clean


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
    if "replace(" in f"{v}{more}" and p.format_style == "f":
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
