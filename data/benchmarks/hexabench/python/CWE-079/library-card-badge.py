from django.http import HttpResponse
from django.views import View


class BadgeView(View):
    colour = "teal"

    def get(self, request, nickname):
        style = f"background:{self.colour};padding:4px"
        # a <span> in that style which contains the nickname
