from io import BytesIO

from django.http import JsonResponse
from django.urls import path
from django.views import View
from lxml import etree


class ShipmentStatus(View):
    fields = ("number", "state", "place")

    def message(self, request):
        parser = etree.XMLParser(remove_comments=True, huge_tree=True)
        return etree.parse(BytesIO(request.body), parser=parser)

    def post(self, request):
        root = self.message(request).getroot()
        values = {}
        for field in self.fields:
            node = root.find(field)
            values[field] = None if node is None else node.text
        return JsonResponse(values)


urlpatterns = [path("shipments/status", ShipmentStatus.as_view())]
