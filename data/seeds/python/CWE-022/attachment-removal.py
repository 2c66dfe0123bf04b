import os

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed
from django.urls import path


def remove_attachment(request, ticket_id):
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    folder = os.path.join(settings.MEDIA_ROOT, "tickets", str(ticket_id))
    target = os.path.join(folder, request.POST.get("attachment", ""))
    try:
        os.remove(target)
    except FileNotFoundError:
        return HttpResponse("no such attachment", status=404, content_type="text/plain")
    return HttpResponse("removed", content_type="text/plain")


urlpatterns = [path("tickets/<int:ticket_id>/remove", remove_attachment)]
