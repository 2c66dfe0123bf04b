import os

from django.http import JsonResponse
from django.urls import path


def disk_usage(request):
    project = request.GET.get("project")
    if not project:
        return JsonResponse({"error": "which project?"}, status=400)
    with os.popen("du -sh /srv/projects/%s" % project) as pipe:
        output = pipe.read()
    size, _, _ = output.partition("\t")
    return JsonResponse({"project": project, "size": size})


urlpatterns = [path("usage/", disk_usage)]
