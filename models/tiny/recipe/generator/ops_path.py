"""CWE-22 operations: files and folders named by a request, and archives."""

import re

from . import path_phrases as said_of
from . import text
from .common import read_value, second_value
from .path_kinds import FILE_KINDS, say
from .phrasing import attribute, careful, fill, maybe_class, subject, tell, weave
from .text import chance, weighted

NAMES = """name file filename file_name path document report page image picture photo attachment log template theme
track song video clip doc invoice key export backup chapter asset note sheet recording avatar receipt statement contract
manual firmware snapshot thumbnail cover poster lesson handout slide dump draft letter plugin font icon subtitle map
model config payslip transcript certificate voucher preset sample drawing brochure""".split()
DIRS = (
    "folder directory album dir section project collection category path year gallery playlist course topic month device "
    "customer team season event release workspace user channel chapter theme archive room".split()
)


def _base(h):
    """A base folder: (name of the constant or literal, is it a pathlib.Path, text for comments)."""
    p, rng, q = h.p, h.rng, h.p.q
    place = text.folder(rng)
    up = rng.choice([h.noun, text.plural(h.noun), text.noun(rng)]).upper()
    names = rng.choice(
        [
            ("BASE_DIR",),
            ("ROOT",),
            ("BASE",),
            (up,),
            (up + "_DIR",),
            (up + "_FOLDER",),
            ("UPLOAD_DIR",),
            ("STORAGE",),
            ("FILES",),
            (up + "_ROOT",),
            ("DATA_DIR",),
            ("FOLDER",),
        ]
    )
    mode = weighted(rng, [(5, "str"), (3, "path"), (2.6, "literal"), (1.3, "other")])
    own = attribute(
        h,
        f"Path({q(place)})" if mode == "path" else q(place),
        rng.choice(["folder", "root", "base", "base_dir", "directory", "storage", text.plural(h.noun), "path"]),
    )
    if own:
        if mode == "path":
            p.use("pathlib", "Path")
        return own, mode == "path", None
    if mode == "other":
        return _other_base(h, place, names, up)
    if mode == "path":
        p.use("pathlib", "Path")
        return p.constant(f"Path({q(place)})", *names, up + "_DIR"), True, None
    if mode == "str":
        return p.constant(q(place), *names, up + "_DIR"), False, None
    return q(place), False, place


def _other_base(h, place, names, up):
    """A base folder that settings, the environment or the program's own place give."""
    p, rng, q = h.p, h.rng, h.p.q
    last = place.strip("./").split("/")[-1]
    how = rng.randrange(6)
    if how == 0 and h.fw.name == "django":
        p.use("django.conf", "settings")
        return f"settings.{rng.choice(['MEDIA_ROOT', 'MEDIA_ROOT', up + '_DIR', up + '_ROOT'])}", False, None
    if how <= 1 and h.fw.name == "flask" and "app = Flask(__name__)" in p.app:
        key = rng.choice(["UPLOAD_FOLDER", f"{up}_DIR", f"{up}_FOLDER"])
        p.app.append(f"app.config[{q(key)}] = {q(place)}")
        return f"app.config[{q(key)}]", False, None
    if how <= 3:
        p.use("pathlib", "Path")
        made = rng.choice(
            [
                f"Path(__file__).parent / {q(last)}",
                f"Path(__file__).resolve().parent / {q(last)}",
                f"Path.home() / {q(last)}",
                f"Path({q('/'.join(place.split('/')[:-1]) or '/srv')}) / {q(last)}",
            ]
        )
        return p.constant(made, *names, up + "_DIR"), True, None
    p.use("os")
    made = rng.choice(
        [
            f"os.environ.get({q(up + '_DIR')}, {q(place)})",
            f"os.path.join(os.path.dirname(__file__), {q(last)})",
            f"os.path.abspath({q(place)})",
        ]
    )
    return p.constant(made, *names, up + "_DIR"), False, None


