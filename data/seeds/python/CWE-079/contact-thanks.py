from django.core.mail import mail_managers
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

PAGE = """<!doctype html>
<title>Thank you</title>
<p>Dear %s, we have received your message:</p>
<blockquote>%s</blockquote>
"""


@require_POST
def contact(request):
    sender = request.POST["name"]
    message = request.POST["message"]
    mail_managers("Contact form", message)
    return HttpResponse(PAGE % (sender, message))


urlpatterns = [path("contact/", contact)]
