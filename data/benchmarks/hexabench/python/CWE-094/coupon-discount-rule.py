from decimal import Decimal

from django.http import JsonResponse
from django.views.decorators.http import require_http_methods

SAMPLE = {"total": 84.90, "items": 3, "weight": 2.4}


@require_http_methods(["POST"])
def try_rule(request):
    """Shop owners write rules such as `total * 0.1 if items > 2 else 0`."""
    rule = request.POST["rule"]
    # work out the discount that the rule gives for the SAMPLE basket
