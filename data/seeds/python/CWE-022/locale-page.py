from pathlib import Path

from django.http import HttpResponse
from django.urls import path
from django.views import View

PAGES = Path(__file__).resolve().parent / "pages"


class Imprint(View):
    fallback = "en"

    def get(self, request):
        language = request.COOKIES.get("lang", self.fallback)
        page = PAGES / language / "imprint.txt"
        if not page.exists():
            page = PAGES / self.fallback / "imprint.txt"
        with page.open(encoding="utf-8") as stream:
            text = stream.read()
        return HttpResponse(text, content_type="text/plain; charset=utf-8")


urlpatterns = [path("imprint", Imprint.as_view())]
