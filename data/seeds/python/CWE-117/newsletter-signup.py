import logging

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

logging.basicConfig(filename="/var/log/newsletter.log", level=logging.INFO)


@csrf_exempt
def signup(request):
    address = request.POST.get("email")
    lists = request.POST.getlist("list")
    logging.info("signup %s for %d lists", address, len(lists))
    return HttpResponse(status=204)


urlpatterns = [path("signup", signup)]
