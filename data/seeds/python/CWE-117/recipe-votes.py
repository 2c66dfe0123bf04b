import logging

from django.http import HttpResponse
from django.urls import path
from django.views import View


class Vote(View):
    log = logging.getLogger("recipes.votes")
    counts = {}

    def post(self, request, recipe):
        stars = request.POST.get("stars", "0")
        words = request.POST.get("words", "")
        details = [str(recipe), stars, words]
        self.log.info(" | ".join(details))
        self.counts[recipe] = self.counts.get(recipe, 0) + 1
        return HttpResponse(status=201)


urlpatterns = [path("recipes/<int:recipe>/vote", Vote.as_view())]
