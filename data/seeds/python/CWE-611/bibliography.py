from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST
from lxml import etree

MODS = "{http://www.loc.gov/mods/v3}"


class Reference:
    def __init__(self, node):
        self.title = node.findtext(f"{MODS}titleInfo/{MODS}title", "")
        self.year = node.findtext(f"{MODS}originInfo/{MODS}dateIssued", "")

    def as_dict(self):
        return {"title": self.title, "year": self.year}


def parse_records(records):
    parser = etree.XMLParser(load_dtd=True, no_network=False)
    return [Reference(etree.fromstring(record, parser)) for record in records]


@require_POST
def references(request):
    records = request.POST.getlist("record")
    found = [reference.as_dict() for reference in parse_records(records)]
    return JsonResponse(found, safe=False)


urlpatterns = [path("references", references)]
