from urllib.parse import urlencode

from django.http import HttpResponseBadRequest, JsonResponse
from django.urls import path

CLIENTS = {
    "kiosk": "https://kiosk.rail-line.org",
    "mobile": "https://m.rail-line.org",
}


def allowed(uri):
    for_kiosk = uri.startswith("https://kiosk.rail-line.org")
    for_mobile = uri.startswith("https://m.rail-line.org")
    return for_kiosk or for_mobile


def authorize(request):
    uri = request.GET.get("redirect_uri", "")
    if request.GET.get("client") not in CLIENTS or not allowed(uri):
        return HttpResponseBadRequest("unknown client or address")
    return JsonResponse({"location": uri + "?" + urlencode({"code": "pending"})})


urlpatterns = [path("oauth/authorize", authorize)]
