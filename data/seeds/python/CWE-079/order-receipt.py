from flask import Blueprint, request
from jinja2 import Template

shop = Blueprint("shop", __name__)

RECEIPT = Template(
    """
<h1>Order of {{ customer }}</h1>
<ul>
{% for item, amount in items %}
  <li>{{ amount }} x {{ item }}</li>
{% endfor %}
</ul>
"""
)


@shop.route("/order", methods=["POST"])
def order():
    items = zip(request.form.getlist("item"), request.form.getlist("amount"))
    return RECEIPT.render(customer=request.form["customer"], items=list(items))
