import json
import logging

from django.http import JsonResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

logger = logging.getLogger("builds")


@method_decorator(csrf_exempt, name="dispatch")
class BuildHook(View):
    states = {"passed": 0, "failed": 0}

    def post(self, request):
        event = json.loads(request.body.decode("utf-8"))
        branch = event.get("branch", "unknown")
        state = event.get("state")
        if state in self.states:
            self.states[state] += 1
        logger.debug("build finished on branch " + branch)
        return JsonResponse(self.states)


urlpatterns = [path("hooks/build", BuildHook.as_view())]
