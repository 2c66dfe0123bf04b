"""CWE-20 operations: checking where an address leads."""

from . import text, words
from . import url_phrases as said_of
from .common import read_value, second_value
from .phrasing import careful, fill, maybe_class, subject, tell, weave
from .text import chance, weighted

NAMES = """url link target website homepage callback webhook redirect_to next_url avatar_url image_url video_url feed
origin referer site endpoint return_url source address mirror picture stream_url photo_url next callback_url href proxy
download_url remote server_url profile page_url logo ref image document_url embed player_url success_url cancel_url hook
feed_url domain host continue_to return_to back goto partner_link pingback calendar_url manifest repo_url banner badge_url""".split()

ERROR = [
    "wrong address",
    "not allowed",
    "bad link",
    "invalid url",
    "foreign host",
    "host not allowed",
    "not one of ours",
    "untrusted address",
]


def check_url(h):
    rng = h.rng
    maybe_class(h)
    value = read_value(h, NAMES)
    extra = [second_value(h)] if chance(rng, 0.3) else []
    host = _host(rng)
    scheme = rng.choice(["https://", "https://", "https://", "http://"])
    good, good_said = _accept(h, value, extra)
    refuse, refuse_said = _refuse(h)
    test_good, before, said_how, place = _test(h, str(value), host, scheme)
    where = host if place != "prefix" else scheme + host + ("/" if chance(rng, 0.4) else "")
    name = rng.choice([value.key, str(value), subject(h, value), subject(h, value), "it", "the address"])
    said = fill(rng.choice(said_of.CHECKS), n=name, w=where, h=h.noun) + said_how
    said = weave(rng, said, said_of.STORIES)
    # A good address first, where the text is searched: `in` is the question, `not in` seldom.
    order = chance(rng, 0.1 if f" in {value!s}" in test_good else 0.5)
    test = _negate(test_good) if order else test_good
    first, second = (refuse, good) if order else (good, refuse)
    if chance(rng, 0.12) and " " in test_good:
        flag = h.var("allowed", "ok", "trusted", "valid", "good")
        before = [*before, f"{flag} = {test_good}"]
        test = f"not {flag}" if order else flag
    ends = first[-1].startswith(("return", "raise", "abort"))
    code = [*before, f"if {test}:", *text.indent(first, 4)]
    code += second if ends else ["else:", *text.indent(second, 4)]
    connect = rng.choice([", ", "; ", ": "])
    answers = (
        connect + good_said + rng.choice([", ", ", or ", ", else "]) + refuse_said
        if chance(rng, 0.55)
        else (connect + good_said if chance(rng, 0.5) else "")
    )
    briefs = [fill(b, w=where) for b in said_of.BRIEFS]
    tell(h, [value, *extra], said, code, names=said_of.HANDLERS, briefs=briefs, answers=answers)


COMMON_TLDS = (".com", ".org", ".edu", ".gov", ".uk", ".net", ".io")


def _host(rng):
    """A host name, mostly below one of the domains that most links lead to."""
    host = text.host(rng)
    while not host.endswith(COMMON_TLDS) and chance(rng, 0.93):
        host = text.host(rng)
    return host


def _negate(test):
    if test.startswith("not "):
        return test[4:]
    if " == " in test and " and " not in test and " or " not in test:
        return test.replace(" == ", " != ")
    if test.startswith(("any(", "all(")) or " in " not in test:
        return f"not {test}" if " and " not in test and " or " not in test else f"not ({test})"
    if " and " in test or " or " in test:
        return f"not ({test})"
    return test.replace(" in ", " not in ", 1)


