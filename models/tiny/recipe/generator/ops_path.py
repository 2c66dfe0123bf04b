"""CWE-22 operations: files and folders named by a request, and archives."""

from . import text
from .common import answer_object, answer_text, finish, read_value, second_value
from .text import chance, weighted

NAMES = """name file filename file_name path document report page image picture photo attachment log template theme
track song video clip doc invoice key export backup chapter asset note sheet recording avatar""".split()
DIRS = (
    "folder directory album dir section project collection category path year gallery playlist course topic".split()
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
    mode = weighted(rng, [(5, "str"), (3, "path"), (2.6, "literal")])
    if mode == "path":
        p.use("pathlib", "Path")
        return p.constant(f"Path({q(place)})", *names, up + "_DIR"), True, None
    if mode == "str":
        return p.constant(q(place), *names, up + "_DIR"), False, None
    return q(place), False, place


def build_path(h, v, suffix=""):
    """Lines that set a path variable below a base, checked where the program is careful: (lines, path, base as said)."""
    p, rng, q = h.p, h.rng, h.p.q
    base, pathlib, place = _base(h)
    # A careful path begins with one telling line, a weak one in many ways: fewer careful ones keep the weak ahead.
    secure = (p.secure and chance(rng, 0.7)) or chance(rng, 0.04)
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
    return [f"{var} = {joined}"], var, said, pathlib


def _checked(h, var, joined, base, pathlib):
    p, rng = h.p, h.rng
    reject = h.error(
        404 if chance(rng, 0.8) else 400,
        rng.choice(["not found", "path is outside of the allowed folder", "bad path", "no such file"]),
    )
    if pathlib and chance(rng, 0.5):
        root = base if not base.startswith(("'", '"')) else f"Path({base})"
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
    ], ", [or|answer|with a|] 404 [if it is missing|when it is not there|if there is none|when missing]"


def serve_file(h):
    """Send, read, measure, delete or write one file."""
    _p, rng, _q = h.p, h.rng, h.p.q
    value = read_value(h, NAMES)
    suffix = "." + text.extension(rng) if chance(rng, 0.3) else ""
    lines, var, base, pathlib = build_path(h, str(value), suffix)
    missing, missing_said = _missing(h, var, pathlib)
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
    named = rng.choice(
        [
            f"the {noun}",
            f"this {noun}",
            value.key,
            "the file",
            f"the {h.noun}",
            "the named file",
            f"the {noun} {value!s}",
        ]
    )
    inside = rng.choice(
        [
            f" [in|from|below|under|inside|of] {base}",
            "",
            f" [in|from|under] [the|our] {h.noun} folder",
            f" ({base}/<{value.key}>{suffix})",
        ]
    )
    code, said = FILE_KINDS[kind](h, var, pathlib, named, inside)
    decoys = [second_value(h)] if chance(rng, 0.2) else []
    look = rng.choice(["", "", "", "look [it|the file] up[{i}|], then "]).replace("{i}", inside) if not inside else ""
    finish(h, [value, *decoys], look + said, [*lines, *missing, *code], answers=missing_said)


def _open(h, var, pathlib, mode=""):
    q = h.p.q
    more = f", {q(mode)}" if mode else h.rng.choice(["", "", f", encoding={q('utf-8')}", f", {q('r')}"])
    if pathlib and chance(h.rng, 0.3):
        return f"{var}.open({more.lstrip(', ')})"
    return f"open({var}{more})"


def _send(h, var, pathlib, named, inside):
    return (
        h.fw.file(h, var),
        f"[send|return|serve|download|stream|give back|deliver] {named}{inside}[ to the [client|browser|user]| as a download|]",
    )


