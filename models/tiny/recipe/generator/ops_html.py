"""CWE-79 operations: pages built from a value of the request."""

import re

from . import html_phrases as said_of
from . import text, words
from .common import read_value, second_value
from .phrasing import attribute as class_attribute
from .phrasing import careful, fill, maybe_class, subject, tell, weave
from .text import chance, weighted

NAMES = """name title query message comment text nickname city username q search term keyword product topic word heading subject
author lang color email note greeting label caption bio motto status signature tag answer item country phrase
referer visitor member player team article page path section album place destination dish ingredient symptom language
error reason summary review remark feedback slogan alias handle initials company department role job offer""".split()
TAGS = "p h1 h2 h3 div span b strong em li td title blockquote section article small code u i q mark".split()


def page(h):
    """Answer with a page or fragment that contains the value."""
    p, rng = h.p, h.rng
    maybe_class(h)
    value = read_value(h, NAMES)
    extra = second_value(h) if chance(rng, 0.35) else None
    secure = careful(h)
    p.late.update(("html", "markupsafe"))
    how = weighted(rng, [(66, "string"), (16, "template"), (10, "environment"), (8, "lines")])
    if how in ("template", "environment"):
        secure = secure and careful(h, 0.75)
    if how == "string":
        code, said = _string(h, value, extra, secure)
    elif how == "lines":
        code, said = _lines(h, value, extra, secure)
    else:
        code, said = _jinja(h, value, extra, secure, how)
    values = [value] + ([extra] if extra else [])
    stories = [fill(s, N=h.noun) for s in said_of.STORIES]
    tell(h, values, weave(rng, said, stories, 0.18), code, names=said_of.HANDLERS, briefs=said_of.BRIEFS)


def _escape(h, v):
    """How this program escapes: one way a program."""
    p, rng = h.p, h.rng
    way = getattr(p, "escape_way", None)
    if way is None:
        options = [(5, "html.escape"), (3, "escape")]
        if h.fw.name == "django":
            options.append((3, "django"))
        way = p.escape_way = weighted(rng, options)
    if way == "html.escape":
        p.use("html")
        return f"html.escape({v})"
    if way == "django":
        p.use("django.utils.html", "escape")
    else:
        p.use("markupsafe", "escape")
    return f"escape({v})"


def _pieces(h, value, extra, secure):
    """The parts of a page: literals and (marked) expressions; and what a comment calls it."""
    rng = h.rng
    v = str(value)
    lines = []
    e = str(extra) if extra else None
    if secure:
        if chance(rng, 0.4):
            safe = h.var(f"safe_{v}" if v.isidentifier() else "safe", "escaped")
            lines.append(f"{safe} = {_escape(h, v)}")
            v = safe
        else:
            v = _escape(h, v)
        e = _escape(h, e) if e else None
    tag, other = rng.choice(TAGS), rng.choice(TAGS)
    attribute = rng.choice(
        [
            "",
            "",
            "",
            f" class='{text.noun(rng)}'",
            f" style='color:{rng.choice(words.COLORS)}'",
            f" id='{text.noun(rng)}'",
        ]
    )
    style = None
    if not e and chance(rng, 0.12):
        style = h.var("style", "css", "attrs", "color")
        shade = rng.choice(words.COLORS)
        before, after = rng.choice([("color:", ""), ("background:", ";padding:4px"), ("border:1px solid ", "")])
        own = class_attribute(h, h.p.q(shade), rng.choice(["color", "colour", "shade", "tone"]), share=0.6)
        if own:
            h.early.append(f"{style} = " + h.p.join(before, "\0" + own, after))
        else:
            h.early.append(f"{style} = " + h.p.q(before + shade + after))
    word = rng.choice(
        [
            text.noun(rng).capitalize(),
            "Hello",
            "Welcome",
            "Results for",
            "You searched for",
            "Thanks",
            "Sorry",
            text.sentence(rng).capitalize(),
            "Dear",
            "Profile of",
            "Page of",
        ]
    )
    noun = value.key.replace("_", " ")
    shapes = [
        (
            [f"<{tag}{attribute}>", "\0" + v, f"</{tag}>"],
            f"[a|the] <{tag}> [element|tag|] [with|which contains|that holds|around] [the|] {noun}",
        ),
        (
            [f"<{tag}{attribute}>{word} ", "\0" + v, f"</{tag}>"],
            f'[a|the] [page|heading|line|fragment] that [says|reads] "{word}" and the {noun}',
        ),
        (
            [f"<html><body><{tag}>{word} ", "\0" + v, f"</{tag}></body></html>"],
            f"[a|the] [small|whole|short|] [page|HTML page] [with|that shows|that names] the {noun}",
        ),
        ([f"<a href='/{text.noun(rng)}/", "\0" + v, f"'>{text.noun(rng)}</a>"], f"a link [to|for] the {noun}"),
        (
            [f"<{tag}>{word}, ", "\0" + v, f"!</{tag}>"],
            f"[greet|welcome|name] the {noun} [in HTML|on the page|in a <{tag}>]",
        ),
        (
            [f"<{tag}>No {text.noun(rng)} named ", "\0" + v, f"</{tag}>"],
            f"[the|a] page that says there is no such {noun}",
        ),
        (
            [f"<input name='{value.key}' value='", "\0" + v, "'>"],
            f"[a form|an input] [field|] [filled|prefilled] with the {noun}",
        ),
    ]
    if e:
        shapes += [
            (
                [f"<{tag}>", "\0" + v, f"</{tag}><{other}>", "\0" + e, f"</{other}>"],
                f"[the|a page with the|HTML with] {noun} in a <{tag}> and the {extra.key} in a <{other}>",
            ),
            (
                [f"<{tag}>", "\0" + v, ": ", "\0" + e, f"</{tag}>"],
                f"[a|the] [page|line|card|row] [with|of] {noun} and {extra.key}",
            ),
        ] * 3
    if style:
        shapes = [
            (
                [f"<{tag} style='", "\0" + style, "'>", "\0" + v, f"</{tag}>"],
                f"[a|the] <{tag}> [in|with] [that|this|the] {style} [which contains|with|around|that holds] the {noun}",
            )
        ]
    elif chance(rng, 0.72):
        return lines, *_shape(h, value, extra, v, e)
    parts, said = rng.choice(shapes)
    return lines, parts, said


