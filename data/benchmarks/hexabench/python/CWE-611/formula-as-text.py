from django.http import HttpResponse
from django.views.generic import View


class FormulaView(View):
    content_type = "text/plain; charset=utf-8"

    def get(self, request):
        mathml = request.GET.get("formula", "<math/>")

        # parse the formula with lxml and join the text of its elements