def _read(h, var, pathlib, named, inside):
    rng = h.rng
    f, content = rng.choice(["f", "f", "handle", "fh", "file", "stream"]), h.var("content", "text", "body")
    if pathlib and chance(rng, 0.5):
        first, expr = (
            ([f"{content} = {var}.read_text()"], content) if chance(rng, 0.6) else ([], f"{var}.read_text()")
        )
    elif chance(rng, 0.4):
        said, lines = answer_text(h, f"{f}.read()")
        return [
            f"with {_open(h, var, pathlib)} as {f}:",
            *text.indent(lines, 4),
        ], f"[open|read|load|print|show] {named}{inside}" + said
    else:
        first, expr = [f"with {_open(h, var, pathlib)} as {f}:", f"    {content} = {f}.read()"], content
    said, lines = answer_text(h, expr)
    if chance(rng, 0.12):
        caught = (
            [
                "try:",
                *text.indent(first, 4),
                f"except {rng.choice(['OSError', 'FileNotFoundError', 'IOError'])}:",
                *text.indent(h.error(404, "not found"), 4),
            ]
            if first
            else []
        )
        if caught:
            return [*caught, *lines], f"[open|read|show] {named}{inside}{said}"
    return [*first, *lines], f"[open|read|load|show|return] [the [text|content|contents] of|] {named}{inside}{said}"


def _delete(h, var, pathlib, named, inside):
    rng = h.rng
    if pathlib and chance(rng, 0.6):
        line = f"{var}.unlink()"
    else:
        h.p.use("os")
        line = f"os.{rng.choice(['remove', 'remove', 'unlink'])}({var})"
    return [line, *h.done()], f"[delete|remove|throw away|get rid of|unlink] {named}{inside}"


def _size(h, var, pathlib, named, inside):
    rng = h.rng
    what = rng.choice(["size", "bytes", "mtime", "modified"])
    if pathlib:
        expr = f"{var}.stat().st_{'size' if what in ('size', 'bytes') else 'mtime'}"
    else:
        h.p.use("os")
        expr = f"os.path.get{'size' if what in ('size', 'bytes') else 'mtime'}({var})"
    words_ = "[size|length in bytes]" if what in ("size", "bytes") else "[time of the last change|modification time]"
    return h.json([(what, expr)]), f"[return|answer with|tell|find] the {words_} of {named}{inside}"


def _json(h, var, pathlib, named, inside):
    h.p.use("json")
    f, data = h.rng.choice(["f", "fh", "file"]), h.var("data", "config", "settings")
    said, lines = answer_object(h, data)
    if pathlib and chance(h.rng, 0.5):
        return [
            f"{data} = json.loads({var}.read_text())",
            *lines,
        ], f"[load|read] the JSON [of|in|from] {named}{inside}{said}"
    return [
        f"with {_open(h, var, pathlib)} as {f}:",
        f"    {data} = json.load({f})",
        *lines,
    ], f"[load|read|parse] the JSON [of|in|from] {named}{inside}{said}"


def _lines(h, var, pathlib, named, inside):
    rng = h.rng
    n = rng.choice([5, 10, 20, 50, 100])
    f, out = rng.choice(["f", "fh", "file"]), h.var("lines", "rows", "tail")
    body, said = rng.choice(
        [
            (f"{f}.readlines()[-{n}:]", f"[the|] last {n} lines"),
            (f"{f}.readlines()", "[all|the] lines"),
            (f"[line.strip() for line in {f}]", "[the|all] lines"),
            (f"{f}.readlines()[:{n}]", f"[the|] first {n} lines"),
            (f"{f}.read().splitlines()", "[the|] lines"),
        ]
    )
    return [
        f"with {_open(h, var, pathlib)} as {f}:",
        f"    {out} = {body}",
        *h.json([("lines", out)]),
    ], f"[return|show|answer with|] {said} of {named}{inside}"


def _write(h, var, pathlib, named, inside):
    rng, _q = h.rng, h.p.q
    content = second_value(h)
    f = rng.choice(["f", "f", "out", "fh"])
    if pathlib and chance(rng, 0.5):
        body = [f"{var}.write_text({content})"]
    else:
        body = [f"with {_open(h, var, pathlib, rng.choice(['w', 'w', 'a']))} as {f}:", f"    {f}.write({content})"]
    return [
        *content.reads,
        *body,
        *h.done(),
    ], f"[write|save|store|put] [{content.key}|the {content.key}] [to|into|in] {named}{inside}"


