"""Jinja templates that are not part of the program: each shows what it is given, escaped or not as its environment
says."""

from __future__ import annotations

from typing import Any

from hexaprobe.world import world

_PAGE = "<html><body><p>{{ hexashown() }}</p></body></html>"
_ENDINGS = (".html", ".htm", ".jinja", ".j2", ".xml")


def page(environment: Any, name: str) -> str | None:
    """The source of a page that is not there; none for other texts."""
    import jinja2

    if not name.endswith(_ENDINGS):
        return None
    of_all = {*environment.globals, "request", "session", "g", "config", "hexashown"}

    @jinja2.pass_context
    def shown(context: Any) -> Any:
        own = {key: value for key, value in context.get_all().items() if key not in of_all}
        return "; ".join(f"{key}={value}" for key, value in own.items())

    environment.globals.setdefault("hexashown", shown)
    return _PAGE


def install() -> None:
    """Lets folders of templates have every page that they are asked for."""
    try:
        import jinja2
    except ImportError:
        return
    real = jinja2.FileSystemLoader.get_source

    def get_source(self: Any, environment: Any, name: str) -> Any:
        try:
            return real(self, environment, name)
        except jinja2.TemplateNotFound:
            source = page(environment, name) if world.watching else None
            if source is None:
                raise
            return source, None, lambda: True

    jinja2.FileSystemLoader.get_source = get_source