def _test(h, v, host, scheme):
    """The condition under which the address is good: (condition, lines before, hint for the comment, place)."""
    p, rng, q = h.p, h.rng, h.p.q
    constant = chance(rng, 0.04)
    if careful(h):
        return _secure_test(h, v, host, scheme, constant)
    how = weighted(
        rng, [(40, "in"), (32, "prefix"), (10, "suffix"), (34, "regex"), (5, "netloc"), (1.5, "any"), (3, "either")]
    )
    if how == "in":
        value = (
            p.constant(q(host), "HOST", "TRUSTED_HOST", "ALLOWED_HOST", "OUR_HOST", "DOMAIN") if constant else q(host)
        )
        return f"{value} in {v}", [], "", "host"
    if how == "prefix":
        full = scheme + host
        value = (
            p.constant(q(full), "PREFIX", "BASE_URL", "ALLOWED_PREFIX", "TRUSTED", "OUR_SITE")
            if constant
            else q(full)
        )
        return f"{v}.startswith({value})", [], "", "prefix"
    if how == "either":
        other = _host(rng)
        return f"{q(host)} in {v} or {q(other)} in {v}", [], f" or {other}", "host"
    if how == "suffix":
        value = p.constant(q(host), "HOST", "DOMAIN", "ALLOWED_DOMAIN", "SUFFIX") if constant else q(host)
        return f"{v}.endswith({value})", [], "", "host"
    if how == "netloc":
        p.use("urllib.parse", "urlparse")
        part = h.var("host", "netloc", "domain")
        return (
            rng.choice([f"{part}.endswith({q(host)})", f"{q(host)} in {part}"]),
            [f"{part} = urlparse({v}).{rng.choice(['netloc', 'hostname'])}"],
            "",
            "host",
        )
    if how == "any":
        hosts = ", ".join(q(text.host(rng)) for _ in range(rng.choice([1, 2])))
        trusted = p.constant(
            f"({q(host)}, {hosts})" if chance(rng, 0.5) else f"[{q(host)}, {hosts}]",
            "TRUSTED",
            "ALLOWED_HOSTS",
            "HOSTS",
            "PARTNERS",
            "ALLOWED",
        )
        one = rng.choice(["host", "name", "site", "domain"])
        return (
            f"any({one} in {v} for {one} in {trusted})",
            [],
            rng.choice([f" (see {trusted})", "", f" or another of {trusted}"]),
            "host",
        )
    if host.count(".") < 2 and chance(rng, 0.85):
        return f"{v}.startswith({q(scheme + host)})", [], "", "prefix"
    return _regex_test(h, v, host, scheme, host)


def _regex_test(h, v, host, scheme, written):
    p, rng, _q = h.p, h.rng, h.p.q
    p.use("re")
    start = rng.choice([scheme.replace("https", "https?"), scheme, "^" + scheme, "^https?://"])
    safe = "\\." in written
    rest = rng.choice(["/", "/", "", "/.*", r"/[a-z]+/\d+", "(/|$)", rf"/{text.noun(rng)}/\w+"])
    wild = rng.choice(["", "", "", "(www|m).", "([a-z]+.)?"]) if chance(rng, 0.3) else ""
    if safe:
        wild = wild.replace(".", "\\.")
        rest = rest or "(?:[/:?#]|$)"
    pattern = f"r{p.quote}{start}{wild}{written}{rest}{p.quote}"
    fn = rng.choice(["match", "match", "match", "fullmatch", "search"])
    said = rng.choice(
        ["", "", " (a regular expression will do)", " ([checked|tested] with re)", ", using [re|a regex|a pattern]"]
    )
    if chance(rng, 0.16):
        name = p.constant(f"re.compile({pattern})", "PATTERN", "ALLOWED", "LINK", "OURS", f"{h.noun.upper()}_URL")
        return f"{name}.{fn}({v})", [], said, "prefix"
    return f"re.{fn}({pattern}, {v})", [], said, "prefix"


