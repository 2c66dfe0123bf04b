from django.http import HttpResponse
from django.urls import path
from django.views import View


def cell(seat, taken):
    mark = "taken" if taken else "free"
    return '<td class="' + mark + '">' + seat + "</td>"


class SeatMap(View):
    taken = {"A1", "B4"}

    def post(self, request):
        cells = ""
        for seat in request.POST.getlist("seat"):
            cells += cell(seat, seat in self.taken)
        return HttpResponse("<table><tr>" + cells + "</tr></table>")


urlpatterns = [path("seats", SeatMap.as_view())]
