from django.http import JsonResponse
from django.urls import path

STATIONS = [
    ("harbour", 53.54, 9.98),
    ("airport", 53.63, 10.0),
    ("forest", 53.45, 9.9),
]


def stations(request):
    bounds = request.GET.get("bounds")
    if bounds is None:
        return JsonResponse({"stations": [name for name, _, _ in STATIONS]})
    south, west, north, east = eval(bounds)
    inside = [
        name
        for name, lat, lon in STATIONS
        if south <= lat <= north and west <= lon <= east
    ]
    return JsonResponse({"stations": inside})


urlpatterns = [path("stations", stations)]