def _shape(h, value, extra, v, e):
    """One of the many pages of the list, and its words."""
    rng = h.rng
    shape, said = rng.choice(said_of.TWO if e else said_of.ONE).split(" || ")
    n, m = text.noun(rng), text.noun(rng)
    shape = fill(shape, T=rng.choice(TAGS), U=rng.choice(TAGS), N=n, M=m, K=value.key)
    said = fill(said, N=n, M=m, K=value.key, n=subject(h, value), e=extra.key.replace("_", " ") if extra else "")
    # Literal text and values by turns; a page may name the value twice.
    pieces = re.split(r"(\{[VE]\})", shape)
    marked = {"{V}": "\0" + v, "{E}": "\0" + (e or v)}
    return [marked.get(piece, piece) for piece in pieces if piece], said


def _string(h, value, extra, secure):
    p, rng, q = h.p, h.rng, h.p.q
    lines, parts, said = _pieces(h, value, extra, secure)
    if h.rng.random() < 0.12 and h.fw.name == "django" and secure:
        p.use("django.utils.html", "format_html")
        body = "".join("{}" if x.startswith("\0") else x for x in parts)
        args = ", ".join(
            str(value)
            if x[1:] not in h.locals or x[1:] in (str(value), f"safe_{value}", "safe", "escaped") or "escape" in x
            else x[1:]
            for x in parts
            if x.startswith("\0")
        )
        if extra and args.count(str(value)) > 1:
            args = f"{value}, {extra}"
        lines.clear()
        return h.html(f"format_html({q(body)}, {args})"), _dress(h, said)
    if secure and getattr(p, "escape_way", "") == "escape" and p.format_style == "+":
        # Added to a str, markupsafe's Markup would escape the page as well: a fix makes a str of it.
        parts = [re.sub(r"^\0(escape\(.*\))$", "\0str(\\1)", x) for x in parts]
    expr = p.join(*parts)
    if not secure and h.fw.name == "django" and chance(rng, 0.08):
        p.use("django.utils.safestring", "mark_safe")
        expr = f"mark_safe({expr})"
    if not secure and h.fw.name == "flask" and chance(rng, 0.1):
        p.use("flask", "render_template_string")
        return [*lines, f"return render_template_string({expr})"], _dress(h, said)
    status = rng.choice([404, 400, 403, 410, 500, 200]) if chance(rng, 0.14) else None
    if chance(rng, 0.55):
        name = h.var(
            *rng.choice([("html",), ("body",), ("page",), ("content",), ("markup",), ("html",), ("output",)])
        )
        lines.append(f"{name} = {expr}")
        expr = name
    answer = h.fw.html_status(h, expr, status) if status else h.html(expr)
    tail = f" [with|and] [status|code] {status}" if status else ""
    return [*lines, *answer], _dress(h, said) + tail


