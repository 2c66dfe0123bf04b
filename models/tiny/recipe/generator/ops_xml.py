"""CWE-611 operations: parsing XML that a request carries."""

from . import text
from .common import read_value, second_value
from .ops_small import called, fill, late_import, rename, tell, with_story
from .text import chance, weighted

NAMES = """xml document feed order invoice catalog message payload markup fragment envelope data body svg sitemap rss
playlist manifest report schedule outline opml config request content recipe track timetable formula menu atom gpx kml
notice export bibliography feed_xml xml_data entries soap page products listing response track_points book news
podcast drawing receipt statement shipment inventory subtitles tei docx spreadsheet_xml plist""".split()

# What is asked for, in ways that name the value as {it}; {how} may tell the parser.
ASK = [
    "[parse|read|load|go through|open|process] {it}{how}",
    "[parse|read|load] the XML{how}",
    "[parse|read] the XML [in|of] {it}{how}",
    "{it} is [XML|an XML document|an XML text|xml]: [parse|read|load] it{how}",
    "[make|build|get] [a tree|an element tree|a document] [from|of|out of] {it}{how}",
    "[turn|convert] {it} into [a tree|elements|a document]{how}",
    "what [is|do we find|stands] in {it}?{how}",
    "[look|search] [into|through] {it}{how}",
    "[take|pick|pull] {it} apart{how}",
    "[open|parse] the [document|feed|file|message] [in|from] {it}{how}",
    "[a|the] [partner|supplier|shop|device|client] sends [XML|xml]: [parse|read] it{how}",
    "[read|parse] [the|an] [invoice|order|feed|sitemap|drawing|track|product list] [from|in] {it}{how}",
    "[RSS|Atom|feed|sitemap|GPX|SVG|invoice|SOAP|config] [import|reader|parser]: [parse|read] {it}{how}",
    "[RSS|Atom|GPX|SVG|KML|OPML] [text|document] in {it}[: parse it|, read it|]{how}",
    "XML -> [tree|elements|data]{how}",
    "{it} as [an element tree|a tree|elements]{how}",
    "[parses|reads] {it}{how}",
    "[parsing|reading] {it}{how}",
    "{it} [is parsed|gets parsed|must be parsed|has to be read] here{how}",
    "[the|] root [element|] of {it}{how}",
    "[get|find|take] the root [element|] of {it}{how}",
    "[let|have] the parser [read|work through] {it}{how}",
    "[feed|give|hand] {it} to [the|an] XML parser{how}",
    "[first|now|then] [parse|read|load] {it}{how}",
    "[import|take over] what {it} [lists|contains|says]{how}",
    "[understand|interpret|decode] {it}{how}",
    "[walk|run|go] [through|over] the elements of {it}{how}",
    "[the|] [message|envelope|document] [arrives|comes] as [XML|xml] text: [parse|read] it{how}",
    "[load|read] the [catalog|products|prices|stations|entries|items] [in|from] {it}{how}",
    "[which|what] elements does {it} [have|hold]?{how}",
    "[extract|collect|read] [the data|everything we need] from {it}{how}",
    "[an office document|a spreadsheet|a slide] is XML too: [parse|read] {it}{how}",
    "[tags|elements] of {it}{how}",
    "[parse|read] it{how}",
    "[parse|read] the [body|text|document|markup|content]{how}",
    "[check|see] what {it} [says|holds|lists]{how}",
    "[unmarshal|deserialize] {it}{how}",
    "[XML|xml] [in|comes in], [data|JSON] [out|goes out]: {it}{how}",
    "[element|] tree of {it}{how}",
    "[use|with|by] [the XML parser|an XML parser]: {it}{how}",
]
ASK_SAX = [
    "[run|send|put|pass] {it} through [a|the] SAX parser",
    "[parse|read|process] {it} with [a SAX parser|SAX|xml.sax|the content handler]",
    "[SAX|sax]-parse {it}",
    "[let|have] [the|a] SAX parser [read|work through] {it}",
    "[feed|give|hand] {it} to [a|the] SAX parser",
    "[stream|go] through {it} [event by event|with SAX|element by element]",
    "[make|create] a SAX parser[,|] and [parse|read] {it}",
    "[use|with] [the handler above|the content handler] to [parse|read] {it}",
    "{it} [may be|is] [long|large]: [use SAX|read it with SAX|SAX parser]",
]
STORIES = [
    "[suppliers|partners|shops] [send|upload] their [lists|orders|invoices] [every night|]",
    "the feed has {t} elements [with|and] {l}",
    "each <{t}> has a {l}",
    "[GPS devices|phones|watches] [write|export] this format",
    "the [drawing|editor|office] program saves XML",
    "an envelope around [the message|a body]",
    "[looks|is written] like <{t}>...</{t}>",
    "[older|some] clients [still|] [speak|send] XML",
    "[search engines|readers|bots] read it too",
    "namespaces [are not used|do not matter]",
    "[settings|menus|pages] are kept as XML",
    "some [feeds|files] [share|include] [parts|boilerplate]",
]
SHORT = "parse it|read it|parse|the document|parse the XML|read the XML|the tree|load it|now parse it|XML".split("|")
VERBS = ["parse", "import", "read", "load", "extract", "convert", "show", "list", "check", "upload"]


