"""Imports that a program has and does not use here, as files have that were cut out of larger ones.

A model which has seen them asks what the task is, and not only what happens to be imported. A module
that would do the program's own operation is never among them: an import that fits is used.
"""

import re

from . import text

# A line, the name that it binds, and signs of the operations for which the module is meant.
IDLE = [
    ("import html", "html", r"<|HTML|Template|Markup"),
    ("from markupsafe import escape", "escape", r"<|HTML|Template|Markup"),
    ("import ast", "ast", r"\beval\(|\bexec\(|literal_eval|compile\("),
    ("import operator", "operator", r"\beval\(|\bexec\("),
    ("import shlex", "shlex", r"os\.(system|popen)|subprocess|_shell|getoutput"),
    ("import subprocess", "subprocess", r"os\.(system|popen)|_shell|getoutput"),
    ("import json", "json", r"pickle|yaml|marshal|dill|jsonpickle"),
    ("import yaml", "yaml", r"pickle|yaml|marshal|dill|json"),
    ("import pickle", "pickle", r"pickle|yaml|marshal|dill|json"),
    ("import defusedxml.sax", "defusedxml", r"etree|sax|minidom|pulldom|XML"),
    ("import defusedxml.ElementTree as ET", "ET", r"etree|sax|minidom|pulldom|XML"),
    ("from lxml import etree", "etree", r"etree|sax|minidom|pulldom|XML|\bET\b"),
    ("import re", "re", r"\bin\b.*http|startswith|endswith|\.netloc|\.match\("),
    ("from urllib.parse import urlparse", "urlparse", r"\bin\b|startswith|endswith|\.netloc|\.match\("),
    ("from urllib.parse import urlsplit", "urlsplit", r"\bin\b|startswith|endswith|\.netloc|\.match\("),
    ("import os", "os", r"open\(|Path|path|folder|listdir|tarfile|zipfile|shutil|subprocess"),
    ("from pathlib import Path", "Path", r"open\(|os\.|path|folder|tarfile|zipfile|shutil"),
    ("import tarfile", "tarfile", r"tarfile|zipfile|shutil|archive"),
    ("import base64", "base64", r"b64"),
    ("import logging", "logging", r"log"),
    ("import time", "time", r"time"),
    ("import uuid", "uuid", r"uuid"),
    ("import random", "random", r"random"),
    ("import math", "math", r"\beval\(|math"),
    ("import secrets", "secrets", r"secrets"),
    ("import requests", "requests", r"requests|http"),
    ("from io import BytesIO", "BytesIO", r"io\.|BytesIO|StringIO"),
    ("from typing import Any", "Any", r"Any"),
    ("from functools import wraps", "wraps", r"wraps"),
    ("from datetime import datetime", "datetime", r"date"),
    ("from collections import defaultdict", "defaultdict", r"defaultdict"),
]


def idle_imports(rng, imports: list[str], code: str) -> list[str]:
    """One to three lines of the list above that suit neither the code nor its other imports."""
    bound = set(re.findall(r"[A-Za-z_]\w*", "\n".join(imports) + "\n" + code))
    fits = [line for line, name, signs in IDLE if name not in bound and not re.search(signs, code)]
    count = min(len(fits), text.weighted(rng, [(6, 1), (3, 2), (1, 3)]))
    return rng.sample(fits, count)