def build_path(h, v, suffix="", inline=False):
    """Lines that set a path variable below a base, checked where the program is careful: (lines, path, base as said)."""
    p, rng, q = h.p, h.rng, h.p.q
    base, pathlib, place = _base(h)
    # A careful path begins with one telling line, a weak one in many ways: fewer careful ones keep the weak ahead.
    secure = careful(h, 0.95, 0.04)
    tail = f" + {q(suffix)}" if suffix else ""
    leaf = v + tail
    if suffix and chance(rng, 0.6):
        leaf = p.join("\0" + v, suffix, style="f")
    var = h.var(
        weighted(
            rng,
            [
                (50, "path"),
                (16, "file_path"),
                (9, "full_path"),
                (6, "target"),
                (4, "filename"),
                (4, "location"),
                (4, "source"),
                (2, "full"),
                (2, "where"),
                (3, f"{h.noun}_path"),
            ],
        )
    )
    said = base if place is None else place
    if pathlib:
        joined = (
            rng.choice([f"{base} / {leaf}" if "+" not in leaf else f"{base} / ({leaf})", f"{base}.joinpath({leaf})"])
            if chance(rng, 0.9)
            else f"Path({base}, {leaf})"
        )
    else:
        join = f"os.path.join({base}, {leaf})"
        how = weighted(rng, [(6, "join"), (2, "build"), (0.8, "path")])
        if how == "build" and not secure:
            joined = (
                p.join("\0" + base, "/", "\0" + v, *([suffix] if suffix else []))
                if place is None
                else p.join(place + "/", "\0" + v, *([suffix] if suffix else []))
            )
        elif how == "path":
            p.use("pathlib", "Path")
            joined, pathlib = f"Path({base}) / {leaf}" if "+" not in leaf else f"Path({base}) / ({leaf})", True
        else:
            p.use("os")
            joined = join
    if secure:
        return _checked(h, var, joined, base, pathlib), var, said, pathlib
    if inline:
        return [], f"({joined})" if " / " in joined and pathlib else joined, said, pathlib
    return [f"{var} = {joined}"], var, said, pathlib


def _unwrapped(lines, var):
    """The lines, without the parentheses around a path in place that is an argument anyway."""
    bare = var[1:-1] if var.startswith("(") else var
    return (
        [re.sub(rf"(?<=\(){re.escape(var)}(?=[,)])", lambda _: bare, line) for line in lines]
        if bare != var
        else lines
    )


def _checked(h, var, joined, base, pathlib):
    p, rng = h.p, h.rng
    p.late.add("os")
    reject = h.error(
        404 if chance(rng, 0.8) else 400,
        rng.choice(["not found", "path is outside of the allowed folder", "bad path", "no such file"]),
    )
    if pathlib and chance(rng, 0.5):
        root = base if not base.startswith(("'", '"')) else f"Path({base})"
        if chance(rng, 0.6):
            base_path = h.var(*rng.choice([("base_path",), ("base_path",), ("base_path",), ("root",)]))
            return [
                f"{base_path} = {root}.resolve()",
                f"{var} = ({joined}).resolve()",
                f"if not {var}.is_relative_to({base_path}):",
                *text.indent(reject, 4),
            ]
        if chance(rng, 0.5):
            return [
                f"{var} = ({joined}).resolve()",
                f"if not {var}.is_relative_to({root}.resolve()):",
                *text.indent(reject, 4),
            ]
        return [
            f"{var} = ({joined}).resolve()",
            f"if {root}.resolve() not in {var}.parents:",
            *text.indent(reject, 4),
        ]
    p.use("os")
    base_path = h.var(*rng.choice([("base_path",), ("base_path",), ("base_dir",), ("root",), ("base",)]))
    if pathlib:
        p.use("pathlib", "Path")
        return [
            f"{base_path} = os.path.realpath({base})",
            f"{var} = Path(os.path.realpath({joined}))",
            f"if os.path.commonpath([{base_path}, str({var})]) != {base_path}:",
            *text.indent(reject, 4),
        ]
    return [
        f"{base_path} = os.path.realpath({base})",
        f"{var} = os.path.realpath({joined})",
        f"if os.path.commonpath([{base_path}, {var}]) != {base_path}:",
        *text.indent(reject, 4),
    ]


