from django.http import JsonResponse
from django.urls import path
from django.views import View


class ManualLinks(View):
    def get(self, request):
        links = request.GET.getlist("link")
        manual = [link for link in links if "docs.turbine-kit.net" in link]
        other = len(links) - len(manual)
        return JsonResponse({"manual": manual, "other": other})


urlpatterns = [path("links/", ManualLinks.as_view())]