def _copy(h, var, pathlib, named, inside):
    rng, q = h.rng, h.p.q
    h.p.use("shutil")
    target = text.folder(rng)
    fn = rng.choice(["copy", "copyfile", "move", "copy2"])
    word = "move" if fn == "move" else "copy"
    return [f"shutil.{fn}({var}, {q(target)})", *h.done()], f"{word} {named}{inside} to {target}"


def _csv(h, var, pathlib, named, inside):
    rng = h.rng
    h.p.use("csv")
    f, rows = rng.choice(["f", "fh", "file"]), h.var("rows", "table", "lines")
    reader = rng.choice(["reader", "DictReader"])
    return [
        f"with {_open(h, var, pathlib)} as {f}:",
        f"    {rows} = list(csv.{reader}({f}))",
        *h.json([(rng.choice(["rows", "table"]), rows)]),
    ], f"[read|load|return] the [rows|table|lines] of the CSV [file|] {named}{inside}"


FILE_KINDS = {
    "send": _send,
    "read": _read,
    "delete": _delete,
    "size": _size,
    "json": _json,
    "lines": _lines,
    "write": _write,
    "copy": _copy,
    "csv": _csv,
}


def list_folder(h):
    """List, count or remove a folder."""
    p, rng, q = h.p, h.rng, h.p.q
    value = read_value(h, DIRS)
    lines, var, base, pathlib = build_path(h, str(value))
    missing, missing_said = _missing(h, var, pathlib, "dir")
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
        ]
    )
    if kind == "rmtree":
        p.use("shutil")
        code, said = (
            [f"shutil.rmtree({var})", *h.done()],
            f"[delete|remove] the {noun} with [everything in it|all its files]",
        )
    elif kind == "mkdir":
        p.use("os")
        code, said = (
            [f"os.makedirs({var}, exist_ok=True)", *h.done()],
            f"[make|create] the {noun} [in|below|under] {base}[ unless it exists|]",
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
                f"[count|how many|number of] [the|] files {whose}",
            )
        elif chance(rng, 0.5):
            code, said = (
                [f"{names} = {expr}", *h.json([(rng.choice([names, "files", text.plural(h.noun)]), names)])],
                f"[list|return|show|] [the|] [names|files|{text.plural(h.noun)}|names of the {text.plural(h.noun)}] {whose}",
            )
        else:
            code, said = (
                (
                    h.fw.json_list(h, expr)
                    if chance(rng, 0.5)
                    else h.json([(rng.choice(["files", "names", "entries"]), expr)])
                ),
                f"[list|return|show|answer with|] [the|] [names|files|{text.plural(h.noun)}] {whose}[, sorted|][ as JSON|]",
            )
    finish(h, [value], said, [*lines, *missing, *code], answers=missing_said)


def extract(h):
    """Unpack an archive from the request or of a name in it."""
    p, rng, q = h.p, h.rng, h.p.q
    kind = weighted(rng, [(6, "tar"), (2.5, "zip"), (1, "shutil")])
    upload = h.where == "upload"
    secure = p.secure if chance(rng, 0.93) else not p.secure
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
        lines, source, _, _ = build_path(h, str(value), suffix if chance(rng, 0.6) else "")
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
    said = f"[unpack|extract|open|untar|expand] [the|this|] {value.key.replace('_', ' ')}[ and extract everything|] [to|into|in|below] {dest_said}"
    then, then_said = rng.choice(
        [
            (h.done(), ""),
            (h.redirect(q(h.route)), f"[, then| and] redirect to {h.route}"),
            (h.json([("status", q("unpacked"))]), ""),
        ]
    )
    finish(h, [value], said, [*lines, *first, *body, *then], answers=then_said)


OPS = [(0.56, serve_file), (0.2, list_folder), (0.24, extract)]
