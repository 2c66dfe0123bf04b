import json
import secrets

from django.http import HttpResponseBadRequest, JsonResponse
from django.views import View

from .models import Client


class ClientView(View):
    http_method_names = ["post"]

    def post(self, request):
        data = json.loads(request.body)
        redirect_uri = data.get("redirect_uri", "")
        # redirect_uri has to be an address at partners.example.net
        # before the client is created and its id is returned
