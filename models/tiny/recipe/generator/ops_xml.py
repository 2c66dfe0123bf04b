"""CWE-611 operations: parsing XML that a request carries."""

from . import text
from .common import finish, read_value, second_value
from .text import chance, weighted

NAMES = """xml document feed order invoice catalog message payload markup fragment envelope data body svg sitemap rss
playlist manifest report schedule outline opml config request content recipe track timetable formula menu atom gpx kml
notice export bibliography feed_xml xml_data entries""".split()


def parse(h):
    """Parse a document and take something out of it."""
    p, rng, _q = h.p, h.rng, h.p.q
    secure = (p.secure and chance(rng, 0.7)) or chance(rng, 0.04)
    kind = weighted(rng, [(64, "lxml"), (9, "minidom"), (14, "sax"), (9, "et"), (4, "pulldom")])
    value = read_value(h, NAMES)
    source, before = _source(h, value)
    noun = value.key.replace("_", " ")
    tag, leaf, attribute = (
        text.noun(rng),
        text.noun(rng),
        rng.choice(["id", "name", "title", "type", "href", "text", text.noun(rng)]),
    )
    if kind == "sax":
        code, said = _sax(h, source, tag, attribute, secure)
        said = (
            f"[run|send|put|pass] the {noun} through [a|the] SAX parser" + said
            if chance(rng, 0.5)
            else f"[parse|read] the {noun} with [a SAX parser|SAX|xml.sax]" + said
        )
        finish(h, [value], said, [*before, *code])
        return
    opened, root, how = PARSERS[kind](h, source, secure)
    use, said_use = _use(h, root, tag, leaf, attribute, "dom" if kind in ("minidom",) else kind)
    if chance(rng, 0.14):
        opened = [
            "try:",
            *text.indent(opened, 4),
            f"except {rng.choice(['Exception', 'ValueError'] + (['etree.XMLSyntaxError'] if how == 'lxml' and 'lxml' in p.froms else []))}:",
            *text.indent(h.error(400, f"bad {noun}"), 4),
        ]
    named = rng.choice([f"the {noun}", f"the {noun}", "the XML", f"{value.key}", "this document"])
    said = f"[parse|read|load|go through] {named}" + rng.choice(["", "", f" [with|using] {how}"])
    decoys = [second_value(h)] if chance(rng, 0.15) and h.where != "upload" else []
    finish(h, [value, *decoys], said, [*before, *opened, *use], answers=said_use)


def _source(h, value):
    _p, rng = h.p, h.rng
    v = str(value)
    if h.where == "upload":
        reading = h.fw.upload_read.format(f=v)
        if chance(rng, 0.4):
            raw = h.var("content", "raw", "body", "xml_text")
            return raw, [f"{raw} = {reading}"]
        return reading, []
    if h.where == "raw" or chance(rng, 0.72):
        return v, []
    return f"{v}.encode()", []


