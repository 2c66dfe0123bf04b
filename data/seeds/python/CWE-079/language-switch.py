from django.http import HttpResponse
from django.urls import path

GREETINGS = {"de": "Willkommen", "fr": "Bienvenue", "en": "Welcome"}


def start(request):
    language = request.COOKIES.get("language", "en")
    theme = request.COOKIES.get("theme", "light")
    greeting = GREETINGS.get(language, GREETINGS["en"])
    html = f'<body class="{theme}"><h1>{greeting}</h1></body>'
    return HttpResponse(html)


urlpatterns = [path("", start)]