def _dress(h, said):
    return fill(h.rng.choice(said_of.WAYS), s=said)


def _lines(h, value, extra, secure):
    """A page put together line by line."""
    p, rng, q = h.p, h.rng, h.p.q
    lines, parts, said = _pieces(h, value, extra, secure)
    name = h.var("html", "page", "out", "body")
    title = text.noun(rng).capitalize()
    if chance(rng, 0.5):
        code = [
            f"{name} = {q('<h1>' + title + '</h1>')}",
            f"{name} += {p.join(*parts)}",
            *([f"{name} += {q('<a href=' + chr(39) + '/' + chr(39) + '>back</a>')}"] if chance(rng, 0.4) else []),
        ]
        return [*lines, *code, *h.html(name)], f'[a heading|the title] "{title}", then ' + said
    rows = h.var("rows", "parts", "lines", "pieces")
    code = [f"{rows} = [{q('<h2>' + title + '</h2>')}]", f"{rows}.append({p.join(*parts)})"]
    return [
        *lines,
        *code,
        *h.html(f"{q(rng.choice(['', chr(10)]))}.join({rows})"),
    ], f'[a heading|the title] "{title}", then ' + said


def _jinja(h, value, extra, secure, how):
    """A page filled in by jinja2."""
    p, rng, q = h.p, h.rng, h.p.q
    tag = rng.choice(TAGS)
    names = [value.key] + ([extra.key] if extra else [])
    body = f"<{tag}>{rng.choice(['', text.noun(rng).capitalize() + ': '])}{{{{ {value.key} }}}}</{tag}>"
    if extra:
        other = rng.choice(TAGS)
        body += f"<{other}>{{{{ {extra.key} }}}}</{other}>"
    if chance(rng, 0.3):
        body = f"<div>{body}</div>"
    given = ", ".join(f"{k}={v}" for k, v in zip(names, [str(value)] + ([str(extra)] if extra else []), strict=False))
    lines = []
    if chance(rng, 0.6):
        source = p.constant(
            q(body),
            *rng.choice(
                [
                    ("TEMPLATE",),
                    ("PAGE",),
                    (f"{h.noun.upper()}",),
                    (f"{h.noun.upper()}_TEMPLATE",),
                    ("CARD",),
                    ("BODY",),
                    ("LAYOUT",),
                ]
            ),
            f"{h.noun.upper()}_PAGE",
        )
        said_name = rng.choice([f"the {source} template", source, f"{source}", "the template"])
    else:
        source, said_name = (
            q(body),
            rng.choice(
                ["a template", f"the {h.noun} template", "a jinja2 template", f"a <{tag}> with the {value.key}"]
            ),
        )
    long = chance(rng, 0.5)
    if how == "template":
        name = h.var("template", "page", "tpl") if chance(rng, 0.6) else None
        fn = "jinja2.Template" if long else "Template"
        p.use("jinja2", *([] if long else ["Template"]))
        safe = ", autoescape=True" if secure else ""
        made = f"{fn}({source}{safe})"
    else:
        fn = "jinja2.Environment" if long else "Environment"
        p.use("jinja2", *([] if long else ["Environment"]))
        safe = (
            rng.choice(["autoescape=True", "autoescape=True", "loader=None, autoescape=True"])
            if secure
            else rng.choice(["", "", "autoescape=False", "trim_blocks=True"])
        )
        env = h.var("env", "environment", "jinja")
        if chance(rng, 0.35):
            env = p.constant(f"{fn}({safe})", "ENV", "env", "templates", "jinja_env")
        else:
            lines.append(f"{env} = {fn}({safe})")
        name = h.var("template", "page", "tpl") if chance(rng, 0.6) else None
        made = f"{env}.from_string({source})"
    if name:
        lines.append(f"{name} = {made}")
        made = name
    call = f"{made}.render({given})"
    if chance(rng, 0.3):
        out = h.var("html", "body", "filled")
        lines.append(f"{out} = {call}")
        call = out
    said = fill(rng.choice(said_of.JINJA), t=said_name, k=value.key, n=subject(h, value))
    return [*lines, *h.html(call)], said


OPS = [(1.0, page)]