def _missing(h, var, pathlib, check="file"):
    """A 404 for what is not there: (lines, phrase)."""
    rng = h.rng
    if not chance(rng, 0.35):
        return [], ""
    if pathlib:
        test = f"not {var}.{rng.choice(['exists', 'is_file' if check == 'file' else 'is_dir'])}()"
    else:
        h.p.use("os")
        test = f"not os.path.{rng.choice(['exists', 'isfile' if check == 'file' else 'isdir'])}({var})"
    return [
        f"if {test}:",
        *text.indent(h.error(404, f"no such {h.noun}"), 4),
    ], rng.choice(said_of.MISSING)


def serve_file(h):
    """Send, read, measure, delete or write one file."""
    _p, rng, _q = h.p, h.rng, h.p.q
    maybe_class(h)
    value = read_value(h, NAMES)
    suffix = "." + text.extension(rng) if chance(rng, 0.3) else ""
    inline = chance(rng, 0.3)
    lines, var, base, pathlib = build_path(h, str(value), suffix, inline)
    missing, missing_said = _missing(h, var, pathlib) if lines else ([], "")
    kind = weighted(
        rng,
        [
            (30, "send"),
            (30, "read"),
            (8, "delete"),
            (6, "size"),
            (8, "json"),
            (7, "lines"),
            (9, "write"),
            (4, "copy"),
            (4, "csv"),
        ],
    )
    noun = value.key.replace("_", " ")
    named = rng.choice([subject(h, value), subject(h, value), "the file", f"the {h.noun}", "the named file"])
    inside = rng.choice(
        [
            f" [in|from|below|under|inside|of] {base}",
            "",
            f" [in|from|under] [the|our] {h.noun} folder",
            f" ({base}/<{value.key}>{suffix})",
            f", [kept|stored|saved] in {base}",
            "",
            " [in|from|out of] [our|the] [archive|storage|store|file store|library]",
        ]
    )
    h.place = (noun, base, str(value))
    code, said = FILE_KINDS[kind](h, var, pathlib, named, inside)
    decoys = [second_value(h)] if chance(rng, 0.2) else []
    look = rng.choice(["", "", "", "look [it|the file] up, then "]) if not inside else ""
    said = weave(rng, look + said, said_of.STORIES)
    about = kind if kind in said_of.BRIEFS else "other"
    code = [*missing, *_unwrapped(code, var)]
    tell(
        h,
        [value, *decoys],
        said,
        [*lines, *code],
        names=said_of.HANDLERS[about],
        briefs=[*said_of.BRIEFS[about], f"[below|in|from|under] {base}"],
        answers=missing_said,
    )


