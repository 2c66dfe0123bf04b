import yaml

from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from menus.models import Dish


@csrf_exempt
def import_menu(request):
    """PUT a YAML document with a list of dishes, each with name and price."""
    document = request.body

    # parse the document, create a Dish for each entry, return the count
