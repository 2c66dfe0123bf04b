import base64
import pickle

from django.shortcuts import render
from django.views import View


class WizardView(View):
    template_name = "wizard.html"

    def get(self, request):
        cookie = request.COOKIES.get("wizard", "")
        packed = base64.urlsafe_b64decode(cookie)
        # unpack the answers given so far and render the template with them