def list_folder(h):
    """List, count or remove a folder."""
    p, rng, q = h.p, h.rng, h.p.q
    maybe_class(h)
    value = read_value(h, DIRS)
    inline = chance(rng, 0.28)
    lines, var, base, pathlib = build_path(h, str(value), inline=inline)
    missing, missing_said = _missing(h, var, pathlib, "dir") if lines else ([], "")
    h.place = (value.key.replace("_", " "), base, str(value))
    names = h.var("names", "files", "entries", "found")
    kind = rng.choice(["names", "names", "sorted", "filter", "count", "sizes", "rmtree", "mkdir", "walk"])
    item = rng.choice(["name", "entry", "item", "f", "n"])
    ext = "." + text.extension(rng)
    noun = value.key
    whose = rng.choice(
        [
            f"[in|of|inside] the {noun}",
            f"[in|of] the {noun}'s folder",
            f"[in|below] {base}/<{noun}>",
            f"[in|of] this {noun}",
            f"of [the|] {noun} {value}",
            f"[in|of] [the|that] {noun}",
            f"[inside|below|in] {base}/{value}",
            f"[in|of] the folder [of|named|called] {value}",
            f"[that [belong to|are in]|stored for|kept for] [the|this] {noun}",
            f"[for|of] the {noun} [the user|they] [chose|asked for]",
        ]
    )
    what = rng.choice(
        [
            f"[the|] [names|files|{text.plural(h.noun)}|names of the {text.plural(h.noun)}]",
            f"[the|all|] [files|file names|entries|{text.plural(text.noun(rng))}]",
            "the [names of the|] [pictures|photos|recordings|reports|lessons|exports|backups|documents]",
        ]
    )
    if kind == "rmtree":
        p.use("shutil")
        code, said = (
            [f"shutil.rmtree({var})", *h.done()],
            say(h, said_of.RMTREE, "", ""),
        )
    elif kind == "mkdir":
        p.use("os")
        code, said = (
            [f"os.makedirs({var}, exist_ok=True)", *h.done()],
            say(h, said_of.MKDIR, "", ""),
        )
    elif kind == "walk" and not pathlib:
        p.use("os")
        code = [
            f"{names} = []",
            f"for root, dirs, files in os.walk({var}):",
            f"    {names}.extend(files)",
            *h.json([("files", names)]),
        ]
        said = f"[all|every] file[s|] {whose}, [also in|with] its [subfolders|folders]"
    else:
        if pathlib and chance(rng, 0.75):
            src = f"{var}.iterdir()" if kind != "filter" else f"{var}.glob({q('*' + ext)})"
            expr = f"[{item}.name for {item} in {src}]"
            if kind == "sorted" or chance(rng, 0.4):
                expr = f"sorted({expr[1:-1]})"
        else:
            p.use("os")
            src = f"os.listdir({var})"
            if chance(rng, 0.12):
                expr = f"[{item}.name for {item} in os.scandir({var})]"
            elif kind == "filter":
                expr = f"[{item} for {item} in {src} if {item}.endswith({q(ext)})]"
            else:
                expr = f"sorted({src})" if kind == "sorted" or chance(rng, 0.3) else src
        if kind == "count":
            code, said = (
                h.json([("count", f"len({expr})")]),
                say(h, said_of.COUNT, "", "", s=whose),
            )
        elif chance(rng, 0.5):
            code, said = (
                [f"{names} = {expr}", *h.json([(rng.choice([names, "files", text.plural(h.noun)]), names)])],
                say(h, said_of.LISTING, "", "", w=what, s=whose),
            )
        else:
            code, said = (
                (
                    h.fw.json_list(h, expr)
                    if chance(rng, 0.5)
                    else h.json([(rng.choice(["files", "names", "entries"]), expr)])
                ),
                say(h, said_of.LISTING, "", "", w=what, s=whose),
            )
    about = {"rmtree": "delete", "mkdir": "other"}.get(kind, "list")
    briefs = [*said_of.BRIEFS[about], f"[below|in|from|under] {base}"] if about == "list" else ()
    tell(
        h,
        [value],
        weave(rng, said, said_of.STORIES),
        [*lines, *missing, *_unwrapped(code, var)],
        names=said_of.HANDLERS[about] if about != "other" else (),
        briefs=briefs,
        answers=missing_said,
    )


