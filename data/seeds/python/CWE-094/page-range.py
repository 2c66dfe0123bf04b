from django.http import Http404, JsonResponse
from django.urls import re_path

BOOK = {number: f"Text of page {number}" for number in range(1, 400)}


def pages(request, span):
    try:
        first, last = eval(span)
    except Exception:
        raise Http404("write two numbers with a comma")
    texts = {}
    for number in range(first, last + 1):
        if number in BOOK:
            texts[number] = BOOK[number]
    return JsonResponse(texts)


urlpatterns = [re_path(r"^pages/(?P<span>[^/]+)$", pages)]
