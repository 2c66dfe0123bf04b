from django.http import HttpResponseBadRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from lxml import etree

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@csrf_exempt
def import_feed(request):
    try:
        feed = etree.XML(request.body)
    except etree.XMLSyntaxError:
        return HttpResponseBadRequest("not XML")
    titles = [title.text for title in feed.findall("a:entry/a:title", ATOM)]
    return JsonResponse({"titles": titles})


urlpatterns = [path("feeds/import", import_feed)]
