from django.http import JsonResponse

from wells.models import Well


def features(request):
    """
    WFS GetFeature: the filter comes as XML in the URL,
    <Filter><PropertyIsEqualTo><PropertyName>depth</PropertyName>
    <Literal>40</Literal></PropertyIsEqualTo></Filter>
    """
    xml_filter = request.GET["filter"]

    # use lxml to get PropertyName and Literal out of the filter, and return
    # the wells that match