def _secure_test(h, v, host, scheme, constant):
    p, rng, q = h.p, h.rng, h.p.q
    how = weighted(rng, [(30, "hostname"), (26, "regex"), (8, "set"), (24, "both"), (12, "domain")])
    if how == "regex":
        return _regex_test(h, v, host, scheme, host.replace(".", r"\."))
    split = rng.choice(["urlsplit", "urlsplit", "urlparse"])
    p.use("urllib.parse", split)
    p.late.add("urllib.parse")
    if how == "set":
        trusted = p.constant(
            "{" + f"{q(host)}, {q(text.host(rng))}" + "}", "TRUSTED", "ALLOWED_HOSTS", "HOSTS", "PARTNERS"
        )
        return f"{split}({v}).hostname in {trusted}", [], "", "host"
    if how == "both":
        part = h.var(rng.choice(["parsed_url", "parsed_url", "url_parts", "parsed", "parts"]))
        return (
            f"{part}.scheme == {q(scheme.rstrip(':/'))} and {part}.hostname == {q(host)}",
            [f"{part} = {split}({v})"],
            "",
            rng.choice(["prefix", "prefix", "host"]),
        )
    value = p.constant(q(host), "HOST", "TRUSTED_HOST", "ALLOWED_HOST") if constant else q(host)
    part = h.var(rng.choice(["hostname", "hostname", "host", "url_host"]))
    if how == "domain":
        wide = f"{v} if {q('//')} in {v} else {q('//')} + {v}" if chance(rng, 0.6) else v
        return (
            f"{part} == {value} or {part}.endswith({q('.' + host)})",
            [f"{part} = {split}({wide}).hostname or {q('')}"],
            "",
            "host",
        )
    if chance(rng, 0.6):
        return f"{part} == {value}", [f"{part} = {split}({v}).hostname"], "", "host"
    return f"{split}({v}).hostname == {value}", [], "", "host"


def _accept(h, value, extra):
    p, rng, q = h.p, h.rng, h.p.q
    v = str(value)
    mode = weighted(
        rng,
        [
            (3, "store"),
            (2, "redirect"),
            (2, "fetch"),
            (3, "json"),
            (2, "attr"),
            (2, "call"),
            (1.5, "ok"),
            (1, "embed"),
        ],
    )
    if mode == "store":
        store = p.constant("[]", text.plural(h.noun), f"{text.plural(h.noun)}_list", f"all_{text.plural(h.noun)}")
        item = (
            v
            if not extra
            else rng.choice([f"({extra[0]}, {v})", f"{{{q(extra[0].key)}: {extra[0]}, {q(value.key)}: {v}}}"])
        )
        said = "append {i} to {s}" if item != v else "[append|add] it to {s}"
        return [f"{store}.append({item})", *h.done()], said.format(i=item, s=store)
    if mode == "redirect":
        return h.redirect(v), "[redirect|send the [user|browser|visitor]] [there|to it]"
    if mode == "fetch" and not h.is_async:
        p.use("requests")
        r = h.var("response", "reply", "answer", "r")
        lines = [f"{r} = requests.get({v}{rng.choice(['', ', timeout=5', ', timeout=10'])})"]
        return [
            *lines,
            *rng.choice([h.text(f"{r}.text"), h.json([("status", f"{r}.status_code")])]),
        ], "[fetch|download|get] it"
    if mode == "attr":
        obj = h.var(h.noun, "record", "entry")
        cls = text.camel(h.noun)
        p.use(rng.choice([".models", "models", f"{rng.choice(words.COMPANIES)}.models"]), cls)
        return [
            f"{obj} = {cls}({value.key}={v})",
            f"{obj}.save()",
            *h.json([(rng.choice(["id", "created"]), f"{obj}.id")]),
        ], f"[save|store|keep] it [as|in] a [new|] {h.noun}"
    if mode == "call":
        fn = f"{rng.choice(['save', 'register', 'import', 'load', 'queue', 'notify', 'add', 'start'])}_{h.noun}"
        p.use(rng.choice([f".{text.noun(rng)}", ".services", text.plural(h.noun), "worker", ".tasks"]), fn)
        args = ", ".join([*(str(e) for e in extra), v])
        return [f"{fn}({args})", *h.done()], f"[call|use] {fn}"
    if mode == "embed" and h.fw.name != "none":
        page = h.noun + ".html"
        return h.fw.render(h, page, [(value.key, v)]), f"[show|render|embed it in] {page}"
    if mode == "ok":
        return h.done(), "[say|answer] ok"
    return h.json([(value.key, v), *((e.key, str(e)) for e in extra)]), "[return|answer with] it"


def _refuse(h):
    rng = h.rng
    code = rng.choice([400, 400, 400, 403, 422])
    message = rng.choice([*ERROR, text.sentence(rng)])
    return h.error(code, message), rng.choice(
        [
            f"[abort|answer|fail|reply] with {code}[ if not| otherwise|]",
            f"[otherwise|else] {code}",
            f'"{message}" with status {code}',
            f"a {code} [if it does not|if not|for other hosts|otherwise]",
        ]
    )


OPS = [(1.0, check_url)]