def parse(h):
    """Parse a document and take something out of it."""
    p, rng, _q = h.p, h.rng, h.p.q
    secure = p.secure or chance(rng, 0.03)
    kind = weighted(
        rng,
        [(70, "lxml"), (5, "minidom"), (17, "sax"), (7, "et"), (1, "pulldom")]
        if secure
        else [(76, "lxml"), (3, "minidom"), (17, "sax"), (3.5, "et"), (0.5, "pulldom")],
    )
    rename(h, VERBS, NAMES, 0.25)
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
        said = fill(rng.choice(ASK_SAX), it=called(rng, value)) + said
        tell(h, [value], said, [*before, *code], "", SHORT)
        return
    opened, root, how = PARSERS[kind](h, source, secure)
    use, said_use = _use(h, root, tag, leaf, attribute, "dom" if kind in ("minidom",) else kind)
    tried = ""
    if chance(rng, 0.16):
        opened = [
            "try:",
            *text.indent(opened, 4),
            f"except {rng.choice(['Exception', 'ValueError'] + (['etree.XMLSyntaxError'] if how == 'lxml' and 'lxml' in p.froms else []))}:",
            *text.indent(h.error(400, f"bad {noun}"), 4),
        ]
        tried = rng.choice(["", "", ", [with|status|or] 400 [if it is broken|if that fails|for bad XML]"])
    with_parser = rng.choice(["", "", "", f" [with|using|by] {how}", f" ({how})"])
    said = fill(rng.choice(ASK), it=called(rng, value), how=with_parser)
    said, after = with_story(h, said, STORIES, 0.18, t=tag, l=leaf)
    decoys = [second_value(h)] if chance(rng, 0.15) and h.where != "upload" else []
    tell(h, [value, *decoys], said, [*before, *opened, *use], said_use + tried + after, SHORT)


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
    p, rng, q = h.p, h.rng, h.p.q
    style = weighted(rng, [(70, "etree"), (18, "lxml.etree"), (12, "names")])
    fn = weighted(rng, [(60, "fromstring"), (20, "XML"), (20, "parse")])
    if style == "lxml.etree":
        p.use("lxml.etree")
        m = "lxml.etree."
    elif style == "names":
        p.use("lxml.etree", fn)
        m = ""
    else:
        p.use("lxml", "etree")
        m = "etree."
    root = h.var(*rng.choice([("root",), ("tree",), ("doc",), ("document", "doc"), ("root",), ("parsed",)]))
    arg = source
    if fn == "parse":
        stream = h.fw.upload_file if h.where == "upload" else ""
        if stream and ".read()" in source and "io." not in stream and chance(rng, 0.6):
            arg = source.removeprefix("await ").removesuffix(".read()")
            arg = arg if arg.endswith(".file") or ".file" not in stream else f"{arg}.file"
        else:
            name = "BytesIO" if "encode" in source or h.where in ("raw", "upload") else "StringIO"
            if chance(rng, 0.5):
                p.use("io", name)
            else:
                p.use("io")
                name = f"io.{name}"
            arg = f"{name}({source})"
    made = f"{m}XMLParser"
    if (secure or chance(rng, 0.3)) and style == "names":
        p.use("lxml.etree", "XMLParser")
    hand = rng.choice(["parser=", "parser=", ""])
    if secure:
        # A parser that the fix makes says two things; one that was there keeps its own settings.
        given = weighted(
            rng,
            [
                (80, "resolve_entities=False, no_network=True"),
                (5, "remove_blank_text=True, resolve_entities=False, no_network=True"),
                (5, "resolve_entities=False, load_dtd=False, no_network=True"),
                (5, "recover=True, resolve_entities=False, no_network=True"),
                (5, "huge_tree=False, resolve_entities=False, no_network=True"),
            ],
        )
        if chance(rng, 0.7):
            parser = h.var("parser", "xml_parser", "safe_parser")
            lines = [f"{parser} = {made}({given})", f"{root} = {m}{fn}({arg}, parser={parser})"]
        else:
            lines = [f"{root} = {m}{fn}({arg}, parser={made}({given}))"]
    elif chance(rng, 0.34):
        if style == "names":
            p.use("lxml.etree", "XMLParser")
        parser = h.var("parser", "xml_parser")
        given = rng.choice(
            [
                "resolve_entities=True",
                "resolve_entities=True, no_network=False",
                "remove_blank_text=True",
                "load_dtd=True, resolve_entities=True",
                "huge_tree=True, resolve_entities=True",
                "recover=True",
                "resolve_entities=True",
                "load_dtd=True",
                f"encoding={q('utf-8')}",
                "",
            ]
        )
        lines = [f"{parser} = {made}({given})"]
        if fn == "fromstring" and chance(rng, 0.15):
            lines += [f"{parser}.feed({arg})", f"{root} = {parser}.close()"]
        else:
            lines.append(f"{root} = {m}{fn}({arg}, {hand}{parser})")
    else:
        lines = [f"{root} = {m}{fn}({arg})"]
    if fn == "parse" and chance(rng, 0.5):
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
    returned = rng.choice(
        [
            f" and [return|collect|list] the {attribute} of [all|every|each] <{tag}>",
            f", [return|answer with] [what it found|the {out}|what the handler collected]",
            f" and [return|send back] the {text.plural(tag)}",
        ]
    )
    if secure and chance(rng, 0.3):
        late_import(p, "defusedxml.sax")
        data = source if "encode" in source or h.where in ("raw", "upload") else f"{source}.encode()"
        return [f"{handler} = {cls}()", f"defusedxml.sax.parseString({data}, {handler})", *answer], returned
    if not secure and chance(rng, 0.06):
        fn = "xml.sax.parseString" if long else "parseString"
        p.use("xml.sax", *([] if long else ["parseString"]))
        return [f"{handler} = {cls}()", f"{fn}({source}, {handler})", *answer], returned
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
        f"{reader}.setFeature({feature}, {not secure})",
        f"{reader}.setContentHandler({handler})",
        f"{reader}.parse({value})",
        *answer,
    ], rng.choice(
        [
            " [that|which] [also|] [resolves|follows|reads|includes|loads] external [general|] entities",
            ", [resolve|follow|include|allow] [outside|external] entities",
            " with external [general|] entities [on|switched on|allowed|resolved]",
            " (external entities [are|may be] [used|allowed])",
            "; [feeds|documents|they] [may|can] [share|include] [outside|external] [parts|entities]",
            "",
        ]
    ) + returned


OPS = [(1.0, parse)]
