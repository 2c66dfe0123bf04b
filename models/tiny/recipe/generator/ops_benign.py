"""Operations without a weakness: stores, numbers, dates, validation, lists."""

from . import text, words
from .common import finish, read_value, second_value
from .text import chance


def create(h):
    """Put a record into a store or a model."""
    p, rng, q = h.p, h.rng, h.p.q
    a = read_value(h, ["name", "title", "label", text.noun(rng)])
    b = second_value(h)
    many = text.plural(h.noun)
    if chance(rng, 0.5):
        store = p.constant(rng.choice(["[]", "{}"]), many, many + "_store", "store")
        item = f"{{{q(a.key)}: {a}, {q(b.key)}: {b}}}"
        if p.consts[-1].endswith("[]"):
            code = [f"{store}.append({item})", *h.json([("count", f"len({store})")])]
            said = f"[add|append] the {h.noun} to {store}[ and return the count|]"
        else:
            code = [f"{store}[{a}] = {b}", *h.json([(a.key, str(a))])]
            said = f"[keep|store|put] the {b.key} [in|into] {store} under the {a.key}"
    else:
        cls = text.camel(h.noun)
        p.use(rng.choice([".models", "models", f"{rng.choice(words.COMPANIES)}.models"]), cls)
        one = h.var(h.noun, "record")
        if h.fw.name == "django":
            code = [f"{one} = {cls}.objects.create({a.key}={a}, {b.key}={b})", *h.json([("id", f"{one}.id")])]
        else:
            p.use(rng.choice([".db", ".database", "database"]), "db")
            code = [
                f"{one} = {cls}({a.key}={a}, {b.key}={b})",
                f"db.session.add({one})",
                "db.session.commit()",
                *h.json([("id", f"{one}.id")]),
            ]
        said = f"[create|save|store] the {h.noun}[ and return its id|]"
    finish(h, [a, b], said, code)


def lookup(h):
    """Find a record, or 404."""
    p, rng, q = h.p, h.rng, h.p.q
    key = read_value(h, ["id", "name", "number", "slug", "code", f"{h.noun}_id"])
    one = h.var(h.noun, "record")
    many = text.plural(h.noun)
    mode = rng.random()
    if mode < 0.4:
        pairs = ", ".join(f"{q(rng.choice(words.PEOPLE))}: {rng.randint(1, 99)}" for _ in range(2))
        store = p.constant(f"{{{pairs}}}" if chance(rng, 0.5) else "{}", many.upper(), many)
        code = [f"{one} = {store}.get({key})"]
    elif mode < 0.7:
        fn = f"{rng.choice(['find', 'get', 'load'])}_{h.noun}"
        p.use(rng.choice([f".{many}", f".{h.noun}", ".store", "store"]), fn)
        code = [f"{one} = {fn}({key})"]
    else:
        cls = text.camel(h.noun)
        p.use(rng.choice([".models", "models"]), cls)
        code = [
            f"{one} = {cls}.objects.filter({key.key}={key}).first()"
            if h.fw.name == "django"
            else f"{one} = {cls}.query.filter_by({key.key}={key}).first()"
        ]
    code += [f"if {one} is None:", *text.indent(h.error(404, f"no such {h.noun}"), 4), *h.json([(h.noun, one)])]
    finish(
        h,
        [key],
        f"[find|look up|get|load] the {h.noun} and [return|answer with] it, [or|] 404 if there is none",
        code,
    )


def number(h):
    """Convert and compute with numbers."""
    _p, rng, _q = h.p, h.rng, h.p.q
    a = read_value(h, ["amount", "price", "width", "value", "celsius", "distance", "count", "n", "size", "weight"])
    kind = rng.choice(["int", "float", "float"])
    x = h.var("number", "parsed", "x", "total")
    factor = rng.choice(["1.8", "1.19", "2.54", "1.609", "0.4536", "100", "60", "3.785"])
    out = h.var("result", "converted", "answer", "final")
    message = rng.choice(["not a number", f"bad {a.key}"])
    code = (
        ["try:", f"    {x} = {kind}({a})", "except ValueError:", *text.indent(h.error(400, message), 4)]
        if chance(rng, 0.6)
        else [f"{x} = {kind}({a})"]
    )
    code += [
        f"{out} = {rng.choice([f'{x} * {factor}', f'round({x} * {factor}, 2)', f'{x} / {factor}', f'{x} + {factor}'])}"
    ]
    if chance(rng, 0.3):
        code += [f"if {out} > {rng.choice([100, 1000, 5000])}:", *text.indent(h.error(400, "too much"), 4)]
    code += h.json([("result", out)])
    finish(h, [a], f"[convert|multiply|scale] the {a.key} [by {factor}|] and return the result", code)


