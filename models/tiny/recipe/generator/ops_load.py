"""CWE-502 operations: reading objects that a request carries."""

from . import text
from .common import answer_object, finish, read_value, second_value
from .text import chance, weighted

NAMES = """state session data settings config profile cart basket filters preferences token cursor payload message job task
snapshot draft layout answers progress game order items playlist model object record history selection options saved
cache schedule batch report workspace choices""".split()
TREES = "config settings options layout manifest schema spec definition plan document profile rules pipeline chart menu theme translation".split()


def load(h):
    """Load an object from a value, an upload or the body."""
    p, rng, q = h.p, h.rng, h.p.q
    secure = p.secure if chance(rng, 0.93) else not p.secure
    kind = weighted(
        rng, [(46, "pickle"), (32, "yaml"), (7, "marshal"), (6, "jsonpickle"), (6, "dill"), (3, "cloudpickle")]
    )
    names = TREES if kind == "yaml" else NAMES
    value = read_value(h, names)
    binary = kind not in ("yaml", "jsonpickle")
    noun = value.key.replace("_", " ")
    out = h.var(
        *rng.choice(
            [("obj",), ("loaded",), ("result",), ("data",), (f"{rng.choice(NAMES)}",), ("restored",), ("content",)]
        )
    )
    before, source, stream = _bytes(h, value, binary)
    call, said_how = _call(h, kind, source, stream, secure)
    lines = [f"{out} = {call}"]
    if kind == "yaml" and chance(rng, 0.25):
        h.doc = _yaml_doc(h, noun)
    if chance(rng, 0.16):
        error = rng.choice(["Exception", "Exception", "ValueError"])
        lines = [
            "try:",
            *text.indent([*before, *lines], 4),
            f"except {error}:",
            *text.indent(h.error(400, f"bad {noun}"), 4),
        ]
        before = []
    said = rng.choice(
        [
            f"[load|read|restore|unpack|decode|parse|get] the {noun}{said_how}",
            f"[turn|make] the {noun} back into [an object|objects|Python objects]{said_how}",
            f"[load|restore] {value.key}{said_how}",
            f"the {noun} [is|was|arrives] [stored|saved|pickled|packed|written]: [load|unpack|restore] it{said_how}"
            if kind != "yaml"
            else f"the {noun} is YAML: [load|parse|read] it",
            f"[get|take|read] the {text.noun(rng)} out of the {noun}{said_how}",
        ]
    )
    many = chance(rng, 0.3)
    if many:
        a, b = rng.sample(
            ["title", "name", "kind", "size", "items", "series", "version", text.noun(rng), text.noun(rng)], 2
        )
        access = rng.choice(["{o}[{k}]", "{o}[{k}]", "{o}.get({k})"])
        pairs = [(k, access.format(o=out, k=q(k))) for k in (a, b)]
        answer, said_answer = h.json(pairs), f" and [return|answer with] [its|the|] {a} and {b}"
    elif chance(rng, 0.2):
        item = rng.choice(["item", "entry", "one"])
        fn = f"{rng.choice(['add', 'save', 'import', 'store', 'update'])}_{h.noun}"
        p.use(rng.choice([f".{h.noun}", ".store", text.noun(rng), ".models"]), fn)
        answer, said_answer = (
            [f"for {item} in {out}:", f"    {fn}({item})", *h.done()],
            f"[ and|,] {fn.split('_')[0]} [each|every] [of its|] {h.noun}",
        )
    else:
        said_answer, answer = answer_object(h, out, (value.key,))
    decoys = [second_value(h)] if chance(rng, 0.15) and h.where != "upload" else []
    finish(h, [value, *decoys], said, [*before, *lines, *answer], answers=said_answer)


def _yaml_doc(h, noun):
    """A docstring that shows what is sent."""
    rng = h.rng
    a, b, c = text.noun(rng), text.noun(rng), text.noun(rng)
    first = rng.choice(
        [
            f"The {noun} [is|are] YAML, for example:",
            f"The {noun} [is|comes|arrives] as YAML:",
            "YAML, like this:",
            "Body: YAML such as",
        ]
    )
    sample = [
        f"    {a}: {c.capitalize()}",
        rng.choice(
            [
                f"    {b}: [{rng.randint(1, 9)}, {rng.randint(1, 20)}]",
                f"    {b}: {rng.randint(1, 99)}",
                f"    {b}:",
            ]
        ),
    ]
    if sample[-1].endswith(":"):
        sample.append(f"      - {text.noun(rng)}")
    mark = h.p.quote * 3
    return [mark, text.expand(rng, first), "", *sample, mark]


def _bytes(h, value, binary):
    """What the loader reads: (lines before, expression, is it a stream)."""
    p, rng, q = h.p, h.rng, h.p.q
    v = str(value)
    if h.where == "upload":
        if chance(rng, 0.45) and "io." not in h.fw.upload_file:
            return [], h.fw.upload_file.format(f=v), True
        reading = h.fw.upload_read.format(f=v)
        if chance(rng, 0.4):
            raw = h.var("raw", "content", "body", "blob")
            return [f"{raw} = {reading}"], raw, False
        return [], reading, False
    if h.where == "raw":
        if binary and any(".decode()" in r or "as_text" in r or ".text()" in r for r in value.reads):
            return [], f"{v}.encode({q('latin-1')})", False
        return [], v, False
    if not binary:
        return [], v, False
    p.use("base64")
    fn = rng.choice(["b64decode", "b64decode", "b64decode", "urlsafe_b64decode"])
    if chance(rng, 0.15):
        expr = f"bytes.fromhex({v})"
    else:
        expr = f"base64.{fn}({v})"
    if chance(rng, 0.55):
        raw = h.var("raw", "packed", "blob", "decoded", "content")
        value.reads.append(f"{raw} = {expr}") if chance(rng, 0.5) else None
        if value.reads and value.reads[-1].startswith(raw + " ="):
            return [], raw, False
        return [f"{raw} = {expr}"], raw, False
    return [], expr, False


def _call(h, kind, source, stream, secure):
    p, rng, _q = h.p, h.rng, h.p.q
    if kind == "yaml":
        p.use("yaml")
        if secure:
            return f"yaml.safe_load({source})", rng.choice(["", " (YAML)", " as YAML"])
        how = weighted(
            rng,
            [
                (50, "yaml.load({s}, Loader=yaml.{l})"),
                (16, "yaml.unsafe_load({s})"),
                (12, "yaml.full_load({s})"),
                (12, "yaml.load({s}, yaml.{l})"),
            ],
        )
        return how.format(s=source, l=rng.choice(["Loader", "Loader", "UnsafeLoader", "FullLoader"])), rng.choice(
            ["", " (YAML)", " as YAML", " with yaml"]
        )
    if secure:
        p.use("json")
        if kind == "jsonpickle":
            return f"json.loads({source})", ""
        return f"json.load({source})" if stream else f"json.loads({source})", ""
    p.use(kind)
    if kind == "jsonpickle":
        return f"jsonpickle.decode({source})", rng.choice(["", " with jsonpickle"])
    if stream and kind == "pickle" and chance(rng, 0.1):
        return f"pickle.Unpickler({source}).load()", rng.choice(["", " with pickle"])
    return f"{kind}.{'load' if stream else 'loads'}({source})", rng.choice(
        ["", "", f" with {kind}", f" (a {kind})", f", it was written with {kind}"]
    )


OPS = [(1.0, load)]
