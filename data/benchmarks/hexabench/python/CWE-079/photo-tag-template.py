from flask import Blueprint
from jinja2 import Environment

from .store import photos_tagged

tags = Blueprint("tags", __name__)

TAG_PAGE = """
<h2>Photos tagged {{ tag }}</h2>
{% for photo in photos %}<img src="/p/{{ photo.id }}.jpg">{% endfor %}
"""


@tags.get("/tags/<tag>")
def tag_page(tag: str) -> str:
    photos = photos_tagged(tag)
    # set up the Jinja2 environment and render TAG_PAGE
