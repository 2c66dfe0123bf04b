import base64
import pickle

from django.http import Http404, JsonResponse
from django.urls import path
from django.views import View


class Dashboard(View):
    panels = {"sales": 3, "visits": 2, "stock": 1}

    def get(self, request, layout):
        try:
            names = pickle.loads(base64.b64decode(layout.encode("ascii")))
        except (ValueError, EOFError):
            raise Http404("no such layout")
        rows = [{"panel": name, "size": self.panels[name]} for name in names]
        return JsonResponse({"rows": rows})


urlpatterns = [path("dashboard/<str:layout>/", Dashboard.as_view())]
