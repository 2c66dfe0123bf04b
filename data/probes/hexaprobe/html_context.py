"""Whether a payload came to life in a page: a script, an event handler, a script address, code in a script.

A page is read as a browser would: only what becomes an element, an attribute that runs, or code counts; text that
shows the payload's characters does not.
"""

from __future__ import annotations

from html.parser import HTMLParser

# The call that every payload makes; nothing else in a page has this name.
CALL = "hexaxss"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.in_script = False
        self.script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_script = tag == "script"
        for name, value in attrs:
            text = (value or "").strip()
            if name.startswith("on") and _calls(text):
                self.found.append(f"event handler {name} of <{tag}>")
            if (
                name in ("href", "src", "action", "formaction", "data")
                and text.lower().startswith("javascript:")
                and CALL in text
            ):
                self.found.append(f"script address in {name} of <{tag}>")
            if name == "srcdoc" and alive(text):
                self.found.append(f"page in srcdoc of <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            if _calls(self.script):
                self.found.append("code in <script>")
            self.in_script, self.script = False, ""

    def handle_data(self, data: str) -> None:
        if self.in_script:
            self.script += data


def _calls(code: str) -> bool:
    """Whether code calls the payload's function outside its strings."""
    quote = ""
    index = 0
    while index < len(code):
        letter = code[index]
        if quote:
            if letter == "\\":
                index += 1
            elif letter == quote or (letter == "\n" and quote != "`"):
                quote = ""
        elif letter in "'\"`":
            quote = letter
        elif code.startswith(CALL + "(", index):
            return True
        index += 1
    return False


def alive(page: str) -> str | None:
    """Where in the page the payload runs; None where it does not."""
    if CALL not in page:
        return None
    reader = _Reader()
    try:
        reader.feed(page)
        reader.close()
        if reader.in_script and _calls(reader.script):
            reader.found.append("code in <script>")
    except AssertionError:
        # The standard library's parser gives up on some malformed declarations.
        return None
    return reader.found[0] if reader.found else None