def extract(h):
    """Unpack an archive from the request or of a name in it."""
    p, rng, q = h.p, h.rng, h.p.q
    maybe_class(h)
    kind = weighted(rng, [(6, "tar"), (2.5, "zip"), (1, "shutil")])
    upload = h.where == "upload"
    secure = careful(h)
    value = read_value(
        h,
        [
            "archive",
            "package",
            "bundle",
            "backup",
            "upload",
            "file",
            "release",
            "plugin",
            "theme",
            "export",
            "dataset",
        ],
    )
    dest = text.folder(rng)
    if chance(rng, 0.5):
        dest_expr = p.constant(
            q(dest),
            *rng.choice(
                [("TARGET",), ("DEST",), ("UNPACKED",), (f"{h.noun.upper()}_DIR",), ("EXTRACT_DIR",), ("OUTPUT",)]
            ),
            f"{h.noun.upper()}_TARGET",
        )
        dest_said = dest_expr
    elif chance(rng, 0.4):
        dest_said = dest_expr = h.var(
            *rng.choice(
                [
                    ("target",),
                    ("dest",),
                    ("destination",),
                    ("out_dir",),
                    (f"{text.noun(rng)}_dir",),
                    (text.noun(rng),),
                    ("folder", "where"),
                ]
            )
        )
        if chance(rng, 0.6):
            p.use("os")
            h.early.append(
                f"{dest_expr} = os.path.join({q(text.plural(text.noun(rng)))}, {q(text.noun(rng) + '-' + str(rng.randint(1, 2040)))})"
            )
        else:
            h.early.append(f"{dest_expr} = {q(dest)}")
        if chance(rng, 0.5):
            p.use("os")
            h.early.append(f"os.makedirs({dest_expr}, exist_ok=True)")
        dest_said = rng.choice([dest_expr, f"the {dest_expr.replace('_', ' ')} [folder|]", dest_expr])
    else:
        dest_expr, dest_said = q(dest), dest
    if upload:
        lines, stream = [], h.fw.upload_file.format(f=value)
        if "io." in stream:
            p.use("io")
        source = f"fileobj={stream}" if kind == "tar" else stream
        if kind == "shutil":
            kind = "tar"
            source = f"fileobj={stream}"
    else:
        suffix = {
            "tar": rng.choice([".tar.gz", ".tgz", ".tar"]),
            "zip": ".zip",
            "shutil": rng.choice([".zip", ".tar.gz"]),
        }[kind]
        suffix = suffix if chance(rng, 0.6) else ""
        lines, source, base, _ = build_path(h, str(value), suffix, inline=chance(rng, 0.3))
    a = (
        rng.choice(["tar", "archive", "t", "tf", "bundle"])
        if kind == "tar"
        else rng.choice(["z", "archive", "zf", "zipped"])
    )
    first = [f"os.makedirs({dest_expr}, exist_ok=True)"] if chance(rng, 0.2) else []
    if first:
        p.use("os")
    if kind == "shutil":
        p.use("shutil")
        body = [f"shutil.unpack_archive({source}, {dest_expr}{', filter=' + q('data') if secure else ''})"]
    elif kind == "zip":
        p.use("zipfile")
        body = [f"with zipfile.ZipFile({source}) as {a}:", f"    {a}.extractall({dest_expr})"]
    else:
        p.use("tarfile")
        opened = rng.choice(
            [
                f"tarfile.open({source})",
                f"tarfile.open({source}, mode={q('r:*')})"
                if "fileobj" in source
                else f"tarfile.open({source}, {q('r:gz')})",
            ]
        )
        data = f", filter={q('data')}" if secure else ""
        how = rng.random()
        if how < 0.66:
            body = [f"with {opened} as {a}:", f"    {a}.extractall({rng.choice(['path=', ''])}{dest_expr}{data})"]
        elif how < 0.82:
            body = [f"{a} = {opened}", f"{a}.extractall({dest_expr}{data})", f"{a}.close()"]
        else:
            body = [
                f"with {opened} as {a}:",
                f"    for member in {a}{rng.choice(['', '.getmembers()'])}:",
                f"        {a}.extract(member, {dest_expr}{data})",
            ]
    noun = value.key.replace("_", " ")
    said = fill(rng.choice(said_of.EXTRACT), n=noun, d=dest_said, v=str(value), k=noun)
    if not upload and chance(rng, 0.3):
        said = rng.choice(
            [
                f"[open|take|find] {base}/<{value.key}>{suffix} and [unpack|extract] [it|everything] [to|into|in] {dest_said}",
                f"{base}/{value}{suffix} -> {dest_said}",
                f"the {noun} [is|lies] [in|below] {base}: [unpack|extract] [it|all of it] [to|into] {dest_said}",
                f"[extract|unpack] the {noun} [from|in] {base} [to|into] {dest_said}",
            ]
        )
    said = weave(rng, said, said_of.STORIES)
    then, then_said = rng.choice(
        [
            (h.done(), ""),
            (h.redirect(q(h.route)), f"[, then| and] redirect to {h.route}"),
            (h.json([("status", q("unpacked"))]), ""),
            (
                h.json([(rng.choice(["files", "entries", "names"]), f"os.listdir({dest_expr})")]),
                "[ and|, then] [return|list|tell] [the files|what is] in it",
            ),
        ]
    )
    if any("os.listdir" in line for line in then):
        p.use("os")
    tell(
        h,
        [value],
        said,
        [*lines, *first, *_unwrapped(body, source.split("=")[-1]), *then],
        names=said_of.HANDLERS["extract"],
        briefs=said_of.BRIEFS["extract"],
        answers=then_said,
    )


OPS = [(0.56, serve_file), (0.2, list_folder), (0.24, extract)]
