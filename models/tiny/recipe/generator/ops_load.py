"""CWE-502 operations: reading objects that a request carries."""

from . import text
from .common import answer_object, read_value, second_value
from .ops_small import called, fill, late_import, rename, tell, with_story
from .text import chance, weighted

NAMES = """state session data settings config profile cart basket filters preferences token cursor payload message job task
snapshot draft layout answers progress game order items playlist model object record history selection options saved
cache schedule batch report workspace choices wizard search backup dump export blob entry params arguments memory
position step bookmark bundle package graph tree frame array result board scene document envelope ticket""".split()
TREES = """config settings options layout manifest schema spec definition plan document profile rules pipeline chart menu
theme translation workflow template deployment form survey recipe schedule preferences inventory body text source
values fixtures playbook questions""".split()

# What is asked for, in ways that name the value as {it}; {how} may tell the format.
ASK = [
    "[load|read|restore|unpack|decode|parse|get|open|deserialize] {it}{how}",
    "[load|restore|deserialize|decode|unpack|read] {it}{how}",
    "[turn|make|convert|change] {it} [back into|into|to] [an object|objects|Python objects|a Python object|Python data]{how}",
    "[bring|get|fetch] back [the object|what is|what was] [in|inside|behind] {it}{how}",
    "[get|take|read|pull] the {m} out of {it}{how}",
    "what [is|was|do we have] [in|inside] {it}?{how}",
    "[continue|go on|carry on|resume] [with|from] {it}{how}",
    "[pick up|resume] where [the user|they|we] [left off|stopped]: [load|restore] {it}{how}",
    "{it} [holds|carries|contains|is] the [state|saved {m}|{m} of last time]: [load|restore|unpack] it{how}",
    "{it} [keeps|holds|remembers] [what was chosen|the steps so far|the last search|the basket]: [restore|load] it{how}",
    "[rebuild|recreate|revive|recover] [the object|the {m}|it] from {it}{how}",
    "[deserialize|unserialize|thaw] {it}{how}",
    "from bytes to [an object|data|Python]: {it}{how}",
    "[the|] [object|value|data] [in|of|behind] {it}{how}",
    "[load|read] what [was saved|was stored|the client kept|we gave out|the worker sent] in {it}{how}",
    "[load|restore] the saved {m} from {it}{how}",
    "{it} [was|is] [serialized|dumped|frozen] by [the client|the exporter|another service|us]: [load|read] it{how}",
    "[undo|reverse] the [dump|dumps|serialization|packing] of {it}{how}",
    "[import|take over] the [exported|backed up] {m} [in|from] {it}{how}",
    "restore [a|the] backup: {it}{how}",
    "[the|a] [job|task|worker] [gets|brings] its arguments in {it}: [load|unpack] them{how}",
    "[cache|session|cart|wizard] [entry|state|data]: [load|restore|unpack] {it}{how}",
    "[read|load] the [model|state|tree|graph|array] [in|from] {it}{how}",
    "[load|read|take] {it} [as it was|as it was saved|again]{how}",
    "[loads|restores|unpacks|deserializes] {it}{how}",
    "[loading|restoring|unpacking] {it}{how}",
    "{it} [is loaded|gets restored|is unpacked|must be deserialized] here{how}",
    "{it} -> [object|data|dict|Python]{how}",
    "[give|hand|get] us the [object|data|contents] of {it}{how}",
    "[see|look|find out] what {it} [holds|contains|says]{how}",
    "[make|get] Python [objects|data] [from|out of] {it}{how}",
    "[unwrap|unfold|inflate|decode] {it}{how}",
    "[load|restore] it{how}",
    "[get|load] the [saved|stored|packed] [object|data|state]{how}",
    "[who|what] was it? [restore|load] {it}{how}",
    "[use|take] {it} to [restore|rebuild] the {m}{how}",
    "[first|now] [load|unpack|read] {it}{how}",
    "[load|unpack] [the content|the contents] of {it}{how}",
]
ASK_BINARY = [
    "{it} [is|was|arrives] [stored|saved|pickled|packed|written]: [load|unpack|restore] it{how}",
    "[unpickle|load|restore] {it}",
    "{it} is a [serialized|dumped|binary] object[: load it|, restore it|]{how}",
    "the [bytes|blob] [hold|are] a dumped [object|{m}|dict]: [load|read] it{how}",
    "[read|load] the dumped {m}{how}",
]
ASK_YAML = [
    "{it} is [YAML|yaml|a YAML text|in YAML|written in YAML]: [load|parse|read] it",
    "[parse|read|load] the [YAML|yaml] [in|of|text in|] {it}",
    "[YAML|yaml] -> [dict|data|Python]",
    "[load|parse|read] {it} [as|from] YAML",
    "[read|load|parse] the [YAML|yaml] [document|text|file|settings|body]",
    "[people|users|teams] [write|edit] {it} [as|in] YAML: [load|parse] it",
    "{it} like `{m}: 3`[, load it|; parse it|]",
    "[get|read] the [keys|sections|settings] out of the YAML {it}",
    "[understand|interpret] the YAML that [was sent|came in|the editor sends]",
    "what does the YAML [say|hold]?",
]
STORIES = [
    "[the page|the client|the app] [keeps|stores] it [between steps|for us|]",
    "the [wizard|form] has [three|several|many] steps",
    "[carts|baskets|sessions|drafts] live in the browser",
    "[searches|filters|layouts] can be saved[ and opened again|]",
    "the worker [sends|returns] whole objects",
    "[it|the {n}] was [written|made|exported] by [an older version|the desktop app|our own export|the editor]",
    "[objects|dates|tuples|sets] [survive|are kept] [this way|]",
    "[players|users|customers] [may|can] [upload|bring] their own",
    "[nightly|old] backups [come|are restored] this way",
    "the [queue|scheduler|cache] [hands|gives] it over",
    "[export|download] made it, [import|upload] reads it",
    "[preferences|settings] follow the user from [device to device|page to page]",
]
SHORT = "load it|restore it|unpack it|read it|decode it|the object|load|deserialize|now load it|get it back|restore".split(
    "|"
)
VERBS = ["load", "restore", "import", "resume", "read", "unpack", "decode", "open", "apply", "continue"]


