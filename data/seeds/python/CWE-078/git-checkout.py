import subprocess as sp

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import path


def checkout(request):
    commit = request.headers.get("X-Commit")
    if commit is None:
        return HttpResponse("no commit", status=400, content_type="text/plain")
    steps = ["git fetch --quiet", "git checkout --force " + commit]
    for step in steps:
        done = sp.run(step, shell=True, cwd=settings.BASE_DIR, stderr=sp.PIPE)
        if done.returncode:
            return JsonResponse({"failed": step}, status=500)
    return JsonResponse({"commit": commit})


urlpatterns = [path("deploy", checkout)]
