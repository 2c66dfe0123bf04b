import pathlib

from jinja2 import Environment, FileSystemLoader

TEMPLATES = pathlib.Path(__file__).parent / "templates"
environment = Environment(loader=FileSystemLoader(str(TEMPLATES)), trim_blocks=True)


def newsletter(issue, articles, reader):
    template = environment.get_template("newsletter.html")
    return template.render(issue=issue, articles=articles, reader=reader)


def write_issue(issue, articles, readers, outdir):
    for reader in readers:
        page = newsletter(issue, articles, reader)
        target = pathlib.Path(outdir) / f"{issue}-{reader['id']}.html"
        target.write_text(page, encoding="utf-8")