def load(h):
    """Load an object from a value, an upload or the body."""
    p, rng, q = h.p, h.rng, h.p.q
    secure = p.secure or chance(rng, 0.03)
    kind = weighted(
        rng, [(50, "pickle"), (32, "yaml"), (6, "marshal"), (5, "jsonpickle"), (5, "dill"), (2, "cloudpickle")]
    )
    names = TREES if kind == "yaml" else NAMES
    rename(h, VERBS, names, 0.25)
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
    tried = ""
    if chance(rng, 0.18):
        error = rng.choice(
            ["Exception", "Exception", "ValueError", "(ValueError, TypeError)", "(EOFError, ValueError)"]
        )
        lines = [
            "try:",
            *text.indent([*before, *lines], 4),
            f"except {error}:",
            *text.indent(h.error(400, f"bad {noun}"), 4),
        ]
        before = []
        tried = rng.choice(
            ["", "", ", [with|status|or] 400 if [it fails|that fails|it is broken]", "; it may be [broken|damaged]"]
        )
    asks = ASK_YAML if kind == "yaml" and chance(rng, 0.55) else [*ASK, *ASK_BINARY] if binary else ASK
    said = fill(rng.choice(asks), it=called(rng, value), how=said_how, m=text.noun(rng))
    said, after = with_story(h, said, STORIES, 0.2, n=noun)
    tried += after
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
    elif chance(rng, 0.2):
        key = rng.choice([h.noun, value.key, "loaded", "data", "restored"])
        expr = rng.choice([out, out, f"list({out})", f"len({out})", f"str({out})", f"sorted({out})"])
        said_answer = rng.choice(
            [f', answer {{"{key}": ...}}', ", as JSON", f" and return the {key}", "", f" -> {key}"]
        )
        answer = h.json([(key, expr)])
    else:
        said_answer, answer = answer_object(h, out, (value.key,))
    decoys = [second_value(h)] if chance(rng, 0.15) and h.where != "upload" else []
    tell(h, [value, *decoys], said, [*before, *lines, *answer], said_answer + tried, SHORT)


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
        late_import(p, "json")
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
