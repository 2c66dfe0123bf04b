from dataclasses import dataclass, field

import jsonpickle
from flask import Flask, redirect, request, url_for

app = Flask(__name__)


@dataclass
class Wizard:
    step: int = 1
    answers: dict = field(default_factory=dict)


def read_wizard():
    encoded = request.args.get("wizard")
    if encoded is None:
        return Wizard()
    return jsonpickle.decode(encoded)


@app.route("/wizard/next")
def next_step():
    wizard = read_wizard()
    wizard.answers[str(wizard.step)] = request.args.get("answer")
    wizard.step += 1
    return redirect(url_for("next_step", wizard=jsonpickle.encode(wizard)))
