import json

from django.http import HttpResponse, HttpResponseBadRequest
from django.urls import path
from django.views import View


class DraftPreview(View):
    http_method_names = ["post"]

    def post(self, request):
        try:
            draft = json.loads(request.body)
            title, teaser = draft["title"], draft["teaser"]
        except (ValueError, KeyError):
            return HttpResponseBadRequest("not a draft")
        response = HttpResponse(content_type="text/html; charset=utf-8")
        parts = ["<article>", "<h1>", title, "</h1>", "<p>", teaser, "</p>", "</article>"]
        response.write("".join(parts))
        return response


urlpatterns = [path("drafts/preview", DraftPreview.as_view())]
