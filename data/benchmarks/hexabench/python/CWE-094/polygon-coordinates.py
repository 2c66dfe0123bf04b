from django.http import HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from .geometry import area


@method_decorator(csrf_exempt, name="dispatch")
class AreaView(View):
    def post(self, request):
        corners = request.body.decode()
        # corners is written like ((0, 0), (3, 0), (3, 4)): make it a tuple
        # and answer with its area
