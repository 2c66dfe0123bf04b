import yaml
from django.http import JsonResponse
from django.urls import path

DEFAULTS = {"width": 400, "height": 300, "theme": "light"}


def widget(request):
    settings = dict(DEFAULTS)
    source = request.GET.get("settings", "")
    if source:
        settings.update(yaml.load(source, Loader=yaml.Loader))
    return JsonResponse(settings)


urlpatterns = [path("widget.json", widget)]
