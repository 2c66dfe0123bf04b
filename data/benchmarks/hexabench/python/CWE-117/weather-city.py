import logging

from django.http import Http404, JsonResponse
from django.views import View

from .forecast import load_forecast


class ForecastView(View):
    def get(self, request, city):
        forecast = load_forecast(city)
        if forecast is not None:
            return JsonResponse(forecast)
        # log an error that names the city, then raise Http404