def _lxml(h, source, secure):
    p, rng = h.p, h.rng
    style = weighted(rng, [(70, "etree"), (22, "lxml.etree"), (8, "ET")])
    if style == "etree":
        p.use("lxml", "etree")
        m = "etree"
    elif style == "lxml.etree":
        p.use("lxml.etree")
        m = "lxml.etree"
    else:
        p.use("lxml", "etree")
        m = "etree"
    root = h.var(*rng.choice([("root",), ("tree",), ("doc",), ("document", "doc"), ("root",), ("parsed",)]))
    fn = weighted(rng, [(60, "fromstring"), (22, "XML"), (18, "parse")])
    arg = source
    if fn == "parse":
        name = "BytesIO" if "encode" in source or h.where in ("raw", "upload") else "StringIO"
        p.use("io", name)
        arg = f"{name}({source})"
    if secure:
        made = f"{m}.XMLParser(resolve_entities=False, no_network=True)"
        if chance(rng, 0.4):
            parser = h.var("parser", "safe_parser")
            lines = [
                f"{parser} = {made}",
                f"{root} = {m}.{fn}({arg}, {rng.choice(['parser=', 'parser=', ''])}{parser})",
            ]
        else:
            lines = [f"{root} = {m}.{fn}({arg}, parser={made})"]
    elif chance(rng, 0.28):
        parser = h.var("parser", "xml_parser")
        given = rng.choice(
            [
                "resolve_entities=True",
                "resolve_entities=True, no_network=False",
                "remove_blank_text=True",
                "load_dtd=True, resolve_entities=True",
                "huge_tree=True",
                "recover=True",
                "resolve_entities=True",
                "dtd_validation=False, load_dtd=True",
            ]
        )
        lines = [
            f"{parser} = {m}.XMLParser({given})",
            f"{root} = {m}.{fn}({arg}, {rng.choice(['parser=', ''])}{parser})",
        ]
    else:
        lines = [f"{root} = {m}.{fn}({arg})"]
    if fn == "parse":
        if chance(rng, 0.5):
            lines[-1] += ".getroot()"
    return lines, root, rng.choice(["lxml", "lxml", "lxml.etree", "etree"])


def _et(h, source, secure):
    p, rng = h.p, h.rng
    root = h.var(*rng.choice([("root",), ("tree",), ("doc",), ("root",)]))
    fn = rng.choice(["fromstring", "fromstring", "XML"]) if not secure else "fromstring"
    if secure:
        p.use("defusedxml.ElementTree as ET")
    else:
        p.use("xml.etree.ElementTree as ET")
    return [f"{root} = ET.{fn}({source})"], root, rng.choice(["ElementTree", "ET"])


def _minidom(h, source, secure):
    p, rng = h.p, h.rng
    root = h.var(*rng.choice([("doc",), ("dom",), ("document", "doc"), ("tree",)]))
    if secure:
        if chance(rng, 0.5):
            p.use("defusedxml", "minidom")
            m = "minidom"
        else:
            p.use("defusedxml.minidom")
            m = "defusedxml.minidom"
    elif chance(rng, 0.6):
        p.use("xml.dom", "minidom")
        m = "minidom"
    elif chance(rng, 0.6):
        p.use("xml.dom.minidom", "parseString")
        return [f"{root} = parseString({source})"], root, "minidom"
    else:
        p.use("xml.dom.minidom")
        m = "xml.dom.minidom"
    return [f"{root} = {m}.parseString({source})"], root, "minidom"


def _pulldom(h, source, secure):
    p, _rng = h.p, h.rng
    root = h.var("events", "stream", "doc")
    p.use("defusedxml" if secure else "xml.dom", "pulldom")
    return [f"{root} = pulldom.parseString({source})"], root, "pulldom"


PARSERS = {"lxml": _lxml, "et": _et, "minidom": _minidom, "pulldom": _pulldom}


