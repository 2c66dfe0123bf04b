"""Phrases and code text: alternation, quoting, wrapping of comments."""

import keyword
import random
import re
import textwrap

from . import words

_ALTERNATION = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")


def expand(rng: random.Random, phrase: str) -> str:
    """Resolve every `[a|b|c]` of a phrase, innermost first."""
    while match := _ALTERNATION.search(phrase):
        choice = rng.choice(match.group(1).split("|"))
        phrase = phrase[: match.start()] + choice + phrase[match.end() :]
    return re.sub(r" {2,}", " ", phrase).strip()


def chance(rng: random.Random, share: float) -> bool:
    """True in this share of the draws."""
    return rng.random() < share


def weighted(rng: random.Random, table):
    """Draw from `[(weight, value), ...]`."""
    total = sum(weight for weight, _ in table)
    point = rng.random() * total
    for weight, value in table:
        point -= weight
        if point < 0:
            return value
    return table[-1][1]


def noun(rng) -> str:
    """A noun, or now and then a made-up word, which can only be copied piece by piece."""
    return made_up(rng) if chance(rng, 0.05) else rng.choice(words.NOUNS)


def made_up(rng) -> str:
    """A word that nobody knows, of two to four syllables."""
    word = "".join(rng.choice(words.ONSETS) + rng.choice(words.RIMES) for _ in range(rng.choice([2, 2, 2, 3])))
    return noun(rng) if keyword.iskeyword(word) else word


def verb(rng) -> str:
    return rng.choice(words.VERBS)


def adjective(rng) -> str:
    return rng.choice(words.ADJECTIVES)


def plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    return word + "s"


def camel(*parts: str) -> str:
    return "".join(piece.capitalize() for part in parts for piece in part.split("_"))


def article(word: str) -> str:
    return ("an " if word[0] in "aeiou" else "a ") + word


def company(rng) -> str:
    """A company-like label of a host name, often of two words."""
    kind = rng.random()
    if kind < 0.2:
        return made_up(rng)
    if kind < 0.45:
        return rng.choice(words.COMPANIES)
    if kind < 0.65:
        return rng.choice(words.COMPANIES) + rng.choice(words.NOUNS)
    if kind < 0.85:
        return rng.choice(words.COMPANIES) + "-" + rng.choice(words.NOUNS)
    return rng.choice(words.NOUNS) + rng.choice(words.NOUNS)


def host(rng) -> str:
    """A host name such as api.cedar-maps.io."""
    tld = rng.choice(words.TLDS)
    name = tld if tld.startswith("example") and chance(rng, 0.6) else f"{company(rng)}.{tld}"
    return f"{rng.choice(words.SUBDOMAINS)}.{name}" if chance(rng, 0.65) else name


def folder(rng) -> str:
    pattern = rng.choice(words.FOLDERS)
    a = plural(noun(rng)) if chance(rng, 0.6) else noun(rng)
    return pattern.format(a=a, b=rng.choice(words.COMPANIES))


def extension(rng) -> str:
    return rng.choice(words.EXTENSIONS)


def sentence(rng) -> str:
    """A short message for a user."""
    text = rng.choice(words.SENTENCES).format(n=noun(rng), v=verb(rng), a=adjective(rng))
    return text.capitalize() if chance(rng, 0.35) else text


def literal(value: str, quote: str) -> str:
    """A Python string literal in the given quote, or the other one where it needs no escapes."""
    body = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    if quote in body:
        other = "'" if quote == '"' else '"'
        if other not in body:
            return other + body + other
        body = body.replace(quote, "\\" + quote)
    return quote + body + quote


def comment_lines(rng, text: str, width: int) -> list[str]:
    """The text as comment lines; without a space at ends."""
    return ["# " + line for line in textwrap.wrap(text, width)]


def indent(lines, by: int) -> list[str]:
    pad = " " * by
    return [pad + line if line else line for line in lines]