def validate(h):
    """Check the shape of a value."""
    p, rng, q = h.p, h.rng, h.p.q
    a = read_value(h, ["email", "code", "phone", "username", "zip", "color", "language", "currency", "date", "isbn"])
    mode = rng.choice(["len", "isdigit", "in", "re", "date"])
    if mode == "len":
        test, said = f"len({a}) < {rng.choice([3, 5, 8])}", f"[refuse|reject] a {a.key} that is too short"
    elif mode == "isdigit":
        test, said = f"not {a}.{rng.choice(['isdigit', 'isalnum', 'isalpha'])}()", f"[check|validate] the {a.key}"
    elif mode == "in":
        choices = p.constant(
            "{" + ", ".join(q(text.noun(rng)) for _ in range(3)) + "}", "CHOICES", text.plural(a.key).upper(), "KNOWN"
        )
        test, said = f"{a} not in {choices}", f"the {a.key} [must|has to] be one of {choices}"
    elif mode == "re":
        p.use("re")
        pattern = rng.choice([r"[a-z]+", r"\d{4,8}", r"[A-Z]{3}", r"[a-z0-9_]{3,20}", r"#[0-9a-f]{6}"])
        test, said = (
            f"not re.fullmatch(r{p.quote}{pattern}{p.quote}, {a})",
            f"[check|validate] the form of the {a.key}",
        )
    else:
        p.use("datetime", "datetime")
        out = h.var("parsed", "day", "when")
        code = [
            "try:",
            f"    {out} = datetime.strptime({a}, {q('%Y-%m-%d')})",
            "except ValueError:",
            *text.indent(h.error(400, "bad date"), 4),
            *h.json([("weekday", f"{out}.strftime({q('%A')})")]),
        ]
        finish(h, [a], f"[parse|read] the {a.key} as a date and return the weekday", code)
        return
    code = [f"if {test}:", *text.indent(h.error(400, f"bad {a.key}"), 4), *h.json([(a.key, str(a))])]
    finish(h, [a], said, code)


def listing(h):
    """Filter, sort or count a list of records."""
    p, rng, q = h.p, h.rng, h.p.q
    a = read_value(h, ["kind", "color", "city", "tag", "category", "status", "term", "q"])
    many = text.plural(h.noun)
    rows = [
        f"    {h.dict([('name', q(rng.choice(words.PEOPLE))), (a.key, q(text.noun(rng))), ('size', rng.randint(1, 50))])},"
        for _ in range(rng.choice([2, 3]))
    ]
    table = p.fresh(many, many + "_list", many.upper())
    p.consts += [f"{table} = [", *rows, "]"]
    one = rng.choice([h.noun[0], "item", "row", "entry"])
    out = h.var("found", "matches", "result", "chosen")
    test = rng.choice(
        [f"{one}[{q(a.key)}] == {a}", f"{a} in {one}[{q('name')}]", f"{a}.lower() in {one}[{q('name')}].lower()"]
    )
    code = [f"{out} = [{one} for {one} in {table} if {test}]"]
    if chance(rng, 0.4):
        code.append(f"{out}.sort(key=lambda {one}: {one}[{q('size')}])")
    if chance(rng, 0.4):
        code += [f"if not {out}:", *text.indent(h.error(404, "nothing found"), 4)]
    code += h.json([(many, out)]) if chance(rng, 0.6) else h.json([("count", f"len({out})")])
    finish(h, [a], f"[find|select|filter|keep] the {many} [with|of] this {a.key}", code)


def words_of(h):
    """Work on a text."""
    p, rng, q = h.p, h.rng, h.p.q
    a = read_value(h, ["text", "message", "title", "sentence", "comment", "line", "note"])
    mode = rng.choice(["count", "slug", "upper", "hash", "split", "counter"])
    out = h.var("result", "answer", "value", "slug", "words")
    if mode == "count":
        code, said = (
            [f"{out} = len({a}.split())", *h.json([("words", out)])],
            f"[count|return the number of] the words of the {a.key}",
        )
    elif mode == "slug":
        p.use("re")
        code, said = (
            [
                f"{out} = re.sub(r{p.quote}[^a-z0-9]+{p.quote}, {q('-')}, {a}.lower()).strip({q('-')})",
                *h.json([("slug", out)]),
            ],
            f"[make|build] a slug [of|from] the {a.key}",
        )
    elif mode == "upper":
        code, said = (
            [
                f"{out} = {a}.{rng.choice(['upper', 'lower', 'title', 'strip', 'capitalize'])}()",
                *h.json([(a.key, out)]),
            ],
            f"[normalise|clean] the {a.key}",
        )
    elif mode == "hash":
        p.use("hashlib")
        code, said = (
            [f"{out} = hashlib.sha256({a}.encode()).hexdigest()", *h.json([("digest", out)])],
            f"[hash|compute the digest of] the {a.key}",
        )
    elif mode == "split":
        code, said = (
            [
                f"{out} = [part.strip() for part in {a}.split({q(rng.choice([',', ';', '|']))}) if part.strip()]",
                *h.json([("parts", out)]),
            ],
            f"split the {a.key} [at commas|into parts]",
        )
    else:
        p.use("collections", "Counter")
        code, said = (
            [
                f"{out} = Counter({a}.lower().split())",
                *h.json([("common", f"{out}.most_common({rng.choice([3, 5, 10])})")]),
            ],
            f"[find|return] the most common words of the {a.key}",
        )
    finish(h, [a], said, code)


OPS = [(1.0, create), (1.0, lookup), (0.8, number), (0.8, validate), (0.8, listing), (0.8, words_of)]