def _use(h, root, tag, leaf, attribute, kind):
    """What is taken out of the document: (lines, phrase)."""
    p, rng, q = h.p, h.rng, h.p.q
    many = text.plural(tag)
    one = rng.choice(
        [
            tag[0] if len(tag) > 2 else "x",
            "node",
            "item",
            "element",
            "el",
            tag if tag not in ("class", "from", "import") else "node",
        ]
    )
    if kind == "pulldom":
        out = h.var("names", "found", "titles")
        code = [
            f"{out} = []",
            f"for event, node in {root}:",
            f"    if event == pulldom.START_ELEMENT and node.tagName == {q(tag)}:",
            f"        {out}.append(node.getAttribute({q(attribute)}))",
            *h.json([(many, out)]),
        ]
        return code, f" and [collect|return] the {attribute} of [all|every] <{tag}>"
    if kind == "dom":
        find = f"{root}.getElementsByTagName({q(tag)})"
        one_text = f"{one}.firstChild.data" if chance(rng, 0.5) else f"{one}.getAttribute({q(attribute)})"
    else:
        find = rng.choice(
            [f"{root}.findall({q(tag)})", f"{root}.findall({q('.//' + tag)})", f"{root}.iter({q(tag)})"]
        )
        if kind == "lxml" and chance(rng, 0.25):
            find = f"{root}.xpath({q('//' + tag)})"
        one_text = rng.choice(
            [
                f"{one}.text",
                f"{one}.get({q(attribute)})",
                f"{one}.findtext({q(leaf)})",
                f"{one}.attrib[{q(attribute)}]",
            ]
        )
    mode = weighted(
        rng,
        [
            (30, "list"),
            (12, "pairs"),
            (12, "first"),
            (12, "count"),
            (10, "text"),
            (8, "loop"),
            (6, "tag"),
            (6, "sum"),
            (6, "tostring"),
        ],
    )
    if mode == "list":
        expr = f"[{one_text} for {one} in {find}]"
        if chance(rng, 0.5):
            out = h.var(many, "found", "values", "names")
            code = [f"{out} = {expr}", *h.json([(many, out)])]
        else:
            code = h.json([(many, expr)])
        what = (
            f"the {attribute}"
            if (attribute in one_text and "get" in one_text) or "attrib" in one_text
            else f"the {leaf}"
            if leaf in one_text
            else "the text"
        )
        return code, rng.choice(
            [
                f" and [return|collect|list|take] {what} of [all|every|each|its] <{tag}>[ elements|]",
                f" and [return|list] {what} of the {many}",
            ]
        )
    if mode == "pairs":
        if kind == "dom":
            expr = f"{{{one}.getAttribute({q('id')}): {one}.firstChild.data for {one} in {find}}}"
        else:
            expr = rng.choice(
                [
                    f"{{{one}.get({q(attribute)}): {one}.text for {one} in {find}}}",
                    f"[({one}.get({q(attribute)}), {one}.get({q(leaf)})) for {one} in {find}]",
                    f"[{{{q(attribute)}: {one}.get({q(attribute)}), {q('text')}: {one}.text}} for {one} in {find}]",
                ]
            )
        return (
            h.json([(many, expr)]),
            f" and [collect|return] {attribute} and {'text' if 'text' in expr else leaf} of [all|every] <{tag}>[ elements|]",
        )
    if mode == "first":
        expr = (
            f"{root}.getElementsByTagName({q(tag)})[0].firstChild.data"
            if kind == "dom"
            else rng.choice(
                [f"{root}.findtext({q(tag)})", f"{root}.find({q(tag)}).text", f"{root}.findtext({q('.//' + tag)})"]
            )
        )
        return h.json([(tag, expr)]), rng.choice(
            [f" and [return|answer with|show] [its|the] {tag}", f" and [return|take] the text of <{tag}>"]
        )
    if mode == "count":
        expr = (
            f"len({root}.getElementsByTagName({q(tag)}))"
            if kind == "dom"
            else f"len({root}.findall({q('.//' + tag)}))"
            if chance(rng, 0.6)
            else f"len({root})"
        )
        return (
            h.json([(rng.choice(["count", "total", many]), expr)]),
            f" and [return|count|answer with] [how many|the number of] {many if tag in expr else 'elements'}[ there are|]",
        )
    if mode == "text" and kind in ("lxml", "et"):
        expr = (
            f"{q('')}.join({root}.itertext())"
            if chance(rng, 0.7)
            else f"{q(' ')}.join(e.text or {q('')} for e in {root}.iter())"
        )
        return h.text(expr), " and [join|return] the text of [all its|its|the] elements"
    if mode == "tostring" and kind == "lxml":
        m = "etree" if "lxml" in p.froms else "lxml.etree"
        return h.text(
            f"{m}.tostring({root}, pretty_print=True).decode()"
        ), " and [return|show] it [pretty printed|indented|formatted]"
    if mode == "tag" and kind != "dom":
        return h.json([("root", f"{root}.tag")]), " and [return|answer with] the name of [its|the] root[ element|]"
    if mode == "sum" and kind != "dom":
        expr = (
            f"sum(float({one}.findtext({q(leaf)})) for {one} in {find})"
            if chance(rng, 0.5)
            else f"sum(int({one}.get({q(leaf)})) for {one} in {find})"
        )
        return h.json([("total", expr)]), f" and [add up|sum|return the sum of] the {leaf} of [all|its] {many}"
    store = h.var("found", "rows", "result", many)
    code = [f"{store} = []", f"for {one} in {find}:", f"    {store}.append({one_text})", *h.json([(many, store)])]
    return code, f" and [collect|return|list] [all|the] {many}"


