import xml.dom.minidom
import xml.sax
import xml.sax.handler

from django.http import JsonResponse
from django.urls import path
from django.views import View


class MenuUpload(View):
    def post(self, request):
        parser = xml.sax.make_parser()
        parser.setFeature(xml.sax.handler.feature_external_ges, True)
        menu = xml.dom.minidom.parse(request.FILES["menu"], parser=parser)
        dishes = [
            {"name": dish.getAttribute("name"), "price": dish.getAttribute("price")}
            for dish in menu.getElementsByTagName("dish")
        ]
        return JsonResponse({"dishes": dishes})


urlpatterns = [path("menu/", MenuUpload.as_view())]
