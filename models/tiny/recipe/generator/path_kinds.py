"""What is done with one file that a request names (CWE-22): sent, read, removed, measured, written, copied."""

from . import path_phrases as said_of
from . import text
from .common import answer_object, answer_text, second_value
from .phrasing import fill
from .text import chance


def say(h, phrases, named, inside, **slots):
    """A task told in one of many ways."""
    noun, base, v = h.place
    return fill(h.rng.choice(phrases), n=named, i=inside, k=noun, b=base, v=v, **slots)


def _open(h, var, pathlib, mode=""):
    q = h.p.q
    more = f", {q(mode)}" if mode else h.rng.choice(["", "", f", encoding={q('utf-8')}", f", {q('r')}"])
    if pathlib and chance(h.rng, 0.3):
        return f"{var}.open({more.lstrip(', ')})"
    return f"open({var}{more})"


def _send(h, var, pathlib, named, inside):
    said = say(h, said_of.SEND, named, inside)
    if chance(h.rng, 0.14):
        kind = h.rng.choice(
            "audio/wav audio/mpeg video/mp4 image/png image/jpeg application/pdf text/csv application/zip text/plain".split()
        )
        typed = _typed(h, var, kind)
        if typed:
            return typed, said + h.rng.choice(
                [f" as {kind}", f" ({kind})", f", [the|its] [content|media] type is {kind}"]
            )
    return h.fw.file(h, var), said


def _typed(h, var, kind):
    """A file with its media type, where the framework has a short way."""
    p, q = h.p, h.p.q
    if h.fw.name == "flask":
        p.use("flask", "send_file")
        return [f"return send_file({var}, mimetype={q(kind)})"]
    if h.fw.name == "django":
        p.use("django.http", "FileResponse")
        return [f"return FileResponse(open({var}, {q('rb')}), content_type={q(kind)})"]
    if h.fw.name in ("fastapi", "starlette"):
        p.use(f"{h.fw.name}.responses", "FileResponse")
        return [f"return FileResponse({var}, media_type={q(kind)})"]
    return None


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
        ], say(h, said_of.READ, named, inside) + said
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
            return [*caught, *lines], say(h, said_of.READ, named, inside) + said
    return [*first, *lines], say(h, said_of.READ, named, inside) + said


def _delete(h, var, pathlib, named, inside):
    rng = h.rng
    if pathlib and chance(rng, 0.6):
        line = f"{var}.unlink()"
    else:
        h.p.use("os")
        line = f"os.{rng.choice(['remove', 'remove', 'unlink'])}({var})"
    return [line, *h.done()], say(h, said_of.DELETE, named, inside)


def _size(h, var, pathlib, named, inside):
    rng = h.rng
    what = rng.choice(["size", "bytes", "mtime", "modified"])
    if pathlib:
        expr = f"{var}.stat().st_{'size' if what in ('size', 'bytes') else 'mtime'}"
    else:
        h.p.use("os")
        expr = f"os.path.get{'size' if what in ('size', 'bytes') else 'mtime'}({var})"
    words_ = "[size|length in bytes]" if what in ("size", "bytes") else "[time of the last change|modification time]"
    return h.json([(what, expr)]), say(h, said_of.SIZE, named, inside, w=words_)


def _json(h, var, pathlib, named, inside):
    h.p.use("json")
    f, data = h.rng.choice(["f", "fh", "file"]), h.var("data", "config", "settings")
    said, lines = answer_object(h, data)
    if pathlib and chance(h.rng, 0.5):
        return [
            f"{data} = json.loads({var}.read_text())",
            *lines,
        ], say(h, said_of.JSON, named, inside) + said
    return [
        f"with {_open(h, var, pathlib)} as {f}:",
        f"    {data} = json.load({f})",
        *lines,
    ], say(h, said_of.JSON, named, inside) + said


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
    ], say(h, said_of.LINES, named, inside, w=said)


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
    ], say(h, said_of.WRITE, named, inside, c=f"[{content.key}|the {content.key}]")


def _copy(h, var, pathlib, named, inside):
    rng, q = h.rng, h.p.q
    h.p.use("shutil")
    target = text.folder(rng)
    fn = rng.choice(["copy", "copyfile", "move", "copy2"])
    word = "move" if fn == "move" else "copy"
    return [f"shutil.{fn}({var}, {q(target)})", *h.done()], say(h, said_of.COPY, named, inside, w=word, d=target)


def _csv(h, var, pathlib, named, inside):
    rng = h.rng
    h.p.use("csv")
    f, rows = rng.choice(["f", "fh", "file"]), h.var("rows", "table", "lines")
    reader = rng.choice(["reader", "DictReader"])
    return [
        f"with {_open(h, var, pathlib)} as {f}:",
        f"    {rows} = list(csv.{reader}({f}))",
        *h.json([(rng.choice(["rows", "table"]), rows)]),
    ], say(h, said_of.CSV, named, inside)


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