def _sax(h, source, tag, attribute, secure):
    """A content handler at the top, and a parser in the handler."""
    p, rng, q = h.p, h.rng, h.p.q
    long = chance(rng, 0.5)
    cls = p.fresh(text.camel(tag) + rng.choice(["Handler", "Collector", "Names", "Reader"]), text.camel(tag) + "Sax")
    base = "xml.sax.ContentHandler"
    if long:
        p.use("xml.sax")
    else:
        p.use("xml.sax.handler", "ContentHandler")
        base = "ContentHandler"
    out = rng.choice(["found", "names", "values", text.plural(tag), "items"])
    p.helpers.append(
        [
            f"class {cls}({base}):",
            "    def __init__(self):",
            *(["        super().__init__()"] if chance(rng, 0.6) else []),
            f"        self.{out} = []",
            "",
            "    def startElement(self, name, attrs):",
            f"        if name == {q(tag)}:",
            f"            self.{out}.append(attrs.get({q(attribute)}{', ' + q('') if chance(rng, 0.5) else ''}))",
        ]
    )
    handler = h.var(*rng.choice([("handler",), ("collector",), (out,), ("titles",)]))
    answer = h.json([(text.plural(tag), f"{handler}.{out}")])
    if secure:
        p.use("defusedxml.sax")
        data = source if "encode" in source or h.where in ("raw", "upload") else f"{source}.encode()"
        return [
            f"{handler} = {cls}()",
            f"defusedxml.sax.parseString({data}, {handler})",
            *answer,
        ], f" and [return|collect] the {attribute} of [all|every] <{tag}>"
    if chance(rng, 0.2):
        fn = "xml.sax.parseString" if long else "parseString"
        p.use("xml.sax", *([] if long else ["parseString"]))
        return [
            f"{handler} = {cls}()",
            f"{fn}({source}, {handler})",
            *answer,
        ], f" and [return|collect] the {attribute} of [all|every] <{tag}>"
    reader = h.var("parser", "reader")
    made = "xml.sax.make_parser()"
    feature = "xml.sax.handler.feature_external_ges"
    p.use("io", "StringIO")
    if long:
        p.use("xml.sax.handler")
    else:
        p.use("xml.sax", "make_parser")
        p.use("xml.sax.handler", "feature_external_ges")
        made, feature = "make_parser()", "feature_external_ges"
    value = f"StringIO({source})"
    if "encode" in source or h.where in ("raw", "upload"):
        p.froms["io"].discard("StringIO")
        p.use("io", "BytesIO")
        value = f"BytesIO({source})"
    return [
        f"{handler} = {cls}()",
        f"{reader} = {made}",
        f"{reader}.setFeature({feature}, True)",
        f"{reader}.setContentHandler({handler})",
        f"{reader}.parse({value})",
        *answer,
    ], rng.choice(
        [
            " [that|which] [also|] [resolves|follows] external entities",
            ", [resolve|follow] [outside|external] entities",
            " with external [general|] entities [on|switched on]",
        ]
    ) + f" and [return|collect] the {attribute} of [all|every] <{tag}>"


OPS = [(1.0, parse)]
